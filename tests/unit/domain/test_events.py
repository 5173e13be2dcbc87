"""Every event can be chained, has a Chinese title, and tells nobody's number."""

import json
import re
from dataclasses import replace
from datetime import timedelta

import pytest

from signing.domain import events
from signing.domain.appointment import Appointment
from signing.domain.backfill import Keeps, Piece
from signing.domain.call import Call, CallEvent, Outcome, end
from signing.domain.case import CallMode, Ending, Track
from signing.domain.connection import Ends, InUse
from signing.domain.doubt import Doubt, Kind
from signing.domain.events import TITLES, Happening, title_of
from signing.domain.heads import Head
from signing.domain.helper import Helper
from signing.domain.ledger import GENESIS, append, verify_chain
from signing.domain.party import CardSide, Consent, DisclosureAnswer, FaceComparison, IdentityDecision, NationalIdAnswer
from signing.domain.quality import Cause, Figures, Stretch
from signing.domain.risk.model import Acknowledgement, Decision, Finding, Stage
from signing.domain.risk.model import Outcome as RiskOutcome
from signing.domain.seals import Marks, SealApproval, usual_seal
from tests.unit.domain.factories import (
    NOW,
    VALID_NUMBER,
    finished_case,
    make_party,
    make_recording,
    make_signature,
    make_terms,
)

PARTY = make_party()
CASE = finished_case()
DOCUMENT = CASE.documents[0]
HELPER = Helper("李建强", "子女", "agent", NOW, VALID_NUMBER, "13900139000")
SEALS = Marks(usual_seal("inst", "示范联社", "91350800MA00000000", NOW, "办公室"))
CALL = Call("call_1", "case_1", "s1", "staff_1", "张秀英", NOW)
STRETCH = Stretch(
    NOW, NOW + timedelta(seconds=30), 2, Cause.UPLINK_THIN, 3.24, 2.08,
    Figures(round_trip_ms=121.4, loss_up=0.123, frozen_up=0.16, pictures_up=6.2),
)  # fmt: skip
CARD = CardSide("front", NOW, "1" * 64, True, {"name": "王建国", "number": VALID_NUMBER}, True, True, True, None)
DAMAGED = replace(make_recording(), findings=("缺一截",))
FINDING = Finding(
    "same_phone", "同一手机号", RiskOutcome.REFER, "手机号 138****8000 还用于他人的 2 笔业务", "",
    Stage.CREATION, Stage.DISCLOSURE, NOW, "p1", "借款人王*国", {"cases": "2"},
)  # fmt: skip
CONSENT = Consent("face", True, "0" * 64, NOW)
APPOINTMENT = Appointment("a", "case_1", PARTY.party_id, "i", "b", NOW, NOW + timedelta(minutes=30), NOW, "staff_1")

PIECE = Piece("call_1", NOW, NOW + timedelta(seconds=4), "video/webm")
TRACK = Track(
    "trk_1", "call_1", PARTY.party_id, NOW, "borrower-1", "VP8", segments=3, chain="4" * 64, sha256="5" * 64, size=9,
    gaps=((1.0, 3.5, "muted"), (4.0, 5.5, "picture")), duration_seconds=9.0,
)  # fmt: skip

ALL: list[Happening] = [
    events.track_started(PARTY, TRACK),
    events.track_head(PARTY, TRACK, Head(3, "0" * 64, 71.2)),
    events.track_finished(PARTY, TRACK),
    events.track_finished(PARTY, replace(TRACK, gaps=(), given_up="本机磁盘空间不足")),
    events.track_read_back(PARTY, TRACK),
    events.track_read_back(PARTY, replace(TRACK, findings=("第 2 段的摘要不符",))),
    events.track_lost(PARTY, replace(TRACK, lost_reason="用印时还没有收齐")),
    events.backfill_kept(PARTY, PIECE, "ab" * 32, 120_000),
    events.backfill_kept(PARTY, replace(PIECE, kind="image/jpeg"), "ab" * 32, 40_000),
    events.backfill_kept(PARTY, replace(PIECE, kind="audio/webm"), "ab" * 32, 12_000),
    *(events.backfill_keeps(PARTY, "call_1", keeps) for keeps in Keeps),
    events.case_opened(CASE),
    *(events.case_ended(ending, "客户改变主意", (DOCUMENT,)) for ending in Ending),
    events.terms_changed(CASE, replace(CASE, terms=make_terms("90000.00")), "客户少借一些"),
    events.document_voided(DOCUMENT),
    events.call_mode_set(CallMode.SEPARATE),
    events.document_frozen(DOCUMENT),
    events.party_invited(PARTY, NOW),
    events.code_sent(PARTY),
    events.code_proven(PARTY),
    events.device_changed(PARTY, "", "0" * 64, in_call=True),
    events.helper_declared(PARTY, HELPER),
    events.helper_dismissed(PARTY, HELPER),
    events.helper_moved(PARTY, HELPER),
    events.helper_moved(PARTY, replace(HELPER, aside_at=NOW)),
    events.link_renewed(PARTY, NOW),
    events.link_sent(PARTY),
    events.consent_recorded(PARTY, CONSENT),
    events.consent_recorded(PARTY, replace(CONSENT, granted=False)),
    events.party_refused(PARTY, "不同意录音录像"),
    events.party_changed(PARTY, replace(PARTY, name="王建军")),
    events.party_left(PARTY),
    events.precheck_recorded(PARTY, True, {"round_trip_ms": 33.5}),
    events.precheck_recorded(PARTY, False, {"camera": False}),
    events.queue_joined(PARTY, "tkt_1", "65岁以上", False),
    events.queue_joined(PARTY, "tkt_1", "断线重连", True),
    events.queue_left(PARTY, "tkt_1"),
    events.appointment_made(PARTY, APPOINTMENT),
    events.appointment_cancelled(PARTY, APPOINTMENT, "客户改期"),
    events.dialect_chosen(replace(PARTY, dialect="hakka")),
    events.call_connected(PARTY, CALL, "07号席"),
    events.call_joined(PARTY, CALL, "07号席", False),
    events.call_joined(PARTY, CALL, "07号席", True),
    events.party_held(PARTY, CALL, True),
    events.party_held(PARTY, CALL, False),
    events.party_muted(PARTY, CALL, True),
    events.party_muted(PARTY, CALL, False),
    events.alone_began(PARTY, CALL, [PARTY]),
    events.alone_ended(PARTY, CALL, []),
    events.party_removed(PARTY, CALL, "改日再来", False),
    events.call_dropped(PARTY, CALL, "客户连接中断"),
    events.call_ended([PARTY], end(CALL, CallEvent.HUNG_UP, NOW), []),
    events.transfer_requested([PARTY], CALL, "08号席", "方言"),
    events.transfer_failed(CALL, "08号席", "对方未接"),
    events.call_handed_over([PARTY], CALL, "08号席", "方言", False),
    events.call_handed_over([PARTY], CALL, "08号席", "投诉", True),
    events.listening_changed(CALL, "陈主管", True),
    events.listening_changed(CALL, "陈主管", False),
    events.whisper_changed(CALL, "陈主管", True),
    events.whisper_changed(CALL, "陈主管", False),
    events.quality_measured(PARTY, CALL, STRETCH),
    events.quality_measured(PARTY, CALL, replace(STRETCH, bars=4, cause=Cause.FINE, figures=Figures())),
    events.connection_in_use(PARTY, CALL, InUse(NOW, Ends("sha-256 AB:CD", "sha-256 EF:01"))),
    events.recording_doubted(PARTY, CALL, Doubt(Kind.BLACK, NOW, NOW)),
    events.recording_doubted(None, CALL, Doubt(Kind.ALTERED, NOW, of_agent=True)),
    events.call_wrapped_up(replace(CALL, outcome=Outcome.SIGNED_ALL, wrap_up_seconds=30.0)),
    events.card_read(PARTY, CARD),
    events.national_id_checked(PARTY, NationalIdAnswer(True, "一致(演示核验)", True)),
    events.face_compared(PARTY, FaceComparison(NOW, "2" * 64, 1, 0.9, (), 0.31, "较为相似")),
    events.identity_decided(PARTY, IdentityDecision(True, "", "张秀英", NOW), []),
    events.identity_decided(PARTY, IdentityDecision(False, "不是本人", "张秀英", NOW), ["x"]),
    events.line_shown(PARTY, 1, "您是自愿的吗?"),
    events.read_aloud(PARTY, 1, "0" * 64, recorded=False),
    events.read_aloud(PARTY, 1, "0" * 64, recorded=True),
    events.read_aloud_ended(PARTY, 1, "0" * 64, whole=True, seconds=8.04),
    events.read_aloud_ended(PARTY, 1, "0" * 64, whole=False, seconds=2.5),
    events.line_answered(PARTY, DisclosureAnswer(1, "yes", NOW), True),
    events.line_answered(PARTY, DisclosureAnswer(1, "nodded", NOW), None),
    events.disclosure_completed(PARTY),
    events.page_read(PARTY, DOCUMENT, 1),
    events.document_read(PARTY, DOCUMENT, {2: 800, 1: 900}),
    events.document_signed(PARTY, DOCUMENT, make_signature()),
    events.party_signed(PARTY),
    events.recording_started(make_recording(), {"width": 1280}),
    events.recording_head("rec_1", Head(63, "ab" * 32, 62.5)),
    events.recording_finished(make_recording()),
    events.recording_read_back(make_recording(), {"frames": 900}),
    events.recording_read_back(DAMAGED, {"frames": 0}),
    events.recording_lost(replace(make_recording(), lost_reason="电脑硬盘损坏")),
    events.risk_found(FINDING),
    events.risk_found(replace(FINDING, outcome=RiskOutcome.WARN)),
    events.risk_cleared(FINDING),
    events.risk_acknowledged(replace(FINDING, acknowledged=Acknowledgement("张秀英", NOW))),
    events.risk_decided(FINDING, Decision(True, "已电话核实", "陈主管", "staff_chen", NOW)),
    events.risk_decided(FINDING, Decision(False, "不予办理", "陈主管", "staff_chen", NOW)),
    events.personal_revealed(PARTY, "phone", "核对回访号码", "张秀英"),
    events.seal_requested("张秀英"),
    events.seal_delayed("时间戳服务没有应答"),
    events.seal_approved(SealApproval("陈主管", "staff_chen", NOW, "金额与授信一致")),
    events.seal_declined(SealApproval("陈主管", "staff_chen", NOW, "金额与审批不一致")),
    events.document_sealed(DOCUMENT, SEALS, "5" * 64),
    events.package_closed("PQ1", "3" * 64),
]


def test_every_type_is_here_and_has_a_title() -> None:
    assert {happening.type for happening in ALL} == set(TITLES)


@pytest.mark.parametrize("happening", ALL, ids=lambda happening: happening.type)
def test_titles_are_whole_chinese_sentences(happening: Happening) -> None:
    title = title_of(happening.type, happening.body)
    assert re.search("[一-鿿]", title)
    assert "{" not in title
    assert "None" not in title


def test_an_unknown_type_is_shown_as_it_is() -> None:
    assert title_of("new.thing", {}) == "new.thing"
    assert title_of("document.signed", {}) == "签署《》"


def test_a_place_in_the_queue_is_named_and_needs_no_name_to_be_told() -> None:
    """Events of earlier versions have none."""
    for happening in (events.queue_joined(PARTY, "tkt_1", "65岁以上", False), events.queue_left(PARTY, "tkt_1")):
        assert happening.body["ticket_id"] == "tkt_1"
        old = {name: value for name, value in happening.body.items() if name != "ticket_id"}
        assert title_of(happening.type, old) == title_of(happening.type, happening.body)


def test_all_can_be_chained_and_read_again() -> None:
    lines, prev = [], GENESIS
    for seq, happening in enumerate(ALL, start=1):
        line = append(prev, seq, NOW, {"kind": "system"}, happening.type, happening.body)
        lines.append(line.data)
        prev = line.sha256
    assert verify_chain(lines) == prev
    assert [json.loads(line)["type"] for line in lines] == [happening.type for happening in ALL]


def test_no_body_tells_a_whole_name_number_phone_or_account() -> None:
    text = json.dumps([happening.body for happening in ALL], ensure_ascii=False)
    for secret in ("王建国", "张秀英", VALID_NUMBER, "13800138000", "6217000000000000000"):
        assert secret not in text


def test_what_a_read_back_advises_to_look_at_is_in_its_title() -> None:
    def told(*advice: str) -> str:
        happening = events.recording_read_back(replace(make_recording(), advice=advice), {})
        assert happening.body["advice"] == list(advice)
        return title_of(happening.type, happening.body)

    assert told() == title_of("recording.verified", {}) == "录像回读完整"
    assert told("00:12 至 00:20 画面全黑") == "录像回读完整，请复看：00:12 至 00:20 画面全黑"
    assert told(*"甲乙丙丁") == "录像回读完整，请复看：甲；乙；丙等 4 处"
