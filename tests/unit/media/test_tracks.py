"""Pictures of the stage are pushed on to whoever takes them; the newest one waits for them."""

import time
from collections.abc import Callable
from functools import partial

import numpy as np
import pytest
from aiortc.mediastreams import MediaStreamError

from media.core.mixing import BLOCK, RATE, Samples
from media.ports import Picture
from media.tracks import StageTrack, VoiceTrack


def picture() -> Picture:
    plane = np.zeros((2, 2), np.uint8)
    return Picture(plane, plane[:1, :1], plane[:1, :1], time.monotonic_ns())


async def test_what_is_pushed_is_taken_at_once() -> None:
    track, taken = StageTrack(), list[Picture]()
    track.feed(taken.append)
    assert taken == []
    shown = [picture(), picture()]
    for each in shown:
        track.push(each)
    assert [each is other for each, other in zip(taken, shown, strict=True)] == [True, True]


async def test_only_the_newest_waits() -> None:
    track, taken = StageTrack(), list[Picture]()
    track.push(picture())
    track.push(newest := picture())
    track.feed(taken.append)
    assert len(taken) == 1
    assert taken[0] is newest


async def test_nothing_goes_to_who_has_gone() -> None:
    track, taken = StageTrack(), list[Picture]()
    track.feed(taken.append)
    track.feed(None)
    track.push(picture())
    assert taken == []


async def test_nothing_is_to_be_fetched() -> None:
    with pytest.raises(MediaStreamError):
        await StageTrack().recv()


class _Mouth:
    """Keeps what is said, and what was spoken elsewhere once that is handed on."""

    def __init__(self) -> None:
        self.said: list[tuple[int, Samples]] = []

    def say(self, at: int, samples: Samples) -> None:
        self.said.append((at, samples))

    def speak(self, at: int, samples: Samples) -> Callable[[], None]:
        return partial(self.say, at, samples)


async def test_a_voice_is_pushed_on_as_it_is_to_who_feeds_on_it() -> None:
    track, mouth = VoiceTrack(), _Mouth()
    said = np.arange(BLOCK, dtype=np.int16)
    track.feed(mouth)
    track.push(3, said)
    ((at, samples),) = mouth.said
    assert (at, samples is said) == (3 * BLOCK, True)


async def test_what_was_spoken_on_another_thread_is_handed_on_later() -> None:
    track, mouth = VoiceTrack(), _Mouth()
    waiting = track.speak(0, np.zeros(BLOCK, np.int16))
    track.feed(mouth)
    left = track.speak(2, np.zeros(BLOCK, np.int16))
    assert mouth.said == []
    left()
    assert [at for at, _ in mouth.said] == [2 * BLOCK]
    waiting()
    assert (await track.recv()).pts == 0, "what came before anybody fed on it is still to be fetched"


async def test_who_fetches_a_voice_gets_frames_and_the_newest_ten_at_most() -> None:
    track = VoiceTrack()
    for number in range(12):
        track.push(number, np.full(BLOCK, number, dtype=np.int16))
    frame = await track.recv()
    assert (frame.pts, frame.sample_rate, frame.samples) == (2 * BLOCK, RATE, BLOCK)
    assert set(frame.to_ndarray().ravel().tolist()) == {2}
