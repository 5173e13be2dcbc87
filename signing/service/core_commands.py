"""What is asked for the credit system: its keys, its orders, and the addresses it wants told at."""

from dataclasses import dataclass
from datetime import datetime

from signing.service.commands import Command, OpenCase


@dataclass(frozen=True)
class AddCoreKey(Command):
    """→ ``IssuedKey``; the key is told only here. Two keys of a name may be valid at once, so that it can be changed
    without a pause."""

    institution_id: str
    name: str
    allowed: tuple[str, ...] = ()
    """Networks such as ``10.0.0.0/8`` it may come from; anywhere where empty."""


@dataclass(frozen=True)
class RevokeCoreKey(Command):
    key_id: str


@dataclass(frozen=True)
class OpenCoreCase(Command):
    """→ ``CoreOpened``. The same order again gives the same answer; another under the same key is a conflict."""

    order: OpenCase
    idempotency_key: str
    body: bytes
    """The order's canonical JSON: what “the same” means."""
    reference: str = ""


@dataclass(frozen=True)
class AddWebhook(Command):
    """→ ``IssuedWebhook``. ``private``: may lead to addresses inside the bank, and over plain HTTP."""

    institution_id: str
    url: str
    private: bool = False


@dataclass(frozen=True)
class RemoveWebhook(Command):
    webhook_id: str


@dataclass(frozen=True)
class SendAgain(Command):
    """A delivery that was given up, or that was lost by the receiver."""

    delivery_id: str


@dataclass(frozen=True)
class IssuedKey:
    key_id: str
    key: str


@dataclass(frozen=True)
class IssuedWebhook:
    webhook_id: str
    secret: str


@dataclass(frozen=True)
class Invited:
    """A party of a new case and its personal link's secret."""

    party_id: str
    role: str
    name_masked: str
    capability: str


@dataclass(frozen=True)
class CoreOpened:
    """``first``: whether this order made the case, rather than being told of it again."""

    case_id: str
    case_no: str
    reference: str
    opened_at: datetime
    links_expire_at: datetime
    invited: tuple[Invited, ...]
    first: bool = True
