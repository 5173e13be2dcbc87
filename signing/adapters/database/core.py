"""The credit system's keys and orders, the webhooks and the outbox."""

from collections.abc import Collection, Sequence
from contextlib import suppress
from dataclasses import fields
from datetime import datetime

from sqlalchemy import (
    ColumnElement,
    Connection,
    RowMapping,
    String,
    Update,
    case,
    func,
    insert,
    literal,
    or_,
    select,
    update,
)
from sqlalchemy.exc import IntegrityError

from signing.adapters.database.core_schema import core_key, core_request, delivery, webhook
from signing.adapters.database.rows import of_row, upsert, values_of
from signing.adapters.database.vault import CaseKeys
from signing.adapters.keys import Keyring, seal, unseal
from signing.domain.errors import ConflictError, NotFound, TamperError
from signing.domain.webhook import DeliveryState
from signing.service.core_store import CoreKey, CoreRequest, Delivery, Webhook

_AGAIN = "again:"
"""Before the lease of a line that is being sent and is wanted once more after that; whose it is settles nothing."""
_REQUEST = [one.name for one in fields(CoreRequest) if one.name != "answer"]


class SqlCore:
    """``Core``"""

    def __init__(self, connection: Connection, keys: CaseKeys, keyring: Keyring) -> None:
        self._connection = connection
        self._keys = keys
        self._keyring = keyring

    # --- keys -------------------------------------------------------------------------------------------------

    def key(self, key_id: str) -> CoreKey | None:
        row = self._connection.execute(select(core_key).where(core_key.c.key_id == key_id)).mappings().first()
        return None if row is None else of_row(CoreKey, row)

    def keys(self, institution_id: str | None = None) -> list[CoreKey]:
        statement = select(core_key).order_by(core_key.c.created_at, core_key.c.key_id)
        if institution_id is not None:
            statement = statement.where(core_key.c.institution_id == institution_id)
        return [of_row(CoreKey, row) for row in self._connection.execute(statement).mappings()]

    def add_key(self, added: CoreKey) -> None:
        self._connection.execute(insert(core_key).values(**values_of(added)))

    def use_key(self, key_id: str, at: datetime) -> None:
        self._connection.execute(_valid(key_id).values(last_used_at=at))

    def revoke_key(self, key_id: str, at: datetime) -> bool:
        return self._connection.execute(_valid(key_id).values(revoked_at=at)).rowcount == 1

    # --- orders -----------------------------------------------------------------------------------------------

    def add_request(self, added: CoreRequest) -> None:
        values = {name: getattr(added, name) for name in _REQUEST}
        key = self._keys.within(self._connection, added.case_id)
        sealed = seal(key, added.answer, _answer(added.case_id))
        try:
            self._connection.execute(insert(core_request).values(**values, sealed=sealed))
        except IntegrityError:
            raise ConflictError("这笔业务刚刚已经开立", "请重试，将得到同一笔业务", code="in_progress") from None

    def request_by_key(self, institution_id: str, idempotency_key: str) -> CoreRequest | None:
        return self._request(institution_id, core_request.c.idempotency_key == idempotency_key)

    def request_by_reference(self, institution_id: str, reference: str) -> CoreRequest | None:
        return self._request(institution_id, core_request.c.reference == reference)

    def _request(self, institution_id: str, which: ColumnElement[bool]) -> CoreRequest | None:
        statement = select(core_request).where(core_request.c.institution_id == institution_id, which)
        row = self._connection.execute(statement).mappings().first()
        if row is None:
            return None
        key = self._keys.within(self._connection, row["case_id"])
        return CoreRequest(
            **{name: row[name] for name in _REQUEST}, answer=unseal(key, row["sealed"], _answer(row["case_id"]))
        )

    def references(self, case_ids: Sequence[str]) -> dict[str, str]:
        columns = (core_request.c.case_id, core_request.c.reference)
        statement = select(*columns).where(core_request.c.case_id.in_(case_ids), core_request.c.reference.is_not(None))
        return {row.case_id: row.reference for row in self._connection.execute(statement)}

    # --- webhooks ---------------------------------------------------------------------------------------------

    def webhook(self, webhook_id: str) -> Webhook:
        row = self._connection.execute(select(webhook).where(webhook.c.webhook_id == webhook_id)).mappings().first()
        if row is None:
            raise NotFound("没有找到这个回调地址", "请用 pingqian webhooks list 查看")
        return self._open(row)

    def webhooks(self, institution_id: str | None = None) -> list[Webhook]:
        statement = select(webhook).order_by(webhook.c.created_at, webhook.c.webhook_id)
        if institution_id is not None:
            statement = statement.where(webhook.c.institution_id == institution_id)
        return [self._open(row) for row in self._connection.execute(statement).mappings()]

    def save_webhook(self, saved: Webhook) -> None:
        values = values_of(saved)
        secret = values.pop("secret").encode()
        sealed = seal(self._keyring.derive("webhooks"), secret, f"webhook:{saved.webhook_id}")
        upsert(self._connection, webhook, {**values, "sealed": sealed})

    def remove_webhook(self, webhook_id: str, at: datetime) -> bool:
        there = (webhook.c.webhook_id == webhook_id, webhook.c.removed_at.is_(None))
        return self._connection.execute(update(webhook).where(*there).values(removed_at=at)).rowcount == 1

    def _open(self, row: RowMapping) -> Webhook:
        secret: str | None = None
        with suppress(TamperError):  # the others are to be seen all the same, and this one to be removed
            secret = unseal(self._keyring.derive("webhooks"), row["sealed"], f"webhook:{row['webhook_id']}").decode()
        return Webhook(
            row["webhook_id"],
            row["institution_id"],
            row["url"],
            row["private"],
            row["created_at"],
            secret,
            row["removed_at"],
        )

    # --- the outbox -------------------------------------------------------------------------------------------

    def due(self, now: datetime, limit: int, each: int, but: Collection[str] = ()) -> list[Delivery]:
        earlier = delivery.alias("earlier")
        blocked = select(earlier.c.position).where(
            earlier.c.webhook_id == delivery.c.webhook_id,
            earlier.c.case_id == delivery.c.case_id,
            earlier.c.position < delivery.c.position,
            earlier.c.state == DeliveryState.PENDING,
        )
        where = (
            delivery.c.state == DeliveryState.PENDING,
            delivery.c.next_at <= now,
            _free(now),
            delivery.c.webhook_id.not_in(but),
            ~blocked.exists(),
        )
        order = (delivery.c.next_at, delivery.c.position)
        turn = func.row_number().over(partition_by=delivery.c.webhook_id, order_by=order).label("turn")
        ranked = select(delivery.c.position, turn).where(*where).subquery()
        fair = select(ranked.c.position).where(ranked.c.turn <= each)
        statement = select(delivery).where(delivery.c.position.in_(fair)).order_by(*order).limit(limit)
        return [of_row(Delivery, row) for row in self._connection.execute(statement).mappings()]

    def lease(self, wanted: Delivery, lease: str, now: datetime, until: datetime) -> bool:
        where = (
            delivery.c.position == wanted.position,
            delivery.c.state == DeliveryState.PENDING,
            delivery.c.tries == wanted.tries,
            _free(now),
        )
        taken = update(delivery).where(*where).values(lease=lease, leased_until=until)
        return self._connection.execute(taken).rowcount == 1

    def settle(self, settled: Delivery) -> bool:
        values = {**values_of(settled), "lease": None, "leased_until": None}
        del values["position"]
        ours = update(delivery).where(delivery.c.position == settled.position)
        if self._connection.execute(ours.where(delivery.c.lease == settled.lease).values(**values)).rowcount == 1:
            return True
        wanted = ours.where(delivery.c.lease == f"{_AGAIN}{settled.lease}")
        self._connection.execute(wanted.values(lease=None, leased_until=None))
        return False

    def delivery(self, delivery_id: str) -> Delivery:
        row = self._connection.execute(select(delivery).where(delivery.c.delivery_id == delivery_id)).mappings().first()
        if row is None:
            raise NotFound("没有找到这次通知", "请用 pingqian webhooks list 查看编号")
        return of_row(Delivery, row)

    def deliveries(self, institution_id: str | None, states: Sequence[DeliveryState], limit: int) -> list[Delivery]:
        statement = select(delivery).where(delivery.c.state.in_(states)).order_by(delivery.c.position.desc())
        if institution_id is not None:
            statement = statement.where(delivery.c.institution_id == institution_id)
        return [of_row(Delivery, row) for row in self._connection.execute(statement.limit(limit)).mappings()]

    def send_again(self, delivery_id: str, now: datetime) -> None:
        self.delivery(delivery_id)
        values = {"state": DeliveryState.PENDING, "tries": 0, "first_tried_at": None, "next_at": now, "last_error": ""}
        again = update(delivery).where(delivery.c.delivery_id == delivery_id)
        # In one statement, which looks at the lease as it is then: whoever sends it may settle at the same moment.
        lease = delivery.c.lease
        marked = case((lease.like(f"{_AGAIN}%"), lease), else_=literal(_AGAIN, String) + lease)
        self._connection.execute(again.values(**values, lease=marked, delivered_at=None))


def _valid(key_id: str) -> Update:
    return update(core_key).where(core_key.c.key_id == key_id, core_key.c.revoked_at.is_(None))


def _free(now: datetime) -> ColumnElement[bool]:
    return or_(delivery.c.leased_until.is_(None), delivery.c.leased_until <= now)


def _answer(case_id: str) -> str:
    return f"core-answer:{case_id}"
