"""How a customer comes in: one-time code, consents one by one, check of the device."""

from dataclasses import dataclass, replace
from datetime import datetime, timedelta

from signing.domain import events
from signing.domain.case import Case, Ending
from signing.domain.errors import ConflictError, InputError, NotLoggedIn, RuleBroken, TooMany
from signing.domain.lifecycle import Operation, dispensable, require
from signing.domain.masking import mask_phone
from signing.domain.party import Consent, Party, PartyEvent, PartyState
from signing.domain.phase import CONSENT_TITLES, OPTIONAL_CONSENTS, is_open, party_label
from signing.domain.phone_step import next_consent
from signing.domain.risk.model import Stage
from signing.service import risk
from signing.service.again import to_the_end
from signing.service.bus import Handler
from signing.service.commands import Actor, Command, RecordConsent, RecordPrecheck, RedeemCode, RenewLink, SendCode
from signing.service.handlers.common import customer, party_of, save, step, with_party
from signing.service.handlers.lifecycle import end, fresh_link, refuse
from signing.service.links import link_of
from signing.service.queries import case_for
from signing.service.services import Services
from signing.service.store import Link, OneTimeCode, Session, Unit

RESEND_SECONDS = 60


@dataclass(frozen=True)
class CodeIssued:
    phone_masked: str
    valid_seconds: int
    resend_after_seconds: int
    stand_in: bool


def send_code(command: SendCode, services: Services) -> CodeIssued:
    """Raises ``TooMany`` after three in ten minutes, ``OutsideError`` where the gateway fails."""
    now, limits = services.clock.now(), services.limits
    code = services.ids.code()
    with services.db.write() as unit:
        link = link_of(unit, services, command.capability, now)
        case = unit.cases.get(link.case_id)
        party = party_of(case, link.party_id)
        _limit(unit, services, "code_address", command.address, limits.code_sends_of_address, limits.code_window)
        _limit(unit, services, "code_phone", party.phone, limits.code_sends_to_phone, limits.phone_window)
        recent = unit.access.codes(party.party_id, now - limits.code_window)
        if len(recent) >= limits.code_sends:
            wait = (recent[-limits.code_sends].issued_at + limits.code_window - now).total_seconds()
            raise TooMany("验证码发送太频繁", max(1.0, wait), "请稍等几分钟再试，或使用最近收到的验证码")
        unit.access.save_code(_new_code(services, party.party_id, code, now))
        institution = unit.people.institution(case.institution_id).name
    minutes = int(limits.code_life.total_seconds() // 60)
    text = f"【{institution}】您的面签验证码是 {code}，{minutes} 分钟内有效。工作人员不会向您索要验证码，请勿告诉他人。"
    services.messages.send(party.phone, text)
    to_the_end(_chain_sent, services, link, party)
    stand_in = services.messages.stand_in
    return CodeIssued(mask_phone(party.phone), int(limits.code_life.total_seconds()), RESEND_SECONDS, stand_in)


def _chain_sent(services: Services, link: Link, party: Party) -> None:
    """Only once the gateway has taken it: what was not sent is no event."""
    with services.db.write() as unit:
        case = unit.cases.get(link.case_id)
        if _still_chained(case):
            actor = _as_customer(link, party.name, case.institution_id)
            unit.cases.append(case.case_id, events.code_sent(party), actor, services.clock.now())


def _still_chained(case: Case) -> bool:
    """Once the seal is asked for, coming back for a copy is no longer part of the case's story."""
    return is_open(case) and case.seal_requested_at is None


def _limit(unit: Unit, services: Services, what: str, who: str, limit: int, window: timedelta) -> None:
    """Counts one use, in the database, so that it holds over restarts and replicas. Raises ``TooMany``."""
    if not who:
        return
    now, digest = services.clock.now(), services.secrets.digest(what, who)
    uses = unit.accounts.uses(what, digest, now - window)
    if len(uses) >= limit:
        wait = max(1.0, (uses[-limit] + window - now).total_seconds())
        raise TooMany("操作太频繁了", wait, "请稍等几分钟再试")
    unit.accounts.add_use(what, digest, now)


def _new_code(services: Services, party_id: str, code: str, now: datetime) -> OneTimeCode:
    digest = services.secrets.digest(f"code:{party_id}", code)
    return OneTimeCode(services.ids.new("code"), party_id, digest, now, now + services.limits.code_life)


def _as_customer(link: Link, name: str, institution_id: str) -> Actor:
    return Actor("party", link.party_id, "customer", institution_id, name, case_id=link.case_id)


def redeem_code(command: RedeemCode, services: Services) -> tuple[str, datetime]:
    """→ ``(token, expires_at)``. Only the newest code counts, once, and not after five wrong tries."""
    now, token = services.clock.now(), services.ids.secret()
    expires_at = now + services.limits.phone_session_life
    with services.db.write() as unit:
        link = link_of(unit, services, command.capability, now)
        unit.cases.get(link.case_id)  # held from here on, before its codes
        limits = services.limits
        _limit(unit, services, "redeem_address", command.address, limits.redeems_of_address, limits.code_window)
        right = _try_code(unit, services, link, command.code, now)
        refused = _admit(unit, services, link, _session(services, link, token, command, now)) if right else None
    # Raised outside, so that the counted try and what the risk rules found are kept.
    if not right:
        raise NotLoggedIn("验证码不正确", "请核对短信中的 6 位数字；连续输错 5 次后需要重新获取")
    if refused is not None:
        raise refused
    return token, expires_at


def _fingerprint(services: Services, command: RedeemCode) -> str:
    """A keyed digest: tells two phones apart, and says nothing about either."""
    if not command.device:
        return ""
    return services.secrets.digest("device", f"{command.device}\x00{command.user_agent}")


def _try_code(unit: Unit, services: Services, link: Link, code: str, now: datetime) -> bool:
    """Counts the try. Raises ``NotLoggedIn`` where there is no code left to try."""
    issued = unit.access.codes(link.party_id, now - services.limits.code_window)
    newest = issued[-1] if issued else None
    if newest is None or newest.expires_at <= now:
        raise NotLoggedIn("验证码已过期", "请重新获取验证码")
    if newest.used_at is not None:
        raise _used()
    if not unit.access.count_try(newest.code_id, services.limits.code_tries):
        raise NotLoggedIn("验证码输错次数过多，已失效", "请重新获取验证码")
    if services.secrets.digest(f"code:{link.party_id}", code) != newest.code_hash:
        return False
    if not unit.access.use_code(newest.code_id, now):
        raise _used()
    return True


def _used() -> NotLoggedIn:
    return NotLoggedIn("验证码已使用过", "请重新获取验证码")


def _session(services: Services, link: Link, token: str, command: RedeemCode, now: datetime) -> Session:
    digest, expires_at = services.secrets.digest("session", token), now + services.limits.phone_session_life
    device = _fingerprint(services, command)
    return Session(digest, "party", link.party_id, link.case_id, now, expires_at, device=device)


def _admit(unit: Unit, services: Services, link: Link, session: Session) -> RuleBroken | None:
    """→ why the customer may not come in, where a risk rule forbids it: then there is no session.

    One phone at a time: the session of the one before ends, and the chain says that it was another one.
    """
    now = session.created_at
    case = unit.cases.get(link.case_id)
    party = party_of(case, link.party_id)
    actor = _as_customer(link, party.name, case.institution_id)
    before = [one for one in unit.access.sessions_of("party", party.party_id) if one.expires_at > now]
    if _still_chained(case) and party.state not in (PartyState.REFUSED, PartyState.REMOVED):
        if session.device:
            unit.risk.note_device(case.case_id, party.party_id, session.device)
        looked = risk.look(unit, services, case, actor, Stage.ENTRY, now)
        try:
            risk.require_open_step(looked, Stage.ENTRY, actor)
        except RuleBroken as refused:
            save(unit, looked.case, actor, now, looked.happenings)
            return refused
        party = step(party, PartyEvent.CODE_PROVEN)
        happenings = [events.code_proven(party, session.device)]
        if before and before[-1].device != session.device:
            in_call = unit.queue.live_leg_of(party.party_id) is not None
            happenings.append(events.device_changed(party, before[-1].device, session.device, in_call=in_call))
        save(unit, with_party(looked.case, party), actor, now, [*happenings, *looked.happenings])
    unit.access.revoke_sessions("party", party.party_id, now, "other_device")
    unit.access.add_session(session)
    unit.changes.party_ids.add(party.party_id)
    return None


def record_consent(command: RecordConsent, services: Services) -> None:
    """In the order they are asked. Refusing face recognition takes the other way; refusing another one ends."""
    now = services.clock.now()
    if command.kind not in CONSENT_TITLES:
        raise InputError("没有这一项同意")
    with services.db.read() as unit:
        case, _ = customer(unit, command.actor)
    text_sha256 = services.blobs.put(case.case_id, command.text)
    with services.db.write() as unit:
        case, party = customer(unit, command.actor)
        if any(consent.kind == command.kind for consent in party.consents):
            return
        if party.state is not PartyState.ENTERED or next_consent(party) != command.kind:
            raise ConflictError("现在不是确认这一项的时候", "请按页面提示的顺序继续")
        consent = Consent(command.kind, command.granted, text_sha256, now)
        party = replace(party, consents=(*party.consents, consent))
        happenings = [events.consent_recorded(party, consent)]
        if not command.granted and command.kind not in OPTIONAL_CONSENTS:
            case = save(unit, with_party(case, party), command.actor, now, happenings)
            _refused_consent(unit, services, case, party, command, now)
            return
        if next_consent(party) is None:
            party = step(party, PartyEvent.CONSENTS_GIVEN)
        save(unit, with_party(case, party), command.actor, now, happenings)


def _refused_consent(
    unit: Unit, services: Services, case: Case, party: Party, command: RecordConsent, now: datetime
) -> None:
    """Stops the case where it could go on without this party, else ends it: nobody is there to decide anything."""
    title = CONSENT_TITLES[command.kind]
    case = refuse(unit, case, party, command.actor, now, f"客户不同意{title}", on_phone=True)
    if not dispensable(services.products.get(case.product_id), case, party):
        end(unit, case, command.actor, now, Ending.REFUSED, f"{party_label(party)}不同意{title}")


_CHECKED = ("camera", "microphone", "loudspeaker", "network")


def record_precheck(command: RecordPrecheck, services: Services) -> bool:
    """→ whether the device passed. What failed is kept too; the customer may try again."""
    now = services.clock.now()
    with services.db.write() as unit:
        case, party = customer(unit, command.actor)
        passed = all(command.report.get(key) is True for key in _CHECKED)
        if party.state not in (PartyState.CONSENTED, PartyState.READY):
            if passed:
                return True  # checked again after a change of device; nothing to move
            raise ConflictError("现在不需要检查设备", "请按页面提示继续")
        if passed:
            party = step(party, PartyEvent.PRECHECK_PASSED)
        party = replace(party, precheck=dict(command.report))
        save(
            unit, with_party(case, party), command.actor, now, [events.precheck_recorded(party, passed, command.report)]
        )
    return passed


def renew_link(command: RenewLink, services: Services) -> tuple[str, datetime]:
    """→ the new capability, which is told only here, and when it ends. The old link and its session end at once.

    Also after the seal, for fetching the copies; the closed chain takes no event then, so the log does.
    """
    now, actor = services.clock.now(), command.actor
    with services.db.write() as unit:
        case = case_for(unit, actor, command.case_id)
        require(case, Operation.INVITE)
        party = party_of(case, command.party_id)
        if party.state is PartyState.REMOVED:
            raise ConflictError(f"{party_label(party)}已不是这笔业务的当事人", "如需重新加入，请变更业务要素")
        if unit.queue.live_leg_of(party.party_id) is not None:
            raise ConflictError(f"{party_label(party)}正在通话中", "请在通话结束后再更换链接")
        fresh = fresh_link(unit, services, case, party, now)
        unit.access.revoke_sessions("party", party.party_id, now, "link_revoked")
        if _still_chained(case):
            save(unit, case, actor, now, [events.link_renewed(party, fresh.expires_at)])
        else:
            unit.logs.record_view(actor, now, "party.link_renewed", case.case_id, party.party_id)
    return fresh.capability, fresh.expires_at


HANDLERS: dict[type[Command], Handler] = {
    RenewLink: renew_link,
    SendCode: send_code,
    RedeemCode: redeem_code,
    RecordConsent: record_consent,
    RecordPrecheck: record_precheck,
}
