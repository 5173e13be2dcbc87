"""The engine without a customer: commands, refusals, bounds, the end."""

import asyncio
import pickle
import threading
import time
from collections.abc import Iterator
from contextlib import suppress
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from aiortc import RTCConfiguration, RTCPeerConnection
from aiortc.mediastreams import AudioStreamTrack

from media import ports
from media.core.devices import Device, DeviceChoice, Kind, Processing
from media.devices.sound import Sound
from media.engine import WAITING_COMMANDS, MediaEngine
from media.errors import CommandRefused, MediaError
from media.lines import Lines
from media.recorder import Recorder
from media.stage import Pacer
from tests.integration.media.seat import Seat


@pytest.fixture
def seat() -> Iterator[Seat]:
    opened = Seat()
    yield opened
    opened.close()


def test_a_call_opens_shows_a_stage_and_closes(seat: Seat) -> None:
    opened = seat.open()
    assert (opened.camera, opened.microphone, opened.loudspeaker) == (
        "演示画面（无摄像头）",
        "演示提示音（无麦克风）",
        "没有扬声器",
    )
    seat.post(ports.CloseCall("c1"))
    seat.wait(ports.CallClosed)
    assert seat.engine.stage().latest() is None
    assert seat.engine.agent().latest() is None
    seat.open("c2")
    assert seat.all(ports.Failed) == []


def running() -> set[str]:
    """The threads of devices and clocks."""
    return {thread.name for thread in threading.enumerate()} & {"camera", "devices", "stage", "sound"}


@pytest.mark.parametrize("faulty", [Lines, Recorder, Sound])
def test_a_fault_while_closing_leaves_nothing_on(
    seat: Seat, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, faulty: type[Lines | Recorder | Sound]
) -> None:
    stop = Recorder.stop

    def fault(one: object, *now_ns: int) -> None:
        if isinstance(one, Recorder):  # its file is ended all the same, for the sake of the other tests
            with suppress(MediaError):  # of no length
                stop(one, *now_ns)
        raise RuntimeError("fault")

    seat.open()
    seat.post(ports.StartRecording("c1", tmp_path / "r.mp4"))
    seat.wait(ports.RecordingBegan)
    assert running() == {"camera", "stage", "sound"}
    with monkeypatch.context() as broken:
        broken.setattr(faulty, "stop" if faulty is Recorder else "close", fault)
        seat.post(ports.CloseCall("c1"))
        seat.wait(ports.CallClosed)
        assert "RuntimeError" in seat.wait(ports.Failed, where=lambda failed: failed.what == "CloseCall").message
    assert running() == set()
    assert seat.engine.stage().latest() is None
    seat.open("c2")


def test_a_call_that_cannot_be_opened_leaves_nothing_on(seat: Seat, monkeypatch: pytest.MonkeyPatch) -> None:
    start = Pacer.start

    def no_thread(clock: Pacer) -> None:
        if clock.name == "sound":
            raise RuntimeError("can't start new thread")
        start(clock)

    with monkeypatch.context() as broken:
        broken.setattr(Pacer, "start", no_thread)
        seat.post(ports.OpenCall("c1", "x", "x", "x"))
        assert seat.wait(ports.Failed).what == "OpenCall"
    assert running() == set()
    seat.open()


def test_what_does_not_fit_is_refused_in_words(seat: Seat, tmp_path: Path) -> None:
    path = tmp_path / "r.mp4"
    early: list[ports.Command] = [
        ports.StopRecording("c1"),
        ports.RemoteOffer("c1", "p1", "王建国", "v=0"),
        ports.CloseCall("c1"),
    ]
    for command in early:
        before = len(seat.events)
        seat.post(command)
        assert "不存在或已经结束" in seat.wait(ports.Failed, since=before).message
    seat.open()
    steps: list[tuple[ports.Command, str]] = [
        (ports.OpenCall("c2", "x", "x", "x"), "还有一通电话没有结束"),
        (ports.StopRecording("c1"), "没有录制可以结束"),
        (ports.SetPartyLine("c1", "p9", "x"), "不在这通电话里"),
        (ports.StartRecording("c1", tmp_path / "no" / "r.mp4"), "文件夹不存在"),
        (ports.RemoteOffer("c1", "p1", "王建国", "v=0\r\nrubbish"), "刷新页面"),
    ]
    for command, words in steps:
        before = len(seat.events)
        seat.post(command)
        failed = seat.wait(ports.Failed, since=before)
        assert words in failed.message
        assert not failed.fatal
    seat.post(ports.StartRecording("c1", path))
    seat.wait(ports.RecordingBegan)
    before = len(seat.events)
    seat.post(ports.StartRecording("c1", tmp_path / "other.mp4"))
    assert "已在录制" in seat.wait(ports.Failed, since=before).message
    assert not (tmp_path / "other.mp4").exists()


async def _audio_alone() -> str:
    connection = RTCPeerConnection(RTCConfiguration(iceServers=[]))
    connection.addTrack(AudioStreamTrack())
    await connection.setLocalDescription(await connection.createOffer())
    sdp = str(connection.localDescription.sdp)
    await connection.close()
    return sdp


def test_an_offer_without_a_place_for_pictures_is_answered_and_can_be_replaced(
    seat: Seat, caplog: pytest.LogCaptureFixture
) -> None:
    offer = asyncio.run(_audio_alone())
    seat.open()
    for number in ("1", "2"):
        since = len(seat.events)
        seat.post(ports.RemoteOffer("c1", "p1", "王建国", offer, number))
        answer = seat.wait(ports.LocalAnswer, since=since)
        assert (answer.offer_id, answer.sdp.count("m=audio"), answer.sdp.count("m=video")) == (number, 1, 0)
    seat.post(ports.CloseCall("c1"))
    seat.wait(ports.CallClosed)
    assert seat.all(ports.Failed) == []
    assert not [record for record in caplog.records if record.levelname == "ERROR"]


def test_an_existing_file_is_not_written_over(seat: Seat, tmp_path: Path) -> None:
    path = tmp_path / "r.mp4"
    path.write_bytes(b"evidence")
    seat.open()
    seat.post(ports.StartRecording("c1", path))
    assert "已经存在" in seat.wait(ports.Failed).message
    assert path.read_bytes() == b"evidence"
    seat.post(ports.StartRecording("c1", tmp_path / "second.mp4"))
    seat.wait(ports.RecordingBegan)


def test_a_recording_of_no_length_is_said_to_be_none(seat: Seat, tmp_path: Path) -> None:
    seat.open()
    seat.post(ports.StartRecording("c1", tmp_path / "r.mp4"))
    seat.post(ports.StopRecording("c1"))
    outcome = seat.wait(ports.Failed | ports.RecordingEnded)  # type: ignore[arg-type]
    assert isinstance(outcome, ports.RecordingEnded) or "太短" in outcome.message
    seat.post(ports.StartRecording("c1", tmp_path / "again.mp4"))
    seat.wait(ports.RecordingBegan, where=lambda event: event.path.name == "again.mp4")


def test_file_time_zero_is_on_the_services_clock(seat: Seat, tmp_path: Path) -> None:
    seat.post(ports.OpenCall("c1", "x", "x", "x", clock_offset_seconds=-7200))
    seat.wait(ports.CallOpened)
    seat.post(ports.StartRecording("c1", tmp_path / "r.mp4"))
    began = seat.wait(ports.RecordingBegan)
    seat.wait(ports.SegmentClosed, where=lambda event: event.index == 1)
    seat.post(ports.CloseCall("c1"))
    ended = seat.wait(ports.RecordingEnded)
    assert ended.ended_at - began.started_at == timedelta(seconds=ended.duration_seconds)
    assert (began.width, began.height, began.frame_rate) == (1280, 720, 15)
    assert seat.all(ports.SegmentClosed)[0].start_seconds == 0.0


@pytest.mark.parametrize(("hours", "words"), [(1, "电脑时钟被拨快 1 小时"), (-1, "电脑时钟被拨慢 1 小时")])
def test_a_machine_whose_clock_is_set_in_the_middle_of_a_call_is_told(hours: int, words: str) -> None:
    moved = [timedelta(0)]
    options = ports.EngineOptions(use_devices=False)
    seat = Seat(engine=MediaEngine(options, machine=lambda: datetime.now(UTC) + moved[0]))
    try:
        seat.open()
        moved[0] = timedelta(hours=hours)
        assert words in seat.wait(ports.Failed, where=lambda event: event.what == "clock").message
    finally:
        seat.close()


class _Bed:
    """A machine that sleeps: its clock goes on meanwhile, its monotonic one does not."""

    def __init__(self) -> None:
        self.slept = 500.0

    def machine(self) -> datetime:
        return datetime.now(UTC) + timedelta(seconds=self.slept)

    def asleep(self) -> float:
        return self.slept


@pytest.fixture
def bed() -> _Bed:
    return _Bed()


@pytest.fixture
def sleepy(bed: _Bed) -> Iterator[Seat]:
    options = ports.EngineOptions(use_devices=False)
    opened = Seat(engine=MediaEngine(options, machine=bed.machine, asleep=bed.asleep))
    yield opened
    opened.close()


def of_the_clock(failed: ports.Failed) -> bool:
    """A busy machine has other things to tell."""
    return "休眠" in failed.message or "时钟" in failed.message


def shows(seat: Seat, words: str) -> None:
    """Waits until the stage says so in its head."""
    end = time.monotonic() + 20
    call = seat.engine._call  # type: ignore[attr-defined]
    while call._script.notice != words:
        assert time.monotonic() < end, words
        time.sleep(0.02)


def test_a_machine_that_slept_in_a_call_ends_the_recording_and_the_next_has_the_time(
    sleepy: Seat, bed: _Bed, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The window begins the next, as after one that broke; that one shows the sleep, however late it begins."""
    monkeypatch.setattr("media.call.NOTICED", 0.1)
    sleepy.open()
    sleepy.post(ports.StartRecording("c1", tmp_path / "1.mp4"))
    sleepy.wait(ports.SegmentClosed, where=lambda event: event.index == 1)
    bed.slept += 120
    told = sleepy.wait(ports.Failed, where=of_the_clock)
    assert (told.what, told.fatal) == ("recording", True)
    assert "电脑休眠了 2 分钟：这段时间没有录像" in told.message
    assert "客户会自己连回来" in told.message
    sleepy.post(ports.StopRecording("c1"))
    ended = sleepy.wait(ports.RecordingEnded)
    since = len(sleepy.events)
    shows(sleepy, "")
    monkeypatch.setattr("media.call.NOTICED", 60.0)
    sleepy.post(ports.StartRecording("c1", tmp_path / "2.mp4"))
    began = sleepy.wait(ports.RecordingBegan, since=since)
    shows(sleepy, "电脑休眠了 2 分钟")
    assert began.started_at - ended.ended_at >= timedelta(seconds=120)
    sleepy.wait(ports.SegmentClosed, since=since, where=lambda event: event.index == 2)
    sleepy.post(ports.StopRecording("c1"))
    again = sleepy.wait(ports.RecordingEnded, since=since)
    assert again.ended_at - began.started_at == timedelta(seconds=again.duration_seconds)
    assert [one for one in sleepy.all(ports.Failed) if of_the_clock(one)] == [told], "nobody set the clock"


def test_what_is_shown_after_a_sleep_gets_into_no_recording_of_before(sleepy: Seat, bed: _Bed, tmp_path: Path) -> None:
    sleepy.open()
    begun = time.monotonic()
    sleepy.post(ports.StartRecording("c1", tmp_path / "1.mp4"))
    sleepy.wait(ports.SegmentClosed, where=lambda event: event.index == 1)
    bed.slept += 120
    sleepy.wait(ports.Failed, where=of_the_clock)
    lasted = time.monotonic() - begun
    time.sleep(1.5)
    sleepy.post(ports.StopRecording("c1"))
    assert sleepy.wait(ports.RecordingEnded).duration_seconds < lasted + 0.2, "the last picture lasts a while"


def test_a_sleep_without_a_recording_is_told_all_the_same(sleepy: Seat, bed: _Bed) -> None:
    sleepy.open()
    bed.slept += 61
    told = sleepy.wait(ports.Failed, where=of_the_clock)
    assert (told.what, told.fatal, told.message) == (
        "clock",
        False,
        "电脑休眠了 1 分钟 1 秒：客户会自己连回来，请等画面恢复",
    )


def test_too_many_commands_are_an_event_not_a_silence() -> None:
    engine, seen, release = MediaEngine(ports.EngineOptions(use_devices=False)), list[ports.Event](), threading.Event()

    def listen(event: ports.Event) -> None:
        seen.append(event)
        release.wait(5)

    engine.start(listen)
    engine.post(ports.CloseCall("none"))
    while not seen:
        pass
    for _ in range(WAITING_COMMANDS + 10):
        engine.post(ports.CloseCall("none"))
    release.set()
    engine.stop()
    words = [event.message for event in seen if isinstance(event, ports.Failed)]
    assert sum("来不及处理" in word for word in words) >= 9
    assert len(words) == WAITING_COMMANDS + 11


def test_a_listener_that_fails_does_not_end_the_engine(caplog: pytest.LogCaptureFixture) -> None:
    engine, seen = MediaEngine(ports.EngineOptions(use_devices=False)), threading.Event()

    def listen(event: ports.Event) -> None:
        if isinstance(event, ports.CallClosed):
            seen.set()
        raise RuntimeError("the window is broken")

    engine.start(listen)
    engine.post(ports.OpenCall("c1", "x", "x", "x"))
    engine.post(ports.CloseCall("c1"))
    assert seen.wait(5)
    engine.stop()
    assert "the listener failed on CallOpened" in caplog.text


def test_start_and_stop_are_strict_and_harmless() -> None:
    engine = MediaEngine(ports.EngineOptions(use_devices=False))
    with pytest.raises(CommandRefused):
        engine.post(ports.CloseCall("c1"))
    engine.stop()
    engine.start(lambda event: None)
    with pytest.raises(CommandRefused):
        engine.start(lambda event: None)
    engine.stop()
    engine.stop()
    with pytest.raises(CommandRefused):
        engine.post(ports.CloseCall("c1"))


def test_a_partys_slot_stays_the_same() -> None:
    engine = MediaEngine()
    assert engine.party("p1") is engine.party("p1")
    assert engine.party("p1") is not engine.party("p2")
    assert engine.party("p1").latest() is None


def test_devices_are_chosen_outside_and_inside_a_call(seat: Seat) -> None:
    choice = DeviceChoice(microphone="pulse:headset")
    seat.post(ports.ChooseDevices("", choice))
    seat.open()
    seat.post(ports.ChooseDevices("c1", DeviceChoice()))
    seat.post(ports.WatchVoice("c1", True))
    now = seat.wait(ports.DevicesChanged)
    assert (now.microphone, now.message, now.unprocessed, now.present) == ("演示提示音（无麦克风）", "", "", ())
    first = seat.wait(ports.VoiceLevel)
    assert first.level == 0.0, "a tone that stands in is nobody's voice"
    seat.post(ports.WatchVoice("c1", False))
    seat.post(ports.CloseCall("c1"))
    seat.wait(ports.CallClosed)
    assert seat.all(ports.Failed) == []


def test_commands_and_events_about_devices_can_be_sent_to_another_process() -> None:
    device = Device(Kind.CAMERA, "k", "摄像头", "a")
    for one in (
        ports.ChooseDevices("c1", DeviceChoice("a", "b", "c", Processing.HEADSET)),
        ports.WatchVoice("c1", True),
        ports.DevicesChanged("c1", "a", "b", "c", "说", "为什么", (device,)),
        ports.VoiceLevel("c1", 0.5),
    ):
        assert pickle.loads(pickle.dumps(one)) == one
