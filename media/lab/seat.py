"""The seat's end of a call as a host of the lab: the real ``media.peer.Peer`` in a process of its own.

It is driven as a call drives it: pictures and steps of sound are pushed by a clock, what comes is taken from the slot
and every 20 ms from the voice that comes in.
"""

import asyncio
import time
from collections.abc import Sequence
from contextlib import ExitStack
from multiprocessing.connection import Connection
from types import TracebackType
from typing import Self

import numpy as np

from media.core.callfigures import Shown
from media.core.mixing import BLOCK, RATE, Samples
from media.core.picturecode import Code, paint, read, since
from media.core.soundcode import SYMBOL, Sent, said, thin
from media.errors import Unavailable
from media.hearing import Hearing
from media.lab.decoding import timing
from media.lab.hosts import CHUNK_MS, Observed, steady
from media.lab.process import Process
from media.lab.scene import LENGTH, planes
from media.lab.scene import RATE as PICTURES
from media.peer import Peer
from media.pictures import copied
from media.ports import Picture
from media.slots import LatestPicture
from media.stage import Pacer
from media.succession import Succession

STEP_MS = 1000 * BLOCK / RATE
READY = "ready"


class SeatHost:
    """``with SeatHost() as seat``: the process runs from entering to leaving."""

    def __enter__(self) -> Self:
        with ExitStack() as undo:
            self._process = undo.enter_context(Process(_serve))
            self._process.ask(READY)
            self._ending = undo.pop_all()
        return self

    def answer(self, sdp: str) -> str:
        """Our answer; raises ``Unavailable``."""
        return str(self._process.ask(sdp))

    def finish(self) -> Observed:
        """What came and went. Raises ``Unavailable`` where the seat had trouble."""
        observed = self._process.ask(None)
        assert isinstance(observed, Observed)
        return observed

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._ending.close()


class _Watched(LatestPicture):
    """A slot that reads the code of every picture put into it."""

    def __init__(self) -> None:
        super().__init__()
        self.shown: list[Shown] = []
        self.unread = 0

    def put(self, picture: Picture | None) -> None:
        super().put(picture)
        now = time.monotonic() * 1000
        if picture is None:
            return
        code = read(picture.y)
        if code is None:
            self.unread += 1
        else:
            self.shown.append(Shown(now, code.number, since(code.sent_ms, now)))


class _Seat:
    """On the loop, but for the two clocks."""

    def __init__(self) -> None:
        self._loop = asyncio.get_running_loop()
        self._scenes = [planes(number) for number in range(LENGTH)]
        self.slot, self._voice = _Watched(), Hearing()
        self._ends = Succession()
        self._made: list[float] = []
        self._steps: list[tuple[int, float]] = []
        self._heard: list[tuple[Samples, float]] = []
        self._trouble: list[str] = []
        self._decoding = timing()
        self._clocks = [
            Pacer("pictures", PICTURES, self._picture, self._trouble.append),
            Pacer("sound", 50, self._sound, self._trouble.append),
        ]

    async def answer(self, sdp: str) -> str:
        """An offer begins a connection of its own; the one before goes on until something comes by it, as in a call."""
        peer = Peer((), self.slot, Hearing(), lambda state: None, lambda seconds: self._ends.take(peer))
        if self._ends.follow(peer, lambda: self._hear(peer)):
            self._hear(peer)
        answer = (await peer.answer(sdp)).sdp
        for clock in self._clocks:
            if not clock.is_alive():
                clock.start()
        return answer

    def _hear(self, peer: Peer) -> None:
        self._voice = peer.voice

    def _picture(self, number: int, due_ns: int) -> None:
        now = time.monotonic_ns()
        picture = copied(self._scenes[number % LENGTH], now)
        paint(picture.y, Code(round(now / 1e6), number))
        self._made.append(now / 1e6)
        for peer in self._ends.peers:
            self._loop.call_soon_threadsafe(peer.stage.push, picture)

    def _sound(self, number: int, due_ns: int) -> None:
        now = time.monotonic() * 1000
        self._steps.append((number, now))
        for peer in self._ends.peers:
            self._loop.call_soon_threadsafe(peer.heard.push, number, said(number * BLOCK, BLOCK))
        self._heard.append((self._voice.take(), now + STEP_MS))

    async def finish(self) -> Observed:
        await self._ends.close()
        await asyncio.to_thread(self._stop_clocks)
        if self._trouble:
            raise Unavailable(f"坐席进程出错：{self._trouble[0]}")
        ends = steady([end for _, end in self._heard], STEP_MS)
        return Observed(
            made=tuple(self._made),
            shown=tuple(self.slot.shown),
            unread=self.slot.unread,
            symbols=tuple(symbols_of(self._steps)),
            sound=thin(np.concatenate([np.zeros(0, np.int16), *(samples for samples, _ in self._heard)])),
            ends=tuple(float(end - STEP_MS + CHUNK_MS * half) for end in ends for half in (1, 2)),
            played=tuple(end - STEP_MS for _, end in self._heard),
            decoded=tuple(self._decoding),
        )

    def _stop_clocks(self) -> None:
        for clock in self._clocks:
            if clock.is_alive():
                clock.close()


def symbols_of(steps: Sequence[tuple[int, float]]) -> list[Sent]:
    """The symbols that begin within steps of BLOCK samples: (number, when it was handed over).

    A microphone hands a step over when its last sample has been said, so each began STEP_MS before.
    """
    times = steady([at for _, at in steps], STEP_MS)
    found = []
    for (number, _), at in zip(steps, times, strict=True):
        first = -(-number * BLOCK // SYMBOL)
        begins = range(first * SYMBOL, (number + 1) * BLOCK, SYMBOL)
        found += [
            Sent(start // SYMBOL, float(at) - STEP_MS + 1000 * (start - number * BLOCK) / RATE) for start in begins
        ]
    return found


async def _serve(pipe: Connection) -> None:
    seat = _Seat()
    while (asked := await asyncio.to_thread(pipe.recv)) is not None:
        pipe.send(READY if asked == READY else await seat.answer(asked))
    pipe.send(await seat.finish())
