"""Links, one-time codes and sessions; only digests of what opens them."""

from datetime import datetime

from sqlalchemy import Connection, insert, select, update

from signing.adapters.database.rows import of_row, upsert, values_of
from signing.adapters.database.schema import code, link, session
from signing.service.store import Link, OneTimeCode, Session


class SqlAccess:
    """``Access``"""

    def __init__(self, connection: Connection, *, write: bool) -> None:
        self._connection = connection
        self._write = write

    def link(self, capability_hash: str) -> Link | None:
        statement = select(link).where(link.c.capability_hash == capability_hash)
        row = self._connection.execute(statement).mappings().first()
        return None if row is None else of_row(Link, row)

    def add_link(self, added: Link) -> None:
        self._connection.execute(insert(link).values(**values_of(added)))

    def revoke_links(self, party_id: str) -> None:
        self._connection.execute(update(link).where(link.c.party_id == party_id).values(revoked=True))

    def revoke_links_of(self, case_id: str) -> None:
        self._connection.execute(update(link).where(link.c.case_id == case_id).values(revoked=True))

    def codes(self, party_id: str, since: datetime) -> list[OneTimeCode]:
        """In a unit that writes they are this unit's until its end, so that none is used twice."""
        statement = select(code).where(code.c.party_id == party_id, code.c.issued_at > since)
        if self._write:
            statement = statement.with_for_update()
        rows = self._connection.execute(statement.order_by(code.c.issued_at, code.c.code_id)).mappings()
        return [of_row(OneTimeCode, row) for row in rows]

    def save_code(self, saved: OneTimeCode) -> None:
        upsert(self._connection, code, values_of(saved))

    def use_code(self, code_id: str, at: datetime) -> bool:
        where = (code.c.code_id == code_id, code.c.used_at.is_(None))
        return self._connection.execute(update(code).where(*where).values(used_at=at)).rowcount == 1

    def count_try(self, code_id: str, limit: int) -> bool:
        where = (code.c.code_id == code_id, code.c.used_at.is_(None), code.c.tries < limit)
        return self._connection.execute(update(code).where(*where).values(tries=code.c.tries + 1)).rowcount == 1

    def session(self, token_hash: str) -> Session | None:
        row = self._connection.execute(select(session).where(session.c.token_hash == token_hash)).mappings().first()
        return None if row is None else of_row(Session, row)

    def add_session(self, added: Session) -> None:
        self._connection.execute(insert(session).values(**values_of(added)))

    def sessions_of(self, kind: str, subject_id: str) -> list[Session]:
        where = (session.c.kind == kind, session.c.subject_id == subject_id, session.c.revoked_at.is_(None))
        rows = self._connection.execute(select(session).where(*where).order_by(session.c.created_at)).mappings()
        return [of_row(Session, row) for row in rows]

    def see_session(self, token_hash: str, at: datetime) -> None:
        self._connection.execute(update(session).where(session.c.token_hash == token_hash).values(seen_at=at))

    def revoke_sessions(self, kind: str, subject_id: str, at: datetime, why: str) -> None:
        where = (session.c.kind == kind, session.c.subject_id == subject_id, session.c.revoked_at.is_(None))
        self._connection.execute(update(session).where(*where).values(revoked_at=at, ended=why))

    def revoke_session(self, token_hash: str, at: datetime, why: str) -> None:
        where = (session.c.token_hash == token_hash, session.c.revoked_at.is_(None))
        self._connection.execute(update(session).where(*where).values(revoked_at=at, ended=why))
