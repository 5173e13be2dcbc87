"""How a connection's rate is divided between voice and pictures. Bits a second on the wire, headers included."""

from dataclasses import dataclass

from media.core.redundancy import copies

HEADERS = 80
"""Bytes of a packet beside its payload: IP, UDP, RTP with its extensions, and the seal of SRTP."""
PAYLOAD = 1300
RATE = 15
"""Pictures a second."""
MOST_AGAIN = 0.35
OWN, OWN_TWICE = 0.04, 0.14
"""Share lost whatever is sent from which on packets of pictures leave twice, and thrice, unasked: asking takes a round
trip, in which a picture of several packets nearly always waits for one of them."""
ENOUGH = 110_000.0
"""Bits a second of pictures that are more worth than being sent twice."""
LEAST_PICTURE = 60
SHORT_FROM = 80_000.0
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
    """The thinnest paths get longer frames, since at 20 ms headers weigh more than the voice.

    No others do: at 16 kbit/s libopus smears fast changes of pitch in frames of 40 ms, one in six of 17 ms.
    """
    spare = copies(loss, total) if redundant else 0
    if total >= 250_000:
        return Voice(32_000 if not spare else 24_000, 20, spare)
    if total >= 110_000:
        return Voice(24_000 if not spare else 20_000, 20, spare)
    return Voice(16_000, 20 if total >= SHORT_FROM else 40, spare, quiet=True)


def unasked(total: float, spoken: Voice, own: float) -> int:
    """How often each packet of a picture is sent once more without being asked for; ``own``: what the path loses."""
    wanted = 0 if own < OWN else 1 if own < OWN_TWICE else 2
    return max(0, min(wanted, int((total - spoken.wire) / ENOUGH) - 1))


def pictures(total: float, spoken: Voice, loss: float, more: int = 0) -> float:
    """Bits a second for the encoder: without the headers, and without what is sent again, ``more`` times unasked."""
    left = max(0.0, total - spoken.wire) / (1 + more) * (1 - min(MOST_AGAIN, 1.2 * loss ** (1 + more)))
    picture = left / RATE / 8
    if loss >= LOSSY:
        picture = min(picture, FEW * (PAYLOAD + HEADERS))
    packets = max(1, -(-int(picture) // (PAYLOAD + HEADERS)))
    return max(LEAST_PICTURE, picture - packets * HEADERS) * 8 * RATE
