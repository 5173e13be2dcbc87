"""The media process: it outlives its window, and its window outlives it."""

import os
import signal
import subprocess
import time
from collections.abc import Iterator
from multiprocessing.connection import Client
from pathlib import Path

import pytest

from media import ports
from media.core.chain import from_lines
from media.fragments import segments_path
from media.process import channel
from media.process.client import DISPLACED, TAKEN, ProcessEngine
from media.process.places import Info, Place
from media.readback import read_back
from media.recovery import recover
from tests.integration.media.process.caller import Caller
from tests.integration.media.process.window import Window
from tests.integration.media.seat import Seat
from tests.integration.media.thin import ThinPhone
from tests.unit.media.test_reading import sound

OPEN = ports.OpenCall("c1", "2026-00318", "上杭支行 · 07号席", "坐席 张××")


@pytest.fixture
def folder(tmp_path: Path) -> Iterator[Path]:
    """No media process may outlive a test."""
    made = tmp_path / "media"
    yield made
    info = Place(made, "seat").read()
    if info is not None and Place(made, "seat").held():
        os.kill(info.pid, signal.SIGKILL)


@pytest.fixture
def caller() -> Iterator[Caller]:
    made = Caller()
    yield made
    made.close()


def running(folder: Path) -> Info:
    info = Place(folder, "seat").read()
    assert info is not None
    assert Place(folder, "seat").held()
    return info


def gone(folder: Path, seconds: float = 15) -> None:
    end = time.monotonic() + seconds
    while Place(folder, "seat").held():
        assert time.monotonic() < end, "the media process did not end"
        time.sleep(0.05)


def call(window: Window, caller: Caller, path: Path) -> None:
    """Into a recorded call with a picture each way."""
    window.post(OPEN)
    window.wait(ports.CallOpened)
    window.post(ports.StartRecording("c1", path))
    window.post(ports.RemoteOffer("c1", "p1", "借款人 王*国", caller.offer()))
    caller.take(window.wait(ports.LocalAnswer).sdp)
    window.wait(ports.FirstPicture)
    window.wait(ports.SegmentClosed, where=lambda event: event.index >= 1)
    caller.sees()


def decodes(path: Path) -> None:
    command = ["ffmpeg", "-v", "error", "-i", str(path), "-f", "null", "-"]
    assert subprocess.run(command, capture_output=True, check=True, text=True).stderr == ""


def test_a_killed_window_costs_neither_call_nor_recording(folder: Path, tmp_path: Path, caller: Caller) -> None:
    path = tmp_path / "r.mp4"
    first = Window(folder)
    call(first, caller, path)
    first.post(ports.SetMuted("c1", True))
    pid = first.look()["pid"]
    first.kill()
    size = path.stat().st_size
    caller.sees(30)
    time.sleep(1.5)
    assert path.stat().st_size > size, "the file grows with nobody there"
    second = Window(folder)
    try:
        assert second.wait(ports.CallLeft).call_id == "c1"
        began = time.monotonic()
        second.post(OPEN)
        resumed = second.wait(ports.Resumed)
        assert ports.SetMuted("c1", True) in resumed.commands
        assert ports.RemoteOffer("c1", "p1", "借款人 王*国", "") in resumed.commands
        assert second.wait(ports.RecordingBegan).path == path
        assert second.wait(ports.PeerChanged).state == "connected"
        second.wait(ports.FirstPicture)
        while not (second.look()["seen"] and second.look("p1")["seen"]):
            assert time.monotonic() - began < 5, "no picture for the new window"
            time.sleep(0.05)
        assert second.look()["pid"] == pid, "the same process all the time"
        caller.sees()
        second.post(ports.StopRecording("c1"))
        ended = second.wait(ports.RecordingEnded)
        assert read_back(path, ended.segments).findings == ()
        assert ended.duration_seconds > 5
        assert [link.index for link in ended.segments] == list(range(len(ended.segments)))
        decodes(path)
    finally:
        second.end()
    gone(folder)


def test_a_line_that_outlives_its_window_ends_before_the_next_one(folder: Path) -> None:
    """Who can report how far it was heard hears of it, whether it came to its end before or after."""
    first = Window(folder)
    first.post(OPEN)
    first.wait(ports.CallOpened)
    first.post(ports.PlaySound("c1", "line", sound(2.0)))
    first.post(ports.TakeSnapshot("c1", "nobody"))
    first.wait(ports.Failed)  # by then the sound has come to the engine too
    first.kill()
    second = Window(folder)
    try:
        second.wait(ports.CallLeft)
        second.post(OPEN)
        ended = second.wait(ports.SoundEnded)
        assert (ended.sound_id, ended.whole) == ("line", True)
        assert ended.seconds >= 2.0
        assert isinstance(second.events[1], ports.Resumed), "the call stands before anything is told of it"
    finally:
        second.end()


def test_a_frozen_window_loses_nothing(folder: Path, tmp_path: Path, caller: Caller) -> None:
    window = Window(folder)
    try:
        call(window, caller, tmp_path / "r.mp4")
        pid = window.look()["pid"]
        window.freeze()
        caller.sees(60, 20)
        time.sleep(6)
        caller.sees(10)
        window.thaw()
        newest = len(from_lines(segments_path(tmp_path / "r.mp4").read_bytes())) - 1
        window.wait(ports.SegmentClosed, where=lambda event: event.index == newest)
        told = [event.index for event in window.all(ports.SegmentClosed)]
        assert told == list(range(len(told))), "each once, in order"
        assert window.look()["pid"] == pid
        assert window.all(ports.EngineRestarted) == []
        assert time.monotonic_ns() - window.look()["seen"] < 2_000_000_000, "the picture of now, not of then"
    finally:
        window.end()


@pytest.fixture
def seat(folder: Path) -> Iterator[Seat]:
    made = Seat(engine=ProcessEngine(ports.EngineOptions(use_devices=False), folder))
    yield made
    made.close()


def test_it_is_an_engine_like_the_one_in_a_thread(seat: Seat, folder: Path, tmp_path: Path, caller: Caller) -> None:
    stage, party = seat.engine.stage(), seat.engine.party("p1")
    assert seat.open().camera == "演示画面（无摄像头）"
    seat.post(ports.RemoteOffer("c1", "p1", "借款人", caller.offer()))
    caller.take(seat.wait(ports.LocalAnswer).sdp)
    seat.wait(ports.FirstPicture)
    caller.sees()
    seat.post(ports.TakeSnapshot("c1", "p1"))
    assert seat.wait(ports.SnapshotTaken).jpeg[:2] == b"\xff\xd8"
    shown, received = stage.latest(), party.latest()
    assert shown is not None
    assert received is not None
    assert (shown.width, shown.height, received.width) == (1280, 720, 640)
    seat.post(ports.StartRecording("c1", tmp_path / "r.mp4"))
    seat.wait(ports.SegmentClosed, where=lambda event: event.index >= 1)
    seat.post(ports.SetPartyLine("c1", "p9", "x"))
    assert "不在这通电话里" in seat.wait(ports.Failed).message
    seat.engine.stop()
    assert seat.wait(ports.RecordingEnded).path == tmp_path / "r.mp4"
    seat.wait(ports.CallClosed)
    decodes(tmp_path / "r.mp4")
    gone(folder)


@pytest.mark.parametrize("how", [signal.SIGKILL, signal.SIGSTOP])
def test_a_process_that_breaks_down_is_begun_anew(
    seat: Seat, folder: Path, tmp_path: Path, caller: Caller, how: signal.Signals
) -> None:
    """Killed, or frozen: then it is killed here."""
    stage = seat.engine.stage()
    seat.open()
    seat.post(ports.StartRecording("c1", tmp_path / "r.mp4"))
    seat.wait(ports.SegmentClosed, where=lambda event: event.index >= 2)
    before, since = running(folder), len(seat.events)
    os.kill(before.pid, how)
    told = seat.wait(ports.EngineRestarted, timeout=8)
    assert told.call_id == "c1"
    assert stage.latest() is None, "an old picture is not shown as if it were new"
    seat.post(OPEN)
    seat.post(ports.StartRecording("c1", tmp_path / "r2.mp4"))
    seat.wait(ports.CallOpened, timeout=30, since=since)
    seat.post(ports.RemoteOffer("c1", "p1", "借款人", caller.offer()))
    caller.take(seat.wait(ports.LocalAnswer, since=since).sdp)
    caller.sees()
    assert running(folder).pid != before.pid
    with pytest.raises(ProcessLookupError):
        os.kill(before.pid, 0)
    found = recover(tmp_path / "r.mp4")
    assert found.duration_seconds > 1.5
    seat.wait(ports.RecordingBegan, since=since, where=lambda event: event.path == tmp_path / "r2.mp4")


def test_who_does_not_come_back_to_the_process_begun_anew_is_missed_until_they_are_let_go(
    seat: Seat, folder: Path, tmp_path: Path, wife: ThinPhone
) -> None:
    """A second customer, whose phone is dead: what is recorded must not look like a smaller, whole call."""
    path = tmp_path / "r.mp4"
    seat.open()
    os.kill(running(folder).pid, signal.SIGKILL)
    seat.wait(ports.EngineRestarted, timeout=8)
    since = len(seat.events)
    for command in (
        OPEN,
        ports.ExpectParty("c1", "wife", "共同借款人", seen=True),
        ports.ExpectParty("c1", "p2", "保证人", seen=True),
        ports.StartRecording("c1", path),
    ):
        seat.post(command)
    seat.wait(ports.RecordingBegan, timeout=30, since=since)
    wife.join(seat)
    awaited = later_fragment(seat)
    seat.post(ports.RemoveParty("c1", "p2"))
    let_go = later_fragment(seat)
    seat.post(ports.StopRecording("c1"))
    start, end = seat.wait(ports.RecordingEnded).gaps[0]
    assert start < awaited.start_seconds <= end <= let_go.start_seconds
    assert seat.all(ports.Failed) == []


def later_fragment(seat: Seat) -> ports.SegmentClosed:
    """One that begins after this."""
    newest = max((segment.index for segment in seat.all(ports.SegmentClosed)), default=0)
    return seat.wait(ports.SegmentClosed, where=lambda event: event.index == newest + 4)


def test_one_that_breaks_down_without_a_call_is_replaced_in_silence(seat: Seat, folder: Path) -> None:
    seat.open()
    seat.post(ports.CloseCall("c1"))
    seat.wait(ports.CallClosed)
    os.kill(running(folder).pid, signal.SIGKILL)
    time.sleep(0.5)
    seat.post(ports.OpenCall("c2", "2026-00319", "07号席", "坐席"))
    seat.wait(ports.CallOpened, timeout=30, where=lambda event: event.call_id == "c2")
    assert seat.all(ports.EngineRestarted) == []


def test_a_second_window_is_told_and_the_first_goes_on(folder: Path, tmp_path: Path, caller: Caller) -> None:
    first = Window(folder)
    try:
        call(first, caller, tmp_path / "r.mp4")
        second = Window(folder)
        assert second.wait(ports.EngineTaken).message == TAKEN
        second.end()
        assert ProcessEngine(ports.EngineOptions(), folder).taken()
        caller.sees()
        first.post(ports.TakeSnapshot("c1", "p1"))
        first.wait(ports.SnapshotTaken)
    finally:
        first.end()
    assert not ProcessEngine(ports.EngineOptions(), folder).taken()


def test_a_frozen_window_can_be_replaced_and_is_told_so(folder: Path, tmp_path: Path, caller: Caller) -> None:
    first = Window(folder)
    call(first, caller, tmp_path / "r.mp4")
    first.freeze()
    time.sleep(5)
    second = Window(folder)
    try:
        second.wait(ports.CallLeft)
        second.post(OPEN)
        second.wait(ports.Resumed)
        first.thaw()
        assert first.wait(ports.EngineTaken).message == DISPLACED
        first.end()
        caller.sees()
        assert second.look()["pid"] == running(folder).pid, "the first one's end is not the engine's"
    finally:
        second.end()
        first.end()


def test_a_window_whose_own_thread_is_stuck_can_be_replaced(folder: Path) -> None:
    """Its connection lives on, but nobody can press anything in it."""
    first = Window(folder)
    first.post(OPEN)
    first.wait(ports.CallOpened)
    first.beat()
    assert ProcessEngine(ports.EngineOptions(), folder).taken()
    time.sleep(6)
    second = Window(folder)
    try:
        second.wait(ports.CallLeft)
        assert first.wait(ports.EngineTaken).message == DISPLACED
    finally:
        second.end()
        first.end()


def test_where_no_window_comes_the_recording_is_ended_properly(folder: Path, tmp_path: Path, caller: Caller) -> None:
    path = tmp_path / "r.mp4"
    window = Window(folder, linger=2.0)
    call(window, caller, path)
    window.kill()
    gone(folder)
    assert not (folder / "seat.json").exists()
    links = from_lines(segments_path(path).read_bytes())
    assert links[-1].offset + links[-1].size == path.stat().st_size, "the last fragment is closed"
    assert recover(path).segments == tuple(links)
    decodes(path)


def test_whoever_does_not_know_the_key_gets_nothing(seat: Seat, folder: Path) -> None:
    seat.open()
    info = running(folder)
    with pytest.raises(channel.Refused):
        channel.dial(info.address, bytes(32))
    for _ in range(20):
        with Client(info.address, channel.FAMILY) as connection:
            connection.send_bytes(b"\x80\x04")
    seat.post(ports.CloseCall("c1"))
    seat.wait(ports.CallClosed)
    assert seat.all(ports.EngineRestarted) == []


def test_commands_wait_for_the_process_and_too_many_are_refused(folder: Path) -> None:
    seat = Seat(engine=ProcessEngine(ports.EngineOptions(use_devices=False), folder))
    try:
        seat.post(OPEN)
        for _ in range(100):
            seat.post(ports.SetMuted("c1", True))
        assert "操作太快" in seat.wait(ports.Failed).message
        seat.wait(ports.CallOpened)
    finally:
        seat.close()
