"""What a case's parts say about the whole: phase, steps, proof, what blocks the seal."""

from dataclasses import replace

import pytest

from signing.domain.call import CallState
from signing.domain.case import DocumentState, Package, RecordingState
from signing.domain.document import seal
from signing.domain.party import DisclosureAnswer, PartyState
from signing.domain.phase import (
    Phase,
    StepKey,
    StepStatus,
    lines_missing,
    phase_of,
    proof_of,
    seal_blocked_by,
    steps_of,
)
from tests.unit.domain.factories import (
    NOW,
    finished_case,
    finished_party,
    later,
    make_call,
    make_case,
    make_document,
    make_party,
    make_recording,
)


def test_phases_in_their_order() -> None:
    fresh, done = make_case(), finished_case()
    sealed = replace(done, documents=(seal(done.documents[0], "9" * 64),))
    assert phase_of(replace(fresh, documents=())) is Phase.PREPARED
    assert phase_of(fresh) is Phase.INVITED
    assert phase_of(fresh, waiting=True) is Phase.WAITING
    assert phase_of(fresh, waiting=True, in_call=True) is Phase.IN_CALL
    assert phase_of(done) is Phase.SIGNED
    assert phase_of(sealed) is Phase.SEALED
    assert phase_of(replace(sealed, package=Package("9" * 64, 1, NOW))) is Phase.CLOSED
    assert phase_of(replace(sealed, abort_reason="客户改变主意")) is Phase.ABORTED


def statuses(state: PartyState) -> list[StepStatus]:
    return [step.status for step in steps_of(make_case(make_party(state)))]


L, C, D = StepStatus.LOCKED, StepStatus.CURRENT, StepStatus.DONE


@pytest.mark.parametrize(
    ("state", "expected"),
    [
        (PartyState.INVITED, [C, L, L, L, L, L]),
        (PartyState.READY, [C, L, L, L, L, L]),
        (PartyState.IDENTIFIED, [D, C, L, L, L, L]),
        (PartyState.INFORMED, [D, D, C, L, L, L]),
        (PartyState.READ, [D, D, D, C, L, L]),
        (PartyState.SIGNED, [D, D, D, D, C, L]),
        (PartyState.REFUSED, [C, L, L, L, L, L]),
    ],
)
def test_steps_follow_the_party(state: PartyState, expected: list[StepStatus]) -> None:
    assert statuses(state) == expected


def test_signing_is_at_hand_while_a_later_document_is_unread() -> None:
    party = replace(make_party(PartyState.INFORMED), reading={"d1": {1: 5, 2: 5}})
    steps = {step.key: step.status for step in steps_of(make_case(party, (make_document(), make_document("d2"))))}
    assert steps[StepKey.READING] is StepStatus.CURRENT
    assert steps[StepKey.SIGNING] is StepStatus.CURRENT


def test_a_locked_step_says_what_comes_first() -> None:
    reasons = {step.key: step.reason for step in steps_of(make_case())}
    assert reasons[StepKey.SEALING] == "先完成“身份核验”"
    assert "王建国" not in "".join(reasons.values())


def test_the_last_answer_counts_and_repeat_never_completes() -> None:
    case, party = make_case(), make_party()
    assert lines_missing(case, party) == [1, 2]

    def after(*answers: tuple[int, str]) -> list[int]:
        said = tuple(DisclosureAnswer(line, answer, NOW) for line, answer in answers)
        return lines_missing(case, replace(party, answers=said))

    assert after((1, "yes"), (2, "no")) == []
    assert after((1, "no"), (2, "nodded")) == [1]
    assert after((1, "nodded"), (2, "repeat")) == [1, 2]
    assert after((1, "no"), (1, "yes"), (2, "yes")) == []
    assert after((1, "yes"), (1, "repeat"), (2, "yes")) == [1]


def test_nothing_blocks_the_seal_of_a_finished_case() -> None:
    assert seal_blocked_by(finished_case()) == []
    assert all(item.ok and not item.remedy for item in proof_of(finished_case()))


def test_each_missing_thing_is_said_with_its_remedy() -> None:
    done = finished_case()
    party = finished_party()
    cases = {
        "请先挂断": (done, (make_call(),)),
        "没有通话录像": (replace(done, recordings=()), ()),
        "身份核验": (replace(done, parties=(replace(party, identity=make_party().identity),)), ()),
        "第 1、2 条": (replace(done, parties=(replace(party, answers=()),)), ()),
        "尚未完成签署": (replace(done, parties=(replace(party, state=PartyState.READ),)), ()),
        "请客户签署": (replace(done, documents=(make_document(),)), ()),
        "没有可用印的文件": (replace(done, documents=()), ()),
        "业务已终止": (replace(done, abort_reason="x"), ()),
    }
    for words, (case, calls) in cases.items():
        blocked = seal_blocked_by(case, calls)
        assert len(blocked) == 1, words
        assert words in blocked[0]


@pytest.mark.parametrize("state", sorted({*RecordingState} - {RecordingState.VERIFIED, RecordingState.LOST}))
def test_only_a_recording_that_was_read_back_lets_the_seal_pass(state: RecordingState) -> None:
    recording = replace(make_recording(state), findings=("画面一帧也解不出来",))
    (blocked,) = seal_blocked_by(replace(finished_case(), recordings=(make_recording(), recording)))
    assert "录像" in blocked
    assert (recording.findings[0] in blocked) is (state is RecordingState.DAMAGED)


def test_a_recording_that_was_declared_lost_blocks_nothing_more() -> None:
    lost = replace(make_recording(RecordingState.LOST), lost_reason="硬盘损坏")
    assert seal_blocked_by(replace(finished_case(), recordings=(lost,))) == []
    assert not {item.key: item for item in proof_of(replace(finished_case(), recordings=(lost,)))}["recording"].ok


def test_a_call_of_which_no_recording_is_known_blocks_the_seal() -> None:
    """It may lie on the disk of a seat that the service could not hear."""
    case = finished_case()
    other = replace(make_call("call_2"), state=CallState.DROPPED, ended_at=later(400))
    known = replace(make_call(), state=CallState.ENDED, ended_at=later(100))
    (blocked,) = seal_blocked_by(case, [known, other])
    assert "11-24 10:10:00 至 10:16:40 的通话没有录像的下落" in blocked
    late = replace(make_recording(), recording_id="rec_2", call_id="call_2", ended_at=later(390))
    assert seal_blocked_by(replace(case, recordings=(*case.recordings, late)), [known, other]) == []


def test_before_hang_up_a_recording_of_another_call_proves_nothing() -> None:
    case = finished_case()
    for call_id, ok in (("call_1", True), ("call_2", False), (None, True)):
        assert [item.ok for item in proof_of(case, None, call_id) if item.key == "recording"] == [ok], call_id


def test_the_proof_before_hang_up_names_each_gap() -> None:
    items = {item.key.split(".")[0]: item for item in proof_of(make_case())}
    assert set(items) == {"consents", "identity", "disclosure", "read", "signed", "recording"}
    assert all(not item.ok and item.remedy for item in items.values())


def test_a_running_recording_is_proof_enough_to_hang_up() -> None:
    for state, ok in ((RecordingState.RECORDING, True), (RecordingState.DAMAGED, False)):
        case = replace(finished_case(), recordings=(make_recording(state),))
        assert [item.ok for item in proof_of(case) if item.key == "recording"] == [ok]


def test_a_void_document_is_not_signed() -> None:
    case = finished_case()
    voided = replace(case.documents[0], state=DocumentState.VOID)
    assert len(seal_blocked_by(replace(case, documents=(voided,)))) == 1
