"""The clocks of picture and sound, and what they do with a script."""

import itertools
import time
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime
from pathlib import Path

import numpy as np
import pytest

from media.compositor import Page, TileState, TileView
from media.core.devices import Kind
from media.core.layout import Layout, Shape, Tile, stage_layout
from media.core.mixing import BLOCK, Samples, level, silence
from media.core.murmur import Sound
from media.core.speaking import Speaking
from media.core.timeline import SECOND, Timeline
from media.core.voicebuffer import VoiceBuffer
from media.core.wallclock import CallClock
from media.errors import Unavailable
from media.pictures import from_rgb, to_rgb
from media.ports import AGENT, Picture
from media.recorder import Recorder
from media.slots import LatestPicture
from media.stage import Ear, Pacer, PictureDesk, Script, SoundDesk, aside_words, service_now
from media.tiles import Cast, Darkness, customer_view, everyone_seen, fresh
from media.voice import Silence, Tone, VoiceFile, read_voice
from tests.unit.media.sample import record

SCRIPT = Script("07号席", "2026-00318", "坐席 张××", 0.0)


def _picture(captured_ns: int) -> Picture:
    return from_rgb(np.full((48, 64, 3), 200, dtype=np.uint8), captured_ns)


def _cast(party: str = "p1", **changes: object) -> Cast:
    return replace(Cast(party, "王建国", "", LatestPicture(), VoiceBuffer(target=BLOCK)), **changes)  # type: ignore[arg-type]


def _filled(value: int, party: str) -> Cast:
    voice = VoiceBuffer(target=BLOCK)
    voice.push(np.full(BLOCK, value, dtype=np.int16))
    return _cast(party, voice=voice)


@dataclass
class _Voice:
    """A microphone that is pulled out after ``left`` blocks."""

    left: int = 1_000_000
    name: str = "麦克风"
    closed: bool = field(default=False)

    def take(self) -> Samples:
        if self.left <= 0:
            raise Unavailable("麦克风中断了")
        self.left -= 1
        return np.full(BLOCK, 1, dtype=np.int16)

    def close(self) -> None:
        self.closed = True


class _Sent(dict[int, dict[str, Samples]]):
    def keep(self, number: int, voices: dict[str, Samples]) -> None:
        self[number] = voices


def _never(message: str) -> None:
    raise AssertionError(message)


def test_a_picture_older_than_two_seconds_is_none() -> None:
    now = 10 * SECOND
    assert fresh(_picture(now - 2 * SECOND), now) is not None
    assert fresh(_picture(now - 2 * SECOND - 1), now) is None
    assert fresh(None, now) is None


@pytest.mark.parametrize(
    ("joined", "connecting", "camera_on", "age", "state"),
    [
        (False, False, True, None, TileState.WAITING),
        (False, True, True, None, TileState.CONNECTING),
        (True, False, True, 0.1, TileState.LIVE),
        (True, True, True, 0.1, TileState.LIVE),
        (True, False, True, 2.5, TileState.STALE),
        (True, True, True, None, TileState.STALE),
        (True, False, False, 0.1, TileState.CAMERA_OFF),
        (False, True, False, None, TileState.CAMERA_OFF),
    ],
)
def test_a_tile_says_what_is_so(
    joined: bool, connecting: bool, camera_on: bool, age: float | None, state: TileState
) -> None:
    now = 100 * SECOND
    slot = LatestPicture()
    if age is not None:
        slot.put(_picture(now - int(age * SECOND)))
    view = customer_view(_cast(slot=slot, joined=joined, connecting=connecting, camera_on=camera_on), now, Darkness())
    assert view.state is state
    assert (view.title, view.line) == ("王建国", "")


def test_a_single_light_in_the_dark_is_no_muted_camera() -> None:
    dark = from_rgb(np.zeros((360, 640, 3), dtype=np.uint8))
    lit = Picture(dark.y.copy(), dark.u, dark.v, 0)
    lit.y[8, 636] = 200  # where a coarse look does not fall
    for picture, black in ((dark, True), (lit, False)):
        darkness = Darkness()
        darkness.lasts("a", picture, 0)
        assert darkness.lasts("a", picture, 5 * SECOND) is black


def test_a_camera_that_sends_only_black_is_said_to_and_not_shown_as_live() -> None:
    """As a muted track does."""
    slot, darkness, seen = LatestPicture(), Darkness(), []
    item = _cast(slot=slot, joined=True)
    lamp = np.full((48, 64, 3), 0, dtype=np.uint8)
    lamp[20:30, 30:40] = 120
    for second, rgb in (
        (0.0, np.zeros_like(lamp)),
        (0.9, np.zeros_like(lamp)),
        (1.1, np.zeros_like(lamp)),
        (1.2, lamp),
    ):
        now = 100 * SECOND + int(second * SECOND)
        slot.put(from_rgb(rgb, now))
        seen.append(customer_view(item, now, darkness).state)
    assert seen == [TileState.LIVE, TileState.LIVE, TileState.BLACK, TileState.LIVE]
    slot.put(from_rgb(np.zeros_like(lamp), now))
    assert customer_view(item, now, darkness).state is TileState.LIVE, "a new stretch counts anew"


def test_a_lost_connection_is_said_to_be_one_and_not_only_a_missing_picture() -> None:
    now = 100 * SECOND
    gone, still = (customer_view(_cast(joined=True, lost=lost), now, Darkness()).state for lost in (True, False))
    assert (gone, still) == (TileState.DROPPED, TileState.STALE)
    assert customer_view(_cast(lost=True), now, Darkness()).state is TileState.WAITING, "was never there"


def test_what_must_be_known_stands_on_the_picture_and_not_on_who_is_outside() -> None:
    item = _cast(muted=True, mark="协助人在场")
    assert customer_view(item, SECOND, Darkness()).marks == ("已静音", "协助人在场")
    for sound, words in ((Sound.THERE, ()), (Sound.NEVER, ("没有声音",)), (Sound.GONE, ("没有声音",))):
        assert customer_view(_cast(sound=sound), SECOND, Darkness()).marks == words
    muted = customer_view(replace(item, sound=Sound.GONE), SECOND, Darkness())
    assert muted.marks == ("已静音", "协助人在场"), "who is muted is not missed"
    held = customer_view(replace(item, held=True), SECOND, Darkness())
    assert (held.state, held.marks) == (TileState.HELD, ())
    assert customer_view(replace(item, held=True), SECOND, Darkness(), apart=True).state is TileState.APART


def test_the_header_names_the_seat_and_the_case_of_the_call() -> None:
    header = PictureDesk._header(replace(SCRIPT, seat_label="上杭支行 · 07号席", case_no="2026-00318"))
    assert (header.seat, header.case_no) == ("上杭支行 · 07号席", "2026-00318")


def test_the_header_says_with_whom_the_agent_talks_alone() -> None:
    script = replace(SCRIPT, cast=(_cast("a"), _cast("b", label="保证人 李*梅")))
    assert aside_words(script) == ""
    assert aside_words(replace(script, aside="b")) == "单独谈话：保证人 李*梅"
    assert aside_words(replace(script, aside="gone")) == "单独谈话"


def test_the_stage_is_shown_and_sent_only_to_customers() -> None:
    script, stage, sent = SCRIPT, LatestPicture(), list[Picture]()
    agent = LatestPicture()
    desk = PictureDesk((1280, 720), lambda: script, agent, stage, sent.append, Speaking())
    desk.tick(0, time.monotonic_ns())
    shown = stage.latest()
    assert shown is not None
    assert (shown.width, shown.height, sent) == (1280, 720, [])
    script = replace(SCRIPT, cast=(_cast(),))
    desk.tick(1, time.monotonic_ns())
    assert [(picture.width, picture.height) for picture in sent] == [(640, 360)]
    script = replace(SCRIPT, cast=(replace(_cast(), sees=False),))
    desk.tick(2, time.monotonic_ns())
    assert len(sent) == 1, "who means to get none is sent none"


def _recorder(folder: Path) -> Recorder:
    timeline = Timeline(datetime.now(UTC), 0)
    return Recorder(folder / "r.mp4", timeline, (1280, 720), 15, lambda link: None, lambda words, fatal: None)


def test_what_the_agent_had_and_has_no_more_is_said_in_the_tile_and_a_gap_of_the_recording(tmp_path: Path) -> None:
    agent, customer, gone = LatestPicture(), _cast(joined=True), set[Kind]()
    assert isinstance(customer.slot, LatestPicture)
    recorder = _recorder(tmp_path)
    script = replace(SCRIPT, cast=(customer,), unplugged=lambda: frozenset(gone), recorder=recorder)
    desk = PictureDesk((1280, 720), lambda: script, agent, LatestPicture(), lambda picture: None, Speaking())
    said = []
    for number in range(60):
        lacking: list[set[Kind]] = [set(), {Kind.CAMERA}, {Kind.MICROPHONE}, set()]
        gone.clear()
        gone.update(lacking[number // 15])
        agent.put(_picture(time.monotonic_ns()))
        customer.slot.put(_picture(time.monotonic_ns()))
        desk.tick(number, number * SECOND // 15 + 1)
        recorder.drain()
        view = desk._agent_view(script, time.monotonic_ns())
        said.append((view.state.words[0], view.marks))
    assert said[::15] == [("", ()), ("摄像头已断开", ()), ("", ("麦克风已断开",)), ("", ())]
    assert recorder.stop(4 * SECOND).gaps == ((1.0, 3.0),)
    silent = replace(SCRIPT, unheard=lambda: True)
    assert desk._agent_view(silent, time.monotonic_ns()).marks == ("没有声音",)
    gone.add(Kind.MICROPHONE)
    pulled_out = replace(silent, unplugged=lambda: frozenset(gone))
    assert desk._agent_view(pulled_out, time.monotonic_ns()).marks == ("麦克风已断开",), "said once"


def test_an_agent_whose_picture_is_an_old_one_is_not_seen(tmp_path: Path) -> None:
    """As of a camera that hangs: it is there, and no error is told."""
    agent, customer, recorder = LatestPicture(), _cast(joined=True), _recorder(tmp_path)
    assert isinstance(customer.slot, LatestPicture)
    script = replace(SCRIPT, cast=(customer,), recorder=recorder)
    desk = PictureDesk((1280, 720), lambda: script, agent, LatestPicture(), lambda picture: None, Speaking())
    for number in range(45):
        now = time.monotonic_ns()
        agent.put(_picture(now - 5 * SECOND if 15 <= number < 30 else now))
        customer.slot.put(_picture(now))
        desk.tick(number, number * SECOND // 15 + 1)
        recorder.drain()
    assert recorder.stop(3 * SECOND).gaps == ((1.0, 2.0),)


def test_the_burned_in_time_is_the_calls_and_somebody_who_sets_the_machines_clock_is_seen() -> None:
    clock = CallClock(datetime(2026, 11, 27, 1, 0, tzinfo=UTC), time.monotonic_ns() - 90 * SECOND)
    header = PictureDesk._header(replace(SCRIPT, clock=clock, notice="电脑时钟被拨快 1 小时"))
    assert header.clock in ("2026-11-27 09:01:30", "2026-11-27 09:01:31")
    assert header.aside == "电脑时钟被拨快 1 小时"
    alone = replace(SCRIPT, clock=clock, notice="电脑时钟被拨快 1 小时", aside="x")
    assert PictureDesk._header(alone).aside == "单独谈话"


def test_in_a_crowd_who_speaks_is_large_and_who_is_held_never() -> None:
    people = [_cast(f"p{number}", joined=True) for number in range(1, 8)]
    for number, item in enumerate(people, 1):
        assert isinstance(item.slot, LatestPicture)
        item.slot.put(from_rgb(np.full((48, 64, 3), 30 * number, dtype=np.uint8), time.monotonic_ns()))
    people[4] = replace(people[4], held=True)
    speaking, stage = Speaking(), LatestPicture()
    script = replace(SCRIPT, cast=tuple(people))
    desk = PictureDesk((1280, 720), lambda: script, LatestPicture(), stage, lambda picture: None, speaking)
    loud = np.full(BLOCK, 3000, dtype=np.int16)
    for party in ("p5", "p3"):
        speaking.note(party, level(loud), time.monotonic_ns())
    desk.tick(0, 0)
    assert _shade(stage, stage_layout(1280, 720, 8, Shape.SPEAKER).tiles[0]) == pytest.approx(90, abs=6)
    script = replace(script, layout=Layout.GRID)
    desk.tick(1, 0)
    assert _shade(stage, stage_layout(1280, 720, 8).tiles[3]) == pytest.approx(90, abs=6)


def _shade(stage: LatestPicture, tile: Tile) -> float:
    """Of the middle of a tile, as RGB grey."""
    picture, box = stage.latest(), tile.picture
    assert picture is not None
    x, y = box.x + box.width // 2, box.y + box.height // 2
    return float(to_rgb(picture)[y - 20 : y + 20, x - 20 : x + 20].mean())


def test_a_page_stands_beside_the_faces_only_while_the_arrangement_is_automatic() -> None:
    page = Page(from_rgb(np.full((1188, 840, 3), 250, dtype=np.uint8)), "《个人借款合同》", "第 2 页，共 6 页")
    script, stage = replace(SCRIPT, cast=(_cast(),), page=page), LatestPicture()
    desk = PictureDesk((1280, 720), lambda: script, LatestPicture(), stage, lambda picture: None, Speaking())
    place = stage_layout(1280, 720, 2, Shape.DOCUMENT).page
    assert place is not None
    desk.tick(0, 0)
    assert _shade(stage, place) > 240
    script = replace(script, layout=Layout.GRID)
    desk.tick(1, 0)
    assert _shade(stage, place) < 100


def test_everyone_hears_the_others(tmp_path: Path) -> None:
    script, sent = replace(SCRIPT, cast=(_filled(40, "a"), _filled(100, "b"))), _Sent()
    desk = SoundDesk(lambda: script, _Voice(), None, sent.keep, _never, Speaking())
    desk.tick(7, 0)
    desk.close()
    assert {party: int(heard[0]) for party, heard in sent[7].items()} == {"a": 101, "b": 41}


@dataclass
class _Headset:
    """What the agent hears, block by block."""

    name: str = "耳麦"
    played: list[int] = field(default_factory=list)

    def play(self, samples: Samples) -> None:
        self.played.append(int(samples[0]))

    def close(self) -> None:
        """Holds nothing."""


def test_who_is_held_is_not_heard_and_hears_nothing() -> None:
    script, sent, headset = (
        replace(SCRIPT, cast=(_filled(40, "a"), _filled(100, "b"), _filled(1000, "c"))),
        _Sent(),
        _Headset(),
    )
    script = replace(script, cast=(*script.cast[:2], replace(script.cast[2], held=True)))
    desk = SoundDesk(lambda: script, _Voice(), headset, sent.keep, _never, Speaking())
    desk.tick(1, 0)
    desk.close()
    assert {party: int(heard[0]) for party, heard in sent[1].items()} == {"a": 101, "b": 41, "c": 0}
    assert headset.played == [140]
    assert not script.cast[2].voice.take().any(), "what was said outside must not be heard later"


def test_who_is_muted_hears_the_others_and_is_in_nobodys_ear() -> None:
    script, sent, headset = (
        replace(SCRIPT, cast=(_filled(40, "a"), _filled(100, "b"), _filled(1000, "c")), ears=(_ear(5, False),)),
        _Sent(),
        _Headset(),
    )
    script = replace(script, cast=(*script.cast[:2], replace(script.cast[2], muted=True)))
    speaking = Speaking()
    desk = SoundDesk(lambda: script, _Voice(), headset, sent.keep, _never, speaking)
    desk.tick(1, 0)
    desk.close()
    heard = {party: int(samples[0]) for party, samples in sent[1].items()}
    assert heard == {"a": 101, "b": 41, "c": 141, "staff:s1": 141}
    assert headset.played == [140]
    assert not script.cast[2].voice.take().any(), "what was said while muted must not be heard later"
    assert not speaking.now("c", time.monotonic_ns()), "who is muted does not take the stage"


def _ear(value: int, whispering: bool) -> Ear:
    voice = VoiceBuffer(target=BLOCK)
    voice.push(np.full(BLOCK, value, dtype=np.int16))
    return Ear("staff:s1", voice, whispering)


@pytest.mark.parametrize(("whispering", "in_the_headset"), [(False, 40), (True, 1040)])
def test_a_whisper_is_in_the_headset_and_nowhere_else(whispering: bool, in_the_headset: int) -> None:
    script, sent, headset = (
        replace(SCRIPT, cast=(_filled(40, "a"),), ears=(_ear(1000, whispering),)),
        _Sent(),
        _Headset(),
    )
    desk = SoundDesk(lambda: script, _Voice(), headset, sent.keep, _never, Speaking())
    desk.tick(1, 0)
    desk.close()
    assert {person: int(heard[0]) for person, heard in sent[1].items()} == {"a": 1, "staff:s1": 41}
    assert headset.played == [in_the_headset]


def test_who_speaks_is_known_for_a_moment() -> None:
    speaking, loud = Speaking(), np.full(BLOCK, 3000, dtype=np.int16)
    speaking.note("a", level(loud), 10 * SECOND)
    speaking.note(AGENT, 0.0, 10 * SECOND)
    assert speaking.now("a", 10 * SECOND + SECOND // 2)
    assert not speaking.now("a", 11 * SECOND)
    assert not speaking.now(AGENT, 10 * SECOND)


def test_who_is_held_is_not_missed_but_a_call_of_held_people_shows_nobody() -> None:
    held, live, stale = (TileView("x", state=state) for state in (TileState.HELD, TileState.LIVE, TileState.STALE))
    assert everyone_seen([live, held])
    assert not everyone_seen([live, stale])
    apart = TileView("x", state=TileState.APART)
    assert everyone_seen([live, held, apart])
    assert not everyone_seen([held, apart])
    assert not everyone_seen([])


def test_mute_silences_the_agent_alone() -> None:
    script, sent = replace(SCRIPT, muted=True, cast=(_filled(40, "a"), _filled(100, "b"))), _Sent()
    desk = SoundDesk(lambda: script, _Voice(), None, sent.keep, _never, Speaking())
    desk.tick(1, 0)
    desk.close()
    assert {party: int(heard[0]) for party, heard in sent[1].items()} == {"a": 100, "b": 40}


def test_the_mix_is_recorded_at_its_moment(tmp_path: Path) -> None:
    troubles: list[str] = []
    timeline = Timeline(datetime(2026, 11, 24, tzinfo=UTC), 0)
    recorder = Recorder(
        tmp_path / "r.mp4", timeline, (64, 48), 15, lambda link: None, lambda message, fatal: troubles.append(message)
    )
    tone = Tone()
    desk = SoundDesk(
        lambda: replace(SCRIPT, recorder=recorder), tone, None, lambda number, voices: None, _never, Speaking()
    )
    for step in range(1, 51):
        recorder.show(_picture(0), step * SECOND // 50, present=True)
        desk.tick(step, step * SECOND // 50)
        recorder.drain()
    desk.close()
    done = recorder.stop(SECOND)
    sound = read_voice(done.path).astype(int)
    assert np.abs(sound[2000:18_000]).mean() > 1000
    assert np.abs(sound[30_000:47_000]).mean() < 30
    assert troubles == []


def test_a_lost_microphone_is_told_once_and_becomes_silence() -> None:
    voice, lost, sent = _Voice(left=1), list[str](), _Sent()
    desk = SoundDesk(lambda: replace(SCRIPT, cast=(_cast(),)), voice, None, sent.keep, lost.append, Speaking())
    for number in range(4):
        desk.tick(number, 0)
    desk.close()
    assert lost == ["麦克风中断了"]
    assert voice.closed
    assert [int(sent[number]["p1"][0]) for number in range(4)] == [1, 0, 0, 0]
    assert np.array_equal(Silence().take(), silence())


def test_a_voice_file_goes_round(tmp_path: Path) -> None:
    path = record(tmp_path / "voice.mp4", 1.0).path
    voice = VoiceFile(path)
    whole = read_voice(path)
    blocks = [voice.take() for _ in range(len(whole) // BLOCK + 2)]
    assert {len(block) for block in blocks} == {BLOCK}
    played = np.concatenate(blocks)
    assert np.array_equal(played[: len(whole)], whole)
    assert np.array_equal(played[len(whole) :], whole[: len(played) - len(whole)])


def test_a_file_without_sound_is_refused(tmp_path: Path) -> None:
    import av

    path = tmp_path / "silent.mp4"
    with av.open(path, "w") as container:
        stream = container.add_stream("libx264", rate=15)
        stream.width = stream.height = 64
        container.mux(stream.encode(av.VideoFrame(64, 64, "yuv420p")))
        container.mux(stream.encode(None))
    with pytest.raises(Unavailable):
        read_voice(path)


def test_a_clock_keeps_time_and_goes_on_after_a_fault() -> None:
    ticks: list[tuple[int, int]] = []
    troubles: list[str] = []

    def tick(number: int, due: int) -> None:
        ticks.append((number, due))
        if number == 3:
            raise RuntimeError("once")

    clock = Pacer("test", 50, tick, troubles.append)
    clock.start()
    time.sleep(0.5)
    clock.close()
    assert not clock.is_alive()
    assert [number for number, _ in ticks] == list(range(len(ticks)))
    assert 20 <= len(ticks) <= 27
    assert {b[1] - a[1] for a, b in itertools.pairwise(ticks)} == {SECOND // 50}
    assert troubles == ["test: RuntimeError: once"]


def test_a_clock_skips_what_a_long_stall_missed() -> None:
    numbers: list[int] = []

    def tick(number: int, due: int) -> None:
        numbers.append(number)
        if number == 2:
            time.sleep(1.3)

    clock = Pacer("test", 50, tick, _never)
    clock.start()
    time.sleep(1.5)
    clock.close()
    assert clock.late >= 50
    assert numbers[3] >= 60
    assert numbers == sorted(set(numbers))


def test_the_services_clock_is_ours_plus_its_offset() -> None:
    assert (service_now(3600) - datetime.now(UTC)).total_seconds() == pytest.approx(3600, abs=1)
