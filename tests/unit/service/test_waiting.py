"""Commands that wait for a slow engine or somebody outside do not take the threads of everything else."""

import asyncio
import inspect
import re
from collections.abc import AsyncIterator
from datetime import UTC, datetime
from pathlib import Path
from threading import Event

import pytest

import signing.web
from desktop.client import TIMEOUT
from signing.domain.errors import OutsideError
from signing.service import waiting
from signing.service.bus import _WAITING, Bus
from signing.service.commands import (
    Actor,
    Command,
    HangUp,
    RecordConsent,
    SendCode,
    SubmitCard,
    SubmitSnapshot,
)
from signing.service.handlers import HANDLERS
from signing.service.recording_commands import AssembleRecording, KeepSegment
from signing.service.services import Services
from signing.service.track_commands import AssembleTrack
from signing.service.waiting import WAITING_AT_ONCE

CUSTOMER = Actor("party", "one", "customer", "inst")
AGENT = Actor("staff", "zhang", "agent", "inst", seat_id="seat_1")
BEARER = Actor("party", "", "bearer", "")
MANY = 3 * WAITING_AT_ONCE
SLOW = SubmitCard, SubmitSnapshot, SendCode, KeepSegment, RecordConsent, AssembleRecording, AssembleTrack


class Db:
    shared = False


@pytest.fixture
def released() -> Event:
    return Event()


@pytest.fixture
async def bus(released: Event) -> AsyncIterator[Bus]:
    def waits(command: Command, services: Services) -> None:
        released.wait(60)

    def quick(command: Command, services: Services) -> str:
        return "done"

    services = type("S", (), {"db": Db()})()
    bus = Bus(services, {**dict.fromkeys(SLOW, waits), HangUp: quick})
    yield bus
    released.set()
    await bus.close()


async def test_a_crowd_before_the_engine_holds_up_nobody_else(bus: Bus, released: Event) -> None:
    crowd = [
        asyncio.ensure_future(bus.execute(command))
        for number in range(MANY)
        for command in (
            SubmitCard(CUSTOMER, "front", bytes([number])),
            SubmitSnapshot(AGENT, "case", "one", bytes([number]), datetime(2026, 11, 27, tzinfo=UTC)),
        )
    ]
    await asyncio.sleep(0)
    async with asyncio.timeout(30):
        assert await bus.execute(HangUp(AGENT, "call", "")) == "done"
        assert await bus.run(lambda: "seen") == "seen"
    assert not any(one.done() for one in crowd)
    released.set()
    await asyncio.gather(*crowd)


async def test_a_slow_gateway_holds_up_neither_the_engine_nor_the_rest(bus: Bus, released: Event) -> None:
    sends = [asyncio.ensure_future(bus.execute(SendCode(BEARER, f"link {number}"))) for number in range(MANY)]
    await asyncio.sleep(0)
    async with asyncio.timeout(30):
        assert await bus.run(lambda: "seen") == "seen"
    assert not any(one.done() for one in sends)
    released.set()
    await asyncio.gather(*sends)


def crowd_before_the_store(bus: Bus, released: Event) -> list[asyncio.Future[object]]:
    """Recordings that come, consents that are kept and papers that are fetched, from a store that does not answer."""
    return [
        asyncio.ensure_future(one)
        for number in range(MANY)
        for one in (
            bus.execute(KeepSegment(AGENT, "recording", number, 0.0, "", "", b"")),
            bus.execute(RecordConsent(CUSTOMER, "recording", True, bytes([number]))),
            bus.fetch(released.wait, 60),
        )
    ]


async def test_a_slow_store_holds_up_nobody_who_wants_nothing_of_it(bus: Bus, released: Event) -> None:
    crowd = crowd_before_the_store(bus, released)
    await asyncio.sleep(0)
    async with asyncio.timeout(30):
        assert await bus.execute(HangUp(AGENT, "call", "")) == "done"
        assert await bus.run(lambda: "seen") == "seen"
    assert not any(one.done() for one in crowd)
    released.set()
    await asyncio.gather(*crowd)


async def test_recordings_that_come_do_not_keep_a_customers_consent_or_paper_waiting(bus: Bus, released: Event) -> None:
    crowd = [
        asyncio.ensure_future(bus.execute(KeepSegment(AGENT, "recording", number, 0.0, "", "", b"")))
        for number in range(MANY)
    ]
    await asyncio.sleep(0)
    async with asyncio.timeout(30):
        assert await bus.fetch(lambda: b"paper") == b"paper"
    released.set()
    await asyncio.gather(*crowd)


async def test_recordings_that_are_read_back_keep_nothing_else_waiting(bus: Bus, released: Event) -> None:
    crowd = [
        asyncio.ensure_future(bus.execute(kind(AGENT, f"recording {number}")))
        for number in range(MANY)
        for kind in (AssembleRecording, AssembleTrack)
    ]
    left = asyncio.ensure_future(bus.read_back(released.wait, 60))
    await asyncio.sleep(0)
    async with asyncio.timeout(30):
        assert await bus.fetch(lambda: b"paper") == b"paper"
        assert await bus.run(lambda: "seen") == "seen"
        assert await asyncio.to_thread(lambda: "signed") == "signed"
    assert not any(one.done() for one in (*crowd, left))
    released.set()
    await asyncio.gather(*crowd, left)


async def test_who_waits_too_long_for_a_turn_is_told_and_nothing_was_begun(
    bus: Bus, released: Event, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(waiting, "TURN_SECONDS", 0.2)
    crowd, begun = crowd_before_the_store(bus, released), list[str]()
    await asyncio.sleep(0)
    with pytest.raises(OutsideError, match="文件存储响应很慢") as refused:
        await bus.fetch(begun.append, "late")
    assert (refused.value.code, "请稍候再试" in refused.value.hint) == ("outside.crowded", True)
    released.set()
    done = await asyncio.gather(*crowd, return_exceptions=True)
    told = [one for one in done if isinstance(one, OutsideError)]
    assert len(told) == len(crowd) - 3 * WAITING_AT_ONCE
    async with asyncio.timeout(30):
        await bus.fetch(begun.append, "then")
    assert begun == ["then"]


def test_what_waits_is_handed_to_its_threads_whole() -> None:
    """A coroutine would run on the loop and hand its waiting to everybody's threads."""
    assert set(SLOW) <= set(_WAITING)
    assert not [command.__name__ for command in _WAITING if inspect.iscoroutinefunction(HANDLERS[command])]


def test_whoever_gets_no_turn_hears_of_it_before_they_give_up_by_themselves() -> None:
    page = (Path(signing.web.__file__).parent / "phone" / "api.js").read_text("utf-8")
    patience = re.search(r"^const TIMEOUT_MS = (\d+);", page, re.MULTILINE)
    assert patience is not None
    assert TIMEOUT.read is not None
    assert min(int(patience[1]) / 1000, TIMEOUT.read) - waiting.TURN_SECONDS >= 5


async def test_a_thread_whose_caller_gave_up_is_not_free_before_its_work_is_done(bus: Bus, released: Event) -> None:
    first = [asyncio.ensure_future(bus.fetch(released.wait, 60)) for _ in range(WAITING_AT_ONCE)]
    await asyncio.sleep(0)
    for one in first:
        one.cancel()
    await asyncio.gather(*first, return_exceptions=True)
    late = asyncio.ensure_future(bus.fetch(lambda: "seen"))
    await asyncio.sleep(0.1)
    assert not late.done()
    released.set()
    async with asyncio.timeout(30):
        assert await late == "seen"


async def test_where_all_is_shut_down_nobody_waits_for_a_turn_any_more(released: Event) -> None:
    engine = waiting.Waiting("look")
    crowd = [asyncio.ensure_future(engine.run(released.wait, 60)) for _ in range(MANY)]
    await asyncio.sleep(0)
    ending = asyncio.create_task(asyncio.to_thread(engine.shutdown))
    await asyncio.sleep(0.05)
    released.set()
    async with asyncio.timeout(30):
        told = await asyncio.gather(*crowd, return_exceptions=True)
    assert told.count(True) == WAITING_AT_ONCE
    assert {type(each) for each in told} == {bool, RuntimeError}
    await ending
