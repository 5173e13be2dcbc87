"""Personal links: whose one is, or what became of it."""

from datetime import datetime

from signing.domain.errors import NotLoggedIn
from signing.service.services import Services
from signing.service.store import Link, Unit


def link_of(unit: Unit, services: Services, capability: str, now: datetime) -> Link:
    """Raises ``NotLoggedIn``, saying what became of the link."""
    link = unit.access.link(services.secrets.digest("capability", capability))
    if link is None:
        raise NotLoggedIn("链接无效", "请回到短信，重新点一次完整的链接；仍不行请联系您的客户经理", code="link_unknown")
    if link.revoked:
        raise NotLoggedIn(
            "这条链接已停用", "请使用客户经理最新发给您的链接；没有收到请联系您的客户经理", code="link_revoked"
        )
    if link.expires_at <= now:
        raise NotLoggedIn("这条链接已过期", "请联系您的客户经理重新发送链接", code="link_expired")
    return link
