"""What the check of a running recording says: on the stage, in the proof, by a toast, and on record."""

from collections.abc import Sequence
from dataclasses import replace
from datetime import timedelta
from pathlib import Path

import pytest
from PySide6.QtWidgets import QDialog, QLabel, QPushButton
from pytestqt.qtbot import QtBot

from desktop.model import actions, tapecheck
from desktop.model import workspace as w
from desktop.model.doubtlog import LASTS, DoubtLog, closed, noted
from desktop.seat.workspace import SeatWorkspace
from desktop.widgets.parts import Badge
from media import ports
from media.core.doubts import Doubt, Kind
from signing.domain import doubt as domain
from signing.wire.base import Tone
from signing.wire.case import ProofItem, StepKey
from signing.wire.quality import DoubtKind, ReportDoubt
from signing.wire.staff import Presence
from tests.unit.desktop import views

FILE = Path("r.mp4")
BLACK = Doubt(Kind.BLACK, 3.0, "王建国的画面全黑", "p1")
SILENT = Doubt(Kind.SILENT, 4.0, "有人说话，录像里却没有声音")
ALTERED = Doubt(Kind.ALTERED, 5.0, "录像第 5 段写好后被改动")
GOOD = ProofItem(key="k", title="人脸快照", ok=True)


def checked(index: int, doubts: Sequence[Doubt] = (), left_out: int = 0, path: Path = FILE) -> ports.RecordingChecked:
    return ports.RecordingChecked("c1", path, index, float(index), left_out, tuple(doubts))


def media(written: int = 10, said: ports.RecordingChecked | None = None) -> w.Media:
    began = ports.RecordingBegan("c1", FILE, views.NOW, 1280, 720, 15, "h264", "aac")
    lines = {"p1": w.Line(peer="connected")}
    return w.Media(call_id="c1", lines=lines, recording=w.Recording.RUNNING, began=began, written=written, checked=said)


def state(of: w.Media, proof: Sequence[ProofItem] = (GOOD,)) -> w.State:
    about = views.case(StepKey.PROOF, proof=list(proof))
    return w.State(view=views.view(Presence.ON_CALL, talk=views.call(), about=about), media=of)


def happened(before: w.State, event: ports.Event) -> tuple[w.State, tuple[w.Effect, ...]]:
    return w.reduce(before, w.Happened(event, views.NOW))


# --- the word on the stage ---


@pytest.mark.parametrize(
    ("of", "text", "tone"),
    [
        (media(10, checked(10)), "录制中", Tone.STOP),
        (media(12, checked(10)), "录制中", Tone.STOP),
        (media(10, checked(10, [BLACK])), "录制中，王建国的画面全黑", Tone.CAUTION),
        (media(10, checked(10, [BLACK, SILENT])), "录制中，王建国的画面全黑等 2 处", Tone.CAUTION),
        (media(30, checked(10)), "录制中，检查跟不上", Tone.CAUTION),
        (media(12, checked(12, left_out=9)), "录制中，检查跟不上", Tone.CAUTION),
        (media(9), "录制中，检查跟不上", Tone.CAUTION),
        (media(600, replace(checked(600), missed=580)), "录制中，580 段本机未读", Tone.CAUTION),
        (w.Media(recording=w.Recording.STARTING), "正在启动录制", Tone.NOTICE),
        (w.Media(recording=w.Recording.BROKEN, checked=checked(3, [BLACK])), "录像中断，正在重新开始", Tone.STOP),
        (w.Media(recording=w.Recording.ENDED), "录制已结束", Tone.CAUTION),
        (w.Media(), "未录制", Tone.CAUTION),
    ],
)
def test_the_badge_says_what_is_so(of: w.Media, text: str, tone: Tone) -> None:
    assert tapecheck.shown(of)[:2] == (text, tone)


def test_the_hint_says_what_to_do_or_how_far_it_was_read() -> None:
    assert tapecheck.hint(media(63, checked(62))) == "已回读到 01:02，没有发现问题"
    said = tapecheck.hint(media(10, checked(10, [BLACK, SILENT])))
    assert said.splitlines() == [f"王建国的画面全黑：{Kind.BLACK.remedy}", f"{SILENT.words}：{Kind.SILENT.remedy}"]
    missed = replace(checked(62), missed=3)
    assert tapecheck.hint(media(63, missed)) == "已回读到 01:02，其中 3 段本机未读，由服务回读；其余没有发现问题"
    assert "还有 20 段没有回读" in tapecheck.hint(media(30, checked(10)))
    assert tapecheck.hint(w.Media()) == ""


# --- the proof before hang-up ---


def test_the_proof_rests_on_everything_up_to_now_being_read_back() -> None:
    items = tapecheck.proof(state(media(10, checked(8))))
    assert [item.key for item in items] == ["k", "recording.checked"]
    assert actions.proof_complete(items)


@pytest.mark.parametrize(
    ("of", "remedy"),
    [
        (media(10), "正在回读"),
        (media(14, checked(10)), "正在回读"),
        (media(10, checked(10, left_out=4)), "正在回读"),
        (media(10, checked(10, [BLACK])), "王建国的画面全黑，请检查摄像头"),
        (media(10, checked(10, [ALTERED])), "写好后被改动"),
        (replace(media(10, checked(10)), recording=w.Recording.BROKEN), "现在没有录制"),
    ],
)
def test_without_that_the_proof_is_not_complete(of: w.Media, remedy: str) -> None:
    items = tapecheck.proof(state(of))
    assert not actions.proof_complete(items)
    assert remedy in items[-1].remedy


def test_the_proof_is_not_complete_with_what_went_before_it_could_be_read() -> None:
    items = tapecheck.proof(state(media(600, replace(checked(600), missed=580))))
    assert not actions.proof_complete(items)
    assert items[-1].remedy == "有 580 段本机未读，挂断后由服务回读"
    items = tapecheck.proof(state(media(10, replace(checked(10, [BLACK]), missed=3))))
    assert items[-1].remedy.startswith("有 3 段本机未读，挂断后由服务回读；王建国的画面全黑，")


def test_a_call_of_which_nothing_is_to_be_proved_has_no_line_of_ours() -> None:
    assert tapecheck.proof(state(media(10, checked(10)), proof=())) == []
    assert tapecheck.proof(w.State()) == []


# --- what is told and put on record ---


def test_a_doubt_is_said_once_and_goes_when_it_is_good_again() -> None:
    now, effects = happened(state(media(10)), checked(10, [BLACK]))
    assert effects == (w.Say(Tone.STOP, f"王建国的画面全黑。{Kind.BLACK.remedy}"),)
    now, effects = happened(now, checked(11, [replace(BLACK, since=3.2)]))
    assert effects == ()
    now, effects = happened(now, checked(12))
    assert (effects, tapecheck.shown(now.media)[0]) == ((), "录制中")
    assert happened(now, checked(13, [BLACK]))[1], "once more is said once more"


def test_the_check_of_another_file_or_another_call_is_passed_over() -> None:
    before = state(media(10))
    assert happened(before, checked(10, [BLACK], path=Path("old.mp4"))) == (before, ())
    assert happened(before, replace(checked(10, [BLACK]), call_id="c9")) == (before, ())


def test_each_fragment_counts_and_a_new_file_begins_anew() -> None:
    now = state(media(0))
    now, _ = happened(now, ports.SegmentClosed("c1", 7, 0, 10, 6.0, views.digest("5"), views.digest("6")))
    assert now.media.written == 7
    now, _ = happened(now, checked(7, [BLACK]))
    assert now.media.began is not None
    now, _ = happened(now, replace(now.media.began, path=Path("next.mp4")))
    assert (now.media.written, now.media.checked, now.media.doubts) == (0, None, DoubtLog())


def test_what_lasts_goes_on_record_with_its_beginning_and_later_its_end() -> None:
    now = state(media(40))
    reports: list[w.SendReport] = []
    for index in range(4, 30):
        doubts = [replace(BLACK, since=3.0 + index / 100)] if index < 20 else []
        now, effects = happened(now, checked(index, doubts))
        reports += [effect for effect in effects if isinstance(effect, w.SendReport)]
    assert [report.path for report in reports] == ["/api/calls/c1/doubt"] * 2
    first, second = (report.message for report in reports)
    since = views.NOW + timedelta(seconds=3.04)
    assert first == ReportDoubt(kind=DoubtKind.BLACK, since=since, party_id="p1")
    assert second == ReportDoubt(
        kind=DoubtKind.BLACK, since=since, until=views.NOW + timedelta(seconds=20), party_id="p1"
    )


def test_what_passes_is_not_on_record_and_what_stays_wrong_is_at_once() -> None:
    log, reports = noted(DoubtLog(), [SILENT], 4.0 + LASTS - 1, views.NOW)
    assert reports == []
    log, reports = noted(log, [ALTERED], 5.0 + LASTS, views.NOW)
    assert reports == [ReportDoubt(kind=DoubtKind.ALTERED, since=views.NOW + timedelta(seconds=5))]
    assert noted(log, [ALTERED], 99.0, views.NOW)[1] == []
    assert closed(log, 99.0, views.NOW)[1] == [], "it is never over"


def test_the_agents_own_tile_is_no_partys() -> None:
    frozen = Doubt(Kind.FROZEN, 0.0, "坐席的画面静止不动", ports.AGENT)
    reports = noted(DoubtLog(), [frozen], LASTS, views.NOW)[1]
    assert reports == [ReportDoubt(kind=DoubtKind.FROZEN, since=views.NOW, of_agent=True)]


@pytest.mark.parametrize("end", ["recording", "call", "broken", "window"])
def test_with_the_recording_ends_what_was_wrong_with_it(end: str) -> None:
    now = state(media(20, checked(14)))
    now, effects = happened(now, checked(15, [BLACK]))
    assert any(isinstance(effect, w.SendReport) for effect in effects)
    over: Sequence[w.Effect]
    if end == "recording":
        _, over = happened(now, ports.RecordingEnded("c1", FILE, views.NOW, 15.0, 10, views.digest("7"), (), ()))
    elif end == "call":
        gone = views.view(Presence.WRAP_UP, about=views.case(StepKey.PROOF))
        _, over = w.reduce(now, w.Pushed(gone, views.NOW))
    elif end == "broken":
        _, over = happened(now, ports.Failed("c1", "recording", "录像写不下去了", fatal=True))
    else:
        over = w.unreported(now)
    told = [effect.message for effect in over if isinstance(effect, w.SendReport)]
    since = views.NOW + timedelta(seconds=3)
    until = views.NOW + timedelta(seconds=15)
    assert told == [ReportDoubt(kind=DoubtKind.BLACK, since=since, until=until, party_id="p1")]


def test_the_three_lists_of_kinds_are_one() -> None:
    codes = [kind.value for kind in Kind]
    assert codes == [kind.value for kind in DoubtKind]
    assert codes == [kind.value for kind in domain.Kind]
    assert set(codes) == {kind.value for kind in domain.TITLES}


# --- the window ---


def show(workspace: SeatWorkspace, what: w.State) -> None:
    workspace.desk.state = what
    workspace.display()


def badge(workspace: SeatWorkspace, name: str) -> Badge:
    found = workspace.findChild(Badge, name)
    assert found is not None
    return found


def visible(workspace: SeatWorkspace) -> list[str]:
    return [label.text() for label in workspace.proof.findChildren(QLabel) if label.isVisible()]


def test_the_stage_shows_the_doubt_where_the_recording_stands_and_takes_it_back(
    workspace: SeatWorkspace, qtbot: QtBot
) -> None:
    show(workspace, state(media(10, checked(10, [BLACK]))))
    shown = badge(workspace, "stage.recording")
    assert shown.text == "录制中，王建国的画面全黑"
    assert shown.accessibleName() == shown.text
    assert Kind.BLACK.remedy in shown.toolTip()
    qtbot.waitUntil(lambda: shown.width() >= shown.sizeHint().width())  # nothing of it is cut off
    show(workspace, state(media(11, checked(11))))
    assert shown.text == "录制中"


def test_hanging_up_on_a_recording_that_was_not_read_back_asks_for_a_reason(
    workspace: SeatWorkspace, qtbot: QtBot
) -> None:
    show(workspace, replace(state(media(10, checked(10))), proof_open=True))
    assert badge(workspace, "proof.badge").text == "2 项齐全"
    show(workspace, replace(state(media(20, checked(10))), proof_open=True))
    assert badge(workspace, "proof.badge").text == "缺 1 项"
    qtbot.waitUntil(lambda: tapecheck.TITLE in visible(workspace))
    assert any("正在回读" in text for text in visible(workspace))
    hangup = workspace.findChild(QPushButton, "call.hangup")
    assert hangup is not None
    assert hangup.text() == "仍要挂断…"
    hangup.click()
    dialog = workspace.window().findChild(QDialog, "reason")
    assert dialog is not None
    dialog.reject()
