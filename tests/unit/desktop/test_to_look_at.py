"""What the service's read-back advises to look at: a caution to the agent and the auditor, no damage to either."""

import pytest
from PySide6.QtWidgets import QLabel
from pytestqt.qtbot import QtBot

from desktop.audit.detail import CaseHead
from desktop.model import wording
from desktop.model import workspace as w
from desktop.seat.closing import Stage, closing_stages
from signing.wire.base import Tone
from signing.wire.case import RecordingState, RecordingView, StepKey
from signing.wire.staff import Presence
from tests.unit.desktop import views

BLACK = "00:12 至 00:20 画面全黑"
SILENT = "01:00 至 01:14 没有声音"


def recorded(*advice: str) -> RecordingView:
    return views.recording().model_copy(update={"advice": list(advice)})


@pytest.mark.parametrize(
    ("of", "words"),
    [
        ([], ""),
        ([recorded()], ""),
        ([recorded(BLACK, SILENT)], f"请复看：{BLACK}；{SILENT}"),
        ([recorded(), recorded(BLACK)], f"请复看：第 2 份录像 {BLACK}"),
        ([recorded(*[BLACK] * 7)], f"请复看：{BLACK}；{BLACK}；{BLACK}等 7 处"),
    ],
)
def test_it_is_told_by_place_and_where_there_is_much_by_number(of: list[RecordingView], words: str) -> None:
    assert wording.to_look_at(of) == words


def check(*advice: str) -> Stage:
    case = views.case(StepKey.SEALING, others=None).model_copy(update={"recordings": [recorded(*advice)]})
    state = w.State(view=views.view(Presence.WRAP_UP, about=case))
    return next(stage for stage in closing_stages(state) if stage.title == "录像复核")


def test_the_closing_panel_says_it_beside_what_is_whole() -> None:
    assert check() == Stage("录像复核", "已逐段读回，完整无缺", Tone.GOOD)
    assert check(BLACK) == Stage("录像复核", f"已逐段读回，完整无缺；请复看：{BLACK}", Tone.CAUTION)


def test_the_auditor_reads_it_at_the_head(qtbot: QtBot) -> None:
    head, audit = CaseHead(), views.audit_case()
    qtbot.addWidget(head)
    said = head.findChild(QLabel, "audit.look")
    assert said is not None
    for advice, words in (((BLACK,), f"录像没有损坏，但请复看：{BLACK}"), ((), "")):
        case = audit.case.model_copy(update={"recordings": [recorded(*advice)]})
        head.display(audit.model_copy(update={"case": case}))
        assert said.text() == words
        assert said.isHidden() is not bool(words)


def test_beside_a_damaged_recording_nothing_is_said_to_be_whole(qtbot: QtBot) -> None:
    head, audit = CaseHead(), views.audit_case()
    qtbot.addWidget(head)
    spoilt = recorded(BLACK).model_copy(update={"state": RecordingState.DAMAGED})
    head.display(audit.model_copy(update={"case": audit.case.model_copy(update={"recordings": [spoilt]})}))
    said = head.findChild(QLabel, "audit.look")
    assert said is not None
    assert said.text() == f"请复看：{BLACK}"
