"""One borrower, one loan, from the link to the package that verifies; then what is left on disk."""

import asyncio
import hashlib
import io
import json
import re
import sqlite3
import subprocess
import zipfile
from collections.abc import Iterator
from contextlib import closing
from dataclasses import dataclass
from itertools import pairwise
from pathlib import Path

import pytest
from PIL import Image
from sqlalchemy import text
from sqlalchemy.exc import DatabaseError

from desktop.demo.portrait import scene
from desktop.demo.specimen import Person, card_back, card_front, photograph
from signing.adapters import demo_data
from signing.adapters.identity import VisionIdentityReader
from signing.bootstrap import App
from signing.cli import main
from signing.domain.case import Case, RecordingState
from signing.domain.errors import NotPermitted, RuleBroken, TamperError
from signing.domain.ledger import verify_chain
from signing.domain.phase import Phase
from signing.domain.phone_step import PhoneStep
from signing.domain.readable import whole_of
from signing.evidence.core.judge import case_number
from signing.evidence.verify import verify_package
from signing.service import commands as c
from signing.service.commands import SYSTEM, Actor
from tests.integration.service.office import (
    Film,
    connect,
    deliver,
    enter,
    finish_command,
    get_ready,
    log_in,
    open_app,
    open_case,
    sign_command,
    start_command,
    stored,
    types_of,
    whole_document,
)


def face_jpeg() -> bytes:
    buffer = io.BytesIO()
    head = Image.fromarray(scene()[0:300, 60:360])
    head.resize((900, 900)).save(buffer, "JPEG", quality=92)
    return buffer.getvalue()


@dataclass
class Closed:
    """A closed case as it lies on disk, and what was seen on the way."""

    data: Path
    case_id: str
    capability: str
    steps: list[PhoneStep]
    film: Film


class Journey:
    def __init__(self, app: App, shot: Film) -> None:
        self.app, self.shot, self.steps = app, shot, list[PhoneStep]()

    def see(self, customer: Actor) -> PhoneStep:
        step = self.app.queries.phone(customer).step
        if not self.steps or self.steps[-1] is not step:
            self.steps.append(step)
        return step

    async def walk(self) -> tuple[str, str]:
        do, agent = self.app.bus.execute, await log_in(self.app)
        case, capability = await open_case(self.app, agent)
        customer = await enter(self.app, capability)
        self.see(customer)
        await get_ready(self.app, customer)
        self.see(customer)
        call = await connect(self.app, agent, customer)
        recording_id = await do(start_command(agent, call))
        await self.identify(agent, customer, case)
        await self.disclose(agent, customer, case)
        await self.sign(customer, case)
        await do(c.HangUp(agent, call.call_id))
        self.see(customer)
        await do(finish_command(agent, recording_id, self.shot, call.started_at))
        await deliver(self.app, agent, recording_id, self.shot)
        await do(c.SealCase(agent, case.case_id))
        self.see(customer)
        await do(c.FinishWrapUp(agent))
        return case.case_id, capability

    async def identify(self, agent: Actor, customer: Actor, case: Case) -> None:
        person, do = Person(), self.app.bus.execute
        self.see(customer)
        front = await do(c.SubmitCard(customer, "front", photograph(card_front(person), 1)))
        self.see(customer)
        await do(c.SubmitCard(customer, "back", photograph(card_back(person), 2)))
        self.see(customer)
        party = case.parties[0].party_id
        face = await do(c.SubmitSnapshot(agent, case.case_id, party, face_jpeg(), self.app.services.clock.now()))
        assert front.number_matches
        assert face.faces == 1
        reason = "已核对证件原件与本人,一致"
        await do(c.DecideIdentity(agent, case.case_id, party, True, reason))
        self.see(customer)

    async def disclose(self, agent: Actor, customer: Actor, case: Case) -> None:
        party = case.parties[0].party_id
        for line in case.script:
            await self.app.bus.execute(c.ShowLine(agent, case.case_id, party, line.number))
            prompt = self.app.queries.phone(customer).prompt
            assert prompt == line
            answer = line.expected or "yes"
            await self.app.bus.execute(c.AnswerLine(agent, case.case_id, party, line.number, answer))

    async def sign(self, customer: Actor, case: Case) -> None:
        for number, document in enumerate(case.documents):
            assert self.see(customer) is PhoneStep.READING
            pages = whole_document(case, number)
            await self.app.bus.execute(c.ReportReading(customer, document.document_id, pages))
            assert self.see(customer) is PhoneStep.SIGNING
            await self.app.bus.execute(sign_command(customer, case, number))


@pytest.fixture(scope="module")
def closed(tmp_path_factory: pytest.TempPathFactory, reader: VisionIdentityReader, shot: Film) -> Closed:
    data = tmp_path_factory.mktemp("journey") / "data"

    async def whole() -> Closed:
        app = open_app(data, identity=reader)
        await app.start()
        journey = Journey(app, shot)
        case_id, capability = await journey.walk()
        await app.close()
        return Closed(data, case_id, capability, journey.steps, shot)

    return asyncio.run(whole())


@pytest.fixture
def office(closed: Closed, reader: VisionIdentityReader) -> Iterator[App]:
    """The same files, opened again."""
    app = open_app(closed.data, identity=reader)
    yield app
    asyncio.run(app.close())


def actor_of(app: App, username: str) -> Actor:
    with app.services.db.read() as unit:
        member = unit.people.staff_named(username)
    assert member is not None
    return Actor("staff", member.staff_id, member.role, member.institution_id, member.name, member.seat_id)


def test_the_customer_sees_each_screen_once_and_in_order(closed: Closed) -> None:
    reading = [PhoneStep.READING, PhoneStep.SIGNING] * 3
    assert closed.steps == [
        PhoneStep.CONSENT_RECORDING,
        PhoneStep.QUEUE,
        PhoneStep.ID_FRONT,
        PhoneStep.ID_BACK,
        PhoneStep.AWAIT_IDENTITY,
        PhoneStep.DISCLOSURE,
        *reading,
        PhoneStep.AWAIT_SEAL,
        PhoneStep.DONE,
    ]


def test_the_package_verifies_against_the_signers_root(closed: Closed, office: App) -> None:
    package = office.queries.package(SYSTEM, closed.case_id)
    signer = office.services.signer
    report = verify_package(package, signer.trust_pem(), signer.inspect)
    assert report.verdict == "valid", [(item.name, item.detail) for item in report.items if not item.ok]
    assert report.not_checked == []


def test_the_verifier_finds_the_case_number_where_the_service_writes_it(closed: Closed, office: App) -> None:
    with zipfile.ZipFile(io.BytesIO(whole_of(office.queries.package(SYSTEM, closed.case_id)))) as archive:
        written = json.loads(archive.read("case.json"))
    assert case_number(written) == stored(office, closed.case_id).case_no


def test_a_changed_byte_in_the_package_is_found(closed: Closed, office: App) -> None:
    package = bytearray(whole_of(office.queries.package(SYSTEM, closed.case_id)))
    place = bytes(package).index(closed.film.data[:64]) + 5000
    package[place] ^= 1
    report = verify_package(bytes(package), office.services.signer.trust_pem())
    assert report.verdict == "altered"


def test_the_chain_is_whole_and_ends_with_the_package(closed: Closed, office: App) -> None:
    types = types_of(office, closed.case_id)
    assert types[0] == "case.opened"
    assert types[-1] == "package.closed"
    for needed in ("identity.accepted", "disclosure.completed", "recording.verified", "seal.requested"):
        assert types.count(needed) == 1
    assert types.count("document.signed") == types.count("document.sealed") == 3
    assert types.index("identity.accepted") < types.index("disclosure.shown") < types.index("document.signed")


def test_every_revision_is_a_prefix_of_the_next(closed: Closed, office: App) -> None:
    for document in stored(office, closed.case_id).documents:
        revisions = [office.services.blobs.get(closed.case_id, digest) for digest in document.revisions]
        assert len(revisions) == 3
        for earlier, later in pairwise(revisions):
            assert later.startswith(earlier)
            assert len(later) > len(earlier)


def test_nothing_personal_is_readable_on_disk(closed: Closed) -> None:
    borrower, case = demo_data.BORROWER, "购买茶苗与肥料"
    secrets = [borrower.name, borrower.id_number, borrower.phone, borrower.address, case, "6217000000000000000"]
    files = [path for path in closed.data.rglob("*") if path.is_file() and "pki" not in path.parts]
    assert len(files) > 15
    for path in files:
        content = path.read_bytes()
        for secret in secrets:
            assert secret.encode() not in content, path
        assert not content.startswith((b"%PDF", b"\xff\xd8\xff", b"PK")), path
    assert (closed.data / "keyring.json").stat().st_mode & 0o777 == 0o600


def test_the_auditor_finds_and_sees_the_whole_case(closed: Closed, office: App) -> None:
    auditor = actor_of(office, "lin")
    (row,) = office.queries.audit_list(auditor, demo_data.BORROWER.name).rows
    assert (row.phase, row.agent) == (Phase.CLOSED, "张秀英")
    assert office.queries.audit_list(auditor, "查无此人").rows == []
    seen = office.queries.audit_case(auditor, closed.case_id)
    placed = [place for place in seen.events if place.recording_id is not None]
    assert placed
    assert all(0 <= (place.offset_seconds or 0) <= closed.film.seconds for place in placed)
    found = office.queries.recording(auditor, placed[0].recording_id or "")
    assert found.recording.state is RecordingState.VERIFIED
    assert hashlib.sha256(whole_of(found.file)).hexdigest() == closed.film.sha256


def test_who_may_not_look_does_not_see(closed: Closed, office: App) -> None:
    administrator, agent = actor_of(office, "admin"), actor_of(office, "zhang")
    for look in (office.queries.audit_list, lambda who: office.queries.package(who, closed.case_id)):
        for who in (administrator, agent):
            with pytest.raises(NotPermitted):
                look(who)


def test_the_customer_comes_back_for_the_copies_without_touching_the_chain(closed: Closed, office: App) -> None:
    async def come_back() -> Actor:
        return await enter(office, closed.capability)

    before = types_of(office, closed.case_id)
    customer = asyncio.run(come_back())
    view = office.queries.phone(customer)
    assert view.step is PhoneStep.DONE
    for document in view.case.documents:
        _, data = office.queries.document_copy(customer, document.document_id)
        assert hashlib.sha256(data).hexdigest() == document.current_sha256
    assert types_of(office, closed.case_id) == before


def test_sealing_again_gives_the_same_package(closed: Closed, office: App) -> None:
    before = stored(office, closed.case_id)
    again = asyncio.run(office.bus.execute(c.SealCase(actor_of(office, "zhang"), closed.case_id)))
    assert again == before


def test_a_look_is_on_record_and_the_record_is_chained(closed: Closed, office: App) -> None:
    auditor = actor_of(office, "lin")
    for what in ("case", "recording"):
        asyncio.run(office.bus.execute(c.RecordView(auditor, what, closed.case_id, "测试")))
    with office.services.db.read() as unit:
        lines = unit.logs.views()
    verify_chain(lines)
    assert len(lines) >= 2
    assert auditor.name not in lines[-1].decode()


def test_an_export_on_the_command_line_is_on_record(closed: Closed, office: App, tmp_path: Path) -> None:
    out = tmp_path / "case.asice"
    assert main(["export", closed.case_id, "--out", str(out), "--data", str(closed.data)]) == 0
    assert out.read_bytes() == whole_of(office.queries.package(SYSTEM, closed.case_id))
    with office.services.db.read() as unit:
        last = json.loads(unit.logs.views()[-1])
    assert (last["actor"]["kind"], last["body"]["what"], last["body"]["case_id"]) == (
        "system",
        "export",
        closed.case_id,
    )


def test_the_recordings_of_a_case_come_as_one_film_and_that_is_on_record(
    closed: Closed, office: App, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    out = tmp_path / "film.mp4"
    assert main(["export", closed.case_id, "--film", str(out), "--data", str(closed.data)]) == 0
    assert "第 1 段" in capsys.readouterr().out
    command = ["ffprobe", "-v", "error", "-show_entries", "format=duration:chapter=id", "-of", "json", str(out)]
    found = json.loads(subprocess.run(command, capture_output=True, check=True, text=True).stdout)
    assert abs(float(found["format"]["duration"]) - closed.film.seconds) < 0.2
    with office.services.db.read() as unit:
        last = json.loads(unit.logs.views()[-1])
    assert (last["body"]["what"], last["body"]["detail"]) == ("export", "命令行拼接录像")
    assert main(["export", closed.case_id, "--film", str(out), "--data", str(closed.data)]) == 2


def test_doctor_reads_every_chain(closed: Closed, office: App, capsys: pytest.CaptureFixture[str]) -> None:
    for _ in range(2):
        asyncio.run(office.bus.execute(c.RecordView(actor_of(office, "lin"), "case", closed.case_id)))
    main(["doctor", "--data", str(closed.data)])
    assert re.search(r"✓ 正常  记录链：\d+ 次查阅、1 笔业务的 \d+ 个事件首尾相接", capsys.readouterr().out)
    with closing(sqlite3.connect(closed.data / "pingqian.db", isolation_level=None)) as database:
        guards = [row[0] for row in database.execute("SELECT sql FROM sqlite_master WHERE tbl_name = 'access_log'")]
        by_lin = "SELECT seq, sealed FROM access_log WHERE actor_id = 'staff_lin' ORDER BY seq LIMIT 1"
        seq, sealed = database.execute(by_lin).fetchone()
        with office.services.db.read() as unit:
            line = unit.logs.views()[seq - 1]
        database.execute("DROP TRIGGER access_log_no_update")
        change = "UPDATE access_log SET line = ?, sealed = ? WHERE seq = ?"
        for altered, why in (
            ((line.replace(b"staff_lin", b"staff_lim"), None), f"事件链第 {seq + 1} 行与上一行接不上"),
            ((b"", sealed[:-1] + bytes([sealed[-1] ^ 1])), "存储的数据与写入时不一致"),
        ):
            database.execute(change, (*altered, seq))
            assert main(["doctor", "--data", str(closed.data)]) == 1
            assert f"✗ 不行  记录链：{why}" in capsys.readouterr().out
        database.execute(change, (b"", sealed, seq))
        database.execute(next(guard for guard in guards if guard and "access_log_no_update" in guard))


@pytest.mark.parametrize(
    "statement",
    [
        "UPDATE event SET sha256 = sha256",
        "DELETE FROM event WHERE seq = 3",
        "DELETE FROM log_entry",
        "UPDATE log_entry SET entry = x'00'",
    ],
)
def test_the_database_itself_refuses_to_change_what_was_chained(office: App, statement: str) -> None:
    with office.engine.connect() as connection, pytest.raises(DatabaseError, match="append-only"):
        connection.execute(text(statement))


def test_a_changed_blob_is_never_handed_out(closed: Closed, office: App) -> None:
    digest = stored(office, closed.case_id).documents[0].current_sha256
    (path,) = (closed.data / "blobs" / closed.case_id).rglob(digest)
    whole = path.read_bytes()
    try:
        for changed in (whole[:-1], whole[:40] + bytes([whole[40] ^ 1]) + whole[41:], b""):
            path.write_bytes(changed)
            with pytest.raises(TamperError):
                office.services.blobs.get(closed.case_id, digest)
    finally:
        path.write_bytes(whole)


def test_nothing_more_can_be_done_with_a_closed_case(closed: Closed, office: App) -> None:
    async def abort() -> None:
        await office.bus.execute(c.AbortCase(actor_of(office, "zhang"), closed.case_id, "改变主意"))

    with pytest.raises(Exception, match="已办结归档") as refused:
        asyncio.run(abort())
    assert not isinstance(refused.value, RuleBroken)
