"""A UDP relay in a process of its own, which joins two hosts by an emulated link. No privileges are needed.

Each host knows only the relay's port as the other's address. The first address that sends to a port is that host; it
is replaced only after it has been silent, so that a host with several interfaces has one path and not several.
"""

import contextlib
import gc
import heapq
import os
import select
import socket
import time
from dataclasses import dataclass, field
from multiprocessing import get_context
from multiprocessing.connection import Connection
from types import TracebackType
from typing import Self

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


class Relay:
    """``with Relay(up, down, seed) as relay``: hosts are joined from entering to leaving.

    ``phone_port`` is where the phone sends to, so what the seat's address is for the phone, and the other way round.
    """

    def __init__(self, up: Shape, down: Shape, seed: int) -> None:
        ours, theirs = get_context("spawn").Pipe()
        self._pipe = ours
        self._process = get_context("spawn").Process(target=_run, args=(theirs, up, down, seed), daemon=True)
        self._theirs = theirs

    def __enter__(self) -> Self:
        self._process.start()
        self._theirs.close()
        if not self._pipe.poll(20):
            self._process.kill()
            raise Unavailable("模拟链路的进程没有启动")
        self.phone_port, self.seat_port = self._pipe.recv()
        return self

    def begin(self) -> float:
        """Sets the link's zero, from which black-outs and traces count; returns it as ``time.monotonic()``."""
        zero = time.monotonic()
        self._pipe.send(zero)
        return zero

    def end(self) -> Journal:
        """Stops and tells all."""
        self._pipe.send(None)
        if not self._pipe.poll(20):
            raise Unavailable("模拟链路的进程没有回答")
        journal: Journal = self._pipe.recv()
        return journal

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


class _Loop:
    def __init__(self, up: Shape, down: Shape, seed: int) -> None:
        self.sides = (_Side(), _Side())
        self.journal = Journal()
        self._ways = (OneWay(up, 2 * seed), OneWay(down, 2 * seed + 1))
        self._notes = (self.journal.up, self.journal.down)
        self._due: list[tuple[float, int, int, bytes]] = []
        self._number = 0
        self._shapes = (up, down)
        self._seed = seed
        self._zero = time.monotonic()

    def begin(self, zero: float) -> None:
        self._zero = zero
        self._ways = (OneWay(self._shapes[0], 2 * self._seed), OneWay(self._shapes[1], 2 * self._seed + 1))

    def run(self, pipe: Connection) -> None:
        phone, seat = self.sides
        while True:
            wait = max(0.0, self._due[0][0] - time.monotonic()) if self._due else 1.0
            watched: list[socket.socket | Connection] = [phone.socket, seat.socket, pipe]
            ready, _, _ = select.select(watched, [], [], wait)
            if pipe in ready:
                asked = pipe.recv()
                if asked is None:
                    return
                self.begin(asked)
            for who, side in enumerate(self.sides):
                if side.socket in ready:
                    self._take(who, side)
            self._send_due()

    def _take(self, who: int, side: _Side) -> None:
        for _ in range(_AT_ONCE):
            now = time.monotonic()
            data = side.receive(now)
            if data is None:
                return
            if not data:
                continue
            size = len(data) + HEADERS
            fate = self._ways[who].take(size, at := max(0.0, now - self._zero))
            took = None if fate.leaves is None else fate.leaves - at
            self._notes[who].append(Passage(now, size, fate.waited, fate.lost, took))
            if fate.leaves is not None:
                self._number += 1
                heapq.heappush(self._due, (self._zero + fate.leaves, self._number, 1 - who, data))

    def _send_due(self) -> None:
        while self._due and self._due[0][0] <= (now := time.monotonic()):
            due, _, to, data = heapq.heappop(self._due)
            self.sides[to].send(data)
            self.journal.late.append(now - due)


def _run(pipe: Connection, up: Shape, down: Shape, seed: int) -> None:
    with contextlib.suppress(OSError, AttributeError):  # where it may, the relay goes before what it measures
        os.sched_setscheduler(0, os.SCHED_RR, os.sched_param(1))
    gc.disable()
    loop = _Loop(up, down, seed)
    pipe.send(tuple(side.port for side in loop.sides))
    with contextlib.suppress(EOFError, KeyboardInterrupt):
        loop.run(pipe)
        pipe.send(loop.journal)
    for side in loop.sides:
        side.socket.close()
