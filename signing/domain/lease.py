"""Which of several services are alive, judged by their heartbeats alone.

Each service counts its own ``beat`` up where all can read it. No clock is compared with another: an observer believes
that a service is dead only after it has itself watched, without a pause, for ``LEASE_SECONDS`` in which the beat stood
still. An observer that was away (its database, or its own process) watches anew.

The identity of a service is its fence: whoever buries a service takes its identity out of the list, and a service that
finds itself missing there must not act on what it knew before; it takes a new identity.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field

BEAT_SECONDS = 1.0
LEASE_SECONDS = 5.0
BLIND_SECONDS = 2.5
"""An observer that has not looked for so long knows nothing of the time between."""

LEFT = -1
"""The ``beat`` of a service that has stopped in order. It is dead at once; what it looked after is still there."""


@dataclass
class Watch:
    """One observer's knowledge; times are seconds of its own monotonic clock."""

    _beats: dict[str, int] = field(default_factory=dict)
    _since: dict[str, float] = field(default_factory=dict)
    _looked: float | None = None

    def look(self, beats: Mapping[str, int], now: float) -> frozenset[str]:
        """Whose lease has run out by what is seen now; ``beats`` by identity, without the observer's own."""
        if self._looked is None or now - self._looked > BLIND_SECONDS:
            self._since = dict.fromkeys(beats, now)
        self._looked = now
        for identity, beat in beats.items():
            if self._beats.get(identity) != beat:
                self._since[identity] = now
        self._beats = dict(beats)
        self._since = {identity: self._since.get(identity, now) for identity in beats}
        silent = {identity for identity in beats if now - self._since[identity] >= LEASE_SECONDS}
        return frozenset(silent | {identity for identity, beat in beats.items() if beat == LEFT})
