"""Voice encoded once for all who hear the same, each of whom gets what an encoder of their own would have made.

Whoever begins to hear something else goes on with a copy of the encoder as it stood, and so byte for byte as if they
had never shared it. Whoever hears the same as others again joins them in a pause: what a decoder remembers of one
encoder is then nothing that could be heard after another's; in the middle of a word it would tear the voice.
"""

from bisect import bisect_right
from collections.abc import Callable
from dataclasses import dataclass, field

import numpy as np

from media.core.budget import Voice
from media.core.mixing import BLOCK, Samples, level
from media.opusencoder import VoiceEncoder, voice_encoder

LONG = 25
"""Packets of the same sound in a row before two encoders become one."""
PAUSE, STILL = 3, 0.005
"""So many packets of the last of them are no louder than that: root mean square, of full scale."""
OLD = 5 * BLOCK
"""Samples after which an encoder that made nothing has no followers any more."""
LOSSES = (0.0, 0.01, 0.02, 0.03, 0.05, 0.07, 0.1, 0.15, 0.2, 0.3)


def guarded(loss: float) -> float:
    """The step of loss that an encoder guards against: paths that differ slightly can share one."""
    return LOSSES[max(0, bisect_right(LOSSES, loss) - 1)]


@dataclass(frozen=True)
class Manner:
    """How a voice is encoded."""

    spoken: Voice
    loss: float


@dataclass(frozen=True, eq=False)
class Step:
    """What is to be one packet, from sample ``at`` on."""

    at: int
    samples: Samples

    def same(self, other: "Step") -> bool:
        """Whether it is the same sound at the same time."""
        if self.at != other.at:
            return False
        return self.samples is other.samples or np.array_equal(self.samples, other.samples)


@dataclass(eq=False)
class Part:
    """One encoder: ``count`` packets, of which ``step`` became ``payload``; None, None before the first."""

    manner: Manner
    encoder: VoiceEncoder
    count: int = 0
    step: Step | None = None
    payload: bytes = b""
    error: Exception | None = None
    forks: "list[Part]" = field(default_factory=list)
    """Those that went on with something else than the newest step."""
    leader: "Part | None" = None
    """Who has had the same for ``alike`` packets."""
    alike: int = 0
    quiet: int = 0
    """How many of the newest packets were a pause, as far as that was looked at."""

    def make(self, step: Step) -> None:
        """The next packet; one that cannot be made has an ``error``."""
        self.count, self.step, self.forks, self.error = self.count + 1, step, [], None
        try:
            self.payload = self.encoder.encode(step.samples, self.manner.spoken, self.manner.loss)
        except Exception as error:  # whoever else follows must get it too
            self.payload, self.error = b"", error

    def copy(self, manner: Manner, *, back: bool = False) -> "Part":
        """Another one that goes on from here, or in place of the newest packet."""
        return Part(manner, self.encoder.copy(back=back), self.count - back)

    def compare(self, leader: "Part | None") -> None:
        """Notes who made the newest packet of the same sound before."""
        same = leader is not None and leader is self.leader
        self.leader, self.alike = leader, self.alike + 1 if same else int(leader is not None)
        enough = self.step is not None and self.alike > LONG - PAUSE
        self.quiet = self.quiet + 1 if enough and self.step and level(self.step.samples) <= STILL else 0

    def gives_way(self, step: Step) -> bool:
        """Whether its followers can go on with the leader's packet of this step."""
        leader = self.leader
        ready = leader is not None and self.alike >= LONG and self.quiet >= PAUSE
        return ready and leader is not None and leader.step is not None and leader.step.same(step)


class Chorus:
    """All who may share. Not for two threads at once. ``make`` gives a new encoder."""

    def __init__(self, make: Callable[[], VoiceEncoder] = voice_encoder) -> None:
        self.made = 0
        """Packets that were encoded."""
        self._new = make
        self._parts: list[Part] = []
        """In the order in which they made their newest packets."""

    def begin(self, manner: Manner) -> Part:
        """For whoever begins to listen: by themselves at first."""
        return Part(manner, self._new())

    def make(self, part: Part, step: Step) -> None:
        """The next packet of ``part``."""
        self._parts = [each for each in self._parts if each is not part and each.step and step.at - each.step.at <= OLD]
        part.make(step)
        self.made += 1
        part.compare(self._leader(part, step) if part.encoder.flexible else None)
        self._parts.append(part)

    def _leader(self, part: Part, step: Step) -> Part | None:
        alike = (each for each in self._parts if each.manner == part.manner and each.step and each.step.same(step))
        return next(alike, None)


class Share:
    """One connection's place in a chorus."""

    def __init__(self, chorus: Chorus) -> None:
        self._chorus = chorus
        self._part: Part | None = None
        self._count = 0

    @property
    def flexible(self) -> bool:
        """Whether packets may be of 40 ms."""
        return self._part is not None and self._part.encoder.flexible

    def settle(self, manner: Manner) -> None:
        """How the voice is encoded from here on. To be called at each step."""
        part = self._part
        if part is None:
            self._follow(self._chorus.begin(manner))
        elif not part.encoder.flexible:
            part.manner = manner
        elif part.manner != manner or not 0 <= part.count - self._count <= 1:
            # who has missed packets of the others goes on from where the encoder is, as after a loss
            self._follow(part.copy(manner, back=part.count == self._count + 1))

    def encode(self, step: Step) -> bytes:
        """The packet of this step, after ``settle``; raises what the encoder does."""
        assert self._part is not None, "settle comes first"
        part = self._choose(self._part, step)
        if part.count == self._count:
            self._chorus.make(part, step)
        self._count = part.count
        if part.error is not None:
            raise part.error
        return part.payload

    def _choose(self, part: Part, step: Step) -> Part:
        """Which part's newest packet is, or is to be, the one of this step."""
        if part.gives_way(step) and part.leader is not None:
            self._part, self._count = part.leader, part.leader.count - 1
        elif part.count > self._count and not (part.step and part.step.same(step)):
            fork = next((each for each in part.forks if each.step and each.step.same(step)), None)
            self._part = fork or part.copy(part.manner, back=True)
            if fork is None:
                part.forks.append(self._part)
        return self._part or part

    def _follow(self, part: Part) -> None:
        self._part, self._count = part, part.count
