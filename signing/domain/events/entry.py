"""A party comes in: link, code, consents, device."""

from collections.abc import Mapping
from datetime import datetime

from signing.domain.events.base import Happening, at, of
from signing.domain.masking import mask_phone
from signing.domain.party import PARTY, Consent, Party
from signing.domain.phase import CONSENT_TITLES


def party_invited(party: Party, expires_at: datetime) -> Happening:
    return of(party, "party.invited", phone=mask_phone(party.phone), expires_at=at(expires_at))


def code_sent(party: Party) -> Happening:
    return of(party, "party.code_sent", phone=mask_phone(party.phone))


def code_proven(party: Party, device: str = "") -> Happening:
    """``device``: a keyed digest of the phone, or nothing."""
    return of(party, "party.code_proven", phone=mask_phone(party.phone), device_digest=device)


def device_changed(party: Party, before: str, after: str, *, in_call: bool) -> Happening:
    """Keyed digests of the two phones; ``in_call``: the new one took over a running call."""
    return of(party, "party.device_changed", before_digest=before, after_digest=after, in_call=in_call)


def link_sent(party: Party) -> Happening:
    return of(party, "party.link_sent", phone=mask_phone(party.phone))


def link_renewed(party: Party, expires_at: datetime) -> Happening:
    return of(party, "party.link_renewed", phone=mask_phone(party.phone), expires_at=at(expires_at))


def consent_recorded(party: Party, consent: Consent) -> Happening:
    kind = "party.consent_given" if consent.granted else "party.consent_refused"
    return of(
        party,
        kind,
        kind=consent.kind,
        kind_title=CONSENT_TITLES[consent.kind],
        text_sha256=consent.text_sha256,
    )


def party_refused(party: Party, reason: str, *, on_phone: bool = True) -> Happening:
    """``on_phone``: by themselves on their own page; else the agent put it on record."""
    return of(party, "party.refused", reason=reason, on_phone=on_phone)


def party_changed(before: Party, after: Party) -> Happening:
    """By a change of terms: which facts are others now, and how far the party was thrown back."""
    names = {"name": "姓名", "id_number": "身份证号", "phone": "手机号", "address": "地址", "share_percent": "保证份额"}
    changed = [words for name, words in names.items() if getattr(before, name) != getattr(after, name)]
    states = {"from": PARTY.titles[before.state], "to": PARTY.titles[after.state]}
    return of(after, "party.changed", changed=changed, phone=mask_phone(after.phone), **states)


def party_left(party: Party) -> Happening:
    return of(party, "party.removed")


def precheck_recorded(party: Party, passed: bool, report: Mapping[str, object]) -> Happening:
    return of(party, "party.precheck_passed" if passed else "party.precheck_failed", report=dict(report))
