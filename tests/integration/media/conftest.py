"""One browser for all tests of this folder; each gets its own page and its own engine."""

from collections.abc import Iterator
from pathlib import Path

import pytest
from playwright.sync_api import Browser

from tests.integration.media.phone import Phone, chromium
from tests.integration.media.seat import Seat
from tests.integration.media.thin import BLUE, GUARANTOR, RED, WIFE, ThinPhone


@pytest.fixture(scope="module")
def browser(tmp_path_factory: pytest.TempPathFactory) -> Iterator[tuple[Browser, str]]:
    with chromium(tmp_path_factory.mktemp("phone")) as opened:
        yield opened


@pytest.fixture
def phone(browser: tuple[Browser, str]) -> Iterator[Phone]:
    context = browser[0].new_context()
    yield Phone(context, browser[1])
    context.close()


@pytest.fixture
def seat() -> Iterator[Seat]:
    opened = Seat()
    yield opened
    opened.close()


@pytest.fixture
def recording_path(tmp_path: Path) -> Path:
    return tmp_path / "recording.mp4"


@pytest.fixture
def wife() -> Iterator[ThinPhone]:
    thin = ThinPhone("wife", WIFE, RED)
    yield thin
    thin.leave()


@pytest.fixture
def guarantor() -> Iterator[ThinPhone]:
    thin = ThinPhone("guarantor", GUARANTOR, BLUE)
    yield thin
    thin.leave()
