"""Exactly one next action in every situation, and its sentence."""

from dataclasses import replace

import pytest

from desktop.model import actions, script
from desktop.model import workspace as w
from desktop.model.actions import Act, next_action
from signing.wire.case import Answer, CaseView, ConsentKind, ConsentView, Phase, ProofItem, RecordingState, StepKey
from signing.wire.staff import Presence
from tests.unit.desktop import views

CONNECTED = w.Media(call_id="c1", lines={"p1": w.Line(peer="connected")}, recording=w.Recording.RUNNING)


def talking(about: CaseView, media: w.Media = CONNECTED) -> w.State:
    return w.State(view=views.view(Presence.ON_CALL, talk=views.call(), about=about), media=media)


def wrapping(about: CaseView | None) -> w.State:
    return w.State(view=views.view(Presence.WRAP_UP, about=about))


@pytest.mark.parametrize(
    ("state", "act"),
    [
        (w.State(), Act.WAIT),
        (w.State(view=views.view(Presence.OFFLINE)), Act.AVAILABLE),
        (w.State(view=views.view(Presence.AWAY)), Act.AVAILABLE),
        (w.State(view=views.view(Presence.AVAILABLE)), Act.WAIT),
        (w.State(view=views.view(Presence.RINGING, ring=views.offer())), Act.ACCEPT),
        (talking(views.case(), CONNECTED.with_line("p1", w.Line(peer="connecting"))), Act.WAIT),
        (talking(views.case(seen=views.identity())), Act.WAIT),
        (talking(views.case(seen=views.identity(front=True))), Act.WAIT),
        (talking(views.case(seen=views.identity(front=True, back=True))), Act.SNAPSHOT),
        (talking(views.case(seen=views.identity(front=True, back=True, face=True))), Act.DECIDE),
        (talking(views.case(StepKey.DISCLOSURE)), Act.ANSWER),
        (talking(views.case(StepKey.READING)), Act.WAIT),
        (talking(views.case(StepKey.SIGNING)), Act.WAIT),
        (talking(views.case(StepKey.PROOF)), Act.PROOF),
        (replace(talking(views.case(StepKey.PROOF)), proof_open=True), Act.HANG_UP),
        (wrapping(None), Act.FINISH),
        (wrapping(views.case(StepKey.SEALING, Phase.SIGNED)), Act.SEAL),
        (wrapping(views.case(StepKey.SEALING, Phase.SIGNED, blocked=["录像未复核"])), Act.WAIT),
        (wrapping(views.case(StepKey.SEALING, Phase.SEALED)), Act.WAIT),
        (wrapping(views.case(StepKey.SEALING, Phase.CLOSED)), Act.FINISH),
        (wrapping(views.case(StepKey.READING, Phase.INVITED)), Act.FINISH),
        (wrapping(views.case(StepKey.READING, Phase.ABORTED)), Act.FINISH),
    ],
)
def test_next_action(state: w.State, act: Act) -> None:
    found = next_action(state)
    assert found.act is act
    assert found.sentence


def test_a_dropped_customer_is_said_to_be_coming_back() -> None:
    assert "重新接入" in next_action(talking(views.case(), CONNECTED.with_line("p1", w.Line(peer="failed")))).sentence


@pytest.mark.parametrize(
    ("stage", "word"), [(w.UploadStage.SENDING, "正在保存"), (w.UploadStage.STUCK, "没有上传成功")]
)
def test_the_seal_waits_for_the_recording_and_says_so(stage: w.UploadStage, word: str) -> None:
    blocked = views.case(StepKey.SEALING, Phase.SIGNED, blocked=["录像未送达"])
    state = replace(wrapping(blocked), uploads={"i": w.Upload("i", "2026-00318", stage)})
    assert word in next_action(state).sentence


def test_the_service_reading_back_is_said() -> None:
    about = views.case(
        StepKey.SEALING, Phase.SIGNED, blocked=["…"], recordings=[views.recording(RecordingState.UPLOADED)]
    )
    assert "复核" in next_action(wrapping(about)).sentence


def test_another_cases_upload_does_not_hold_this_one() -> None:
    state = replace(wrapping(views.case(StepKey.SEALING, Phase.SIGNED)), uploads={"i": w.Upload("i", "2026-00001")})
    assert next_action(state).act is Act.SEAL


@pytest.mark.parametrize(("proof", "complete"), [([], False), ([True, True], True), ([True, False], False)])
def test_a_proof_is_complete_when_it_exists_and_lacks_nothing(proof: list[bool], complete: bool) -> None:
    items = [ProofItem(key=f"k{n}", title="项", ok=ok) for n, ok in enumerate(proof)]
    assert actions.proof_complete(items) is complete


def test_deciding_needs_the_card_and_a_snapshot_in_the_identity_step() -> None:
    ready = views.identity(front=True, back=True, face=True)
    assert actions.may_decide(talking(views.case(seen=ready)))
    assert not actions.may_decide(talking(views.case(seen=views.identity(front=True))))
    assert not actions.may_decide(talking(views.case(seen=views.identity(front=True, face=True))))
    assert not actions.may_decide(talking(views.case(StepKey.READING, seen=ready)))


def test_who_did_not_agree_to_face_recognition_is_decided_without_a_snapshot() -> None:
    about = views.case(seen=views.identity(front=True, back=True))
    refused = ConsentView(kind=ConsentKind.FACE, granted=False, at=views.NOW)
    party = about.parties[0].model_copy(update={"consents": [refused]})
    state = talking(about.model_copy(update={"parties": [party]}))
    assert next_action(state).act is Act.DECIDE
    assert actions.may_decide(state)


@pytest.mark.parametrize(
    ("answer", "expected", "settled"),
    [
        (None, None, False),
        (Answer.REPEAT, None, False),
        (Answer.NODDED, None, True),
        (Answer.NO, Answer.YES, False),
        (Answer.NO, Answer.NO, True),
        (Answer.NODDED, Answer.YES, False),
    ],
)
def test_only_the_right_answer_settles_a_line(answer: Answer | None, expected: Answer | None, settled: bool) -> None:
    line = views.line(1, answer, expected)
    assert script.settled(line) is settled
    assert (script.current_line([line]) is None) is settled
    assert bool(script.advice(line)) is (answer is not None and not settled)
