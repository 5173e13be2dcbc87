"""A supervisor's commands one after the other: none is lost without a word."""

import asyncio
from collections.abc import Coroutine
from typing import Any

from pytestqt.qtbot import QtBot

from desktop.board.commands import FULL, LEFT, MOST_WAITING, SWITCHING, WAITS, Commands
from desktop.board.desk import BoardDesk
from desktop.board.workspace import BoardWorkspace
from desktop.bridge import Bridge, Trouble
from desktop.model import board as b
from signing.wire.base import Tone
from tests.unit.desktop import views


class Desk:
    """What the commands tell, and a service that answers when it is let."""

    def __init__(self, bridge: Bridge) -> None:
        self.busy: list[str] = []
        self.said: list[str] = []
        self.trouble: list[str] = []
        self.begun: list[str] = []
        self.may = asyncio.Event()
        self.bridge = bridge
        self.commands = Commands(
            bridge,
            self.busy.append,
            lambda tone, words: self.said.append(words),
            lambda one: self.trouble.append(one.text),
        )

    async def asked(self, what: str, fails: bool = False) -> str:
        self.begun.append(what)
        await self.may.wait()
        if fails:
            raise Trouble("服务没有答应")
        return what

    def let(self) -> None:
        self.bridge.call(self._let())

    async def _let(self) -> None:
        self.may.set()


def test_a_second_command_waits_for_the_first_and_is_then_carried_out(bridge: Bridge, qtbot: QtBot) -> None:
    desk, answers = Desk(bridge), list[str]()
    for what in ("risk", "seal", "hangup"):
        desk.commands.send(what, desk.asked(what), answers.append)
    assert desk.said == [WAITS, WAITS]
    desk.let()
    qtbot.waitUntil(lambda: len(answers) == 3)
    assert answers == desk.begun == ["risk", "seal", "hangup"]
    assert desk.busy == ["risk", "", "seal", "", "hangup", ""]


def test_what_is_refused_holds_up_nothing_behind_it(bridge: Bridge, qtbot: QtBot) -> None:
    desk, answers = Desk(bridge), list[str]()
    desk.commands.send("risk", desk.asked("risk", fails=True), answers.append)
    desk.commands.send("seal", desk.asked("seal"), answers.append)
    desk.let()
    qtbot.waitUntil(lambda: answers == ["seal"])
    assert desk.trouble == ["服务没有答应"]


def test_a_switch_is_not_turned_twice_and_says_so(bridge: Bridge, qtbot: QtBot) -> None:
    desk, answers = Desk(bridge), list[str]()
    desk.commands.send("listen", desk.asked("first"), answers.append)
    desk.commands.send("listen", desk.asked("second"), answers.append)
    desk.let()
    qtbot.waitUntil(lambda: answers == ["first"])
    assert desk.said == [SWITCHING]
    assert desk.begun == ["first"]


def test_what_finds_no_place_is_said_not_to_be_done(bridge: Bridge, qtbot: QtBot) -> None:
    desk, answers = Desk(bridge), list[str]()
    for number in range(MOST_WAITING + 2):
        desk.commands.send(f"seal{number}", desk.asked(f"seal{number}"), answers.append)
    assert desk.said == [WAITS] * MOST_WAITING + [FULL]
    desk.let()
    qtbot.waitUntil(lambda: len(answers) == MOST_WAITING + 1)
    assert f"seal{MOST_WAITING + 1}" not in desk.begun


def test_after_the_end_nothing_more_is_begun(bridge: Bridge, qtbot: QtBot) -> None:
    desk, answers = Desk(bridge), list[str]()
    desk.commands.send("risk", desk.asked("risk"), answers.append)
    desk.commands.send("seal", desk.asked("seal"), answers.append)
    desk.commands.send("hangup", desk.asked("hangup"), answers.append)
    assert desk.commands.waiting == 2
    desk.commands.stop()
    desk.commands.stop()
    assert desk.said == [WAITS, WAITS, LEFT.format(2)], "what is dropped is said to be"
    desk.let()
    qtbot.waitUntil(lambda: answers == ["risk"])
    assert desk.busy[-1] == ""
    assert desk.begun == ["risk"]


def test_a_reason_typed_while_another_command_is_under_way_reaches_the_service(
    board: BoardWorkspace, qtbot: QtBot
) -> None:
    """The board's own commands, with a service that is slow over the first."""
    desk: BoardDesk = board.desk
    sent: list[str] = []
    may = asyncio.Event()

    async def send(path: str, body: Any = None, limit: Any = None, *, method: str = "POST") -> None:
        sent.append(path)
        await may.wait()

    async def let() -> None:
        may.set()

    said: list[tuple[Tone, str]] = []
    desk.said.connect(lambda tone, words: said.append((tone, words)))
    desk.client.send = send  # type: ignore[assignment, method-assign]
    desk._running = True
    desk.feed(b.Pushed(views.board(), views.NOW))
    call = desk.state.call
    assert call is not None
    desk.decide_risk(views.referral(), True, "已电话核实")
    assert desk.state.busy == "risk"
    desk.stop_call(call, "客户要求停止")
    assert said == [(Tone.NOTICE, WAITS)]
    _call_later(board, let())
    qtbot.waitUntil(lambda: len(sent) == 2 and not desk.state.busy)
    assert sent[1] == f"/api/board/calls/{call.call_id}/hangup"
    desk._running = False


def _call_later(board: BoardWorkspace, work: Coroutine[Any, Any, None]) -> None:
    board.desk._bridge.call(work)
