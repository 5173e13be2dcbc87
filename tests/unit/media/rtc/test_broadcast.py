"""One encoding for several connections over transports in memory: what each of them gets can be decoded at any time."""

import asyncio
import time
from collections.abc import AsyncIterator, Iterable, Sequence
from contextlib import AsyncExitStack, asynccontextmanager
from typing import Any

import av
import numpy as np
import numpy.typing as npt
import pytest
from aiortc.codecs.h264 import h264_depayload
from aiortc.codecs.vpx import vp8_depayload
from aiortc.rtcrtpparameters import RTCRtpCodecParameters
from aiortc.rtp import RTCP_PSFB_PLI, RtcpPsfbPacket, RtpPacket
from av import VideoFrame
from av.video.codeccontext import VideoCodecContext

from media.core.footing import MANY
from media.core.sharing import MOST
from media.ports import Picture
from media.rtc.broadcast import GONE, Broadcast, Press
from tests.unit.media.rtc.test_sender import is_key
from tests.unit.media.rtc.virtual import virtual
from tests.unit.media.rtc.wire import H264, Seat, seat

Luma = npt.NDArray[np.uint8]
VP8 = [RTCRtpCodecParameters(mimeType="video/VP8", clockRate=90000, payloadType=96)]


@asynccontextmanager
async def seats(broadcast: Broadcast, *rates: float) -> AsyncIterator[list[Seat]]:
    """Connections that carry so many bits a second."""
    async with AsyncExitStack() as stack:
        made = [await stack.enter_async_context(seat(broadcast)) for _ in rates]
        for each, rate in zip(made, rates, strict=True):
            carries(each, rate)
        yield made


def carries(made: Seat, rate: float) -> None:
    made.outgoing.rate._by_delay = rate
    made.outgoing.rate._silenced = time.monotonic()


def press_of(broadcast: Broadcast, made: Seat) -> Press:
    """The encoder that a connection is on."""
    return next(press for press in broadcast.presses if made.pictures.showing in press.on)


async def play(
    made: Sequence[Seat], count: int, still: dict[int, Picture] | None = None, settle: float = 0.3
) -> Picture:
    """So many pictures for all; those in ``still`` get theirs. → the last of the stage, ``settle`` seconds ago."""
    for _ in range(count):
        picture = made[0].scene()
        for number, each in enumerate(made):
            held = (still or {}).get(number)
            each.stage.push(picture if held is None else Picture(held.y, held.u, held.v, picture.captured_ns))
            carries(each, each.outgoing.rate._by_delay)
        await asyncio.sleep(1 / 15)
    await asyncio.sleep(settle)
    return picture


def pictures(packets: Iterable[RtpPacket]) -> list[list[RtpPacket]]:
    """By timestamp, in the order sent."""
    found: dict[int, list[RtpPacket]] = {}
    for packet in packets:
        found.setdefault(packet.timestamp, []).append(packet)
    return list(found.values())


def seen(made: Seat, codec: str = "h264") -> list[Luma]:
    """What the other side shows."""
    context: Any = av.CodecContext.create(codec, "r")
    assert isinstance(context, VideoCodecContext)
    depayload = h264_depayload if codec == "h264" else vp8_depayload
    shown: list[VideoFrame] = []
    for each in pictures(made.wire.of(H264 if codec == "h264" else 96)):
        assert [packet.marker for packet in each] == [0] * (len(each) - 1) + [1]
        shown += context.decode(av.Packet(b"".join(depayload(packet.payload) for packet in each)))
    return [each.to_ndarray()[: each.height].astype(np.uint8) for each in shown + context.decode(None)]


def alike(shown: Luma, picture: Picture) -> bool:
    return shown.shape == picture.y.shape and float(np.abs(shown.astype(int) - picture.y.astype(int)).mean()) < 12


def keys(made: Seat) -> int:
    return sum(is_key(each) for each in pictures(made.wire.of(H264)))


async def asked(made: Seat) -> None:
    wish = RtcpPsfbPacket(fmt=RTCP_PSFB_PLI, ssrc=1, media_ssrc=made.pictures._ssrc)
    await made.pictures._handle_rtcp_packet(wish)


# --- together ---


@virtual
async def test_alike_are_encoded_for_once() -> None:
    broadcast = Broadcast()
    async with seats(broadcast, *[600e3] * 6) as made:
        last = await play(made, 20)
        (press,) = broadcast.presses
        assert press.encoded == 20
        assert press.keys == 1
        for each in made:
            assert len(pictures(each.wire.of(H264))) == 20
            assert alike(seen(each)[-1], last)


@virtual
async def test_payloads_are_shared_and_packets_are_not() -> None:
    async with seats(Broadcast(), 600e3, 600e3) as (a, b):
        await play([a, b], 10)
        one, other = a.wire.of(H264), b.wire.of(H264)
        assert [packet.payload for packet in one] == [packet.payload for packet in other]
        assert [packet.sequence_number for packet in one] != [packet.sequence_number for packet in other]
        assert one[0].timestamp != other[0].timestamp
        assert {packet.ssrc for packet in one}.isdisjoint(packet.ssrc for packet in other)
        steps = [{(later.timestamp - each[0].timestamp) & 0xFFFFFFFF for later in each} for each in (one, other)]
        assert steps[0] == steps[1]


@virtual
async def test_each_codec_has_its_own() -> None:
    broadcast = Broadcast()
    async with seat(broadcast) as a, seat(broadcast, VP8) as b:
        for each in (a, b):
            carries(each, 600e3)
        last = await play([a, b], 10)
        assert len(broadcast.presses) == 2
        assert alike(seen(a)[-1], last)
        assert alike(seen(b, "vp8")[-1], last)


@virtual
async def test_no_more_than_three_whatever_the_paths() -> None:
    broadcast = Broadcast()
    async with seats(broadcast, 780e3, 700e3, 350e3, 300e3, 150e3, 110e3) as made:
        await play(made, 15)
        assert len(broadcast.presses) == MOST
        before = [len(pictures(each.wire.of(H264))) for each in made]
        await play(made, 15)
        assert [len(pictures(each.wire.of(H264))) - count for each, count in zip(made, before, strict=True)] == [15] * 6
        assert press_of(broadcast, made[0]) is press_of(broadcast, made[1])
        assert press_of(broadcast, made[0]) is not press_of(broadcast, made[5])


# --- who comes and goes ---


@virtual
async def test_who_comes_later_gets_a_picture_at_once_and_nobody_is_disturbed() -> None:
    broadcast = Broadcast()
    async with seats(broadcast, 600e3, 600e3) as made:
        await play(made, 10)
        async with seat(broadcast) as late:
            carries(late, 600e3)
            began = time.monotonic()
            made[0].stage.push(picture := made[0].scene())
            for each in (made[1], late):
                each.stage.push(picture)
            await late.until(1, H264)
            assert time.monotonic() - began < 1.0
            last = await play([*made, late], 14)
            assert len(broadcast.presses) == 1
            assert is_key(pictures(late.wire.of(H264))[0])
            for each in made:
                assert len(pictures(each.wire.of(H264))) == 25
                assert keys(each) == 2
            assert alike(seen(late)[-1], last)


@virtual
async def test_the_newest_picture_waits_for_who_connects_between_two() -> None:
    broadcast = Broadcast()
    async with seats(broadcast, 600e3) as (first,):
        await play([first], 5)
        picture = first.scene()
        first.stage.push(picture)
        async with seat(broadcast) as late:
            carries(late, 600e3)
            late.stage.push(picture)
            await asyncio.sleep(0.1)
            assert len(pictures(first.wire.of(H264))) == 6, "nobody gets the same picture twice"
            last = await play([first, late], 14)
            assert len(pictures(first.wire.of(H264))) == 20
            assert alike(seen(first)[-1], last)
            assert alike(seen(late)[-1], last)


@virtual
async def test_who_begins_carefully_is_not_shared_with_until_it_has_risen() -> None:
    broadcast = Broadcast()
    async with seats(broadcast, 700e3, 120e3) as (fast, slow):
        await play([fast, slow], 10)
        assert press_of(broadcast, fast) is not press_of(broadcast, slow)
        carries(slow, 650e3)
        for _ in range(10):
            last = await play([fast, slow], 15)
            if len(broadcast.presses) == 1:
                break
        assert press_of(broadcast, fast) is press_of(broadcast, slow)
        assert keys(fast) <= 2
        assert alike(seen(slow)[-1], last)
        assert alike(seen(fast)[-1], last)


@virtual
async def test_who_leaves_is_not_missed() -> None:
    broadcast = Broadcast()
    async with seats(broadcast, 600e3) as (stays,):
        async with seats(broadcast, 600e3) as (leaves,):
            await play([stays, leaves], 10)
        last = await play([stays], 10)
        assert len(pictures(stays.wire.of(H264))) == 20
        assert keys(stays) == 1
        assert alike(seen(stays)[-1], last)
    assert broadcast.presses == ()
    assert not [task for task in asyncio.all_tasks() if task is not asyncio.current_task()]


@virtual
async def test_who_is_shown_nothing_any_more_takes_part_in_nothing() -> None:
    broadcast = Broadcast()
    async with seats(broadcast, 600e3, 600e3) as (a, b):
        await play([a, b], 5)
        count = len(pictures(b.wire.of(H264)))
        await play([a], int(GONE * 15) + 5)
        assert len(pictures(b.wire.of(H264))) == count
        assert keys(a) == 1
        assert press_of(broadcast, a).assigned == {a.pictures.showing}


@virtual
async def test_who_is_held_sees_the_still_picture_alone_and_comes_back() -> None:
    broadcast = Broadcast()
    async with seats(broadcast, 600e3, 600e3) as made:
        grey = np.full((360, 640), 90, np.uint8)
        still = Picture(grey, grey[:180, :320], grey[:180, :320], 0)
        await play(made, 6)
        count = len(seen(made[1]))
        await play(made, 10, {1: still})
        for shown in seen(made[1])[count:]:
            assert alike(shown, still)
        assert len(pictures(made[0].wire.of(H264))) == 16
        assert keys(made[0]) + keys(made[1]) == 3, "only one of the two begins anew"
        for _ in range(10):
            last = await play(made, 15)
            if len(broadcast.presses) == 1:
                break
        assert len(broadcast.presses) == 1
        assert alike(seen(made[1])[-1], last)


# --- bad paths ---


@virtual
async def test_a_path_that_breaks_down_takes_nobody_with_it() -> None:
    broadcast = Broadcast()
    async with seats(broadcast, 600e3, 600e3, 600e3, 600e3) as made:
        await play(made, 10)
        carries(made[3], 90e3)
        last = await play(made, 30)
        for each in made[:3]:
            assert len(pictures(each.wire.of(H264))) == 40
            assert keys(each) == 1
            assert alike(seen(each)[-1], last)
        assert press_of(broadcast, made[3]).on == {made[3].pictures.showing}
        fallen = pictures(made[3].wire.of(H264))
        assert len(fallen) > 25
        assert seen(made[3])[-1].shape < (360, 640), "and has smaller pictures"


@virtual
async def test_one_that_asks_all_the_time_is_soon_by_itself() -> None:
    broadcast = Broadcast()
    async with seats(broadcast, 600e3, 600e3, 600e3) as made:
        await play(made, 5)
        for _ in range(60):
            await asked(made[2])
            await play(made, 1, settle=0)
        last = await play(made, 5)
        for each in made[:2]:
            assert keys(each) <= MANY + 2
            assert len(pictures(each.wire.of(H264))) == 70
            assert alike(seen(each)[-1], last)
        assert press_of(broadcast, made[2]).on == {made[2].pictures.showing}
        assert keys(made[2]) > MANY + 2


@virtual
async def test_many_requests_at_once_are_one_key_picture() -> None:
    async with seats(Broadcast(), *[600e3] * 5) as made:
        await play(made, 12)
        for each in made:
            await asked(each)
            await asked(each)
        await play(made, 15)
        assert [keys(each) for each in made] == [2] * 5


@virtual
async def test_a_picture_that_cannot_be_encoded_ends_nothing(caplog: pytest.LogCaptureFixture) -> None:
    async with seats(Broadcast(), 600e3, 600e3) as made:
        await play(made, 3)
        flat = np.zeros((360, 640), np.uint8)
        torn = Picture(flat, flat[:7], flat[:9], time.monotonic_ns())
        for each in made:
            each.stage.push(torn)
        await asyncio.sleep(0.05)
        last = await play(made, 5)
        assert "not encoded" in caplog.text
        for each in made:
            assert len(pictures(each.wire.of(H264))) == 8
            assert alike(seen(each)[-1], last)


@virtual
async def test_without_room_for_moving_pictures_the_others_have_them() -> None:
    async with seats(Broadcast(), 600e3, 600e3, 40e3) as made:
        await play(made, 60)
        showing = made[2].pictures.showing
        assert showing is not None
        assert showing.left_out >= 10
        assert made[2].outgoing.measure().picture is None
        for each in made[:2]:
            assert len(pictures(each.wire.of(H264))) == 60
