"""How a connection's rate is divided between voice and pictures. Bits a second on the wire, headers included."""

from dataclasses import dataclass

from media.core.redundancy import copies

HEADERS = 80
"""Bytes of a packet beside its payload: IP, UDP, RTP with its extensions, and the seal of SRTP."""
PAYLOAD = 1300
RATE = 15
"""Pictures a second."""
MOST_AGAIN = 0.35
LEAST_PICTURE = 60
LOSSY, FEW = 0.03, 2
"""From such a loss on a picture is of so many packets at most: each more is one that it may have to wait for."""


@dataclass(frozen=True)
class Voice:
    """``bits`` of Opus a second in frames of ``milliseconds``, ``copies`` of which ride along with each later one."""

    bits: int
    milliseconds: int
    copies: int = 0
    quiet: bool = False
    """Whether silence is left out (DTX)."""

    @property
    def wire(self) -> float:
        """All of it."""
        return self.bits * (1 + self.copies) + HEADERS * 8 * 1000 / self.milliseconds


def voice(total: float, loss: float, redundant: bool) -> Voice:
    """Thin paths get longer frames: at 20 ms headers weigh more than the voice."""
    spare = copies(loss, total) if redundant else 0
    if total >= 250_000:
        return Voice(32_000 if not spare else 24_000, 20, spare)
    if total >= 110_000:
        return Voice(24_000 if not spare else 20_000, 20, spare)
    return Voice(16_000, 40, spare, quiet=True)


def pictures(total: float, spoken: Voice, loss: float) -> float:
    """Bits a second for the encoder: without the headers, and without what will have to be sent again."""
    left = max(0.0, total - spoken.wire) * (1 - min(MOST_AGAIN, 1.2 * loss))
    picture = left / RATE / 8
    if loss >= LOSSY:
        picture = min(picture, FEW * (PAYLOAD + HEADERS))
    packets = max(1, -(-int(picture) // (PAYLOAD + HEADERS)))
    return max(LEAST_PICTURE, picture - packets * HEADERS) * 8 * RATE
