"""``pingqian user`` over a service's data folder, as an administrator at the machine uses it."""

import asyncio
import re
from pathlib import Path

import pyotp
import pytest

from signing.bootstrap import App, build
from signing.config import Settings
from signing.domain.errors import SigningError
from signing.service import commands as c
from signing.service.handlers.log_in import LoggedIn
from tests.integration.service.test_setting_up import INSTITUTION, branch, said


@pytest.fixture
def data(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> Path:
    """An institution with an agent and a supervisor, without ``--demo``."""
    folder = tmp_path / "data"
    said(capsys, 0, *branch(folder, *INSTITUTION, "--seat", "01号席"))
    (tmp_path / "password").write_text("a-long-phrase-2026\n")
    for name, role, *seat in (("huang", "agent", "--seat", "linjiang_01"), ("lan", "supervisor")):
        said(
            capsys, 0, "user", "add", name, "--name", "某某", "--role", role, "--branch", "linjiang", *seat,
            "--password-file", tmp_path / "password", "--data", folder,
        )  # fmt: skip
    return folder


def try_to_log_in(data: Path, username: str, code: str = "", password: str = "a-long-phrase-2026") -> str:
    """ "in", or the code of the refusal."""
    app = build(Settings(data))

    async def entering(app: App) -> LoggedIn:
        try:
            entered: LoggedIn = await app.bus.execute(c.LogIn(c.BEARER, username, password, code))
            return entered
        finally:
            await app.close()

    try:
        asyncio.run(entering(app))
    except SigningError as refused:
        return refused.code
    return "in"


def test_an_authenticator_is_set_up_used_and_reset(data: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert try_to_log_in(data, "huang") == "in"
    assert try_to_log_in(data, "lan") == "totp_enrol"
    shown = said(capsys, 0, "user", "totp", "lan", "--data", data)
    uri = re.search(r"otpauth://\S+", shown)
    assert uri is not None
    assert shown.count("█") > 100
    assert max(map(len, shown.partition("otpauth")[0].splitlines())) <= 80, "the code fits a terminal"
    assert uri[0].count("issuer") == 1
    totp = pyotp.parse_uri(uri[0])
    assert isinstance(totp, pyotp.TOTP)
    assert try_to_log_in(data, "lan") == "totp_required"
    assert try_to_log_in(data, "lan", totp.now()) == "in"
    assert "动态口令" in said(capsys, 0, "user", "list", "--data", data)
    said(capsys, 0, "user", "totp", "lan", "--reset", "--data", data)
    assert try_to_log_in(data, "lan") == "totp_enrol"
    said(capsys, 0, "user", "rule", "--institution", "shanghang", "--role", "supervisor", "--totp", "optional",
         "--data", data)  # fmt: skip
    assert try_to_log_in(data, "lan") == "in"


def test_an_authenticator_that_is_bound_is_not_replaced_by_looking_at_it(
    data: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    uri = re.search(r"otpauth://\S+", said(capsys, 0, "user", "totp", "lan", "--data", data))
    assert uri is not None
    totp = pyotp.parse_uri(uri[0])
    assert isinstance(totp, pyotp.TOTP)
    assert try_to_log_in(data, "lan", totp.now()) == "in"
    assert "请加 --reset" in said(capsys, 2, "user", "totp", "lan", "--data", data)
    assert try_to_log_in(data, "lan") == "totp_required"


def test_an_agent_needs_a_seat_whose_number_is_told(
    data: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    shown = said(capsys, 0, *branch(data, "--seat", "02号席"))
    assert "02号席 → linjiang_02" in shown
    new = ("user", "add", "mei", "--name", "某某", "--role", "agent", "--branch", "linjiang", "--data", data)
    file = ("--password-file", tmp_path / "password")
    assert "坐席账号要指定席位" in said(capsys, 2, *new, *file)
    said(capsys, 0, *new, *file, "--seat", "linjiang_02")


def test_a_locked_account_is_shown_and_unlocked(data: Path, capsys: pytest.CaptureFixture[str]) -> None:
    answers = [try_to_log_in(data, "huang", password="wrong") for _ in range(6)]
    assert answers == ["not_logged_in"] * 5 + ["too_many"]
    assert "锁定至" in said(capsys, 0, "user", "list", "--data", data)
    said(capsys, 0, "user", "unlock", "huang", "--data", data)
    assert "锁定至" not in said(capsys, 0, "user", "list", "--data", data)
    assert try_to_log_in(data, "huang") == "in"


def test_sessions_are_listed_and_ended(data: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert "没有登录" in said(capsys, 0, "user", "sessions", "huang", "--data", data)
    assert try_to_log_in(data, "huang") == "in"
    ref = said(capsys, 0, "user", "sessions", "huang", "--data", data).split("\t")[0]
    said(capsys, 0, "user", "sessions", "huang", "--end", ref, "--data", data)
    assert "没有登录" in said(capsys, 0, "user", "sessions", "huang", "--data", data)


def test_accounts_are_disabled_and_enabled(data: Path, capsys: pytest.CaptureFixture[str]) -> None:
    said(capsys, 0, "user", "disable", "huang", "--data", data)
    assert "已停用" in said(capsys, 0, "user", "list", "--data", data)
    assert try_to_log_in(data, "huang") == "not_logged_in"
    said(capsys, 0, "user", "enable", "huang", "--data", data)
    assert try_to_log_in(data, "huang") == "in"


def test_branches_of_one_name_are_told_apart_by_their_institution(
    data: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert "huang\t某某\t坐席\t临江支行 linjiang_01" in said(capsys, 0, "user", "list", "--data", data)
    other = branch(data, *INSTITUTION, "--seat", "01号席")
    changed = [{"linjiang": "linjiang2", "shanghang": "shaowu"}.get(str(one), one) for one in other]
    said(capsys, 0, *changed)
    said(
        capsys, 0, "user", "add", "xu", "--name", "徐某", "--role", "agent", "--branch", "linjiang2",
        "--seat", "linjiang2_01", "--password-file", tmp_path / "password", "--data", data,
    )  # fmt: skip
    listed = said(capsys, 0, "user", "list", "--data", data)
    assert "huang\t某某\t坐席\tshanghang 临江支行 linjiang_01" in listed
    assert "xu\t徐某\t坐席\tshaowu 临江支行 linjiang2_01" in listed


def test_what_is_wrong_is_said(data: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert "pingqian user list" in said(capsys, 2, "user", "unlock", "nobody", "--data", data)
    (tmp_path / "bad").write_text("huang-2026-huang\n")
    bad = ("--password-file", tmp_path / "bad", "--data", data)
    assert "用户名" in said(capsys, 2, "user", "password", "huang", *bad)


def test_a_second_watcher_waits_for_the_first_and_the_command_line_only_helps_where_nobody_can(
    data: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    """The fixture's supervisor was the institution's first and needed nobody."""
    assert "待确认" not in said(capsys, 0, "user", "list", "--data", data)
    told = said(
        capsys, 0, "user", "add", "mei", "--name", "梅审计", "--role", "auditor", "--branch", "linjiang",
        "--password-file", tmp_path / "password", "--data", data,
    )  # fmt: skip
    assert "mei 还不能登录" in told
    assert "mei\t梅审计\t审计" in said(capsys, 0, "user", "list", "--data", data)
    assert "待确认" in said(capsys, 0, "user", "list", "--data", data)
    assert try_to_log_in(data, "mei") == "account_resting"
    assert "能够确认的主管或审计" in said(capsys, 2, "user", "confirm", "mei", "--data", data)
    said(capsys, 0, "user", "disable", "lan", "--data", data)
    told = said(capsys, 0, "user", "confirm", "mei", "--data", data)
    assert re.search(r"已确认 mei。确认码：\d{6}，7 天内有效", told)
    assert "不要交给设置密码的人" in told
    assert try_to_log_in(data, "mei") == "owner_code"
    assert "待本人设置密码" in said(capsys, 0, "user", "list", "--data", data)


def test_the_only_watcher_is_reset_without_anybody(
    data: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    told = said(capsys, 0, "user", "password", "lan", "--password-file", tmp_path / "password", "--data", data)
    assert "还不能登录" not in told
    assert try_to_log_in(data, "lan") == "totp_enrol"


def test_names_that_nobody_could_type_or_read_are_refused(
    data: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    (tmp_path / "word").write_text("a-long-password-2026\n")
    more = ("--role", "auditor", "--branch", "linjiang", "--password-file", tmp_path / "word", "--data", data)
    for username in ("", "a b/ c", "x" * 65, "a\tb"):
        assert "用户名应为" in said(capsys, 2, "user", "add", username, "--name", "王某", *more)
    for name in ("", "  ", "王" * 65):
        assert "姓名应为" in said(capsys, 2, "user", "add", "wang", "--name", name, *more)
    said(capsys, 0, "user", "add", "wang.五-2", "--name", "王某", *more)


def test_what_is_so_already_is_said_to_be(data: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert "没有停用" in said(capsys, 0, "user", "enable", "huang", "--data", data)
    assert "没有锁定" in said(capsys, 0, "user", "unlock", "huang", "--data", data)
    assert "没有绑定" in said(capsys, 0, "user", "totp", "huang", "--reset", "--data", data)


def test_a_password_file_that_is_no_text_is_told_in_one_line(
    data: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    (tmp_path / "junk.bin").write_bytes(b"\xff\xfe\x00\x81")
    adding = ("user", "add", "wang", "--name", "王某", "--role", "auditor", "--branch", "linjiang", "--data", data)
    assert "UTF-8" in said(capsys, 2, *adding, "--password-file", tmp_path / "junk.bin")
    missing = said(capsys, 2, *adding, "--password-file", tmp_path / "nosuch")
    assert "没有这个文件或目录" in missing
    assert "No such" not in missing
