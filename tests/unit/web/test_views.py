"""What is shown: whole, right, and masked."""

from dataclasses import replace
from datetime import timedelta
from typing import Any

import pytest
from pydantic import BaseModel

from signing.domain.case import Case, Recording, RecordingState, SignatureMade, Track
from signing.domain.document import seal, sign
from signing.domain.party import DisclosureAnswer, Role
from signing.domain.phone_step import PhoneStep
from signing.domain.queue import Priority, TicketState
from signing.service.finding import Counted
from signing.service.snapshots import AuditPage, AuditRow, AuditSnapshot, EventPlace, OpenedLink
from signing.service.store import StoredEvent
from signing.web.views.audit import actor_in_words, audit_case, session_list
from signing.web.views.case import case_view, invitations, script_view
from signing.web.views.phone import link_opened, phone_view, step_number
from signing.web.views.seat import seat_view
from signing.wire.audit import KeptMedia
from signing.wire.base import IceServer
from signing.wire.case import Answer, Phase
from signing.wire.phone import QueuePlace
from tests.unit.web.samples import (
    CASE,
    DIGEST,
    DOCUMENT,
    FORBIDDEN,
    INSTITUTION,
    NOW,
    PARTY,
    TICKET,
    case_snapshot,
    phone_snapshot,
    seat_snapshot,
)

ICE = [IceServer(urls=["stun:stun.example:3478"])]
EVENT = StoredEvent(
    1, NOW, {"kind": "staff", "id": "staff_1", "role": "agent", "name": "张*明"}, "queue.joined",
    {"party": "借款人王*国"}, DIGEST, b"{}",
)  # fmt: skip


def every_view() -> list[BaseModel]:
    opened = OpenedLink(INSTITUTION, PARTY, CASE.product_title, NOW)
    row = AuditRow(CASE, case_snapshot().phase, "张小明", 400.0)
    return [
        case_view(case_snapshot()),
        seat_view(seat_snapshot(), ICE, ["party_1"]),
        seat_view(seat_snapshot(live=False), ICE, []),
        phone_view(phone_snapshot(), ICE, None),
        link_opened(opened),
        session_list(AuditPage([row], Counted(1, more=False), "", "")),
        audit_case(AuditSnapshot(case_snapshot(), "张小明", [EventPlace(EVENT, "rec_1", 1.5)])),
        invitations(CASE, {"party_1": "x" * 24}, "https://a.example", NOW)[0],
    ]


@pytest.mark.parametrize("number", range(8))
def test_no_view_shows_personal_data(number: int) -> None:
    shown = every_view()[number].model_dump_json()
    for secret in FORBIDDEN:
        assert secret not in shown
    assert "argon2" not in shown


def test_a_case_shows_its_terms_its_steps_and_what_blocks_the_seal() -> None:
    view = case_view(case_snapshot())
    assert (view.amount, view.annual_rate_percent) == ("180000.00", "3.85")
    assert view.amount_in_words == "壹拾捌万元整"
    assert view.phase is Phase.IN_CALL
    assert [step.status for step in view.steps[:2]] == ["done", "current"]
    assert view.documents[0].pages_read == [1, 2]
    assert view.parties[0].identity.front is not None
    assert view.parties[0].identity.front.number_masked == "1101**********002X"
    assert view.seal_blocked_by


def test_the_last_answer_to_a_line_is_shown() -> None:
    later = DisclosureAnswer(1, "repeat", NOW + timedelta(seconds=5))
    party = replace(PARTY, answers=(*PARTY.answers, later))
    lines = script_view(replace(CASE, parties=(party,)))
    assert [line.answer for line in lines] == [Answer.REPEAT, None]


def test_a_line_is_answered_once_every_party_has_answered() -> None:
    second = replace(PARTY, party_id="party_2", answers=())
    assert script_view(replace(CASE, parties=(PARTY, second)))[0].answer is None


def test_the_seat_shows_its_call_and_whether_the_phone_is_there() -> None:
    view = seat_view(seat_snapshot(), ICE, ["party_1"])
    assert view.call is not None
    assert view.call.phone_online
    assert view.call.party_label == "借款人王*国"
    assert view.call.ice_servers == ICE
    assert view.offer is None


def test_a_ring_says_until_when() -> None:
    view = seat_view(seat_snapshot(live=False), ICE, [])
    assert view.offer is not None
    assert view.offer.expires_at == NOW + timedelta(seconds=20)
    assert (view.call, view.case) == (None, None)


def test_the_phone_sees_the_line_that_is_read_out_during_disclosure_only() -> None:
    view = phone_view(phone_snapshot(), ICE, None)
    assert view.prompt is not None
    assert (view.prompt.number, view.prompt.total) == (2, 2)
    assert phone_view(phone_snapshot(PhoneStep.READING), ICE, None).prompt is None


@pytest.mark.parametrize(
    ("change", "position", "on_duty", "words"),
    [
        ({}, 1, 1, "下一位就是您"),
        ({}, 3, 1, "前面还有 2 位"),
        ({}, 3, 0, "客户经理暂时都不在"),
        ({"priority": Priority.RETURNING}, 1, 1, "刚才断线了"),
        ({"state": TicketState.OFFERED}, 0, 1, "正在为您接通"),
    ],
)
def test_who_waits_is_told_how_long(change: dict[str, object], position: int, on_duty: int, words: str) -> None:
    ticket = replace(TICKET, **change)  # type: ignore[arg-type]
    snapshot = phone_snapshot(PhoneStep.QUEUE, ticket=ticket, position=position, seats_on_duty=on_duty, call=None)
    view = phone_view(snapshot, [], None)
    assert view.queue is not None
    assert words in view.queue.message
    assert view.call is None


def test_a_connected_ticket_is_no_queue() -> None:
    ticket = replace(TICKET, state=TicketState.CONNECTED)
    view = phone_view(phone_snapshot(ticket=ticket), [], None)
    assert view.queue is None
    assert view.call is not None
    assert view.call.ticket_id == TICKET.ticket_id


def test_a_place_is_named_as_the_record_names_it() -> None:
    snapshot = phone_snapshot(PhoneStep.QUEUE, ticket=TICKET, position=1, call=None)
    view = phone_view(snapshot, [], None)
    assert view.queue is not None
    assert view.queue.ticket_id == TICKET.ticket_id
    assert QueuePlace.model_validate(view.queue.model_dump(exclude={"ticket_id"})).ticket_id is None


def test_an_ended_case_says_so() -> None:
    ended = phone_snapshot(PhoneStep.ENDED, case=replace(CASE, abort_reason="客户放弃"))
    view = phone_view(ended, [], None)
    assert view.notice is not None
    assert "终止" in view.notice.text
    assert "客户放弃" not in view.model_dump_json()


def test_steps_count_from_one_and_end_full() -> None:
    numbers = [step_number(step) for step in PhoneStep]
    assert numbers == [1, 2, 2, 2, 2, 3, 4, 5, 5, 5, 6, 6, 6, 7, 7, 7, 7]
    assert phone_view(phone_snapshot(), [], None).step_total == 7


def test_the_confirmed_digest_stays_that_of_the_frozen_document() -> None:
    made = SignatureMade("party_1", "f", NOW, DIGEST, DIGEST, DIGEST, "cd" * 32, NOW)
    sealed = seal(sign(DOCUMENT, made), "ef" * 32)
    view = phone_view(phone_snapshot(case=replace(CASE, documents=(sealed,))), [], None)
    assert view.documents[0].sha256 == DIGEST
    assert (view.documents[0].signed, view.documents[0].copy_available) == (True, True)


def test_a_personal_link_keeps_its_secret_in_the_fragment() -> None:
    made = invitations(CASE, {"party_1": "x" * 24}, "https://a.example/", NOW)
    assert made[0].url == "https://a.example/s#" + "x" * 24


def test_an_event_has_a_title_and_its_place_in_the_recording() -> None:
    row = audit_case(AuditSnapshot(case_snapshot(), "张", [EventPlace(EVENT, "rec_1", 1.5)])).events[0]
    assert row.title == "借款人王*国进入排队"
    assert (row.recording_id, row.offset_seconds) == ("rec_1", 1.5)


def test_the_auditor_is_told_of_every_track_and_of_who_has_none() -> None:
    def track(number: int, state: RecordingState, **more: Any) -> Track:
        return Track(f"trk_{number}", "call_1", "party_1", NOW, f"borrower-{number}", "VP8", state, **more)

    tracks = (
        track(1, RecordingState.VERIFIED, duration_seconds=9.0, gaps=((1.0, 2.0, "muted"),), given_up="磁盘将满"),
        track(2, RecordingState.LOST, lost_reason=f"{PARTY.name}的手机"),
        track(3, RecordingState.RECORDING),
        track(4, RecordingState.DAMAGED),
    )
    other = replace(PARTY, party_id="party_2", name="李大梅", role=Role.GUARANTOR)
    recording = Recording("rec_1", "call_1", NOW, RecordingState.VERIFIED)
    case = replace(CASE, parties=(PARTY, other), tracks=tracks, recordings=(recording,))

    def told(case: Case) -> list[KeptMedia]:
        return audit_case(AuditSnapshot(case_snapshot(case), "张", [])).media

    assert [(one.party, one.said, one.lost) for one in told(case)] == [
        ("借款人王*国", "其中有：静音，提前停止：磁盘将满", ""),
        ("借款人王*国", "", "王*国的手机"),
        ("借款人王*国", "", "还没有收齐"),
        ("借款人王*国", "", "内容残缺，没有通过核对"),
        ("保证人李*梅", "", "没有单独录下"),
    ]
    running = replace(recording, state=RecordingState.RECORDING)
    assert told(replace(case, recordings=(running,)))[-1].lost == "还没有收齐", "the call goes on"
    assert told(replace(case, tracks=(), recordings=())) == [], "where nothing was recorded nobody is missed"


def test_an_actor_is_never_named_in_full() -> None:
    assert actor_in_words({"kind": "staff", "name": "张小明"}) == "张*明"
    assert actor_in_words({"kind": "system"}) == "系统"
    assert actor_in_words({"kind": "system", "name": "系统"}) == "系统"
