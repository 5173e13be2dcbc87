"""One side of a measurement in a process of its own: answers, failures, ends."""

import asyncio
import os
import time
from multiprocessing.connection import Connection

import pytest

from media.errors import Unavailable
from media.lab.process import LoopLateness, Process


async def echo(pipe: Connection, prefix: str) -> None:
    while True:
        asked = await asyncio.to_thread(pipe.recv)
        if asked == "break":
            raise ValueError("on purpose")
        if asked == "vanish":
            os._exit(3)
        pipe.send((prefix, asked, os.getpid()))


def test_it_answers_from_another_process_until_it_is_left() -> None:
    with Process(echo, "said") as there:
        prefix, asked, pid = there.ask(7)
        assert (prefix, asked) == ("said", 7)
        assert pid != os.getpid()
        assert there.ask("again")[2] == pid
    with pytest.raises(ProcessLookupError):
        os.kill(pid, 0)


@pytest.mark.parametrize(("asked", "said"), [("break", "ValueError: on purpose"), ("vanish", "意外结束")])
def test_what_goes_wrong_there_is_told_here(asked: str, said: str) -> None:
    with Process(echo, "") as there, pytest.raises(Unavailable, match=said):
        there.ask(asked)


def test_a_loop_that_is_held_up_is_found_late() -> None:
    lateness = LoopLateness()

    async def work(holds: float) -> float:
        watching = asyncio.get_running_loop().create_task(lateness.watch())
        for _ in range(20):
            await asyncio.sleep(0.01)
            time.sleep(holds)  # noqa: ASYNC251 - what is looked for
        watching.cancel()
        return lateness.take()

    held = asyncio.run(work(0.05))
    assert held >= 40
    assert asyncio.run(work(0.0)) < held
    assert lateness.take() == 0
