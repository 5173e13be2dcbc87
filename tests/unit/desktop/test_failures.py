"""Every command of the agent's window, refused or lost in every way: a sentence says so, and the window goes on."""

import re
from collections.abc import Callable, Coroutine, Iterator
from dataclasses import replace
from inspect import isfunction
from typing import Any

import httpx
import pytest
from pytestqt.qtbot import QtBot

from desktop.bridge import Bridge, Trouble
from desktop.client import Client
from desktop.model import workspace as w
from desktop.opening import form as model
from desktop.opening.desk import OpeningDesk
from desktop.seat.desk import Desk
from desktop.seat.workspace import SeatWorkspace
from signing.wire.call import TransferState
from signing.wire.case import Answer, Phase, StepKey
from signing.wire.helper import DeclareHelper
from signing.wire.opening import KnowPerson
from signing.wire.staff import Invitation, NewCase, Presence
from tests.unit.desktop import screens, views
from tests.unit.desktop.opening.forms import FORM, NUMBER
from tests.unit.desktop.test_seat_panels import show

Answering = Callable[[httpx.Request], httpx.Response]


def refused(_: httpx.Request) -> httpx.Response:
    body = {"code": "rule.some", "message": "现在不能这样做", "hint": "请先完成前一步"}
    return httpx.Response(409, json=body)


def gone(request: httpx.Request) -> httpx.Response:
    raise httpx.ConnectError("[Errno 111] Connection refused", request=request)


def broken(_: httpx.Request) -> httpx.Response:
    return httpx.Response(500, text="Traceback (most recent call last): ValueError: boom")


def garbage(_: httpx.Request) -> httpx.Response:
    return httpx.Response(200, html="<html><body>Welcome to hotel Wi-Fi</body></html>")


def elsewhere(_: httpx.Request) -> httpx.Response:
    return httpx.Response(302, headers={"Location": "http://portal.example/"})


def undecodable(_: httpx.Request) -> httpx.Response:
    return httpx.Response(200, headers={"Content-Encoding": "gzip"}, content=b"\x00not gzip")


def slow(request: httpx.Request) -> httpx.Response:
    raise httpx.ReadTimeout("timed out", request=request)


WAYS: list[Answering] = [refused, gone, broken, garbage, elsewhere, undecodable, slow]
RAW = re.compile(r"Error|Exception|Traceback|Errno|boom|timed out|Welcome|<|None|gzip")
TO_DO = re.compile(r"请|重试|再试|重取")


def fail(client: Client, way: Answering) -> None:
    client._http = httpx.AsyncClient(base_url=client.server, transport=httpx.MockTransport(way))


def readable(words: str) -> None:
    """Says in Chinese what to do, and nothing that only its makers understand."""
    assert re.search("[一-鿿]{4}", words), words
    assert not RAW.search(words), words
    assert TO_DO.search(words), words


# --- the seat ---------------------------------------------------------------------------------------------------------

TALK = screens.talk(StepKey.DISCLOSURE, lines=screens.script())
RINGS = w.State(view=views.view(Presence.RINGING, ring=views.offer()))
IDLE = w.State(view=views.view())
WRAP_UP = screens.wrap_up(Phase.SIGNED)


def transferring() -> w.State:
    assert TALK.view is not None
    call = views.call(transfer=views.transfer(TransferState.RINGING))
    return replace(TALK, view=TALK.view.model_copy(update={"call": call}))


def nothing(*_: object) -> None:
    """What is shown of an answer, which never comes."""


def told(desk: Desk) -> Callable[[Trouble], None]:
    """A dialog that stays open shows the refusal itself."""
    return lambda trouble: desk.said.emit(None, trouble.text)


COMMANDS: dict[str, tuple[w.State, Callable[[Desk], object]]] = {
    "set_available": (IDLE, lambda desk: desk.set_available(True)),
    "accept": (RINGS, Desk.accept),
    "reject": (RINGS, Desk.reject),
    "admit": (TALK, lambda desk: desk.admit("p2")),
    "hold": (TALK, lambda desk: desk.hold("p1", True)),
    "mute": (TALK, lambda desk: desk.mute("p1", True)),
    "talk_alone": (TALK, lambda desk: desk.talk_alone("p1")),
    "remove": (TALK, lambda desk: desk.remove("p1", "不是本人")),
    "transfer": (TALK, lambda desk: desk.transfer(None, "会说客家话")),
    "cancel_transfer": (transferring(), Desk.cancel_transfer),
    "colleagues": (TALK, lambda desk: desk.colleagues(nothing)),
    "of_case": (WRAP_UP, lambda desk: desk.of_case("withdraw", "withdraw")),
    "ask_of_case": (WRAP_UP, lambda desk: desk.ask_of_case("invite", "parties/p1/link", Invitation, nothing)),
    "booking": (WRAP_UP, lambda desk: desk.booking(nothing, told(desk))),
    "call_off": (WRAP_UP, lambda desk: desk.call_off("a1", "改日", nothing, told(desk))),
    "decide": (screens.talk(StepKey.IDENTITY), lambda desk: desk.decide(True)),
    "answer": (TALK, lambda desk: desk.answer(2, Answer.YES)),
    "read_aloud": (TALK, Desk.read_aloud),
    "declare_helper": (
        TALK,
        lambda desk: desk.declare_helper(DeclareHelper.model_construct(name="王梅", relation="子女")),
    ),
    "dismiss_helper": (TALK, Desk.dismiss_helper),
    "move_helper": (TALK, lambda desk: desk.move_helper(True)),
    "hang_up": (TALK, Desk.hang_up),
    "seal": (WRAP_UP, Desk.seal),
    "finish": (WRAP_UP, Desk.finish),
    "find": (IDLE, lambda desk: desk.find("王", nothing)),
    "take": (IDLE, lambda desk: desk.take("k1")),
}
OF_THIS_MACHINE = {
    "start", "stop", "renew", "feed", "choose_devices", "watch_voice", "focus", "focus_number", "state_outcome",
    "snapshot", "lead", "toggle_mute", "turn_layout", "show_proof",
}  # fmt: skip
"""Ask nothing of the service at once."""


def test_no_command_of_the_desk_is_left_out() -> None:
    public = {name for name, what in vars(Desk).items() if not name.startswith("_") and isfunction(what)}
    assert public == {*COMMANDS, *OF_THIS_MACHINE}


@pytest.fixture
def desk(workspace: SeatWorkspace) -> Iterator[Desk]:
    """Runs without socket and media."""
    workspace.desk._running = True
    yield workspace.desk
    workspace.desk._running = False


@pytest.mark.parametrize("way", WAYS, ids=lambda way: way.__name__)
def test_a_command_that_fails_is_told_and_can_be_given_again(
    workspace: SeatWorkspace, desk: Desk, way: Answering, qtbot: QtBot
) -> None:
    fail(desk.client, way)
    said: list[str] = []
    desk.said.connect(lambda _, text: said.append(text))
    for name, (state, command) in COMMANDS.items():
        show(workspace, replace(state, link=w.LinkState(up=True, message="")))
        for _ in range(2):
            said.clear()
            command(desk)
            qtbot.waitUntil(lambda: bool(said), timeout=20000)
            qtbot.waitUntil(lambda: desk.state.busy == "", timeout=20000)
            readable(said[0])
            assert len(said) == 1, name
        assert workspace.isEnabled()


@pytest.mark.parametrize("way", WAYS, ids=lambda way: way.__name__)
def test_papers_and_pictures_that_do_not_come_are_told_where_they_would_be(
    workspace: SeatWorkspace, desk: Desk, way: Answering, qtbot: QtBot
) -> None:
    fail(desk.client, way)
    said: list[str] = []
    desk.said.connect(lambda _, text: said.append(text))
    seen = views.identity(front=True, back=True, face=True)
    show(workspace, screens.talk(StepKey.IDENTITY, seen=seen))
    qtbot.waitUntil(lambda: bool(workspace.images.trouble(views.digest("1"))), timeout=20000)
    readable(workspace.images.trouble(views.digest("1")))
    show(workspace, screens.talk(StepKey.READING))
    workspace.paper.open_paper("d1")
    qtbot.waitUntil(lambda: workspace.paper._where.property("tone") == "stop", timeout=20000)
    readable(workspace.paper._where.text())
    show(workspace, WRAP_UP)
    case = WRAP_UP.case
    assert case is not None
    workspace._open_document(case, case.documents[0])
    qtbot.waitUntil(lambda: bool(said), timeout=20000)
    readable(said[0])


# --- opening a case ---------------------------------------------------------------------------------------------------


def invitation() -> Invitation:
    return screens.invited(1)


ASKED: dict[str, Callable[[OpeningDesk, Callable[[Trouble], None]], object]] = {
    "start": lambda desk, _: desk.start(),
    "_ask": lambda desk, _: desk._ask(),
    "draw": lambda desk, _: desk.draw(),
    "search": lambda desk, failed: desk.search("王秀兰", nothing, failed),
    "know": lambda desk, failed: desk.know(KnowPerson(id_number=NUMBER), nothing, failed),
    "open_case": lambda desk, _: desk.open_case(NewCase.model_construct()),
    "links": lambda desk, failed: desk.links("k1", failed),
    "send": lambda desk, failed: desk.send("k1", invitation(), failed),
}


@pytest.mark.parametrize("way", WAYS, ids=lambda way: way.__name__)
def test_what_the_opening_window_asks_in_vain_is_told(
    bridge: Bridge, client: Client, way: Answering, qtbot: QtBot, tmp_path: Any
) -> None:
    fail(client, way)
    desk = OpeningDesk(bridge, client, tmp_path)
    said: list[str] = []
    desk.said.connect(lambda _, text: said.append(text))
    desk.refused.connect(lambda trouble: said.append(trouble.text))
    desk.undrawn.connect(said.append)
    desk.begin(FORM, model.begun(FORM))
    desk._check.stop()
    for name, ask in ASKED.items():
        for _ in range(2):
            said.clear()
            ask(desk, lambda trouble: said.append(trouble.text))
            qtbot.waitUntil(lambda: bool(said), timeout=20000)
            readable(said[0])
        if name == "start":
            qtbot.waitUntil(lambda: len(said) >= 2, timeout=20000)
    desk.end()


def test_only_what_does_something_may_be_done_where_its_answer_is_late(
    bridge: Bridge, client: Client, qtbot: QtBot
) -> None:
    fail(client, slow)
    told: dict[str, str] = {}
    asked: dict[str, Coroutine[Any, Any, object]] = {
        "log in": client.log_in("zhang", "p"),
        "begin": client.begin_totp("zhang", "p"),
        "look": client.get_bytes("/livez"),
        "take": client.take_account("zhang", "p", "123456", "known to me alone"),
        "seal": client.send("/api/cases/c/seal"),
    }
    for name, work in asked.items():
        bridge.call(work, None, lambda trouble, name=name: told.update({name: trouble.text}))  # type: ignore[misc]
    qtbot.waitUntil(lambda: len(told) == len(asked), timeout=20000)
    assert {name for name, text in told.items() if "可能已经办成" in text} == {"take", "seal"}
    assert {name for name, text in told.items() if "还没有登录" in text} == {"log in", "begin"}
    for text in told.values():
        readable(text)


def test_a_command_that_meets_a_stranger_is_not_taken_for_done(bridge: Bridge, client: Client, qtbot: QtBot) -> None:
    """A network's log-in page answers every request with 200."""
    fail(client, garbage)
    troubles: list[Trouble] = []
    bridge.call(client.send("/api/seat/presence"), lambda _: None, troubles.append)
    qtbot.waitUntil(lambda: bool(troubles), timeout=20000)
    assert troubles[0].code == "unreachable"
