"""Several parties in one call at the seat: who is on the stage, who is spoken to, what is told."""

from dataclasses import replace
from datetime import timedelta

import pytest
from PySide6.QtCore import Qt
from pytestqt.qtbot import QtBot

from desktop.model import workspace as w
from desktop.model.actions import Act, next_action, outcome, outcome_said
from desktop.model.workspace import reduce
from desktop.seat.workspace import SeatWorkspace
from media import ports
from signing.wire.base import Tone
from signing.wire.call import CallParty, CallPartyState, Outcome, TransferState
from signing.wire.case import Answer, PartyState, PartyView, Phase, ScriptLineView, StepKey
from signing.wire.signal import Sdp
from signing.wire.staff import Presence, SeatView
from tests.unit.desktop import views

LIVE, HELD, WAITING, LEFT, DROPPED, ABSENT = (
    CallPartyState(name) for name in ("live", "held", "waiting", "left", "dropped", "absent")
)

Effects = tuple[w.Effect, ...]


def seen(
    *places: CallParty,
    alone_with: str | None = None,
    step: StepKey = StepKey.IDENTITY,
    others: list[PartyView] | None = None,
    whispering: bool | None = None,
    lines: list[ScriptLineView] | None = None,
) -> w.Pushed:
    ears = [] if whispering is None else [views.listener(whispering)]
    about = views.case(step, others=others or [views.party("p2")], lines=lines)
    view = views.view(
        Presence.ON_CALL, talk=views.call("c1", *places, listeners=ears, alone_with=alone_with), about=about
    )
    return w.Pushed(view, views.NOW)


def both(second: CallPartyState = LIVE) -> tuple[CallParty, CallParty]:
    return views.place("p1"), views.place("p2", second)


def offer(party_id: str, call_id: str = "c1") -> w.Offered:
    return w.Offered(Sdp(call_id=call_id, party_id=party_id, kind="offer", sdp=f"of {party_id}", offer_id="o1"))


def run(*happened: w.Input) -> tuple[w.State, Effects]:
    """The state at the end, and the effects of the last thing."""
    state, effects = w.State(), Effects()
    for what in happened:
        state, effects = reduce(state, what)
    return state, effects


def commands(effects: Effects) -> list[ports.Command]:
    return [effect.command for effect in effects if isinstance(effect, w.Post)]


def joined(*more: w.Input) -> tuple[w.State, Effects]:
    answers = [w.Happened(ports.LocalAnswer("c1", party, "v=1", "seat", party)) for party in ("p1", "p2")]
    return run(seen(*both()), offer("p1"), offer("p2"), *answers, *more)


def test_each_customer_gets_a_tile_with_their_own_label_and_step() -> None:
    state, effects = run(seen(*both()), offer("p2"))
    assert commands(effects) == [ports.RemoteOffer("c1", "p2", "保证人 李*梅", "of p2", "o1")]
    state, effects = reduce(state, w.Happened(ports.LocalAnswer("c1", "p2", "v=1", "", "")))
    assert ports.SetPartyLine("c1", "p2", "步骤1") in commands(effects)
    _, effects = reduce(state, seen(*both(), others=[views.party("p2", PartyState.IDENTIFIED)]))
    assert commands(effects) == [ports.SetPartyLine("c1", "p2", "步骤2")]


def expected(effects: Effects) -> list[ports.Command]:
    return [command for command in commands(effects) if isinstance(command, ports.ExpectParty)]


@pytest.mark.parametrize(("place", "before"), [(LIVE, False), (HELD, False), (DROPPED, True)])
def test_whoever_has_a_place_is_awaited_before_they_offer_and_once(place: CallPartyState, before: bool) -> None:
    state, effects = run(seen(*both(place)))
    p1, p2 = (
        ports.ExpectParty("c1", "p1", "借款人 王*国"),
        ports.ExpectParty("c1", "p2", "保证人 李*梅", seen=before),
    )
    assert expected(effects) == [p1, p2]
    assert isinstance(commands(effects)[0], ports.OpenCall)
    assert ports.SetPartyLine("c1", "p2", "步骤1") in commands(effects)
    state, effects = reduce(state, seen(*both(place)))
    assert commands(effects) == []
    _, effects = reduce(state, offer("p1"))
    assert expected(effects) == []


def test_who_waits_is_not_awaited_until_they_are_admitted_and_no_more_once_they_have_left() -> None:
    state, effects = run(seen(*both(WAITING)))
    assert expected(effects) == [ports.ExpectParty("c1", "p1", "借款人 王*国")]
    state, effects = reduce(state, seen(*both()))
    assert expected(effects) == [ports.ExpectParty("c1", "p2", "保证人 李*梅")]
    state, effects = reduce(state, seen(*both(LEFT)))
    assert commands(effects) == [ports.RemoveParty("c1", "p2")]
    _, effects = reduce(state, seen(*both()))
    assert expected(effects) == [ports.ExpectParty("c1", "p2", "保证人 李*梅")], "and again if they are let in again"


def test_an_offer_of_who_is_not_admitted_waits_until_they_are() -> None:
    state, effects = run(seen(*both(WAITING)), offer("p2"))
    assert commands(effects) == []
    _, effects = reduce(state, seen(*both(LIVE)))
    assert ports.RemoteOffer("c1", "p2", "保证人 李*梅", "of p2", "o1") in commands(effects)


def test_hold_is_told_to_the_engine_once_and_before_a_held_party_is_seen_again() -> None:
    state, effects = joined(seen(*both(HELD)))
    assert commands(effects) == [ports.HoldParty("c1", "p2", True)]
    assert commands(reduce(state, seen(*both(HELD)))[1]) == []
    assert commands(reduce(state, seen(*both(LIVE)))[1]) == [ports.HoldParty("c1", "p2", False)]
    _, effects = run(seen(*both(HELD)))
    assert ports.HoldParty("c1", "p2", True) in commands(effects), "a new window must not show who is held"


def test_muted_is_told_to_the_engine_once_and_before_a_muted_party_is_heard_again() -> None:
    quiet = (views.place("p1"), views.place("p2", muted=True))
    state, effects = joined(seen(*quiet))
    assert commands(effects) == [ports.MuteParty("c1", "p2", True)]
    assert commands(reduce(state, seen(*quiet))[1]) == []
    assert commands(reduce(state, seen(*both()))[1]) == [ports.MuteParty("c1", "p2", False)]
    _, effects = run(seen(*quiet))
    assert ports.MuteParty("c1", "p2", True) in commands(effects)


def test_a_talk_with_one_alone_holds_the_others_before_the_stage_says_so() -> None:
    state, effects = joined(seen(*both(HELD), alone_with="p1"))
    assert commands(effects) == [ports.HoldParty("c1", "p2", True), ports.SetAside("c1", "p1")]
    assert commands(reduce(state, seen(*both(HELD), alone_with="p1"))[1]) == []
    assert commands(reduce(state, seen(*both()))[1]) == [ports.HoldParty("c1", "p2", False), ports.SetAside("c1", None)]


def test_what_to_do_while_one_is_talked_to_alone_and_about_who_is_muted() -> None:
    state = joined(seen(*both(HELD), alone_with="p1"), w.Focused("p2"))[0]
    assert "谈完按 G" in next_action(state).sentence
    others = [views.party("p2", PartyState.IDENTIFIED)]
    quiet = (views.place("p1"), views.place("p2", muted=True))
    connected = w.Happened(ports.PeerChanged("c1", "p2", "connected"))
    state = joined(connected, seen(*quiet, others=others), w.Focused("p2"))[0]
    assert "按 U 取消静音" in next_action(state).sentence


def test_who_is_let_go_leaves_the_stage_and_who_drops_keeps_their_tile() -> None:
    assert commands(joined(seen(*both(DROPPED)))[1]) == []
    assert commands(joined(seen(*both(LEFT)))[1]) == [ports.RemoveParty("c1", "p2")]


def test_a_listener_is_let_in_by_the_service_alone_and_whispers_while_it_says_so() -> None:
    state, effects = run(seen(*both()), offer("staff:u9"))
    assert commands(effects) == [], "nobody listens as far as the service knows"
    state, effects = reduce(state, seen(*both(), whispering=False))
    ear = ports.RemoteOffer("c1", "staff:u9", "陈主管", "of staff:u9", "o1", listener=True)
    assert commands(effects) == [ear]
    state, effects = reduce(state, w.Happened(ports.LocalAnswer("c1", "staff:u9", "v=1", "", "", "o1")))
    assert [e.frame.party_id for e in effects if isinstance(e, w.SendFrame)] == ["staff:u9"]
    state, effects = reduce(state, seen(*both(), whispering=True))
    assert commands(effects) == [ports.SetWhisper("c1", "staff:u9", True)]
    _, effects = reduce(state, seen(*both()))
    assert commands(effects) == [ports.RemoveParty("c1", "staff:u9")]


def test_a_listeners_connection_begins_no_recording() -> None:
    _, effects = run(
        seen(*both(), whispering=False), offer("staff:u9"), w.Happened(ports.PeerChanged("c1", "staff:u9", "connected"))
    )
    assert effects == ()


def test_the_agent_turns_to_one_party_and_a_new_call_forgets_it() -> None:
    others = [views.party("p2", PartyState.IDENTIFIED)]
    state, effects = joined(seen(*both(), others=others), w.Focused("p2"))
    assert state.party is not None
    assert (state.party.party_id, state.step) == ("p2", StepKey.DISCLOSURE)
    assert effects == (w.SendLine("k1", "p2", 1),)
    assert reduce(state, w.Focused("p1"))[0].step is StepKey.IDENTITY
    view = views.view(Presence.ON_CALL, talk=views.call("c2"), about=views.case(others=others))
    state, effects = reduce(state, w.Pushed(view, views.NOW))
    assert state.focus == ""
    assert commands(effects)[0] == ports.CloseCall("c1")


def test_each_party_answers_for_themself() -> None:
    others = [views.party("p2", PartyState.IDENTIFIED)]
    answered = [views.line(1, Answer.YES), views.line(2)]
    _, effects = joined(seen(*both(), step=StepKey.DISCLOSURE, others=others, lines=answered))
    assert [effect for effect in effects if isinstance(effect, w.SendLine)] == [w.SendLine("k1", "p1", 2)]
    _, effects = joined(seen(*both(), step=StepKey.DISCLOSURE, others=others, lines=answered), w.Focused("p2"))
    assert effects == (w.SendLine("k1", "p2", 1),)


def test_a_line_that_is_not_for_a_party_is_not_read_to_them() -> None:
    own = [replace_line(1, ["p1"]), replace_line(2, ["p2"])]
    others = [views.party("p2", PartyState.IDENTIFIED)]
    _, effects = joined(seen(*both(), others=others, lines=own), w.Focused("p2"))
    assert effects == (w.SendLine("k1", "p2", 2),)


def replace_line(number: int, party_ids: list[str]) -> ScriptLineView:
    return views.line(number, None, Answer.YES).model_copy(update={"party_ids": party_ids})


@pytest.mark.parametrize(
    ("state", "act", "words"),
    [
        (WAITING, Act.ADMIT, "按 A 请入通话"),
        (HELD, Act.HOLD, "按 H 请回通话"),
        (DROPPED, Act.WAIT, "断线了"),
        (LEFT, Act.WAIT, "已离开"),
        (ABSENT, Act.WAIT, "还没有打开链接"),
    ],
)
def test_what_to_do_about_who_is_not_in_the_call(state: CallPartyState, act: Act, words: str) -> None:
    told = next_action(joined(seen(*both(state)), w.Focused("p2"))[0])
    assert told.act is act
    assert words in told.sentence


def test_when_one_is_done_the_next_is_named_with_their_key_and_then_who_is_missing() -> None:
    done = joined(seen(*both(), step=StepKey.PROOF))[0]
    assert "按 Ctrl+2 继续办理保证人 李*梅" in next_action(done).sentence
    absent = next_action(joined(seen(*both(ABSENT), step=StepKey.PROOF))[0])
    assert absent.act is Act.PROOF
    assert "保证人 李*梅还没有办" in absent.sentence
    all_done = next_action(joined(seen(*both(), step=StepKey.PROOF, others=[views.party("p2", PartyState.SIGNED)]))[0])
    assert (all_done.act, all_done.sentence) == (Act.PROOF, "各步骤已完成，挂断前请核对留痕")


@pytest.mark.parametrize(
    ("now", "tone", "words"),
    [
        (seen(*both(DROPPED)), Tone.CAUTION, "断线了"),
        (seen(*both(), others=[views.party("p2", PartyState.REFUSED)]), Tone.STOP, "不再办理"),
    ],
)
def test_what_changes_is_told_once(now: w.Pushed, tone: Tone, words: str) -> None:
    state, effects = joined(now)
    said = [effect for effect in effects if isinstance(effect, w.Say)]
    assert [(one.tone, words in one.text) for one in said] == [(tone, True)]
    assert not [effect for effect in reduce(state, now)[1] if isinstance(effect, w.Say)]


def test_a_transfer_rings_here_and_one_that_failed_is_told() -> None:
    ringing = views.view(transferred=views.transfer_offer())
    state, effects = reduce(w.State(), w.Pushed(ringing, views.NOW))
    assert effects == (w.Ring(),)
    assert "03号席 转来一通电话" in next_action(state).sentence
    out, back = (talk(state) for state in (TransferState.RINGING, TransferState.MISSED))
    state, _ = run(out)
    assert "正在转接到08号席" in next_action(state).sentence
    effects = reduce(state, back)[1]
    said = w.Say(Tone.CAUTION, "转接 08号席：对方未接，通话仍在您这里", stays=True)
    assert [effect for effect in effects if isinstance(effect, w.Say)] == [said]


@pytest.mark.parametrize(("seconds", "told"), [(19, False), (20, True)], ids=["called back", "missed"])
def test_a_transfer_that_rang_here_to_its_end_is_told_until_it_is_read(seconds: int, told: bool) -> None:
    state, _ = reduce(w.State(), w.Pushed(views.view(transferred=views.transfer_offer()), views.NOW))
    later = views.view().model_copy(update={"server_time": views.NOW + timedelta(seconds=seconds)})
    said = [effect for effect in reduce(state, w.Pushed(later, views.NOW))[1] if isinstance(effect, w.Say)]
    assert bool(said) is told
    assert all(one.stays and "03号席 林敏 转来的通话" in one.text and "您没有接到" in one.text for one in said)
    taken = later.model_copy(update={"call": views.call()})
    assert not [one for one in reduce(state, w.Pushed(taken, views.NOW))[1] if isinstance(one, w.Say)]


def test_what_stays_is_there_until_its_key_is_pressed(workspace: SeatWorkspace, qtbot: QtBot) -> None:
    for number in range(5):
        workspace.desk._carry_out(w.Say(Tone.CAUTION, f"第 {number} 次", stays=True))
    assert workspace.kept.isVisible()
    assert workspace.kept.words.text() == "第 2 次\n第 3 次\n第 4 次"
    workspace.activateWindow()
    qtbot.keyClick(workspace, Qt.Key.Key_F6)  # type: ignore[no-untyped-call]
    assert not workspace.kept.isVisible()
    workspace.desk._carry_out(w.Say(Tone.CAUTION, "又一次", stays=True))
    assert workspace.kept.words.text() == "又一次"


def talk(state: TransferState) -> w.Pushed:
    call = views.call("c1", transfer=views.transfer(state))
    return w.Pushed(views.view(Presence.ON_CALL, talk=call, about=views.case()), views.NOW)


@pytest.mark.parametrize(
    ("phase", "suggested"),
    [(Phase.SIGNED, Outcome.SIGNED_ALL), (Phase.INVITED, Outcome.TO_CONTINUE), (Phase.ABORTED, Outcome.REFUSED)],
)
def test_the_outcome_is_suggested_stated_and_forgotten(phase: Phase, suggested: Outcome) -> None:
    wrapping = wrap_up(phase)
    state, _ = run(w.Pushed(wrapping, views.NOW))
    assert outcome(state) is suggested
    state = reduce(state, w.OutcomeStated(Outcome.OTHER, ""))[0]
    assert not outcome_said(state)
    state = reduce(state, w.OutcomeStated(Outcome.OTHER, "改到柜面办理"))[0]
    assert outcome_said(state)
    state = reduce(state, w.Pushed(wrapping, views.NOW + timedelta(seconds=1)))[0]
    assert outcome(state) is Outcome.OTHER
    assert replace(reduce(state, w.Pushed(views.view(), views.NOW))[0]).outcome is None


def wrap_up(phase: Phase) -> SeatView:
    return views.view(Presence.WRAP_UP, about=views.case(StepKey.SEALING, phase))
