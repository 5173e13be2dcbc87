"""Stand-in for an SMS gateway: keeps what it was given for the demonstration's operator page."""

from dataclasses import dataclass
from datetime import datetime
from typing import Any

from pydantic import TypeAdapter
from sqlalchemy import Engine, insert, select

from signing.adapters.database.faults import told
from signing.adapters.database.schema import message
from signing.adapters.keys import Keyring, seal, unseal
from signing.domain.errors import OutsideError
from signing.service.ports import Clock

_CONTEXT = "stand-in-message"


@dataclass(frozen=True)
class SentMessage:
    at: datetime
    phone: str
    text: str


_SENT: TypeAdapter[SentMessage] = TypeAdapter(SentMessage)


class StandInTextMessages:
    """``TextMessages``. ``fail_next`` makes the next sending fail as a gateway does."""

    stand_in = True

    def __init__(self, engine: Engine, keyring: Keyring, clock: Clock) -> None:
        self._engine = engine
        self._key = keyring.derive("stand-in-messages")
        self._clock = clock
        self.fail_next = False

    def send(self, phone: str, text: str) -> None:
        if self.fail_next:
            self.fail_next = False
            raise OutsideError("短信没有发出去", "请稍后重新获取验证码")
        now = self._clock.now()
        sealed = seal(self._key, _SENT.dump_json(SentMessage(now, phone, text)), _CONTEXT)
        with told(), self._engine.connect().execution_options(write=True) as connection, connection.begin():
            connection.execute(insert(message).values(at=now, sealed=sealed))

    def sent(self, limit: int = 50) -> list[SentMessage]:
        """Newest first."""
        statement: Any = select(message.c.sealed).order_by(message.c.number.desc()).limit(limit)
        with told(), self._engine.connect() as connection:
            rows = connection.execute(statement).scalars().all()
        return [_SENT.validate_json(unseal(self._key, row, _CONTEXT)) for row in rows]
