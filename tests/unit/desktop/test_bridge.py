"""One door, owned tasks, nothing after close."""

import asyncio
import threading
from collections.abc import Iterator

import pytest
from pytestqt.qtbot import QtBot

from desktop.bridge import LIMIT, Bridge, Trouble


@pytest.fixture
def bridge(qtbot: QtBot) -> Iterator[Bridge]:
    made = Bridge()
    yield made
    made.close()


async def _double(number: int) -> int:
    await asyncio.sleep(0)
    return number * 2


async def _refuse() -> None:
    raise Trouble("不行", "换个办法", code="rule.seal")


async def _break() -> None:
    raise ZeroDivisionError("secret detail")


def test_a_result_arrives_on_the_gui_thread(bridge: Bridge, qtbot: QtBot) -> None:
    got: list[tuple[int, threading.Thread]] = []
    bridge.call(_double(21), lambda value: got.append((value, threading.current_thread())))
    qtbot.waitUntil(lambda: bool(got))
    assert got == [(42, threading.main_thread())]


def test_a_refusal_arrives_as_it_was_said(bridge: Bridge, qtbot: QtBot) -> None:
    got: list[Trouble] = []
    bridge.call(_refuse(), None, got.append)
    qtbot.waitUntil(lambda: bool(got))
    assert (got[0].text, got[0].code) == ("不行。换个办法", "rule.seal")


def test_a_defect_is_never_shown_raw(bridge: Bridge, qtbot: QtBot, caplog: pytest.LogCaptureFixture) -> None:
    got: list[Trouble] = []
    bridge.call(_break(), None, got.append)
    qtbot.waitUntil(lambda: bool(got))
    assert "secret" not in got[0].text
    assert got[0].code == "internal"
    assert "mishap" in caplog.text


def test_cancelled_work_delivers_nothing(bridge: Bridge, qtbot: QtBot) -> None:
    got: list[object] = []
    work = bridge.call(asyncio.sleep(0.05), got.append, got.append)
    work.cancel()
    qtbot.wait(150)
    assert got == []


def test_close_cancels_and_awaits_every_task(qtbot: QtBot) -> None:
    bridge = Bridge()
    ended: list[str] = []

    async def stubborn() -> None:
        try:
            await asyncio.sleep(60)
        finally:
            ended.append("cleaned up")

    bridge.call(stubborn())
    qtbot.wait(50)
    bridge.close()
    assert ended == ["cleaned up"]


def test_nothing_is_delivered_or_kept_after_close(qtbot: QtBot) -> None:
    bridge = Bridge()
    got: list[int] = []
    bridge.to_gui(lambda: got.append(1))
    bridge.close()
    bridge.to_gui(lambda: got.append(2))
    bridge.call(_double(1), got.append)
    qtbot.wait(50)
    assert got == []
    assert not bridge._queue


def test_closures_run_in_the_order_they_came(bridge: Bridge, qtbot: QtBot) -> None:
    got: list[int] = []
    for number in range(200):
        bridge.to_gui(lambda number=number: got.append(number))  # type: ignore[misc]
    qtbot.waitUntil(lambda: len(got) == 200)
    assert got == list(range(200))


def test_a_full_queue_drops_and_says_so(bridge: Bridge, qtbot: QtBot, caplog: pytest.LogCaptureFixture) -> None:
    got: list[int] = []
    for _ in range(LIMIT + 3):
        bridge.to_gui(lambda: got.append(1))
    bridge.flush()
    assert len(got) == LIMIT
    assert "3 events for the window were dropped" in caplog.text
