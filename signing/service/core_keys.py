"""Who the credit system is: its key, checked in constant time, from where it may come, and when it was last used."""

import hmac
from contextlib import suppress
from datetime import timedelta

from signing.domain.errors import ConflictError, NotLoggedIn, NotPermitted, OutsideError
from signing.domain.network import is_within, networks
from signing.service.commands import Actor
from signing.service.permissions import CORE_SYSTEM, SYSTEM_KEY
from signing.service.services import Services
from signing.service.store import Secrets

LAST_USED_WITHIN = timedelta(minutes=1)
"""The last use is kept to this, so that a busy system does not write at every request."""


def bad_key() -> NotLoggedIn:
    return NotLoggedIn("密钥无效或已撤销", "请核对接口密钥，或请管理员用 pingqian core-key add 重新签发")


def key_digest(secrets: Secrets, key: str) -> str:
    return secrets.digest("core-key", key)


def authenticate(services: Services, key: str, address: str) -> Actor:
    """Raises ``NotLoggedIn`` for an unknown or revoked key alike, ``NotPermitted`` from elsewhere than allowed."""
    now, digest = services.clock.now(), key_digest(services.secrets, key)
    with services.db.read() as unit:
        found = unit.core.key(key.partition(".")[0])
    stored = found.digest if found is not None else "0" * len(digest)
    if not hmac.compare_digest(stored, digest) or found is None or found.revoked_at is not None:
        raise bad_key()
    if found.allowed and not is_within(address, networks(found.allowed.split(","))):
        raise NotPermitted("不允许从这个地址使用该密钥", "请联系管理员核对允许的网段")
    if found.last_used_at is None or now - found.last_used_at >= LAST_USED_WITHIN:
        with suppress(ConflictError, OutsideError):  # the next use tells it
            _used(services, found.key_id)
    return Actor(SYSTEM_KEY, found.key_id, CORE_SYSTEM, found.institution_id, found.name, session_id=found.key_id)


def _used(services: Services, key_id: str) -> None:
    with services.db.write() as unit:
        unit.core.use_key(key_id, services.clock.now())
