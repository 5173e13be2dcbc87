"""A whole seat under load: the real engine with its stage, its recording and its check, and customers who send and see.

The engine is in a process of its own, whose processor time counts; the customers are in another. What the agent's
camera and microphone give was made beforehand (``media.lab.agent``).
"""

import asyncio
import os
import queue
import secrets
import threading
import time
from collections.abc import Sequence
from dataclasses import dataclass
from multiprocessing.connection import Connection
from pathlib import Path
from tempfile import TemporaryDirectory

from media import ports
from media.checker import CHECK
from media.core.mixing import BLOCK
from media.core.soundcode import said
from media.engine import MediaEngine
from media.errors import Unavailable
from media.hearing import Hearing
from media.lab.agent import camera_file, voice_file
from media.lab.process import LoopLateness, Process
from media.lab.scene import LENGTH, planes
from media.lab.scene import RATE as PICTURES
from media.peer import Peer
from media.pictures import copied, scaled
from media.slots import LatestPicture
from media.stage import Pacer

WARM_SECONDS = 8.0
PATIENCE = 20.0
CALL = "c1"
LOWER = 5
"""By which the customers' process is nicer."""


@dataclass(frozen=True)
class Load:
    """``cores``: processor time a second of the engine's process; ``late_ms``: of its event loop, 99th percentile; zero
    where nobody looked.

    ``doubts``: what the check of the recording said in the end. ``checking``: the part of ``cores`` that this check
    takes, which reads back and decodes what was written; zero where nothing is recorded or it cannot be told.
    ``pictures``: a second, of the customer of whom the fewest came; None where nobody was looked at meanwhile.
    """

    customers: int
    cores: float
    late_ms: float
    fragments: int
    doubts: tuple[str, ...]
    checking: float = 0.0
    pictures: float | None = None


@dataclass(frozen=True)
class Setting:
    """A call. ``stage`` and ``sent``: sizes in pixels; ``back``: whether the seat sends anything to its customers.

    ``sealed``: recorded as a seat does it, encrypted, and not as a plain file; ``tracks``: with each customer's own.
    ``lateness``: whether the engine's event loop is looked at, some fifty times a second, which the seat itself would
    not do.
    """

    customers: int
    voices: bool = True
    recorded: bool = True
    stage: tuple[int, int] = (1280, 720)
    sent: tuple[int, int] = (640, 360)
    back: bool = True
    sealed: bool = False
    tracks: bool = False
    lateness: bool = False


def load(
    customers: int,
    seconds: float,
    *,
    voices: bool = True,
    recorded: bool = True,
    tracks: bool = False,
    lateness: bool = False,
) -> Load:
    """A call of so many who all send pictures (and, with ``voices``, sound); raises ``Unavailable``."""
    return loaded(Setting(customers, voices, recorded, sealed=True, tracks=tracks, lateness=lateness), seconds)


def loaded(setting: Setting, seconds: float) -> Load:
    """The same for any setting."""
    with Process(serve_customers) as there, Process(_serve_seat, setting) as seat:
        there.ask(seat.ask(there.ask(setting)))
        time.sleep(WARM_SECONDS)
        seat.ask(None)
        time.sleep(seconds)
        cores, late_ms, fragments, doubts, seen, pictures, checking = seat.ask(None)
        if seen < setting.customers:
            raise Unavailable(f"坐席只收到 {seen} 位客户的画面")
        return Load(setting.customers, cores, late_ms, fragments, doubts, checking, pictures)


async def serve_customers(pipe: Connection) -> None:
    """Offers for so many, takes the answers, and then sends until the pipe is closed."""
    give_way()
    setting = await asyncio.to_thread(pipe.recv)
    peers = [_customer(setting) for _ in range(setting.customers)]
    pipe.send([await peer.offer() for peer in peers])
    for peer, answer in zip(peers, await asyncio.to_thread(pipe.recv), strict=True):
        await peer.accept(answer)
    while not all(peer.stands for peer in peers):  # noqa: ASYNC110
        await asyncio.sleep(0.05)
    clocks = _clocks(peers, setting)
    pipe.send("connected")
    try:
        await asyncio.to_thread(pipe.recv)
    finally:
        for clock in clocks:
            await asyncio.to_thread(clock.close)
        await asyncio.gather(*(peer.close() for peer in peers))


def _customer(setting: Setting) -> "_Customer":
    peer = _Customer((), LatestPicture(), Hearing(), lambda state: None, lambda seconds: None)
    peer.back = setting.back
    return peer


class _Customer(Peer):
    """Offers as a phone does: pictures and sound go both ways, unless nothing is to come ``back``."""

    back = True

    async def offer(self) -> str:
        self._pc.addTrack(self.stage)
        self._pc.addTrack(self.heard)
        for transceiver in self._pc.getTransceivers():
            transceiver.direction = "sendrecv" if self.back else "sendonly"
        await self._pc.setLocalDescription(await self._pc.createOffer())
        return str(self._pc.localDescription.sdp)


def give_way() -> None:
    """Real customers work on computers of their own: where both want the processor, the seat has it."""
    policy = os.sched_getscheduler(0) if hasattr(os, "sched_getscheduler") else None
    if policy is not None and policy in (os.SCHED_RR, os.SCHED_FIFO):
        least, now = os.sched_get_priority_min(policy), os.sched_getparam(0).sched_priority
        os.sched_setscheduler(0, policy, os.sched_param(max(least, now - 1)))
    elif hasattr(os, "nice"):
        os.nice(LOWER)


def _clocks(peers: Sequence[Peer], setting: Setting) -> list[Pacer]:
    """Each customer moves, and talks in symbols, in their own time: no two begin at the same moment."""
    loop, count = asyncio.get_running_loop(), len(peers)
    scenes = [scaled(planes(number), *setting.sent) for number in range(LENGTH)]

    def show(number: int, due_ns: int) -> None:
        step, index = divmod(number, count)
        seen = copied(scenes[(step + 11 * index) % LENGTH], time.monotonic_ns())
        loop.call_soon_threadsafe(peers[index].stage.push, seen)

    def say(number: int, due_ns: int) -> None:
        step, index = divmod(number, count)
        loop.call_soon_threadsafe(peers[index].heard.push, step, said((step + 50 * index) * BLOCK, BLOCK))

    clocks = [Pacer("pictures", PICTURES * count, show, print)]
    if setting.voices:
        clocks.append(Pacer("sound", 50 * count, say, print))
    for clock in clocks:
        clock.start()
    return clocks


# --- the seat ---


async def _serve_seat(pipe: Connection, setting: Setting) -> None:
    """Answers all offers and records; then tells, each time, what it took since the time before."""
    with TemporaryDirectory(prefix="pingqian-bench-") as folder:
        seat = await asyncio.to_thread(_Seat, setting, Path(folder))
        try:
            offers = await asyncio.to_thread(pipe.recv)
            pipe.send([await asyncio.to_thread(seat.answer, index, sdp) for index, sdp in enumerate(offers)])
            if setting.recorded:
                seat.record(Path(folder) / "seat.mp4", sealed=setting.sealed, tracks=setting.tracks)
            since, cpu, check = time.monotonic(), time.process_time(), 0.0
            while True:
                await asyncio.to_thread(pipe.recv)
                now, used, checked = time.monotonic(), time.process_time(), thread_seconds(CHECK)
                shares = [(after - before) / (now - since) for before, after in ((cpu, used), (check, checked))]
                since, cpu, check = now, used, checked
                told = seat.lateness.take(), seat.fragments, seat.doubts, seat.seen(len(offers)), seat.pictures()
                pipe.send((shares[0], *told, shares[1]))
        finally:
            await asyncio.to_thread(seat.close)


def thread_seconds(name: str) -> float:
    """Processor time of a thread of this process; zero without one, or where the system does not tell it."""
    if not hasattr(time, "pthread_getcpuclockid"):
        return 0.0
    there = [thread.ident for thread in threading.enumerate() if thread.name == name and thread.ident is not None]
    return sum(time.clock_gettime(time.pthread_getcpuclockid(ident)) for ident in there)


class _Seat:
    """The engine, and what it has said."""

    def __init__(self, setting: Setting, folder: Path) -> None:
        self.fragments = 0
        self.doubts: tuple[str, ...] = ()
        self.lateness = LoopLateness()
        self._looks = setting.lateness
        self._pictures: dict[str, list[float]] = {}
        self._answers: queue.Queue[ports.LocalAnswer] = queue.Queue()
        width, height = setting.stage
        camera, voice = camera_file(folder), voice_file(folder)
        options = ports.EngineOptions(width, height, use_devices=False, camera_file=camera, voice_file=voice)
        self._engine = MediaEngine(options)
        self._engine.start(self._happened)
        self._engine.post(ports.OpenCall(CALL, "2026-00318", "07号席", "坐席 张××"))

    def _happened(self, event: ports.Event) -> None:
        match event:
            case ports.CallOpened() if self._looks:  # on the engine's own loop, which ends the task with all others
                self._watching = asyncio.get_running_loop().create_task(self.lateness.watch())
            case ports.LocalAnswer():
                self._answers.put(event)
            case ports.Quality(party_id=party_id, pictures_per_second=pictures):
                self._pictures.setdefault(party_id, []).append(pictures)
            case ports.RecordingChecked(index=index, doubts=doubts):
                self.fragments, self.doubts = index, tuple(doubt.words for doubt in doubts)

    def answer(self, index: int, sdp: str) -> str:
        self._engine.post(ports.RemoteOffer(CALL, f"p{index}", f"当事人 {index + 1}", sdp))
        try:
            return self._answers.get(timeout=PATIENCE).sdp
        except queue.Empty:
            raise Unavailable("坐席没有应答") from None

    def seen(self, customers: int) -> int:
        """Of how many a picture came."""
        return sum(self._engine.party(f"p{index}").latest() is not None for index in range(customers))

    def pictures(self) -> float | None:
        """A second, of whom the fewest came since the last call; None where nobody was looked at."""
        looks, self._pictures = self._pictures, {}
        return min((sum(each) / len(each) for each in looks.values()), default=None)

    def record(self, path: Path, *, sealed: bool, tracks: bool) -> None:
        key = secrets.token_bytes(32) if sealed else b""
        self._engine.post(ports.StartRecording(CALL, path, key, tracks))

    def close(self) -> None:
        self._engine.stop()
