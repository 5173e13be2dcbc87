"""Somebody looks at what is masked."""

from signing.domain.events.base import Happening, of
from signing.domain.masking import mask_name
from signing.domain.party import Party

REVEALED_TITLES = {"name": "姓名", "id_number": "证件号", "phone": "手机号", "address": "住址"}


def personal_revealed(party: Party, what: str, reason: str, by: str) -> Happening:
    """``what``: a key of ``REVEALED_TITLES``; the value itself is never in the chain."""
    return of(party, "personal.revealed", what=what, what_title=REVEALED_TITLES[what], reason=reason, by=mask_name(by))
