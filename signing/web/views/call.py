"""The parts of a live call, as its seat and the board show them."""

from collections.abc import Collection

from signing.domain.call import TRANSFER, Listener
from signing.domain.masking import mask_name
from signing.domain.party import ROLE_TITLES
from signing.domain.phase import party_label
from signing.service.call_state import CallPlace, TransferSnapshot
from signing.wire import call as wire
from signing.wire.case import Role


def call_party(place: CallPlace, online: Collection[str]) -> wire.CallParty:
    """``online``: the parties who have a socket open."""
    party = place.party
    return wire.CallParty(
        party_id=party.party_id,
        name_masked=mask_name(party.name),
        role=Role(party.role),
        role_title=ROLE_TITLES[party.role],
        label=party_label(party),
        state=wire.CallPartyState(place.state),
        since=place.since,
        online=party.party_id in online,
        muted=place.muted,
    )


def transfer_view(snapshot: TransferSnapshot | None) -> wire.TransferView | None:
    if snapshot is None:
        return None
    transfer = snapshot.transfer
    return wire.TransferView(
        transfer_id=transfer.transfer_id,
        to_seat=snapshot.to_seat.label,
        state=wire.TransferState(transfer.state),
        title=TRANSFER.titles[transfer.state],
        reason=transfer.reason,
        at=transfer.at,
        expires_at=transfer.expires_at,
    )


def listener_view(listener: Listener) -> wire.ListenerView:
    return wire.ListenerView(
        staff_id=listener.staff_id, name=listener.name, whispering=listener.whispering, since=listener.since
    )
