"""The network of a seat gone for a while, and then for good: its call waits, and then another seat takes it up."""

from contextlib import closing
from functools import partial
from pathlib import Path

import pytest
from PySide6.QtCore import Qt
from pytestqt.qtbot import QtBot

from desktop.app import Application
from desktop.model import workspace as w
from desktop.spool import Spool
from signing.web.presence import SEAT_HELD_SECONDS
from signing.wire.case import RecordingState
from signing.wire.staff import Presence
from tests.integration.desktop.cable import Cable, silenced
from tests.integration.desktop.office import Customer, Service, service
from tests.integration.desktop.test_hard_times import await_recordings, desk_of, into_a_recorded_call, recordings
from tests.integration.desktop.test_journey import Hands
from tests.integration.desktop.windows import opened

AWAY = 25
"""Of the seconds for which the service keeps a lost seat's call, besides those for what is tried meanwhile."""


@pytest.mark.timeout(480)
def test_a_seats_call_outlives_its_network_for_a_while_and_then_is_another_seats(qtbot: QtBot, tmp_path: Path) -> None:
    with service(tmp_path / "service") as office:
        cable = Cable(int(office.url.rpartition(":")[2]))
        try:
            with closing(opened(cable.url, tmp_path / "desktop")) as made:
                _walk(Hands(made, qtbot), made, office, cable, tmp_path)
        finally:
            cable.close()


def _walk(hands: Hands, made: Application, office: Service, cable: Cable, tmp_path: Path) -> None:
    customer = into_a_recorded_call(made, hands, office)
    try:
        hands.until(lambda: _front(made))
        _away_for_a_while(hands, made, cable)
        _away_for_good(hands, made, office, cable, customer, tmp_path)
        assert customer.error == ""
    finally:
        customer.stop()


def _front(application: Application) -> bool:
    party = desk_of(application).state.party
    return party is not None and party.identity.front is not None


def _undelivered(made: Application) -> int:
    assert made.options.data is not None
    return len(list(made.options.data.rglob("*.sealed")))


def _away_for_a_while(hands: Hands, made: Application, cable: Cable) -> None:
    """What is of this seat alone goes on; what the service must know is refused in words, and can be done again."""
    desk, banner = desk_of(made), made.window.banner
    call, said = desk.state.call, list[str]()
    assert call is not None
    desk.said.connect(lambda tone, text: said.append(text))
    with cable.cut():
        hands.until(banner.isVisible, 30)
        kept, written = _undelivered(made), desk.state.media.written
        hands.press("call.mute")
        hands.press("party.hold")
        hands.until(lambda: any("连不上服务" in text for text in said))
        assert desk.state.media.muted
        hands.until(lambda: hands.ready("party.hold"))
        hands.qtbot.wait(1000 * AWAY)
        assert not desk.state.link.up
        assert desk.state.call == call
        assert desk.state.media.recording is w.Recording.RUNNING
        assert desk.state.media.written > written + AWAY / 2, "the recording goes on"
        assert _undelivered(made) > kept + AWAY / 2, "and is kept until it can be brought"
        hands.until(lambda: "画面和声音也不通" in banner.words.text(), 30)
    assert (banner.button.isVisible(), banner.button.key) == (True, "F12")
    made.window.activateWindow()
    hands.qtbot.keyClick(made.window, Qt.Key.Key_F12)  # type: ignore[no-untyped-call]
    hands.until(lambda: desk.state.link.up and not banner.isVisible())
    hands.until(lambda: desk.state.line.peer == "connected" and desk.state.line.picture)
    assert desk.state.call is not None
    assert desk.state.call.call_id == call.call_id
    hands.until(lambda: _undelivered(made) <= kept + 3)


def _away_for_good(
    hands: Hands, made: Application, office: Service, cable: Cable, customer: Customer, tmp_path: Path
) -> None:
    """The customer waits at the head of the queue and is another seat's, with all that was done."""
    desk, banner = desk_of(made), made.window.banner
    assert desk.state.case is not None
    case_no = desk.state.case.case_no
    with closing(opened(office.url, tmp_path / "other")) as other:
        at_other = Hands(other, hands.qtbot)
        at_other.log_in("chen")
        at_other.press("supervisor.seat")
        with cable.broken():
            with silenced():
                hands.until(lambda: customer.step == "queue", SEAT_HELD_SECONDS + 90)
            assert desk.state.call is not None
            assert banner.isVisible(), "nobody can tell this seat"
            at_other.press("presence.available")
            at_other.press("offer.accept")
            at_other.until(lambda: desk_of(other).state.media.reported)
            assert desk_of(other).state.case is not None
            assert desk_of(other).state.case.case_no == case_no  # type: ignore[union-attr]
            assert _front(other)
        hands.until(lambda: desk.state.link.up and desk.state.call is None)
        assert desk.state.view is not None
        assert desk.state.view.presence is Presence.OFFLINE
        kept = hands.window.findChild(type(banner), "kept")
        assert kept is not None
        assert "通话已不在本席" in kept.words.text()
        assert made.options.data is not None
        hands.until(lambda: not Spool(made.options.data / "spool").items(), 120)  # type: ignore[operator]
        at_other.until(partial(_brought, other))
        desk_of(other).hang_up("测试结束")
        await_recordings(desk_of(other), at_other, 2)


def _brought(other: Application) -> bool:
    """What the first seat recorded is at the service, whole."""
    return RecordingState.VERIFIED in [one.state for one in recordings(desk_of(other))]
