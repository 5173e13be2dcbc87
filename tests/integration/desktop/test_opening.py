"""The opening window over the real service: a case from the product to its links, drafts that outlive the window."""

import asyncio
import json
import os
import threading
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import httpx
import pytest
from PySide6.QtCore import Qt
from PySide6.QtGui import QGuiApplication
from PySide6.QtWidgets import QApplication, QLabel, QMessageBox, QPushButton
from pytestqt.qtbot import QtBot

from desktop.bridge import Bridge
from desktop.client import Client
from desktop.opening.form import Typed
from desktop.opening.roster import RosterDialog
from desktop.opening.window import OpeningWindow
from desktop.widgets import theme
from signing.wire.opening import HouseholdsFound
from tests.integration.desktop.office import Service, service
from tests.integration.desktop.test_joint import window
from tests.integration.web.running import BORROWER, PASSWORDS


@pytest.fixture(scope="module")
def office(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Service]:
    with service(tmp_path_factory.mktemp("opening") / "service") as running:
        yield running


@pytest.fixture
def bridge() -> Iterator[Bridge]:
    made = Bridge()
    yield made
    made.close()


@pytest.fixture(autouse=True)
def dressed(qapp: QApplication) -> None:
    theme.apply(qapp, "light")


@pytest.fixture
def client(bridge: Bridge, office: Service) -> Iterator[Client]:
    made = Client(office.url)
    login = {"username": "zhang", "password": PASSWORDS["zhang"]}
    made.token = httpx.post(f"{office.url}/api/staff/login", json=login, timeout=60).json()["token"]
    yield made
    bridge.finish(made.close())


class Agent:
    """Sits before the window: writes into fields by their place in the message, presses what can be pressed."""

    def __init__(self, window: OpeningWindow, qtbot: QtBot) -> None:
        self.window, self.qtbot = window, qtbot

    def until(self, ready: Callable[[], object], what: str) -> None:
        def met() -> None:
            shown = [one.text() for one in self.window.findChildren(QLabel) if one.isVisible() and one.text()]
            assert ready(), f"{what}; the window says: {' | '.join(shown)}"

        self.qtbot.waitUntil(met, timeout=60_000)

    def press(self, name: str) -> None:
        def button() -> QPushButton | None:
            found = [one for one in self.window.findChildren(QPushButton, name) if one.isVisible()]
            return found[0] if found and found[0].isEnabled() else None

        self.until(button, f"no button {name} to press")
        made = button()
        assert made is not None
        self.qtbot.mouseClick(made, Qt.MouseButton.LeftButton)  # type: ignore[no-untyped-call]

    def choose(self, product: str) -> None:
        self.until(lambda: self.window.picker.list.count(), "no products")
        self.window.picker.text.setText(product)
        self.press("opening.begin")
        self.until(lambda: self.window.pages.currentWidget() is self.window.filling, "no form")

    def write(self, **texts: str) -> None:
        """``parties__0__name``: two underscores for a dot."""
        for name, text in texts.items():
            path = name.replace("__", ".")
            view = self.window.filling.view
            line = view.row_at(path) if view is not None else None
            assert line is not None, path
            line.write(text)

    def line(self, path: str) -> str:
        view = self.window.filling.view
        row = view.row_at(path) if view is not None else None
        return row.line.text() if row is not None else ""

    @property
    def typed(self) -> Typed:
        made = self.window.filling.typed
        assert made is not None
        return made

    @property
    def sentence(self) -> str:
        return self.window.filling.sentence.text()

    def keep(self, name: str) -> None:
        """A picture to look at, where a folder for it is given."""
        if folder := os.environ.get("SCREENS"):
            QApplication.processEvents()
            shown = QApplication.activeModalWidget() or self.window
            self.window.grab().save(str(Path(folder) / f"opening-{name}.png"))
            if shown is not self.window:
                shown.grab().save(str(Path(folder) / f"opening-{name}-dialog.png"))


def opened(bridge: Bridge, client: Client, folder: Path, qtbot: QtBot) -> Agent:
    window = OpeningWindow(bridge, client, folder)
    qtbot.addWidget(window, before_close_func=lambda made: made.end())
    window.show()
    return Agent(window, qtbot)


LOAN = {
    "amount": "180,000.00", "annual_rate_percent": "3.85", "term_months": "12", "repayment_method": "interest_first",
    "purpose": "购买茶苗与肥料", "account": "6217 0000 0000 0000 000",
}  # fmt: skip
ME = {
    "parties__0__name": BORROWER.name, "parties__0__id_number": BORROWER.id_number.lower(),
    "parties__0__phone": BORROWER.phone, "parties__0__address": BORROWER.address,
}  # fmt: skip


@pytest.mark.timeout(300)
def test_a_case_from_the_product_to_its_links(
    bridge: Bridge, client: Client, tmp_path: Path, qtbot: QtBot, office: Service
) -> None:
    agent = opened(bridge, client, tmp_path / "drafts", qtbot)
    agent.until(lambda: agent.window.picker.list.count(), "no products")
    agent.keep("1-products")
    agent.choose("信用村")
    agent.until(lambda: "还差" in agent.sentence, "nothing is missing")
    agent.keep("2-empty")
    wrong = {"parties__0__id_number": "110105194912310021", "parties__0__phone": "1380"}
    agent.write(amount="500000", annual_rate_percent="30", term_months="48", **wrong)
    agent.until(lambda: "金额须在" in agent.line("amount"), "the amount's rule is not told in its place")
    agent.until(lambda: "期限须在" in agent.line("term_months"), "the term's rule is not told in its place")
    assert agent.line("parties.0.id_number") == "身份证号校验不通过，请逐位核对"
    assert agent.line("parties.0.phone").startswith("手机号应为 11 位")
    assert not agent.window.filling.ok.isEnabled()
    agent.keep("3-wrong")
    agent.write(**LOAN, **ME)
    agent.until(lambda: "人民币壹拾捌万元整" in agent.line("amount"), "no capital numerals")
    agent.until(lambda: "老年客户" in agent.line("parties.0.id_number"), "no mark of the elderly")
    agent.until(agent.window.filling.ok.isEnabled, "it cannot be opened")
    _papers(agent)
    draft = next((tmp_path / "drafts").iterdir())
    for secret in (BORROWER.name.encode(), BORROWER.id_number.encode(), BORROWER.phone.encode()):
        assert secret not in draft.read_bytes()
    agent.press("opening.ok")
    agent.until(lambda: agent.window.invited.rows, "no invitations")
    assert list((tmp_path / "drafts").iterdir()) == [], "the draft of what is opened is gone"
    _links(agent, office)


def _papers(agent: Agent) -> None:
    beside = agent.window.filling.beside
    beside.setCurrentIndex(1)
    agent.until(lambda: beside.papers.count() == 3, "no papers")
    assert beside.page.page_count > 1
    assert "借款合同" in " ".join(beside.papers.item(n).text() for n in range(beside.papers.count()))
    beside.papers.setCurrentRow(2)
    agent.qtbot.wait(3000 if os.environ.get("SCREENS") else 0)  # pages are drawn behind
    agent.keep("4-preview")
    beside.setCurrentIndex(2)
    assert beside.plan.rowCount() == 12
    agent.keep("5-plan")
    beside.setCurrentIndex(0)


def _links(agent: Agent, office: Service) -> None:
    (made,) = agent.window.invited.rows
    agent.until(lambda: "还没有发送" in made.state.text(), "the state of the link is not told")
    agent.press("invited.1.copy_text")
    text = QGuiApplication.clipboard().text()
    assert made.url.text() in text
    assert BORROWER.name in text
    agent.press("invited.1.send")
    agent.until(lambda: "短信已发送" in made.state.text(), "it was not sent")
    assert "演示" in made.state.text()
    sent = httpx.get(f"{office.url}/demo/messages.json", timeout=60).json()
    assert made.url.text() in str(sent)
    capability = {"capability": made.url.text().partition("#")[2]}
    httpx.post(f"{office.url}/api/phone/code", json=capability, timeout=60).raise_for_status()
    agent.until(lambda: made.badge.text == "已打开", "that it was opened is not told")
    agent.keep("8-invited")


@pytest.mark.timeout(300)
def test_a_draft_outlives_its_window_and_is_gone_on_with(
    bridge: Bridge, client: Client, tmp_path: Path, qtbot: QtBot, qapp: QApplication
) -> None:
    agent = opened(bridge, client, tmp_path, qtbot)
    agent.choose("多人担保")
    agent.write(**LOAN, **ME)
    agent.until(lambda: list(tmp_path.glob("*.draft")), "no draft was kept")
    agent.press("parties.add.co_borrower")
    number = agent.typed.count("parties") - 1
    agent.write(**{f"parties__{number}__name": "丁大山"})
    kept = next(tmp_path.glob("*.draft"))
    before = kept.stat().st_mtime_ns
    agent.until(lambda: kept.stat().st_mtime_ns > before, "the newest stroke was not kept")
    # killed: neither closed nor told to keep anything
    agent.window.hide()
    again = opened(bridge, client, tmp_path, qtbot)
    again.until(lambda: [one for one in again.window.findChildren(QPushButton) if one.text() == "接着填写"], "no draft")
    theme.apply(qapp, "dark")
    again.keep("6-drafts-dark")
    again.press(f"opening.draft.{kept.stem}")
    again.until(lambda: again.window.filling.view, "no form")
    assert again.typed.value("parties.0.name") == BORROWER.name
    assert again.typed.value(f"parties.{number}.name") == "丁大山"
    again.until(lambda: "LPR" in again.line("annual_rate_percent") or again.line("amount"), "it is not checked again")
    again.qtbot.wait(600)
    again.keep("7-form-dark")
    theme.apply(qapp, "light")


@pytest.mark.timeout(300)
def test_a_household_of_the_roster_fills_a_person_in(
    bridge: Bridge, client: Client, tmp_path: Path, qtbot: QtBot
) -> None:
    agent = opened(bridge, client, tmp_path, qtbot)
    agent.choose("信用村")
    agent.press("parties.0.find")
    dialog = agent.window.findChild(RosterDialog)
    assert isinstance(dialog, RosterDialog)
    dialog.text.setText("秀兰")
    agent.until(lambda: dialog.rows.count() == 1, "nobody was found")
    assert BORROWER.id_number not in dialog.rows.item(0).text()
    agent.keep("9-roster")
    dialog.text.setText("秀")
    assert not dialog.ok.isEnabled(), "whom other words have found can be filled in"
    dialog._show(HouseholdsFound(rows=[]), dialog._asked - 1)
    assert dialog.words.text() == "", "an answer to the words before is shown"
    dialog.text.setText("秀兰")
    agent.until(dialog.ok.isEnabled, "nobody was found again")
    dialog.ok.click()
    agent.until(lambda: agent.typed.value("parties.0.name") == BORROWER.name, "nobody was filled in")
    assert agent.typed.value("parties.0.id_number") == BORROWER.id_number


@pytest.mark.timeout(300)
def test_closing_asks_where_something_was_typed_and_a_call_locks_the_opening(
    bridge: Bridge, client: Client, tmp_path: Path, qtbot: QtBot
) -> None:
    agent = opened(bridge, client, tmp_path, qtbot)
    agent.choose("信用村")
    agent.write(**LOAN, **ME)
    agent.until(agent.window.filling.ok.isEnabled, "it cannot be opened")
    agent.window.set_call(live=True, rings=False)
    assert not agent.window.filling.ok.isEnabled()
    assert "通话结束后再建立" in agent.sentence
    agent.window.set_call(live=False, rings=True)
    assert "客户来电" in agent.window.banner.words.text()
    agent.keep("10-rings")
    agent.window.set_call(live=False, rings=False)
    agent.until(agent.window.filling.ok.isEnabled, "the lock stays")
    qtbot.keyClick(agent.window, Qt.Key.Key_Escape)  # type: ignore[no-untyped-call]
    (asked,) = agent.window.findChildren(QMessageBox)
    assert agent.window.isVisible()
    agent.keep("11-close")
    next(one for one in asked.buttons() if one.text() == "不保留").click()
    agent.until(lambda: not agent.window.isVisible(), "it stays open")
    assert list(tmp_path.glob("*.draft")) == []


@pytest.mark.timeout(300)
def test_an_answer_that_is_lost_and_asked_for_again_makes_one_case(
    bridge: Bridge, client: Client, tmp_path: Path, qtbot: QtBot
) -> None:
    """The service opens the case and its answer does not arrive; the agent presses again, with the draft it had."""
    agent, lost, before = opened(bridge, client, tmp_path, qtbot), list[str](), cases_of_the_borrower(client)

    async def lose(answer: httpx.Response) -> None:
        if answer.request.url.path == "/api/cases" and not lost:
            lost.append((await answer.aread()).decode())
            raise httpx.ReadError("the line broke")

    client._http.event_hooks = {"response": [lose]}
    agent.choose("信用村")
    agent.write(**LOAN, **ME)
    agent.until(agent.window.filling.ok.isEnabled, "it cannot be opened")
    agent.press("opening.ok")
    agent.until(lambda: lost and agent.window.filling.ok.isEnabled(), "it cannot be sent again")
    agent.press("opening.ok")
    agent.until(lambda: agent.window.invited.rows, "no invitations")
    first, second = json.loads(lost[0]), agent.window.invited.rows[0].url.text()
    assert cases_of_the_borrower(client) - before == {first["case"]["case_id"]}
    assert second != first["invitations"][0]["url"], "a link is told once"
    capability = {"capability": second.partition("#")[2]}
    assert httpx.post(f"{client.server}/api/phone/code", json=capability, timeout=60).status_code == 200
    agent.window.end()  # the states of the links are asked for again and again


def cases_of_the_borrower(client: Client) -> set[str]:
    found = httpx.get(
        f"{client.server}/api/seat/cases", params={"q": BORROWER.name},
        headers={"Authorization": f"Bearer {client.token}"}, timeout=60,
    ).json()  # fmt: skip
    return {row["case_id"] for row in found["rows"]}


@pytest.mark.timeout(300)
def test_while_a_case_is_on_its_way_nothing_is_typed_and_the_window_stays(
    bridge: Bridge, client: Client, tmp_path: Path, qtbot: QtBot, monkeypatch: pytest.MonkeyPatch
) -> None:
    agent, post, may_go = opened(bridge, client, tmp_path, qtbot), client.post, threading.Event()

    async def held(path: str, *args: Any, **named: Any) -> Any:
        if path == "/api/cases":
            await asyncio.to_thread(may_go.wait, 60)
        return await post(path, *args, **named)

    monkeypatch.setattr(client, "post", held)
    agent.choose("信用村")
    agent.write(**LOAN, **ME)
    agent.until(agent.window.filling.ok.isEnabled, "it cannot be opened")
    agent.press("opening.ok")
    qtbot.keyClick(agent.window, Qt.Key.Key_Escape)  # type: ignore[no-untyped-call]
    assert agent.window.isVisible()
    assert agent.window.findChildren(QMessageBox) == [], "it offers a draft of what is being opened"
    view = agent.window.filling.view
    assert view is not None
    assert not view.isEnabled(), "what is typed now would be in no case"
    assert not agent.window.filling.other.isEnabled()
    may_go.set()
    agent.until(lambda: agent.window.invited.rows, "no invitations")
    qtbot.keyClick(agent.window, Qt.Key.Key_Escape)  # type: ignore[no-untyped-call]
    agent.until(lambda: not agent.window.isVisible(), "it stays open")


@pytest.mark.timeout(300)
def test_what_was_typed_at_the_very_end_is_kept_though_its_save_is_cut_off(
    bridge: Bridge, client: Client, tmp_path: Path, qtbot: QtBot
) -> None:
    agent = opened(bridge, client, tmp_path, qtbot)
    agent.choose("信用村")
    agent.until(lambda: agent.window.desk.drafts is not None, "no key for drafts came")

    bridge._loop.call_soon_threadsafe(time.sleep, 1.0)  # busy with something else
    agent.write(**ME)
    desk = agent.window.desk
    desk._keep.stop()
    desk._save()
    agent.window.end()
    assert len(list(tmp_path.glob("*.draft"))) == 1


@pytest.mark.timeout(300)
def test_from_the_seat_by_a_key_and_gone_with_its_log_out(office: Service, qtbot: QtBot, tmp_path: Path) -> None:
    application, hands = window(office, tmp_path / "desktop", qtbot)
    try:
        hands.log_in("zhang")
        hands.until(lambda: hands.ready("queue.open"))
        qtbot.keyClick(hands.window, Qt.Key.Key_N, Qt.KeyboardModifier.ControlModifier)  # type: ignore[no-untyped-call]
        hands.until(lambda: hands.window.opening is not None and hands.window.opening.window is not None)
        made = hands.window.opening
        assert made is not None
        assert made.window is not None
        assert made.window.parentWidget() is None, "it would stay above the seat's window and hide a ring"
        agent = Agent(made.window, qtbot)
        agent.choose("信用村")
        agent.until(lambda: agent.window.desk.drafts, "no key to keep drafts under")
        agent.write(**LOAN, **ME)
        hands.press("queue.open")
        assert made.window is agent.window, "there is one of it"
        hands.window.log_out()
        assert made.window is None
        assert len(list((tmp_path / "desktop" / "drafts").glob("*.draft"))) == 1, "what was typed is kept"
    finally:
        application.close()
        QApplication.processEvents()
