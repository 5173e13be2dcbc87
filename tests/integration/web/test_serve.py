"""``pingqian serve`` as a process of its own: ready, refused, stopped."""

import os
import re
import signal
import socket
import ssl
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import httpx
import pytest

from signing.adapters import demo_data
from signing.cli import main
from signing.commandline.serve import LISTENING


@contextmanager
def serving(data: Path, *options: str) -> Iterator[tuple[str, subprocess.Popen[str]]]:
    command = [sys.executable, "-m", "signing.cli", "serve", "--data", str(data), "--port", "0", *options]
    with subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True) as process:
        assert process.stdout is not None
        try:
            line = process.stdout.readline()
            assert line.startswith(LISTENING), process.stderr and process.stderr.read()
            yield line.removeprefix(LISTENING).strip(), process
        finally:
            if process.poll() is None:
                process.send_signal(signal.SIGTERM)
            process.communicate(timeout=120)


def run(*arguments: str) -> subprocess.CompletedProcess[str]:
    command = [sys.executable, "-m", "signing.cli", *arguments]
    return subprocess.run(command, capture_output=True, text=True, check=False, timeout=240)


def test_it_serves_over_its_own_certificate_and_stops_cleanly(tmp_path: Path) -> None:
    data = tmp_path / "data"
    with serving(data, "--demo", "--tls-demo", "--base-url", "https://localhost") as (url, process):
        assert url.startswith("https://127.0.0.1:")
        trusted = ssl.create_default_context(cafile=str(data / "lan-ca.pem"))
        with httpx.Client(base_url=url, verify=trusted, timeout=60) as http:
            page = http.get("/s")
            assert "max-age=" in page.headers["strict-transport-security"]
            assert "wss://" in page.headers["content-security-policy"]
            assert "演示" in http.get("/demo/messages").text
            assert http.get("/readyz").text == "ok"
            root = http.get("/demo/root.pem")
            assert root.headers["content-type"] == "application/x-x509-ca-cert"
            assert root.content == (data / "lan-ca.pem").read_bytes()
            assert b"KEY" not in root.content
        assert (data / "tls" / "server.key").stat().st_mode & 0o777 == 0o600
        assert data.stat().st_mode & 0o777 == 0o700
        second = run("serve", "--data", str(data), "--port", "0")
        assert (second.returncode, second.stdout) == (2, "")
        assert "正被另一个服务使用" in second.stderr
        process.send_signal(signal.SIGTERM)
        assert process.wait(120) == 0
    users_and_cases_on_the_command_line(data)


def users_and_cases_on_the_command_line(data: Path) -> None:
    secret = data / "password"
    secret.write_text("a-long-password-2026\n")
    at = ("--data", str(data))
    added = run(
        "user", "add", "huang", "--name", "黄五", "--role", "agent", "--branch", "branch_shanghang",
        "--seat", demo_data.SEAT_ID, "--password-file", str(secret), *at,
    )  # fmt: skip
    assert added.returncode == 0, added.stderr
    listed = run("user", "list", *at)
    assert re.search(r"^huang\t黄五\t坐席\t上杭支行 seat_07$", listed.stdout, re.MULTILINE)
    secret.write_text("short\n")
    weak = run("user", "password", "huang", "--password-file", str(secret), *at)
    assert (weak.returncode, weak.stdout) == (2, "")
    assert "至少 10 个字符" in weak.stderr
    assert "还没有业务" in run("case", "list", *at).stdout
    (data / "case.json").write_text('{"product_id": "village_credit_line"}')
    wrong = run("case", "open", str(data / "case.json"), "--as", "zhang", "--base-url", "https://a.example", *at)
    assert wrong.returncode == 2
    assert "“当事人”（parties）没有填写" in wrong.stderr


def test_the_demonstration_root_is_only_there_with_its_certificate(tmp_path: Path) -> None:
    with serving(tmp_path / "data", "--demo") as (url, _):
        assert httpx.get(f"{url}/demo/root.pem", trust_env=False, timeout=60).status_code == 404


def test_a_taken_port_is_refused_before_anything_is_made(tmp_path: Path) -> None:
    with socket.create_server(("127.0.0.1", 0)) as taken:
        port = taken.getsockname()[1]
        ran = run("serve", "--demo", "--data", str(tmp_path / "data"), "--port", str(port))
    assert ran.returncode == 2
    assert "请用 --port 换一个端口" in ran.stderr
    assert "Traceback" not in ran.stderr


def test_a_data_folder_that_cannot_be_written_is_refused(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("")
    ran = run("serve", "--demo", "--data", str(tmp_path / "file" / "data"), "--port", "0")
    assert ran.returncode == 2
    assert "不能写入" in ran.stderr


def test_half_a_certificate_is_refused(tmp_path: Path) -> None:
    assert main(["serve", "--data", str(tmp_path), "--tls-cert", os.devnull]) == 2


def test_no_data_is_said_and_nothing_is_made(tmp_path: Path) -> None:
    assert main(["user", "list", "--data", str(tmp_path / "none")]) == 2
    assert not (tmp_path / "none").exists()


def test_an_address_that_no_phone_opens_is_refused(tmp_path: Path) -> None:
    for wrong in ("sign.example.cn", "https://", "ftp://sign.example.cn"):
        refused = run("serve", "--data", str(tmp_path / "data"), "--port", "0", "--base-url", wrong)
        assert refused.returncode == 2
        assert "以 https:// 开头" in refused.stderr
    assert not (tmp_path / "data").exists()


def test_the_demonstration_stays_out_of_a_real_institution(tmp_path: Path) -> None:
    """Its passwords are public: there it is refused, and where it was the service says so at each start."""
    real, shown = str(tmp_path / "real"), str(tmp_path / "shown")
    made = run(
        "branch", "add", "linjiang", "--name", "临江支行", "--institution", "wuyi", "--institution-name", "武夷农信社",
        "--seal-name", "武夷农信社", "--address", "武夷山市", "--helpline", "0599-0000000", "--representative", "某某",
        "--credit-code", "91350782MA0000000C", "--seat", "01号席", "--data", real,
    )  # fmt: skip
    assert made.returncode == 0, made.stderr
    refused = run("serve", "--demo", "--data", real, "--port", "0")
    assert refused.returncode == 2
    assert "已有正式机构" in refused.stderr
    assert "zhang" not in run("user", "list", "--data", real).stdout
    for options, warned in (("--demo", False), ("--no-notify", True)):
        with serving(Path(shown), options) as (_, process):
            process.send_signal(signal.SIGTERM)
            _, said = process.communicate(timeout=120)
        assert ("密码是公开的" in said) is warned
        assert "还没有机构和账号" not in said


@pytest.mark.parametrize("there", [False, True])
def test_a_mistyped_data_folder_is_refused_and_nothing_is_made(tmp_path: Path, *, there: bool) -> None:
    mistyped = tmp_path / "mistyped"
    if there:
        mistyped.mkdir()
    ran = run("serve", "--data", str(mistyped), "--port", "0")
    assert (ran.returncode, ran.stdout) == (2, "")
    assert f"{mistyped} 里没有服务的数据，没有启动" in ran.stderr
    assert "用 --data 改正" in ran.stderr
    assert "pingqian branch add" in ran.stderr
    assert mistyped.exists() is there
    assert not there or list(mistyped.iterdir()) == []
