"""Personal links: how long one lives, whose one is, or what became of it."""

from datetime import datetime

from signing.domain.beijing import BEIJING
from signing.domain.case import ENDING_SENTENCES, Case
from signing.domain.errors import NotLoggedIn
from signing.domain.party import Party
from signing.domain.phase import ending_of, is_sealed
from signing.service.services import Limits, Services
from signing.service.store import Link, Unit


def link_expiry(case: Case, now: datetime, limits: Limits) -> datetime:
    """No link outlives its case; once that is sealed, the link is for fetching the copies."""
    own = now + limits.link_life
    return own if case.expires_at is None or is_sealed(case) else min(own, case.expires_at)


def link_url(base_url: str, capability: str) -> str:
    """The link's secret is in its fragment, which no server and no log ever sees."""
    return f"{base_url.rstrip('/')}/s#{capability}"


def invitation_text(institution: str, case: Case, party: Party, url: str, expires_at: datetime) -> str:
    """What the customer reads on the phone; whole in itself, since it may be copied by hand."""
    at = expires_at.astimezone(BEIJING)
    until = f"{at.month}月{at.day}日{at:%H:%M}前有效"
    return (
        f"【{institution}】{party.name}您好，请点链接办理“{case.product_title}”视频面签，{until}：{url} "
        "请本人打开，备好身份证。工作人员不会向您索要验证码，链接请勿转发。"
    )


def link_of(unit: Unit, services: Services, capability: str, now: datetime) -> Link:
    """Raises ``NotLoggedIn``, saying what became of the link."""
    link = unit.access.link(services.secrets.digest("capability", capability))
    if link is None:
        raise NotLoggedIn("链接无效", "请回到短信，重新点一次完整的链接；仍不行请联系您的客户经理", code="link_unknown")
    if link.revoked or link.expires_at <= now:
        _say_if_over(unit, link)
    if link.revoked:
        raise NotLoggedIn(
            "这条链接已停用", "请使用客户经理最新发给您的链接；没有收到请联系您的客户经理", code="link_revoked"
        )
    if link.expires_at <= now:
        raise NotLoggedIn(
            "这条链接已过期", "业务还在，办好的不会丢。请联系您的客户经理重新发送链接", code="link_expired"
        )
    return link


def _say_if_over(unit: Unit, link: Link) -> None:
    """Raises ``NotLoggedIn`` where no newer link will come: the case has ended, or goes on without this party."""
    case = unit.cases.get(link.case_id)
    helpline, ending = unit.people.institution(case.institution_id).helpline, ending_of(case)
    if ending is not None:
        hint = f"如果还想办理或有疑问，请拨打 {helpline}"
        raise NotLoggedIn(ENDING_SENTENCES[ending], hint, code="link_over")
    if any(party.party_id == link.party_id for party in case.former_parties):
        raise NotLoggedIn("这笔业务已有变更，不再需要您办理", f"如有疑问，请拨打 {helpline}", code="link_over")
