"""Tells webhooks what the outbox holds: at least once, in order for each case, each by one replica at a time.

A line is leased before it is sent and settled after it. Who is killed in between leaves a lease that ends by itself;
the line is then sent again, under the same identifier.
"""

import asyncio
import logging
import random
from collections import Counter
from collections.abc import Callable, Mapping
from contextlib import suppress
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from typing import Protocol

from signing.domain.errors import OutsideError, SigningError
from signing.domain.webhook import (
    ID_HEADER,
    KEPT_ERROR,
    SIGNATURE_HEADER,
    TYPE_HEADER,
    DeliveryState,
    is_given_up,
    signature_of,
    wait_after,
)
from signing.service.bus import Bus
from signing.service.core_store import Delivery, Webhook
from signing.service.services import Services

_LOG = logging.getLogger(__name__)
LEASE = timedelta(seconds=20)
"""Well over what a sender may take; a killed replica holds a line up for no longer."""
AT_ONCE, AT_ONCE_EACH = 16, 4
"""So that one receiver that hangs leaves room for the others."""
FREELY = 8
"""While no more are under way, one receiver may have several; beyond it each has one, as has one that failed last."""
LOOK_SECONDS = 1.0


class NotTaken(Exception):
    """Raised by a sender where the receiver did not take it; the message says why, without anything it answered."""


class WebhookSender(Protocol):
    async def send(self, url: str, body: bytes, headers: Mapping[str, str], *, private: bool) -> None:
        """Returns once the receiver has answered 2xx. Raises ``NotTaken``. ``private``: see ``Webhook``."""
        ...

    async def close(self) -> None: ...


@dataclass(frozen=True)
class Claimed:
    delivery: Delivery
    webhook: Webhook
    secret: str


class DeliveryWorker:
    """``start`` and ``close`` belong to one running event loop; ``wake`` may be called from it at any time."""

    def __init__(self, bus: Bus, sender: WebhookSender, chance: Callable[[], float] = random.random) -> None:
        self._bus = bus
        self._services: Services = bus.services
        self._sender = sender
        self._chance = chance
        self._news = asyncio.Event()
        self._under_way: dict[asyncio.Task[None], str] = {}
        self._failing: set[str] = set()
        """Webhooks whose last sending was not taken."""
        self._loop_task: asyncio.Task[None] | None = None
        self._unsubscribe: Callable[[], None] | None = None

    def start(self) -> None:
        self._unsubscribe = self._bus.subscribe(lambda changes: self.wake())
        self._loop_task = asyncio.create_task(self._work(), name="deliveries")

    def wake(self) -> None:
        self._news.set()

    async def close(self) -> None:
        """Whatever is under way is cut off and sent again later."""
        if self._unsubscribe is not None:
            self._unsubscribe()
        tasks = [*self._under_way, *([self._loop_task] if self._loop_task else [])]
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)
        await self._sender.close()

    async def _work(self) -> None:
        while True:
            self._news.clear()
            try:
                for claimed in await self._bus.run(self._claim, Counter(self._under_way.values())):
                    task = asyncio.create_task(self._deliver(claimed), name=f"deliver {claimed.delivery.delivery_id}")
                    self._under_way[task] = claimed.webhook.webhook_id
                    task.add_done_callback(self._done)
            except Exception as error:
                # The database may be away for a while; what is in the outbox stays there.
                _LOG.error("deliveries stand still: %s", getattr(error, "code", type(error).__name__))
            with suppress(TimeoutError):
                async with asyncio.timeout(LOOK_SECONDS):
                    await self._news.wait()

    def _done(self, task: asyncio.Task[None]) -> None:
        self._under_way.pop(task, None)
        if not task.cancelled() and task.exception() is not None:
            _LOG.error("a delivery broke off: %s", type(task.exception()).__name__)
        self.wake()

    # --- one delivery -----------------------------------------------------------------------------------------

    def _claim(self, under_way: Mapping[str, int]) -> list[Claimed]:
        now, busy = self._services.clock.now(), Counter(under_way)
        with self._services.db.read() as unit:
            due = unit.core.due(now, AT_ONCE * 4, AT_ONCE_EACH, [one for one in busy if not self._room(busy, one)])
        claimed: list[Claimed] = []
        for delivery in due:
            if busy.total() >= AT_ONCE:
                break
            if not self._room(busy, delivery.webhook_id):
                continue
            try:
                taken = self._take(delivery, now)
            except OutsideError as error:
                _LOG.warning("the database is away: %s", error.code)
                break  # what is leased already is delivered all the same
            if taken is not None:
                busy[delivery.webhook_id] += 1
                claimed.append(taken)
        return claimed

    def _room(self, busy: Counter[str], webhook_id: str) -> bool:
        """Whether it may have another place."""
        if busy[webhook_id] == 0:
            return True
        several = busy.total() < FREELY and webhook_id not in self._failing
        return several and busy[webhook_id] < AT_ONCE_EACH

    def _take(self, delivery: Delivery, now: datetime) -> Claimed | None:
        leased = replace(delivery, lease=self._services.ids.new("lease"))
        with self._services.db.write() as unit:
            if not unit.core.lease(delivery, leased.lease or "", now, now + LEASE):
                return None
        try:
            with self._services.db.read() as unit:
                webhook = unit.core.webhook(delivery.webhook_id)
        except OutsideError:
            raise
        except Exception as error:
            # Of this webhook alone; its row may have been altered, and the others are to be told all the same.
            _LOG.error("webhook %s cannot be read: %s", delivery.webhook_id, type(error).__name__)
            self._settle(self._settled(leased, "读不出这个回调地址，资料可能被改动过，请联系管理员", now))
            return None
        if webhook.removed_at is not None:
            self._settle(replace(leased, state=DeliveryState.DEAD, last_error="回调地址已停用"))
            return None
        if webhook.secret is None:
            _LOG.error("the secret of webhook %s cannot be opened", delivery.webhook_id)
            self._settle(self._settled(leased, "打不开这个回调地址的验签密钥，请停用后重新登记", now))
            return None
        return Claimed(leased, webhook, webhook.secret)

    async def _deliver(self, claimed: Claimed) -> None:
        now = self._services.clock.now()
        failure = await self._failure(claimed, now)
        (self._failing.add if failure else self._failing.discard)(claimed.webhook.webhook_id)
        settled = self._settled(claimed.delivery, failure, now)
        with suppress(SigningError):  # a database that is away: the lease ends, and it is sent again
            await self._bus.run(self._settle, settled)

    async def _failure(self, claimed: Claimed, now: datetime) -> str:
        """Why it was not taken; empty where it was."""
        try:
            await self._send(claimed, now)
        except NotTaken as error:
            return str(error)[:KEPT_ERROR]
        except Exception as error:
            # Counted as any failure: without that it would be sent again at the end of each lease, for ever.
            _LOG.error("a delivery failed within: %s", type(error).__name__)
            return f"发送时本机出错（{type(error).__name__}），请联系管理员"[:KEPT_ERROR]
        return ""

    async def _send(self, claimed: Claimed, now: datetime) -> None:
        delivery, webhook = claimed.delivery, claimed.webhook
        headers = {
            "Content-Type": "application/json",
            ID_HEADER: delivery.delivery_id,
            TYPE_HEADER: delivery.type,
            SIGNATURE_HEADER: signature_of(claimed.secret, now, delivery.delivery_id, delivery.body),
        }
        await self._sender.send(webhook.url, delivery.body, headers, private=webhook.private)

    def _settled(self, delivery: Delivery, failure: str, tried_at: datetime) -> Delivery:
        now, first = self._services.clock.now(), delivery.first_tried_at or tried_at
        tried = replace(delivery, tries=delivery.tries + 1, first_tried_at=first, last_error=failure)
        if not failure:
            return replace(tried, state=DeliveryState.DELIVERED, delivered_at=now)
        if is_given_up(first, now):
            _LOG.warning("webhook delivery given up: %s", delivery.delivery_id)
            return replace(tried, state=DeliveryState.DEAD)
        return replace(tried, next_at=now + wait_after(tried.tries, self._chance()))

    def _settle(self, settled: Delivery) -> None:
        with self._services.db.write() as unit:
            unit.core.settle(settled)
