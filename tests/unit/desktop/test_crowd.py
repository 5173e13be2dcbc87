"""Seven customers in one call at the window: each button has its key and its place, and nothing moves."""

from dataclasses import replace
from pathlib import Path

import pytest
from PySide6.QtCore import QPoint, Qt
from PySide6.QtWidgets import QApplication, QFrame, QLabel, QScrollArea
from pytestqt.qtbot import QtBot

from desktop.model import workspace as w
from desktop.model.quality import ADVICE
from desktop.seat.partyrow import where_words
from desktop.seat.stage import who_words
from desktop.seat.workspace import SeatWorkspace
from desktop.widgets import theme
from desktop.widgets.bars import LineBars
from desktop.widgets.parts import Elided
from desktop.widgets.steps import reasons
from media.core.layout import Layout
from media.core.quality import Cause
from signing.wire.call import CallParty, CallPartyState
from signing.wire.case import PartyState, StepKey
from signing.wire.staff import Presence
from tests.unit.desktop import views
from tests.unit.desktop.test_seat_panels import named, show, text_of

LIVE, HELD, WAITING, DROPPED = (CallPartyState(name) for name in ("live", "held", "waiting", "dropped"))
BUTTONS = ("hold", "mute", "admit", "alone", "helper", "remove")
PEOPLE = [f"p{number}" for number in range(1, 8)]


def crowd(
    focus: str = "p2", alone_with: str | None = None, muted: tuple[str, ...] = (), **states: CallPartyState
) -> w.State:
    places: list[CallParty] = [views.place(one, states.get(one, LIVE), muted=one in muted) for one in PEOPLE]
    others = [views.party(one, PartyState.IDENTIFIED) for one in PEOPLE[1:]]
    view = views.view(
        Presence.ON_CALL,
        talk=views.call("c1", *places, alone_with=alone_with),
        about=views.case(StepKey.DISCLOSURE, others=others),
    )
    lines = {one: w.Line(peer="connected") for one in PEOPLE}
    media = w.Media(call_id="c1", lines=lines, recording=w.Recording.RUNNING)
    return w.State(view=view, media=media, focus=focus)


def places_of(workspace: SeatWorkspace, qtbot: QtBot) -> dict[str, tuple[QPoint, int]]:
    """Once the window has settled, which takes its time on a busy machine."""
    names = [f"party.{name}" for name in BUTTONS] + ["call.mute", "call.layout", "call.transfer"]
    seen: list[dict[str, tuple[QPoint, int]]] = []
    for _ in range(40):
        qtbot.wait(80)
        found = [named(workspace, name) for name in names]
        seen.append({one.objectName(): (one.mapTo(workspace, QPoint()), one.width()) for one in found})
        if seen[-2:] == [seen[-1]] * 2 and all(one.height() >= 36 for one in found[: len(BUTTONS)]):
            break
    return seen[-1]


def test_nothing_moves_while_people_come_go_wait_and_are_muted(workspace: SeatWorkspace, qtbot: QtBot) -> None:
    workspace.setStyleSheet(theme.style_sheet(theme.tokens()))
    show(workspace, crowd())
    before = places_of(workspace, qtbot)
    for state in (
        crowd(p2=HELD),
        crowd(p2=WAITING, p3=DROPPED),
        crowd(muted=("p2",)),
        crowd(alone_with="p2", p1=HELD, p3=HELD, p4=HELD, p5=HELD, p6=HELD, p7=HELD),
        crowd(focus="p7", p7=DROPPED),
    ):
        show(workspace, state)
        assert places_of(workspace, qtbot) == before


@pytest.mark.parametrize(
    ("state", "enabled"),
    [
        (crowd(), {"hold", "mute", "alone", "helper", "remove"}),
        (crowd(p2=WAITING), {"admit"}),
        (crowd(p2=DROPPED), set()),
        (crowd(alone_with="p1", p2=HELD), {"mute", "alone", "helper", "remove"}),
        (crowd(alone_with="p1", p2=DROPPED), {"alone"}),
    ],
)
def test_what_cannot_be_done_now_stands_there_and_waits(
    workspace: SeatWorkspace, state: w.State, enabled: set[str]
) -> None:
    show(workspace, state)
    assert {name for name in BUTTONS if named(workspace, f"party.{name}").isEnabled()} == enabled


def test_with_one_customer_there_is_nobody_to_be_apart_from(workspace: SeatWorkspace) -> None:
    view = views.view(Presence.ON_CALL, talk=views.call(), about=views.case(StepKey.DISCLOSURE))
    show(workspace, w.State(view=view, media=w.Media(call_id="c1", lines={"p1": w.Line(peer="connected")})))
    assert {name for name in BUTTONS if named(workspace, f"party.{name}").isVisible()} == {"hold", "mute", "helper"}


def test_each_key_acts_on_the_one_before_the_agent(
    workspace: SeatWorkspace, qtbot: QtBot, monkeypatch: pytest.MonkeyPatch
) -> None:
    done: list[tuple[object, ...]] = []
    for name in ("mute", "talk_alone", "hold"):
        monkeypatch.setattr(workspace.desk, name, lambda *said, name=name: done.append((name, *said)))
    monkeypatch.setattr(workspace.desk, "turn_layout", lambda: done.append(("layout",)))
    show(workspace, crowd())
    for key in (Qt.Key.Key_U, Qt.Key.Key_G, Qt.Key.Key_H, Qt.Key.Key_V):
        qtbot.keyClick(workspace, key)  # type: ignore[no-untyped-call]
    show(workspace, crowd(focus="p3", alone_with="p2", muted=("p3",), p3=HELD))
    for key in (Qt.Key.Key_U, Qt.Key.Key_G, Qt.Key.Key_H):
        qtbot.keyClick(workspace, key)  # type: ignore[no-untyped-call]
    assert done == [
        ("mute", "p2", True), ("talk_alone", "p2"), ("hold", "p2", True), ("layout",),
        ("mute", "p3", False), ("talk_alone", None),
    ]  # fmt: skip


def test_who_is_muted_can_give_no_answer(workspace: SeatWorkspace) -> None:
    show(workspace, crowd(muted=("p2",)))
    assert not any(named(workspace, f"script.{name}").isEnabled() for name in ("yes", "no", "repeat", "nodded"))
    show(workspace, crowd())
    assert named(workspace, "script.yes").isEnabled()


def test_each_state_is_said_in_words() -> None:
    assert where_words(views.place("p1", muted=True), alone=False) == "已静音 · 通话中"
    assert where_words(views.place("p1", muted=True), alone=False, short=True) == "已静音", "room for the role"
    assert where_words(views.place("p1"), alone=True) == "单独谈话中"
    assert where_words(views.place("p1", DROPPED), alone=True) == "断线"
    call = views.call("c1", *(views.place(one) for one in PEOPLE))
    assert who_words(call) == "通话中 · 7 位当事人"
    assert who_words(call.model_copy(update={"alone_with": "p2"})) == "单独谈话 · 保证人 李*梅"
    assert who_words(call.model_copy(update={"alone_with": "gone"})) == "单独谈话 · 对方断线"


@pytest.mark.parametrize("word", ["light", "dark"])
def test_all_seven_are_to_be_seen(workspace: SeatWorkspace, qtbot: QtBot, word: str, tmp_path: Path) -> None:
    """Kept as a picture, to be looked at."""
    app = QApplication.instance()
    assert isinstance(app, QApplication)
    theme.apply(app, word)
    try:
        show(workspace, crowd(focus="p3", alone_with="p2", muted=("p2",), p7=DROPPED, p1=HELD, p3=HELD, p4=HELD))
        places_of(workspace, qtbot)
        workspace.grab().save(str(tmp_path / "crowd.png"))
        rows = [row for row in workspace.findChildren(QFrame) if row.isVisible()]
        numbers = {row.objectName().removeprefix("party.") for row in rows if row.objectName().startswith("party.")}
        assert len({number for number in numbers if number.isdigit()}) == 7
    finally:
        theme.apply(app, "light")


def test_however_much_is_said_of_a_line_no_button_is_pushed_out_of_the_column(
    workspace: SeatWorkspace, qtbot: QtBot
) -> None:
    app = QApplication.instance()
    assert isinstance(app, QApplication)
    theme.apply(app, "light")  # with its font, which is wider than the tests'
    state = crowd(muted=("p2",), alone_with="p2")
    bad = {one: w.Line(peer="connected", quality=views.quality(1, Cause.SEAT_NETWORK, one)) for one in PEOPLE}
    show(workspace, replace(state, media=replace(state.media, lines=bad)))
    qtbot.wait(80)
    area = next(area for area in workspace.case.findChildren(QScrollArea))
    assert area.widget().width() <= area.viewport().width()
    for name in BUTTONS:
        button = named(workspace, f"party.{name}")
        assert button.mapTo(workspace.case, QPoint(button.width(), 0)).x() <= workspace.case.width()


def row_of(workspace: SeatWorkspace, number: int) -> QFrame:
    """The newest: what it replaces goes a moment later."""
    return workspace.findChildren(QFrame, f"party.{number}")[-1]


def lines_of(workspace: SeatWorkspace, number: int) -> list[str]:
    row = row_of(workspace, number)
    return [one.text() for one in row.findChildren(QLabel)]


def with_lines(state: w.State, **bad: Cause) -> w.State:
    lines = {one: w.Line(peer="connected", quality=views.quality(1, cause, one)) for one, cause in bad.items()}
    return replace(state, media=replace(state.media, lines={**state.media.lines, **lines}))


def test_all_seven_are_in_view_without_scrolling(workspace: SeatWorkspace, qtbot: QtBot) -> None:
    app = QApplication.instance()
    assert isinstance(app, QApplication)
    theme.apply(app, "light")
    workspace.resize(1366, 768 - 48)  # the window's own head is above it
    bad = dict.fromkeys(PEOPLE, Cause.SEAT_BUSY)
    show(workspace, with_lines(crowd(focus="p7"), **bad))
    area = next(area for area in workspace.case.findChildren(QScrollArea))

    def seen() -> bool:
        row = row_of(workspace, 7)
        bottom = row.mapTo(area.viewport(), QPoint(0, row.height())).y()
        return row.height() > 40 and 0 < bottom <= area.viewport().height()

    qtbot.waitUntil(seen, timeout=20_000)
    assert area.verticalScrollBar().value() == 0


def test_a_line_that_changes_moves_nobody_else_and_stands_there_at_once(workspace: SeatWorkspace) -> None:
    show(workspace, crowd(focus="p1"))
    before = [row_of(workspace, number) for number in range(1, 8)]
    show(workspace, with_lines(crowd(focus="p1"), p3=Cause.LOSSY))
    after = [row_of(workspace, number) for number in range(1, 8)]
    assert [number for number, (old, new) in enumerate(zip(before, after, strict=True), 1) if old is not new] == [3]
    assert after[2].isVisible()
    assert after[2].geometry() == before[2].geometry()
    show(workspace, crowd(focus="p3"))
    assert [row_of(workspace, number).property("chosen") for number in (1, 3)] == [False, True]


def test_who_is_no_party_any_more_has_no_row(workspace: SeatWorkspace) -> None:
    show(workspace, crowd())
    view = views.view(Presence.ON_CALL, talk=views.call(), about=views.case(StepKey.DISCLOSURE))
    show(workspace, w.State(view=view, media=w.Media(call_id="c1", lines={"p1": w.Line(peer="connected")})))
    assert [row.isVisible() for row in workspace.findChildren(QFrame, "party.2")] in ([], [False])
    assert row_of(workspace, 1).isVisible()


def test_of_many_each_stands_on_one_line_and_the_one_before_the_agent_on_two(workspace: SeatWorkspace) -> None:
    show(workspace, with_lines(crowd(p7=DROPPED), p3=Cause.LOSSY, p2=Cause.LOSSY))
    assert sorted(lines_of(workspace, 3)) == ["Ctrl+3", "保证人", "步骤2", "陈*3"], "the dot says where"
    assert "丢包" in row_of(workspace, 3).findChildren(LineBars)[0].toolTip()
    assert {"手机在线", "断线"} <= set(lines_of(workspace, 7)), "without bars the word stands"
    assert "线路很差 · 丢包" in lines_of(workspace, 2)
    assert ADVICE[Cause.LOSSY].text in lines_of(workspace, 2)


def test_what_the_seat_is_to_do_is_said_once_for_all(workspace: SeatWorkspace) -> None:
    show(workspace, with_lines(crowd(), p2=Cause.SEAT_BUSY, p3=Cause.SEAT_BUSY, p4=Cause.LOSSY))
    assert text_of(workspace, "party.shared") == ADVICE[Cause.SEAT_BUSY].text
    assert not any("本席位" in line for number in range(1, 8) for line in lines_of(workspace, number))
    show(workspace, with_lines(crowd(), p2=Cause.SEAT_BUSY))
    assert not any(one.isVisible() for one in workspace.findChildren(QLabel, "party.shared"))
    assert ADVICE[Cause.SEAT_BUSY].text in lines_of(workspace, 2)


def test_the_button_names_the_arrangement(workspace: SeatWorkspace) -> None:
    words = set()
    for layout in Layout:
        state = crowd()
        show(workspace, replace(state, media=replace(state.media, layout=layout)))
        words.add(named(workspace, "call.layout").text())
    assert words == {"画面自动", "画面均分", "画面主讲"}


def test_a_long_role_and_a_step_have_room_on_one_line(workspace: SeatWorkspace, qtbot: QtBot) -> None:
    """With four parties: nothing of the row of a co-borrower ends in an ellipsis."""
    app = QApplication.instance()
    assert isinstance(app, QApplication)
    theme.apply(app, "light")
    others = [views.party(one, PartyState.IDENTIFIED) for one in PEOPLE[1:4]]
    others[0] = others[0].model_copy(update={"role_title": "共同借款人"})
    view = views.view(
        Presence.ON_CALL,
        talk=views.call("c1", *(views.place(one) for one in PEOPLE[:4])),
        about=views.case(StepKey.DISCLOSURE, others=others),
    )
    lines = {one: w.Line(peer="connected", quality=views.quality(4, Cause.FINE, one)) for one in PEOPLE[:4]}
    show(workspace, w.State(view=view, media=w.Media(call_id="c1", lines=lines)))

    def whole() -> bool:
        words = row_of(workspace, 2).findChildren(Elided)
        return {one.text() for one in words} == {"共借人", "步骤2"} and all(
            one.width() >= one.fontMetrics().horizontalAdvance(one.text()) for one in words
        )

    qtbot.waitUntil(whole)


def test_what_is_locked_says_why_once_with_its_numbers() -> None:
    steps = views.steps(StepKey.DISCLOSURE)
    steps[1] = steps[1].model_copy(update={"reason": "保证人 李*梅：身份已核验"})
    assert reasons(steps) == [
        ("第 2 步：保证人 李*梅：身份已核验", None),
        ("第 3-6 步未开放：先完成前一步", None),
    ]
    assert reasons([step.model_copy(update={"reason": ""}) for step in steps]) == []
