"""A case of two recordings: chosen by hand or by an event, fetched over a socket, and sought once loaded."""

import threading
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import timedelta
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

import pytest
from PIL import Image
from PySide6.QtWidgets import QLabel
from pytestqt.qtbot import QtBot

from desktop.audit.workspace import AuditWorkspace
from desktop.bridge import Bridge
from desktop.client import Client
from signing.wire.audit import AuditCase, KeptMedia, SessionList
from tests.unit.desktop import views
from tests.unit.media.sample import record
from tests.unit.media.test_tracktape import taping


def two_recordings() -> AuditCase:
    events = (views.event(1, None, None), views.event(2, 0.5), views.event(3, 1.0, "r2"), views.event(4, 1.6, "r2"))
    case = views.audit_case(*events)
    second = views.recording(recording_id="r2").model_copy(
        update={"started_at": views.NOW + timedelta(minutes=5), "duration_seconds": 3.0}
    )
    about = case.case.model_copy(update={"recordings": [views.recording(), second]})
    brought = [by_phone("video/mp4", 2.0), by_phone("image/jpeg", 0.0)]
    return case.model_copy(update={"case": about, "media": [*brought, track("t1"), track("t2", lost="本机读不出来")]})


def track(name: str, lost: str = "") -> KeptMedia:
    """A party's own, from a second after the second recording's beginning on."""
    at = views.NOW + timedelta(minutes=5, seconds=1)
    facts = {"party": "借款人王*国", "kind": "video/x-matroska", "by_phone": False, "seconds": 1.9, "lost": lost}
    return KeptMedia(media_id=name, started_at=at, **facts)  # type: ignore[arg-type]


def by_phone(kind: str, seconds: float) -> KeptMedia:
    name = {"video/mp4": "m1", "image/jpeg": "m2"}[kind]
    facts = {"party": "借款人 王*国", "kind": kind, "by_phone": True, "seconds": seconds}
    return KeptMedia(media_id=name, started_at=views.NOW, **facts)  # type: ignore[arg-type]


@contextmanager
def serving(answers: dict[str, bytes]) -> Iterator[str]:
    """Answers GET and POST by the path without its query."""

    class Handler(BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            self.rfile.read(int(self.headers.get("Content-Length", 0)))
            self.do_GET()

        def do_GET(self) -> None:
            body = answers.get(self.path.partition("?")[0])
            self.send_response(200 if body is not None else 404)
            self.send_header("Content-Length", str(len(body or b"")))
            self.end_headers()
            self.wfile.write(body or b"")

        def log_message(self, *_: object) -> None:
            """Quiet."""

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    thread = threading.Thread(target=server.serve_forever)
    thread.start()
    try:
        yield f"http://127.0.0.1:{server.server_port}"
    finally:
        server.shutdown()
        thread.join()
        server.server_close()


@pytest.fixture
def audit(qtbot: QtBot, tmp_path: Path) -> Iterator[AuditWorkspace]:
    answers = {
        "/api/audit/cases/search": SessionList(rows=[], total=0).model_dump_json().encode(),
        "/api/audit/cases/k1": two_recordings().model_dump_json().encode(),
    }
    for name, seconds in (("r1", 2.0), ("r2", 3.0)):
        record(tmp_path / f"{name}.mp4", seconds)
        answers[f"/api/audit/recordings/{name}"] = (tmp_path / f"{name}.mp4").read_bytes()
    answers["/api/audit/cases/k1/media/m1"] = answers["/api/audit/recordings/r1"]
    with taping(tmp_path) as taped:
        taped.talk("par_1", 0.0, 19)
    answers["/api/audit/cases/k1/media/t1"] = taped.tracks[0].read_bytes()
    Image.new("RGB", (640, 480), (200, 40, 40)).save(tmp_path / "still.jpg")
    answers["/api/audit/cases/k1/media/m2"] = (tmp_path / "still.jpg").read_bytes()
    with serving(answers) as url:
        bridge, client = Bridge(), Client(url)
        made = AuditWorkspace(bridge, client, tmp_path / "desktop")
        qtbot.addWidget(made)
        made.resize(1366, 700)
        made.show()
        made.open_case("k1")
        qtbot.waitUntil(lambda: made.player.media.duration() > 0, timeout=15000)
        yield made
        made.stop()
        made.close()
        bridge.finish(client.close())
        bridge.close()


def test_an_event_of_the_other_recording_goes_there(audit: AuditWorkspace, qtbot: QtBot) -> None:
    choice, player, events = audit.recordings, audit.player, audit.events
    assert choice.isVisible()
    assert choice.count() == 6
    assert choice.currentData() == "r1"
    assert choice.itemText(0).startswith("合成画面 第 1 段")
    line = events.itemWidget(events.item(3))
    assert line is not None
    assert "2 段 00:01" in [label.text() for label in line.findChildren(QLabel)]
    events.itemClicked.emit(events.item(3))
    assert choice.currentData() == "r2"
    qtbot.waitUntil(lambda: player.seconds == pytest.approx(1.6, abs=0.1), timeout=15000)
    assert player.media.duration() == pytest.approx(3000, abs=300)
    assert events.currentRow() == 3
    events.follow(0.6)
    assert events.currentRow() == 3, "an event of the recording that does not play is not marked"
    events.itemClicked.emit(events.item(1))
    qtbot.waitUntil(lambda: player.seconds == pytest.approx(0.5, abs=0.1), timeout=15000)
    assert choice.currentData() == "r1"


def test_a_search_without_an_answer_does_not_look_like_one_that_found_nothing(tmp_path: Path, qtbot: QtBot) -> None:
    with serving({}) as url:
        bridge, client = Bridge(), Client(url)
        made = AuditWorkspace(bridge, client, tmp_path)
        qtbot.addWidget(made)
        qtbot.waitUntil(lambda: made.sessions._count.text() == "没有取到，请稍后再搜")
        made.stop()
        made.close()
        bridge.finish(client.close())
        bridge.close()


def test_the_selector_changes_the_recording(audit: AuditWorkspace, qtbot: QtBot) -> None:
    audit.recordings.setCurrentIndex(1)
    audit.recordings.activated.emit(1)
    qtbot.waitUntil(lambda: audit.player.media.source().fileName() == "r2.mp4", timeout=15000)
    said: list[str] = []
    audit.said.connect(lambda _, text: said.append(text))
    audit.go("r9", 1.0)
    assert "尚未送达" in said[0]
    assert audit.recordings.currentData() == "r2"


def test_what_a_phone_brought_is_played_and_a_still_is_shown(audit: AuditWorkspace, qtbot: QtBot) -> None:
    choice, player = audit.recordings, audit.player
    assert choice.itemText(2).startswith("借款人 王*国 手机补传 ")
    assert choice.itemText(3).startswith("借款人 王*国 手机补传照片 ")
    choice.setCurrentIndex(2)
    choice.activated.emit(2)
    qtbot.waitUntil(lambda: player.media.source().fileName() == "m1.mp4", timeout=15000)
    qtbot.waitUntil(lambda: player.media.duration() > 0, timeout=15000)
    choice.setCurrentIndex(3)
    choice.activated.emit(3)
    qtbot.waitUntil(lambda: player.media.source().isEmpty(), timeout=15000)
    qtbot.waitUntil(lambda: _redness(audit) > 100, timeout=15000)
    choice.setCurrentIndex(0)
    choice.activated.emit(0)
    qtbot.waitUntil(lambda: player.media.source().fileName() == "r1.mp4", timeout=15000)


def test_a_partys_own_track_is_played_at_the_same_moment_and_events_lead_into_it(
    audit: AuditWorkspace, qtbot: QtBot
) -> None:
    choice, player, events = audit.recordings, audit.player, audit.events

    def at(seconds: float) -> bool:
        return player.seconds == pytest.approx(seconds, abs=0.1)

    events.itemClicked.emit(events.item(3))
    qtbot.waitUntil(lambda: at(1.6), timeout=15000)
    choice.setCurrentIndex(4)
    choice.activated.emit(4)
    qtbot.waitUntil(lambda: player.media.source().fileName() == "t1.mkv", timeout=15000)
    qtbot.waitUntil(lambda: player.media.duration() == pytest.approx(1900, abs=100), timeout=15000)
    qtbot.waitUntil(lambda: at(0.6), timeout=15000)
    assert events.currentRow() == 3
    player.seek(0.1)
    qtbot.waitUntil(lambda: events.currentRow() == 2, timeout=15000)
    events.itemClicked.emit(events.item(3))
    qtbot.waitUntil(lambda: at(0.6), timeout=15000)
    assert choice.currentData() == "t1", "what the track has is seen in it"
    choice.setCurrentIndex(1)
    choice.activated.emit(1)
    qtbot.waitUntil(lambda: player.media.source().fileName() == "r2.mp4" and at(1.6), timeout=15000)
    choice.setCurrentIndex(4)
    choice.activated.emit(4)
    qtbot.waitUntil(lambda: player.media.source().fileName() == "t1.mkv" and at(0.6), timeout=15000)
    events.itemClicked.emit(events.item(1))
    qtbot.waitUntil(lambda: player.media.source().fileName() == "r1.mp4" and at(0.5), timeout=15000)
    assert choice.currentData() == "r1", "an event of another time is seen where it is"
    events.itemClicked.emit(events.item(3))
    choice.setCurrentIndex(4)
    choice.activated.emit(4)  # before the other recording was there
    qtbot.waitUntil(lambda: player.media.source().fileName() == "t1.mkv" and at(0.6), timeout=15000)


def test_of_a_track_that_is_not_there_it_is_said_why(audit: AuditWorkspace) -> None:
    choice, player = audit.recordings, audit.player
    assert choice.itemText(5) == "借款人王*国的原始画面（不能播放：本机读不出来）"
    choice.setCurrentIndex(5)
    choice.activated.emit(5)
    assert player.view.words == "借款人王*国的原始画面不能播放：本机读不出来"
    assert player.media.source().isEmpty()
    assert not player.play.isEnabled()


def _redness(audit: AuditWorkspace) -> int:
    """In the middle of what is shown."""
    shown = audit.player.view.grab().toImage()
    colour = shown.pixelColor(shown.width() // 2, shown.height() // 2)
    return colour.red() - colour.blue()
