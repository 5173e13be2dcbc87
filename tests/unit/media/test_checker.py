"""The check of a running recording: each fault is really brought about, and told within five seconds of the call."""

import io
import os
import threading
import time
from collections.abc import Callable, Iterator
from pathlib import Path

import av
import numpy as np
import pytest
from av import VideoFrame

from media.checker import KNOWN, NICE, PAUSE, STALLED, WAITING, Checked, Checker, Decoder, from_file
from media.core import doubts, looks
from media.core.chain import Link
from media.core.doubts import Kind
from media.core.timeline import Timeline
from media.decoded import frames
from media.witness import Witness
from tests.unit.media.sample import START, record
from tests.unit.media.scenery import Scene, black, mover, still

WITHIN = 5.0
WARM = 3.0


@pytest.fixture
def scene(tmp_path: Path) -> Iterator[Scene]:
    scene = Scene(tmp_path / "r.mp4")
    yield scene
    scene.close()
    assert not [thread for thread in threading.enumerate() if thread.name == "check"]


def told_in_time(scene: Scene, kind: Kind, since: float) -> str:
    """The words; AssertionError where it came late, or not at all."""
    found = scene.first(kind)
    assert found is not None, scene.ever
    at, doubt = found
    assert since < at <= since + WITHIN
    assert abs(doubt.since - since) < 1.5
    return doubt.words


def test_a_call_in_which_all_is_well_is_read_back_to_its_end(scene: Scene) -> None:
    scene.run(6)
    scene.close()
    assert scene.ever == set()
    last = scene.told[-1]
    assert (last.index, last.left_out, last.missed) == (len(scene.segments) - 1, 0, 0)
    assert last.until == pytest.approx(6.0, abs=0.1)
    assert [checked.index for checked in scene.told] == list(range(len(scene.segments)))


def test_a_person_who_sits_still_and_a_minute_without_a_word_are_no_fault(scene: Scene) -> None:
    scene.shows = {"p1": still, "p2": still}
    scene.voice.speaks = False
    scene.run(20)
    assert scene.ever == set()


def test_a_black_camera_is_told_and_taken_back(scene: Scene) -> None:
    scene.run(WARM)
    scene.shows["p1"] = black
    scene.run(5)
    assert told_in_time(scene, Kind.BLACK, WARM) == "王建国的画面全黑"
    assert scene.ever == {(Kind.BLACK, "p1")}
    scene.shows["p1"] = mover
    scene.run(3)
    assert scene.told[-1].doubts == ()


def test_a_frozen_picture_is_told_of_that_party_alone_and_taken_back(scene: Scene) -> None:
    scene.run(WARM)
    scene.shows["p2"] = lambda number: mover(7)
    scene.run(6)
    assert told_in_time(scene, Kind.FROZEN, WARM) == "李桂英的画面静止不动"
    assert scene.ever == {(Kind.FROZEN, "p2")}
    scene.shows["p2"] = mover
    scene.run(2)
    assert scene.told[-1].doubts == ()


def test_a_recording_that_stands_still_while_the_stage_moves_is_told(scene: Scene) -> None:
    scene.run(WARM)
    scene.cable.stuck = scene.stage.latest()
    scene.run(6)
    assert "没有更新" in told_in_time(scene, Kind.STUCK, WARM)
    scene.cable.stuck = None
    scene.run(5)
    assert scene.told[-1].doubts == ()


def test_a_muted_mix_is_told_while_someone_speaks(scene: Scene) -> None:
    scene.run(WARM)
    scene.cable.muted = True
    scene.run(5)
    assert told_in_time(scene, Kind.SILENT, WARM) == "有人说话，录像里却没有声音"
    scene.cable.muted = False
    scene.run(3)
    assert scene.told[-1].doubts == ()


@pytest.mark.parametrize("late", [0.2, -0.15])
def test_sound_that_was_written_at_another_moment_is_told(scene: Scene, late: float) -> None:
    scene.run(WARM)
    scene.cable.late = late
    scene.run(6)
    words = told_in_time(scene, Kind.APART, WARM)
    assert f"{'晚' if late > 0 else '早'}约" in words
    assert int(words.split("约 ")[1].split(" ")[0]) == pytest.approx(abs(late) * 1000, abs=30)


def test_sound_that_drifts_is_told_before_anyone_would_hear_it(scene: Scene) -> None:
    scene.run(WARM)
    for _ in range(14):
        scene.cable.late += 0.01
        scene.run(1)
    found = scene.first(Kind.APART)
    assert found is not None
    assert found[0] - WARM <= 12, "by then it is 120 ms"


def _flip(path: Path, at: int) -> None:
    with path.open("r+b") as file:
        file.seek(at)
        byte = file.read(1)[0]
        file.seek(at)
        file.write(bytes([byte ^ 1]))


def test_a_fragment_that_is_altered_on_the_disk_is_told(tmp_path: Path) -> None:
    path = tmp_path / "r.mp4"

    def altered(link: Link) -> None:
        if link.index == 4:
            _flip(path, link.offset + link.size // 2)

    scene = Scene(path, on_disk=altered)
    scene.run(6)
    scene.close()
    assert told_in_time(scene, Kind.ALTERED, 3.0) == "录像第 4 段写好后被改动"
    assert scene.told[-1].doubts[0].kind is Kind.ALTERED, "it stays"


def test_one_that_was_good_when_it_was_written_and_altered_later_is_told_too(scene: Scene) -> None:
    scene.run(6)
    assert scene.ever == set()
    _flip(scene.path, scene.segments[2].offset + 900)
    scene.run(4)
    found = scene.first(Kind.ALTERED)
    assert found is not None
    assert found[0] <= 6 + WITHIN
    assert found[1].words == "录像第 2 段写好后被改动"


def test_a_file_that_is_gone_is_told(scene: Scene) -> None:
    scene.run(WARM)
    scene.path.rename(scene.path.with_suffix(".away"))
    scene.run(2)
    assert "读不到" in told_in_time(scene, Kind.UNREADABLE, WARM - 1)
    scene.path.with_suffix(".away").rename(scene.path)


def test_a_fragment_that_never_came_is_told(tmp_path: Path) -> None:
    done, told = record(tmp_path / "r.mp4", 6.0), list[Checked]()
    checker = Checker(from_file(done.path), Witness(Timeline(START, 0), 15), told.append)
    for link in done.segments:
        if link.index != 3:
            checker.written(link)
            checker.drain()
    checker.close()
    assert [doubt.words for doubt in told[-1].doubts] == ["录像缺少第 3 段"]


def test_what_was_delivered_and_deleted_is_not_missed(tmp_path: Path) -> None:
    done, told = record(tmp_path / "r.mp4", 6.0), list[Checked]()
    read, gone = from_file(done.path), set[int]()
    checker = Checker(
        lambda link: None if link.index in gone else read(link), Witness(Timeline(START, 0), 15), told.append
    )
    for link in done.segments:
        checker.written(link)
        checker.drain()
        gone.add(link.index)
    checker.close()
    assert told[-1].doubts == ()
    assert (told[-1].index, told[-1].missed) == (done.segments[-1].index, 0)


def test_what_goes_before_it_could_be_read_costs_the_rest_nothing(tmp_path: Path) -> None:
    """Also the header, without which nothing can be decoded: it is read the moment it is there."""
    done, told, held = record(tmp_path / "r.mp4", 6.0), list[Checked](), threading.Event()
    read, gone = from_file(done.path), set[int]()

    def spool(link: Link) -> bytes | None:
        if threading.current_thread().name == "check":
            held.wait(10)
        return None if link.index in gone else read(link)

    checker = Checker(spool, Witness(Timeline(START, 0), 15), told.append)
    for link in done.segments[:3]:
        checker.written(link)
        gone.add(link.index)
    held.set()
    checker.drain()
    assert (told[-1].index, told[-1].until, told[-1].missed) == (0, 0.0, 2), "what was not read is not called read"
    for link in done.segments[3:]:
        checker.drain()
        checker.written(link)
    checker.close()
    assert told[-1].doubts == ()
    assert told[-1].until == pytest.approx(6.0)
    assert (told[-1].index, told[-1].missed) == (done.segments[-1].index, 2)


def test_what_was_left_out_and_is_gone_when_its_turn_comes_is_not_made_up_for(tmp_path: Path) -> None:
    done, told, free = record(tmp_path / "r.mp4", 12.0), list[Checked](), threading.Event()
    read, gone = from_file(done.path), set[int]()

    def spool(link: Link) -> bytes | None:
        if link.index == 2:
            free.wait(20)
        return None if link.index in gone else read(link)

    checker = Checker(spool, Witness(Timeline(START, 0), 15), told.append)
    for link in done.segments[:2]:
        checker.written(link)
        checker.drain()
    for link in done.segments[2:]:
        checker.written(link)
    newest = done.segments[-1].index
    gone |= set(range(3, newest - WAITING + 1))
    free.set()
    _until(lambda: bool(told) and told[-1].index == newest and told[-1].left_out == 0)
    checker.close()
    assert (told[-1].missed, told[-1].doubts) == (len(gone), ())


def test_a_fault_of_the_check_does_not_end_it(tmp_path: Path, caplog: pytest.LogCaptureFixture) -> None:
    done, told = record(tmp_path / "r.mp4", 6.0), list[Checked]()
    read = from_file(done.path)

    def faulty(link: Link) -> bytes | None:
        if link.index in (2, 3):
            raise RuntimeError("fault")
        return read(link)

    checker = Checker(faulty, Witness(Timeline(START, 0), 15), told.append)
    for link in done.segments:
        checker.written(link)
        checker.drain()
        if link.index == 3:
            assert (told[-1].missed, told[-1].unread) == (2, 4), "it is not kept for a second try"
    checker.close()
    assert (told[-1].index, told[-1].missed) == (done.segments[-1].index, 2)
    assert [record.exc_info is not None for record in caplog.records if record.name == "media.checker"] == [True]


def test_rubbish_with_a_good_digest_is_told(tmp_path: Path) -> None:
    done = record(tmp_path / "r.mp4", 2.0)
    content = done.path.read_bytes()
    header = content[: done.segments[0].size]
    decoder = Decoder(Witness(Timeline(START, 0), 15))
    decoder.header = header
    whole = content[done.segments[1].offset : done.segments[1].offset + done.segments[1].size]
    assert decoder.piece(1, whole) is not None
    assert decoder.piece(2, b"") is None
    spoilt = whole[: len(whole) // 2] + bytes(np.random.default_rng(1).bytes(len(whole) // 2))
    assert decoder.piece(2, spoilt) is None


def test_one_that_falls_behind_says_so_and_makes_up_for_it(tmp_path: Path) -> None:
    path, free = tmp_path / "r.mp4", threading.Event()
    read = from_file(path)

    def slowly(link: Link) -> bytes | None:
        if link.index == 2:
            free.wait(20)
        return read(link)

    scene = Scene(path, read=slowly, waits=False)
    scene.run(10)
    assert len(scene.segments) > WAITING + 4, "the recorder never waits"
    free.set()
    scene.checker.drain()
    _until(lambda: any(checked.left_out for checked in scene.told))
    _until(lambda: scene.told[-1].left_out == 0)
    behind = next(checked for checked in scene.told if checked.left_out)
    assert behind.until <= 3.0, "what lies behind a part that was left out does not count as read"
    late = next(checked for checked in scene.told if checked.left_out and checked.index == len(scene.segments) - 1)
    assert late.unread == 3, "the first that was left out is still needed"
    assert scene.told[-1].unread == scene.told[-1].index + 1
    scene.close()
    assert scene.told[-1].until == pytest.approx(10.0, abs=0.1)
    assert scene.ever == set()


def _until(holds: Callable[[], bool], timeout: float = 20.0) -> None:
    end = time.monotonic() + timeout
    while not holds():
        assert time.monotonic() < end
        time.sleep(0.02)


def test_a_recording_that_grows_no_more_is_told_by_the_clock(scene: Scene) -> None:
    scene.run(2.5)
    began = time.monotonic()
    _until(lambda: scene.first(Kind.STALLED) is not None)
    assert time.monotonic() - began > STALLED - 1
    scene.run(2)
    assert scene.told[-1].doubts == ()


@pytest.mark.skipif(not hasattr(os, "getpriority"), reason="the system knows no priority of a thread")
def test_it_gives_way_to_everything_else(scene: Scene) -> None:
    before = os.getpriority(os.PRIO_PROCESS, 0)
    scene.run(1)
    thread = next(thread for thread in threading.enumerate() if thread.name == "check")
    assert thread.native_id is not None
    assert os.getpriority(os.PRIO_PROCESS, thread.native_id) >= NICE
    assert os.getpriority(os.PRIO_PROCESS, 0) == before


def test_whatever_is_wrong_is_told_within_five_seconds() -> None:
    """A fragment lasts a second, and is looked at when it is whole."""
    fragment = 1.0 + PAUSE
    assert looks.BLACK_FOR + fragment < 5
    assert looks.FROZEN_FOR + fragment < 5
    assert doubts.SPOKEN * 0.02 + fragment < 5
    assert doubts.STEPS * 0.02 + 2 + PAUSE <= 5, "in two fragments in a row, so that it is sure"
    assert STALLED + PAUSE < 5


def test_nothing_is_decoded_to_find_out_what_the_header_says(tmp_path: Path) -> None:
    done = record(tmp_path / "r.mp4", 2.0)
    data, (header, first, *_) = done.path.read_bytes(), done.segments
    parts = [data[link.offset : link.offset + link.size] for link in (header, first)]
    with av.open(io.BytesIO(b"".join(parts)), "r", options=KNOWN) as container:
        assert container.streams.video[0].codec_context.pix_fmt is None, "a key picture was decoded for it"
        found = [frame for frame in frames(container) if isinstance(frame, VideoFrame)]
    assert len(found) == 15
