"""What the agent is told by a toast because it changed between two views: refusals, drops, arrivals, new terms."""

from collections.abc import Iterator

from desktop.model.happenings import Say
from desktop.model.party import label
from desktop.model.wording import ENDINGS
from signing.wire.base import Tone
from signing.wire.call import CallPartyState, SeatCall, TransferState
from signing.wire.case import CaseView, DocumentState, PartyState
from signing.wire.staff import Presence, SeatView


def news(before: SeatView | None, now: SeatView) -> Iterator[Say]:
    """In the order of their weight."""
    if before is None:
        return
    if before.case is not None and now.case is not None and before.case.case_id == now.case.case_id:
        yield from _of_case(before.case, now.case, terms_changed(before, now))
    if before.call is not None and now.call is not None and before.call.call_id == now.call.call_id:
        yield from _of_call(before.call, now.call)
    yield from _missed(before, now)
    yield from _lost(before, now)


def terms_changed(before: SeatView | None, now: SeatView) -> bool:
    """Whether the papers of the case on the desk are others than before: what was shown of the script is no more."""
    old, new = before.case if before else None, now.case
    return old is not None and new is not None and old.case_id == new.case_id and _valid(old) != _valid(new)


def _of_case(before: CaseView, now: CaseView, other_terms: bool) -> Iterator[Say]:
    states = {party.party_id: party.state for party in before.parties}
    for party in now.parties:
        if party.state is PartyState.REFUSED and states.get(party.party_id) is not PartyState.REFUSED:
            yield Say(Tone.STOP, f"{label(party)} 不再办理，请在“业务操作”里终止，或变更后由其他人继续")
    if other_terms and now.phase not in ENDINGS:
        yield Say(Tone.CAUTION, "业务条款已变更，文书已重新生成。请向各位当事人说明后重新告知、阅读")


def _valid(case: CaseView) -> frozenset[str]:
    return frozenset(one.document_id for one in case.documents if one.state is not DocumentState.VOID)


def _of_call(before: SeatCall, now: SeatCall) -> Iterator[Say]:
    states = {place.party_id: place.state for place in before.parties}
    for place in now.parties:
        was = states.get(place.party_id)
        if was is not place.state and place.state is CallPartyState.DROPPED:
            yield Say(Tone.CAUTION, f"{place.label} 断线了，重新打开页面后会自动回到通话")
        if was is not place.state and place.state is CallPartyState.WAITING:
            yield Say(Tone.NOTICE, f"{place.label} 已在等候，可以请入通话")
        if was is CallPartyState.DROPPED and place.state is CallPartyState.LIVE:
            yield Say(Tone.GOOD, f"{place.label} 已回到通话")
    yield from _of_transfer(before, now)


def _of_transfer(before: SeatCall, now: SeatCall) -> Iterator[Say]:
    transfer = now.transfer
    if transfer is None or before.transfer == transfer or transfer.state is TransferState.RINGING:
        return
    yield Say(Tone.CAUTION, f"转接 {transfer.to_seat}：{transfer.title}，通话仍在您这里", stays=True)


def _missed(before: SeatView, now: SeatView) -> Iterator[Say]:
    """A call that rang here to its end. Refused or called back it is gone before."""
    offer = before.transfer_offer
    if offer is None or now.transfer_offer is not None or now.call is not None or now.server_time < offer.expires_at:
        return
    who = "、".join(offer.parties)
    words = f"{offer.from_seat} {offer.from_agent} 转来的通话（{who}）您没有接到，已退回原席位"
    yield Say(Tone.CAUTION, f"{words}。对方的原因：{offer.reason}", stays=True)


def _lost(before: SeatView, now: SeatView) -> Iterator[Say]:
    """The service has given this seat up while nobody heard from it. What became of its call is not known here."""
    if before.call is None or now.call is not None or now.presence is not Presence.OFFLINE:
        return
    words = "本席与服务断开太久，刚才的通话已不在本席：客户回到排队最前面，或已由他人接手、办完。已完成的步骤都在"
    yield Say(Tone.CAUTION, f"{words}，录像会自动补传。按 F2 继续接待", stays=True)
