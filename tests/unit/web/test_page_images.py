"""A page that many ask for at once is made once, and fails once."""

import asyncio
from types import SimpleNamespace
from typing import Any, cast

import pytest

from signing.domain.errors import OutsideError
from signing.service.commands import Actor
from signing.web.page_images import PageCache

CUSTOMER = Actor("party", "one", "customer", "inst")


class Bus:
    """A store that gives nothing before ``freed``, and then ``fault`` or the paper."""

    def __init__(self) -> None:
        self.freed, self.fetched = asyncio.Event(), 0
        self.fault: Exception | None = None

    async def run(self, *_: object) -> tuple[str, str]:
        return "case", "digest"

    async def fetch(self, *_: object) -> bytes:
        self.fetched += 1
        await self.freed.wait()
        if self.fault is not None:
            raise self.fault
        return b"paper"


class Renderer:
    async def render(self, pdf: bytes, number: int, width: int) -> bytes:
        return pdf + f" {number} {width}".encode()


@pytest.fixture
def bus() -> Bus:
    return Bus()


@pytest.fixture
def cache(bus: Bus) -> PageCache:
    services = SimpleNamespace(blobs=SimpleNamespace(get=None))
    return PageCache(cast(Any, bus), cast(Any, None), cast(Any, services), cast(Any, Renderer()))


def ask(cache: PageCache, times: int = 5) -> list["asyncio.Task[bytes]"]:
    return [asyncio.create_task(cache.get(CUSTOMER, "doc", 2, 400)) for _ in range(times)]


async def test_whoever_waits_for_the_same_page_gets_it_from_one_fetch(cache: PageCache, bus: Bus) -> None:
    asked = ask(cache)
    await asyncio.sleep(0)
    await asyncio.sleep(0)
    asked[0].cancel()
    bus.freed.set()
    assert await asyncio.gather(*asked[1:]) == [b"paper 2 400"] * 4, "who asked first has gone"
    assert await asyncio.gather(*ask(cache)) == [b"paper 2 400"] * 5
    assert bus.fetched == 1


async def test_where_the_store_gives_nothing_all_are_told_together_and_the_next_may_ask(
    cache: PageCache, bus: Bus
) -> None:
    bus.fault = OutsideError("文件存储响应很慢")
    asked = ask(cache)
    await asyncio.sleep(0)
    bus.freed.set()
    assert {type(each) for each in await asyncio.gather(*asked, return_exceptions=True)} == {OutsideError}
    assert bus.fetched == 1
    bus.fault = None
    assert await asyncio.gather(*ask(cache, 1)) == [b"paper 2 400"]
