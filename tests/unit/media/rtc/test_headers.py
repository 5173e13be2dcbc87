"""Headers of RTP by the short way: the very bytes that aiortc writes, and its own way for all the rest."""

import pytest
from aiortc import clock
from aiortc.rtcrtpparameters import RTCRtpHeaderExtensionParameters, RTCRtpSendParameters
from aiortc.rtp import HeaderExtensionsMap, RtpPacket
from hypothesis import given
from hypothesis import strategies as st

from media.rtc.headers import NUMBER, SEND_TIME, Headers, ntp_now

MID = "urn:ietf:params:rtp-hdrext:sdes:mid"


def parameters(ids: dict[str, int]) -> RTCRtpSendParameters:
    extensions = [RTCRtpHeaderExtensionParameters(id=number, uri=uri) for uri, number in ids.items()]
    return RTCRtpSendParameters(headerExtensions=extensions)


def aiortcs(made: RTCRtpSendParameters, packet: RtpPacket) -> bytes:
    extensions = HeaderExtensionsMap()
    extensions.configure(made)
    return packet.serialize(extensions)


def packet(sent: int | None, number: int | None, mid: str | None = None, marker: int = 0) -> RtpPacket:
    made = RtpPacket(111, marker, 65_535, 0xFFFF_FFFF, 0x1234_5678, b"voice")
    made.extensions.abs_send_time, made.extensions.transport_sequence_number = sent, number
    made.extensions.mid = mid
    return made


@given(st.integers(1, 14), st.integers(1, 14), st.integers(0, 0xFFFFFF), st.integers(0, 0xFFFF), st.integers(0, 1))
def test_the_bytes_are_aiortcs(time_id: int, number_id: int, sent: int, number: int, marker: int) -> None:
    made = parameters({SEND_TIME: time_id, NUMBER: number_id})
    one = packet(sent, number, marker=marker)
    assert Headers(made).write(one) == aiortcs(made, one)


SOME: list[dict[str, int]] = [
    {},
    {SEND_TIME: 3},
    {NUMBER: 3},
    {SEND_TIME: 3, NUMBER: 15},
    {SEND_TIME: 99, NUMBER: 2},
    {MID: 1, NUMBER: 2},
]


@pytest.mark.parametrize("ids", SOME)
@pytest.mark.parametrize("one", [packet(5, 6), packet(None, 6), packet(5, None), packet(5, 6, "0")])
def test_and_so_they_are_for_the_rest(ids: dict[str, int], one: RtpPacket) -> None:
    made = parameters(ids)
    assert Headers(made).write(one) == aiortcs(made, one)


def test_what_is_seldom_there() -> None:
    made = parameters({SEND_TIME: 3, NUMBER: 5, MID: 1})
    for change in ({"csrc": [7, 8]}, {"extensions.mid": "1"}, {"extensions.audio_level": (True, 30)}):
        one = packet(5, 6)
        for name, value in change.items():
            setattr(one.extensions if "." in name else one, name.rsplit(".", maxsplit=1)[-1], value)
        assert Headers(made).write(one) == aiortcs(made, one)


def test_the_clock_is_aiortcs() -> None:
    before, now, after = clock.current_ntp_time(), ntp_now(), clock.current_ntp_time()
    assert before - (1 << 14) <= now <= after + (1 << 14)
