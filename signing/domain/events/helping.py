"""Who stands at a customer's side, and when they step out of the picture."""

from signing.domain.events.base import Happening, of
from signing.domain.helper import BY_TITLES, Helper
from signing.domain.masking import mask_id_number, mask_name, mask_phone
from signing.domain.party import Party


def helper_declared(party: Party, helper: Helper) -> Happening:
    return of(
        party,
        "helper.declared",
        helper=mask_name(helper.name),
        relation=helper.relation,
        id_number=mask_id_number(helper.id_number),
        phone=mask_phone(helper.phone),
        declared_by=helper.declared_by,
        declared_by_title=BY_TITLES[helper.declared_by],
    )


def helper_dismissed(party: Party, helper: Helper) -> Happening:
    return of(party, "helper.dismissed", helper=mask_name(helper.name), relation=helper.relation)


def helper_moved(party: Party, helper: Helper) -> Happening:
    """Out of the picture, or back in it."""
    kind = "helper.returned" if helper.aside_at is None else "helper.stepped_aside"
    return of(party, kind, helper=mask_name(helper.name), relation=helper.relation)
