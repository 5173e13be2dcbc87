"""Where the registered seals and the log of their uses are kept."""

from datetime import datetime
from typing import Protocol

from signing.domain.seals import RegisteredSeal, SealDelay, SealedPaper, SealUse


class Seals(Protocol):
    def of(self, institution_id: str) -> list[RegisteredSeal]:
        """Also those out of use; oldest first."""
        ...

    def get(self, seal_id: str) -> RegisteredSeal:
        """Raises ``NotFound``."""
        ...

    def hold(self, seal_id: str) -> RegisteredSeal:
        """For a change, and only in a unit that writes: nobody else changes it, or relies on it, until the unit ends.
        Raises ``NotFound``."""
        ...

    def rely_on(self, seal_id: str) -> RegisteredSeal:
        """As ``hold``, for what is true only while the seal stays as it is: nobody changes it until the unit ends."""
        ...

    def save(self, seal: RegisteredSeal) -> None: ...

    def delay(self, case_id: str) -> SealDelay | None: ...

    def save_delay(self, delay: SealDelay) -> None: ...

    def settle(self, case_id: str) -> None:
        """The case waits no longer."""
        ...

    def hurry(self, institution_id: str, now: datetime) -> None:
        """What waits of the institution's cases is due now, as if it had not been tried yet."""
        ...

    def due(self, now: datetime) -> list[str]:
        """Cases that are to be tried again, the longest waiting first."""
        ...

    def note_paper(self, paper: SealedPaper) -> None:
        """Makes a sealed paper findable."""
        ...

    def papers(self, *, code: str = "", sha256: str = "") -> list[SealedPaper]: ...

    def log(self, use: SealUse) -> None: ...

    def uses(self, institution_id: str, limit: int, seal_id: str = "") -> list[SealUse]:
        """Newest first."""
        ...
