"""A party comes in: link, code, consents, device."""

from collections.abc import Mapping
from datetime import datetime

from signing.domain.events.base import Happening, at, of
from signing.domain.masking import mask_phone
from signing.domain.party import Consent, Party
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


def party_refused(party: Party, reason: str) -> Happening:
    return of(party, "party.refused", reason=reason)


def precheck_recorded(party: Party, passed: bool, report: Mapping[str, object]) -> Happening:
    return of(party, "party.precheck_passed" if passed else "party.precheck_failed", report=dict(report))
