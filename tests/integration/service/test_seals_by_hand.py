"""The README's way to try seals and time-stamps from outside, by its own commands, on a running service: a key in
SoftHSM, a time-stamping authority that refuses and then does not, a case sealed over HTTP, exported and verified."""

import os
import shutil
import socket
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager, nullcontext
from pathlib import Path

import httpx
import pytest

from signing.adapters.identity import VisionIdentityReader
from tests.integration.service.office import Film, open_app, stored
from tests.integration.service.test_seal_later import signed
from tests.integration.web.test_serve import serving

PIN, PASS = "123456", "pass:stand-in"
SETTINGS = """
[seal]
kind = "pkcs11"
module = "/usr/lib/softhsm/libsofthsm2.so"
token = "pingqian"
label = "seal"
pin_file = "hsm.pin"
certificate = "seal.crt"
chain = ["issuing.crt"]

[tsa]
url = "http://127.0.0.1:{port}"

[trust]
roots = ["KEYS/trust-root.pem"]
"""


def pingqian(*arguments: str | Path) -> subprocess.CompletedProcess[str]:
    command = [sys.executable, "-m", "signing.cli", *map(str, arguments)]
    return subprocess.run(command, capture_output=True, text=True, check=False, timeout=240)


@contextmanager
def standing_in(*arguments: str | Path) -> Iterator[None]:
    """``pingqian standin``, until it says what belongs in ``signing.toml``."""
    command = [sys.executable, "-m", "signing.cli", "standin", *map(str, arguments)]
    with subprocess.Popen(command, stdout=subprocess.PIPE, text=True, encoding="utf-8") as program:
        try:
            assert program.stdout is not None
            said = ""
            while "roots = [" not in said:
                line = program.stdout.readline()
                assert line, f"the program ended: {said}"
                said += line
            yield
        finally:
            program.terminate()
            program.communicate(timeout=120)


def key_in_softhsm(data: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """The README's lines, one by one."""
    (data / "tokens").mkdir()
    (data / "softhsm2.conf").write_text(f"directories.tokendir = {data / 'tokens'}\nlog.level = ERROR\n")
    monkeypatch.setenv("SOFTHSM2_CONF", str(data / "softhsm2.conf"))
    for line in (
        ["openssl", "pkey", "-in", "KEYS/seal.pem", "-passin", PASS, "-out", "seal.key"],
        ["openssl", "x509", "-in", "KEYS/seal.pem", "-out", "seal.crt"],
        ["openssl", "x509", "-in", "KEYS/issuing.pem", "-out", "issuing.crt"],
        ["softhsm2-util", "--init-token", "--free", "--label", "pingqian", "--so-pin", "654321", "--pin", PIN],
        ["softhsm2-util", "--import", "seal.key", "--token", "pingqian", "--label", "seal", "--id", "01", "--pin", PIN],
    ):
        subprocess.run(line, cwd=data, check=True, capture_output=True, env=dict(os.environ), timeout=60)
    (data / "hsm.pin").write_text(f"{PIN}\n")
    (data / "seal.key").unlink()


def free_port() -> int:
    with socket.create_server(("127.0.0.1", 0)) as taken:
        return int(taken.getsockname()[1])


@pytest.mark.timeout(600)
async def test_the_way_of_the_readme(
    tmp_path: Path, reader: VisionIdentityReader, shot: Film, monkeypatch: pytest.MonkeyPatch
) -> None:
    if shutil.which("softhsm2-util") is None:
        pytest.fail("softhsm2 is not installed; see installer/system-packages.txt")
    data, port = tmp_path / "data", free_port()
    app = open_app(data, identity=reader)
    try:
        room = await signed(app, shot)
        number = stored(app, room.case_id).case_no
    finally:
        await app.close()
    tsa = ("tsa", "--listen", f"127.0.0.1:{port}", "--folder", data / "KEYS")
    with standing_in(*tsa):
        key_in_softhsm(data, monkeypatch)
    (data / "signing.toml").write_text(SETTINGS.format(port=port), encoding="utf-8")
    with serving(data, "--demo") as (url, _), httpx.Client(base_url=url, trust_env=False, timeout=240) as http:
        for fault, said in (("", "不能连接时间戳服务"), ("refused", "时间戳服务拒绝加盖"), ("half", "时间戳服务")):
            with standing_in(*tsa, "--fault", fault) if fault else nullcontext():
                failed = seal(http, room.case_id)
                assert said in failed.json()["message"], (failed.status_code, failed.text)
        with standing_in(*tsa):
            done = seal(http, room.case_id)
            assert done.status_code == 200, done.text
    exported = pingqian("export", number, "--out", tmp_path / "case.asice", "--data", data)
    assert exported.returncode == 0, exported.stderr
    verified = pingqian("verify", tmp_path / "case.asice", "--trust", data / "pki" / "roots.pem")
    assert verified.returncode == 0, verified.stdout + verified.stderr
    assert "外部时间戳（替身）" in verified.stdout
    assert (data / "pki" / "roots.pem").read_text().count("BEGIN CERTIFICATE") == 3, "ours, theirs, and the maker's"
    assert "国密制章者" not in verified.stdout, "who made the national seals is known"
    listed = pingqian("archive", "list", "--data", data)
    assert (listed.returncode, "已封存的证据包 1 个" in listed.stdout) == (0, True), listed.stdout


def seal(http: httpx.Client, case_id: str) -> httpx.Response:
    logged_in = http.post("/api/staff/login", json={"username": "zhang", "password": "demo-agent-2026"})
    assert logged_in.status_code == 200, logged_in.text
    bearer = {"Authorization": f"Bearer {logged_in.json()['token']}"}
    return http.post(f"/api/cases/{case_id}/seal", json={}, headers=bearer)
