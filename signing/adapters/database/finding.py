"""Cases by who and what is in them, newest first and page by page, without opening one that is not shown.

``party_index`` holds keyed digests of identity number, phone and name, and of each paper's look-up code with the
document in the place of the party; ``case_agent`` who has talked. Each alternative
of a search's first word walks an index that already has the order of the list; whatever else must hold is looked up.
"""

from collections.abc import Iterator
from typing import Any

from sqlalchemy import (
    ColumnElement,
    Connection,
    FromClause,
    Select,
    and_,
    delete,
    exists,
    func,
    insert,
    literal,
    or_,
    select,
    tuple_,
)

from signing.adapters.database.rows import insert_into
from signing.adapters.database.schema import case as cases
from signing.adapters.database.schema import institution
from signing.adapters.database.search_schema import case_agent, party_index
from signing.adapters.database.vault import CaseKeys
from signing.adapters.keys import INDEX_VERSION
from signing.domain.case import Case
from signing.domain.party import Party
from signing.domain.searching import Kind, Term, days_of_number
from signing.service.case_list import CaseQuery, ListPlace

_HASHED = (Kind.ID_NUMBER, Kind.PHONE, Kind.NAME, Kind.PAPER)
_NUMBERED = 2000
"""So many case numbers with the same beginning are looked at, the highest first."""


# --- what is kept -------------------------------------------------------------------------------------------------


def keep_index(connection: Connection, keys: CaseKeys, case: Case) -> None:
    """Brings the index rows of a case to what its parties and papers are now, with those of before."""
    columns = (party_index.c.party_id, party_index.c.kind, party_index.c.key_hash)
    rows = connection.execute(select(*columns).where(party_index.c.case_id == case.case_id))
    there = {(row.party_id, row.kind, row.key_hash) for row in rows}
    wanted = {
        (party.party_id, kind.value, digest) for party in case.everybody for kind, digest in _digests(keys, party)
    }
    wanted |= {
        (paper.document_id, Kind.PAPER.value, digest_of(keys, Kind.PAPER, paper.lookup_code))
        for paper in (*case.documents, *case.superseded)
        if paper.lookup_code
    }
    for party_id, kind, _ in there - wanted:
        here = (party_index.c.case_id == case.case_id, party_index.c.party_id == party_id, party_index.c.kind == kind)
        connection.execute(delete(party_index).where(*here))
    if new := sorted(wanted - there):
        connection.execute(insert(party_index), [_row(case, *one) for one in new])


def _row(case: Case, party_id: str, kind: str, digest: str) -> dict[str, Any]:
    return {
        "case_id": case.case_id,
        "party_id": party_id,
        "kind": kind,
        "key_version": INDEX_VERSION,
        "key_hash": digest,
        "institution_id": case.institution_id,
        "opened_at": case.opened_at,
    }


def _digests(keys: CaseKeys, party: Party) -> Iterator[tuple[Kind, str]]:
    for kind, value in ((Kind.ID_NUMBER, party.id_number), (Kind.PHONE, party.phone), (Kind.NAME, party.name)):
        if value:
            yield kind, digest_of(keys, kind, value)


def digest_of(keys: CaseKeys, kind: Kind, value: str) -> str:
    return keys.digest(f"party:{kind}", value.strip().upper())


def keep_agent(connection: Connection, case_id: str, staff_id: str) -> None:
    """Who has talked with a customer of the case."""
    columns = (cases.c.case_id, literal(staff_id).label("staff_id"), cases.c.institution_id, cases.c.opened_at)
    of_case = select(*columns).where(cases.c.case_id == case_id)
    names = [column.name for column in case_agent.columns]
    connection.execute(insert_into(connection, case_agent).from_select(names, of_case).on_conflict_do_nothing())


# --- what is found ------------------------------------------------------------------------------------------------


def find(connection: Connection, keys: CaseKeys, query: CaseQuery, limit: int, after: ListPlace | None) -> list[str]:
    """Identifiers, newest first."""
    found: set[tuple[Any, str]] = set()
    for statement in _statements(keys, query, after):
        rows = connection.execute(statement.limit(limit))
        found.update((row.opened_at, row.case_id) for row in rows)
    return [case_id for _, case_id in sorted(found, reverse=True)[:limit]]


def count(connection: Connection, keys: CaseKeys, query: CaseQuery, at_most: int) -> int:
    """Exact below ``at_most``."""
    statements = [statement.order_by(None).limit(at_most).subquery() for statement in _statements(keys, query, None)]
    if len(statements) == 1:
        return int(connection.execute(select(func.count()).select_from(statements[0])).scalar_one())
    found = {row for one in statements for row in connection.execute(select(one.c.case_id)).scalars()}
    return min(len(found), at_most)


def _statements(keys: CaseKeys, query: CaseQuery, after: ListPlace | None) -> Iterator[Select[Any]]:
    first, rest = (query.groups[0], query.groups[1:]) if query.groups else ((None,), ())
    others = [or_(*(_holds(keys, term) for term in group)) for group in rest]
    for term in first:
        source, order, where = _walk(keys, query, term)
        conditions = [*where, *_bounds(query, order, after), *others]
        columns = (order.c.opened_at, order.c.case_id)
        yield (
            select(*columns)
            .select_from(source)
            .where(*conditions)
            .distinct()
            .order_by(order.c.opened_at.desc(), order.c.case_id.desc())
        )


_Walk = tuple[FromClause, FromClause, list[ColumnElement[bool]]]


def _walk(keys: CaseKeys, query: CaseQuery, term: Term | None) -> _Walk:
    """What to select from, the table whose index has the order, and the condition on it."""
    if term is None or term.kind is Kind.PRODUCT:
        return cases, cases, [] if term is None else [_holds(keys, term)]
    if term.kind is Kind.CASE_NO:
        return _numbered(keys, query, term)
    table = case_agent if term.kind is Kind.AGENT else party_index
    return table.join(cases, cases.c.case_id == table.c.case_id), table, [_own(keys, term)]


def _numbered(keys: CaseKeys, query: CaseQuery, term: Term) -> _Walk:
    """A day's numbers are a span of time, which the list's own order has; a longer beginning is looked up first, in a
    table of its own, since a server that only tests for it would walk the whole list."""
    if (days := days_of_number(term.value)) is not None:
        return cases, cases, [cases.c.opened_at >= days[0], cases.c.opened_at < days[1]]
    owner: Any = [query.institution_id] if query.institution_id else select(institution.c.institution_id)
    columns = (cases.c.case_id, cases.c.institution_id, cases.c.opened_at)
    matching = select(*columns).where(cases.c.institution_id.in_(owner), _holds(keys, term))
    highest = matching.order_by(cases.c.case_no.desc()).limit(_NUMBERED).subquery("numbered")
    return highest.join(cases, cases.c.case_id == highest.c.case_id), highest, []


def _own(keys: CaseKeys, term: Term) -> ColumnElement[bool]:
    """The condition on the index's own row."""
    if term.kind is Kind.AGENT:
        return case_agent.c.staff_id == term.value
    assert term.kind in _HASHED
    same = party_index.c.key_hash == digest_of(keys, term.kind, term.value)
    return and_(party_index.c.kind == term.kind.value, same)


def _holds(keys: CaseKeys, term: Term) -> ColumnElement[bool]:
    """The condition on a case, however it was come by."""
    if term.kind is Kind.CASE_NO:
        return and_(cases.c.case_no >= term.value, cases.c.case_no < _beyond(term.value))
    if term.kind is Kind.PRODUCT:
        return cases.c.product_id == term.value
    table = case_agent if term.kind is Kind.AGENT else party_index
    return exists().where(table.c.case_id == cases.c.case_id, _own(keys, term)).correlate(cases)


def _beyond(prefix: str) -> str:
    """The first text after all that begin with ``prefix``."""
    return prefix[:-1] + chr(ord(prefix[-1]) + 1)


def _bounds(query: CaseQuery, order: FromClause, after: ListPlace | None) -> Iterator[ColumnElement[bool]]:
    if query.institution_id is not None:
        yield order.c.institution_id == query.institution_id
    if query.since is not None:
        yield order.c.opened_at >= query.since
    if query.until is not None:
        yield order.c.opened_at < query.until
    if after is not None:
        place = tuple_(literal(after.opened_at, order.c.opened_at.type), literal(after.case_id))
        yield tuple_(order.c.opened_at, order.c.case_id) < place
