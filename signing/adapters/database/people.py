"""Institutions, branches, staff, and the village roster, whose rows are encrypted and found by a keyed digest."""

from functools import cached_property

from pydantic import TypeAdapter
from sqlalchemy import Connection, RowMapping, delete, select

from signing.adapters.database.rows import of_row, upsert, values_of
from signing.adapters.database.schema import branch, household, institution, staff
from signing.adapters.keys import Keyring, seal, unseal
from signing.domain.errors import NotFound
from signing.service.ports import Household, Institution
from signing.service.store import Branch, Changes, StaffMember

_HOUSEHOLD: TypeAdapter[Household] = TypeAdapter(Household)


class SqlPeople:
    """``People``"""

    def __init__(self, connection: Connection, keyring: Keyring, changes: Changes) -> None:
        self._connection = connection
        self._keyring = keyring
        self._changes = changes

    def institution(self, institution_id: str) -> Institution:
        statement = select(institution).where(institution.c.institution_id == institution_id)
        row = self._connection.execute(statement).mappings().first()
        if row is None:
            raise NotFound("没有找到这家机构")
        return of_row(Institution, row)

    def add_institution(self, added: Institution) -> None:
        upsert(self._connection, institution, values_of(added))

    def branch(self, branch_id: str) -> Branch:
        row = self._connection.execute(select(branch).where(branch.c.branch_id == branch_id)).mappings().first()
        if row is None:
            raise NotFound("没有找到这个网点")
        return of_row(Branch, row)

    def branches(self) -> list[Branch]:
        statement = select(branch).order_by(branch.c.institution_id, branch.c.branch_id)
        return [of_row(Branch, row) for row in self._connection.execute(statement).mappings()]

    def add_branch(self, added: Branch) -> None:
        upsert(self._connection, branch, values_of(added))

    def staff(self, staff_id: str) -> StaffMember:
        row = self._connection.execute(select(staff).where(staff.c.staff_id == staff_id)).mappings().first()
        if row is None:
            raise NotFound("没有找到这位工作人员")
        return of_row(StaffMember, row)

    def hold_staff(self, staff_id: str) -> StaffMember:
        statement = select(staff).where(staff.c.staff_id == staff_id).with_for_update(key_share=True)
        row = self._connection.execute(statement).mappings().first()
        if row is None:
            raise NotFound("没有找到这位工作人员")
        return of_row(StaffMember, row)

    def staff_named(self, username: str) -> StaffMember | None:
        row = self._connection.execute(select(staff).where(staff.c.username == username)).mappings().first()
        return None if row is None else of_row(StaffMember, row)

    def all_staff(self, institution_id: str | None = None) -> list[StaffMember]:
        statement = select(staff).order_by(staff.c.username)
        if institution_id is not None:
            statement = statement.where(staff.c.institution_id == institution_id)
        return [of_row(StaffMember, row) for row in self._connection.execute(statement).mappings()]

    def save_staff(self, member: StaffMember) -> None:
        upsert(self._connection, staff, values_of(member))
        if member.seat_id is not None:
            self._changes.seat_ids.add(member.seat_id)

    def household(self, institution_id: str, id_number: str) -> Household | None:
        digest = self._number_hash(id_number)
        where = (household.c.institution_id == institution_id, household.c.number_hash == digest)
        row = self._connection.execute(select(household).where(*where)).mappings().first()
        return None if row is None else self._open(row)

    def households(self, institution_id: str) -> list[Household]:
        statement = select(household).where(household.c.institution_id == institution_id)
        return [self._open(row) for row in self._connection.execute(statement).mappings()]

    def find_households(self, institution_id: str, text: str, limit: int) -> list[tuple[str, Household]]:
        if (one := self.household(institution_id, text)) is not None:
            return [(self._number_hash(text), one)]
        found: list[tuple[str, Household]] = []
        statement = select(household).where(household.c.institution_id == institution_id)
        for row in self._connection.execute(statement).mappings():
            if text in (opened := self._open(row)).name:
                found.append((row["number_hash"], opened))
            if len(found) == limit:
                break
        return found

    def household_at(self, institution_id: str, ref: str) -> Household:
        where = (household.c.institution_id == institution_id, household.c.number_hash == ref)
        row = self._connection.execute(select(household).where(*where)).mappings().first()
        if row is None:
            raise NotFound("名册里没有这一户", "请重新搜索")
        return self._open(row)

    def _open(self, row: RowMapping) -> Household:
        context = f"household:{row['institution_id']}:{row['number_hash']}"
        return _HOUSEHOLD.validate_json(unseal(self._roster_key, row["sealed"], context))

    @cached_property
    def _roster_key(self) -> bytes:
        """Of a roster thousands of rows are opened."""
        return self._keyring.derive("roster")

    def save_household(self, institution_id: str, saved: Household) -> None:
        digest = self._number_hash(saved.id_number)
        data = _HOUSEHOLD.dump_json(saved)
        sealed = seal(self._roster_key, data, f"household:{institution_id}:{digest}")
        values = {"institution_id": institution_id, "number_hash": digest, "sealed": sealed}
        upsert(self._connection, household, values)

    def remove_household(self, institution_id: str, id_number: str) -> None:
        digest = self._number_hash(id_number)
        where = (household.c.institution_id == institution_id, household.c.number_hash == digest)
        self._connection.execute(delete(household).where(*where))

    def _number_hash(self, id_number: str) -> str:
        return self._keyring.digest("roster", id_number.upper())
