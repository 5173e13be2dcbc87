"""A sound that is read into the call: how it is taken, who hears it, and what becomes of the agent's own voice."""

import io
import threading
import wave
from collections.abc import Iterator
from dataclasses import replace

import numpy as np
import pytest

from media import ports
from media.core.mixing import BLOCK, RATE, Samples, silence
from media.core.speaking import Speaking
from media.errors import Unavailable
from media.process import words
from media.process.journal import Journal
from media.reading import LOWERED, Lowering, Reading, opened
from media.stage import SoundDesk
from tests.integration.media.seat import Seat
from tests.unit.media.test_stage import SCRIPT, _filled, _Headset, _never, _Sent, _Voice


def sound(seconds: float, value: int = 1000, rate: int = RATE) -> bytes:
    """A WAV of one level."""
    kept = io.BytesIO()
    with wave.open(kept, "wb") as file:
        file.setnchannels(1)
        file.setsampwidth(2)
        file.setframerate(rate)
        file.writeframes(np.full(round(seconds * rate), value, dtype=np.int16).tobytes())
    return kept.getvalue()


def constant(value: int, count: int) -> Samples:
    return np.full(count, value, dtype=np.int16)


def test_it_is_taken_to_its_end_and_filled_up() -> None:
    reading = Reading("x", constant(7, BLOCK + 100))
    first, last = reading.take(), reading.take()
    assert first is not None
    assert last is not None
    assert (first == 7).all()
    assert (last[:100] == 7).all()
    assert not last[100:].any()
    assert reading.take() is None
    assert reading.take() is None
    assert reading.seconds == round((BLOCK + 100) / RATE, 2)


def test_a_sound_is_decoded_at_the_calls_rate() -> None:
    reading = opened("x", sound(0.5, rate=22_050))
    taken = 0
    while reading.take() is not None:
        taken += 1
    assert 24 <= taken <= 26


@pytest.mark.parametrize("spoilt", [b"", b"no sound at all", sound(1.0)[:20]])
def test_what_is_no_sound_is_said(spoilt: bytes) -> None:
    with pytest.raises(Unavailable, match="请自己读这一条"):
        opened("x", spoilt)


def test_one_that_never_ends_is_refused() -> None:
    with pytest.raises(Unavailable, match="太长"):
        opened("x", sound(181, rate=8000))


def test_the_agents_voice_is_lowered_without_a_leap_and_comes_back() -> None:
    lowering, loud = Lowering(), constant(10_000, BLOCK)
    assert lowering.of(loud, reading=False) is loud
    heard = np.concatenate([lowering.of(loud, reading=one) for one in (True, True, False, False)])
    assert int(heard[2 * BLOCK - 1]) == round(10_000 * LOWERED)
    assert int(heard[-1]) == 10_000
    assert int(np.abs(np.diff(heard.astype(np.int32))).max()) < 50


def test_everybody_hears_it_but_who_is_held() -> None:
    cast = (_filled(40, "a"), replace(_filled(100, "b"), muted=True), replace(_filled(500, "c"), held=True))
    ended: list[Reading] = []
    script = replace(SCRIPT, cast=cast, reading=Reading("x", constant(1000, BLOCK)))
    sent, headset = _Sent(), _Headset()
    desk = SoundDesk(lambda: script, _Voice(), headset, sent.keep, _never, Speaking(), ended.append)
    desk.tick(1, 0)
    assert {party: int(heard[0]) for party, heard in sent[1].items()} == {"a": 1001, "b": 1041, "c": 0}
    assert headset.played == [1040], "the agent hears it, and not themselves"
    assert ended == []
    desk.tick(2, 0)
    desk.close()
    assert ended == [script.reading]
    assert int(sent[2]["a"][-1]) == 1


def test_a_muted_agent_is_not_heard_beside_it() -> None:
    script = replace(SCRIPT, cast=(_filled(40, "a"),), muted=True, reading=Reading("x", constant(1000, BLOCK)))
    sent = _Sent()
    desk = SoundDesk(lambda: script, _Voice(), None, sent.keep, _never, Speaking())
    desk.tick(1, 0)
    desk.close()
    assert sent[1]["a"].tolist() == (silence() + 1000).tolist()


@pytest.fixture
def call() -> Iterator[Seat]:
    seat = Seat()
    seat.open()
    yield seat
    seat.close()


def test_the_engine_plays_it_to_its_end(call: Seat) -> None:
    call.post(ports.PlaySound("c1", "one", sound(0.2)))
    assert call.wait(ports.SoundEnded) == ports.SoundEnded("c1", "one", True, 0.2)


def test_one_that_is_stopped_says_how_far_it_came(call: Seat) -> None:
    call.post(ports.PlaySound("c1", "long", sound(60)))
    threading.Event().wait(0.1)
    call.post(ports.StopSound("c1"))
    ended = call.wait(ports.SoundEnded)
    assert (ended.sound_id, ended.whole) == ("long", False)
    assert ended.seconds < 60
    call.post(ports.StopSound("c1"))
    call.post(ports.PlaySound("c1", "next", sound(0.1)))
    call.wait(ports.SoundEnded, where=lambda event: event.sound_id == "next" and event.whole)
    assert len(call.all(ports.SoundEnded)) == 2, "there was nothing to stop the second time"


def test_a_second_one_ends_the_first(call: Seat) -> None:
    call.post(ports.PlaySound("c1", "first", sound(60)))
    call.post(ports.PlaySound("c1", "second", sound(0.1)))
    call.wait(ports.SoundEnded, where=lambda event: event.sound_id == "second")
    assert [(one.sound_id, one.whole) for one in call.all(ports.SoundEnded)] == [("first", False), ("second", True)]


def test_the_calls_end_is_the_sounds_end(call: Seat) -> None:
    call.post(ports.PlaySound("c1", "long", sound(60)))
    call.post(ports.CloseCall("c1"))
    call.wait(ports.CallClosed)
    (ended,) = call.all(ports.SoundEnded)
    assert (ended.sound_id, ended.whole) == ("long", False)


def test_what_cannot_be_opened_ends_nothing_that_plays(call: Seat) -> None:
    call.post(ports.PlaySound("c1", "long", sound(60)))
    call.post(ports.PlaySound("c1", "spoilt", b"no sound"))
    failed = call.wait(ports.Failed)
    assert (failed.what, failed.fatal) == ("PlaySound", False)
    assert "请自己读这一条" in failed.message
    assert call.all(ports.SoundEnded) == []


def test_a_new_window_is_told_what_plays_and_the_end_that_nobody_has_heard() -> None:
    play = ports.PlaySound("c1", "one", sound(0.1))
    assert words.read(words.unpack(words.pack(words.write(play)))) == play
    ended = ports.SoundEnded("c1", "one", True, 0.1)
    assert words.read(words.write(ended)) == ended
    journal = Journal()
    journal.command(ports.OpenCall("c1", "n", "s", "a"))
    for command in (ports.PlaySound("c1", "before", b""), play, ports.StopSound("c1")):
        journal.command(command)
    journal.event(1, ports.SoundEnded("c1", "before", False, 0.1))
    assert journal.standing() == (ports.Resumed("c1", (ports.PlaySound("c1", "one", b""),)),), "and no sound twice"
    journal.event(2, ended)
    assert journal.standing() == (ports.Resumed("c1", ()),)
    journal.heard(1)
    assert journal.unheard() == ((2, ended),)
    journal.command(play)
    journal.event(3, ports.Failed("c1", "PlaySound", "打不开"))
    assert journal.standing() == (ports.Resumed("c1", ()),)
    assert "sound=" not in repr(play), "a log that quotes the command stays short"
