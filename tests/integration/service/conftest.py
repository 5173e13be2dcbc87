"""An office on real files, with the real documents, signer, identity reader and evidence."""

from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from signing.adapters.identity import VisionIdentityReader
from signing.bootstrap import App
from tests.integration.service.office import Film, SteppedClock, film, open_app


@pytest.fixture(scope="session")
def reader() -> VisionIdentityReader:
    """Its models load once, at the first picture."""
    return VisionIdentityReader()


@pytest.fixture(scope="session")
def shot() -> Film:
    return film()


@pytest.fixture
def clock() -> SteppedClock:
    return SteppedClock()


@pytest.fixture
async def app(tmp_path: Path, database: str, clock: SteppedClock, reader: VisionIdentityReader) -> AsyncIterator[App]:
    """Without the second's tick of dispatching: tests dispatch when they mean to."""
    app = open_app(tmp_path / "data", database, clock=clock, identity=reader)
    yield app
    await app.close()
