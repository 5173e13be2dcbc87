"""Where the registered seals and the log of their uses are kept."""

from typing import Protocol

from signing.domain.seals import RegisteredSeal, SealUse


class Seals(Protocol):
    def of(self, institution_id: str) -> list[RegisteredSeal]:
        """Also those out of use; oldest first."""
        ...

    def get(self, seal_id: str) -> RegisteredSeal:
        """Raises ``NotFound``."""
        ...

    def save(self, seal: RegisteredSeal) -> None: ...

    def log(self, use: SealUse) -> None: ...

    def uses(self, institution_id: str, limit: int, seal_id: str = "") -> list[SealUse]:
        """Newest first."""
        ...
