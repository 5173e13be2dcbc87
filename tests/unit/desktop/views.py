"""Views as the service would push them, for tests of what the window makes of them."""

from datetime import UTC, datetime, timedelta

from media import ports
from media.core.quality import Cause, Judgement, Look, Way
from signing.wire.audit import AuditCase, EventRow
from signing.wire.board import BoardCall, BoardParty, BoardSeat, BoardView, BoardWaiting
from signing.wire.call import (
    CallParty,
    CallPartyState,
    ListenerView,
    SeatCall,
    TransferOffer,
    TransferState,
    TransferView,
)
from signing.wire.case import (
    Answer,
    CardCheck,
    CardSide,
    CaseView,
    DocumentState,
    DocumentView,
    FaceCheck,
    IdentityView,
    LineAnswer,
    PartyState,
    PartyView,
    Phase,
    ProofItem,
    RecordingState,
    RecordingView,
    Role,
    ScriptLineView,
    StepKey,
    StepStatus,
    StepView,
)
from signing.wire.risk import RiskDecision, RiskFinding, RiskOutcome, RiskReferral, RiskStage
from signing.wire.staff import (
    AwaitingSeal,
    Offer,
    Presence,
    SeatView,
    Staff,
    StaffRole,
    TicketRow,
    TicketState,
)

NOW = datetime(2026, 11, 24, 2, 10, tzinfo=UTC)
ORDER = list(StepKey)


def quality(bars: int, cause: Cause, party_id: str = "p1") -> ports.Quality:
    """What the engine tells of a customer's line."""
    way = Way(loss=0.12, frozen=0.1, pictures=11.0, delay=0.3, rate=150_000.0)
    judged = Judgement((1.0, 2.8, 3.3, 3.8, 4.3)[bars], bars, cause, Look(way, way, silent=cause is Cause.BROKEN))
    return ports.Quality("c1", party_id, 11.0, 180.0, 12.0, 0.2, judged)


def digest(letter: str) -> str:
    return letter * 64


def staff(role: StaffRole = StaffRole.AGENT) -> Staff:
    return Staff(
        staff_id="u1",
        name="张敏",
        role=role,
        institution="龙岩示范农信",
        branch="上杭支行",
        seat_id="s7",
        seat_label="07号席",
    )


def ticket(number: int = 1) -> TicketRow:
    return TicketRow(
        ticket_id=f"t{number}",
        case_no=f"2026-0000{number}",
        product_title="信用村授信贷款",
        party_name_masked="王*国",
        role=Role.BORROWER,
        role_title="借款人",
        state=TicketState.WAITING,
        waiting_since=NOW - timedelta(seconds=80),
        priority="老年人优先" if number == 1 else "",
    )


def awaiting(number: int = 1) -> AwaitingSeal:
    return AwaitingSeal(
        case_id=f"k{number}",
        case_no=f"2026-0031{number}",
        product_title="信用村授信贷款",
        amount="180000.00",
        party_name_masked="王*国",
        signed_at=NOW - timedelta(minutes=number),
    )


def offer() -> Offer:
    return Offer(ticket=ticket(), expires_at=NOW + timedelta(seconds=20))


ROLES = {"p1": ("借款人", "王*国", Role.BORROWER), "p2": ("保证人", "李*梅", Role.GUARANTOR)}
IN_CALL = CallPartyState.LIVE


def place(
    party_id: str = "p1", state: CallPartyState = IN_CALL, *, online: bool = True, muted: bool = False
) -> CallParty:
    title, name, role = ROLES.get(party_id, ("保证人", f"陈*{party_id[1:]}", Role.GUARANTOR))
    return CallParty(
        party_id=party_id, name_masked=name, role=role, role_title=title, label=f"{title} {name}",
        state=state, since=NOW, online=online, muted=muted,
    )  # fmt: skip


def call(
    call_id: str = "c1",
    *places: CallParty,
    listeners: list[ListenerView] | None = None,
    transfer: TransferView | None = None,
    alone_with: str | None = None,
) -> SeatCall:
    return SeatCall(
        call_id=call_id, party_id="p1", party_label="借款人 王*国", started_at=NOW, phone_online=True,
        parties=list(places) or [place()], listeners=listeners or [], transfer=transfer, alone_with=alone_with,
    )  # fmt: skip


def listener(whispering: bool = False) -> ListenerView:
    return ListenerView(staff_id="u9", name="陈主管", whispering=whispering, since=NOW)


def transfer(state: TransferState = TransferState.RINGING) -> TransferView:
    return TransferView(
        transfer_id="x1", to_seat="08号席", state=state, title="对方未接", reason="会说客家话", at=NOW,
        expires_at=NOW + timedelta(seconds=20),
    )  # fmt: skip


def transfer_offer() -> TransferOffer:
    return TransferOffer(
        transfer_id="x2", case_no="2026-00318", product_title="多人担保贷款", from_seat="03号席", from_agent="林敏",
        reason="客户只会说客家话", parties=["借款人 王*国", "保证人 李*梅"], call_started_at=NOW,
        expires_at=NOW + timedelta(seconds=20),
    )  # fmt: skip


def identity(front: bool = False, back: bool = False, face: bool = False, **of_front: bool | None) -> IdentityView:
    card = CardCheck(
        side=CardSide.FRONT, captured_at=NOW, readable=True, name_masked="王*国", image_sha256=digest("1"),
        name_matches=of_front.get("name_matches", True), number_matches=True, checksum_ok=True,
    )  # fmt: skip
    other = CardCheck(
        side=CardSide.BACK, captured_at=NOW, readable=True, validity_ok=True, valid_until="2039-05-12",
        image_sha256=digest("2"),
    )  # fmt: skip
    seen = FaceCheck(captured_at=NOW, image_sha256=digest("3"), faces=1, quality=0.8, distance=0.31, advice="相似")
    return IdentityView(front=card if front else None, back=other if back else None, face=seen if face else None)


def steps(current: StepKey) -> list[StepView]:
    place = ORDER.index(current)
    status = [StepStatus.DONE] * place + [StepStatus.CURRENT] + [StepStatus.LOCKED] * (len(ORDER) - place - 1)
    return [
        StepView(key=key, title=f"步骤{number}", status=state, reason="先完成前一步" if state == "locked" else "")
        for number, (key, state) in enumerate(zip(ORDER, status, strict=True), 1)
    ]


def line(number: int, answer: Answer | None = None, expected: Answer | None = Answer.YES) -> ScriptLineView:
    given = [LineAnswer(party_id="p1", answer=answer, at=NOW)] if answer else []
    return ScriptLineView(
        number=number, text=f"第{number}条要读的话", expected=expected, answer=answer, answers=given
    )  # fmt: skip


def document(read: int = 0, signed: bool = False) -> DocumentView:
    return DocumentView(
        document_id="d1",
        kind="loan",
        title="个人借款合同",
        pages=4,
        state=DocumentState.SIGNED if signed else DocumentState.FROZEN,
        frozen_sha256=digest("a"),
        current_sha256=digest("b"),
        signers=["p1"],
        signed_by=["p1"] if signed else [],
        pages_read=list(range(1, read + 1)),
        pages_read_by={"p1": list(range(1, read + 1))},
    )


def recording(state: RecordingState = RecordingState.VERIFIED, recording_id: str = "r1") -> RecordingView:
    return RecordingView(
        recording_id=recording_id, call_id="c1", state=state, started_at=NOW, duration_seconds=60.0,
        sha256=digest("7"), size=1_000_000,
    )  # fmt: skip


AT = {
    StepKey.IDENTITY: PartyState.READY,
    StepKey.DISCLOSURE: PartyState.IDENTIFIED,
    StepKey.READING: PartyState.INFORMED,
    StepKey.SIGNING: PartyState.READ,
    StepKey.PROOF: PartyState.SIGNED,
    StepKey.SEALING: PartyState.SIGNED,
}


def party(party_id: str = "p1", state: PartyState = PartyState.READY, seen: IdentityView | None = None) -> PartyView:
    title, name, role = ROLES.get(party_id, ("保证人", f"陈*{party_id[1:]}", Role.GUARANTOR))
    return PartyView(
        party_id=party_id, role=role, role_title=title, name_masked=name, id_number_masked="110***02X",
        phone_masked="138****8000", state=state, identity=seen or IdentityView(),
    )  # fmt: skip


def case(
    step: StepKey = StepKey.IDENTITY,
    phase: Phase = Phase.IN_CALL,
    seen: IdentityView | None = None,
    lines: list[ScriptLineView] | None = None,
    proof: list[ProofItem] | None = None,
    blocked: list[str] | None = None,
    recordings: list[RecordingView] | None = None,
    case_id: str = "k1",
    others: list[PartyView] | None = None,
    findings: list[RiskFinding] | None = None,
) -> CaseView:
    """The borrower is at ``step``; ``others`` come after them."""
    return CaseView(
        case_id=case_id,
        case_no="2026-00318",
        product_id="village_credit",
        product_title="信用村授信贷款",
        amount="180000.00",
        amount_in_words="人民币壹拾捌万元整",
        term_months=12,
        annual_rate_percent="3.85",
        phase=phase,
        parties=[party(state=AT[step], seen=seen), *(others or [])],
        steps=steps(step),
        documents=[document()],
        script=lines if lines is not None else [line(1), line(2)],
        proof=proof or [],
        seal_blocked_by=blocked or [],
        recordings=recordings or [],
        findings=findings or [],
        stand_ins=["演示:短信由页面显示"],
    )


def view(
    presence: Presence = Presence.AVAILABLE,
    *,
    ring: Offer | None = None,
    talk: SeatCall | None = None,
    about: CaseView | None = None,
    queue: list[TicketRow] | None = None,
    unsealed: list[AwaitingSeal] | None = None,
    at: datetime = NOW,
    transferred: TransferOffer | None = None,
) -> SeatView:
    return SeatView(
        server_time=at,
        staff=staff(),
        presence=presence,
        presence_since=at,
        queue=queue or [],
        offer=ring,
        transfer_offer=transferred,
        call=talk,
        case=about,
        awaiting_seal=unsealed or [],
        handled_today=12,
    )


def event(seq: int, offset: float | None, recording_id: str | None = "r1", kind: str = "identity.decided") -> EventRow:
    return EventRow(
        seq=seq,
        at=NOW + timedelta(seconds=seq),
        actor="张敏",
        type=kind,
        title=f"第{seq}件事",
        body={},
        sha256=digest("e"),
        recording_id=recording_id,
        offset_seconds=offset,
    )


def head(seq: int, offset: float | None, recording_id: str = "r1") -> EventRow:
    """The chain of a recording on record, as it is every ten seconds."""
    told = event(seq, offset, recording_id if offset is not None else None, "recording.head")
    return told.model_copy(update={"body": {"recording_id": recording_id, "index": seq, "chain": digest("c")}})


def audit_case(*events: EventRow) -> AuditCase:
    about = case(StepKey.SEALING, Phase.CLOSED, recordings=[recording()], lines=[line(1, Answer.YES)])
    return AuditCase(case=about, agent="张敏", events=list(events))


def board_seat(number: int = 7, presence: Presence = Presence.ON_CALL, agent: str = "张敏") -> BoardSeat:
    return BoardSeat(
        seat_id=f"s{number}", label=f"{number:02}号席", branch_id="b1", branch="上杭支行", presence=presence,
        since=NOW - timedelta(seconds=252), agent=agent, reason="用餐" if presence is Presence.AWAY else "",
        call_id="c1" if presence is Presence.ON_CALL else None,
    )  # fmt: skip


def board_waiting(number: int = 1, minutes: int = 2) -> BoardWaiting:
    return BoardWaiting(
        ticket_id=f"t{number}", case_id=f"k{number}", case_no=f"2026-0000{number}", product_title="多人担保贷款",
        party_label="保证人 李*梅", branch_id="b1", branch="上杭支行", waiting_since=NOW - timedelta(minutes=minutes),
        priority="老年人优先" if number == 1 else "", present=number != 2,
    )  # fmt: skip


def board_call(call_id: str = "c1", *places: CallParty, listeners: list[ListenerView] | None = None) -> BoardCall:
    return BoardCall(
        call_id=call_id, case_id="k1", case_no="2026-00318", product_title="多人担保贷款", seat_id="s7", seat="07号席",
        agent="张敏", started_at=NOW - timedelta(seconds=252), phase=Phase.IN_CALL, steps=steps(StepKey.DISCLOSURE),
        parties=[
            BoardParty(place=one, progress=PartyState.READY, progress_title="设备就绪") for one in places or [place()]
        ],
        listeners=listeners or [],
    )  # fmt: skip


def unread_call(call_id: str = "c9") -> BoardCall:
    """Its case cannot be opened."""
    bare = {"case_no": "", "product_title": "", "parties": [], "steps": [], "unread": True}
    return board_call(call_id).model_copy(update={**bare, "seat_id": "s8", "seat": "08号席", "agent": "李芳"})


def board(
    calls: list[BoardCall] | None = None,
    listening: list[str] | None = None,
    seats: list[BoardSeat] | None = None,
    waiting: list[BoardWaiting] | None = None,
    seat_id: str | None = None,
    referrals: list[RiskReferral] | None = None,
) -> BoardView:
    chief = staff(StaffRole.SUPERVISOR).model_copy(update={"staff_id": "u9", "name": "陈主管", "seat_id": seat_id})
    return BoardView(
        server_time=NOW, staff=chief, seats=seats if seats is not None else [board_seat()], waiting=waiting or [],
        calls=calls if calls is not None else [board_call()], listening=listening or [], referrals=referrals or [],
    )  # fmt: skip


def finding(
    outcome: RiskOutcome = RiskOutcome.REFER, *, seen_by: str = "", decision: RiskDecision | None = None
) -> RiskFinding:
    titles = {RiskOutcome.REFER: "同一手机号", RiskOutcome.WARN: "身份证期内到期", RiskOutcome.REFUSE: "身份证已过期"}
    reasons = {
        RiskOutcome.REFER: "手机号 138****8000 90 天内还用于他人的 2 笔业务",
        RiskOutcome.WARN: "身份证将于 2027-03-01 到期，早于借款到期日 2027-11-26",
        RiskOutcome.REFUSE: "身份证已于 2026-08-12 到期",
    }
    hints = {RiskOutcome.WARN: "请提醒客户按时换证", RiskOutcome.REFUSE: "请客户换领新证后再办"}
    names = {RiskOutcome.REFER: "same_phone", RiskOutcome.WARN: "id_expires_in_term", RiskOutcome.REFUSE: "id_expired"}
    words = {
        RiskOutcome.ALLOW: "放行",
        RiskOutcome.WARN: "提示",
        RiskOutcome.REFER: "转主管",
        RiskOutcome.REFUSE: "拒绝",
    }
    return RiskFinding(
        rule=names.get(outcome, "exposure"), title=titles.get(outcome, "借款合计"), outcome=outcome,
        outcome_title=words[outcome], reason=reasons.get(outcome, "理由"), hint=hints.get(outcome, ""), party_id="p1",
        party="借款人王*国", stage_title="建立业务", found_at=NOW, acknowledged_by=seen_by, decision=decision,
        blocks=RiskStage.DISCLOSURE if outcome is RiskOutcome.REFER else None,
        blocks_title="风险告知" if outcome is RiskOutcome.REFER else "",
    )  # fmt: skip


def decision(released: bool = True) -> RiskDecision:
    return RiskDecision(released=released, reason="已电话核实本人意愿和用途", by="陈主管", at=NOW)


def referral(number: int = 1, why_not: str = "") -> RiskReferral:
    return RiskReferral(
        case_id=f"k{number}", case_no=f"2026-0031{number}", product_title="信用村授信贷款", amount="180000.00",
        branch="上杭支行", opened_by="张敏", finding=finding(), why_not=why_not,
    )  # fmt: skip
