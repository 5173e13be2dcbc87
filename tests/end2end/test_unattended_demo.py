"""The main job with nobody at the keyboard, once, and everything it leaves judged by tools that are not ours."""

import hashlib
import io
import json
import os
import re
import subprocess
import sys
import zipfile
from collections.abc import Iterator
from pathlib import Path

import av
import pytest

from tests.end2end.demorun import Left, assert_voices, demonstration, pdfsig, pingqian, sha256, trust_database

pytestmark = [pytest.mark.end2end, pytest.mark.timeout(600)]


@pytest.fixture(scope="module")
def left(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Left]:
    with demonstration(tmp_path_factory.mktemp("demo") / "out", parties=1) as made:
        yield made


def test_every_step_is_told_with_its_duration(left: Left) -> None:
    assert len(left.report["steps"]) == left.said.count("✓ ") - 1 >= 12
    assert all(seconds >= 0 for _, seconds in left.report["steps"])


def test_figures_are_measured(left: Left) -> None:
    figures = left.report["figures"]
    assert 0 < figures["phone_first_load"]["bytes"] <= 150 * 1024
    assert figures["accept_to_first_picture_at_seat_seconds"] > 0
    assert figures["accept_to_first_picture_at_phone_seconds"] > 0
    assert figures["seat_cpu_percent_of_one_core"] > 0


def test_screens_of_window_and_phone_are_kept(left: Left) -> None:
    screens = {path.name for path in (left.folder / "screens").glob("*.png")}
    for wanted in ("code", "precheck", "queue", "id_front", "disclosure", "reading", "signing-drawn", "done"):
        assert any(name.startswith("phone-") and wanted in name for name in screens), wanted
    for wanted in ("idle", "ringing", "identity", "disclosure", "proof", "sealed", "audit-replay", "audit-verdict"):
        assert any(name.startswith("window-") and wanted in name for name in screens), wanted


def test_nothing_was_said_on_the_page_console(left: Left) -> None:
    """But for a line that was tried for some seconds and given up, as on a machine with much else to do."""
    lines = (left.folder / "screens" / "phone.log").read_text(encoding="utf-8").splitlines()
    said = [line for line in lines if '"console"' in line]
    assert not [line for line in said if "WebSocket is closed before the connection is established" not in line]


def test_package_verifies_and_a_changed_item_is_named(left: Left, tmp_path: Path) -> None:
    judged = pingqian("verify", left.package, "--trust", left.folder / "root.pem")
    assert judged.returncode == 0
    assert "没有核对" not in judged.stdout
    changed = tmp_path / "changed.asice"
    target = "case.json"
    with zipfile.ZipFile(left.package) as old, zipfile.ZipFile(changed, "w") as new:
        for info in old.infolist():
            data = old.read(info)
            if info.filename == target:
                data = data.replace(b"180000", b"980000", 1)
            new.writestr(info, data)
    judged = pingqian("verify", changed)
    assert judged.returncode == 1
    assert target in judged.stdout


def test_package_carries_its_own_verifier(left: Left, tmp_path: Path) -> None:
    with zipfile.ZipFile(left.package) as archive:
        (tmp_path / "verify.py").write_bytes(archive.read("verify.py"))
    alone = subprocess.run(
        [sys.executable, "-I", "verify.py", str(left.package)], cwd=tmp_path, capture_output=True, text=True
    )
    assert alone.returncode == 0, alone.stdout + alone.stderr


def test_every_document_is_signed_sealed_and_timestamped(left: Left, tmp_path: Path) -> None:
    roots = trust_database(left.package, tmp_path)
    assert len(left.documents) == 3
    for document in left.documents:
        assert pdfsig(document, roots).count("Signature is Valid") >= 2
        assert subprocess.run(["qpdf", "--check", str(document)], capture_output=True).returncode == 0


def test_customers_copies_are_the_sealed_documents(left: Left) -> None:
    copies = {sha256(path) for path in (left.folder / "screens" / "copies").glob("*.pdf")}
    assert copies == {sha256(path) for path in left.documents}


def test_recording_holds_both_pictures_and_both_voices(left: Left) -> None:
    probed = subprocess.run(
        ["ffprobe", "-v", "error", "-show_entries", "stream=codec_name,width,height", "-of", "json", left.recording],
        capture_output=True, text=True, check=True,
    )  # fmt: skip
    streams = json.loads(probed.stdout)["streams"]
    assert [stream["codec_name"] for stream in streams] == ["h264", "aac"]
    assert (streams[0]["width"], streams[0]["height"]) == (1280, 720)
    assert_voices(left.recording, 440, 660)


def test_what_a_lost_line_took_from_the_recording_was_brought_by_the_phone(left: Left) -> None:
    """The demonstration's phone was cut off for some seconds while its customer read."""
    bodies = {
        kind: [one["body"] for one in left.events() if one["type"] == kind]
        for kind in ("call.quality", "backfill.kept")
    }
    broken = [(one["since"], one["until"]) for one in bodies["call.quality"] if one["bars"] == 0]
    brought = [one for one in bodies["backfill.kept"] if not one["kind"].startswith("image/")]
    assert any(one["since"] < end and one["until"] > begin for begin, end in broken for one in brought), (
        broken,
        brought,
    )
    with zipfile.ZipFile(left.package) as archive:
        kept = {Path(name).stem: archive.read(name) for name in archive.namelist() if name.startswith("backfill/")}
    for one in brought:
        data = kept[one["backfill_sha256"]]
        assert hashlib.sha256(data).hexdigest() == one["backfill_sha256"]
        with av.open(io.BytesIO(data), "r") as box:
            assert sum(frame.samples / frame.sample_rate for frame in box.decode(audio=0)) > 0.5


def test_no_personal_data_is_in_the_services_log(left: Left) -> None:
    log = (left.folder / "state" / "service.log").read_text(encoding="utf-8")
    assert not re.search(r"11010519491231002X|13800138000|王秀兰", log)


def test_without_a_display_it_names_the_unattended_way() -> None:
    bare = {k: v for k, v in os.environ.items() if k not in {"DISPLAY", "WAYLAND_DISPLAY", "QT_QPA_PLATFORM"}}
    ran = pingqian("demo", env=bare)
    assert ran.returncode == 2
    assert "--unattended" in ran.stderr


def test_a_folder_with_other_things_is_not_cleared(tmp_path: Path) -> None:
    (tmp_path / "letter.txt").write_text("keep me")
    ran = pingqian("demo", "--unattended", "--out", tmp_path)
    assert ran.returncode == 1
    assert (tmp_path / "letter.txt").read_text() == "keep me"


def test_how_many_there_can_be_is_said_at_once(tmp_path: Path) -> None:
    for parties in ("0", "8"):
        ran = pingqian("demo", "--unattended", "--parties", parties, "--out", tmp_path / "out")
        assert ran.returncode == 1
        assert "请改 --parties" in ran.stderr
        assert not (tmp_path / "out").exists()
