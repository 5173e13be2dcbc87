"""What the figures of a day are reckoned from."""

from datetime import datetime
from typing import Protocol

from signing.domain.figures import Arrival, Result, Talk


class FigureFacts(Protocol):
    """Of an institution, from ``since`` to before ``until``, by the moment at which each counts."""

    def arrivals(self, institution_id: str, since: datetime, until: datetime) -> list[Arrival]:
        """Its own customers, at whatever seat they were served."""
        ...

    def talks(self, institution_id: str, since: datetime, until: datetime) -> list[Talk]:
        """At its own seats, whosever customers."""
        ...

    def results(self, institution_id: str, since: datetime, until: datetime) -> list[Result]:
        """Of its own cases."""
        ...

    def keep(self, result: Result) -> None:
        """Once: a case that is sealed or ended stays so, and a second time changes nothing. ``staff_id`` empty: the
        agent of its last call."""
        ...
