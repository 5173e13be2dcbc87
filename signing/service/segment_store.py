"""What the database keeps of a recording while it comes: the segments that are stored, and its last chained head."""

from datetime import datetime
from typing import Protocol

from signing.domain.case import Segment


class Segments(Protocol):
    """They are added in order, from 0 on without a gap."""

    def newest(self, recording_id: str) -> Segment | None:
        """The last that is held; None where nothing has come."""
        ...

    def get(self, recording_id: str, index: int) -> Segment | None: ...

    def all(self, recording_id: str) -> tuple[Segment, ...]:
        """In their order."""
        ...

    def add(self, recording_id: str, segment: Segment, at: datetime) -> None:
        """Raises ``Contended`` where another unit has added one of this number meanwhile."""
        ...

    def head_at(self, recording_id: str) -> datetime | None:
        """When the chain's head was last put on the case's chain."""
        ...

    def set_head_at(self, recording_id: str, at: datetime) -> None: ...
