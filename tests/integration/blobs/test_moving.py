"""A service's files moved to a bucket and back read, by the command line; and a service that keeps them there."""

import os
import socket
import subprocess
import sys
from pathlib import Path

import httpx
import pytest

from signing.adapters import demo_data
from signing.adapters.blob_place import recorded
from signing.adapters.blobs import SealedBlobs
from signing.cli import main
from signing.commandline.doctor import _objects
from signing.commandline.serve import LISTENING
from signing.commandline.user import opened
from signing.config import Settings
from signing.domain.errors import InputError
from tests.integration.blobs.bucket import SECRET, Proxy, Server, write_credentials
from tests.integration.blobs.test_blobs import fresh_url, store_at
from tests.integration.service.office import open_app


@pytest.fixture
def data(tmp_path: Path) -> Path:
    """A demonstration's folder with a case's three frozen documents."""
    app = open_app(tmp_path / "data")
    for number in range(3):
        app.services.blobs.put("case_1", f"document {number}".encode())
    app.engine.dispose()
    return tmp_path / "data"


def said(capsys: pytest.CaptureFixture[str], code: int, *arguments: object) -> str:
    capsys.readouterr()
    assert main([str(one) for one in arguments]) == code
    out, err = capsys.readouterr()
    assert SECRET not in out + err
    assert "Traceback" not in err
    return out + err


def test_files_move_and_the_service_goes_on_from_there(
    data: Path, s3: Server, capsys: pytest.CaptureFixture[str]
) -> None:
    url = fresh_url()
    write_credentials(data / "objects.env", s3.url)
    assert "3 份文件" in said(capsys, 0, "blobs", "copy", "--data", data, "--to", url)
    assert recorded(data) == ""
    with opened(data) as app:
        digest = app.services.blobs.put("case_2", b"written meanwhile")
    assert "其中新复制 1 份" in said(capsys, 0, "blobs", "copy", "--data", data, "--to", url, "--switch")
    assert recorded(data) == url
    (data / "blobs").rename(data / "elsewhere")
    with opened(data) as app:
        assert app.services.blobs.get("case_2", digest) == b"written meanwhile"
        assert app.services.blobs.put("case_3", b"new")
    assert len(list(store_at(s3.url, url).names())) == 5
    assert "已核对 5 份" in said(capsys, 0, "blobs", "check", "--data", data)


def test_a_damaged_file_is_named_and_nothing_is_switched(
    data: Path, s3: Server, capsys: pytest.CaptureFixture[str]
) -> None:
    write_credentials(data / "objects.env", s3.url)
    broken = next(path for path in sorted((data / "blobs").rglob("*")) if path.is_file())
    broken.write_bytes(broken.read_bytes()[:-1])
    told = said(capsys, 1, "blobs", "copy", "--data", data, "--to", fresh_url(), "--switch")
    assert broken.name in told
    assert "2 份文件" in told
    assert recorded(data) == ""
    assert broken.name in said(capsys, 1, "blobs", "check", "--data", data)


def test_what_the_bucket_gives_back_is_checked_too(
    data: Path, proxy: Proxy, capsys: pytest.CaptureFixture[str]
) -> None:
    """The name is taken already by something that is not this file."""
    url = fresh_url()
    write_credentials(data / "objects.env", proxy.url)
    name = next(path for path in sorted((data / "blobs").rglob("*")) if path.is_file()).relative_to(data / "blobs")
    store_at(proxy.url, url).put(name.as_posix(), b"something else that was there before")
    assert name.name in said(capsys, 1, "blobs", "copy", "--data", data, "--to", url, "--switch")
    assert recorded(data) == ""


def test_a_copy_in_a_folder_is_a_backup_but_no_new_place(
    data: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    backup = tmp_path / "backup"
    assert "3 份文件" in said(capsys, 0, "blobs", "copy", "--data", data, "--to", backup)
    assert "备份" in said(capsys, 2, "blobs", "copy", "--data", data, "--to", backup, "--switch")
    assert "现在的存放处" in said(capsys, 2, "blobs", "copy", "--data", data, "--to", data / "blobs")
    assert "3 份文件" in said(capsys, 0, "blobs", "copy", "--data", data, "--from", backup, "--to", tmp_path / "third")


def test_a_source_must_be_there_and_a_file_is_no_place(
    data: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    copying = ("blobs", "copy", "--data", data)
    (tmp_path / "empty").mkdir()
    for origin in (tmp_path / "nosuch", tmp_path / "empty"):
        assert "--from" in said(capsys, 2, *copying, "--from", origin, "--to", tmp_path / "backup")
    assert not (tmp_path / "nosuch").exists()
    assert not (tmp_path / "backup").exists()
    (tmp_path / "file").write_text("x")
    assert "不能用作目录（已有同名的文件）" in said(capsys, 2, *copying, "--to", tmp_path / "file")


def test_after_the_move_it_is_told_where_the_keys_of_the_store_go(
    data: Path, s3: Server, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    file = write_credentials(tmp_path / "s3.env", s3.url)
    moved = said(capsys, 0, "blobs", "copy", "--data", data, "--to", fresh_url(), "--objects-file", file, "--switch")
    assert str(data / "objects.env") in moved
    assert "PINGQIAN_OBJECTS_FILE" in moved
    said(capsys, 0, "user", "list", "--data", data)
    refused = said(capsys, 2, "serve", "--port", "0", "--data", data)
    assert "没有对象存储的访问密钥" in refused
    assert str(data / "objects.env") in refused


def test_a_folder_with_files_is_not_left_behind_by_a_new_address(data: Path, s3: Server, tmp_path: Path) -> None:
    from signing.bootstrap import build

    file = write_credentials(tmp_path / "secret.env", s3.url)
    with pytest.raises(InputError, match="已有文件") as refused:
        build(Settings(data, objects=fresh_url(), objects_file=file))
    assert "blobs copy" in refused.value.hint
    url = fresh_url()
    fresh = build(Settings(tmp_path / "fresh", objects=url + "/", objects_file=file))
    assert isinstance(fresh.services.blobs, SealedBlobs)
    digest = fresh.services.blobs.put("case_1", b"contract")
    fresh.engine.dispose()
    with pytest.raises(InputError, match="不在"):
        build(Settings(tmp_path / "fresh", objects=fresh_url(), objects_file=file))
    keyless = build(Settings(tmp_path / "fresh"))
    with keyless.services.db.read() as unit:
        assert unit.people.branches() == []
    with pytest.raises(InputError, match="访问密钥") as lacking:
        keyless.services.blobs.get("case_1", digest)
    assert "objects.env" in lacking.value.hint
    assert "PINGQIAN_OBJECTS_FILE" in lacking.value.hint
    keyless.engine.dispose()
    again = build(Settings(tmp_path / "fresh", objects=url, objects_file=file))
    assert again.services.blobs.get("case_1", digest) == b"contract"
    again.engine.dispose()


def test_credentials_that_others_can_read_are_refused(data: Path, s3: Server) -> None:
    write_credentials(data / "objects.env", s3.url).chmod(0o644)
    (data / "objects.url").write_text(fresh_url())
    with opened(data) as app, pytest.raises(InputError, match="其他用户"):
        app.services.blobs.get("case_1", "0" * 64)


def test_doctor_tries_the_bucket(data: Path, proxy: Proxy) -> None:
    assert _objects(data).ok
    (data / "objects.url").write_text(fresh_url() + "\n")
    assert _objects(data).ok is False
    write_credentials(data / "objects.env", proxy.url)
    assert _objects(data).ok is True
    proxy.ignores_conditions = True
    assert _objects(data).ok is None
    proxy.always = "403"
    found = _objects(data)
    assert found.ok is False
    assert "权限" in found.remedy


def test_serve_keeps_a_cases_papers_in_the_bucket_and_its_log_tells_no_secret(tmp_path: Path, s3: Server) -> None:
    data, url = tmp_path / "data", fresh_url()
    credentials = write_credentials(tmp_path / "secret.env", s3.url)
    with socket.socket() as sock:
        sock.bind(("127.0.0.1", 0))
        port = sock.getsockname()[1]
    command = [sys.executable, "-m", "signing.cli", "serve", "--demo", "--port", str(port), "--data", str(data)]
    command += ["--objects", url, "--objects-file", str(credentials)]
    log = (tmp_path / "log").open("w+")
    with subprocess.Popen(command, stdout=subprocess.PIPE, stderr=log, text=True, env={**os.environ}) as serving:
        try:
            assert serving.stdout is not None
            assert serving.stdout.readline().startswith(LISTENING)
            _open_case(f"http://127.0.0.1:{port}")
        finally:
            serving.terminate()
    names = list(store_at(s3.url, url).names())
    assert len(names) >= 3
    assert not (data / "blobs").exists()
    log.seek(0)
    assert SECRET not in log.read()
    log.close()


def _open_case(base: str) -> None:
    from tests.integration.web.running import CASE, PASSWORDS

    with httpx.Client(base_url=base, timeout=60) as http:
        login = http.post("/api/staff/login", json={"username": "zhang", "password": PASSWORDS["zhang"]})
        headers = {"Authorization": f"Bearer {login.json()['token']}"}
        opened_case = http.post("/api/cases", json=CASE, headers=headers)
        assert opened_case.status_code == 201, opened_case.text
        case = opened_case.json()["case"]
        pdf = http.get(
            f"/api/cases/{case['case_id']}/documents/{case['documents'][0]['document_id']}.pdf", headers=headers
        )
        assert pdf.content.startswith(b"%PDF")
        assert demo_data.BORROWER.name not in pdf.headers.get("Content-Disposition", "")
