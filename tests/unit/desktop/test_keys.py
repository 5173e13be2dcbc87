"""The keys of recordings while the service is away: none of them waits for it once the call has begun."""

import asyncio
from collections.abc import AsyncIterator, Callable, Iterator
from contextlib import asynccontextmanager, suppress
from dataclasses import dataclass, field
from pathlib import Path

import pytest
from pytestqt.qtbot import QtBot

from desktop import keys as keys_
from desktop.bridge import Bridge
from desktop.client import Client
from desktop.keys import Keys
from desktop.model import workspace as w
from desktop.seat.desk import Desk
from desktop.spool import Item, Spool
from media import ports
from media.engine import MediaEngine
from media.sealing import unwrap
from signing.wire.staff import Presence
from tests.unit.desktop import views
from tests.unit.desktop.answers import Answer, Answers, answering, refused

SPOOL_KEY = bytes(range(32))
ASKING = ("POST", "/api/calls/c1/spool-key")
AWAY = refused(503, "outside")
GIVEN: Answer = (200, {"key": SPOOL_KEY.hex()})


@dataclass
class Office:
    """A service that gives the key, or is away."""

    spool: Spool
    away: bool = False
    warned: list[str] = field(default_factory=list)
    service: Answers = field(init=False)
    keys: Keys = field(init=False)

    def answer(self, method: str, path: str) -> Answer:
        return AWAY if self.away else GIVEN

    def part(self) -> Item:
        return self.spool.create("", "c1", "2026-1")

    def kept(self, item: Item) -> bool:
        """Whether a later window, which has only the disk and the service, gets at its key."""
        wrapped = Spool(self.spool.folder).update(item).wrapped
        return wrapped is not None and unwrap(SPOOL_KEY, wrapped, item.item_id) == self.spool.key(item)


@asynccontextmanager
async def office(folder: Path) -> AsyncIterator[Office]:
    this = Office(Spool(folder))
    async with answering(this.answer) as this.service:
        client = Client(this.service.url)
        this.keys = Keys(client, this.spool, this.warned.append)
        try:
            yield this
        finally:
            await client.close()


@asynccontextmanager
async def running(task: "asyncio.Task[None]") -> AsyncIterator[None]:
    try:
        yield
    finally:
        task.cancel()
        with suppress(asyncio.CancelledError):
            await task


async def until(true: Callable[[], bool]) -> None:
    async with asyncio.timeout(20):
        while not true():  # noqa: ASYNC110 - told by nothing
            await asyncio.sleep(0.01)


def everything(folder: Path) -> bytes:
    return b"".join(path.read_bytes() for path in folder.rglob("*") if path.is_file())


@pytest.fixture(autouse=True)
def _impatient(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(keys_, "LONGEST_PAUSE", 0.02)


async def test_a_part_that_begins_while_the_service_is_away_is_kept_at_once(tmp_path: Path) -> None:
    async with office(tmp_path) as this:
        await this.keys.hold("c1")
        this.away, asked, part = True, len(this.service.asked), this.part()
        async with asyncio.timeout(20):
            await this.keys.keep(part)
        assert this.kept(part)
        assert len(this.service.asked) == asked
        assert this.warned == []


async def test_a_call_that_begins_while_the_service_is_away_gets_its_key_once_it_is_back(tmp_path: Path) -> None:
    async with office(tmp_path) as this:
        this.away = True
        holding = asyncio.create_task(this.keys.hold("c1"))
        async with running(holding):
            await until(lambda: len(this.service.asked) > 2)
            this.away = False
            await until(holding.done)
        this.away, part = True, this.part()
        async with asyncio.timeout(20):
            await this.keys.keep(part)
        assert this.kept(part)


async def test_the_spool_key_goes_with_the_call_and_is_written_nowhere(tmp_path: Path) -> None:
    async with office(tmp_path) as this:
        await this.keys.hold("c1")
        await this.keys.keep(this.part())
        written = everything(tmp_path)
        assert SPOOL_KEY not in written
        assert SPOOL_KEY.hex().encode() not in written
        await this.keys.forget("c1")
        asked = len(this.service.asked)
        await this.keys.keep(this.part())
        assert len(this.service.asked) == asked + 1


async def test_a_call_that_is_over_is_not_asked_for_any_more(tmp_path: Path) -> None:
    async with office(tmp_path) as this:
        this.away = True
        holding = asyncio.create_task(this.keys.hold("c1"))
        async with running(holding):
            await until(lambda: bool(this.service.asked))
            await this.keys.forget("c1")
            await until(holding.done)


class Silent(MediaEngine):
    """Does nothing; ``posted`` is what it was told."""

    posted: list[ports.Command]
    writing: frozenset[Path] = frozenset()

    def start(self, listener: Callable[[ports.Event], None]) -> None:
        self.posted, self.tell = [], listener

    def post(self, command: ports.Command) -> None:
        self.posted.append(command)

    def being_recorded(self) -> frozenset[Path]:
        return self.writing

    def stop(self, timeout: float = 10.0) -> None:
        pass


@dataclass
class Seat:
    """A desk whose link nobody answers, and a service that gives the key or is away."""

    bridge: Bridge
    qtbot: QtBot
    folder: Path
    office: Office
    made: list[tuple[Desk, Client]] = field(default_factory=list)

    def desk(self, *writing: Path) -> tuple[Desk, Silent]:
        """A window's; ``writing``: what its engine records since before."""
        engine, client = Silent(ports.EngineOptions(use_devices=False)), Client(self.office.service.url)
        desk = Desk(self.bridge, client, Spool(self.folder), engine, self.bridge)
        engine.writing = frozenset(writing)
        self.made.append((desk, client))
        desk.start()
        looking = desk.tape._works[0]
        self.qtbot.waitUntil(lambda: looking.task is not None and looking.task.done(), timeout=20_000)
        return desk, engine

    def asked(self) -> int:
        return self.office.service.asked.count(ASKING)


@pytest.fixture
def seat(bridge: Bridge, qtbot: QtBot, tmp_path: Path) -> Iterator[Seat]:
    this = Seat(bridge, qtbot, tmp_path, Office(Spool(tmp_path)))
    this.office.service = Answers(this.office.answer)
    bridge.finish(this.office.service.open())
    yield this
    for desk, client in this.made:
        desk.stop()
        bridge.finish(client.close())
    bridge.finish(this.office.service.close())


def in_call() -> w.Input:
    return w.Pushed(views.view(Presence.ON_CALL, talk=views.call()), views.NOW)


def wrapped(seat: Seat) -> list[bool]:
    return [item.wrapped is not None for item in Spool(seat.folder).items()]


def test_the_seat_asks_for_the_key_as_the_call_begins_and_forgets_it_as_it_ends(seat: Seat) -> None:
    desk, engine = seat.desk()
    desk.feed(in_call())
    seat.qtbot.waitUntil(lambda: desk.tape._uploader.keys._held.get("c1") is not None, timeout=20_000)
    assert isinstance(engine.posted[0], ports.OpenCall)
    seat.office.away, asked = True, seat.asked()
    desk.tape.begin(w.BeginRecording("c1", "2026-1"))
    seat.qtbot.waitUntil(lambda: wrapped(seat) == [True], timeout=20_000)
    assert seat.asked() == asked
    desk.feed(w.Pushed(views.view(), views.NOW))
    assert ports.CloseCall("c1") in engine.posted
    seat.qtbot.waitUntil(lambda: "c1" not in desk.tape._uploader.keys._held, timeout=20_000)


def test_a_window_killed_while_the_service_is_away_leaves_a_part_that_the_next_one_keeps(seat: Seat) -> None:
    seat.office.away = True
    desk, engine = seat.desk()
    desk.tape.begin(w.BeginRecording("c1", "2026-1"))
    (begun,) = [command for command in engine.posted if isinstance(command, ports.StartRecording)]
    desk.stop()
    assert wrapped(seat) == [False]
    seat.office.away = False
    _, again = seat.desk(begun.path)
    again.tell(ports.CallLeft("c1", begun))
    seat.qtbot.waitUntil(lambda: wrapped(seat) == [True], timeout=20_000)
    (item,) = Spool(seat.folder).items()
    assert item.wrapped is not None
    assert unwrap(SPOOL_KEY, item.wrapped, item.item_id) == begun.key
