"""The proof before hang-up by whom it is about: with four parties, whose paper it is matters more than which. Pure."""

from collections.abc import Sequence
from dataclasses import dataclass

from desktop.model import party as parties
from signing.wire.case import CaseView, ProofItem

OF_THE_CALL = "通话与录像"


@dataclass(frozen=True)
class Group:
    """``title`` names the party, or the call."""

    title: str
    items: tuple[ProofItem, ...]

    @property
    def missing(self) -> tuple[ProofItem, ...]:
        return tuple(item for item in self.items if not item.ok)

    @property
    def good(self) -> tuple[ProofItem, ...]:
        return tuple(item for item in self.items if item.ok)

    @property
    def words(self) -> str:
        lacking = len(self.missing)
        return f"{self.title} · 缺 {lacking} 项" if lacking else f"{self.title} · {len(self.items)} 项齐全"


def groups(case: CaseView, items: Sequence[ProofItem]) -> list[Group]:
    """One a party in the case's order, and one of the call; what lacks something comes first.

    The service ends the key of what is about one party with a dot and their id.
    """
    titles = {one.party_id: parties.label(one) for one in case.parties}
    by_title: dict[str, list[ProofItem]] = {title: [] for title in (*titles.values(), OF_THE_CALL)}
    for item in items:
        by_title[titles.get(item.key.rpartition(".")[2], OF_THE_CALL)].append(item)
    found = [Group(title, tuple(of)) for title, of in by_title.items() if of]
    return sorted(found, key=lambda group: not group.missing)
