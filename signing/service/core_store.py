"""What is kept for the credit system: its keys, its orders, whom it wants told, and what is still to be told."""

from collections.abc import Collection, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Protocol

from signing.domain.webhook import DeliveryState


@dataclass(frozen=True)
class CoreKey:
    """``digest``: keyed, of the whole key. ``allowed``: networks it may come from; anywhere where empty."""

    key_id: str
    institution_id: str
    name: str
    digest: str = field(repr=False)
    allowed: str
    created_at: datetime
    last_used_at: datetime | None = None
    revoked_at: datetime | None = None


@dataclass(frozen=True)
class CoreRequest:
    """The order that made a case. The same ``idempotency_key`` or ``reference`` with another ``body_digest`` is a
    conflict; with the same one it is the same order. ``answer``: what was said to the first, sealed at rest."""

    case_id: str
    institution_id: str
    key_id: str
    idempotency_key: str
    reference: str | None
    body_digest: str
    at: datetime
    answer: bytes = field(repr=False)


@dataclass(frozen=True)
class Webhook:
    """``private``: an administrator allows addresses inside the bank, and plain HTTP to them. The secret is sealed;
    None where it cannot be opened: then nothing can be signed, and the webhook wants to be removed and added anew."""

    webhook_id: str
    institution_id: str
    url: str
    private: bool
    created_at: datetime
    secret: str | None = field(repr=False)
    removed_at: datetime | None = None


@dataclass(frozen=True)
class Delivery:
    """A line of the outbox. ``position`` is the order; ``lease`` fences whoever delivers it until ``leased_until``."""

    position: int
    delivery_id: str
    webhook_id: str
    institution_id: str
    case_id: str
    type: str
    body: bytes
    at: datetime
    state: DeliveryState
    tries: int
    first_tried_at: datetime | None
    next_at: datetime
    last_error: str
    lease: str | None = None
    leased_until: datetime | None = None
    delivered_at: datetime | None = None


class Core(Protocol):
    # --- keys -------------------------------------------------------------------------------------------------
    def key(self, key_id: str) -> CoreKey | None: ...

    def keys(self, institution_id: str | None = None) -> list[CoreKey]:
        """Oldest first, revoked ones too."""
        ...

    def add_key(self, key: CoreKey) -> None: ...

    def use_key(self, key_id: str, at: datetime) -> None:
        """When it was last used; nothing where it is revoked. One statement, so that no revocation is undone."""
        ...

    def revoke_key(self, key_id: str, at: datetime) -> bool:
        """False where it was already."""
        ...

    # --- orders -----------------------------------------------------------------------------------------------
    def add_request(self, request: CoreRequest) -> None:
        """Raises ``ConflictError`` where the idempotency key, the reference or the case has one already."""
        ...

    def request_by_key(self, institution_id: str, idempotency_key: str) -> CoreRequest | None: ...

    def request_by_reference(self, institution_id: str, reference: str) -> CoreRequest | None: ...

    def references(self, case_ids: Sequence[str]) -> dict[str, str]:
        """Case → the credit system's own reference, where it gave one."""
        ...

    # --- webhooks ---------------------------------------------------------------------------------------------
    def webhook(self, webhook_id: str) -> Webhook:
        """Raises ``NotFound``."""
        ...

    def webhooks(self, institution_id: str | None = None) -> list[Webhook]:
        """Oldest first, removed ones too."""
        ...

    def save_webhook(self, webhook: Webhook) -> None:
        """With its secret."""
        ...

    def remove_webhook(self, webhook_id: str, at: datetime) -> bool:
        """Also where its secret cannot be opened. False where it was already."""
        ...

    # --- the outbox -------------------------------------------------------------------------------------------
    def due(self, now: datetime, limit: int, each: int, but: Collection[str] = ()) -> list[Delivery]:
        """Whose time has come and whom nobody has leased: of each case and webhook only the oldest that is open.

        ``each``: so many of one webhook at most, so that none fills the list; ``but``: webhooks to leave out.
        """
        ...

    def lease(self, delivery: Delivery, lease: str, now: datetime, until: datetime) -> bool:
        """False where another was faster."""
        ...

    def settle(self, delivery: Delivery) -> bool:
        """Saves what came of it and ends the lease; False where the lease is no longer ours.

        Where it was wanted again meanwhile, only the lease ends, and it is due.
        """
        ...

    def delivery(self, delivery_id: str) -> Delivery:
        """Raises ``NotFound``."""
        ...

    def deliveries(self, institution_id: str | None, states: Sequence[DeliveryState], limit: int) -> list[Delivery]:
        """Newest first."""
        ...

    def send_again(self, delivery_id: str, now: datetime) -> None:
        """As if it had never been tried; its identifier stays, so that a receiver knows it. Raises ``NotFound``.

        Whoever sends it now does so to the end; it is due after that, at the latest when the lease ends.
        """
        ...
