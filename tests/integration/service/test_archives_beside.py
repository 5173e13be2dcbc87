"""Renewals of closed packages beside one another: none undoes another's, none holds another up."""

import asyncio
from collections.abc import Callable, Sequence
from dataclasses import replace
from datetime import datetime, timedelta
from pathlib import Path

import pytest

from signing.bootstrap import App
from signing.domain.archive import BEFORE
from signing.domain.case import Package
from signing.domain.errors import Contended, OutsideError
from signing.domain.readable import Readable
from signing.service import archiving
from signing.service import commands as c
from signing.service.archiving import ArchiveWorker
from signing.service.content import Stored, package_file
from signing.service.handlers import archiving as handler
from signing.service.handlers.archiving import Renewed, renew_archives
from signing.service.ports import Blobs, EvidenceRecords, Standing
from signing.service.seal_commands import RenewArchives
from signing.service.store import Unit
from tests.integration.service.office import SteppedClock, log_in
from tests.integration.service.test_archives import YEAR, packed, renew, row_of
from tests.postgres import both_databases


class Between:
    """Another service comes in after this one has looked at the packages, and before it has their time-stamp."""

    def __init__(self, records: EvidenceRecords, other: Callable[[], Renewed], fault: OutsideError | None) -> None:
        self._records, self._other, self._fault = records, other, fault
        self.renewed_there: Renewed | None = None

    def until(self, package: Readable) -> datetime:
        return self._records.until(package)

    def standing(self, package: Readable, record: bytes, at: datetime) -> Standing:
        return self._records.standing(package, record, at)

    async def renewed(self, packages: Sequence[tuple[Readable, bytes]]) -> Sequence[bytes]:
        self.renewed_there = await asyncio.to_thread(self._other)
        if self._fault is not None:
            raise self._fault
        return await self._records.renewed(packages)


@both_databases
@pytest.mark.parametrize("fault", [OutsideError("时间戳服务没有应答", ""), None])
async def test_a_renewal_kept_meanwhile_stays_whatever_becomes_of_this_one(
    app: App, clock: SteppedClock, fault: OutsideError | None
) -> None:
    case_id = await packed(app)
    clock.pass_by(days=9.2 * YEAR)
    between = Between(
        app.services.records, lambda: asyncio.run(renew_archives(RenewArchives(c.SYSTEM), app.services)), fault
    )
    services = replace(app.services, records=between)
    here = await renew_archives(RenewArchives(c.SYSTEM), services)
    assert between.renewed_there is not None
    (kept,) = between.renewed_there.done
    assert (here.done, here.failed) == ([], {}), "it is renewed"
    assert row_of(app, case_id) == kept


@pytest.mark.parametrize("database", ["postgresql"], indirect=True)
async def test_a_failure_written_in_the_midst_of_a_renewal_is_taken_back(app: App) -> None:
    """The two read the row before either of them has written."""
    case_id = await packed(app)
    now = app.services.clock.now()

    def write_late(late: Unit) -> None:
        read = late.archives.of(case_id)
        assert read is not None
        with app.services.db.write() as early:
            held = early.archives.of(case_id)
            assert held is not None
            early.archives.save(held.renewed(now + timedelta(days=4000), "a" * 64))
        late.archives.save(read.failed(now, "时间戳服务没有应答"))

    with app.services.db.write() as unit, pytest.raises(Contended):
        write_late(unit)
    assert (row_of(app, case_id).renewals, row_of(app, case_id).tries) == (1, 0)


async def test_a_failure_noted_meanwhile_is_counted_and_not_lost(app: App, clock: SteppedClock) -> None:
    case_id = await packed(app)
    clock.pass_by(days=9.2 * YEAR)
    row = row_of(app, case_id)
    for _ in range(2):
        handler._note(row, "时间戳服务没有应答", Renewed(), app.services)
    assert row_of(app, case_id).tries == 2


class BadDisk(Exception):
    """What nobody foresaw."""


@pytest.mark.parametrize("error", [OutsideError("文件没有读出来", "请检查服务器磁盘后重试"), BadDisk()])
async def test_one_that_cannot_be_read_is_noted_and_the_others_are_renewed(
    app: App, clock: SteppedClock, error: Exception, monkeypatch: pytest.MonkeyPatch
) -> None:
    """It comes first, as what ends first does."""
    agent = await log_in(app)
    bad, good = await packed(app, agent), await packed(app, agent)
    with app.services.db.write() as unit:
        unit.archives.save(replace(row_of(app, bad), next_at=clock.now()))

    def read(case_id: str, package: Package, blobs: Blobs) -> Stored:
        if case_id == bad:
            raise error
        return package_file(case_id, package, blobs)

    monkeypatch.setattr(handler, "package_file", read)
    clock.pass_by(days=9.2 * YEAR)
    renewed = await renew(app)
    assert [row.case_id for row in renewed.done] == [good]
    assert "读不出来" in renewed.failed[bad]
    assert row_of(app, bad).reason == renewed.failed[bad]
    assert row_of(app, bad).next_at > clock.now()


async def test_one_whose_file_the_disk_does_not_give(app: App, clock: SteppedClock, tmp_path: Path) -> None:
    """A real file that cannot be opened: a folder stands where it was."""
    agent = await log_in(app)
    bad, good = await packed(app, agent), await packed(app, agent)
    files = [one for one in (tmp_path / "data").rglob(f"{bad}/*/*") if one.is_file()]
    assert files, "the package lies in files"
    for one in files:
        one.unlink()
        one.mkdir()
    clock.pass_by(days=9.2 * YEAR)
    renewed = await renew(app)
    assert ([row.case_id for row in renewed.done], list(renewed.failed)) == ([good], [bad])


async def test_what_cannot_be_kept_is_noted_and_the_others_are_kept(
    app: App, clock: SteppedClock, monkeypatch: pytest.MonkeyPatch
) -> None:
    agent = await log_in(app)
    bad, good = await packed(app, agent), await packed(app, agent)
    clock.pass_by(days=9.2 * YEAR)

    put = app.services.blobs.put

    def full(case_id: str, data: bytes) -> str:
        if case_id == bad:
            raise OutsideError("文件没有写入成功", "请检查服务器磁盘空间后重试")
        return put(case_id, data)

    monkeypatch.setattr(app.services.blobs, "put", full)
    renewed = await renew(app)
    assert ([row.case_id for row in renewed.done], renewed.failed) == ([good], {bad: "文件没有写入成功"})


async def test_what_failed_when_forced_long_before_its_end_blocks_no_queue(
    app: App, clock: SteppedClock, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(handler, "AT_ONCE", 2)
    agent = await log_in(app)
    forced = [await packed(app, agent) for _ in range(2)]
    before = [row_of(app, one) for one in forced]
    assert set((await renew(app, *forced)).failed) == set(forced), "nothing is to be gained so early"
    assert [row_of(app, one) for one in forced] == before
    with app.services.db.write() as unit:  # as an older version left them
        for row in before:
            unit.archives.save(row.failed(clock.now() - timedelta(days=2), "续期没有用处"))
    due = await packed(app, agent)
    with app.services.db.write() as unit:
        unit.archives.save(replace(row_of(app, due), until=clock.now() + BEFORE / 2, next_at=clock.now()))
    first = await renew(app)
    assert (first.seen, first.left) == (2, True)
    assert [row_of(app, one) for one in forced] == before, "they wait no more"
    second = await renew(app)
    assert [*second.failed, *(row.case_id for row in second.done)] == [due]


async def test_the_packages_of_before_are_looked_at_in_one_go(
    app: App, clock: SteppedClock, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Not one run a minute."""
    monkeypatch.setattr(handler, "AT_ONCE", 2)
    monkeypatch.setattr(archiving, "ON_SECONDS", 0)
    monkeypatch.setattr(archiving, "LOOK_SECONDS", 3600.0)
    agent = await log_in(app)
    cases = [await packed(app, agent) for _ in range(5)]
    with app.services.db.write() as unit:
        for one in cases:
            unit.archives.save(replace(row_of(app, one), until=None, next_at=clock.now()))
    worker = ArchiveWorker(app.bus, begin=0)
    worker.start()
    try:
        for _ in range(600):
            if all(row_of(app, one).until for one in cases):
                break
            await asyncio.sleep(0.05)
        assert all(row_of(app, one).until for one in cases), [row_of(app, one) for one in cases]
    finally:
        await worker.close()
