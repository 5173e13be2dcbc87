"""What webhooks are to be told, written in the transaction of what happened: neither is there without the other."""

import secrets
from datetime import datetime

from sqlalchemy import Connection, insert, select

from signing.adapters.database.core_schema import core_request, delivery, webhook
from signing.adapters.database.schema import case as cases
from signing.domain.ledger import canonical, timestamp_text
from signing.domain.webhook import DeliveryState, News


class Outbox:
    def __init__(self, connection: Connection) -> None:
        self._connection = connection

    def tell(self, case_id: str, news: News, at: datetime) -> None:
        """One line for each webhook of the case's institution. The case's own row must be written before."""
        columns = (cases.c.institution_id, cases.c.case_no, cases.c.state, core_request.c.reference)
        joined = cases.outerjoin(core_request, core_request.c.case_id == cases.c.case_id)
        case = self._connection.execute(select(*columns).select_from(joined).where(cases.c.case_id == case_id)).one()
        there = (webhook.c.institution_id == case.institution_id, webhook.c.removed_at.is_(None))
        for webhook_id in self._connection.execute(select(webhook.c.webhook_id).where(*there)).scalars().all():
            delivery_id = f"dlv_{secrets.token_hex(16)}"
            body = canonical(
                {
                    "id": delivery_id,
                    "type": news.type,
                    "at": timestamp_text(at),
                    "institution_id": case.institution_id,
                    "case_id": case_id,
                    "case_no": case.case_no,
                    "reference": case.reference,
                    "state": case.state,
                    "reason": news.reason or None,
                    "party_id": news.party_id or None,
                }
            )
            self._connection.execute(
                insert(delivery).values(
                    delivery_id=delivery_id,
                    webhook_id=webhook_id,
                    institution_id=case.institution_id,
                    case_id=case_id,
                    type=news.type,
                    body=body,
                    at=at,
                    state=DeliveryState.PENDING,
                    tries=0,
                    next_at=at,
                    last_error="",
                )
            )
