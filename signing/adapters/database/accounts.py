"""Second factors (encrypted), wrong tries, rules of log-in, and uses that are counted."""

from datetime import datetime, timedelta

from sqlalchemy import Connection, delete, insert, or_, select, update

from signing.adapters.database.account_schema import factor_rule, log_in_tries, resting_account, second_factor, use
from signing.adapters.database.rows import of_row, of_rows, take_turn, upsert, values_of
from signing.adapters.keys import Keyring, seal, unseal
from signing.domain.lockout import Tries
from signing.domain.resting import Resting
from signing.service.account_store import SecondFactor

KEPT = timedelta(days=1)


class SqlAccounts:
    """``Accounts``"""

    def __init__(self, connection: Connection, keyring: Keyring, *, write: bool) -> None:
        self._connection = connection
        self._keyring = keyring
        self._write = write

    def second_factor(self, staff_id: str) -> SecondFactor | None:
        statement = select(second_factor).where(second_factor.c.staff_id == staff_id)
        row = self._connection.execute(statement).mappings().first()
        if row is None:
            return None
        secret = unseal(self._keyring.derive("totp"), row["sealed"], f"totp:{staff_id}").decode()
        return SecondFactor(staff_id, secret, row["confirmed_at"])

    def save_second_factor(self, factor: SecondFactor) -> None:
        sealed = seal(self._keyring.derive("totp"), factor.secret.encode(), f"totp:{factor.staff_id}")
        values = {"staff_id": factor.staff_id, "sealed": sealed, "confirmed_at": factor.confirmed_at}
        upsert(self._connection, second_factor, values)

    def remove_second_factor(self, staff_id: str) -> None:
        self._connection.execute(delete(second_factor).where(second_factor.c.staff_id == staff_id))

    def use_step(self, staff_id: str, step: int) -> bool:
        fresh = or_(second_factor.c.last_step.is_(None), second_factor.c.last_step < step)
        statement = update(second_factor).where(second_factor.c.staff_id == staff_id, fresh).values(last_step=step)
        return self._connection.execute(statement).rowcount == 1

    def tries(self, name_hash: str) -> Tries:
        self._take_turn(name_hash)
        statement = select(log_in_tries).where(log_in_tries.c.name_hash == name_hash)
        row = self._connection.execute(statement).mappings().first()
        return Tries() if row is None else Tries(row["failed_at"], row["series"], row["locked_until"])

    def save_tries(self, name_hash: str, tries: Tries) -> None:
        if tries == Tries():
            self._connection.execute(delete(log_in_tries).where(log_in_tries.c.name_hash == name_hash))
            return
        values = {"failed_at": tries.failed_at, "series": tries.series, "locked_until": tries.locked_until}
        values["tried_at"] = max((*tries.failed_at, *filter(None, [tries.locked_until])), default=None)
        upsert(self._connection, log_in_tries, {"name_hash": name_hash, **values})

    def resting(self, staff_id: str) -> Resting | None:
        statement = select(resting_account).where(resting_account.c.staff_id == staff_id)
        row = self._connection.execute(statement).mappings().first()
        return None if row is None else of_row(Resting, row)

    def all_resting(self) -> list[Resting]:
        ordered = select(resting_account).order_by(resting_account.c.since, resting_account.c.staff_id)
        return of_rows(Resting, self._connection.execute(ordered))

    def save_resting(self, resting: Resting) -> None:
        upsert(self._connection, resting_account, values_of(resting))

    def end_rest(self, staff_id: str) -> None:
        self._connection.execute(delete(resting_account).where(resting_account.c.staff_id == staff_id))

    def factor_rules(self, institution_id: str) -> dict[str, bool]:
        statement = select(factor_rule).where(factor_rule.c.institution_id == institution_id)
        return {row["role"]: row["required"] for row in self._connection.execute(statement).mappings()}

    def save_factor_rule(self, institution_id: str, role: str, required: bool) -> None:
        values = {"institution_id": institution_id, "role": role, "required": required}
        upsert(self._connection, factor_rule, values)

    def uses(self, what: str, who_hash: str, since: datetime) -> list[datetime]:
        self._take_turn(who_hash)
        where = (use.c.what == what, use.c.who_hash == who_hash, use.c.at > since)
        return list(self._connection.execute(select(use.c.at).where(*where).order_by(use.c.at)).scalars())

    def add_use(self, what: str, who_hash: str, at: datetime) -> None:
        self._connection.execute(delete(use).where(use.c.at < at - KEPT))
        self._connection.execute(insert(use).values(what=what, who_hash=who_hash, at=at))

    def _take_turn(self, digest: str) -> None:
        """In a unit that writes, whoever counts the same is counted one after the other."""
        if self._write:
            take_turn(self._connection, int(digest[:15], 16))
