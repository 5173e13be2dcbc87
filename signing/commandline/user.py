"""``pingqian user``: accounts of staff, managed on the service's own machine."""

import argparse
import asyncio
import getpass
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import datetime
from pathlib import Path

import segno

from signing.adapters import keyfile
from signing.bootstrap import App, build
from signing.commandline.serve import DEFAULT_DATA
from signing.config import Settings
from signing.domain.beijing import BEIJING
from signing.domain.errors import ConflictError, InputError, NotFound
from signing.domain.whynot import why
from signing.service.account_commands import (
    ConfirmAccount,
    EndSession,
    EnrolTotp,
    RequireTotp,
    ResetPassword,
    ResetTotp,
    SetActive,
    UnlockAccount,
)
from signing.service.accounts import Account, accounts
from signing.service.commands import SYSTEM, AddStaff, Command

ROLES = {"agent": "坐席", "supervisor": "主管", "auditor": "审计", "administrator": "管理员"}


@contextmanager
def opened(data: Path, base_url: str = "", *, new: bool = False, objects_file: Path | None = None) -> Iterator[App]:
    """The application over a data folder, without its clockwork.

    Raises ``NotFound`` where there is none, unless a ``new`` one may be made, and ``InputError`` where it cannot.
    """
    if new:
        _make(data)
    keyfile.require(data)
    if not new and not keyfile.exists(data):
        raise no_data(data)
    app = build(Settings(data, base_url=base_url or "http://localhost:8000", objects_file=objects_file))
    try:
        yield app
    finally:
        asyncio.run(app.close())


def no_data(data: Path) -> NotFound:
    hint = "请用 --data 指定服务的数据目录；第一次使用请先运行 pingqian branch add"
    return NotFound(f"{data} 里没有服务的数据", hint)


def _make(data: Path) -> None:
    try:
        data.mkdir(mode=0o700, parents=True, exist_ok=True)
    except OSError as error:
        raise InputError(f"数据目录 {data} 不能写入（{why(error)}）", "请换一个目录，或调整目录权限") from None


class User:
    name = "user"
    help = "管理工作人员账号"

    def configure(self, parser: argparse.ArgumentParser) -> None:
        actions = parser.add_subparsers(title="操作", metavar="操作", dest="action", required=True)
        add = actions.add_parser("add", help="添加账号")
        add.add_argument("username", metavar="用户名", help="登录用的用户名")
        add.add_argument("--name", required=True, metavar="姓名", help="姓名")
        add.add_argument("--role", required=True, choices=list(ROLES), help="角色")
        add.add_argument("--branch", required=True, metavar="编号", help="网点编号，见 pingqian branch list")
        add.add_argument("--seat", metavar="编号", help="席位编号（坐席用）")
        made = {"add": add, "list": actions.add_parser("list", help="列出账号")}
        for name, words in _NAMED.items():
            made[name] = actions.add_parser(name, help=words)
            made[name].add_argument("username", metavar="用户名", help="用户名")
        made["totp"].add_argument("--reset", action="store_true", help="手机丢失：解除绑定，下次登录时重新绑定")
        made["sessions"].add_argument("--end", metavar="登录编号", help="结束其中一次登录")
        rule = made["rule"] = actions.add_parser("rule", help="设定某种角色登录时是否必须用动态口令")
        rule.add_argument("--institution", required=True, metavar="编号", help="机构编号，见 pingqian branch list")
        rule.add_argument("--role", required=True, choices=list(ROLES), help="角色")
        rule.add_argument("--totp", required=True, choices=["required", "optional"], help="必须，或由本人决定")
        for action in made.values():
            action.add_argument("--data", type=Path, default=DEFAULT_DATA, metavar="目录", help="服务的数据目录")
        for name in ("add", "password"):
            made[name].add_argument(
                "--password-file", type=Path, metavar="文件", help="从文件第一行读密码（默认从键盘输入，不显示）"
            )

    def run(self, arguments: argparse.Namespace) -> int:
        with opened(arguments.data) as app:
            _ACTIONS[arguments.action](app, arguments)
        return 0


_NAMED = {
    "password": "重设密码，并退出其已登录的设备",
    "disable": "停用账号，并立即退出",
    "enable": "重新启用账号",
    "unlock": "解除因输错次数太多造成的锁定",
    "totp": "绑定动态口令：显示给验证器扫的二维码",
    "confirm": "确认待确认的主管或审计账号（仅在本机构没有其他能确认的人时）",
    "sessions": "列出正在进行的登录",
}


def _add(app: App, arguments: argparse.Namespace) -> None:
    if arguments.role == "agent" and not arguments.seat:
        raise InputError("坐席账号要指定席位", "请加 --seat 席位编号，编号见 pingqian branch list")
    command = AddStaff(
        SYSTEM,
        arguments.username,
        read_password(arguments),
        arguments.name,
        arguments.role,
        arguments.branch,
        arguments.seat,
    )
    try:
        staff_id = asyncio.run(app.bus.execute(command))
    except NotFound as error:
        raise NotFound(error.message, "请用 pingqian branch list 查看网点和席位的编号") from None
    print(f"已添加 {arguments.username}（{ROLES[arguments.role]}），编号 {staff_id}")
    _tell_rest(app, arguments)


def _password(app: App, arguments: argparse.Namespace) -> None:
    account = _named(app, arguments)
    _do(app, ResetPassword(SYSTEM, account.member.staff_id, read_password(arguments)))
    print(f"已重设 {arguments.username} 的密码，已登录的设备需要重新登录")
    _tell_rest(app, arguments)


def _disable(app: App, arguments: argparse.Namespace) -> None:
    _do(app, SetActive(SYSTEM, _named(app, arguments).member.staff_id, False))
    print(f"已停用 {arguments.username}，其登录已全部结束")


def _enable(app: App, arguments: argparse.Namespace) -> None:
    account = _named(app, arguments)
    if account.member.active:
        print(f"{arguments.username} 没有停用，不需要启用")
        return
    _do(app, SetActive(SYSTEM, account.member.staff_id, True))
    print(f"已启用 {arguments.username}")


def _unlock(app: App, arguments: argparse.Namespace) -> None:
    account = _named(app, arguments)
    if account.locked_until is None:
        print(f"{arguments.username} 没有锁定，不需要解锁")
        return
    _do(app, UnlockAccount(SYSTEM, account.member.staff_id))
    print(f"已解锁 {arguments.username}")


def _totp(app: App, arguments: argparse.Namespace) -> None:
    account = _named(app, arguments)
    if arguments.reset:
        if account.factor == "none":
            print(f"{arguments.username} 没有绑定动态口令，不需要解除")
            return
        _do(app, ResetTotp(SYSTEM, account.member.staff_id))
        print(f"已解除 {arguments.username} 的动态口令，其登录已全部结束")
        _tell_rest(app, arguments)
        return
    if account.factor == "confirmed":
        raise ConflictError(f"{arguments.username} 已绑定动态口令", "手机丢失或更换时，请加 --reset 解除后重新绑定")
    made = asyncio.run(app.bus.execute(EnrolTotp(SYSTEM, account.member.staff_id)))
    print(f"请 {account.member.name} 本人用手机上的验证器扫码；扫码后请清屏，不要留存。\n")
    segno.make(made.uri, error="l", boost_error=False).terminal(compact=True, border=1)
    print(f"\n{made.uri}\n不能扫码时，可手工输入密钥：{made.secret}")
    _tell_rest(app, arguments)


def _confirm(app: App, arguments: argparse.Namespace) -> None:
    code = asyncio.run(app.bus.execute(ConfirmAccount(SYSTEM, _named(app, arguments).member.staff_id)))
    if not code:
        print(f"已确认 {arguments.username}，可以登录")
        return
    print(f"已确认 {arguments.username}。确认码：{code}，7 天内有效，只显示这一次")
    print("请当面或打电话交给本人，不要交给设置密码的人；本人首次登录时输入，并设置自己的密码")


def _tell_rest(app: App, arguments: argparse.Namespace) -> None:
    if _named(app, arguments).resting:
        print(f"{arguments.username} 还不能登录：须由本机构另一位主管或审计登录后，在“待确认账号”中确认")


def _sessions(app: App, arguments: argparse.Namespace) -> None:
    account = _named(app, arguments)
    if arguments.end:
        _do(app, EndSession(SYSTEM, account.member.staff_id, arguments.end))
        print(f"已结束登录 {arguments.end}")
        return
    for one in account.sessions:
        print(f"{one.ref}\t{_at(one.since)} 登录\t{_at(one.seen_at)} 最近操作\t{one.address or '-'}")
    if not account.sessions:
        print(f"{arguments.username} 现在没有登录")


def _rule(app: App, arguments: argparse.Namespace) -> None:
    required = arguments.totp == "required"
    _do(app, RequireTotp(SYSTEM, arguments.role, required, arguments.institution))
    print(f"{ROLES[arguments.role]}登录{'必须使用' if required else '可以不用'}动态口令")


def _list(app: App, arguments: argparse.Namespace) -> None:
    """Branches of several institutions may have one name."""
    found = accounts(app.services, SYSTEM)
    several = len({account.member.institution_id for account in found}) > 1
    for account in found:
        member = account.member
        seat = f" {member.seat_id}" if member.seat_id else ""
        branch = f"{member.institution_id} {account.branch}" if several else account.branch
        print(f"{member.username}\t{member.name}\t{ROLES[member.role]}\t{branch}{seat}{_states(account)}")


def _states(account: Account) -> str:
    states = [
        "" if account.member.active else "已停用",
        "待本人设置密码" if account.awaits_owner else "待确认" if account.resting else "",
        f"锁定至 {_at(account.locked_until)}" if account.locked_until else "",
        "动态口令" if account.factor == "confirmed" else "待绑定动态口令" if account.factor_required else "",
        f"登录中 {len(account.sessions)}" if account.sessions else "",
    ]
    said = "，".join(state for state in states if state)
    return f"（{said}）" if said else ""


def _named(app: App, arguments: argparse.Namespace) -> Account:
    for account in accounts(app.services, SYSTEM):
        if account.member.username == arguments.username:
            return account
    raise NotFound(f"没有用户 {arguments.username}", "请用 pingqian user list 查看")


def _do(app: App, command: Command) -> None:
    asyncio.run(app.bus.execute(command))


def _at(moment: datetime) -> str:
    return f"{moment.astimezone(BEIJING):%m-%d %H:%M}"


_ACTIONS = {
    "add": _add,
    "list": _list,
    "password": _password,
    "disable": _disable,
    "enable": _enable,
    "unlock": _unlock,
    "totp": _totp,
    "confirm": _confirm,
    "sessions": _sessions,
    "rule": _rule,
}


def read_password(arguments: argparse.Namespace) -> str:
    """Never from the command line, where every process of the machine could read it."""
    if arguments.password_file is not None:
        try:
            text = str(arguments.password_file.read_text(encoding="utf-8"))
        except OSError as error:
            raise InputError(f"不能读取 {arguments.password_file}（{why(error)}）", "请检查路径和权限") from None
        except UnicodeDecodeError:
            raise InputError(f"{arguments.password_file} 不是 UTF-8 的文本文件", "请检查路径，或另存为 UTF-8") from None
        return text.splitlines()[0] if text else ""
    if not sys.stdin.isatty():
        return sys.stdin.readline().rstrip("\n")
    first = getpass.getpass("密码：")
    if getpass.getpass("再输一次：") != first:
        raise InputError("两次输入的密码不一样", "请重新运行")
    return first


USER = User()
