"""Where it is kept how long each closed package's time-stamps hold."""

from collections.abc import Collection
from datetime import datetime
from typing import Protocol

from signing.domain.archive import ArchiveRecord, FailedArchives


class Archives(Protocol):
    def of(self, case_id: str) -> ArchiveRecord | None:
        """None where the case has no package."""
        ...

    def save(self, record: ArchiveRecord) -> None:
        """Raises ``Contended`` where somebody else has changed it since it was read by ``of``."""
        ...

    def due(self, now: datetime, limit: int) -> list[ArchiveRecord]:
        """Those to be looked at now, whose time-stamps end first."""
        ...

    def failing(self, limit: int) -> list[ArchiveRecord]:
        """Those whose last try failed, whose time-stamps end first."""
        ...

    def failing_of(self, branch_ids: Collection[str]) -> FailedArchives | None:
        """Of these branches' cases; None where the last try of none failed."""
        ...

    def branch_of(self, case_id: str) -> str:
        """Without opening the case."""
        ...

    def by_year(self) -> dict[int | None, int]:
        """How many packages hold until each year (UTC); None: not looked at yet."""
        ...

    def several(self, case_ids: Collection[str]) -> list[ArchiveRecord]: ...
