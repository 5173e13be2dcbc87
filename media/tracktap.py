"""Where a customer's own picture and sound are taken off: behind the repair of the line, before anything is decoded.

Nothing passes of who is held or muted, nor of a connection that is not the one in use. All methods are for the loop,
and none of them waits.
"""

import time
from collections.abc import Callable
from typing import Protocol

from media.core.frames import Frame
from media.core.matroska import PICTURE, SOUND
from media.core.trackpile import Bit, Lack
from media.tracktape import Gone, Shut, TrackTape


class Tap(Protocol):
    """What the receivers of a connection tell of what comes."""

    def picture(self, codec: str, frame: Frame, sender: float | None) -> None:
        """``frame`` is whole; ``sender``: its moment on the sender's clock, where that is known."""
        ...

    def sound(self, timestamp: int, payload: bytes, now: float, sender: float | None) -> None:
        """A packet of Opus; one may come twice."""
        ...

    def restart(self) -> None:
        """Timestamps begin anew."""
        ...

    def wants_key(self) -> bool:
        """Whether a whole picture is to be asked for; once."""
        ...


class PartyTap:
    """One customer's, over all of their connections. ``clock`` is monotonic, in seconds."""

    def __init__(self, party_id: str, clock: Callable[[], float] = time.monotonic) -> None:
        self.party_id = party_id
        self._clock = clock
        self._tape: TrackTape | None = None
        self._in_use: _Source | None = None
        self._sources = 0
        self._shut: tuple[float, Lack] | None = None
        self._waits_for_key = self._wants_key = False

    def source(self) -> "_Source":
        """For a new connection; ``use`` it when it is the one in use."""
        return _Source(self, self.number())

    def number(self) -> int:
        """Of a connection's streams, larger than all before."""
        self._sources += 1
        return self._sources

    def use(self, source: Tap) -> None:
        """From here on it is this connection's."""
        if isinstance(source, _Source) and source is not self._in_use:
            self._in_use = source
            source.restart()
            self._need_key()

    def record(self, tape: TrackTape | None) -> None:
        """Onto another tape, or none."""
        self._open()
        self._tape = tape
        if self._shut is not None:
            self._shut = self._clock(), self._shut[1]
        self._need_key()

    def gate(self, *, held: bool, muted: bool) -> None:
        """Whether anything is kept."""
        lack = Lack.HELD if held else Lack.MUTED if muted else None
        if lack is (self._shut[1] if self._shut is not None else None):
            return
        self._open()
        self._shut = None if lack is None else (self._clock(), lack)
        self._need_key()

    def leave(self) -> None:
        """They are no longer in the call."""
        self._open()
        if self._tape is not None:
            self._tape.put(self.party_id, Gone())
        self._tape = None  # their connection carries on until it is closed

    def _need_key(self) -> None:
        """Pictures begin with one that needs no other."""
        self._waits_for_key = self._wants_key = True

    def _open(self) -> None:
        """Tells the tape for how long nothing passed up to now."""
        if self._shut is not None and self._tape is not None:
            self._tape.put(self.party_id, Shut(self._shut[0], self._clock(), self._shut[1]))

    # --- from the connections ---

    def takes(self, source: Tap) -> bool:
        if self._tape is None or source is not self._in_use:
            return False
        return self._shut is None or self._shut[1] is Lack.BEHIND

    def key_due(self, source: Tap) -> bool:
        """Whether a whole picture is to be asked for; once."""
        due = self._wants_key and self.takes(source)
        self._wants_key = self._wants_key and not due
        return due

    def keep(self, bit: Bit) -> None:
        """What passes; pictures only once they can be seen."""
        if bit.track == PICTURE:
            if self._waits_for_key and not bit.key:
                return
            self._waits_for_key = False
        self._put(bit)

    def _put(self, bit: Bit) -> None:
        assert self._tape is not None
        if self._tape.put(self.party_id, bit):
            if self._shut is not None:
                self._open()
                self._shut = None
        elif self._shut is None:
            self._shut = self._clock(), Lack.BEHIND
            self._need_key()


class _Source:
    """One connection's; ``Tap``."""

    def __init__(self, party: PartyTap, number: int) -> None:
        self._party, self._number = party, number

    def picture(self, codec: str, frame: Frame, sender: float | None) -> None:
        if self._party.takes(self):
            self._party.keep(
                Bit(
                    PICTURE,
                    self._number,
                    frame.timestamp,
                    frame.arrived,
                    sender,
                    frame.key,
                    frame.damaged,
                    frame.data,
                    codec,
                )
            )

    def sound(self, timestamp: int, payload: bytes, now: float, sender: float | None) -> None:
        if self._party.takes(self):
            self._party.keep(Bit(SOUND, self._number, timestamp, now, sender, True, False, payload))

    def restart(self) -> None:
        self._number = self._party.number()

    def wants_key(self) -> bool:
        return self._party.key_due(self)
