"""A case half-way through, for the views."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta
from decimal import Decimal

from signing.domain.call import Call
from signing.domain.case import Case, Document, DocumentState, Recording, RepaymentMethod, ScriptLine, Terms
from signing.domain.party import (
    CardSide,
    Consent,
    DisclosureAnswer,
    FaceComparison,
    Identity,
    IdentityDecision,
    NationalIdAnswer,
    Party,
    PartyState,
    Role,
)
from signing.domain.phase import phase_of, proof_of, seal_blocked_by, steps_of
from signing.domain.phone_step import PhoneStep
from signing.domain.queue import Ticket, TicketState
from signing.domain.seat import Seat, SeatState
from signing.service.call_state import CallPlace, CallSnapshot, PlaceState
from signing.service.ports import Institution
from signing.service.snapshots import CaseSnapshot, PhoneSnapshot, SeatSnapshot, StaffSnapshot, TicketSnapshot
from signing.service.store import Branch, StaffMember

NOW = datetime(2026, 11, 24, 2, 10, tzinfo=UTC)
NAME, ID_NUMBER, PHONE, ACCOUNT = "王建国", "11010519491231002X", "13800138000", "6217000000000000000"
FORBIDDEN = (NAME, ID_NUMBER, PHONE, ACCOUNT, "福建省上杭县临江镇")
DIGEST = "ab" * 32

INSTITUTION = Institution("inst_1", "龙岩示范农村信用合作联社", "龙岩示范", "龙岩市", "0597-1234567", "陈某", "91")
BRANCH = Branch("branch_1", "inst_1", "上杭支行")

FRONT = CardSide(
    "front", NOW, DIGEST, True, {"name": NAME, "number": ID_NUMBER, "address": "福建省上杭县临江镇"}, True, True, True
)
BACK = CardSide("back", NOW, DIGEST, True, {"authority": "上杭县公安局", "valid_until": "长期"}, validity_ok=True)
FACE = FaceComparison(NOW, DIGEST, 1, 0.9, (), 0.31, "相似", ())

PARTY = Party(
    "party_1",
    Role.BORROWER,
    NAME,
    ID_NUMBER,
    PHONE,
    "福建省上杭县临江镇",
    PartyState.IDENTIFIED,
    (Consent("face", True, DIGEST, NOW),),
    identity=Identity(
        FRONT, BACK, FACE, NationalIdAnswer(True, "一致", True), IdentityDecision(True, "相符", "张", NOW)
    ),
    answers=(DisclosureAnswer(1, "yes", NOW),),
    prompt_line=2,
    reading={"doc_1": {1: 900, 2: 10}},
)
DOCUMENT = Document("doc_1", "loan", "个人借款合同", 3, "1", ("party_1",), (DIGEST,), DocumentState.FROZEN)

CASE = Case(
    "case_1",
    "PQ202611240001",
    "inst_1",
    "branch_1",
    "village_credit",
    "信用村授信贷款",
    Terms(Decimal(180000), Decimal("3.8500"), 12, RepaymentMethod.INTEREST_FIRST, "购买茶苗与肥料", ACCOUNT),
    NOW,
    "staff_1",
    (PARTY,),
    (DOCUMENT,),
    (ScriptLine(1, "您借款十八万元，对吗？", "yes"), ScriptLine(2, "利率三点八五，清楚吗？", "yes")),
    (Recording("rec_1", "call_1", NOW),),
)
CALL = Call("call_1", "case_1", "seat_07", "staff_1", "张小明", NOW)
TALK = CallSnapshot(CALL, CASE, [CallPlace(PARTY, PlaceState.LIVE, NOW, None)])
TICKET = Ticket("tkt_1", "case_1", "party_1", "inst_1", "branch_1", NOW)


def case_snapshot(case: Case = CASE, *, in_call: bool = True) -> CaseSnapshot:
    phase = phase_of(case, in_call=in_call)
    return CaseSnapshot(case, phase, steps_of(case), proof_of(case), seal_blocked_by(case), ("短信为演示",))


def seat_snapshot(*, live: bool = True) -> SeatSnapshot:
    seat = Seat("seat_07", "inst_1", "branch_1", "07号席", NOW, SeatState.ON_CALL if live else SeatState.RINGING)
    member = StaffMember("staff_1", "zhang", "张小明", "agent", "inst_1", "branch_1", "argon2-hash", "seat_07")
    ringing = replace(TICKET, state=TicketState.OFFERED, seat_id="seat_07", offered_at=NOW)
    row = TicketSnapshot(ringing, CASE.case_no, CASE.product_title, PARTY)
    return SeatSnapshot(
        NOW,
        StaffSnapshot(member, INSTITUTION, BRANCH, seat),
        seat,
        [row],
        None if live else row,
        None if live else NOW + timedelta(seconds=20),
        CALL if live else None,
        case_snapshot() if live else None,
        [],
        12,
        408.5,
        TALK if live else None,
    )


def phone_snapshot(
    step: PhoneStep = PhoneStep.DISCLOSURE,
    *,
    case: Case = CASE,
    ticket: Ticket | None = None,
    position: int = 0,
    seats_on_duty: int = 1,
    call: Call | None = CALL,
) -> PhoneSnapshot:
    prompt = case.script[1]
    return PhoneSnapshot(
        NOW, case, case.parties[0], INSTITUTION, BRANCH, step, None, ticket, position, 120, seats_on_duty, call,
        "07号席", prompt, ("短信为演示",),
    )  # fmt: skip
