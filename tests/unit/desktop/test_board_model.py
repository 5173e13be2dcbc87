"""The supervisor's board: the ear follows the service, a whisper only what is on record and held."""

from datetime import timedelta

import pytest

from desktop.board import rows
from desktop.board.bar import resting_words
from desktop.model import board as b
from media import ports
from signing.wire.base import Tone
from signing.wire.board import BoardView
from signing.wire.call import CallPartyState
from signing.wire.signal import Sdp
from signing.wire.staff import Presence
from tests.unit.desktop import views

LISTEN = ports.Listen("c1", "ear-1")


def run(*happened: b.Input) -> tuple[b.State, tuple[b.Effect, ...]]:
    """The state at the end, and the effects of the last thing."""
    state, effects = b.State(), tuple[b.Effect, ...]()
    for what in happened:
        state, effects = b.reduce(state, what)
    return state, effects


def pushed(view: BoardView) -> b.Pushed:
    return b.Pushed(view, views.NOW)


def heard(whispering: bool = False) -> b.Pushed:
    return pushed(views.board([views.board_call(listeners=[views.listener(whispering)])], ["c1"]))


def commands(effects: tuple[b.Effect, ...]) -> list[ports.Command]:
    return [effect.command for effect in effects if isinstance(effect, b.Post)]


def test_the_ear_opens_offers_and_takes_only_the_answer_to_its_own_offer() -> None:
    state, effects = run(pushed(views.board()), heard())
    assert commands(effects) == [LISTEN]
    state, effects = b.reduce(state, b.Happened(ports.LocalOffer("c1", "v=0", "ear-1")))
    assert effects == (b.SendFrame(Sdp(call_id="c1", kind="offer", sdp="v=0", offer_id="ear-1")),)
    for late in (
        Sdp(call_id="c1", kind="answer", sdp="v=1", offer_id="ear-9"),
        Sdp(call_id="c2", kind="answer", sdp=""),
    ):
        assert b.reduce(state, b.Answered(late))[1] == ()
    answer = Sdp(call_id="c1", kind="answer", sdp="v=1", offer_id="ear-1")
    assert commands(b.reduce(state, b.Answered(answer))[1]) == [ports.RemoteAnswer("c1", "v=1", "ear-1")]


def test_the_ear_closes_with_the_call_and_moves_to_another() -> None:
    assert commands(run(heard(), pushed(views.board([])))[1]) == [ports.CloseCall("c1")]
    other = views.board([views.board_call("c2", listeners=[views.listener()])], ["c2"])
    assert commands(run(heard(), pushed(other))[1]) == [ports.CloseCall("c1"), ports.Listen("c2", "ear-2")]


def test_a_connection_that_does_not_come_about_or_is_lost_is_dialled_again() -> None:
    again = [ports.CloseCall("c1"), ports.Listen("c1", "ear-2")]
    assert commands(run(heard(), b.RedialDue(1))[1]) == again
    connected = b.Happened(ports.PeerChanged("c1", ports.SEAT, "connected"))
    assert run(heard(), connected, b.RedialDue(1))[1] == ()
    lost = b.Happened(ports.PeerChanged("c1", ports.SEAT, "failed"))
    assert run(heard(), connected, lost)[1] == (b.RedialLater(1, 2.0),)
    assert commands(run(heard(), connected, lost, b.RedialDue(1))[1]) == again


def test_a_whisper_goes_out_only_while_it_is_on_record_and_the_key_is_held() -> None:
    state, effects = run(heard(), b.KeyHeld(True))
    assert effects == (b.AskToWhisper("c1", True),)
    assert not state.ear.talking
    state, effects = b.reduce(state, heard(whispering=True))
    assert commands(effects) == [ports.SetTalking("c1", True)]
    state, effects = b.reduce(state, b.KeyHeld(False))
    assert effects == (b.Post(ports.SetTalking("c1", False)), b.AskToWhisper("c1", False))
    assert commands(b.reduce(state, heard(whispering=True))[1]) == [], "the key is up, whatever the service still says"
    assert run(pushed(views.board()), b.KeyHeld(True))[1] == (), "nothing is heard, so nothing is whispered"


def test_the_end_of_a_call_ends_the_whisper() -> None:
    state, effects = run(heard(), b.KeyHeld(True), heard(whispering=True), pushed(views.board([])))
    assert commands(effects) == [ports.CloseCall("c1")]
    assert (state.pressed, state.ear.talking) == (False, False)


def test_who_has_no_seat_cannot_take_over() -> None:
    assert "没有自己的席位" in b.may_take_over(run(pushed(views.board()))[0])
    assert b.may_take_over(run(pushed(views.board(seat_id="s1")))[0]) == ""
    assert "已经在您的席位" in b.may_take_over(run(pushed(views.board(seat_id="s7")))[0])
    assert b.may_take_over(run(pushed(views.board([])))[0]) == "没有选中的通话"


def test_a_choice_lasts_while_its_call_does() -> None:
    both = pushed(views.board([views.board_call("c1"), views.board_call("c2")]))
    state, _ = run(both, b.CallChosen("c2"))
    assert state.call is not None
    assert state.call.call_id == "c2"
    state, _ = b.reduce(state, pushed(views.board([views.board_call("c1")])))
    assert state.call is not None
    assert state.call.call_id == "c1"


@pytest.mark.parametrize(
    ("presence", "minutes", "tone"),
    [
        (Presence.AVAILABLE, 4, Tone.GOOD),
        (Presence.WRAP_UP, 4, Tone.CAUTION),
        (Presence.WRAP_UP, 11, Tone.STOP),
        (Presence.OFFLINE, 4, None),
    ],
)
def test_a_seat_in_words(presence: Presence, minutes: int, tone: Tone | None) -> None:
    seat = views.board_seat(8, presence).model_copy(update={"since": views.NOW - timedelta(minutes=minutes)})
    row = rows.seat_row(seat, views.NOW)
    assert row.tone is tone
    assert (f"{minutes:02}:00" in row.words) is (presence is not Presence.OFFLINE)


@pytest.mark.parametrize("presence", [Presence.AWAY, Presence.WRAP_UP])
def test_why_a_seat_takes_nobody_is_drawn(presence: Presence) -> None:
    reason = "主管陈*国终止了这通通话"
    seat = views.board_seat(8, presence).model_copy(update={"reason": reason})
    assert f"（{reason}）" in rows.seat_row(seat, views.NOW).words
    cell = rows.seat_cell(seat, views.NOW)
    assert cell.words.endswith(f"04:12 · {reason}")
    assert reason in cell.tip
    assert resting_words(seat).endswith(f"：{reason}"), "whole, once the seat is chosen"
    busy = seat.model_copy(update={"presence": Presence.ON_CALL})
    assert reason not in rows.seat_row(busy, views.NOW).words
    assert resting_words(busy) == ""


def test_a_long_wait_and_a_lost_customer_stand_out() -> None:
    assert rows.waiting_row(views.board_waiting(1, 2), views.NOW).tone is Tone.NOTICE
    assert rows.waiting_row(views.board_waiting(1, 11), views.NOW).tone is Tone.STOP
    whole = views.board_call("c1", views.place("p1"))
    broken = views.board_call("c1", views.place("p1"), views.place("p2", CallPartyState.DROPPED))
    assert [rows.call_row(call, views.NOW).tone for call in (whole, broken)] == [Tone.GOOD, Tone.STOP]
    view = views.board(waiting=[views.board_waiting(1, 2), views.board_waiting(2, 5)])
    assert (b.longest_wait(view, views.NOW), b.free_seats(view)) == (300, 0)
