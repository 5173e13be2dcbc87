"""Small, valid things of the domain for tests."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta
from decimal import Decimal

from signing.domain.call import Call
from signing.domain.case import (
    Case,
    Document,
    Recording,
    RecordingState,
    RepaymentMethod,
    ScriptLine,
    SignatureMade,
    Terms,
)
from signing.domain.document import sign
from signing.domain.party import Consent, DisclosureAnswer, Identity, IdentityDecision, Party, PartyState, Role
from signing.domain.phase import CONSENTS
from signing.domain.product import DocumentRule, LenderKind, LoanRules, Product, RoleRule, ScriptTemplate
from signing.domain.queue import Priority, Ticket
from signing.domain.seat import Seat, SeatState

NOW = datetime(2026, 11, 24, 2, 10, tzinfo=UTC)
VALID_NUMBER = "11010519491231002X"


def later(seconds: float) -> datetime:
    return NOW + timedelta(seconds=seconds)


def make_terms(amount: str = "180000.00", months: int = 12, rate: str = "3.85") -> Terms:
    method = RepaymentMethod.INTEREST_FIRST
    return Terms(Decimal(amount), Decimal(rate), months, method, "购买茶苗与肥料", "6217000000000000000")


def make_party(state: PartyState = PartyState.INVITED, party_id: str = "p1") -> Party:
    return Party(party_id, Role.BORROWER, "王建国", VALID_NUMBER, "13800138000", state=state)


def make_document(document_id: str = "d1", pages: int = 2, signers: tuple[str, ...] = ("p1",)) -> Document:
    return Document(document_id, "personal_loan_contract", "个人借款合同", pages, "1", signers, ("a" * 64,))


def make_case(party: Party | None = None, documents: tuple[Document, ...] | None = None) -> Case:
    return Case(
        "case_1",
        "PQ1",
        "inst",
        "branch",
        "village_credit_line",
        "信用村授信贷款",
        make_terms(),
        NOW,
        "staff_1",
        (party or make_party(),),
        documents if documents is not None else (make_document(),),
        (ScriptLine(1, "您是自愿的吗?", "yes"), ScriptLine(2, "可以开始了吗?")),
    )


def make_signature(party_id: str = "p1", revision: str = "b" * 64) -> SignatureMade:
    return SignatureMade(party_id, "sign_1", NOW, "c" * 64, "d" * 64, "e" * 64, revision, NOW)


def make_recording(state: RecordingState = RecordingState.VERIFIED) -> Recording:
    return Recording("rec_1", "call_1", NOW, state, NOW, 60.0, "f" * 64, 10)


def make_call(call_id: str = "call_1") -> Call:
    """Live since ``NOW``."""
    return Call(call_id, "case_1", "s1", "staff_1", "张秀英", NOW)


def finished_party() -> Party:
    """One who consented, was identified, answered, read and signed."""
    decision = IdentityDecision(True, "", "张秀英", NOW)
    return replace(
        make_party(PartyState.SIGNED),
        consents=tuple(Consent(kind, True, "0" * 64, NOW) for kind in CONSENTS),
        identity=Identity(decision=decision),
        answers=(DisclosureAnswer(1, "yes", NOW), DisclosureAnswer(2, "nodded", NOW)),
        reading={"d1": {1: 900, 2: 800}},
    )


def finished_case() -> Case:
    """Everything the seal needs is there."""
    case = make_case(finished_party(), (sign(make_document(), make_signature()),))
    return replace(case, recordings=(make_recording(),))


def make_seat(seat_id: str = "s1", since: float = 0, state: SeatState = SeatState.AVAILABLE) -> Seat:
    return Seat(seat_id, "inst", "branch", f"{seat_id}号席", later(since), state)


def make_ticket(ticket_id: str = "t1", since: float = 0, priority: Priority = Priority.NORMAL) -> Ticket:
    return Ticket(ticket_id, "case_1", f"party_{ticket_id}", "inst", "branch", later(since), priority)


def make_product() -> Product:
    both = (Role.BORROWER, Role.CO_BORROWER)
    return Product(
        "village_credit_line",
        "信用村授信贷款",
        "1",
        (LenderKind.RURAL_COOPERATIVE,),
        (RoleRule(Role.BORROWER, 1, 1), RoleRule(Role.CO_BORROWER, 0, 2)),
        (DocumentRule("personal_loan_contract", both),),
        (ScriptTemplate("您是自愿的吗？", "yes"),),
        LoanRules(
            Decimal("1000.00"),
            Decimal("300000.00"),
            1,
            36,
            Decimal("3.00"),
            Decimal("12.00"),
            (RepaymentMethod.INTEREST_FIRST,),
            True,
            Decimal("200000.00"),
        ),
    )
