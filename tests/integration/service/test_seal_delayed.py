"""A time-stamping authority that fails at the seal: nothing is sealed, the case is queued, and a restart finds it."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from signing.adapters.identity import VisionIdentityReader
from signing.domain.case import DocumentState
from signing.domain.errors import OutsideError
from signing.domain.readable import whole_of
from signing.evidence.verify import verify_package
from signing.service import commands as c
from signing.service.content import package_file
from signing.wire.audit import Verdict
from tests.fakes.outside_ca import OutsideCa
from tests.integration.service.office import Film, SteppedClock, open_app, stored, types_of
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
