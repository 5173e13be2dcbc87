"""``pingqian bench queue``: a county's or a province's seats and customers on the real service, beside bare anchors."""

import argparse
import asyncio
import tempfile
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from statistics import quantiles
from typing import TYPE_CHECKING

from signing.commandline.bench.table import Row

if TYPE_CHECKING:
    from signing.commandline.bench.load.clients import Line, Turn
    from signing.commandline.bench.load.crowd import Crowd
    from signing.commandline.bench.load.dispatching import Rates
    from signing.commandline.bench.load.process import Process

SEATS_A_BRANCH = 7
RING_LIMIT_MS = 1000.0
"""Longer than this between a free seat and its ring, and an agent would notice."""
SETTLE_SECONDS = 3.0
BARE_ROUNDS = 300


@dataclass(frozen=True)
class Memory:
    """Kilobytes of the service without phones, and with so many connected."""

    without: int
    with_phones: int
    phones: int

    @property
    def each(self) -> float:
        return (self.with_phones - self.without) / max(1, self.phones)


@dataclass(frozen=True)
class Served:
    memory: Memory
    turns: "list[Turn]"
    round_trips: list[float]
    refused: int
    frames: float
    octets: float
    """A second, over all sockets."""


class Queue:
    name = "queue"
    help = "排队：席位空闲到振铃、每秒派号数、每部手机占用的内存"

    def configure(self, parser: argparse.ArgumentParser) -> None:
        add = parser.add_argument
        add("--database", default="", metavar="URL", help="空的 PostgreSQL 数据库（默认用临时目录里的 SQLite）")
        add("--postgres", action="store_true", help="临时启动一个 PostgreSQL 来测量")
        add("--seats", type=whole_number, default=188, metavar="数量", help="席位数（默认 188）")
        add("--customers", type=whole_number, default=1000, metavar="数量", help="排队的客户数（默认 1000）")
        add("--branches", type=whole_number, metavar="数量", help=f"网点数（默认每 {SEATS_A_BRANCH} 席一个）")
        add("--talk", type=float, default=40.0, metavar="秒", help="平均通话时长（默认 40 秒，约为真实情形的十倍快）")
        add("--seconds", type=float, default=60.0, metavar="秒", help="营业多久（默认 60 秒）")

    def measure(self, arguments: argparse.Namespace) -> list[Row]:
        with tempfile.TemporaryDirectory(prefix="pingqian-bench-") as folder, database_of(arguments) as database:
            return measured(Path(folder), database, arguments)


def whole_number(text: str) -> int:
    value = int(text)
    if value < 1:
        raise argparse.ArgumentTypeError("须为正整数")
    return value


@contextmanager
def database_of(arguments: argparse.Namespace) -> Iterator[str]:
    if not arguments.postgres:
        yield arguments.database
        return
    from signing.commandline.bench.load.postgres import throw_away

    with throw_away() as url:
        yield url


def measured(folder: Path, database: str, arguments: argparse.Namespace) -> list[Row]:
    from signing.commandline.bench.load.bare import rate
    from signing.commandline.bench.load.crowd import gather
    from signing.commandline.bench.load.dispatching import rates
    from signing.commandline.bench.load.process import serving

    data = folder / "data"
    seats, customers = arguments.seats, arguments.customers
    branches = min(seats, arguments.branches or -(-seats // SEATS_A_BRANCH))
    crowd = gather(data, database, branches=branches, seats=seats, customers=customers)
    options = ["--database", database] if database else []
    with serving(data, options) as process:
        served = asyncio.run(_serve(process, crowd, arguments.talk, arguments.seconds))
    bare = rate(folder, database, BARE_ROUNDS)
    found = rates(data, database, crowd, 5.0)
    bare = (bare + rate(folder, database, BARE_ROUNDS)) / 2
    batched = rate(folder, database, BARE_ROUNDS, found.largest)
    return [*rings(served), *dispatches(found, bare, batched), *_costs(served)]


async def _serve(process: "Process", crowd: "Crowd", talk: float, seconds: float) -> Served:
    import httpx

    from signing.commandline.bench.load import clients

    phones = clients.phone_lines(process.sockets, crowd.guests)
    lines = clients.seat_lines(process.sockets, crowd.places)
    limits = httpx.Limits(max_connections=64)
    async with httpx.AsyncClient(base_url=process.url, timeout=120, limits=limits) as http:
        office = clients.Office(http, {guest.party_id: guest for guest in crowd.guests}, talk)
        async with clients.connected(phones[:10]):
            await asyncio.sleep(SETTLE_SECONDS)
        await asyncio.sleep(SETTLE_SECONDS)
        without = process.resident_kilobytes()
        async with clients.connected(phones):
            await asyncio.sleep(SETTLE_SECONDS)
            memory = Memory(without, process.resident_kilobytes(), len(phones))
            async with clients.connected(lines):
                before = _sent(phones, lines)
                await office.run(crowd.places, lines, seconds)
                sent = [(now - then) / seconds for now, then in zip(_sent(phones, lines), before, strict=True)]
    trips = [trip for line in lines for trip in line.round_trips]
    return Served(memory, office.turns, trips, office.refused, *sent)


def _sent(phones: "Sequence[Line]", seats: "Sequence[Line]") -> tuple[int, int]:
    lines = [*phones, *seats]
    return sum(line.frames for line in lines), sum(line.octets for line in lines)


def rings(served: Served) -> list[Row]:
    """In milliseconds, beside a bare round trip on the same sockets in the same minute. Missed where nothing rang."""
    sent = [1000 * turn.sent for turn in served.turns]
    answered = [1000 * turn.answered for turn in served.turns]
    trips = [1000 * trip for trip in served.round_trips]
    rows = []
    for share in (50, 99):
        limit = RING_LIMIT_MS if share == 99 else None
        at_wire, own = _percentile(answered, share), _percentile(trips, share)
        met, target = (None, "") if limit is None else (bool(answered) and at_wire <= limit, f"≤ {limit:,.0f}")
        rows.append(Row(f"席位空闲（已答复）至振铃送达 p{share}", at_wire, "毫秒", target, met, own))
        rows.append(Row(f"示闲指令发出至振铃送达 p{share}", _percentile(sent, share), "毫秒", anchor=own))
    return rows


def _percentile(values: Sequence[float], share: int) -> float:
    """Zero without any; the only one where there is one."""
    if len(values) < 2:
        return values[0] if values else 0.0
    return quantiles(values, n=100, method="inclusive")[share - 1]


def dispatches(found: "Rates", bare: float, batched: float) -> list[Row]:
    """``bare``: transactions of one offer a second; ``batched``: offers a second where a transaction is as large."""

    def row(goal: str, ours: float, anchor: float) -> Row:
        return Row(goal, ours, "次/秒", "≥ 0.5 倍", ours >= anchor / 2, anchor)

    largest = f"派号（席位全部空闲，每次提交至多 {found.largest} 个）"
    return [
        row("派号（每次空出一席）比裸事务（每次提交一个）", found.single, bare),
        row(f"{largest}比裸事务（每次提交一个）", found.saturated, bare),
        Row(f"{largest}比裸事务（同样成批）", found.saturated, "次/秒", anchor=batched),
    ]


def _costs(served: Served) -> list[Row]:
    return [
        Row(f"每部在线手机占用内存（{served.memory.phones} 部）", served.memory.each, "KB"),
        Row("服务内存（无手机在线）", served.memory.without / 1024, "MB"),
        Row("接通", float(len(served.turns)), "次", "> 0", bool(served.turns)),
        Row("被拒绝的请求", float(served.refused), "个", "0", served.refused == 0),
        Row("推送", served.frames, "帧/秒"),
        Row("推送的数据", served.octets / 1024, "KB/秒"),
    ]


QUEUE = Queue()
