"""Finding cases: a page of the audit list, newest first, and how many there are."""

import base64
import binascii
from collections.abc import Iterator
from dataclasses import dataclass, replace
from datetime import UTC, datetime

from signing.domain.errors import InputError
from signing.domain.searching import Kind, Search, Term
from signing.service.case_list import CaseQuery, ListPlace
from signing.service.services import Services
from signing.service.store import Unit

COUNTED = 1000
"""Beyond so many a count only says that there are more."""


@dataclass(frozen=True)
class Counted:
    number: int
    more: bool


def query_of(unit: Unit, services: Services, institution_id: str | None, search: Search) -> CaseQuery:
    """Each word of the search as all that it may stand for."""
    groups = tuple(tuple(_meanings(unit, services, institution_id, term)) for term in search.terms)
    return CaseQuery(institution_id, groups, search.since, search.until)


def _meanings(unit: Unit, services: Services, institution_id: str | None, term: Term) -> Iterator[Term]:
    if term.kind is not Kind.WORD:
        yield term
        return
    yield replace(term, kind=Kind.NAME)
    for member in unit.people.all_staff(institution_id):
        if member.name == term.value:
            yield Term(Kind.AGENT, member.staff_id)
    for product_id, product in services.products.all().items():
        if term.value in product.title:
            yield Term(Kind.PRODUCT, product_id)


def counted(unit: Unit, query: CaseQuery) -> Counted:
    number = unit.cases.count(query, COUNTED + 1)
    return Counted(min(number, COUNTED), number > COUNTED)


def cursor_of(place: ListPlace) -> str:
    """Where a page ended, as opaque text."""
    text = f"{place.opened_at.astimezone(UTC).isoformat()} {place.case_id}"
    return base64.urlsafe_b64encode(text.encode()).decode()


def place_after(cursor: str) -> ListPlace | None:
    """Raises ``InputError``."""
    if not cursor:
        return None
    try:
        at, case_id = base64.urlsafe_b64decode(cursor).decode().split(" ")
        return ListPlace(datetime.fromisoformat(at).astimezone(UTC), case_id)
    except (ValueError, binascii.Error):
        raise InputError("翻页位置不正确", "请从头查询") from None
