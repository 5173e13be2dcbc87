"""H.264 as it comes over RTP (byte stream, ITU-T H.264 annex B) in the form that files hold (ISO/IEC 14496-15)."""

import re
import struct

START = re.compile(rb"\x00\x00\x00?\x01")
SPS, PPS = 7, 8


def units(stream: bytes) -> list[bytes]:
    """The NAL units of a byte stream."""
    return [unit for unit in START.split(stream) if unit]


def with_lengths(stream: bytes) -> bytes:
    """The same units, each behind its length in four bytes."""
    return b"".join(struct.pack(">I", len(unit)) + unit for unit in units(stream))


def configuration(stream: bytes) -> bytes | None:
    """The decoder configuration record (``avcC``) of a picture that brings its parameter sets; None for another."""
    found = units(stream)
    sequence = [unit for unit in found if unit[0] & 0x1F == SPS and len(unit) > 3]
    picture = [unit for unit in found if unit[0] & 0x1F == PPS]
    if not sequence or not picture:
        return None
    head = bytes((1, *sequence[0][1:4], 0xFF, 0xE0 | len(sequence)))
    sets = b"".join(struct.pack(">H", len(unit)) + unit for unit in sequence)
    return head + sets + bytes((len(picture),)) + b"".join(struct.pack(">H", len(unit)) + unit for unit in picture)
