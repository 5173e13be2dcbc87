"""``pingqian case``: opening a case from a file, and what cases there are."""

import argparse
import asyncio
import json
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

from pydantic import ValidationError

from signing.bootstrap import App
from signing.commandline.serve import DEFAULT_DATA, checked_base_url
from signing.commandline.user import opened
from signing.domain.beijing import BEIJING
from signing.domain.errors import InputError, NotFound
from signing.domain.phase import party_label
from signing.domain.risk.model import OUTCOME_TITLES, said
from signing.domain.whynot import why
from signing.service.commands import SYSTEM, Actor, RenewLink
from signing.service.sessions import staff_actor
from signing.web.routes.cases import open_case_command
from signing.web.views.case import amount_of, personal_link
from signing.web.wording import field_in_words, problem_in_words
from signing.wire.staff import NewCase

PHASES = {
    "prepared": "已准备", "invited": "已邀请", "waiting": "排队中", "in_call": "通话中", "signed": "已签署",
    "sealed": "已用印", "closed": "已归档", "stopped": "客户拒绝待处理", "aborted": "已终止",
    "withdrawn": "已撤回", "refused": "客户拒绝", "expired": "已过期",
}  # fmt: skip


EXAMPLE: Mapping[str, object] = {
    "product_id": "village_credit_line",
    "amount": "180000.00",
    "annual_rate_percent": "3.85",
    "term_months": 12,
    "repayment_method": "interest_first",
    "purpose": "购买茶苗与肥料",
    "account": "6217000000000000000",
    "parties": [
        {
            "role": "borrower",
            "name": "王秀兰",
            "id_number": "11010519491231002X",
            "phone": "13800138000",
            "address": "福建省龙岩市上杭县示范村 7 号",
        }
    ],
}
"""Every key that such a loan has; the person is the demonstration's."""

KEYS = """业务内容的键（金额和利率是带引号的小数，期限是整数）：
  product_id           产品编号，见 pingqian products
  amount               金额，元（不是借款的，金额至收款账号六项全部不写）
  annual_rate_percent  年利率，百分数
  term_months          期限，月
  repayment_method     还款方式：equal_instalment 等额本息，equal_principal 等额本金，
                       interest_first 先息后本，bullet 到期一次还本付息
  purpose              借款用途
  account              收款账号，10 到 25 位数字
  parties              当事人，1 到 8 位，每位有：
    role               角色：borrower 借款人，co_borrower 共同借款人，guarantor 保证人，pledgor 出质人，
                       mortgagor 抵押人，principal 委托人，attorney 受托人，custodian 第三方监管人，
                       policyholder 投保人，authoriser 授权人
    name               姓名
    id_number          身份证号，18 位
    phone              手机号，11 位
    address            地址（可不填）
    dialect            希望用的语言（可不填）：mandarin 普通话，hakka 客家话，hokkien 闽南话
    share_percent      保证份额，百分数（各保证人全部写或者全部不写，合计 100）
    helper             协助人（可不填）：name 姓名、relation 与当事人的关系，可写 id_number、phone
  collateral           抵押、质押的财产，每项有：kind（mortgage 抵押，pledge 质押）、name 名称、quantity 数量、
                       marks 标识、condition 状况、place 存放地点、appraised_value 评估价值，
                       insurance 保险（insurer、policy_no、sum_insured、valid_until，可写 beneficiary 第一受益人），
                       subject 财产的种类、register_no 登记编号（产品要求时），
                       certificate_no 权利证书编号、right_until 权利到期日（权利有期限时）
  mandate              委托内容：matter 事项、scope 权限、valid_from 起始日、valid_until 到期日、may_delegate 可否转委托
  particulars          产品另外要求的内容，见 pingqian products 产品编号：
    borrower_kind      借款主体：farmer 农户，self_employed 个体工商户，family_farm 家庭农场，
                       cooperative 农民专业合作社，small_business 小微企业主，taiwan_farmer 台农
    business           经营主体：name 名称、credit_code 统一社会信用代码
    industry           行业：farming 种植养殖，agri_manufacturing 农产品加工制造
    first_time         首贷：true 或 false
    renewal            续贷：contract_no 原合同编号、without_repayment 是否无还本
    cooperation        合作模式：mode（bank_government 银政，bank_government_guarantee 银政担，
                       bank_government_insurance 银政保，unsecured 信用，government_backed 政府增信，
                       mortgage_buyback 抵押加收储）、partner 合作方
    guarantee          保证方式：joint_and_several 连带责任保证，general 一般保证
    certificate        财政支持证明：number 编号、issuer 出具机关、issued_on 出具日、valid_until 到期日
    bridged            待归还的贷款：lender 贷款人、contract_no 合同编号、account 还款账号、outstanding 余额、due 到期日
    revolving_months   循环期限，月
    cover              投保：insurer、crop 作物、place 地点、area_mu 亩数、sum_insured 保险金额、premium 保险费、
                       valid_from、valid_until
    inquiry            征信查询授权：purpose 用途、valid_until 到期日
"""


class Example(argparse.Action):
    """Prints the example and ends, whatever else is missing; as ``--help`` does."""

    def __init__(self, option_strings: Sequence[str], dest: str, help: str | None = None) -> None:  # noqa: A002
        super().__init__(option_strings, dest, nargs=0, help=help)

    def __call__(self, parser: argparse.ArgumentParser, *_: object) -> None:
        print(json.dumps(EXAMPLE, ensure_ascii=False, indent=2))
        parser.exit()


class CaseCommand:
    name = "case"
    help = "开立、查看业务"

    def configure(self, parser: argparse.ArgumentParser) -> None:
        actions = parser.add_subparsers(title="操作", metavar="操作", dest="action", required=True)
        words = "按 JSON 文件开立业务，并打印每位当事人的专属链接"
        form = argparse.RawDescriptionHelpFormatter
        opening = actions.add_parser("open", help=words, description=words, epilog=KEYS, formatter_class=form)
        opening.add_argument("file", type=Path, metavar="文件", help="业务内容，JSON 文件")
        opening.add_argument("--example", action=Example, help="打印一份完整的业务内容作为例子，然后结束")
        opening.add_argument("--as", dest="username", required=True, metavar="用户名", help="以哪位坐席或主管的名义")
        opening.add_argument("--base-url", required=True, metavar="URL", help="客户打开链接用的地址")
        listing = actions.add_parser("list", help="列出最近的业务")
        link = actions.add_parser("link", help="给一位当事人换发专属链接，原链接立即停用")
        link.add_argument("case_no", metavar="业务编号", help="见 pingqian case list")
        link.add_argument("--party", type=int, default=1, metavar="序号", help="第几位当事人，从 1 数起（默认 1）")
        link.add_argument("--as", dest="username", required=True, metavar="用户名", help="以哪位坐席或主管的名义")
        link.add_argument("--base-url", required=True, metavar="URL", help="客户打开链接用的地址")
        for action in (opening, listing, link):
            action.add_argument("--data", type=Path, default=DEFAULT_DATA, metavar="目录", help="服务的数据目录")

    def run(self, arguments: argparse.Namespace) -> int:
        with opened(arguments.data, checked_base_url(getattr(arguments, "base_url", ""))) as app:
            {"open": _open, "list": _list, "link": _link}[arguments.action](app, arguments)
        return 0


def _open(app: App, arguments: argparse.Namespace) -> None:
    new = read_case(arguments.file)
    command = open_case_command(_acting(app, arguments.username), new)
    case, capabilities = asyncio.run(app.bus.execute(command))
    print(f"已开立 {case.case_no}({case.case_id}) {case.product_title} {amount_of(case)}".rstrip())
    for finding in case.findings:
        print(f"风险规则“{finding.title}”{OUTCOME_TITLES[finding.outcome]}：{said(finding)}")
    for party in case.parties:
        print(f"{party_label(party)}\t{personal_link(arguments.base_url, capabilities[party.party_id])}")


def _link(app: App, arguments: argparse.Namespace) -> None:
    actor = _acting(app, arguments.username)
    found = [row.case for row in app.queries.audit_list(SYSTEM, arguments.case_no).rows]
    own = [one for one in found if one.institution_id == actor.institution_id]
    case = next((one for one in own if one.case_no == arguments.case_no), None)
    if case is None or not 1 <= arguments.party <= len(case.parties):
        raise NotFound(f"没有业务 {arguments.case_no} 的第 {arguments.party} 位当事人", "请用 pingqian case list 查看")
    party = case.parties[arguments.party - 1]
    command = RenewLink(actor, case.case_id, party.party_id)
    capability, _ = asyncio.run(app.bus.execute(command))
    print(f"{party_label(party)}\t{personal_link(arguments.base_url, capability)}")


def read_case(path: Path) -> NewCase:
    """Raises ``InputError`` naming the fields that are wrong."""
    try:
        return NewCase.model_validate_json(path.read_bytes())
    except OSError as error:
        raise InputError(f"不能读取 {path}（{why(error)}）", "请检查路径") from None
    except ValidationError as error:
        problems = error.errors(include_input=False, include_url=False)
        said = "；".join(dict.fromkeys(_in_words(one["loc"], one["type"], one.get("ctx", {})) for one in problems))
        raise InputError(f"{path}：{said}", "请改正后重试，可用 pingqian case open --example 查看例子") from None


def _in_words(location: tuple[str | int, ...], kind: str, context: Mapping[str, Any]) -> str:
    """``第 1 个当事人的“手机号”（parties[0].phone）格式不正确``"""
    key = "".join(f"[{part}]" if isinstance(part, int) else f".{part}" for part in location).removeprefix(".")
    return f"{field_in_words(location)}{f'（{key}）' if key else ''}{problem_in_words(kind, context)}"


def _acting(app: App, username: str) -> Actor:
    with app.services.db.read() as unit:
        member = unit.people.staff_named(username)
    if member is None:
        raise NotFound(f"没有用户 {username}", "请用 pingqian user list 查看")
    return staff_actor(member, "")


def _list(app: App, arguments: argparse.Namespace) -> None:
    rows = app.queries.audit_list(SYSTEM, limit=200).rows
    for row in rows:
        case = row.case
        parties = "、".join(party_label(party) for party in case.parties)
        opened_at = case.opened_at.astimezone(BEIJING)
        columns = [
            f"{opened_at:%Y-%m-%d %H:%M}",
            PHASES[row.phase],
            case.product_title,
            amount_of(case),
            parties,
        ]
        print("\t".join([case.case_no, *columns]))
    if not rows:
        print("还没有业务")


CASE = CaseCommand()
