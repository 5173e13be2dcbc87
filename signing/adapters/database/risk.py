"""Who is where else, found by keyed digests; and each institution's settings of the risk rules."""

from collections.abc import Mapping, Sequence
from datetime import datetime

from sqlalchemy import ColumnElement, Connection, RowMapping, and_, delete, func, insert, select, update

from signing.adapters.database.cases import SqlCases
from signing.adapters.database.rows import take_turn, upsert
from signing.adapters.database.schema import case as cases
from signing.adapters.database.schema import risk_index, risk_setting
from signing.adapters.keys import Keyring
from signing.adapters.risk_file import read_settings
from signing.domain.case import Case
from signing.domain.errors import TamperError
from signing.domain.party import Party
from signing.domain.risk.facts import Elsewhere
from signing.domain.risk.settings import Settings

MOST_ROWS = 500
"""Of one number, phone or device; more say nothing more."""
MOST_OPENED = 20
"""Cases of one identity number that are decrypted, the newest first."""


class SqlRisk:
    """``RiskFacts``"""

    def __init__(self, connection: Connection, keyring: Keyring, cases: SqlCases) -> None:
        self._connection = connection
        self._keyring = keyring
        self._cases = cases

    # --- the index --------------------------------------------------------------------------------------------

    def index(self, case: Case) -> None:
        devices = self._devices(case)
        self._connection.execute(delete(risk_index).where(risk_index.c.case_id == case.case_id))
        for party in case.parties:
            self._connection.execute(
                insert(risk_index).values(
                    case_id=case.case_id,
                    party_id=party.party_id,
                    institution_id=case.institution_id,
                    branch_id=case.branch_id,
                    opened_by=case.opened_by,
                    opened_at=case.opened_at,
                    number_hash=self._number(party),
                    phone_hash=self._phone(party),
                    device_hash=devices.get(party.party_id),
                )
            )

    def hold(self, case: Case) -> None:
        digests = {digest for party in case.parties for digest in (self._number(party), self._phone(party))}
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

    def _number(self, party: Party) -> str:
        return self._keyring.digest("risk.number", party.id_number.upper())

    # --- what is found ----------------------------------------------------------------------------------------

    def elsewhere(self, case: Case, since: datetime) -> Mapping[str, tuple[Elsewhere, ...]]:
        devices = self._devices(case)
        numbers = {self._number(party) for party in case.parties}
        found = {
            party.party_id: self._of_party(case, party, devices.get(party.party_id), since) for party in case.parties
        }
        related = self._related({row["case_id"] for rows in found.values() for row in rows.values()}, numbers)
        opened: dict[str, Case | None] = {}
        return {
            party.party_id: tuple(
                self._sighting(row, party, devices.get(party.party_id), related, opened)
                for row in found[party.party_id].values()
            )
            for party in case.parties
        }

    def _of_party(
        self, case: Case, party: Party, device: str | None, since: datetime
    ) -> dict[tuple[str, str], RowMapping]:
        recent = risk_index.c.opened_at >= since
        rows = [
            *self._rows(case, risk_index.c.number_hash == self._number(party), MOST_ROWS),
            *self._rows(case, and_(risk_index.c.phone_hash == self._phone(party), recent), MOST_ROWS),
        ]
        if device is not None:
            rows += self._rows(case, and_(risk_index.c.device_hash == device, recent), MOST_ROWS)
        return {(row["case_id"], row["party_id"]): row for row in rows}

    def _phone(self, party: Party) -> str:
        return self._keyring.digest("risk.phone", party.phone)

    def _rows(self, case: Case, what: ColumnElement[bool], limit: int) -> Sequence[RowMapping]:
        statement = (
            select(risk_index, cases.c.finished)
            .join(cases, cases.c.case_id == risk_index.c.case_id)
            .where(what, risk_index.c.institution_id == case.institution_id, risk_index.c.case_id != case.case_id)
            .order_by(risk_index.c.opened_at.desc())
            .limit(limit)
        )
        return self._connection.execute(statement).mappings().all()

    def _related(self, case_ids: set[str], numbers: set[str]) -> set[str]:
        statement = select(risk_index.c.case_id).where(
            risk_index.c.case_id.in_(case_ids), risk_index.c.number_hash.in_(numbers)
        )
        return set(self._connection.execute(statement).scalars()) if case_ids else set()

    def _sighting(
        self, row: RowMapping, party: Party, device: str | None, related: set[str], opened: dict[str, Case | None]
    ) -> Elsewhere:
        same_number = row["number_hash"] == self._number(party)
        other = self._opened(row["case_id"], opened) if same_number else None
        twin = next((one for one in other.parties if one.party_id == row["party_id"]), None) if other else None
        return Elsewhere(
            row["case_id"],
            row["opened_at"],
            not row["finished"],
            row["case_id"] in related,
            same_number,
            row["phone_hash"] == self._phone(party),
            device is not None and row["device_hash"] == device,
            twin.role if twin else None,
            twin.name == party.name if twin else None,
            other.terms.amount if other and other.terms else None,
        )

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
