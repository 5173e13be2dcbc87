"""Video packets into frames, in order; a frame is let go as soon as its last packet is there (marker, RFC 3550)."""

from dataclasses import dataclass

MOST = 1024
"""Packets kept."""


@dataclass(frozen=True)
class Piece:
    """One packet's part of a frame. ``sequence`` and ``timestamp`` are unwrapped, ``timestamp`` in 1/90000 s.

    ``starts``: begins a frame as the codec says; ``key``: belongs to the beginning of a picture that needs no other.
    A piece without data (padding) fills its place only. ``arrived``: seconds.
    """

    sequence: int
    timestamp: int
    marker: bool
    data: bytes
    starts: bool
    key: bool
    arrived: float


@dataclass(frozen=True)
class Frame:
    """``damaged``: something before it was lost for good and no key frame came since."""

    timestamp: int
    data: bytes
    key: bool
    damaged: bool
    arrived: float


class FrameBuffer:
    """Bounded; begins with the first complete key frame. ``next`` is the packet that the decoder waits for."""

    def __init__(self) -> None:
        self._pieces: dict[int, Piece] = {}
        self._damaged = False
        self.next: int | None = None

    def insert(self, piece: Piece) -> None:
        """Takes a packet; one twice or too late is passed over."""
        if (self.next is not None and piece.sequence < self.next) or piece.sequence in self._pieces:
            return
        self._pieces[piece.sequence] = piece
        if len(self._pieces) > MOST:
            self.abandon()
        while len(self._pieces) > MOST:
            del self._pieces[min(self._pieces)]

    def pop(self) -> list[Frame]:
        """The frames that can be decoded now, in order."""
        frames = []
        while (last := self._complete(self.next)) is not None or (last := self._at_key()) is not None:
            frame = self._take(last)
            if frame is not None:
                frames.append(frame)
        return frames

    def waits(self, now: float) -> float:
        """Seconds for which the oldest packet here could not be used; 0 for an empty buffer."""
        return now - next(iter(self._pieces.values())).arrived if self._pieces else 0.0

    @property
    def key_coming(self) -> bool:
        """Whether a key frame has begun to come and is not whole yet."""
        return any(piece.key for piece in self._pieces.values())

    def abandon(self) -> None:
        """Gives up the frame that is waited for and goes on, damaged, with the next one that begins."""
        begin = self._next_start()
        if begin is None:
            self.next = max(self._pieces, default=self.next or 0) + 1
        else:
            self.next = begin
        self._damaged = True
        self._drop(self.next)

    def _complete(self, first: int | None) -> int | None:
        """The last packet of the frame that begins with ``first``, if all of it is there."""
        if first is None or (piece := self._pieces.get(first)) is None:
            return None
        timestamp = piece.timestamp
        while not piece.marker and piece.data:
            following = self._pieces.get(piece.sequence + 1)
            if following is None:
                return None
            if following.timestamp != timestamp:
                break
            piece = following
        return piece.sequence

    def _at_key(self) -> int | None:
        """Jumps to a complete key frame behind a hole, be it in the midst of a frame: the rest of that may never come,
        and who sends forgets what a key frame has made needless.
        """
        for sequence in sorted(seq for seq, piece in self._pieces.items() if piece.starts and piece.key):
            if (last := self._complete(sequence)) is not None:
                self.next = sequence
                return last
        return None

    def _take(self, last: int) -> Frame | None:
        assert self.next is not None
        parts = [self._pieces[sequence] for sequence in range(self.next, last + 1)]
        self.next = last + 1
        self._drop(self.next)
        data = b"".join(part.data for part in parts)
        if not data:
            return None
        key = any(part.key for part in parts)
        self._damaged = self._damaged and not key
        return Frame(parts[0].timestamp, data, key, self._damaged, max(part.arrived for part in parts))

    def _next_start(self) -> int | None:
        here = self._pieces
        starts = [
            seq
            for seq, piece in here.items()
            if seq != self.next and piece.data and (piece.starts or ((before := here.get(seq - 1)) and before.marker))
        ]
        return min(starts, default=None)

    def _drop(self, before: int) -> None:
        for sequence in [seq for seq in self._pieces if seq < before]:
            del self._pieces[sequence]
