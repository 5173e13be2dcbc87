"""What the risk rules have to know about other cases, and where an institution's settings are kept."""

from collections.abc import Mapping
from datetime import datetime
from typing import Protocol

from signing.domain.case import Case
from signing.domain.risk.facts import Elsewhere
from signing.domain.risk.settings import Settings


class RiskFacts(Protocol):
    """Found by keyed digests within one institution; only cases of the same identity numbers are ever opened."""

    def index(self, case: Case) -> None:
        """Makes a case's parties findable; again: as they are now."""
        ...

    def hold(self, case: Case) -> None:
        """Until the unit ends, nobody else opens a case with one of its identity numbers or phones."""
        ...

    def note_device(self, case_id: str, party_id: str, digest: str) -> None:
        """The device that a party came in with last; ``digest`` is keyed already."""
        ...

    def elsewhere(self, case: Case, since: datetime) -> Mapping[str, tuple[Elsewhere, ...]]:
        """party_id → what the case's parties have in common with other cases.

        Phones and devices: of cases opened at ``since`` or later. Identity numbers: of any time, the newest first.
        """
        ...

    def opened(self, case: Case, since: datetime, *, by_agent: bool) -> int:
        """How many other cases the branch, or whoever opened this one, has opened after ``since``."""
        ...

    def unindexed(self) -> list[str]:
        """Identifiers of cases from before there was an index."""
        ...

    def settings(self, institution_id: str) -> Settings:
        """Raises ``InputError`` naming line, rule and key where what is stored cannot be read."""
        ...

    def settings_text(self, institution_id: str) -> str:
        """The institution's own TOML; empty where it has none."""
        ...

    def save_settings(self, institution_id: str, toml: str, at: datetime) -> None:
        """Raises ``InputError`` naming line, rule and key; nothing is kept then."""
        ...
