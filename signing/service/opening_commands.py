"""Commands around the opening of a case that leave a mark: who looked for whom, who holds a draft's key, who sent."""

from dataclasses import dataclass, field

from signing.domain.case import Case
from signing.service.commands import Command, OpenCase


@dataclass(frozen=True)
class NoteDraft(Command):
    """By a seat that checks a draft: of whom the rules are asked, masked, goes on the access log."""

    people: tuple[str, ...]


@dataclass(frozen=True)
class SearchRoster(Command):
    """→ ``list[FoundHousehold]``, of the caller's institution. The search is on the access log, masked."""

    text: str = field(repr=False)


@dataclass(frozen=True)
class LookUpPerson(Command):
    """→ ``Known``: by a roster row's ``ref``, or by a whole identity number. On the access log, masked."""

    ref: str = ""
    id_number: str = field(default="", repr=False)


@dataclass(frozen=True)
class TakeDraftKey(Command):
    """→ 32 bytes: the key under which this member of staff keeps drafts on the seat. The same at every asking."""


@dataclass(frozen=True)
class SendLink(Command):
    """Sends a party the link whose ``capability`` the caller was told. Raises ``OutsideError``, ``ConflictError``."""

    case_id: str
    party_id: str
    capability: str = field(repr=False)


@dataclass(frozen=True)
class OpenCaseOnce(Command):
    """→ ``OpenedOnce``. ``key``: the seat's own for this one case; ``body``: what was sent, to tell a repetition."""

    order: OpenCase
    key: str
    body: bytes = field(repr=False)


@dataclass(frozen=True)
class OpenedOnce:
    """``capabilities`` by party_id. Not ``first``: a repetition, with new links for who has not opened theirs."""

    case: Case
    capabilities: dict[str, str] = field(repr=False)
    first: bool = True
