"""A call that a new window finds going on, and an engine that begins anew in one."""

from dataclasses import replace
from datetime import timedelta
from pathlib import Path

import numpy as np
import pytest

from desktop.model import workspace as w
from desktop.model.workspace import reduce
from desktop.seat.workspace import SeatWorkspace
from media import ports
from media.core.doubts import Doubt, Kind
from media.core.layout import Layout
from media.pictures import from_rgb
from signing.wire.base import Tone
from signing.wire.call import CallPartyState
from signing.wire.case import Phase, StepKey
from signing.wire.quality import DoubtKind, ReportDoubt
from signing.wire.signal import Sdp
from signing.wire.staff import Presence, SeatView
from tests.unit.desktop import screens, views
from tests.unit.desktop.screens.base import proof
from tests.unit.desktop.test_seat_panels import show
from tests.unit.desktop.test_workspace import began, connected, pushed, segment

OPENED = ports.OpenCall("c1", "2026-00318", "07号席", "客户经理 张敏", 0.0)
AWAITED = (ports.ExpectParty("c1", "p1", "借款人 王*国"), ports.SetPartyLine("c1", "p1", "步骤1"))
STANDING = (
    ports.RemoteOffer("c1", "p1", "借款人 王*国", ""),
    ports.SetPartyLine("c1", "p1", "借款人 · 旧的字"),
    ports.SetMuted("c1", True),
)


def in_call() -> SeatView:
    return views.view(Presence.ON_CALL, talk=views.call(), about=views.case(StepKey.IDENTITY))


def told(state: w.State, *events: ports.Event) -> tuple[w.State, list[w.Effect]]:
    effects = list[w.Effect]()
    for event in events:
        state, more = reduce(state, w.Happened(event, views.NOW))
        effects += more
    return state, effects


def posts(effects: list[w.Effect] | tuple[w.Effect, ...]) -> list[ports.Command]:
    return [effect.command for effect in effects if isinstance(effect, w.Post)]


def test_a_call_that_was_left_waits_for_the_services_word() -> None:
    state, effects = told(w.State(), ports.CallLeft("c1"))
    assert effects == []
    state, following = reduce(state, pushed(in_call()))
    assert posts(following) == [OPENED, *AWAITED], "opening it is taking it up"
    assert state.left == ""


def test_a_call_that_is_over_at_the_service_is_ended_in_the_engine() -> None:
    state, _ = told(w.State(), ports.CallLeft("c0"))
    state, effects = reduce(state, pushed(views.view()))
    assert posts(effects) == [ports.CloseCall("c0")]
    assert posts(reduce(state, pushed(views.view()))[1]) == []


def test_a_window_that_comes_too_late_says_what_became_of_its_call() -> None:
    state, _ = told(w.State(), ports.CallLeft("c0"))
    stays = [effect for effect in reduce(state, pushed(views.view(Presence.AWAY)))[1] if isinstance(effect, w.Say)]
    assert [(one.tone, one.stays) for one in stays] == [(Tone.CAUTION, True)]
    assert "已不在本席" in stays[0].text
    wrapping = views.view(Presence.WRAP_UP, about=views.case(StepKey.SEALING, Phase.SIGNED))
    for tells_by_itself in (wrapping, in_call()):
        effects = reduce(state, pushed(tells_by_itself))[1]
        assert not [effect for effect in effects if isinstance(effect, w.Say) and effect.stays]


def test_another_call_at_the_service_ends_the_one_that_was_left_first() -> None:
    state, _ = told(w.State(), ports.CallLeft("c0"))
    assert posts(reduce(state, pushed(in_call()))[1]) == [ports.CloseCall("c0"), OPENED, *AWAITED]


def test_the_word_may_come_after_the_view() -> None:
    state, _ = reduce(w.State(), pushed(in_call()))
    state, effects = told(state, ports.CallLeft("c1"))
    assert effects == []
    assert state.media.call_id == "c1"
    state, effects = told(reduce(w.State(), pushed(views.view()))[0], ports.CallLeft("c1"))
    assert posts(effects) == [ports.CloseCall("c1")]


def resumed() -> tuple[w.State, list[w.Effect]]:
    state, _ = reduce(told(w.State(), ports.CallLeft("c1"))[0], pushed(in_call()))
    return told(
        state,
        ports.Resumed("c1", STANDING),
        ports.CallOpened("c1", "摄像头", "麦克风", "扬声器"),
        began(),
        segment(0),
        segment(1),
        ports.PeerChanged("c1", "p1", "connected"),
        ports.FirstPicture("c1", "p1", 0.4),
    )


def test_a_resumed_call_stands_as_it_did_and_no_second_recording_begins() -> None:
    state, effects = resumed()
    assert state.media.opened
    assert state.media.muted
    assert state.line.peer == "connected"
    assert state.line.picture
    assert state.media.recording is w.Recording.RUNNING
    assert not any(isinstance(effect, w.BeginRecording) for effect in effects)
    assert effects.count(w.ReportRecording(began(), ("", ""))) == 1, "the service may not know it yet"


def test_what_changed_meanwhile_is_made_good() -> None:
    """The text under the tile is another, and whoever was let go is removed."""
    state, effects = resumed()
    texts = [command for command in posts(effects) if isinstance(command, ports.SetPartyLine)]
    assert len(texts) == 1
    assert texts[0].text != "借款人 · 旧的字"
    state, _ = reduce(told(w.State(), ports.CallLeft("c1"))[0], pushed(in_call()))
    state, effects = told(
        state,
        ports.Resumed(
            "c1", (*STANDING, ports.RemoteOffer("c1", "p7", "担保人", ""), ports.HoldParty("c1", "p1", True))
        ),
    )
    assert ports.RemoveParty("c1", "p7") in posts(effects)
    assert ports.HoldParty("c1", "p1", False) in posts(effects)
    assert set(state.media.lines) == {"p1"}


PAGE = ports.ShowDocument("c1", from_rgb(np.full((4, 4, 3), 250, dtype=np.uint8)), "《个人借款合同》", "第 1 页")


def test_what_shaped_the_stage_is_known_again_and_what_holds_no_more_is_taken_back() -> None:
    state, _ = reduce(told(w.State(), ports.CallLeft("c1"))[0], pushed(in_call()))
    shaping = (ports.MuteParty("c1", "p1", True), ports.SetAside("c1", "p1"), ports.SetLayout("c1", Layout.SPEAKER))
    state, effects = told(state, ports.Resumed("c1", (*STANDING, *shaping, PAGE)))
    assert state.media.layout is Layout.SPEAKER
    back = (ports.MuteParty("c1", "p1", False), ports.SetAside("c1", None), ports.ShowDocument("c1", None))
    assert [command for command in posts(effects) if command in back] == list(back)
    assert not state.media.line("p1").muted
    assert state.media.alone_with is None


def test_a_page_that_is_still_read_is_turned_to_again() -> None:
    reading = views.view(Presence.ON_CALL, talk=views.call(), about=views.case(StepKey.READING))
    state, first = reduce(told(w.State(), ports.CallLeft("c1"))[0], pushed(reading))
    _, effects = told(state, ports.Resumed("c1", (*STANDING, PAGE)))
    assert sum(isinstance(effect, w.LeafThrough) for effect in (*first, *effects)) == 1
    assert not any(isinstance(command, ports.ShowDocument) for command in posts(effects))


def test_a_listener_is_known_again() -> None:
    state, _ = reduce(w.State(), pushed(in_call()))
    ear = ports.RemoteOffer("c1", "staff:s9", "主管", "", listener=True)
    state, effects = told(state, ports.Resumed("c1", (ear, ports.SetWhisper("c1", "staff:s9", True))))
    assert ports.RemoveParty("c1", "staff:s9") in posts(effects), "who listens no more is cut off"
    assert state.media.ears == {}


def test_a_resumed_call_of_another_time_changes_nothing() -> None:
    state, _ = reduce(w.State(), pushed(in_call()))
    assert told(state, ports.Resumed("c0", STANDING)) == (state, [])


def test_the_end_of_a_recording_that_nobody_heard_is_delivered() -> None:
    ended = ports.RecordingEnded("c0", Path("old.mp4"), views.NOW, 3.0, 10, "ab", (), ())
    assert told(w.State(), ended)[1] == [w.Deliver(ended)]


AB = ":".join(["AB"] * 32)
MESSAGE = "音视频程序意外停止"


def recorded() -> w.State:
    return told(connected(), began(), segment(0), segment(1))[0]


def test_an_engine_that_begins_anew_gets_the_call_and_a_further_recording() -> None:
    state, effects = told(recorded(), ports.EngineRestarted("c1", MESSAGE))
    assert effects == [
        w.Say(Tone.CAUTION, MESSAGE),
        w.Salvage(),
        w.Post(OPENED),
        *(w.Post(command) for command in AWAITED),
        w.RetryRecording("c1", 1.0),
    ]
    assert state.media.recording is w.Recording.BROKEN
    assert state.line.peer == ""
    assert not state.line.picture
    assert not state.media.opened
    state, effects_ = reduce(state, w.RecordingDue("c1"))
    assert effects_ == (w.BeginRecording("c1", "2026-00318"),)


def test_who_comes_back_first_begins_the_recording_if_it_has_not_begun() -> None:
    state, _ = told(recorded(), ports.EngineRestarted("c1", MESSAGE))
    state, effects = reduce(state, w.Offered(Sdp(call_id="c1", kind="offer", sdp="v=1")))
    assert posts(effects) == [ports.RemoteOffer("c1", "p1", "借款人 王*国", "v=1")]
    state, told_ = told(state, ports.PeerChanged("c1", "p1", "connected"))
    assert told_ == [w.BeginRecording("c1", "2026-00318")]
    assert reduce(state, w.RecordingDue("c1"))[1] == (), "once"


def test_mute_and_hold_are_told_to_the_new_engine() -> None:
    state = reduce(recorded(), w.MuteToggled())[0]
    held = views.view(
        Presence.ON_CALL,
        talk=views.call("c1", views.place("p1", CallPartyState.HELD)),
        about=views.case(StepKey.IDENTITY),
    )
    state, effects = reduce(state, pushed(held))
    assert ports.HoldParty("c1", "p1", True) in posts(effects)
    state, told_ = told(state, ports.EngineRestarted("c1", MESSAGE))
    assert ports.SetMuted("c1", True) in posts(told_)
    assert ports.HoldParty("c1", "p1", True) in posts(told_)


def test_mute_and_hold_are_told_to_the_new_engine_once_it_knows_of_whom() -> None:
    """It refuses what is said of somebody it has no line of; told late, they would be live once they dial again."""
    place = views.place("p1", CallPartyState.HELD).model_copy(update={"muted": True})
    view = views.view(Presence.ON_CALL, talk=views.call("c1", place), about=views.case(StepKey.IDENTITY))
    orders = {ports.HoldParty("c1", "p1", True), ports.MuteParty("c1", "p1", True)}
    state, effects = reduce(recorded(), pushed(view))
    assert orders <= set(posts(effects))
    state, effects_ = told(state, ports.EngineRestarted("c1", MESSAGE))
    assert orders <= set(posts(effects_)[posts(effects_).index(AWAITED[0]) :])
    state, effects = reduce(state, pushed(view))
    assert posts(effects) == []
    state, effects = reduce(state, w.Offered(Sdp(call_id="c1", kind="offer", sdp="v=1")))
    assert posts(effects) == [ports.RemoteOffer("c1", "p1", "借款人 王*国", "v=1")]


def test_whoever_was_in_the_call_is_awaited_by_the_new_engine_as_one_who_dropped() -> None:
    places = [views.place(f"p{number}") for number in (1, 2, 3)]
    view = views.view(Presence.ON_CALL, talk=views.call("c1", *places), about=views.case(StepKey.IDENTITY))
    state, _ = reduce(recorded(), pushed(view))
    state, _ = reduce(state, w.Offered(Sdp(call_id="c1", party_id="p2", kind="offer", sdp="v=1")))
    state, _ = told(state, ports.ConnectionInUse("c1", "p2", "sha-256 " + AB, "sha-256 " + AB))
    state, effects = told(state, ports.EngineRestarted("c1", MESSAGE))
    awaited = [command for command in posts(effects) if isinstance(command, ports.ExpectParty)]
    assert [(one.party_id, one.seen) for one in awaited] == [("p1", False), ("p2", True), ("p3", False)]
    assert posts(reduce(state, pushed(view))[1]) == []


def test_who_was_awaited_by_the_window_before_is_not_awaited_twice_and_goes_with_their_place() -> None:
    state, _ = reduce(told(w.State(), ports.CallLeft("c1"))[0], pushed(in_call()))
    standing = (*STANDING, ports.ExpectParty("c1", "p1", "借款人 王*国"), ports.ExpectParty("c1", "p7", "担保人"))
    _, effects = told(state, ports.Resumed("c1", standing))
    assert ports.RemoveParty("c1", "p7") in posts(effects)
    assert not any(isinstance(command, ports.ExpectParty) for command in posts(effects))


def test_a_window_that_takes_up_a_call_holds_and_mutes_at_once() -> None:
    place = views.place("p1", CallPartyState.HELD).model_copy(update={"muted": True})
    view = views.view(Presence.ON_CALL, talk=views.call("c1", place), about=views.case(StepKey.IDENTITY))
    orders = {ports.HoldParty("c1", "p1", True), ports.MuteParty("c1", "p1", True)}
    state, effects = reduce(told(w.State(), ports.CallLeft("c1"))[0], pushed(view))
    assert orders <= set(posts(effects))
    loose = (ports.HoldParty("c1", "p1", False), ports.MuteParty("c1", "p1", False))
    assert orders <= set(posts(told(state, ports.Resumed("c1", (*STANDING, *loose)))[1])), "whatever stood before"


def test_what_was_wrong_with_the_recording_is_over_with_it() -> None:
    """Else a doubt that was put on record as lasting would stay open for ever."""
    black = Doubt(Kind.BLACK, 3.0, "王建国的画面全黑", "p1")
    first = ReportDoubt(kind=DoubtKind.BLACK, since=views.NOW + timedelta(seconds=3), party_id="p1")
    over = first.model_copy(update={"until": views.NOW + timedelta(seconds=15)})
    state, effects = told(recorded(), ports.RecordingChecked("c1", began().path, 15, 15.0, 0, (black,)))
    assert w.SendReport("/api/calls/c1/doubt", first) in effects
    state, effects = told(state, ports.EngineRestarted("c1", MESSAGE))
    assert w.SendReport("/api/calls/c1/doubt", over) in effects
    assert w.unreported(state) == [], "once"


def test_one_that_breaks_down_after_the_call_only_leaves_a_file_to_be_saved() -> None:
    state = replace(recorded(), view=None, media=w.Media())
    assert told(state, ports.EngineRestarted("c1", MESSAGE)) == (state, [w.Salvage()])


@pytest.mark.parametrize("step", [one for one in StepKey if one is not StepKey.SEALING])
def test_a_window_that_was_killed_shows_the_same_step_of_the_same_person(
    workspace: SeatWorkspace, step: StepKey
) -> None:
    """From the service's view and what the engine still has; nothing of it is kept by the window."""
    view = screens.talk(step, lines=screens.script(), proof=proof()).view
    assert view is not None
    shown = []
    for killed in (False, True):
        state = w.State()
        if killed:
            state, _ = told(state, ports.CallLeft("c1"))
        state, effects = reduce(state, pushed(view))
        assert len([one for one in posts(effects) if isinstance(one, ports.OpenCall)]) == 1
        if killed:
            state, _ = told(state, ports.Resumed("c1", STANDING))
        elif step is StepKey.PROOF:
            state, _ = reduce(state, w.ProofToggled(True))
        show(workspace, replace(state, link=w.LinkState(up=True, message="")))
        panel = workspace.panels.currentWidget()
        assert panel is not None
        assert state.party is not None
        assert state.case is not None
        shown.append((panel.objectName(), state.step, state.party.party_id, state.case.case_id))
    assert shown[0] == shown[1]
    assert shown[0][1] is step


def test_a_window_that_was_killed_in_the_wrap_up_shows_the_seal(workspace: SeatWorkspace) -> None:
    state = screens.wrap_up(Phase.SIGNED)
    assert state.view is not None
    show(workspace, reduce(w.State(), pushed(state.view))[0])
    assert workspace.panels.currentWidget() is workspace.closing
    assert workspace.bar.seal.isVisible()
