"""Page pictures from the worker process."""

import io
from collections.abc import AsyncIterator

import psutil
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


async def test_a_dead_worker_is_replaced_and_close_leaves_none(contract: bytes) -> None:
    before = set(psutil.Process().children(recursive=True))
    pages = PdfiumPages()
    first = await pages.render(contract, 1, 300)
    workers = set(psutil.Process().children(recursive=True)) - before
    for worker in workers:
        if "spawn_main" in " ".join(worker.cmdline()):
            worker.kill()
            worker.wait(5)
    assert await pages.render(contract, 1, 300) == first
    pages.close()
    pages.close()
    left = [one for one in set(psutil.Process().children(recursive=True)) - before if "spawn_main" in one.cmdline()]
    assert not left
