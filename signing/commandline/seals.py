"""``pingqian seals``: the institution's seals, registered, drawn, taken out of use, and the log of their uses."""

import argparse
import asyncio
from collections.abc import Iterator
from datetime import date, datetime, time, timedelta
from decimal import Decimal, InvalidOperation
from pathlib import Path

from signing.adapters.documents import fonts, templates
from signing.adapters.signer.sealpicture import picture
from signing.bootstrap import App
from signing.commandline.institution import name_of
from signing.commandline.serve import DEFAULT_DATA
from signing.commandline.user import opened
from signing.domain.beijing import BEIJING
from signing.domain.errors import InputError
from signing.domain.seals import KIND_TITLES, RegisteredSeal, SealKind, SealUse
from signing.domain.whynot import why
from signing.service.commands import SYSTEM
from signing.service.seal_commands import RegisterSeal, RetireSeal

SHOWN = 200


class SealsCommand:
    name = "seals"
    help = "登记、列出、绘制、停用机构的印章，查看用印记录"

    def configure(self, parser: argparse.ArgumentParser) -> None:
        actions = parser.add_subparsers(title="操作", metavar="操作", dest="action", required=True)
        add = actions.add_parser("add", help="登记一枚印章", description="登记一枚印章")
        add.add_argument("--institution", required=True, metavar="编号", help="机构编号，见 pingqian branch list")
        words = "、".join(f"{kind.value} {title}" for kind, title in KIND_TITLES.items())
        add.add_argument("--kind", required=True, choices=[kind.value for kind in SealKind], help=words)
        add.add_argument("--text", required=True, metavar="印文", help="弧形排列的机构名称，或法定代表人姓名")
        add.add_argument("--custodian", required=True, metavar="保管人", help="由谁或哪个部门保管")
        add.add_argument("--number", default="", metavar="编码", help="13 位印章编码；不给出则自动编制")
        add.add_argument("--from", dest="start", default="", metavar="日期", help="启用日，如 2026-12-01（默认今天）")
        add.add_argument("--until", required=True, metavar="日期", help="到期日，当日起不能再用")
        add.add_argument("--document", action="append", default=[], metavar="文书", help="只用于这种文书；可重复")
        add.add_argument("--second-above", metavar="元", help="金额超过多少时须主管复核")
        listing = actions.add_parser("list", help="列出印章")
        log = actions.add_parser("log", help="用印记录，新的在前；被拒绝的也在内")
        log.add_argument("--seal", default="", metavar="编号", help="只看一枚印章")
        for action in (listing, log):
            action.add_argument("--institution", default="", metavar="编号", help="只看一家机构")
        draw = actions.add_parser("draw", help="把印模画成图片")
        draw.add_argument("--out", type=Path, required=True, metavar="文件", help="图片写到哪个文件")
        retire = actions.add_parser("retire", help="停用一枚印章，不能恢复")
        retire.add_argument("--reason", required=True, metavar="理由", help="停用的理由")
        for action in (draw, retire):
            action.add_argument("seal", metavar="编号", help="印章编号，见 pingqian seals list")
        for action in (add, listing, log, draw, retire):
            action.add_argument("--data", type=Path, default=DEFAULT_DATA, metavar="目录", help="服务的数据目录")

    def run(self, arguments: argparse.Namespace) -> int:
        """Raises ``SigningError``."""
        with opened(arguments.data) as app:
            match arguments.action:
                case "add":
                    seal = asyncio.run(app.bus.execute(registration(arguments, app)))
                    print(f"已登记 {seal.title}，编号 {seal.seal_id}")
                case "retire":
                    seal = asyncio.run(app.bus.execute(RetireSeal(SYSTEM, arguments.seal, arguments.reason)))
                    print(f"已停用 {seal.title}")
                case "draw":
                    _draw(app, arguments)
                case "list":
                    print("\n".join(_seals(app, arguments.institution)))
                case _:
                    print("\n".join(_log(app, arguments.institution, arguments.seal)))
        return 0


def registration(arguments: argparse.Namespace, app: App) -> RegisterSeal:
    """Raises ``InputError``, ``NotFound``."""
    name_of(app, arguments.institution)
    fonts.load()
    unknown = fonts.missing(arguments.text)
    if unknown:
        raise InputError(f"字库中没有这些字：{'、'.join(sorted(unknown))}", "请核对印文")
    for kind in arguments.document:
        templates.load(kind)
    now = app.services.clock.now()
    return RegisterSeal(
        SYSTEM,
        arguments.institution,
        SealKind(arguments.kind),
        arguments.text.strip(),
        arguments.custodian.strip(),
        _day(arguments.start) if arguments.start else now - timedelta(minutes=1),
        _day(arguments.until),
        arguments.number,
        tuple(arguments.document),
        None if arguments.second_above is None else _amount(arguments.second_above),
    )


def _day(text: str) -> datetime:
    try:
        return datetime.combine(date.fromisoformat(text), time(), BEIJING)
    except ValueError:
        raise InputError(f"“{text}”不是日期", "请写成 2026-12-01 这样") from None


def _amount(text: str) -> Decimal:
    try:
        amount = Decimal(text)
        if not amount.is_finite():
            raise InvalidOperation
        return amount.quantize(Decimal("0.01"))
    except InvalidOperation:
        raise InputError(f"“{text}”不是金额", "请写成 200000 这样，单位为元") from None


def _institutions(app: App, institution_id: str) -> dict[str, str]:
    with app.services.db.read() as unit:
        houses = {institution_id} if institution_id else {one.institution_id for one in unit.people.branches()}
        return {house: unit.people.institution(house).name for house in sorted(houses)}


def _seals(app: App, institution_id: str) -> Iterator[str]:
    now = app.services.clock.now()
    for house, name in _institutions(app, institution_id).items():
        yield f"{name}（{house}）"
        with app.services.db.read() as unit:
            seals = unit.seals.of(house)
        for seal in seals:
            yield f"\t{seal.seal_id}\t{seal.title}\t{_state(seal, now)}\t保管：{seal.custodian}\t{_limits(seal)}"
        if not seals:
            yield "\t还没有登记印章，不能用印。请用 pingqian seals add 登记"


def _state(seal: RegisteredSeal, now: datetime) -> str:
    span = f"{seal.valid_from.astimezone(BEIJING):%Y-%m-%d} 至 {seal.valid_until.astimezone(BEIJING):%Y-%m-%d}"
    return f"已停用（{seal.retired_reason}）" if not seal.in_use else f"{seal.state_title(now)}，{span}"


def _limits(seal: RegisteredSeal) -> str:
    papers = "、".join(templates.load(kind).title for kind in seal.documents) if seal.documents else "全部文书"
    above = "" if seal.second_above is None else f"；超过 {seal.second_above:,.2f} 元须主管复核"
    return f"用于{papers}{above}"


def _log(app: App, institution_id: str, seal_id: str) -> Iterator[str]:
    if seal_id:
        with app.services.db.read() as unit:
            unit.seals.get(seal_id)
    for house, name in _institutions(app, institution_id).items():
        yield f"{name}（{house}）"
        with app.services.db.read() as unit:
            uses = unit.seals.uses(house, SHOWN, seal_id)
            titles = {seal.seal_id: seal.title for seal in unit.seals.of(house)}
        for use in uses:
            yield "\t" + _use(use, titles)
        if not uses:
            yield "\t还没有用印记录"


def _use(use: SealUse, titles: dict[str, str]) -> str:
    at = f"{use.at.astimezone(BEIJING):%Y-%m-%d %H:%M:%S}"
    what = f"业务 {use.case_no}《{use.document_title}》，经办 {use.by}"
    approved = f"，复核 {use.approved_by}" if use.approved_by else ""
    if use.refused:
        return f"{at}\t拒绝用印\t{what}{approved}：{use.refused}"
    return f"{at}\t{titles.get(use.seal_id, use.seal_id)}\t{what}{approved}\tSHA-256 {use.sha256}"


def _draw(app: App, arguments: argparse.Namespace) -> None:
    with app.services.db.read() as unit:
        seal = unit.seals.get(arguments.seal)
        institution = unit.people.institution(seal.institution_id)
    try:
        with arguments.out.open("xb") as file:
            file.write(picture(institution, seal))
    except OSError as error:
        raise InputError(f"无法写入 {arguments.out}（{why(error)}）", "请换一个文件名") from None
    print(f"已画出 {seal.title}：{arguments.out}")


SEALS = SealsCommand()
