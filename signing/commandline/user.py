"""``pingqian user``: accounts of staff, managed on the service's own machine."""

import argparse
import asyncio
import getpass
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace
from pathlib import Path

from signing.bootstrap import App, build
from signing.commandline.serve import DEFAULT_DATA
from signing.config import Settings
from signing.domain.errors import InputError, NotFound
from signing.service.commands import SYSTEM, AddStaff

ROLES = {"agent": "坐席", "supervisor": "主管", "auditor": "审计", "administrator": "管理员"}
SHORTEST_PASSWORD = 10


@contextmanager
def opened(data: Path, base_url: str = "", *, new: bool = False, objects_file: Path | None = None) -> Iterator[App]:
    """The application over a data folder, without its clockwork.

    Raises ``NotFound`` where there is none, unless a ``new`` one may be made, and ``InputError`` where it cannot.
    """
    if new:
        _make(data)
    elif not (data / "kek.bin").exists():
        raise NotFound(
            f"{data} 里没有服务的数据", "请用 --data 指定服务的数据目录；第一次使用请先运行 pingqian branch add"
        )
    app = build(Settings(data, base_url=base_url or "http://localhost:8000", objects_file=objects_file))
    try:
        yield app
    finally:
        asyncio.run(app.close())


def _make(data: Path) -> None:
    try:
        data.mkdir(mode=0o700, parents=True, exist_ok=True)
    except OSError as error:
        raise InputError(f"数据目录 {data} 不能写入（{error.strerror}）", "请换一个目录，或调整目录权限") from None


class User:
    name = "user"
    help = "管理工作人员账号"

    def configure(self, parser: argparse.ArgumentParser) -> None:
        actions = parser.add_subparsers(title="操作", metavar="操作", dest="action", required=True)
        add = actions.add_parser("add", help="添加账号")
        add.add_argument("username", help="登录用的用户名")
        add.add_argument("--name", required=True, help="姓名")
        add.add_argument("--role", required=True, choices=list(ROLES), help="角色")
        add.add_argument("--branch", required=True, metavar="编号", help="网点编号，见 pingqian branch list")
        add.add_argument("--seat", metavar="编号", help="席位编号（坐席用）")
        password = actions.add_parser("password", help="重设密码，并退出其已登录的设备")
        password.add_argument("username", help="用户名")
        listing = actions.add_parser("list", help="列出账号")
        for action in (add, password, listing):
            action.add_argument("--data", type=Path, default=DEFAULT_DATA, metavar="目录", help="服务的数据目录")
        for action in (add, password):
            action.add_argument(
                "--password-file", type=Path, metavar="文件", help="从文件第一行读密码（默认从键盘输入，不显示）"
            )

    def run(self, arguments: argparse.Namespace) -> int:
        with opened(arguments.data) as app:
            {"add": _add, "password": _password, "list": _list}[arguments.action](app, arguments)
        return 0


def _add(app: App, arguments: argparse.Namespace) -> None:
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


def _password(app: App, arguments: argparse.Namespace) -> None:
    services = app.services
    hashed = services.secrets.hash_password(checked(read_password(arguments)))
    with services.db.write() as unit:
        member = unit.people.staff_named(arguments.username)
        if member is None:
            raise NotFound(f"没有用户 {arguments.username}", "请用 pingqian user list 查看")
        unit.people.save_staff(replace(member, password_hash=hashed))
        unit.access.revoke_sessions("staff", member.staff_id, services.clock.now())
    print(f"已重设 {arguments.username} 的密码，已登录的设备需要重新登录")


def _list(app: App, arguments: argparse.Namespace) -> None:
    with app.services.db.read() as unit:
        for member in unit.people.all_staff():
            branch = unit.people.branch(member.branch_id)
            state = "" if member.active else "(已停用)"
            seat = f" {member.seat_id}" if member.seat_id else ""
            print(f"{member.username}\t{member.name}\t{ROLES[member.role]}\t{branch.name}{seat}{state}")


def read_password(arguments: argparse.Namespace) -> str:
    """Never from the command line, where every process of the machine could read it."""
    if arguments.password_file is not None:
        try:
            text = str(arguments.password_file.read_text(encoding="utf-8"))
        except OSError as error:
            raise InputError(f"不能读取 {arguments.password_file}（{error.strerror}）", "请检查路径和权限") from None
        return text.splitlines()[0] if text else ""
    if not sys.stdin.isatty():
        return sys.stdin.readline().rstrip("\n")
    first = getpass.getpass("密码：")
    if getpass.getpass("再输一次：") != first:
        raise InputError("两次输入的密码不一样", "请重新运行")
    return first


def checked(password: str) -> str:
    if len(password) < SHORTEST_PASSWORD:
        raise InputError(f"密码至少 {SHORTEST_PASSWORD} 个字符", "请换一个更长的密码")
    return password


USER = User()
