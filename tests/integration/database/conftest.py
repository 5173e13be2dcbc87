"""A database of either kind with an institution, a branch, and a case in it."""

from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import pytest
from sqlalchemy import Engine

from signing.adapters import demo_data
from signing.adapters.database import SqlDatabase
from signing.adapters.database.engine import open_engine, upgrade
from signing.adapters.database.vault import CaseKeys
from signing.adapters.keys import Keyring
from signing.domain import events
from signing.domain.case import Case
from signing.service.commands import SYSTEM
from signing.service.ports import Household
from tests.unit.domain.factories import NOW, make_case


@pytest.fixture
def keyring(tmp_path: Path) -> Keyring:
    return Keyring(tmp_path / "keyring.json")


@pytest.fixture
def engine(database: str) -> Iterator[Engine]:
    engine = open_engine(database)
    upgrade(engine)
    yield engine
    engine.dispose()


@pytest.fixture
def db(engine: Engine, keyring: Keyring) -> SqlDatabase:
    db = SqlDatabase(engine, keyring, CaseKeys(engine, keyring))
    borrower = demo_data.BORROWER
    with db.write() as unit:
        unit.people.add_institution(demo_data.INSTITUTION)
        unit.people.add_branch(demo_data.BRANCH)
        unit.people.save_household(
            "inst_demo", Household(borrower.id_number, borrower.name, "示范村", demo_data.LINE, NOW)
        )
    return db


@pytest.fixture
def case(db: SqlDatabase) -> Case:
    made = replace(make_case(), institution_id="inst_demo", branch_id="branch_shanghang")
    with db.write() as unit:
        unit.cases.add(made)
        unit.cases.append(made.case_id, events.case_opened(made), SYSTEM, NOW)
    return made
