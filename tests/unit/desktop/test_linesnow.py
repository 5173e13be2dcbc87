"""What a seat tells the boards of its lines: where a word changes, from time to time, and of whom it knows."""

from dataclasses import replace
from datetime import timedelta

import pytest
from pytestqt.qtbot import QtBot

from desktop.bridge import Trouble
from desktop.model import workspace as w
from desktop.model.linesnow import AGAIN, SEEN, SPACED
from desktop.seat.workspace import SeatWorkspace
from media import ports
from media.core.quality import Cause
from signing.wire.quality import LineCause, LineNow, TellLines
from signing.wire.staff import Presence
from tests.unit.desktop import views

CONNECTED = w.Line(peer="connected", offered=True, answered=True)


class Seat:
    """A call with two customers, measured whenever the test says."""

    def __init__(self) -> None:
        view = views.view(Presence.ON_CALL, talk=views.call(), about=views.case())
        media = w.Media(call_id="c1", opened=True, lines={"p1": CONNECTED, "p2": CONNECTED})
        self.state = w.State(view=view, media=media)
        self.now = views.NOW
        self.told: list[list[tuple[str, int, str]]] = []

    def pass_by(self, gap: timedelta) -> None:
        self.now += gap

    def measured(self, party_id: str, bars: int, cause: Cause = Cause.FINE) -> None:
        self._feed(views.quality(bars, cause, party_id))

    def peer(self, party_id: str, peer: str) -> None:
        self._feed(ports.PeerChanged("c1", party_id, peer))

    def _feed(self, event: ports.Event) -> None:
        self.state, effects = w.reduce(self.state, w.Happened(event, self.now))
        for effect in effects:
            if isinstance(effect, w.TellBoard):
                assert effect.call_id == "c1"
                self.told.append([_row(one) for one in effect.message.lines])


def _row(one: LineNow) -> tuple[str, int, str]:
    return one.party_id, one.bars, one.cause.value


def test_the_first_measurement_is_told_and_a_change_after_a_while() -> None:
    seat = Seat()
    seat.measured("p1", 4)
    seat.measured("p2", 4)
    assert seat.told == [[("p1", 4, "fine")]], "two at once are not two tellings"
    seat.pass_by(SPACED)
    seat.measured("p1", 4)
    assert seat.told[1:] == [[("p1", 4, "fine"), ("p2", 4, "fine")]]
    seat.pass_by(SPACED)
    seat.measured("p2", 1, Cause.LOSSY)
    assert seat.told[2:] == [[("p1", 4, "fine"), ("p2", 1, "lossy")]]


def test_that_nothing_changes_is_told_from_time_to_time() -> None:
    seat = Seat()
    for _ in range(31):
        seat.measured("p1", 4)
        seat.pass_by(timedelta(seconds=2))
    assert len(seat.told) == 1 + int(timedelta(seconds=60) / AGAIN)
    assert all(one == [("p1", 4, "fine")] for one in seat.told)


def test_a_line_that_jumps_is_not_told_at_each_jump() -> None:
    seat = Seat()
    for number in range(20):
        seat.measured("p1", 1 + 3 * (number % 2))
        seat.pass_by(timedelta(seconds=1))
    assert len(seat.told) <= 1 + timedelta(seconds=20) / SPACED


def test_a_customer_who_is_cut_off_is_told_at_once_as_without_a_line() -> None:
    seat = Seat()
    seat.measured("p1", 4)
    seat.pass_by(SPACED)
    seat.peer("p1", "failed")
    assert seat.told[-1] == [("p1", 0, "broken")]


def test_of_who_is_held_or_only_just_connecting_nothing_is_said() -> None:
    seat = Seat()
    seat.measured("p1", 4)
    seat.measured("p2", 4)
    seat.pass_by(SEEN + timedelta(seconds=1))
    seat.measured("p1", 4)
    assert seat.told[-1] == [("p1", 4, "fine")], "nobody measures the line of who is held"
    seat.pass_by(AGAIN)
    seat.state = replace(seat.state, media=seat.state.media.with_line("p2", w.Line(peer="connecting")))
    seat.peer("p2", "connecting")
    assert seat.told[-1] == []


def test_a_measurement_without_its_time_or_of_a_stranger_tells_nothing() -> None:
    seat = Seat()
    _, effects = w.reduce(seat.state, w.Happened(views.quality(4, Cause.FINE)))
    assert not [one for one in effects if isinstance(one, w.TellBoard)]
    seat.measured("p9", 4)
    assert seat.told == []


def test_a_new_call_begins_anew() -> None:
    seat = Seat()
    seat.measured("p1", 4)
    assert seat.state.media.telling.at is not None
    pushed = views.view(Presence.ON_CALL, talk=views.call("c2"), about=views.case())
    state, _ = w.reduce(seat.state, w.Pushed(pushed, seat.now))
    assert state.media.telling.at is None


def test_the_desk_sends_it_once_and_keeps_nothing_for_later(
    workspace: SeatWorkspace, qtbot: QtBot, monkeypatch: pytest.MonkeyPatch
) -> None:
    """That nobody answers is no news to the agent: the next telling comes by itself."""
    sent: list[tuple[str, object]] = []

    async def send(path: str, body: object = None, limit: object = None, method: str = "POST") -> None:
        sent.append((path, body))
        raise Trouble("连不上服务", code="unreachable")

    desk = workspace.desk
    monkeypatch.setattr(desk.client, "send", send)
    said: list[str] = []
    desk.said.connect(lambda tone, words: said.append(words))
    monkeypatch.setattr(desk, "_running", True)
    desk.state = Seat().state
    desk.feed(w.Happened(views.quality(1, Cause.LOSSY, "p1"), views.NOW))
    qtbot.waitUntil(lambda: len(sent) == 1)
    desk._bridge.flush()
    line = LineNow(party_id="p1", bars=1, cause=LineCause.LOSSY)
    assert sent == [("/api/calls/c1/lines", TellLines(lines=[line]))]
    assert said == []
    monkeypatch.setattr(desk, "_running", False)
