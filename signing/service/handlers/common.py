"""What handlers share: finding the caller's case and party, changing a party, and chaining what happened."""

from collections.abc import Iterable
from dataclasses import replace
from datetime import datetime

from signing.domain.call import Call, LegState
from signing.domain.case import ENDING_SENTENCES, Case, Document, Recording, RecordingState, Track, party_of
from signing.domain.errors import ConflictError, NotFound, NotPermitted
from signing.domain.events import Happening
from signing.domain.figures import came_out
from signing.domain.lifecycle import require_going_on
from signing.domain.party import PARTY, Party, PartyEvent, PartyState
from signing.domain.phase import all_reached, ending_of, is_open, party_label
from signing.service import scope
from signing.service.commands import Actor
from signing.service.queries import document_of
from signing.service.store import Unit

__all__ = ["customer", "document_of", "in_live_call", "party_of", "save", "seat_case", "step", "with_document"]


def customer(unit: Unit, actor: Actor) -> tuple[Case, Party]:
    """The case and party whose phone session it is. Raises ``ConflictError`` once the case is over or stopped."""
    case = unit.cases.get(scope.party_case(actor))
    require_open(case)
    require_going_on(case)
    party = party_of(case, actor.actor_id)
    if party.state is PartyState.REMOVED:
        raise ConflictError("这笔业务已有变更，不再需要您办理", "如有疑问，请联系您的客户经理")
    return case, party


def require_open(case: Case) -> None:
    ending = ending_of(case)
    if ending is not None:
        raise ConflictError(ENDING_SENTENCES[ending], "如有疑问，请联系您的客户经理")
    if not is_open(case):
        raise ConflictError("这笔业务已办结归档", "不需要再操作")


def require_wanted(recording: Recording | Track) -> None:
    """Raises ``ConflictError`` where it was declared lost: trying again will not change that."""
    if recording.state is RecordingState.LOST:
        raise ConflictError("主管已声明这段录像遗失", "请联系主管", code="recording.lost")


def in_live_call(unit: Unit, party: Party) -> Call:
    """Raises ``ConflictError`` where the party is in no live call, or on hold in it."""
    leg = unit.queue.live_leg_of(party.party_id)
    if leg is None:
        raise ConflictError("当前不在视频通话中", "请先排队接通客户经理，再继续")
    if leg.state is LegState.HELD:
        raise ConflictError(f"{party_label(party)}正在等候，暂不参与通话", "请先恢复通话，再继续")
    return unit.queue.call(leg.call_id)


def require_heard(unit: Unit, party: Party) -> None:
    """What is said in answer must be in the recording. Raises ``ConflictError`` where the party is muted."""
    leg = unit.queue.live_leg_of(party.party_id)
    if leg is not None and leg.muted:
        raise ConflictError(f"{party_label(party)}已被静音，回答没有录音", "请先取消静音，再请对方回答")


def seat_case(unit: Unit, actor: Actor, case_id: str, party_id: str) -> tuple[Case, Party, Call]:
    """For an agent's command about a customer: only from the seat that talks with them now."""
    case = scope.case(unit, actor, case_id)
    require_open(case)
    require_going_on(case)
    party = party_of(case, party_id)
    call = in_live_call(unit, party)
    if call.seat_id != actor.seat_id:
        raise NotPermitted("客户正在与其他席位通话", "只有接通客户的席位可以操作")
    return case, party, call


def step(party: Party, event: PartyEvent) -> Party:
    """The party after ``event``. Raises ``IllegalEvent``."""
    return replace(party, state=PARTY.next(party.state, event))


def with_party(case: Case, party: Party) -> Case:
    return replace(case, parties=tuple(party if old.party_id == party.party_id else old for old in case.parties))


def with_document(case: Case, document: Document) -> Case:
    documents = (document if old.document_id == document.document_id else old for old in case.documents)
    return replace(case, documents=tuple(documents))


def with_recording(case: Case, recording: Recording) -> Case:
    recordings = (recording if old.recording_id == recording.recording_id else old for old in case.recordings)
    return replace(case, recordings=tuple(recordings))


def recording_of(case: Case, recording_id: str) -> Recording:
    for recording in case.recordings:
        if recording.recording_id == recording_id:
            return recording
    raise NotFound("没有找到这段录像")


def save(unit: Unit, case: Case, actor: Actor, at: datetime, happenings: Iterable[Happening]) -> Case:
    """Saves the case and chains what happened, in the unit's one transaction."""
    saved = unit.cases.save(case)
    chain(unit, saved, actor, at, happenings)
    if (result := came_out(saved, at)) is not None:
        unit.figures.keep(result)
    if all_reached(saved, PartyState.SIGNED):  # what a board lists of it changes
        unit.changes.branch_ids.add(saved.branch_id)
    return saved


def chain(unit: Unit, case: Case, actor: Actor, at: datetime, happenings: Iterable[Happening]) -> None:
    for happening in happenings:
        unit.cases.append(case.case_id, happening, actor, at)
    unit.changes.party_ids.update(party.party_id for party in case.parties)


def on_record(unit: Unit, actor: Actor, at: datetime, what: str, detail: str) -> None:
    """A line of the access log, for what belongs to no case."""
    unit.logs.record_view(actor, at, what, "", detail)
