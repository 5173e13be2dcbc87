"""``pingqian branch``: the institution, its branches and their seats, set up on the service's own machine."""

import argparse
import re
from collections.abc import Sequence
from dataclasses import fields
from datetime import datetime
from pathlib import Path

from signing.adapters import keyfile
from signing.bootstrap import App
from signing.commandline import branch_queue
from signing.commandline.serve import DEFAULT_DATA
from signing.commandline.user import opened
from signing.domain.creditcode import is_valid
from signing.domain.errors import ConflictError, InputError, NotFound
from signing.domain.interest import DAY_COUNTS
from signing.domain.product import LenderKind
from signing.domain.seals import usual_seal
from signing.domain.seat import Seat
from signing.service.ports import Institution
from signing.service.store import Branch, Unit

DETAILS = {
    "name": ("--institution-name", "机构全称"),
    "seal_name": ("--seal-name", "印章上的名称"),
    "address": ("--address", "机构地址"),
    "helpline": ("--helpline", "客服电话"),
    "representative": ("--representative", "法定代表人或负责人"),
    "credit_code": ("--credit-code", "统一社会信用代码"),
}
"""Field of ``Institution`` → its option and what a person calls it."""

CHOICES = {
    "lender_kind": ("--lender-kind", "机构种类", [kind.value for kind in LenderKind]),
    "day_count": ("--day-count", "日利率按一年多少天折算", [str(days) for days in DAY_COUNTS]),
}
"""The same of what may be left out, with what can be chosen."""

_ID = re.compile(r"[A-Za-z0-9_-]{1,48}")
_CREDIT_CODE = re.compile(r"[0-9A-HJ-NPQRTUWXY]{18}")
"""GB 32100-2015: eighteen digits and letters without I, O, S, V, Z."""


class BranchCommand:
    name = "branch"
    help = "建立、列出机构、网点和席位；设置和暂停排队"

    def configure(self, parser: argparse.ArgumentParser) -> None:
        actions = parser.add_subparsers(title="操作", metavar="操作", dest="action", required=True)
        words = "建立网点和席位；机构还没有时一并建立。网点已有时只补上新的席位"
        add = actions.add_parser("add", help=words, description=words)
        add.add_argument("branch", metavar="网点编号", help="自定的编号，如 shanghang")
        add.add_argument("--name", required=True, metavar="名称", help="网点名称")
        add.add_argument("--seat", action="append", default=[], metavar="席位", help="席位名称，如 01号席；可重复")
        add.add_argument("--institution", required=True, metavar="编号", help="自定的机构编号，如 longyan")
        details = add.add_argument_group("机构资料", "机构第一次建立时都要给；已有的机构不必再给")
        for field, (option, called) in DETAILS.items():
            details.add_argument(option, dest=f"institution_{field}", default="", metavar="文字", help=called)
        for field, (option, called, choices) in CHOICES.items():
            words = f"{called}，可不给：{'、'.join(choices)}"
            details.add_argument(option, dest=f"institution_{field}", default="", choices=choices, help=words)
        listing = actions.add_parser("list", help="列出机构、网点和席位，及其编号")
        for action in (add, listing, *branch_queue.configure(actions)):
            action.add_argument("--data", type=Path, default=DEFAULT_DATA, metavar="目录", help="服务的数据目录")

    def run(self, arguments: argparse.Namespace) -> int:
        """``add`` makes a data folder that is not there yet. Raises ``SigningError``."""
        if arguments.action == "list":
            with opened(arguments.data) as app:
                _list(app)
            return 0
        if arguments.action in branch_queue.RUN:
            with opened(arguments.data) as app:
                branch_queue.run(app, arguments)
            return 0
        branch, given = checked(arguments)
        if not keyfile.has_data(arguments.data):
            _require_whole(given)
        with opened(arguments.data, new=True) as app, app.services.db.write() as unit:
            add_branch(unit, branch, given, arguments.seat, app.services.clock.now())
            seats = {seat.label: seat.seat_id for seat in unit.queue.seats() if seat.branch_id == branch.branch_id}
        print("已建立。席位编号：" + "、".join(f"{label} → {seat_id}" for label, seat_id in seats.items()))
        print(
            f"坐席账号：pingqian user add 用户名 --name 姓名 --role agent --branch {branch.branch_id} --seat 席位编号"
        )
        return 0


def checked(arguments: argparse.Namespace) -> tuple[Branch, Institution]:
    """The branch, and the institution with whatever was given of it. Raises ``InputError``."""
    for called, value in (("网点编号", arguments.branch), ("机构编号", arguments.institution)):
        if not _ID.fullmatch(value):
            raise InputError(f"{called}只能用字母、数字、_ 和 -，至多 48 个", "请换一个编号")
    given = {field: getattr(arguments, f"institution_{field}").strip() for field in DETAILS}
    texts = [("网点名称", arguments.name), *((DETAILS[field][1], text) for field, text in given.items())]
    for called, text in texts:
        if len(text) > 100 or not text.isprintable():
            raise InputError(f"{called}太长（至多 100 个字）或含有不可见的字符", "请改正后重试")
    if not arguments.name.strip():
        raise InputError("网点名称不能为空", "请用 --name 给出")
    for label in arguments.seat:
        if not 0 < len(label.strip()) <= 32 or not label.isprintable():
            raise InputError("席位名称应为 1 到 32 个字", "请用 --seat 给出，如 --seat 01号席")
    _require_different([label.strip() for label in arguments.seat], ())
    if given["credit_code"] and not _CREDIT_CODE.fullmatch(given["credit_code"]):
        raise InputError("统一社会信用代码应为 18 位数字和大写字母", "请检查 --credit-code")
    if given["credit_code"] and not is_valid(given["credit_code"]):
        raise InputError("统一社会信用代码的校验码不对，可能有一位写错", "请对照营业执照核对 --credit-code")
    given |= {field: getattr(arguments, f"institution_{field}") for field in CHOICES}
    branch = Branch(arguments.branch, arguments.institution, arguments.name.strip())
    return branch, Institution(arguments.institution, **given)


def add_branch(unit: Unit, branch: Branch, given: Institution, labels: Sequence[str], now: datetime) -> None:
    """Institution and branch where they are new, and the seats. Raises ``InputError``, ``ConflictError``."""
    _require_institution(unit, given, now)
    known = next((one for one in unit.people.branches() if one.branch_id == branch.branch_id), None)
    if known is None:
        unit.people.add_branch(branch)
    elif known != branch:
        raise ConflictError(f"网点编号 {branch.branch_id} 已用于“{known.name}”", "请换一个编号，或给出相同的机构和名称")
    seats = [seat for seat in unit.queue.seats() if seat.branch_id == branch.branch_id]
    wanted = [label.strip() for label in labels]
    _require_different(wanted, [seat.label for seat in seats])
    if known is not None and not wanted:
        raise ConflictError(f"网点“{known.name}”已经建立", "可用 --seat 增加席位")
    taken = {seat.seat_id for seat in unit.queue.seats()}
    for label in wanted:
        seat_id = _free_id(branch.branch_id, taken)
        taken.add(seat_id)
        unit.queue.save_seat(Seat(seat_id, branch.institution_id, branch.branch_id, label, now))


def _require_different(wanted: Sequence[str], there: Sequence[str]) -> None:
    """Raises ``ConflictError`` for a seat's name that is given twice, or is there already."""
    if twice := {label for label in wanted if wanted.count(label) > 1} | set(there) & set(wanted):
        raise ConflictError(f"席位重复：{'、'.join(sorted(twice))}", "请只给出新的席位")


def _require_institution(unit: Unit, given: Institution, now: datetime) -> None:
    try:
        known = unit.people.institution(given.institution_id)
    except NotFound:
        _require_whole(given)
        unit.people.add_institution(given)
        custodian = "待登记，请核对"
        seal = usual_seal(given.institution_id, given.seal_name, given.credit_code, now, custodian)
        unit.seals.save(seal)
        return
    for one in fields(Institution):
        if getattr(given, one.name) not in ("", getattr(known, one.name)):
            called = (DETAILS | CHOICES)[one.name][1]
            raise ConflictError(f"机构“{known.name}”已建立，{called}与所给的不同", "请不要再给机构资料")


def _require_whole(given: Institution) -> None:
    """Raises ``InputError`` for an institution that is new and of which something is lacking."""
    if lacking := [option for field, (option, _) in DETAILS.items() if not getattr(given, field)]:
        hint = f"请补上 {' '.join(lacking)}"
        raise InputError(f"机构 {given.institution_id} 还没有建立，资料要给全", hint) from None


def _free_id(branch_id: str, taken: set[str]) -> str:
    return next(f"{branch_id}_{n:02d}" for n in range(1, len(taken) + 2) if f"{branch_id}_{n:02d}" not in taken)


def _list(app: App) -> None:
    with app.services.db.read() as unit:
        branches, seats = unit.people.branches(), unit.queue.seats()
        institutions = {key: unit.people.institution(key) for key in {one.institution_id for one in branches}}
    for branch in branches:
        institution = institutions[branch.institution_id]
        print(f"{institution.name}（{institution.institution_id}）\t{branch.name}（{branch.branch_id}）")
        for seat in sorted((seat for seat in seats if seat.branch_id == branch.branch_id), key=lambda s: s.seat_id):
            print(f"\t{seat.label}（{seat.seat_id}）")
    if not branches:
        print("还没有网点，请用 pingqian branch add 建立")


BRANCH = BranchCommand()
