"""Turns of keys: what was begun first is done first, for each key and for many at once."""

import asyncio
import threading
from collections.abc import AsyncIterator, Awaitable, Callable

import pytest

from signing.domain.errors import Contended, Fenced, NotFound, OutsideError
from signing.service import turns as module
from signing.service.turns import Turns


@pytest.fixture
async def turns(monkeypatch: pytest.MonkeyPatch) -> AsyncIterator[Turns]:
    monkeypatch.setattr(module, "BEAT_SECONDS", 0.01)
    monkeypatch.setattr(module, "CONTENDED_SECONDS", 0.01)
    made = Turns()
    yield made
    await made.close()


class Doing:
    """Work that says when it begins and ends, and ends when it may."""

    def __init__(self) -> None:
        self.done: list[str] = []
        self.free = asyncio.Event()

    def work(self, name: str, *, waits: bool = False) -> Callable[[], Awaitable[str]]:
        async def do() -> str:
            if waits:
                await self.free.wait()
            self.done.append(name)
            return name

        return do


async def settle() -> None:
    for _ in range(5):
        await asyncio.sleep(0)


async def test_of_one_key_each_waits_for_the_one_before(turns: Turns) -> None:
    doing = Doing()
    first = asyncio.create_task(turns.take(["a"], doing.work("first", waits=True)))
    await settle()
    second = asyncio.create_task(turns.take(["a"], doing.work("second")))
    assert await turns.take(["b"], doing.work("other")) == "other"
    await settle()
    assert doing.done == ["other"], "another key does not wait"
    doing.free.set()
    assert list(await asyncio.gather(first, second)) == ["first", "second"]
    assert doing.done == ["other", "first", "second"]


async def test_many_keys_wait_for_each_of_them_and_each_waits_for_all(turns: Turns) -> None:
    doing = Doing()
    before = asyncio.create_task(turns.take(["b"], doing.work("before", waits=True)))
    await settle()
    all_of_them = asyncio.create_task(turns.take(["a", "b", "c"], doing.work("all")))
    await settle()
    after = [asyncio.create_task(turns.take([key], doing.work(key))) for key in "abc"]
    await turns.take(["d"], doing.work("d"))
    await settle()
    assert doing.done == ["d"]
    doing.free.set()
    await asyncio.gather(before, all_of_them, *after)
    assert doing.done[:3] == ["d", "before", "all"]
    assert sorted(doing.done[3:]) == ["a", "b", "c"]


async def test_what_fails_holds_up_nobody_and_what_is_given_up_is_finished(turns: Turns) -> None:
    doing = Doing()

    async def fail() -> None:
        raise NotFound("nothing there")

    failing = asyncio.create_task(turns.take(["a"], fail))
    given_up = asyncio.create_task(turns.take(["a"], doing.work("given up", waits=True)))
    last = asyncio.create_task(turns.take(["a"], doing.work("last")))
    with pytest.raises(NotFound):
        await failing
    given_up.cancel()
    await settle()
    assert given_up.cancelled()
    assert doing.done == []
    doing.free.set()
    await last
    assert doing.done == ["given up", "last"]


async def test_nothing_is_kept_of_turns_that_are_over(turns: Turns) -> None:
    doing = Doing()
    await asyncio.gather(*(turns.take([str(key), "x"], doing.work("done")) for key in range(5)))
    await settle()
    assert turns._last == {}


class Trying:
    def __init__(self, *errors: Exception) -> None:
        self.errors = list(errors)
        self.tries = 0

    def __call__(self, answer: str) -> str:
        self.tries += 1
        if self.errors:
            raise self.errors.pop(0)
        assert threading.current_thread() is not threading.main_thread()
        return answer


async def test_it_is_repeated_while_the_database_is_away_or_somebody_came_between(turns: Turns) -> None:
    trying = Trying(OutsideError("away"), Contended(), OutsideError("away"), Contended())
    assert await turns.answered(trying, "there") == "there"
    assert trying.tries == 5


@pytest.mark.parametrize("error", [Fenced(), NotFound("nothing there"), RuntimeError()])
async def test_what_no_repetition_helps_is_raised_at_once(turns: Turns, error: Exception) -> None:
    trying = Trying(error)
    with pytest.raises(type(error)):
        await turns.answered(trying, "there")
    assert trying.tries == 1


@pytest.mark.parametrize("error", [OutsideError("away"), Contended()])
async def test_at_the_end_nothing_is_repeated(turns: Turns, error: Exception) -> None:
    trying = Trying(*[error] * 100_000)
    going = asyncio.create_task(turns.take(["a"], lambda: turns.answered(trying, "there")))
    while trying.tries < 2:  # noqa: ASYNC110 - counted in a thread
        await asyncio.sleep(0.001)
    await turns.close()
    with pytest.raises(type(error)):
        await going
