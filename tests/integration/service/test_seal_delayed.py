"""A time-stamping authority that fails at the seal: nothing is sealed, the case is queued, and a restart finds it."""

import asyncio
from collections.abc import Iterator
from dataclasses import replace
from datetime import timedelta
from pathlib import Path

import pytest
from sqlalchemy import text

from signing.adapters.database.engine import open_engine
from signing.adapters.identity import VisionIdentityReader
from signing.bootstrap import App
from signing.domain.case import DocumentState
from signing.domain.errors import ConflictError, OutsideError
from signing.domain.readable import whole_of
from signing.domain.seals import SealDelay
from signing.evidence.verify import verify_package
from signing.service import bus, track_commands
from signing.service import commands as c
from signing.service import seal_commands as sc
from signing.service.content import package_file
from signing.wire.audit import Verdict
from tests.fakes.outside_ca import OutsideCa
from tests.integration.service.office import Film, SteppedClock, log_in, open_app, open_case, stored, types_of
from tests.integration.service.test_seal_changes import chief, contract_seal
from tests.integration.service.test_seal_later import signed


@pytest.fixture
def ca() -> Iterator[OutsideCa]:
    with OutsideCa().serving() as serving:
        yield serving


@pytest.mark.timeout(480)
async def test_a_seal_waits_for_its_time_stamp_over_a_restart(
    tmp_path: Path, clock: SteppedClock, reader: VisionIdentityReader, shot: Film, ca: OutsideCa
) -> None:
    ca.now, data = clock.now, tmp_path / "data"
    data.mkdir()
    (data / "ca.pem").write_bytes(ca.root_pem)
    outside = f'[seal]\nkind = "remote"\nurl = "{ca.url}"\n[tsa]\nurl = "{ca.url}/tsa"\n[trust]\nroots = ["ca.pem"]\n'
    (data / "signing.toml").write_text(outside)
    app = open_app(data, clock=clock, identity=reader)
    try:
        room = await signed(app, shot)
        ca.fault = "refused"
        for _ in range(2):
            with pytest.raises(OutsideError, match="拒绝"):
                await app.bus.execute(c.SealCase(room.agent, room.case_id))
        case = stored(app, room.case_id)
        assert {document.state for document in case.documents} == {DocumentState.SIGNED}, "never sealed without"
        assert types_of(app, room.case_id).count("seal.delayed") == 1
        begun, track = room.call.started_at + timedelta(seconds=1), track_commands.StartTrack
        with pytest.raises(ConflictError, match="已经用印"):
            await app.bus.execute(track(room.agent, room.call.call_id, room.party_id, begun, "VP8"))
        with app.services.db.read() as unit:
            delay = unit.seals.delay(room.case_id)
            assert delay is not None
            assert (delay.tries, unit.seals.due(clock.now())) == (2, [])
            assert unit.seals.due(delay.next_at) == [room.case_id]
    finally:
        await app.close()
    app = open_app(data, clock=clock, identity=reader)
    try:
        await app.bus._seal_again()
        assert stored(app, room.case_id).package is None, "not before its time"
        clock.pass_by(minutes=3)
        await app.bus._seal_again()
        assert stored(app, room.case_id).package is None, "the authority still refuses"
        ca.fault = ""
        clock.pass_by(minutes=10)
        await app.bus._seal_again()
        case = stored(app, room.case_id)
        assert case.package is not None
        with app.services.db.read() as unit:
            assert unit.seals.delay(room.case_id) is None
        package, signer = whole_of(package_file(room.case_id, case.package, app.services.blobs)), app.services.signer
        report = verify_package(package, signer.trust_pem(), signer.inspect, clock.now())
        assert report.verdict is Verdict.VALID, report
    finally:
        await app.close()


async def delayed(app: App) -> str:
    """A case whose seals wait, and fail of a rule when they are tried: nobody has signed."""
    case, _ = await open_case(app, await log_in(app))
    now = app.services.clock.now()
    with app.services.db.write() as unit:
        unit.seals.save_delay(SealDelay(case.case_id, now, 1, now, "没有应答"))
    return case.case_id


def delay_of(app: App, case_id: str) -> SealDelay:
    with app.services.db.read() as unit:
        delay = unit.seals.delay(case_id)
    assert delay is not None
    return delay


async def test_whatever_a_retry_fails_of_the_next_one_waits_longer(app: App, clock: SteppedClock) -> None:
    """Each leaves a line in the log of seals: a refusal each minute would fill it."""
    case_id = await delayed(app)
    for _ in range(24 * 60):
        await app.bus._seal_again()
        clock.pass_by(minutes=1)
    delay = delay_of(app, case_id)
    assert 24 <= delay.tries <= 32
    assert delay.reason != "没有应答", "what it failed of last"


async def test_a_database_that_fails_for_a_moment_does_not_end_the_retries(
    app: App, database: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(bus, "EXPIRY_SECONDS", 0.05)
    case_id = await delayed(app)
    engine = open_engine(database or f"sqlite:///{tmp_path / 'data' / 'pingqian.db'}")

    def renamed(old: str, new: str) -> None:
        with engine.connect().execution_options(write=True) as connection, connection.begin():
            connection.execute(text(f"ALTER TABLE {old} RENAME TO {new}"))

    renamed("seal_delay", "elsewhere")
    ticker = asyncio.create_task(app.bus._seals())
    try:
        await asyncio.sleep(0.3)
        assert not ticker.done(), "nothing would be tried before the next start"
        renamed("elsewhere", "seal_delay")
        async with asyncio.timeout(120):
            while delay_of(app, case_id).tries == 1:  # noqa: ASYNC110 - what the database says
                await asyncio.sleep(0.02)
    finally:
        ticker.cancel()
        await asyncio.gather(ticker, return_exceptions=True)
        engine.dispose()


@pytest.mark.parametrize("how", ["resume", "amend"])
async def test_what_waits_for_a_seal_is_tried_at_once_when_it_may_be_used_again(
    app: App, clock: SteppedClock, how: str
) -> None:
    """An hour is between two tries by then."""
    case_id = await delayed(app)
    with app.services.db.write() as unit:
        waits = replace(delay_of(app, case_id), tries=9, next_at=clock.now() + timedelta(minutes=59))
        unit.seals.save_delay(waits)
    chen, seal = await chief(app), contract_seal(app)
    await app.bus.execute(sc.SuspendSeal(chen, seal.seal_id, "印章送检"))
    ticker = asyncio.create_task(app.bus._seals())
    try:
        await asyncio.sleep(0)  # it has looked, and waits for the next minute
        assert delay_of(app, case_id) == waits, "a seal put aside frees nothing"
        if how == "resume":
            await app.bus.execute(sc.ResumeSeal(chen, seal.seal_id, "检验完毕"))
        else:
            until = seal.valid_until + timedelta(days=30)
            await app.bus.execute(sc.AmendSeal(chen, seal.seal_id, "延长", None, until))
        async with asyncio.timeout(120):
            while delay_of(app, case_id).reason == waits.reason:  # noqa: ASYNC110 - what the database says
                await asyncio.sleep(0.02)
    finally:
        ticker.cancel()
        await asyncio.gather(ticker, return_exceptions=True)
    again = delay_of(app, case_id)
    assert again.tries == 1
    assert again.next_at <= clock.now() + timedelta(minutes=1), "begins anew with a minute"
