"""A process of its own for one side of a measurement, on a loop of its own, which answers what it is asked."""

import asyncio
import contextlib
import random
import time
from collections.abc import Awaitable, Callable
from multiprocessing import get_context
from multiprocessing.connection import Connection
from types import TracebackType
from typing import Any, Self

import numpy as np

from media.errors import Unavailable
from media.loop import MediaLoop

PATIENCE = 30.0
LOOK = 0.013, 0.027
"""Seconds between two looks at how late a loop is, at random: never in step with any clock of a call, and seldom enough
to cost nothing."""

Serve = Callable[..., Awaitable[None]]
"""``async def serve(pipe, *arguments)``: receives what is asked and sends the answers, until the pipe is closed."""


class _Failed(str):
    """Why there is no answer."""


class Process:
    """``with Process(serve, *arguments) as there``: it runs from entering to leaving."""

    def __init__(self, serve: Serve, *arguments: object) -> None:
        self._serve = serve
        self._arguments = arguments

    def __enter__(self) -> Self:
        self._pipe, theirs = get_context("spawn").Pipe()
        given = (self._serve, theirs, *self._arguments)
        self._process = get_context("spawn").Process(target=_run, args=given, daemon=True)
        self._process.start()
        theirs.close()
        return self

    def ask(self, what: object) -> Any:
        """Sends it and waits for the answer; raises ``Unavailable`` where none comes."""
        try:
            self._pipe.send(what)
            answer = self._pipe.recv() if self._pipe.poll(PATIENCE) else _Failed("测量进程没有回答")
        except (EOFError, OSError):
            answer = _Failed("测量进程意外结束")
        if isinstance(answer, _Failed):
            raise Unavailable(str(answer))
        return answer

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        """Closes the pipe, by which the process ends; kills one that does not."""
        self._pipe.close()
        self._process.join(10)
        if self._process.is_alive():
            self._process.kill()
            self._process.join(5)
        self._process.close()


def _run(serve: Serve, pipe: Connection, *arguments: object) -> None:
    with contextlib.suppress(EOFError, KeyboardInterrupt), asyncio.Runner(loop_factory=MediaLoop) as runner:
        runner.run(_told(serve, pipe, *arguments))


async def _told(serve: Serve, pipe: Connection, *arguments: object) -> None:
    try:
        await serve(pipe, *arguments)
    except EOFError:
        raise
    except Exception as error:  # whatever it was, whoever waits must know
        pipe.send(_Failed(f"{type(error).__name__}: {error}"))


class LoopLateness:
    """How late a loop comes to what is due; ``watch`` runs on it, ``take`` may be called from anywhere."""

    def __init__(self) -> None:
        self._late: list[float] = []

    async def watch(self) -> None:
        """Looks for ever."""
        while True:
            pause = random.uniform(*LOOK)  # noqa: S311 - not secret
            due = time.monotonic() + pause
            await asyncio.sleep(pause)
            self._late.append(time.monotonic() - due)

    def take(self) -> float:
        """Milliseconds, 99th percentile since the last call; zero where there was no look."""
        late, self._late = self._late, []
        return 1000 * float(np.percentile(late, 99)) if late else 0.0
