"""What every happening is made of."""

from dataclasses import dataclass
from datetime import UTC, datetime

from signing.domain.masking import mask_name
from signing.domain.party import ROLE_TITLES, Party

Body = dict[str, object]


@dataclass(frozen=True)
class Happening:
    """An event before it is chained."""

    type: str
    body: Body


def at(moment: datetime) -> str:
    return moment.astimezone(UTC).isoformat(timespec="milliseconds").replace("+00:00", "Z")


def of(party: Party, type_: str, **body: object) -> Happening:
    """``type_`` about this party."""
    return Happening(type_, {"party_id": party.party_id, "party": label(party), **body})


def label(party: Party) -> str:
    return f"{ROLE_TITLES[party.role]}{mask_name(party.name)}"
