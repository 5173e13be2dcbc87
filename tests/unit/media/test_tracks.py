"""Pictures of the stage are pushed on to whoever takes them; the newest one waits for them."""

import time

import numpy as np
import pytest
from aiortc.mediastreams import MediaStreamError

from media.ports import Picture
from media.tracks import StageTrack


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
