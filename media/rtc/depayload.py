"""Where a frame begins and whether it is a key frame, from RTP payloads of VP8 (RFC 7741) and H.264 (RFC 6184)."""

from dataclasses import dataclass

from aiortc.codecs.h264 import H264PayloadDescriptor
from aiortc.codecs.vpx import VpxPayloadDescriptor

IDR, SPS, STAP_A, FU_A = 5, 7, 24, 28


@dataclass(frozen=True)
class Part:
    """``starts``: the codec says that a frame begins here."""

    data: bytes
    starts: bool = False
    key: bool = False


def part(codec: str, payload: bytes) -> Part:
    """The part of a frame in ``payload``; nothing for padding. Raises ValueError for what is neither."""
    if not payload:
        return Part(b"")
    return _vp8(payload) if codec == "VP8" else _h264(payload)


def _vp8(payload: bytes) -> Part:
    descriptor, data = VpxPayloadDescriptor.parse(payload)
    starts = bool(descriptor.partition_start) and descriptor.partition_id == 0
    return Part(data, starts, starts and bool(data) and not data[0] & 1)


def _h264(payload: bytes) -> Part:
    _, data = H264PayloadDescriptor.parse(payload)
    kinds = _units(payload)
    return Part(data, starts=SPS in kinds, key=SPS in kinds or IDR in kinds)


def _units(payload: bytes) -> set[int]:
    """Types of the units that begin in a payload."""
    kind = payload[0] & 0x1F
    if kind == FU_A:
        return {payload[1] & 0x1F} if payload[1] & 0x80 else set()
    if kind != STAP_A:
        return {kind}
    found, at = set(), 1
    while at + 2 < len(payload):
        found.add(payload[at + 2] & 0x1F)
        at += 2 + int.from_bytes(payload[at : at + 2], "big")
    return found
