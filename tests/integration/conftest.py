"""The two databases. A test that asks for ``database`` has SQLite, and with ``both_databases`` each of them in turn."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from signing.adapters.database.engine import open_engine, upgrade
from tests.postgres import Postgres, database_of, postgres


@pytest.fixture(scope="session")
def server() -> Iterator[Postgres]:
    with postgres() as running:
        yield running


@pytest.fixture(scope="session")
def template(server: Postgres) -> str:
    """The name of a migrated database, which fresh ones are copied from."""
    address = server.create()
    engine = open_engine(address)
    upgrade(engine)
    engine.dispose()
    return database_of(address)


@pytest.fixture
def postgres_database(server: Postgres, template: str) -> Iterator[str]:
    address = server.create(template)
    yield address
    server.drop(address)


@pytest.fixture
def database(request: pytest.FixtureRequest, tmp_path: Path) -> str:
    """The address of an empty, migrated database."""
    if getattr(request, "param", "sqlite") == "sqlite":
        return f"sqlite:///{tmp_path / 'test.db'}"
    return str(request.getfixturevalue("postgres_database"))
