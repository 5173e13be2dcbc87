"""The papers beside the stage: whose page is followed, who is led, and what is sent of it."""

from dataclasses import replace
from pathlib import Path

import pytest
from PySide6.QtCore import QPoint, QSize, Qt
from PySide6.QtGui import QPainter, QPdfWriter
from PySide6.QtWidgets import QApplication, QLabel
from pytestqt.qtbot import QtBot

from desktop.bridge import Trouble
from desktop.model import leading
from desktop.model import workspace as w
from desktop.seat.workspace import SeatWorkspace
from desktop.widgets.paperpage import PaperPage
from signing.wire.call import CallPartyState
from signing.wire.case import DocumentState, DocumentView, PartyState, StepKey
from signing.wire.signal import Lead
from signing.wire.staff import Presence
from tests.unit.desktop import looking, views
from tests.unit.desktop.test_seat_panels import CONNECTED, named, show

SHARED = views.document().model_copy(
    update={"signers": ["p1", "p2", "p3"], "on_screen_by": {"p1": 3, "p2": 1}, "signed_by": ["p3"]}
)
OWN = views.document().model_copy(update={"document_id": "d2", "kind": "consent", "title": "同意书", "signers": ["p2"]})


def reading(focus: str = "p1", **states: CallPartyState) -> w.State:
    places = [views.place(one, states.get(one, CallPartyState.LIVE)) for one in ("p1", "p2", "p3")]
    others = [views.party("p2", PartyState.INFORMED), views.party("p3", PartyState.READ)]
    about = views.case(StepKey.READING, others=others).model_copy(update={"documents": [SHARED, OWN]})
    view = views.view(Presence.ON_CALL, talk=views.call("c1", *places), about=about)
    return w.State(view=view, media=CONNECTED, focus=focus)


def test_the_paper_in_the_hand_of_whom_the_agent_turned_to_is_shown_unless_another_was_opened() -> None:
    assert leading.chosen(reading(), "") == SHARED
    assert leading.chosen(reading(), "d2") == OWN
    assert leading.chosen(reading("p2"), "gone") == SHARED
    assert leading.chosen(w.State(), "") is None
    void = SHARED.model_copy(update={"state": DocumentState.VOID})
    state = reading("p2")
    assert state.view is not None
    assert state.case is not None
    case = state.case.model_copy(update={"documents": [void, OWN]})
    assert leading.chosen(replace(state, view=state.view.model_copy(update={"case": case})), "") == OWN


def test_the_page_followed_is_that_of_whom_the_agent_turned_to() -> None:
    assert leading.page_of(reading(), SHARED) == 3
    assert leading.page_of(reading("p2"), SHARED) == 1
    assert leading.page_of(reading("p3"), SHARED) == 1
    assert leading.page_of(reading(), SHARED.model_copy(update={"pages": 2})) == 2
    assert leading.whereabouts(reading(), SHARED) == "王*国在第 3 页，李*梅在第 1 页，陈*3已签"


@pytest.mark.parametrize("state", [CallPartyState.DROPPED, CallPartyState.HELD, CallPartyState.WAITING])
def test_led_are_those_in_the_call_who_have_still_to_sign_it(state: CallPartyState) -> None:
    assert [one.party_id for one in leading.led(reading(), SHARED)] == ["p1", "p2"]
    assert [one.party_id for one in leading.led(reading(p2=state), SHARED)] == ["p1"]
    assert [one.party_id for one in leading.led(reading(), OWN)] == ["p2"]


def test_what_is_pointed_at_stays_within_the_page() -> None:
    assert leading.drawn(0.5, 0.5, 0.505, 0.505) == leading.Mark("point", 0.505, 0.505)
    mark = leading.drawn(-0.2, 0.9, 0.4, 1.7)
    assert (mark.kind, mark.x, mark.y, mark.w, round(mark.h, 6)) == ("mark", 0.0, 0.9, 0.4, 0.1)
    frames = leading.frames(reading(), SHARED, 2, leading.drawn(0.6, 0.6, 0.2, 0.3))
    assert [(one.party_id, one.kind, one.page, one.x, one.y) for one in frames] == [
        ("p1", "mark", 2, 0.2, 0.3), ("p2", "mark", 2, 0.2, 0.3),
    ]  # fmt: skip
    assert leading.frames(w.State(), SHARED, 1, leading.NOTHING) == []


@pytest.fixture
def fetched(workspace: SeatWorkspace, monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> list[str]:
    """A paper of four pages for every path that is asked for."""
    asked: list[str] = []
    target = tmp_path / "paper.pdf"
    writer = QPdfWriter(str(target))
    painter = QPainter(writer)
    for page in range(1, 5):
        painter.drawText(400, 400, f"page {page}")
        if page < 4:
            writer.newPage()
    painter.end()

    async def get_bytes(path: str) -> bytes:
        asked.append(path)
        return target.read_bytes()

    monkeypatch.setattr(workspace.desk.client, "get_bytes", get_bytes)
    return asked


@pytest.fixture
def sent(workspace: SeatWorkspace, monkeypatch: pytest.MonkeyPatch) -> list[Lead]:
    told: list[Lead] = []
    monkeypatch.setattr(workspace.desk, "lead", told.extend)
    return told


def opened(workspace: SeatWorkspace, qtbot: QtBot) -> None:
    show(workspace, reading())
    qtbot.keyClick(workspace, Qt.Key.Key_L)  # type: ignore[no-untyped-call]
    qtbot.waitUntil(lambda: workspace.paper.page.pages == 4)


@pytest.mark.usefixtures("fetched")
def test_the_key_opens_it_beside_the_stage_at_the_customers_page(workspace: SeatWorkspace, qtbot: QtBot) -> None:
    opened(workspace, qtbot)
    pane = workspace.paper
    assert (pane.isVisible(), pane.page.pages, pane.page.page) == (True, 4, 3)
    show(workspace, reading("p2"))
    assert pane.page.page == 1
    qtbot.keyClick(workspace, Qt.Key.Key_L)  # type: ignore[no-untyped-call]
    assert not pane.isVisible()


@pytest.mark.usefixtures("fetched")
def test_leading_turns_their_pages_points_and_ends(workspace: SeatWorkspace, qtbot: QtBot, sent: list[Lead]) -> None:
    opened(workspace, qtbot)
    pane = workspace.paper
    qtbot.keyClick(workspace, Qt.Key.Key_K)  # type: ignore[no-untyped-call]
    assert [(one.party_id, one.kind, one.page) for one in sent] == [("p1", "page", 3), ("p2", "page", 3)]
    qtbot.keyClick(workspace, Qt.Key.Key_PageDown)  # type: ignore[no-untyped-call]
    qtbot.waitUntil(lambda: sent[-1].page == 4)
    show(workspace, reading())
    assert pane.page.page == 4, "the customer's page does not pull the one who leads"
    near, far = QPoint(pane.page.width() // 4, 40), QPoint(pane.page.width() // 2, 80)
    qtbot.mousePress(pane.page, Qt.MouseButton.LeftButton, pos=near)  # type: ignore[no-untyped-call]
    qtbot.mouseMove(pane.page, far)  # type: ignore[no-untyped-call]
    qtbot.mouseRelease(pane.page, Qt.MouseButton.LeftButton, pos=far)  # type: ignore[no-untyped-call]
    qtbot.waitUntil(lambda: sent[-1].kind == "mark")
    assert sent[-1].x == pytest.approx(near.x() / pane.page.width(), abs=0.02)
    assert sent[-1].w == pytest.approx((far.x() - near.x()) / pane.page.width(), abs=0.02)
    qtbot.keyClick(workspace, Qt.Key.Key_K)  # type: ignore[no-untyped-call]
    assert [one.kind for one in sent[-2:]] == ["over", "over"]


@pytest.mark.usefixtures("fetched")
def test_without_leading_a_hand_on_the_page_tells_nobody(
    workspace: SeatWorkspace, qtbot: QtBot, sent: list[Lead]
) -> None:
    opened(workspace, qtbot)
    qtbot.mouseClick(workspace.paper.page, Qt.MouseButton.LeftButton)  # type: ignore[no-untyped-call]
    named(workspace, "paper.before").click()
    assert sent == []


@pytest.mark.usefixtures("fetched")
def test_leading_ends_when_nobody_can_be_led_or_the_call_is_over(
    workspace: SeatWorkspace, qtbot: QtBot, sent: list[Lead]
) -> None:
    opened(workspace, qtbot)
    named(workspace, "paper.lead").click()
    show(workspace, reading(p1=CallPartyState.DROPPED, p2=CallPartyState.DROPPED))
    assert not workspace.paper.leads
    assert not named(workspace, "paper.lead").isEnabled()
    show(workspace, w.State(view=views.view()))
    assert not workspace.paper.isVisible()
    assert not workspace.paper._again.isActive()


def test_a_new_signature_brings_the_paper_anew(workspace: SeatWorkspace, qtbot: QtBot, fetched: list[str]) -> None:
    opened(workspace, qtbot)
    show(workspace, reading())
    assert len(fetched) == 1, "the same revision is fetched once"
    signed = SHARED.model_copy(update={"current_sha256": views.digest("c")})
    state = reading()
    assert state.view is not None
    assert state.case is not None
    case = state.case.model_copy(update={"documents": [signed, OWN]})
    show(workspace, replace(state, view=state.view.model_copy(update={"case": case})))
    qtbot.waitUntil(lambda: len(fetched) == 2)
    workspace.paper._came(views.digest("b"), b"late")
    assert workspace.paper.page.pages == 4, "an answer that is overtaken changes nothing"
    where = workspace.paper.findChild(QLabel, "paper.which")
    assert where is not None
    assert where.text() == "第 3 页，共 4 页"


@pytest.mark.usefixtures("fetched")
def test_no_height_of_the_window_makes_page_and_scroll_bar_chase_each_other(
    workspace: SeatWorkspace, qtbot: QtBot, monkeypatch: pytest.MonkeyPatch
) -> None:
    opened(workspace, qtbot)
    area, draw, depth, deepest = workspace.paper._area, PaperPage._draw, [0], [0]

    def counted(page: PaperPage) -> None:
        deepest[0] = max(deepest[0], depth[0] + 1)
        if depth[0] < 4:  # deeper would end the process
            depth[0] += 1
            draw(page)
            depth[0] -= 1

    monkeypatch.setattr(PaperPage, "_draw", counted)
    area.setMinimumSize(0, 0)
    for height in range(area.width() * 4 // 3, area.width() * 3 // 2, 2):
        area.resize(area.width(), height)
        QApplication.processEvents()
    assert deepest[0] <= 1, "a page that is drawn made itself be drawn again"


@pytest.mark.usefixtures("fetched")
def test_a_page_that_the_agent_turned_to_stays_until_the_customer_turns_one(
    workspace: SeatWorkspace, qtbot: QtBot
) -> None:
    opened(workspace, qtbot)
    qtbot.keyClick(workspace, Qt.Key.Key_PageUp)  # type: ignore[no-untyped-call]
    show(workspace, reading())
    assert workspace.paper.page.page == 2, "a push that has nothing to do with it turned the agent's page back"
    show(workspace, with_papers(reading(), SHARED.model_copy(update={"on_screen_by": {"p1": 4}}), OWN))
    assert workspace.paper.page.page == 4


@pytest.mark.usefixtures("fetched")
def test_under_another_papers_title_nothing_of_the_one_before_is_seen(workspace: SeatWorkspace, qtbot: QtBot) -> None:
    opened(workspace, qtbot)
    other = OWN.model_copy(update={"current_sha256": views.digest("e"), "signers": ["p1", "p2"]})
    show(workspace, with_papers(reading(), SHARED, other))
    workspace.paper.open_paper("d2")
    assert workspace.paper.page.pages == 0, "the former paper stands under the new one's title"
    qtbot.waitUntil(lambda: workspace.paper.page.pages == 4)


@pytest.mark.usefixtures("fetched")
def test_who_leads_stays_in_the_paper_whomever_they_turn_to(
    workspace: SeatWorkspace, qtbot: QtBot, sent: list[Lead]
) -> None:
    opened(workspace, qtbot)
    first = SHARED.model_copy(update={"signers": ["p1", "p3"]})
    show(workspace, with_papers(reading(), first, OWN))
    named(workspace, "paper.lead").click()
    workspace.paper._point(0.1, 0.1, 0.5, 0.5)
    show(workspace, with_papers(reading("p2"), first, OWN))
    assert workspace.paper._shown is not None
    assert workspace.paper._shown.document_id == "d1"
    workspace.paper._send()
    assert {(one.document_id, one.party_id) for one in sent} == {("d1", "p1")}


@pytest.mark.usefixtures("fetched")
def test_what_was_pointed_at_in_one_paper_is_not_pointed_at_in_the_next(
    workspace: SeatWorkspace, qtbot: QtBot, sent: list[Lead]
) -> None:
    opened(workspace, qtbot)
    named(workspace, "paper.lead").click()
    workspace.paper._point(0.1, 0.1, 0.5, 0.5)
    show(workspace, with_papers(reading("p2"), SHARED.model_copy(update={"state": DocumentState.VOID}), OWN))
    assert not workspace.paper.leads, "nobody asked to be led through this one"
    assert workspace.paper._mark == leading.NOTHING
    assert "d2" not in {one.document_id for one in sent}


def test_that_a_paper_does_not_come_is_said_until_it_has(
    workspace: SeatWorkspace, qtbot: QtBot, fetched: list[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    opened(workspace, qtbot)
    whole = workspace.desk.client.get_bytes

    async def fails(_: str) -> bytes:
        raise Trouble("连不上服务")

    signed = SHARED.model_copy(update={"current_sha256": views.digest("c")})
    where = workspace.paper.findChild(QLabel, "paper.where")
    assert where is not None
    monkeypatch.setattr(workspace.desk.client, "get_bytes", fails)
    show(workspace, with_papers(reading(), signed, OWN))
    qtbot.waitUntil(lambda: where.text() == "连不上服务")
    show(workspace, with_papers(reading(), signed, OWN))
    assert where.text() == "连不上服务", "the next news wipes away that this is not the newest"
    workspace.paper._failed(views.digest("b"), Trouble("太晚的"))
    assert where.text() == "连不上服务"
    monkeypatch.setattr(workspace.desk.client, "get_bytes", whole)
    qtbot.waitUntil(lambda: workspace.paper._revision == "")
    show(workspace, with_papers(reading(), signed, OWN))
    qtbot.waitUntil(lambda: "在第 3 页" in where.text())
    assert len(fetched) == 2


BODY = 12 / 595
"""Type of 12 points in shares of a page's width."""
SMALL = QSize(1366, 640)
"""What a window of 1366 × 728 leaves to the workspace."""


@pytest.mark.usefixtures("fetched")
@pytest.mark.parametrize("size", [SMALL, QSize(1280, 660)])
def test_an_open_paper_has_two_thirds_of_the_room_and_is_legible_enlarged(
    workspace: SeatWorkspace, qtbot: QtBot, size: QSize
) -> None:
    """1280 points are what is left of a screen of 1920 at 150 %."""
    workspace.resize(size)
    opened(workspace, qtbot)
    pane, area = workspace.paper, workspace.paper._area
    looking.settle(workspace)
    assert pane.width() > 2 * workspace.stage.width()
    whole = pane.page.width()
    assert whole == area.viewport().width()
    qtbot.keyClick(workspace, Qt.Key.Key_Z)  # type: ignore[no-untyped-call]
    looking.settle(workspace)
    assert pane.page.width() * BODY >= max(12.0, 1.15 * whole * BODY)
    text = pane.page.width() * 170 / 210
    assert text <= area.viewport().width(), "a line of text has to be scrolled to and fro"
    assert area.horizontalScrollBar().value() <= (pane.page.width() - text) / 2
    qtbot.keyClick(workspace, Qt.Key.Key_Z)  # type: ignore[no-untyped-call]
    looking.settle(workspace)
    assert pane.page.width() == whole


@pytest.mark.usefixtures("fetched")
def test_type_is_as_high_enlarged_in_the_smallest_window(workspace: SeatWorkspace, qtbot: QtBot) -> None:
    workspace.resize(1093, 520)
    opened(workspace, qtbot)
    qtbot.keyClick(workspace, Qt.Key.Key_Z)  # type: ignore[no-untyped-call]
    looking.settle(workspace)
    assert workspace.paper.page.width() * BODY >= 12.0
    assert workspace.paper._area.height() > workspace.paper.height() / 2


@pytest.mark.usefixtures("fetched")
def test_what_is_pointed_at_in_an_enlarged_page_is_where_the_hand_is(
    workspace: SeatWorkspace, qtbot: QtBot, sent: list[Lead]
) -> None:
    workspace.resize(SMALL)
    opened(workspace, qtbot)
    qtbot.keyClick(workspace, Qt.Key.Key_K)  # type: ignore[no-untyped-call]
    qtbot.keyClick(workspace, Qt.Key.Key_Z)  # type: ignore[no-untyped-call]
    looking.settle(workspace)
    area, page = workspace.paper._area, workspace.paper.page
    edge = page.mapFrom(area.viewport(), QPoint(0, 0))
    qtbot.mouseClick(page, Qt.MouseButton.LeftButton, pos=edge)  # type: ignore[no-untyped-call]
    qtbot.waitUntil(lambda: sent[-1].kind == "point")
    assert sent[-1].x == pytest.approx(46 / 595, abs=0.005), "the margin is out of sight, and belongs to the page"
    before = page._mark
    qtbot.keyClick(workspace, Qt.Key.Key_Z)  # type: ignore[no-untyped-call]
    assert page._mark == before
    assert sent[-1].kind == "point"


@pytest.mark.usefixtures("fetched")
def test_arrow_keys_scroll_the_page_wherever_the_focus_rests(workspace: SeatWorkspace, qtbot: QtBot) -> None:
    workspace.resize(SMALL)
    opened(workspace, qtbot)
    workspace.setFocus()
    bar = workspace.paper._area.verticalScrollBar()
    qtbot.keyClick(workspace, Qt.Key.Key_Z)  # type: ignore[no-untyped-call]
    looking.settle(workspace)
    bar.setValue(0)
    qtbot.keyClick(workspace, Qt.Key.Key_Down)  # type: ignore[no-untyped-call]
    assert bar.value() > 0
    qtbot.keyClick(workspace, Qt.Key.Key_Up)  # type: ignore[no-untyped-call]
    assert bar.value() == 0


def with_papers(state: w.State, *documents: DocumentView) -> w.State:
    assert state.view is not None
    assert state.case is not None
    case = state.case.model_copy(update={"documents": list(documents)})
    return replace(state, view=state.view.model_copy(update={"case": case}))
