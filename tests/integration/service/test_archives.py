"""Closed packages over twenty years: renewed by themselves, never rewritten, and failures told."""

import asyncio
import hashlib
import json
import logging
from collections.abc import Iterator
from dataclasses import replace
from datetime import timedelta
from pathlib import Path

import pytest

from signing import cli
from signing.adapters.identity import VisionIdentityReader
from signing.bootstrap import App
from signing.domain.archive import BEFORE, ArchiveRecord
from signing.domain.case import Package
from signing.domain.errors import NotPermitted
from signing.domain.readable import whole_of
from signing.evidence.core.renewal import read_record
from signing.evidence.verify import verify_package
from signing.service import archiving
from signing.service import commands as c
from signing.service.archiving import ArchiveWorker
from signing.service.board import board
from signing.service.content import keep_file, package_file
from signing.service.handlers import archiving as handler
from signing.service.handlers.archiving import Renewed
from signing.service.seal_commands import RenewArchives
from signing.wire.audit import Verdict
from tests.fakes.outside_ca import OutsideCa
from tests.integration.service.office import Film, SteppedClock, log_in, open_app, open_case, stored
from tests.integration.service.test_seal_later import signed
from tests.unit.evidence.samples import parts_of

YEAR = 365


async def packed(app: App, agent: c.Actor | None = None) -> str:
    """A case with a small package of its own, closed as a real one is."""
    case, _ = await open_case(app, agent or await log_in(app))
    services, now = app.services, app.services.clock.now()
    data = await services.packages.build(parts_of(case.case_id.encode() * 40), now)
    digest, pieces = hashlib.sha256(whole_of(data)).hexdigest(), keep_file(case.case_id, data, services.blobs)
    with services.db.write() as unit:
        unit.cases.save(replace(unit.cases.get(case.case_id), package=Package(digest, len(data), now, pieces)))
        unit.archives.save(ArchiveRecord(case.case_id, None, now).seen(services.records.until(data)))
    return case.case_id


def row_of(app: App, case_id: str) -> ArchiveRecord:
    with app.services.db.read() as unit:
        found = unit.archives.of(case_id)
    assert found is not None
    return found


async def renew(app: App, *case_ids: str) -> Renewed:
    renewed: Renewed = await app.bus.execute(RenewArchives(c.SYSTEM, case_ids))
    return renewed


def verdict(app: App, case_id: str, *, with_record: bool = True) -> tuple[Verdict, str]:
    case, signer = stored(app, case_id), app.services.signer
    assert case.package is not None
    package = whole_of(package_file(case_id, case.package, app.services.blobs))
    assert hashlib.sha256(package).hexdigest() == case.package.sha256, "a closed package is never rewritten"
    record = app.queries.package_record(c.SYSTEM, case_id) if with_record else b""
    report = verify_package(package, signer.trust_pem(), signer.inspect, app.services.clock.now(), record or None)
    return report.verdict, report.headline


@pytest.mark.timeout(480)
async def test_a_real_case_is_valid_after_twenty_years(app: App, clock: SteppedClock, shot: Film) -> None:
    """With its papers, whose own time-stamps ended long ago: the package around them has been renewed."""
    room = await signed(app, shot)
    await app.bus.execute(c.SealCase(room.agent, room.case_id))
    row = row_of(app, room.case_id)
    assert row.until is not None
    assert (row.renewals, row.next_at) == (0, row.until - BEFORE)
    assert not (await renew(app)).done, "nothing is due in the first years"
    for years, renewals in ((9.2, 1), (5, 2), (5, 3)):
        clock.pass_by(days=years * YEAR)
        assert len((await renew(app)).done) == 1
        assert row_of(app, room.case_id).renewals == renewals
    clock.pass_by(days=YEAR)
    found, headline = verdict(app, room.case_id)
    assert found is Verdict.VALID, headline
    assert "归档时间戳续期 3 次，至 " in headline
    assert verdict(app, room.case_id, with_record=False)[0] is Verdict.INCOMPLETE
    with app.services.db.read() as unit:
        lines = [json.loads(line) for line in unit.logs.views()]
    told = [line["body"] for line in lines if line["body"]["what"] == "archive.renewed"]
    assert [body["case_id"] for body in told] == [room.case_id] * 3
    assert row_of(app, room.case_id).sha256 in told[-1]["detail"]


async def test_one_run_renews_a_bounded_number_and_a_later_one_the_rest(
    app: App, clock: SteppedClock, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(handler, "AT_ONCE", 2)
    agent = await log_in(app)
    cases = [await packed(app, agent) for _ in range(3)]
    clock.pass_by(days=9.2 * YEAR)
    first = await renew(app)
    assert (len(first.done), first.left) == (2, True)
    second = await renew(app)
    assert (len(second.done), second.left) == (1, False)
    assert not (await renew(app)).done
    clock.pass_by(days=2 * YEAR)
    assert {verdict(app, case_id)[0] for case_id in cases} == {Verdict.VALID}
    tokens = {read_record(app.queries.package_record(c.SYSTEM, one))[0].token.data.signature for one in cases}
    assert len(tokens) == 2, "those of one run share a time-stamp"


async def test_one_that_is_damaged_is_told_and_holds_no_other_up(
    app: App, clock: SteppedClock, caplog: pytest.LogCaptureFixture
) -> None:
    agent = await log_in(app)
    bad, good = await packed(app, agent), await packed(app, agent)
    case = stored(app, bad)
    assert case.package is not None
    other = stored(app, good).package
    assert other is not None
    with app.services.db.write() as unit:  # its list of pieces is gone
        unit.cases.save(replace(unit.cases.get(bad), package=replace(case.package, pieces_sha256="0" * 64)))
    clock.pass_by(days=9.2 * YEAR)
    with caplog.at_level(logging.ERROR):
        renewed = await renew(app)
    assert ([row.case_id for row in renewed.done], list(renewed.failed)) == ([good], [bad])
    assert bad in caplog.text
    row = row_of(app, bad)
    assert row.tries == 1
    assert row.reason == renewed.failed[bad]
    assert timedelta() < row.next_at - clock.now() <= timedelta(hours=1)
    told = board(app.services, await log_in(app, "chen", "demo-super-2026")).attention.renewals
    assert told is not None
    assert (told.count, told.case_no, told.reason, told.until) == (1, case.case_no, row.reason, row.until)
    assert not (await renew(app)).failed, "it waits"


async def test_what_was_forgotten_until_after_the_end_is_not_made_to_look_good(app: App, clock: SteppedClock) -> None:
    case_id = await packed(app)
    clock.pass_by(days=11 * YEAR)
    renewed = await renew(app)
    assert "到期" in renewed.failed[case_id]
    assert row_of(app, case_id).renewals == 0
    assert verdict(app, case_id)[0] is Verdict.INCOMPLETE


async def test_packages_of_before_there_were_renewals_are_looked_at(app: App, clock: SteppedClock) -> None:
    """The migration knows the case and not until when it holds."""
    case_id = await packed(app)
    until = row_of(app, case_id).until
    with app.services.db.write() as unit:
        unit.archives.save(ArchiveRecord(case_id, None, clock.now()))
    assert not (await renew(app)).done
    assert row_of(app, case_id) == ArchiveRecord(case_id, until, until - BEFORE if until else clock.now())


async def test_nobody_but_the_service_renews(app: App) -> None:
    with pytest.raises(NotPermitted):
        await app.bus.execute(RenewArchives(await log_in(app)))


@pytest.fixture
def ca() -> Iterator[OutsideCa]:
    with OutsideCa().serving() as serving:
        yield serving


async def test_an_authority_outside_that_fails_or_has_no_newer_certificate(
    tmp_path: Path, clock: SteppedClock, reader: VisionIdentityReader, ca: OutsideCa
) -> None:
    """Told each time and tried again; once it has a certificate that lives longer, all is well."""
    ca.now, data = clock.now, tmp_path / "data"
    data.mkdir()
    (data / "ca.pem").write_bytes(ca.root_pem)
    (data / "signing.toml").write_text(f'[tsa]\nurl = "{ca.url}/tsa"\n[trust]\nroots = ["ca.pem"]\n')
    app = open_app(data, clock=clock, identity=reader)
    try:
        case_id = await packed(app)
        clock.pass_by(days=9.2 * YEAR)
        ca.fault = "refused"
        assert "拒绝" in (await renew(app)).failed[case_id]
        ca.fault = ""
        clock.pass_by(hours=2)
        assert "换发证书" in (await renew(app)).failed[case_id]
        assert app.queries.package_record(c.SYSTEM, case_id) == b""
    finally:
        await app.close()
    (data / "signing.toml").write_text('[trust]\nroots = ["ca.pem"]\n')
    app = open_app(data, clock=clock, identity=reader)
    try:
        clock.pass_by(hours=3)
        assert [row.case_id for row in (await renew(app)).done] == [case_id]
        clock.pass_by(days=2 * YEAR)
        found, headline = verdict(app, case_id)
        assert found is Verdict.VALID, headline
    finally:
        await app.close()


async def test_the_task_of_the_service_finds_what_is_due(
    app: App, clock: SteppedClock, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(archiving, "LOOK_SECONDS", 0.05)
    case_id = await packed(app)
    worker = ArchiveWorker(app.bus, begin=0)
    worker.start()
    try:
        clock.pass_by(days=9.2 * YEAR)
        for _ in range(600):
            if row_of(app, case_id).renewals:
                break
            await asyncio.sleep(0.1)
        assert row_of(app, case_id).renewals == 1, row_of(app, case_id)
    finally:
        await worker.close()


async def test_the_command_lists_and_renews(
    tmp_path: Path, reader: VisionIdentityReader, capsys: pytest.CaptureFixture[str]
) -> None:
    """By its number, on the machine's own clock, so long before it is due that nothing is to be gained yet."""
    data = tmp_path / "data"
    app = open_app(data, identity=reader)
    try:
        case_id = await packed(app)
        number, until = stored(app, case_id).case_no, row_of(app, case_id).until
        assert until is not None
    finally:
        await app.close()

    def run(*arguments: str) -> tuple[int, str]:
        code = cli.main(["archive", *arguments, "--data", str(data)])
        return code, capsys.readouterr().out

    code, out = await asyncio.to_thread(run, "list")
    assert code == 0
    assert "已封存的证据包 1 个" in out
    assert f"{until.year} 年到期" in out
    assert "没有续期失败的证据包" in out
    assert await asyncio.to_thread(run, "renew") == (0, "现在没有需要续期的证据包\n")
    code, out = await asyncio.to_thread(run, "renew", number)
    assert code == 1
    assert "续期没有用处" in out
    code, out = await asyncio.to_thread(run, "list")
    assert (code, "没有续期失败的证据包" in out) == (0, True), "whoever asked was told; it is not due for years"
    code, out = await asyncio.to_thread(run, "list", number)
    assert f"{number}\t续期 0 次，至 " in out
