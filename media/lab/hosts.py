"""What both kinds of host have in common, and what each brings home from a call."""

import re
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, Protocol

import numpy as np
import numpy.typing as npt

from media.core.callfigures import Shown, spent, stalled
from media.core.mixing import Samples
from media.core.soundcode import Sent

CHUNK_MS = 10.0
_SMOOTH = 25


@dataclass(frozen=True)
class Observed:
    """What a host sent and got; times in milliseconds of the lab's clock (``time.monotonic()``).

    ``made``: when each picture was handed to the sender. ``unread``: pictures whose code could not be read. ``sound``
    has LISTEN_RATE; ``ends`` are the times at which each chunk of CHUNK_MS of it had been heard, evened out, and
    ``played`` when a step of sound was really taken, which tells whether who plays it got a processor. ``decoded``:
    moments, and the seconds that decoding pictures had taken by then.
    """

    made: tuple[float, ...]
    shown: tuple[Shown, ...]
    unread: int
    symbols: tuple[Sent, ...]
    sound: Samples
    ends: tuple[float, ...]
    played: tuple[float, ...]
    decoded: tuple[tuple[float, float], ...] = ()

    def stalled(self, window: tuple[float, float]) -> float:
        """The share of ``window`` in which the machine let this host make no picture, or play no sound."""
        return max(stalled(times, window) for times in (self.made, self.played))

    def decoding(self, window: tuple[float, float]) -> float:
        """The share of ``window`` in which a picture was being decoded: near 1 the decoder alone was too slow."""
        return spent(self.decoded, window)


@dataclass(frozen=True)
class Sending:
    """Bytes of video sent so far, and those of them that were sent again."""

    bytes: int
    again: int


class Host(Protocol):
    """One end of a call. The phone offers, the seat answers."""

    def answer(self, sdp: str) -> str:
        """Takes an offer and gives the answer with its candidates."""
        ...

    def finish(self) -> Observed:
        """Hangs up."""
        ...


def by_relay(sdp: str, port: int) -> str:
    """A description in which the only candidate of its host is the relay's port."""
    lines = [line for line in sdp.splitlines() if not re.match(r"a=(candidate:|end-of-candidates)", line)]
    candidate = f"a=candidate:1 1 udp 2130706431 127.0.0.1 {port} typ host generation 0"
    out: list[str] = []
    for index, line in enumerate(lines):
        out.append(line)
        last = index + 1 == len(lines) or lines[index + 1].startswith("m=")
        if last and any(seen.startswith("m=") for seen in out):
            out += [candidate, "a=end-of-candidates"]
    return "\r\n".join(out) + "\r\n"


def steady(times: Sequence[float], step: float) -> npt.NDArray[np.float64]:
    """Times of things that follow each other every ``step`` ms but were noted in bursts, without the bursts.

    Where the row itself stood still (a stall of half a second and more), the times follow.
    """
    if not times:
        return np.zeros(0)
    offsets = np.asarray(times) - step * np.arange(len(times))
    # the median follows a stall at once and the mean takes out the steps that it leaves
    smooth = _windows(_windows(offsets, _SMOOTH, np.median), _SMOOTH // 2, np.mean)
    return np.asarray(smooth + step * np.arange(len(times)), dtype=np.float64)


def _windows(values: npt.NDArray[np.float64], reach: int, over: Any) -> npt.NDArray[np.float64]:
    """``over`` (a function of numpy) of each value and its ``reach`` neighbours on both sides."""
    padded = np.pad(values, reach, mode="edge")
    return np.asarray(over(np.lib.stride_tricks.sliding_window_view(padded, 2 * reach + 1), axis=1), dtype=np.float64)
