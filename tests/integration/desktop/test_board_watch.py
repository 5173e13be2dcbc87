"""A supervisor's real window over the real service: each line as its seat tells it, nothing for who may not see it."""

import asyncio
import threading
from collections.abc import Iterator
from concurrent.futures import Future
from contextlib import AsyncExitStack, contextmanager
from dataclasses import dataclass
from pathlib import Path

import httpx
import pytest
from PySide6.QtWidgets import QListWidget
from pytestqt.qtbot import QtBot

from desktop.app import Application
from desktop.board.desk import BoardDesk
from desktop.board.lists import KEY
from desktop.board.workspace import BoardWorkspace
from desktop.client import Client
from signing.service.commands import SYSTEM, AddStaff
from signing.wire.base import Message
from signing.wire.call import TransferCall
from signing.wire.quality import LineCause
from signing.wire.staff import HangUp
from tests.integration.desktop.test_journey import Hands
from tests.integration.desktop.windows import opened
from tests.integration.service.county import FAR, County
from tests.integration.service.office import SteppedClock
from tests.integration.web.running import PASSWORDS, Running, running, socket_to
from tests.integration.web.test_joint_sockets import all_in, entered
from tests.integration.web.test_sockets import keep_alive

FOREIGNER = "wuping"
FINE, LOSSY, THIN = (4, LineCause.FINE), (1, LineCause.LOSSY), (2, LineCause.UPLINK_THIN)


@dataclass(frozen=True)
class Talk:
    """A call of three, without media. ``agent``: the token of who leads it."""

    url: str
    call_id: str
    ids: list[str]
    agent: str

    def tell(self, *lines: tuple[int, LineCause]) -> None:
        """As the seat's window does, of each party."""
        told = [
            {"party_id": party_id, "bars": bars, "cause": cause.value}
            for party_id, (bars, cause) in zip(self.ids, lines, strict=True)
        ]
        bearer = {"Authorization": f"Bearer {self.agent}"}
        answer = httpx.post(f"{self.url}/api/calls/{self.call_id}/lines", json={"lines": told}, headers=bearer)
        assert answer.status_code == 204, answer.text


@contextmanager
def talk_of_three(data: Path) -> Iterator[Talk]:
    begun, over = Future[Talk](), Future[None]()

    def run() -> None:
        try:
            asyncio.run(_talk(data, begun, over))
        except BaseException as error:
            if not begun.done():
                begun.set_exception(error)
            raise

    thread = threading.Thread(target=run, name="service")
    thread.start()
    try:
        yield begun.result(120)
    finally:
        over.set_result(None)
        thread.join(60)


async def _talk(data: Path, begun: "Future[Talk]", over: "Future[None]") -> None:
    async with running(data) as service, AsyncExitStack() as stack:
        await _another_house(service)
        opened, tokens = await entered(service)
        agent = await service.log_in("zhang")
        seat = await stack.enter_async_context(socket_to(service.ws + "/api/seat/ws", agent))
        phones = [await stack.enter_async_context(socket_to(service.ws + "/api/phone/ws", token)) for token in tokens]
        http = await stack.enter_async_context(service.client(agent))
        pinging = asyncio.create_task(keep_alive(seat, *phones))
        try:
            call_id, ids = await all_in(http, seat, opened)
            begun.set_result(Talk(service.url, call_id, ids, agent))
            await asyncio.wrap_future(over)
        finally:
            pinging.cancel()
            await asyncio.gather(pinging, return_exceptions=True)


async def _another_house(service: Running) -> None:
    """With a supervisor of its own, on the same service."""
    county = County(service.web, SteppedClock())  # type: ignore[arg-type]
    await asyncio.to_thread(county.set_up)
    await county.do(AddStaff(SYSTEM, FOREIGNER, PASSWORDS[FOREIGNER], "武平主管", "supervisor", FAR))


@pytest.fixture
def talk(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Talk]:
    monkeypatch.setitem(PASSWORDS, FOREIGNER, "of-another-house-1")
    with talk_of_three(tmp_path / "service") as going:
        yield going


@contextmanager
def at_the_window(talk: Talk, data: Path, qtbot: QtBot, username: str) -> Iterator[tuple[Application, Hands]]:
    made = opened(talk.url, data / username)
    hands = Hands(made, qtbot)
    try:
        hands.log_in(username)
        yield made, hands
    finally:
        made.close()


def board_of(hands: Hands) -> BoardDesk:
    hands.until(lambda: hands.window.board is not None and hands.window.board.state.view is not None)
    assert hands.window.board is not None
    return hands.window.board


def lines_of(hands: Hands) -> dict[str, str]:
    """What stands on the board of each party, by their identifier."""
    rows = _list(hands, "board.parties")
    return {str(rows.item(at).data(KEY)): rows.item(at).text().split(" · ", 1)[-1] for at in range(rows.count())}


def call_words(hands: Hands) -> str:
    rows = _list(hands, "board.calls")
    return rows.item(0).text() if rows.count() else ""


def _list(hands: Hands, name: str) -> QListWidget:
    found = hands.window.findChild(QListWidget, name)
    assert found is not None
    return found


@pytest.mark.timeout(480)
def test_a_board_shows_each_line_and_nothing_to_who_may_not_see_it(talk: Talk, qtbot: QtBot, tmp_path: Path) -> None:
    _an_agent_or_auditor_is_refused_in_words(talk, qtbot, tmp_path)
    with at_the_window(talk, tmp_path, qtbot, FOREIGNER) as (made, hands):
        _a_supervisor_of_another_house_sees_and_stops_nothing(talk, made, hands)
    with at_the_window(talk, tmp_path, qtbot, "chen") as (_, hands):
        hands.until(lambda: "3 人在线" in call_words(hands), 20)
        _each_line_goes_back_to_good(talk, hands)


def _an_agent_or_auditor_is_refused_in_words(talk: Talk, qtbot: QtBot, tmp_path: Path) -> None:
    with at_the_window(talk, tmp_path, qtbot, "lin") as (made, hands):
        hands.until(lambda: made.client.token)
        assert hands.window.findChild(BoardWorkspace) is None
        for token in (made.client.token, talk.agent):
            client = Client(talk.url)
            client.token = token
            desk, refused = BoardDesk(made.bridge, client, made.engines.ear(), made.window), list[str]()
            desk.expired.connect(refused.append)
            desk.start()
            try:
                hands.until(lambda refused=refused: refused, 20)  # type: ignore[misc]
            finally:
                desk.stop()
                made.bridge.call(client.close())
            assert refused == ["这里只限主管"]
            assert desk.state.view is None


def _a_supervisor_of_another_house_sees_and_stops_nothing(talk: Talk, made: Application, hands: Hands) -> None:
    view = board_of(hands).state.view
    assert view is not None
    assert (view.calls, view.waiting, view.seats) == ([], [], [])
    refused = list[str]()
    wanted: dict[str, Message] = {
        "hangup": HangUp(reason="看错了"), "transfer": TransferCall(to_seat_id=None, reason="看错了")
    }  # fmt: skip
    for what, body in wanted.items():
        asked = made.client.send(f"/api/board/calls/{talk.call_id}/{what}", body)
        made.bridge.call(asked, lambda _: refused.append("done"), lambda trouble: refused.append(trouble.text))
    hands.until(lambda: len(refused) == 2, 20)
    assert all("没有找到" in words for words in refused), refused
    assert call_words(hands) == ""


def _each_line_goes_back_to_good(talk: Talk, hands: Hands) -> None:
    one, two, three = talk.ids
    hands.until(lambda: len(lines_of(hands)) == 3)
    shown = {one: "线路很差 · 丢包", two: "线路一般 · 上行弱", three: "线路良好"}
    _tell(talk, hands, (LOSSY, THIN, FINE), shown)
    assert "线路很差 · 丢包（借款人" in call_words(hands), "the worst, and whose"
    _tell(talk, hands, (FINE, THIN, FINE), shown | {one: "线路良好"})
    assert "线路一般 · 上行弱（" in call_words(hands)
    _tell(talk, hands, (FINE, FINE, FINE), dict.fromkeys(talk.ids, "线路良好"))
    assert call_words(hands).endswith("线路良好")


def _tell(talk: Talk, hands: Hands, lines: tuple[tuple[int, LineCause], ...], shown: dict[str, str]) -> None:
    """Again and again, as a seat does: what comes too soon after the last is passed over."""

    def seen() -> bool:
        talk.tell(*lines)
        hands.qtbot.wait(700)
        return lines_of(hands) == shown

    hands.until(seen, 30)
