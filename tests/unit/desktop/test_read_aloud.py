"""A line that is played instead of read: from the key to the report, and whatever may come in between."""

from dataclasses import replace

import pytest
from PySide6.QtCore import Qt
from pytestqt.qtbot import QtBot

from desktop.model import reading
from desktop.model import workspace as w
from desktop.seat.workspace import SeatWorkspace
from media import ports
from signing.wire.call import CallPartyState
from signing.wire.case import Answer, Phase, StepKey
from signing.wire.staff import Presence, ReadAloudEnded
from tests.unit.desktop import views
from tests.unit.desktop.test_seat_panels import named, show, talking, text_of

ID = "aloud_1"
READING = w.Reading("c1", "case1", "p1", 1, ID)
ENDED = "/api/cases/{case}/parties/p1/read-aloud/ended"


def disclosing(**changes: object) -> w.State:
    state = talking(StepKey.DISCLOSURE, lines=[views.line(1), views.line(2)])
    return replace(state, **changes)  # type: ignore[arg-type]


def due() -> w.Reading:
    case = disclosing().case
    assert case is not None
    return replace(READING, case_id=case.case_id)


def playing() -> w.State:
    state, _ = w.reduce(disclosing(), w.SoundCame(due(), b"sound"))
    return state


def pushed(state: w.State, **of_case: object) -> w.Outcome:
    after = talking(StepKey.DISCLOSURE, **of_case).view
    assert after is not None
    return w.reduce(state, w.Pushed(after, views.NOW))


def reports(effects: tuple[w.Effect, ...]) -> list[ReadAloudEnded]:
    sent = [one for one in effects if isinstance(one, w.SendReport)]
    assert all(one.path == ENDED.format(case=due().case_id) for one in sent)
    return [one.message for one in sent if isinstance(one.message, ReadAloudEnded)]


def posted(effects: tuple[w.Effect, ...]) -> list[ports.Command]:
    return [one.command for one in effects if isinstance(one, w.Post)]


def test_the_sound_is_handed_to_the_engine() -> None:
    state, effects = w.reduce(disclosing(), w.SoundCame(due(), b"sound"))
    assert state.media.reading == due()
    assert posted(effects) == [ports.PlaySound("c1", due().sound_id, b"sound")]


def test_its_end_is_told_for_the_record() -> None:
    end = ports.SoundEnded("c1", due().sound_id, True, 8.5)
    state, effects = w.reduce(playing(), w.Happened(end))
    assert state.media.reading is None
    assert reports(effects) == [ReadAloudEnded(reading_id=ID, whole=True, seconds=8.5)]


def test_the_end_of_another_sound_is_none_of_this_one() -> None:
    state = playing()
    assert w.reduce(state, w.Happened(ports.SoundEnded("c1", "another", True, 1.0))) == (state, ())


def test_the_same_line_read_again_is_another_sound() -> None:
    """A late end of the first, whose bytes were the same, is none of the second's."""
    again = replace(due(), reading_id="aloud_2")
    state, effects = w.reduce(playing(), w.SoundCame(again, b"sound"))
    assert reports(effects) == [], "how far the first came, the engine says"
    after, effects = w.reduce(state, w.Happened(ports.SoundEnded("c1", due().sound_id, False, 2.0)))
    assert after == state
    assert reports(effects) == [ReadAloudEnded(reading_id=ID, whole=False, seconds=2.0)]
    _, effects = w.reduce(state, w.Happened(ports.SoundEnded("c1", again.sound_id, True, 8.5)))
    assert reports(effects) == [ReadAloudEnded(reading_id="aloud_2", whole=True, seconds=8.5)]


def test_it_is_stopped_by_the_agent() -> None:
    state, effects = w.reduce(playing(), w.ReadingStopped())
    assert posted(effects) == [ports.StopSound("c1")]
    assert state.media.reading == due(), "until the engine says how far it came"
    assert w.reduce(disclosing(), w.ReadingStopped())[1] == ()


def test_a_line_that_is_answered_is_read_no_further() -> None:
    _, effects = pushed(playing(), lines=[views.line(1, Answer.YES), views.line(2)])
    assert ports.StopSound("c1") in posted(effects)


def test_any_other_news_lets_it_play() -> None:
    _, effects = pushed(playing(), lines=[views.line(1, Answer.REPEAT), views.line(2)])
    assert ports.StopSound("c1") not in posted(effects)


@pytest.mark.parametrize("late", ["answered", "hung up"])
def test_a_sound_that_comes_too_late_is_not_played_and_that_is_told(late: str) -> None:
    state = disclosing()
    if late == "answered":
        state = talking(StepKey.DISCLOSURE, lines=[views.line(1, Answer.YES), views.line(2)])
    else:
        state = w.State(view=views.view(Presence.WRAP_UP, about=views.case(StepKey.DISCLOSURE)))
    state, effects = w.reduce(state, w.SoundCame(due(), b"sound"))
    assert posted(effects) == []
    assert [one.seconds for one in reports(effects)] == [0.0]
    assert state.media.reading is None


def test_a_sound_that_cannot_be_played_is_said_and_told() -> None:
    failed = ports.Failed("c1", "PlaySound", "朗读的声音打不开，请自己读这一条")
    state, effects = w.reduce(playing(), w.Happened(failed))
    assert state.media.reading is None
    assert [one.text for one in effects if isinstance(one, w.Say)] == [failed.message]
    assert [one.whole for one in reports(effects)] == [False]


def test_another_failure_lets_it_play() -> None:
    state, effects = w.reduce(playing(), w.Happened(ports.Failed("c1", "camera", "摄像头断开了")))
    assert state.media.reading == due()
    assert reports(effects) == []


def test_the_calls_end_is_its_end_and_how_far_it_came_is_told_by_the_engine() -> None:
    over = views.view(Presence.WRAP_UP, about=views.case(StepKey.DISCLOSURE, Phase.WAITING))
    state, effects = w.reduce(playing(), w.Pushed(over, views.NOW))
    assert state.media.reading is None
    assert reports(effects) == []
    assert posted(effects) == [ports.CloseCall("c1")]
    _, effects = w.reduce(state, w.Happened(ports.SoundEnded("c1", due().sound_id, False, 3.2)))
    assert reports(effects) == [ReadAloudEnded(reading_id=ID, whole=False, seconds=3.2)]


def taken_up(*commands: ports.Command) -> w.State:
    """By a window that came to the call after the one that began the sound was killed."""
    state, _ = w.reduce(w.State(), w.Happened(ports.CallLeft("c1")))
    view = disclosing().view
    assert view is not None
    state, _ = w.reduce(state, w.Pushed(view, views.NOW))
    state, _ = w.reduce(state, w.Happened(ports.Resumed("c1", commands)))
    return state


def test_a_new_window_knows_what_the_killed_one_began_and_may_stop_it() -> None:
    state = taken_up(ports.PlaySound("c1", due().sound_id, b""))
    assert state.media.reading == due()
    state, effects = w.reduce(state, w.ReadingStopped())
    assert posted(effects) == [ports.StopSound("c1")]
    state, effects = w.reduce(state, w.Happened(ports.SoundEnded("c1", due().sound_id, False, 5.0)))
    assert state.media.reading is None
    assert reports(effects) == [ReadAloudEnded(reading_id=ID, whole=False, seconds=5.0)]


@pytest.mark.parametrize("over", [False, True])
def test_an_end_that_came_while_there_was_no_window_is_told_by_the_next_one(over: bool) -> None:
    """Also where the service has ended the call meanwhile."""
    state = w.State(view=views.view()) if over else taken_up()
    end = ports.SoundEnded("c1", due().sound_id, True, 8.5)
    _, effects = w.reduce(state, w.Happened(end))
    assert reports(effects) == [ReadAloudEnded(reading_id=ID, whole=True, seconds=8.5)]


def test_an_engine_that_broke_down_plays_nothing_any_more() -> None:
    state, effects = w.reduce(playing(), w.Happened(ports.EngineRestarted("c1", "音视频重新启动")))
    assert state.media.reading is None
    assert len(reports(effects)) == 1


def test_a_window_that_ends_tells_what_it_knows() -> None:
    assert [one.path for one in w.unreported(playing())] == [ENDED.format(case=due().case_id)]


def test_nobody_is_read_to_who_is_not_there() -> None:
    assert reading.may_play(disclosing())
    assert not reading.may_play(disclosing(busy="disclosure"))
    assert not reading.may_play(disclosing(media=w.Media(call_id="c1", lines={"p1": w.Line(peer="failed")})))
    assert not reading.may_play(talking(StepKey.READING))
    state = disclosing()
    assert state.call is not None
    held = [one.model_copy(update={"state": CallPartyState.HELD}) for one in state.call.parties]
    assert state.view is not None
    call = state.call.model_copy(update={"parties": held})
    assert not reading.may_play(replace(state, view=state.view.model_copy(update={"call": call})))


def test_one_key_plays_and_stops_and_says_which(workspace: SeatWorkspace, qtbot: QtBot) -> None:
    show(workspace, disclosing())
    button = named(workspace, "script.aloud")
    assert (button.text(), button.isEnabled()) == ("播放朗读", True)
    with qtbot.waitSignal(button.clicked, timeout=1000):
        qtbot.keyClick(workspace, Qt.Key.Key_R)  # type: ignore[no-untyped-call]
    show(workspace, replace(playing(), busy="disclosure"))
    assert (button.text(), button.accessibleName(), button.isEnabled()) == ("停止朗读", "停止朗读", True)
    assert text_of(workspace, "script.before") == "正在播放，您的麦克风已调低"
    show(workspace, disclosing())
    assert text_of(workspace, "script.before") == ""


def test_there_is_no_key_for_it_outside_the_disclosure(workspace: SeatWorkspace) -> None:
    show(workspace, talking(StepKey.DISCLOSURE, lines=[views.line(1, Answer.YES)]))
    assert not named(workspace, "script.aloud").isVisible()
