"""Page pictures from the worker process."""

import asyncio
import io
import multiprocessing
import os
import signal
from collections.abc import AsyncIterator

import pytest
from PIL import Image

from signing.adapters.documents import PaperDocuments
from signing.adapters.pages import PdfiumPages
from signing.domain.errors import InputError, NotFound
from tests.paper import INSTITUTION, OPENED, case


@pytest.fixture(scope="module")
def contract() -> bytes:
    return PaperDocuments().generate(case(), INSTITUTION, OPENED)[-1].pdf


@pytest.fixture
async def pages() -> AsyncIterator[PdfiumPages]:
    made = PdfiumPages()
    yield made
    made.close()


async def test_a_page_has_the_width_and_ink_it_should(pages: PdfiumPages, contract: bytes) -> None:
    with Image.open(io.BytesIO(await pages.render(contract, 1, 720))) as image:
        assert image.format == "WEBP"
        assert image.width == 720
        assert abs(image.height - 720 * 841.89 / 595.28) < 2
        dark = sum(image.convert("L").histogram()[:100])
    assert 0.01 < dark / (720 * 1018) < 0.3


async def test_what_cannot_be_drawn_is_refused(pages: PdfiumPages, contract: bytes) -> None:
    for page in (0, 99):
        with pytest.raises(NotFound):
            await pages.render(contract, page, 720)
    for width in (0, 100_000):
        with pytest.raises(InputError):
            await pages.render(contract, 1, width)
    with pytest.raises(InputError):
        await pages.render(b"%PDF-1.7 nothing", 1, 720)
    assert await pages.render(contract, 1, 300), "the worker survives what it refuses"


def _workers() -> list[int]:
    return [child.pid or 0 for child in multiprocessing.active_children() if child.name == "pages"]


async def test_a_worker_that_dies_under_a_large_file_blocks_nobody(contract: bytes) -> None:
    """More than a pipe holds is on its way when the worker dies: Python's own pool would wait for ever."""
    pages = PdfiumPages()
    first = await pages.render(contract, 1, 300)
    (worker,) = _workers()
    os.kill(worker, signal.SIGSTOP)
    waiting = asyncio.create_task(pages.render(contract + b"\n" * 1_000_000, 1, 300))
    await asyncio.sleep(0.2)
    os.kill(worker, signal.SIGKILL)
    assert await waiting == first
    pages.close()


async def test_a_dead_worker_is_replaced_and_close_leaves_none(contract: bytes) -> None:
    pages = PdfiumPages()
    first = await pages.render(contract, 1, 300)
    (dead,) = _workers()
    os.kill(dead, signal.SIGKILL)
    assert await pages.render(contract, 1, 300) == first
    assert _workers() != [dead]
    pages.close()
    pages.close()
    assert not _workers()


async def test_the_place_of_a_field_is_found_on_its_page(pages: PdfiumPages, contract: bytes) -> None:
    place = await pages.find(contract, "sign_borrower_1")
    assert place is not None
    assert place.page > 1
    assert 0 < place.x < place.x + place.w < 1
    assert 0 < place.y < place.y + place.h < 1
    assert 0.1 < place.w < 0.6
    assert await pages.find(contract, "nobody") is None
    with pytest.raises(InputError):
        await pages.find(b"%PDF-1.7 nothing", "sign_borrower_1")
