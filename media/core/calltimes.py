"""When something that came over the line was seen or said, on the call's own clock. Seconds everywhere.

A stream's timestamps tell distances, not moments. A moment is put to them by the packet that came fastest of the last
minute; as soon as the sender's reports (RFC 3550 section 6.4.1) tell both streams on the sender's clock, by the fastest
of both, so that picture and sound lie as the phone made them. The line's least delay stays in it.
"""

from media.core.delay import Earliest

WINDOW = 60.0
JUMP = 1.0
"""By so much a sender's clock was set, and what was known by it holds no more."""
STEP = 0.02
"""What the estimate may stray before the times follow it: each following is a seam."""


class CallTimes:
    """Of one connection. A stream is known by its number."""

    def __init__(self) -> None:
        self._own: dict[int, Earliest] = {}
        self._joint = Earliest(WINDOW)
        self._reported: dict[int, float] = {}
        self._held: dict[int, float] = {}

    def note(self, stream: int, media: float, arrived: float, sender: float | None) -> None:
        """``media``: the timestamp in seconds; ``sender``: the same moment on the sender's clock, where it is known."""
        self._own.setdefault(stream, Earliest(WINDOW)).add(arrived - media, arrived)
        if sender is not None:
            if abs(sender - media - self._reported.get(stream, sender - media)) > JUMP:
                self._joint, self._reported = Earliest(WINDOW), {}
            self._reported[stream] = sender - media
            self._joint.add(arrived - sender, arrived)

    def at(self, stream: int, media: float) -> float:
        """The moment on this machine's monotonic clock. Raises KeyError for a stream of which nothing was noted."""
        offset = self._offset(stream)
        held = self._held.get(stream)
        if held is None or abs(offset - held) > STEP:
            self._held[stream] = held = offset
        return media + held

    def _offset(self, stream: int) -> float:
        joint, reported = self._joint.value, self._reported.get(stream)
        if joint is not None and reported is not None:
            return reported + joint
        own = self._own[stream].value
        assert own is not None, "a stream has its first packet before its first moment"
        return own
