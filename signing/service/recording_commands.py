"""Commands of a recording that comes while it is made: its spool's key, its segments, their assembly; and of none."""

from dataclasses import dataclass, field

from signing.service.commands import Command


@dataclass(frozen=True)
class TakeSpoolKey(Command):
    """→ 32 bytes: the key under which the seat of the call keeps its recordings' keys. The same at every asking."""

    call_id: str


@dataclass(frozen=True)
class KeepSegment(Command):
    """→ ``Segment``, durable. In order; a segment that is held already is answered as it is held.

    ``sha256`` and ``chain`` are the seat's own, of the plain ``data``.
    """

    recording_id: str
    index: int
    start_seconds: float
    sha256: str
    chain: str
    data: bytes = field(repr=False)


@dataclass(frozen=True)
class AssembleRecording(Command):
    """→ ``Recording``, verified or damaged: its segments, held against ``FinishRecording`` and read back whole."""

    recording_id: str


@dataclass(frozen=True)
class DeclareCallUnrecorded(Command):
    """→ ``list[Recording]``, lost. By a supervisor: of the call, or a part of it, nothing was recorded, or it was
    destroyed before the service heard of it."""

    call_id: str
    reason: str
