"""A UDP relay in a process of its own, which joins two hosts by an emulated link. No privileges are needed.

Each host knows only the relay's port as the other's address. The first address that sends to a port is that host; it
is replaced only after it has been silent, so that a host with several interfaces has one path and not several.

Every connection gets a leg of its own, a pair of ports; all legs share the one link. When the phone moves to another
network, legs opened before are dead and say nothing of it.
"""

import contextlib
import gc
import heapq
import os
import select
import socket
import time
from collections.abc import Sequence
from dataclasses import dataclass, field
from enum import Enum
from multiprocessing import get_context
from multiprocessing.connection import Connection
from types import TracebackType
from typing import Any, Self

from media.core.link import Lost, OneWay, Shape
from media.errors import Unavailable

HEADERS = 28
"""IPv4 and UDP, which a real link carries too."""
FORGET_AFTER = 2.0
LATE_MS = 10.0
"""A relay that was later than this spoils what is measured."""
_AT_ONCE = 64
_BUFFER = 1 << 21
PHONE, SEAT = 0, 1


@dataclass(frozen=True)
class Passage:
    """One packet: when it came (``time.monotonic()``), its size with headers, its wait, and how it was lost if so.

    ``took``: seconds from coming to leaving, None for a lost one.
    """

    at: float
    size: int
    waited: float
    lost: Lost | None
    took: float | None


@dataclass
class Journal:
    """All that went through. ``late``: seconds after its time at which each packet was sent on."""

    up: list[Passage] = field(default_factory=list)
    down: list[Passage] = field(default_factory=list)
    late: list[float] = field(default_factory=list)

    @property
    def worst_late_ms(self) -> float:
        return 1000 * max(self.late, default=0.0)

    @property
    def late_share(self) -> float:
        """The share of packets that were sent on more than LATE_MS late."""
        return sum(late * 1000 > LATE_MS for late in self.late) / max(1, len(self.late))


class _Ask(Enum):
    """What the process is asked for; each is answered."""

    JOIN = "join"
    BEGIN = "begin"
    END = "end"


class Relay:
    """``with Relay(up, down, seed) as relay``: hosts are joined from entering to leaving.

    ``phone_port`` is where the phone sends to, so what the seat's address is for the phone, and the other way round;
    they are those of the newest leg, the first of which is there at once. ``moves``: seconds at which the phone changes
    its network.
    """

    def __init__(self, up: Shape, down: Shape, seed: int, moves: Sequence[float] = ()) -> None:
        ours, theirs = get_context("spawn").Pipe()
        self._pipe = ours
        self._process = get_context("spawn").Process(target=_run, args=(theirs, up, down, seed, moves), daemon=True)
        self._theirs = theirs

    def __enter__(self) -> Self:
        self._process.start()
        self._theirs.close()
        self.join()
        return self

    def join(self) -> None:
        """Opens one more leg, for one more connection."""
        self._pipe.send(_Ask.JOIN)
        self.phone_port, self.seat_port = self._reply()

    def begin(self) -> float:
        """Sets the link's zero, from which black-outs, moves and traces count; returns it as ``time.monotonic()``."""
        self._pipe.send(_Ask.BEGIN)
        return float(self._reply())

    def end(self) -> Journal:
        """Stops and tells all."""
        self._pipe.send(_Ask.END)
        journal: Journal = self._reply()
        return journal

    def _reply(self) -> Any:
        if not self._pipe.poll(20):
            raise Unavailable("模拟链路的进程没有回答")
        return self._pipe.recv()

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._pipe.close()
        self._process.join(5)
        if self._process.is_alive():
            self._process.kill()
            self._process.join(5)
        self._process.close()


class _Side:
    """One host as the relay sees it."""

    def __init__(self) -> None:
        self.socket = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
        self.socket.setblocking(False)
        for option in (socket.SO_RCVBUF, socket.SO_SNDBUF):
            self.socket.setsockopt(socket.SOL_SOCKET, option, _BUFFER)
        self.socket.bind(("127.0.0.1", 0))
        self.port = self.socket.getsockname()[1]
        self._address: tuple[str, int] | None = None
        self._heard = 0.0

    def receive(self, now: float) -> bytes | None:
        """The next datagram of the host, empty for a stranger's, None where there is none."""
        try:
            data, address = self.socket.recvfrom(65536)
        except BlockingIOError:
            return None
        if self._address is None or now - self._heard > FORGET_AFTER:
            self._address = address
        if address != self._address:
            return b""
        self._heard = now
        return data

    def send(self, data: bytes) -> None:
        if self._address is not None:
            with contextlib.suppress(BlockingIOError):
                self.socket.sendto(data, self._address)


@dataclass(frozen=True)
class _Leg:
    """``sides`` are phone and seat."""

    sides: tuple[_Side, _Side]
    born: float


class _Loop:
    def __init__(self, up: Shape, down: Shape, seed: int, moves: Sequence[float]) -> None:
        self.legs: list[_Leg] = []
        self.journal = Journal()
        self._notes = (self.journal.up, self.journal.down)
        self._due: list[tuple[float, int, _Leg, int, bytes]] = []
        self._number = 0
        self._shapes = (up, down)
        self._seed = seed
        self._moves = moves
        self._begin()

    def _begin(self) -> float:
        self._zero = time.monotonic()
        self._ways = tuple(OneWay(shape, 2 * self._seed + way) for way, shape in enumerate(self._shapes))
        return self._zero

    def _join(self) -> tuple[int, int]:
        leg = _Leg((_Side(), _Side()), time.monotonic())
        self.legs.append(leg)
        return leg.sides[PHONE].port, leg.sides[SEAT].port

    def run(self, pipe: Connection) -> None:
        while True:
            wait = max(0.0, self._due[0][0] - time.monotonic()) if self._due else 1.0
            hosts = {side.socket.fileno(): (leg, who) for leg in self.legs for who, side in enumerate(leg.sides)}
            ready, _, _ = select.select([pipe.fileno(), *hosts], [], [], wait)
            if pipe.fileno() in ready:
                asked = pipe.recv()
                if asked is _Ask.END:
                    return
                pipe.send(self._join() if asked is _Ask.JOIN else self._begin())
            for one in hosts.keys() & ready:
                self._take(*hosts[one])
            self._send_due()

    def _dead(self, leg: _Leg, now: float) -> bool:
        return any(leg.born < self._zero + move <= now for move in self._moves)

    def _take(self, leg: _Leg, who: int) -> None:
        for _ in range(_AT_ONCE):
            now = time.monotonic()
            data = leg.sides[who].receive(now)
            if data is None:
                return
            if not data or self._dead(leg, now):
                continue
            size = len(data) + HEADERS
            fate = self._ways[who].take(size, at := max(0.0, now - self._zero))
            took = None if fate.leaves is None else fate.leaves - at
            self._notes[who].append(Passage(now, size, fate.waited, fate.lost, took))
            if fate.leaves is not None:
                self._number += 1
                heapq.heappush(self._due, (self._zero + fate.leaves, self._number, leg, 1 - who, data))

    def _send_due(self) -> None:
        while self._due and self._due[0][0] <= (now := time.monotonic()):
            due, _, leg, to, data = heapq.heappop(self._due)
            if not self._dead(leg, now):
                leg.sides[to].send(data)
            self.journal.late.append(now - due)


def _run(pipe: Connection, up: Shape, down: Shape, seed: int, moves: Sequence[float]) -> None:
    with contextlib.suppress(OSError, AttributeError):  # where it may, the relay goes before what it measures
        os.sched_setscheduler(0, os.SCHED_RR, os.sched_param(1))
    gc.disable()
    loop = _Loop(up, down, seed, moves)
    with contextlib.suppress(EOFError, KeyboardInterrupt):
        loop.run(pipe)
        pipe.send(loop.journal)
    for side in (side for leg in loop.legs for side in leg.sides):
        side.socket.close()
