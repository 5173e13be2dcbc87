"""A seal that two people are busy with at the same time: no change is undone, and none slips in under a paper."""

import time
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from types import SimpleNamespace
from typing import Any

import pytest

from signing.adapters import demo_data
from signing.adapters.clock import SystemClock
from signing.adapters.database import SqlDatabase
from signing.domain.case import Case
from signing.domain.errors import ConflictError, NotFound, RuleBroken
from signing.domain.seal_changes import suspended
from signing.domain.seals import Marks, RegisteredSeal, usual_seal
from signing.service.commands import SYSTEM, Actor
from signing.service.handlers.seals import amend_seal, require_still, resume_seal, retire_seal, suspend_seal
from signing.service.seal_commands import AmendSeal, ResumeSeal, RetireSeal, SuspendSeal
from tests.postgres import both_databases

pytestmark = both_databases
CHEN = Actor("staff", "staff_chen", "supervisor", "inst_demo", "陈主管")
MEANWHILE = 0.5
"""Seconds in which whoever does not wait is done; the wrong code is caught by them, the right one never fails."""


@pytest.fixture
def services(db: SqlDatabase) -> Any:
    return SimpleNamespace(db=db, clock=SystemClock())


@pytest.fixture
def seal(db: SqlDatabase, services: Any) -> RegisteredSeal:
    house = demo_data.INSTITUTION
    made = usual_seal("inst_demo", house.name, house.credit_code, services.clock.now(), "运营管理部")
    with db.write() as unit:
        unit.seals.save(made)
    return made


def stored(db: SqlDatabase, seal: RegisteredSeal) -> RegisteredSeal:
    with db.read() as unit:
        return unit.seals.get(seal.seal_id)


def test_a_change_does_not_undo_a_suspension_that_was_under_way(
    db: SqlDatabase, services: Any, seal: RegisteredSeal
) -> None:
    with ThreadPoolExecutor(1) as pool:
        with db.write() as unit:
            aside = suspended(unit.seals.hold(seal.seal_id), services.clock.now(), "李主管", "印章被盗")
            unit.seals.save(aside)
            other = pool.submit(amend_seal, AmendSeal(CHEN, seal.seal_id, "换人保管", "档案室"), services)
            time.sleep(MEANWHILE)
        other.result(30)
    assert stored(db, seal) == replace(aside, custodian="档案室"), "both are kept, and it stays put aside"


def test_nor_does_it_take_up_again_what_was_retired(db: SqlDatabase, services: Any, seal: RegisteredSeal) -> None:
    with ThreadPoolExecutor(2) as pool:
        with db.write() as unit:
            unit.seals.save(
                replace(unit.seals.hold(seal.seal_id), retired_at=services.clock.now(), retired_reason="遗失")
            )
            others = [
                pool.submit(suspend_seal, SuspendSeal(CHEN, seal.seal_id, "印章被盗"), services),
                pool.submit(retire_seal, RetireSeal(SYSTEM, seal.seal_id, "又停用一次"), services),
            ]
            time.sleep(MEANWHILE)
        for other in others:
            with pytest.raises(ConflictError, match="已经停用"):
                other.result(30)
    assert stored(db, seal).retired_reason == "遗失"


def test_a_suspension_is_confirmed_only_when_no_paper_is_under_way(
    db: SqlDatabase, services: Any, seal: RegisteredSeal, case: Case
) -> None:
    paper = (case, case.documents[0], Marks(seal), services)
    with ThreadPoolExecutor(2) as pool:
        with db.write() as unit:
            require_still(unit, *paper)
            change = pool.submit(suspend_seal, SuspendSeal(CHEN, seal.seal_id, "印章被盗"), services)
            with pytest.raises(TimeoutError):
                change.result(MEANWHILE)
        change.result(30)
        with db.write() as unit, pytest.raises(RuleBroken, match="已暂停使用（印章被盗）"):
            require_still(unit, *paper)
    resume_seal(ResumeSeal(CHEN, seal.seal_id, "已核实"), services)
    assert stored(db, seal) == seal


def test_a_paper_waits_for_a_suspension_that_is_under_way(
    db: SqlDatabase, services: Any, seal: RegisteredSeal, case: Case
) -> None:
    def keep() -> None:
        with db.write() as unit:
            require_still(unit, case, case.documents[0], Marks(seal), services)

    with ThreadPoolExecutor(1) as pool:
        with db.write() as unit:
            unit.seals.save(suspended(unit.seals.hold(seal.seal_id), services.clock.now(), "陈主管", "印章被盗"))
            kept = pool.submit(keep)
            time.sleep(MEANWHILE)
        with pytest.raises(RuleBroken, match="已暂停使用（印章被盗）"):
            kept.result(30)


def test_papers_wait_for_one_another_only_where_there_is_one_writer(
    db: SqlDatabase, seal: RegisteredSeal, database: str
) -> None:
    with ThreadPoolExecutor(1) as pool:
        with db.write() as unit:
            unit.seals.rely_on(seal.seal_id)
            other = pool.submit(_relied_on, db, seal)
            if database.startswith("sqlite"):
                with pytest.raises(TimeoutError):
                    other.result(MEANWHILE)
            else:
                other.result(30)
        other.result(30)


def _relied_on(db: SqlDatabase, seal: RegisteredSeal) -> None:
    with db.write() as unit:
        unit.seals.rely_on(seal.seal_id)


def test_what_is_not_there_is_neither_held_nor_relied_on(db: SqlDatabase) -> None:
    with db.write() as unit, pytest.raises(NotFound):
        unit.seals.hold("seal_of_nobody")
    with db.write() as unit, pytest.raises(NotFound):
        unit.seals.rely_on("seal_of_nobody")
