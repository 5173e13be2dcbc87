"""``pingqian case``: opening a case from a file, and what cases there are."""

import argparse
import asyncio
from datetime import timedelta, timezone
from pathlib import Path

from pydantic import ValidationError

from signing.bootstrap import App
from signing.commandline.serve import DEFAULT_DATA
from signing.commandline.user import opened
from signing.domain.errors import InputError, NotFound
from signing.domain.phase import party_label
from signing.service.commands import SYSTEM, Actor
from signing.service.queries import staff_actor
from signing.web.errors import validation_body
from signing.web.routes.cases import open_case_command
from signing.web.views.case import personal_link, yuan
from signing.wire.staff import NewCase

BEIJING = timezone(timedelta(hours=8))
PHASES = {
    "prepared": "已准备", "invited": "已邀请", "waiting": "排队中", "in_call": "通话中", "signed": "已签署",
    "sealed": "已用印", "closed": "已归档", "aborted": "已终止",
}  # fmt: skip


class CaseCommand:
    name = "case"
    help = "开立、查看业务"

    def configure(self, parser: argparse.ArgumentParser) -> None:
        actions = parser.add_subparsers(title="操作", metavar="操作", dest="action", required=True)
        opening = actions.add_parser("open", help="按 JSON 文件开立业务，并打印每位当事人的专属链接")
        opening.add_argument("file", type=Path, help="业务内容（与 POST /api/cases 相同）")
        opening.add_argument("--as", dest="username", required=True, metavar="用户名", help="以哪位坐席或主管的名义")
        opening.add_argument("--base-url", required=True, metavar="URL", help="客户打开链接用的地址")
        listing = actions.add_parser("list", help="列出最近的业务")
        for action in (opening, listing):
            action.add_argument("--data", type=Path, default=DEFAULT_DATA, metavar="目录", help="服务的数据目录")

    def run(self, arguments: argparse.Namespace) -> int:
        with opened(arguments.data, getattr(arguments, "base_url", "")) as app:
            {"open": _open, "list": _list}[arguments.action](app, arguments)
        return 0


def _open(app: App, arguments: argparse.Namespace) -> None:
    new = read_case(arguments.file)
    command = open_case_command(_acting(app, arguments.username), new)
    case, capabilities = asyncio.run(app.bus.execute(command))
    print(f"已开立 {case.case_no}({case.case_id}) {case.product_title} {yuan(case.terms.amount)} 元")
    for party in case.parties:
        print(f"{party_label(party)}\t{personal_link(arguments.base_url, capabilities[party.party_id])}")


def read_case(path: Path) -> NewCase:
    """Raises ``InputError`` naming the fields that are wrong."""
    try:
        return NewCase.model_validate_json(path.read_bytes())
    except OSError as error:
        raise InputError(f"不能读取 {path}（{error.strerror}）", "请检查路径") from None
    except ValidationError as error:
        body = validation_body(error.errors(include_input=False, include_url=False))
        raise InputError(f"{path}:{body.message}", body.hint) from None


def _acting(app: App, username: str) -> Actor:
    with app.services.db.read() as unit:
        member = unit.people.staff_named(username)
    if member is None:
        raise NotFound(f"没有用户 {username}", "请用 pingqian user list 查看")
    return staff_actor(member, "")


def _list(app: App, arguments: argparse.Namespace) -> None:
    rows = app.queries.audit_list(SYSTEM)
    for row in rows:
        case = row.case
        parties = "、".join(party_label(party) for party in case.parties)
        opened_at = case.opened_at.astimezone(BEIJING)
        columns = [
            f"{opened_at:%Y-%m-%d %H:%M}",
            PHASES[row.phase],
            case.product_title,
            yuan(case.terms.amount),
            parties,
        ]
        print("\t".join([case.case_no, *columns]))
    if not rows:
        print("还没有业务")


CASE = CaseCommand()
