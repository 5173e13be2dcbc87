"""Our sender over a transport in memory: what leaves, in which order, and what is done about what is told."""

import asyncio
import struct
import time
from itertools import pairwise

import numpy as np
import pytest
from aiortc import clock
from aiortc.codecs.h264 import h264_depayload
from aiortc.rtp import (
    RTCP_PSFB_PLI,
    RTCP_RTPFB_NACK,
    RtcpByePacket,
    RtcpPsfbPacket,
    RtcpReceiverInfo,
    RtcpRrPacket,
    RtcpRtpfbPacket,
    RtcpSdesPacket,
    RtcpSrPacket,
    RtpPacket,
    unwrap_rtx,
)

from media.core.inherent import Belief
from media.core.ladder import RUNGS
from media.core.mixing import BLOCK
from media.core.sendqueue import FIRST_FACTOR
from media.core.sendrate import START
from media.rtc.sender import FAR, SPACED, round_trip
from tests.unit.media.rtc.wire import H264, OPUS, RED, RTX, Seat, seat, spoken


def is_key(packets: list[RtpPacket]) -> bool:
    return b"\x00\x00\x00\x01\x65" in b"".join(h264_depayload(packet.payload) for packet in packets)


async def test_a_voice() -> None:
    async with seat() as made:
        made.say(5)
        packets = await made.until(5, OPUS)
        assert {packet.ssrc for packet in packets} == {made.voice._ssrc}
        assert {(b.sequence_number - a.sequence_number) & 0xFFFF for a, b in pairwise(packets)} == {1}
        assert {(b.timestamp - a.timestamp) & 0xFFFFFFFF for a, b in pairwise(packets)} == {960}
        assert [packet.marker for packet in packets] == [1, 0, 0, 0, 0]
        assert {packet.extensions.mid for packet in packets} == {"0"}


async def test_a_picture() -> None:
    async with seat() as made:
        packets = await made.picture()
        assert is_key(packets)
        assert [packet.marker for packet in packets] == [0] * (len(packets) - 1) + [1]
        assert not is_key(await made.picture())


async def test_all_packets_are_numbered_together_as_they_leave() -> None:
    async with seat() as made:
        made.show()
        for _ in range(10):
            made.say()
            await asyncio.sleep(0.02)
        await made.picture()
        numbers = [packet.extensions.transport_sequence_number for packet in made.wire.rtp]
        assert numbers == list(range(1, len(numbers) + 1))
        assert all(packet.extensions.abs_send_time is not None for packet in made.wire.rtp)


async def test_a_large_picture_is_paced() -> None:
    async with seat() as made:
        made.outgoing.rate._by_delay = 400_000.0
        packets = await made.picture(noise=60)
        before_last = sum(len(packet.payload) for packet in packets[:-1])
        took = made.wire.times[-1] - made.wire.times[0]
        assert before_last > 5000
        assert took > 0.6 * before_last * 8 / (FIRST_FACTOR * 400_000.0)


async def test_voice_passes_a_picture() -> None:
    async with seat() as made:
        made.show(noise=60)
        await made.until(1, H264)
        made.say()
        await made.until(1, OPUS)
        assert not made.wire.of(H264)[-1].marker


# --- what is asked for ---


def nack(made: Seat, *lost: int) -> RtcpRtpfbPacket:
    return RtcpRtpfbPacket(fmt=RTCP_RTPFB_NACK, ssrc=1, media_ssrc=made.pictures._ssrc, lost=list(lost))


async def test_a_packet_is_repeated_on_its_own_stream() -> None:
    async with seat() as made:
        first = (await made.picture())[0]
        await asyncio.sleep(0.15)
        await made.pictures._handle_rtcp_packet(nack(made, first.sequence_number))
        (again,) = await made.until(1, RTX)
        assert again.ssrc == made.pictures._rtx_ssrc
        assert unwrap_rtx(again, H264, made.pictures._ssrc).payload == first.payload
        assert again.extensions.transport_sequence_number not in {
            packet.extensions.transport_sequence_number for packet in made.wire.of(H264)
        }


async def test_not_twice_within_a_round_trip() -> None:
    async with seat() as made:
        first = (await made.picture())[0]
        await asyncio.sleep(0.15)
        for _ in range(3):
            await made.pictures._handle_rtcp_packet(nack(made, first.sequence_number))
        await made.picture()
        assert len(made.wire.of(RTX)) == 1


async def test_a_path_that_loses_by_itself_gets_each_packet_again_unasked() -> None:
    async with seat() as made:
        made.outgoing.rate.losses.belief = Belief(share=0.2)
        made.outgoing.rate._by_delay = 800_000.0
        packets = await made.picture()
        again = await made.until(2 * len(packets), RTX)
        originals = [unwrap_rtx(packet, H264, made.pictures._ssrc) for packet in again]
        numbers = sorted(packet.sequence_number for packet in packets)
        assert sorted(packet.sequence_number for packet in originals) == sorted(2 * numbers)
        assert {bytes(packet.payload) for packet in originals} == {bytes(packet.payload) for packet in packets}
        assert made.wire.times[-1] - made.wire.times[0] >= 2 * SPACED


async def test_a_path_that_loses_little_is_waited_for_to_ask() -> None:
    async with seat() as made:
        made.outgoing.rate.losses.belief = Belief(share=0.02)
        await made.picture()
        await asyncio.sleep(3 * SPACED)
        assert made.wire.of(RTX) == []


async def test_what_was_never_sent_is_not_repeated() -> None:
    async with seat() as made:
        first = (await made.picture())[0]
        await made.pictures._handle_rtcp_packet(nack(made, (first.sequence_number + 9000) & 0xFFFF))
        await made.picture()
        assert made.wire.of(RTX) == []


async def test_a_key_picture_on_request_and_not_one_for_each() -> None:
    async with seat() as made:
        await made.picture()
        await asyncio.sleep(0.6)
        wish = RtcpPsfbPacket(fmt=RTCP_PSFB_PLI, ssrc=1, media_ssrc=made.pictures._ssrc)
        for _ in range(4):
            await made.pictures._handle_rtcp_packet(wish)
        assert is_key(await made.picture())
        await made.pictures._handle_rtcp_packet(wish)
        assert not is_key(await made.picture())


# --- what is told ---


def report(made: Seat, lost: int = 0, seconds: float = 0.0) -> RtcpRrPacket:
    lsr = (clock.current_ntp_time() >> 16 & 0xFFFFFFFF) - int(seconds * 65536)
    info = RtcpReceiverInfo(made.pictures._ssrc, lost, 0, 1000, 0, lsr, 0)
    return RtcpRrPacket(ssrc=1, reports=[info])


async def test_a_round_trip() -> None:
    async with seat() as made:
        await made.picture()
        await made.pictures._handle_rtcp_packet(report(made, seconds=0.25))
        assert made.outgoing.round_trip == pytest.approx(0.25, abs=0.05)
        (found,) = (await made.pictures.getStats()).values()
        assert found.roundTripTime == made.outgoing.round_trip
        assert not is_key(packets := await made.picture())
        assert packets[0].extensions.mid is None, "whose stream it is was understood"


@pytest.mark.parametrize(("lsr", "ago"), [(0, 0.0), (1, -0.5), (1, FAR + 1)])
def test_no_round_trip(lsr: int, ago: float) -> None:
    ntp = 5_000 << 32
    last = ((ntp >> 16) - int(ago * 65536)) & 0xFFFFFFFF if lsr else 0
    assert round_trip(RtcpReceiverInfo(1, 0, 0, 0, 0, last, 0), ntp) is None


def feedback(numbers: list[int], arrivals: list[float]) -> bytes:
    """All arrived; padded as Chromium pads."""
    reference = int(arrivals[0] / 0.064)
    before, deltas = reference * 256, b""
    for at in arrivals:
        tick = round(at / 250e-6)
        deltas += struct.pack("!h", tick - before)
        before = tick
    body = struct.pack("!LLHHI", 1, 2, numbers[0], len(numbers), reference << 8)
    body += struct.pack("!H", 2 << 13 | len(numbers)) + deltas
    padding = -len(body) % 4 or 4
    body += bytes(padding - 1) + bytes([padding])
    return struct.pack("!BBH", 0x80 | 0x20 | 15, 205, len(body) // 4) + body


async def test_transport_feedback_is_taken_and_the_rest_is_handed_on() -> None:
    async with seat() as made:
        made.say(3)
        packets = await made.until(3, OPUS)
        numbers = [packet.extensions.transport_sequence_number or 0 for packet in packets]
        wish = bytes(RtcpPsfbPacket(fmt=RTCP_PSFB_PLI, ssrc=1, media_ssrc=made.pictures._ssrc))
        told = feedback(numbers, [5.0, 5.02, 5.04])
        await made.wire._handle_rtcp_data(bytes(report(made)) + told + wish)
        assert made.outgoing.told
        assert made.wire.passed == [made.wire.passed[0]]
        assert made.wire.passed[0].endswith(wish)
        assert told not in made.wire.passed[0]
        await made.wire._handle_rtcp_data(told)
        assert len(made.wire.passed) == 1, "nothing is left to hand on"


async def test_a_torn_feedback_harms_nothing() -> None:
    async with seat() as made:
        made.say()
        await made.until(1, OPUS)
        whole = feedback([1], [5.0])
        for cut in range(len(whole)):
            await made.wire._handle_rtcp_data(whole[:cut])
        made.say()
        await made.until(2, OPUS)


async def test_feedback_moves_the_rate() -> None:
    async with seat() as made:
        for _ in range(80):
            made.say()
            if made.said % 3 == 0:
                made.show(noise=30)
            await asyncio.sleep(0.02)
        packets, times = made.wire.rtp[:-1], made.wire.times
        numbers = [packet.extensions.transport_sequence_number or 0 for packet in packets]
        for start in range(0, len(numbers), 20):
            arrivals = [100 + at - times[0] for at in times[start : start + 20]]
            await made.wire._handle_rtcp_data(feedback(numbers[start : start + 20][: len(arrivals)], arrivals))
            await asyncio.sleep(0.02)
        assert made.outgoing.rate.target > START


async def test_reports_serve_where_there_is_no_feedback() -> None:
    async with seat() as made:
        made.outgoing.rate._by_delay = before = 100_000.0
        for count in range(4):
            for _ in range(14):
                await made.picture(noise=60)
            info = RtcpReceiverInfo(made.pictures._ssrc, 0, 0, 1000 + 20 * count, 0, 0, 0)
            await made.pictures._handle_rtcp_packet(RtcpRrPacket(ssrc=1, reports=[info]))
        assert not made.outgoing.told
        assert made.outgoing.rate.target > before


# --- how it goes ---


async def test_measure() -> None:
    async with seat() as made:
        made.outgoing.measure()
        await made.picture()
        seen = made.outgoing.measure()
        assert seen.picture in [rung.size(640, 360) for rung in RUNGS]
        assert seen.sent > 0
        assert seen.again == 0.0
        assert made.outgoing.measure().sent == 0.0


async def test_a_phone_with_too_much_to_do_gets_small_pictures_for_a_while() -> None:
    async with seat() as made:
        made.outgoing.rate._by_delay = 800_000.0
        await made.picture()
        made.outgoing.easy_until = time.monotonic() + 60
        await made.picture()
        assert made.outgoing.measure().picture == RUNGS[2].size(640, 360)
        for _ in range(20):
            await made.picture()
            await asyncio.sleep(0.066)
        assert made.outgoing.measure().picture == RUNGS[2].size(640, 360), "however much would pass"
        made.outgoing.easy_until = 0.0
        async with asyncio.timeout(20):
            while made.outgoing.measure().picture != RUNGS[0].size(640, 360):
                await made.picture()
                await asyncio.sleep(0.066)


async def test_a_thin_path_gets_small_pictures_and_a_very_thin_one_none() -> None:
    async with seat() as made:
        await made.picture()
        made.outgoing.rate._by_delay = 85_000.0
        await asyncio.sleep(0.3)
        await made.picture()
        assert made.outgoing.measure().picture in [rung.size(640, 360) for rung in RUNGS[2:]]
        made.outgoing.rate._by_delay = 40_000.0
        end = time.monotonic() + 6
        while made.pictures.showing is not None and made.pictures.showing.left_out < 5 and time.monotonic() < end:
            made.show()
            made.say()
            await asyncio.sleep(0.066)
        assert made.pictures.showing is not None
        assert made.pictures.showing.left_out >= 5
        voices = len(made.wire.of(OPUS)) + len(made.wire.of(RED))
        made.say(4)
        await asyncio.sleep(0.2)
        assert len(made.wire.of(OPUS)) + len(made.wire.of(RED)) > voices


async def test_a_frame_that_cannot_be_encoded_ends_nothing(caplog: pytest.LogCaptureFixture) -> None:
    async with seat() as made:
        made.heard.push(0, np.zeros(7, np.int16))
        made.said = 1
        made.say(2)
        assert len(await made.until(2, OPUS)) == 2
        assert made.voice.failed == 1
        assert "not encoded" in caplog.text


async def test_a_voice_encoded_on_another_thread_leaves_as_one_from_the_loop_does() -> None:
    async with seat() as made:
        left = [await asyncio.to_thread(made.heard.speak, number, spoken(number)) for number in range(3)]
        assert made.wire.rtp == [], "the loop hands it on"
        for each in left:
            each()
        made.said = 3
        made.say(1)
        sent = await made.until(4, OPUS)
        assert {packet.timestamp - sent[0].timestamp for packet in sent} == {0, BLOCK, 2 * BLOCK, 3 * BLOCK}
        assert all(packet.payload for packet in sent)


async def test_a_frame_that_cannot_be_encoded_on_another_thread_ends_nothing_either(
    caplog: pytest.LogCaptureFixture,
) -> None:
    async with seat() as made:
        (await asyncio.to_thread(made.heard.speak, 0, np.zeros(7, np.int16)))()
        made.said = 1
        made.say(2)
        assert len(await made.until(2, OPUS)) == 2
        assert made.voice.failed == 1
        assert "not encoded" in caplog.text


async def test_what_is_spoken_while_the_line_ends_goes_nowhere() -> None:
    async with seat() as made:
        left = made.heard.speak(0, spoken(0))
        await made.voice.stop()
        left()
        made.heard.speak(1, spoken(1))()
        assert made.voice.failed == 0


async def test_reports_go_out() -> None:
    async with seat() as made:
        made.say()
        await made.picture()
        await made.wire.until(lambda: any(isinstance(packet, RtcpSrPacket) for packet in made.wire.rtcp))
        (names,) = [packet for packet in made.wire.rtcp if isinstance(packet, RtcpSdesPacket)][:1]
        assert names.chunks[0].items == [(1, b"seat")]


async def test_the_end() -> None:
    async with seat() as made:
        made.say()
        await made.until(1, OPUS)
    assert made.wire.senders == set()
    assert sum(isinstance(packet, RtcpByePacket) for packet in made.wire.rtcp) == 2
    assert made.stage.readyState == made.heard.readyState == "ended"
    assert not [task for task in asyncio.all_tasks() if task is not asyncio.current_task()]
