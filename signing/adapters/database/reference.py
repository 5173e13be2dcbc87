"""Lists and the loan prime rate. Entries of lists are encrypted and found by a keyed digest, as the roster is."""

from datetime import date
from decimal import Decimal

from pydantic import TypeAdapter
from sqlalchemy import ColumnElement, Connection, RowMapping, delete, select

from signing.adapters.database.rows import of_row, upsert
from signing.adapters.database.schema import list_entry, lpr, named_list
from signing.adapters.keys import Keyring, seal, unseal
from signing.domain.reference import ListEntry, Lpr, Membership, NamedList

_ENTRY: TypeAdapter[ListEntry] = TypeAdapter(ListEntry)


class SqlReference:
    """``Reference``"""

    def __init__(self, connection: Connection, keyring: Keyring) -> None:
        self._connection = connection
        self._keyring = keyring

    def lists(self, institution_id: str) -> list[NamedList]:
        statement = select(named_list).where(named_list.c.institution_id == institution_id).order_by(named_list.c.name)
        return [of_row(NamedList, row) for row in self._connection.execute(statement).mappings()]

    def save_list(self, institution_id: str, saved: NamedList) -> None:
        values = {"institution_id": institution_id, "name": saved.name, "kind": saved.kind}
        upsert(self._connection, named_list, values)

    def list_entry(self, institution_id: str, list_name: str, number: str) -> ListEntry | None:
        statement = select(list_entry).where(*self._place(institution_id, list_name, number))
        row = self._connection.execute(statement).mappings().first()
        return None if row is None else self._open(row)

    def list_entries(self, institution_id: str, list_name: str) -> list[ListEntry]:
        where = (list_entry.c.institution_id == institution_id, list_entry.c.list_name == list_name)
        rows = self._connection.execute(select(list_entry).where(*where)).mappings()
        return [self._open(row) for row in rows]

    def memberships(self, institution_id: str, number: str, day: date) -> list[Membership]:
        kinds = {one.name: one for one in self.lists(institution_id)}
        where = (list_entry.c.institution_id == institution_id, list_entry.c.number_hash == self._digest(number))
        statement = select(list_entry).where(*where).order_by(list_entry.c.list_name)
        rows = self._connection.execute(statement).mappings().all()
        found = [Membership(kinds[row["list_name"]], self._open(row)) for row in rows]
        return [one for one in found if one.entry.counts_on(day)]

    def save_entry(self, institution_id: str, list_name: str, entry: ListEntry) -> None:
        key = {
            "institution_id": institution_id,
            "list_name": list_name,
            "number_hash": self._digest(entry.number),
        }
        sealed = seal(self._keyring.derive("lists"), _ENTRY.dump_json(entry), _context(**key))
        upsert(self._connection, list_entry, {**key, "sealed": sealed})

    def remove_entry(self, institution_id: str, list_name: str, number: str) -> None:
        self._connection.execute(delete(list_entry).where(*self._place(institution_id, list_name, number)))

    def _place(self, institution_id: str, list_name: str, number: str) -> tuple[ColumnElement[bool], ...]:
        return (
            list_entry.c.institution_id == institution_id,
            list_entry.c.list_name == list_name,
            list_entry.c.number_hash == self._digest(number),
        )

    def _open(self, row: RowMapping) -> ListEntry:
        context = _context(row["institution_id"], row["list_name"], row["number_hash"])
        return _ENTRY.validate_json(unseal(self._keyring.derive("lists"), row["sealed"], context))

    def _digest(self, number: str) -> str:
        return self._keyring.digest("lists", number.upper())

    def all_lpr(self, institution_id: str) -> list[Lpr]:
        statement = select(lpr).where(lpr.c.institution_id == institution_id).order_by(lpr.c.day)
        return [_quote(row) for row in self._connection.execute(statement).mappings()]

    def save_lpr(self, institution_id: str, quote: Lpr) -> None:
        values = {"one_year": str(quote.one_year), "five_year": str(quote.five_year)}
        upsert(self._connection, lpr, {"institution_id": institution_id, "day": quote.day, **values})


def _context(institution_id: str, list_name: str, number_hash: str) -> str:
    return f"list:{institution_id}:{list_name}:{number_hash}"


def _quote(row: RowMapping) -> Lpr:
    return Lpr(row["day"], Decimal(row["one_year"]), Decimal(row["five_year"]))
