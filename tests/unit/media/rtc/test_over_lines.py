"""The stage over bad lines, in virtual time: what one customer sees alone, and what several see of one encoding."""

import asyncio
import time
from collections.abc import Iterator, Sequence
from contextlib import AsyncExitStack, contextmanager
from dataclasses import dataclass

import pytest
from av import VideoFrame

from media.core.picturecode import Code, paint
from media.core.sharing import MOST
from media.lab.linkfile import load
from media.lab.scene import LENGTH, RATE, planes
from media.pictures import copied
from media.ports import Picture
from media.rtc.broadcast import Broadcast
from media.rtc.encoders import Encoded, H264Pictures
from media.rtc.tasks import end
from tests.unit.media.rtc.phone import Line, Phone
from tests.unit.media.rtc.virtual import run
from tests.unit.media.rtc.wire import Seat, seat

WARM, LASTS = 4.0, 11.0
SCENES = [planes(number) for number in range(0, LENGTH, 3)]


@dataclass
class Held:
    """A call that is over. ``encoded``: how often a picture was; ``shown``: pictures of the stage."""

    phones: list[Phone]
    encoded: int
    shown: int

    def frozen(self, place: int = 0) -> float:
        return self.phones[place].figures(WARM, LASTS).frozen_share

    def longest(self, place: int = 0) -> float:
        """Milliseconds."""
        return self.phones[place].figures(WARM, LASTS).longest_ms

    def rate(self, place: int = 0) -> float:
        return self.phones[place].figures(WARM, LASTS).per_second

    def keys(self, place: int = 0) -> int:
        """Key pictures that came while it was measured."""
        phone = self.phones[place]
        return sum(at >= phone._began + WARM for at in phone.keys)


def scene(number: int) -> Picture:
    picture = copied(SCENES[number % len(SCENES)], time.monotonic_ns())
    paint(picture.y, Code(round(time.monotonic() * 1000), number))
    return picture


@contextmanager
def counting() -> Iterator[list[bool]]:
    """Grows by one with each call of an encoder; true for a key picture."""
    calls: list[bool] = []
    whole = H264Pictures.encode

    def counted(self: H264Pictures, frame: VideoFrame, size: tuple[int, int], rate: float, key: bool) -> Encoded:
        made = whole(self, frame, size, rate, key)
        calls.append(made.key)
        return made

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(H264Pictures, "encode", counted)
        yield calls


async def _held(links: Sequence[str], seed: int, leaves: float | None) -> Held:
    broadcast = Broadcast()
    async with AsyncExitStack() as stack:
        lines = [Line() for _ in links]
        phones = [
            line.reach(load(link), 10 * seed + place)
            for place, (line, link) in enumerate(zip(lines, links, strict=True))
        ]
        calls = stack.enter_context(counting())
        seats = [await stack.enter_async_context(seat(broadcast, wire=line)) for line in lines]
        work = [*(phone.run() for phone in phones), _speak(seats)]
        tasks = [asyncio.get_running_loop().create_task(each) for each in work]
        shown = await _show(seats, leaves)
        await end(*tasks)
        return Held(phones, len(calls), shown)


async def _show(seats: Sequence[Seat], leaves: float | None) -> int:
    began, number = time.monotonic(), 0
    there = list(seats)
    while (passed := time.monotonic() - began) < LASTS:
        if leaves is not None and passed >= leaves and len(there) == len(seats):
            await there.pop().pictures.stop()
        picture = scene(number)
        for each in there:
            each.stage.push(picture)
        number += 1
        await asyncio.sleep(max(0.0, began + number / RATE - time.monotonic()))
    return number


async def _speak(seats: Sequence[Seat]) -> None:
    while True:
        for each in seats:
            each.say()
        await asyncio.sleep(0.02)


def hold(*links: str, seed: int = 1, leaves: float | None = None) -> Held:
    """A call over so many lines; ``leaves``: when the last of them has gone."""
    return run(lambda: _held(links, seed, leaves), seed)


# --- one customer ---


@pytest.mark.parametrize("seed", [2, 3, 4])
def test_alone_on_a_line_that_loses_one_packet_in_five(seed: int) -> None:
    held = hold("loss20", seed=seed)
    assert held.frozen() < 0.2
    assert held.rate() > 0.75 * RATE
    assert held.encoded >= held.shown - 2


@pytest.mark.parametrize(("link", "frozen"), [("100k", 0.03), ("burst", 0.3)])
def test_alone_on_other_lines(link: str, frozen: float) -> None:
    held = hold(link)
    assert held.frozen() <= frozen
    assert held.rate() > 0.75 * RATE


def test_a_policer_freezes_less_the_longer_a_call_lasts(monkeypatch: pytest.MonkeyPatch) -> None:
    """With a try every quarter of a minute, and frames that waited for lost ones before a key picture, it was 16 %."""
    monkeypatch.setattr("tests.unit.media.rtc.test_over_lines.LASTS", 45.0)
    held = hold("policed300k", seed=2)
    assert held.frozen() < 0.12
    assert held.longest() < 2000
    assert held.rate() > 0.8 * RATE


# --- several ---


def test_six_alike_are_encoded_for_once() -> None:
    held = hold(*["clean"] * 6)
    assert held.encoded <= held.shown + 2
    for place in range(6):
        assert held.frozen(place) == 0
        assert held.rate(place) > 0.95 * RATE


def test_who_loses_much_has_an_encoding_alone_and_starves_nobody() -> None:
    held = hold("clean", "clean", "loss20")
    assert 1.5 * held.shown < held.encoded <= 2 * held.shown + 4
    for place in (0, 1):
        assert held.frozen(place) == 0
        assert held.keys(place) <= 3
    assert held.frozen(2) < 0.2


@pytest.mark.parametrize("seed", [1, 2])
def test_several_who_lose_much_freeze_no_longer_than_one_alone(seed: int) -> None:
    held = hold("loss20", "loss20", "loss20", seed=seed)
    assert held.encoded < MOST * held.shown
    for place in range(3):
        assert held.longest(place) < 1000
        assert held.frozen(place) < 0.25


def test_who_leaves_costs_the_others_one_key_picture_at_most() -> None:
    held = hold("clean", "clean", "clean", leaves=7.0)
    for place in (0, 1):
        assert held.frozen(place) == 0
        assert held.keys(place) <= 2
