"""Who is where else, found by the keyed digests of the search index and of devices; and the rules' settings."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import ColumnElement, Connection, RowMapping, Table, and_, delete, func, insert, select, update

from signing.adapters.database.cases import SqlCases
from signing.adapters.database.finding import digest_of
from signing.adapters.database.rows import take_turn, upsert
from signing.adapters.database.schema import case as cases
from signing.adapters.database.schema import risk_index, risk_setting
from signing.adapters.database.search_schema import party_index
from signing.adapters.database.vault import CaseKeys
from signing.adapters.risk_file import read_settings
from signing.domain.case import Case
from signing.domain.errors import TamperError
from signing.domain.party import Party
from signing.domain.risk.facts import Elsewhere
from signing.domain.risk.settings import Settings
from signing.domain.searching import Kind

MOST_ROWS = 500
"""Of one number, phone or device; more say nothing more."""
MOST_OPENED = 20
"""Cases of one identity number that are decrypted, the newest first."""


@dataclass(frozen=True)
class _Shared:
    """A party of another case, and which of number, phone and device they have in common with one of this."""

    row: RowMapping
    kinds: set[str]


def _is(kind: Kind, digest: str) -> ColumnElement[bool]:
    return and_(party_index.c.kind == kind.value, party_index.c.key_hash == digest)


class SqlRisk:
    """``RiskFacts``"""

    def __init__(self, connection: Connection, keys: CaseKeys, cases: SqlCases) -> None:
        self._connection = connection
        self._keys = keys
        self._cases = cases

    # --- the index --------------------------------------------------------------------------------------------

    def index(self, case: Case) -> None:
        devices = self._devices(case)
        self._connection.execute(delete(risk_index).where(risk_index.c.case_id == case.case_id))
        for party in case.everybody:
            self._connection.execute(
                insert(risk_index).values(
                    case_id=case.case_id,
                    party_id=party.party_id,
                    institution_id=case.institution_id,
                    branch_id=case.branch_id,
                    opened_by=case.opened_by,
                    opened_at=case.opened_at,
                    device_hash=devices.get(party.party_id),
                )
            )

    def hold(self, case: Case) -> None:
        kinds = (Kind.ID_NUMBER, Kind.PHONE)
        digests = {self._digest(kind, party) for party in case.parties for kind in kinds}
        for key in sorted(int(digest[:15], 16) for digest in digests):
            take_turn(self._connection, key)

    def note_device(self, case_id: str, party_id: str, digest: str) -> None:
        where = (risk_index.c.case_id == case_id, risk_index.c.party_id == party_id)
        self._connection.execute(update(risk_index).where(*where).values(device_hash=digest))

    def unindexed(self) -> list[str]:
        there = select(risk_index.c.case_id).where(risk_index.c.case_id == cases.c.case_id).exists()
        return list(self._connection.execute(select(cases.c.case_id).where(~there)).scalars())

    def _devices(self, case: Case) -> dict[str, str]:
        statement = select(risk_index.c.party_id, risk_index.c.device_hash)
        rows = self._connection.execute(statement.where(risk_index.c.case_id == case.case_id))
        return {row.party_id: row.device_hash for row in rows if row.device_hash is not None}

    # --- what is found ----------------------------------------------------------------------------------------

    def elsewhere(self, case: Case, since: datetime) -> Mapping[str, tuple[Elsewhere, ...]]:
        devices = self._devices(case)
        found = {one.party_id: self._of_party(case, one, devices.get(one.party_id), since) for one in case.parties}
        other = {key[0] for shared in found.values() for key, one in shared.items() if "number" not in one.kinds}
        related = self._related(case, other)
        opened: dict[str, Case | None] = {}
        return {
            party.party_id: tuple(
                self._sighting(shared, party, related, opened) for shared in found[party.party_id].values()
            )
            for party in case.parties
        }

    def _of_party(
        self, case: Case, party: Party, device: str | None, since: datetime
    ) -> dict[tuple[str, str], "_Shared"]:
        """(case_id, party_id) → what those two have in common."""
        found: dict[tuple[str, str], _Shared] = {}
        number, phone = self._digest(Kind.ID_NUMBER, party), self._digest(Kind.PHONE, party)
        recent = party_index.c.opened_at >= since
        wanted = [
            (party_index, _is(Kind.ID_NUMBER, number), "number"),
            (party_index, and_(_is(Kind.PHONE, phone), recent), "phone"),
        ]
        if device is not None:
            same = and_(risk_index.c.device_hash == device, risk_index.c.opened_at >= since)
            wanted.append((risk_index, same, "device"))
        for table, what, kind in wanted:
            for row in self._rows(case, table, what):
                shared = found.setdefault((row["case_id"], row["party_id"]), _Shared(row, set()))
                shared.kinds.add(kind)
        return found

    def _digest(self, kind: Kind, party: Party) -> str:
        return digest_of(self._keys, kind, party.id_number if kind is Kind.ID_NUMBER else party.phone)

    def _rows(self, case: Case, table: Table, what: ColumnElement[bool]) -> Sequence[RowMapping]:
        statement = (
            select(table.c.case_id, table.c.party_id, table.c.opened_at, cases.c.finished)
            .join(cases, cases.c.case_id == table.c.case_id)
            .where(what, table.c.institution_id == case.institution_id, table.c.case_id != case.case_id)
            .order_by(table.c.opened_at.desc())
            .limit(MOST_ROWS)
        )
        return self._connection.execute(statement).mappings().all()

    def _related(self, case: Case, case_ids: set[str]) -> set[str]:
        """Those with a party of this one. Whoever is none there any more makes no two cases related."""
        numbers = {self._digest(Kind.ID_NUMBER, party) for party in case.parties}
        people = {party.id_number for party in case.parties}
        statement = select(party_index.c.case_id).where(
            party_index.c.case_id.in_(case_ids),
            party_index.c.kind == Kind.ID_NUMBER.value,
            party_index.c.key_hash.in_(numbers),
        )
        found = set(self._connection.execute(statement).scalars()) if case_ids else set()
        opened: dict[str, Case | None] = {}
        return {one for one in sorted(found) if self._has_one_of(people, one, opened)}

    def _sighting(
        self, shared: "_Shared", party: Party, related: set[str], opened: dict[str, Case | None]
    ) -> Elsewhere:
        row = shared.row
        other = self._opened(row["case_id"], opened) if "number" in shared.kinds else None
        twin = next((one for one in other.everybody if one.party_id == row["party_id"]), None) if other else None
        answers = twin if other and twin in other.parties else None  # who is no party any more answers for nothing
        return Elsewhere(
            row["case_id"],
            row["opened_at"],
            not row["finished"],
            "number" in shared.kinds or row["case_id"] in related,
            "number" in shared.kinds,
            "phone" in shared.kinds,
            "device" in shared.kinds,
            answers.role if answers else None,
            twin.name == party.name if twin else None,
            other.terms.amount if other and other.terms else None,
        )

    def _has_one_of(self, people: set[str], case_id: str, opened: dict[str, Case | None]) -> bool:
        """Whether one of them is a party there now; as the index says where the case is not opened."""
        other = self._opened(case_id, opened)
        return other is None or any(party.id_number in people for party in other.parties)

    def _opened(self, case_id: str, opened: dict[str, Case | None]) -> Case | None:
        """A damaged case must not stop another; audit and restarts report it."""
        if case_id not in opened:
            if len(opened) >= MOST_OPENED:
                return None
            try:
                opened[case_id] = self._cases.peek(case_id)
            except TamperError:
                opened[case_id] = None
        return opened[case_id]

    def opened(self, case: Case, since: datetime, *, by_agent: bool) -> int:
        whose = risk_index.c.opened_by == case.opened_by if by_agent else risk_index.c.branch_id == case.branch_id
        statement = select(func.count(risk_index.c.case_id.distinct())).where(
            whose,
            risk_index.c.institution_id == case.institution_id,
            risk_index.c.opened_at > since,
            risk_index.c.case_id != case.case_id,
        )
        return int(self._connection.execute(statement).scalar_one())

    # --- settings ---------------------------------------------------------------------------------------------

    def settings(self, institution_id: str) -> Settings:
        return read_settings(f"{institution_id} 的风险规则", self.settings_text(institution_id))

    def settings_text(self, institution_id: str) -> str:
        statement = select(risk_setting.c.toml).where(risk_setting.c.institution_id == institution_id)
        return str(self._connection.execute(statement).scalar() or "")

    def save_settings(self, institution_id: str, toml: str, at: datetime) -> None:
        read_settings("风险规则", toml)
        upsert(self._connection, risk_setting, {"institution_id": institution_id, "toml": toml, "since": at})
