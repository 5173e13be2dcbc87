"""Each step of the call refuses what is not right, and says so; state and chain stay as they were."""

import asyncio
import io
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from pathlib import Path

import pytest
from PIL import Image
from sqlalchemy import text

from desktop.demo.specimen import Person, card_back, card_front, photograph
from signing.adapters.identity import VisionIdentityReader
from signing.adapters.national_id import StandInNationalId
from signing.bootstrap import App
from signing.domain.call import Call
from signing.domain.case import Case, DocumentState, RecordingState
from signing.domain.errors import (
    ConflictError,
    InputError,
    NotPermitted,
    OutsideError,
    RuleBroken,
    SigningError,
    TamperError,
)
from signing.domain.party import PartyState
from signing.domain.readable import Joined, whole_of
from signing.service import commands as c
from signing.service import recording_commands as rc
from signing.service.board import board
from signing.service.commands import SYSTEM, Actor
from signing.service.handlers.reading import REPORTS_KNOWN
from signing.service.ports import EvidenceParts, Institution
from tests.integration.service.office import (
    Film,
    SteppedClock,
    bodies_of,
    connect,
    deliver,
    enter,
    film,
    finish_command,
    get_ready,
    in_call,
    log_in,
    open_app,
    open_case,
    pieces,
    put_at,
    sign_command,
    start_command,
    stored,
    types_of,
    whole_document,
)


@dataclass
class Room:
    app: App
    agent: Actor
    customer: Actor
    case_id: str
    call: Call

    @property
    def case(self) -> Case:
        return stored(self.app, self.case_id)

    @property
    def party_id(self) -> str:
        return self.customer.actor_id

    def decide(self, accepted: bool = True, reason: str = "") -> c.DecideIdentity:
        return c.DecideIdentity(self.agent, self.case_id, self.party_id, accepted, reason)

    async def refused(self, command: c.Command, kind: type[SigningError], words: str) -> SigningError:
        """Carries ``command`` out, which must fail so, and checks that nothing changed."""
        before, types = self.case, types_of(self.app, self.case_id)
        with pytest.raises(kind) as error:
            await self.app.bus.execute(command)
        assert words in error.value.message + error.value.hint
        assert self.case == before
        assert types_of(self.app, self.case_id) == types
        return error.value


@pytest.fixture
async def room(app: App) -> Room:
    agent, customer, case, call = await in_call(app)
    return Room(app, agent, customer, case.case_id, call)


def blank_picture() -> bytes:
    buffer = io.BytesIO()
    Image.new("RGB", (1600, 1200), (120, 130, 120)).save(buffer, "JPEG")
    return buffer.getvalue()


# --- identity -----------------------------------------------------------------------------------------------------


async def test_a_picture_without_a_card_is_not_kept(room: Room, tmp_path: Path) -> None:
    blobs = sorted((tmp_path / "data" / "blobs").rglob("*"))
    for side, image, words in (
        ("front", blank_picture(), "没有看清身份证人像面"),
        ("front", b"no picture", ""),
        ("side", blank_picture(), "人像面或国徽面"),
        ("front", bytes(12_000_001), "照片太大"),
    ):
        error = await room.refused(c.SubmitCard(room.customer, side, image), InputError, words)
        advised = bool(error.hint) or "：" in error.message  # the reading's own reasons say what to do
        assert advised or side == "side"
    assert sorted((tmp_path / "data" / "blobs").rglob("*")) == blobs


async def test_doubts_need_a_reason_and_are_kept_with_it(room: Room) -> None:
    await room.refused(room.decide(False), RuleBroken, "写明原因")
    await room.refused(room.decide(True, "认识本人"), RuleBroken, "抓拍")
    await room.app.bus.execute(c.SubmitCard(room.customer, "back", photograph(card_back(Person()), 2)))
    stranger = Person(name="李美丽", number="11010519491231002X")
    await room.app.bus.execute(c.SubmitCard(room.customer, "front", photograph(card_front(stranger), 1)))
    picture = c.SubmitSnapshot(room.agent, room.case_id, room.party_id, blank_picture(), room.app.services.clock.now())
    await room.app.bus.execute(picture)
    error = await room.refused(room.decide(), RuleBroken, "存在疑点")
    assert "姓名与业务不符" in error.message
    assert "0 张人脸" in error.message
    await room.app.bus.execute(room.decide(True, "已核对户口簿"))
    with room.app.services.db.read() as unit:
        decided = unit.cases.events(room.case_id)[-1]
    assert decided.type == "identity.accepted"
    assert isinstance(decided.body["doubts"], list)
    assert len(decided.body["doubts"]) == 2
    await room.refused(room.decide(True, "again"), SigningError, "")


async def test_another_card_needs_another_comparison(room: Room) -> None:
    do, now = room.app.bus.execute, room.app.services.clock.now
    front = c.SubmitCard(room.customer, "front", photograph(card_front(Person()), 1))
    await do(front)
    await do(c.SubmitSnapshot(room.agent, room.case_id, room.party_id, blank_picture(), now()))
    assert room.case.parties[0].identity.face is not None
    await do(c.SubmitCard(room.customer, "back", photograph(card_back(Person()), 2)))
    assert room.case.parties[0].identity.face is not None
    await do(front)
    await room.refused(room.decide(True, "认识本人"), RuleBroken, "抓拍")


async def test_a_snapshot_is_of_this_call_and_of_this_minute(room: Room, clock: SteppedClock) -> None:
    began, picture = room.call.started_at, blank_picture()

    def taken(at: datetime) -> c.SubmitSnapshot:
        return c.SubmitSnapshot(room.agent, room.case_id, room.party_id, picture, at)

    for at in (began - timedelta(seconds=1), clock.now() + timedelta(seconds=61)):
        await room.refused(taken(at), InputError, "不在本次通话之内")
    clock.pass_by(minutes=5)
    await room.refused(taken(clock.now() - timedelta(seconds=61)), InputError, "不在本次通话之内")
    at = clock.now() - timedelta(seconds=50)
    assert (await room.app.bus.execute(taken(at))).captured_at == at


async def test_after_a_rejection_everything_is_taken_anew(room: Room) -> None:
    await room.app.bus.execute(c.SubmitCard(room.customer, "front", photograph(card_front(Person()), 1)))
    await room.app.bus.execute(room.decide(False, "与证件照不像"))
    party = room.case.parties[0]
    assert party.state is PartyState.READY
    assert party.identity.front is None
    assert party.identity.decision is not None


async def test_a_register_that_does_not_answer_is_no_mismatch(room: Room) -> None:
    register = room.app.services.national_id
    assert isinstance(register, StandInNationalId)
    register.unreachable = True
    await room.app.bus.execute(c.SubmitCard(room.customer, "front", photograph(card_front(Person()), 1)))
    answer = room.case.parties[0].identity.national_id
    assert answer is not None
    assert answer.matches is None
    assert answer.message.startswith("未能核验")


def test_the_stand_in_register_behaves_like_one() -> None:
    register = StandInNationalId({"11010519491231002X": "王秀兰"})
    assert register.check("王秀兰", "11010519491231002x").matches is True
    assert register.check("李四", "11010519491231002X").matches is False
    assert register.check("李四", "440524188001010014").matches is False
    assert register.stand_in
    register.unreachable = True
    with pytest.raises(OutsideError):
        register.check("王秀兰", "11010519491231002X")


async def test_without_consent_no_face_is_compared_and_the_eye_decides(app: App) -> None:
    agent = await log_in(app)
    case, capability = await open_case(app, agent)
    customer = await enter(app, capability)
    await get_ready(app, customer, face=False)
    room = Room(app, agent, customer, case.case_id, await connect(app, agent, customer))
    picture = c.SubmitSnapshot(agent, case.case_id, room.party_id, blank_picture(), app.services.clock.now())
    face = await app.bus.execute(picture)
    assert (face.faces, face.distance) == (0, None)
    assert "目视" in face.advice
    await room.refused(room.decide(), RuleBroken, "目视")
    await app.bus.execute(room.decide(True, "目视核对证件原件,为本人"))
    assert room.case.parties[0].state is PartyState.IDENTIFIED


# --- disclosure, reading, signing ---------------------------------------------------------------------------------


def answer(room: Room, line: int, said: str) -> c.AnswerLine:
    return c.AnswerLine(room.agent, room.case_id, room.party_id, line, said)


async def test_disclosure_waits_for_every_right_answer(room: Room) -> None:
    await room.refused(answer(room, 1, "yes"), ConflictError, "身份核验")
    put_at(room.app, room.case_id, PartyState.IDENTIFIED)
    with room.app.services.db.write() as unit:
        case = unit.cases.get(room.case_id)
        unit.cases.save(replace(case, parties=(replace(case.parties[0], answers=()),)))
    await room.refused(answer(room, 99, "yes"), InputError, "99")
    await room.refused(answer(room, 1, "maybe"), InputError, "回答")
    lines = room.case.script
    for line in lines[:-1]:
        await room.app.bus.execute(answer(room, line.number, line.expected or "nodded"))
    last = lines[-1]
    for said in ("repeat", "no" if last.expected == "yes" else "yes"):
        await room.app.bus.execute(answer(room, last.number, said))
        assert room.case.parties[0].state is PartyState.IDENTIFIED
    await room.app.bus.execute(answer(room, last.number, last.expected or "yes"))
    assert room.case.parties[0].state is PartyState.INFORMED
    assert types_of(room.app, room.case_id)[-1] == "disclosure.completed"


async def test_a_nod_is_on_record_as_no_answer_yet_neither_right_nor_wrong(room: Room) -> None:
    put_at(room.app, room.case_id, PartyState.IDENTIFIED)
    with room.app.services.db.write() as unit:
        case = unit.cases.get(room.case_id)
        unit.cases.save(replace(case, parties=(replace(case.parties[0], answers=()),)))
    line = next(one for one in room.case.script if one.expected == "yes")
    for said in ("nodded", "no", "yes"):
        await room.app.bus.execute(answer(room, line.number, said))
    answered = bodies_of(room.app, room.case_id, "disclosure.answered")
    assert [one["right"] for one in answered] == [None, False, True]
    assert [one["answer_title"] for one in answered] == ["点头（还没有亲口说）", "不是", "是"]


async def read(room: Room, number: int = 0) -> None:
    document = room.case.documents[number]
    await room.app.bus.execute(c.ReportReading(room.customer, document.document_id, whole_document(room.case, number)))


async def identified(room: Room) -> None:
    """Through the agent's own decision, whose event the certificate is bound to."""
    await room.app.bus.execute(
        c.SubmitSnapshot(room.agent, room.case_id, room.party_id, blank_picture(), room.app.services.clock.now())
    )
    await room.app.bus.execute(room.decide(True, "已核对证件原件"))
    put_at(room.app, room.case_id, PartyState.INFORMED)


async def hung_up(app: App, shot: Film) -> tuple[Room, str]:
    """Signed by all and hung up; of the recording, whose id is returned, the end is told and nothing delivered yet."""
    do = app.bus.execute
    agent, customer, case, call = await in_call(app)
    room = Room(app, agent, customer, case.case_id, call)
    recording_id = await do(start_command(agent, call))
    await identified(room)
    for number in range(len(room.case.documents)):
        await read(room, number)
        await do(sign_command(customer, room.case, number))
    await do(c.HangUp(agent, call.call_id))
    await do(finish_command(agent, recording_id, shot, call.started_at))
    return room, recording_id


async def test_reading_counts_pages_and_time(room: Room) -> None:
    document = room.case.documents[0]
    report = c.ReportReading(room.customer, document.document_id, ((1, 400),))
    await room.refused(report, ConflictError, "告知")
    put_at(room.app, room.case_id, PartyState.INFORMED)
    for pages in (((document.pages + 1, 5),), ((0, 5),), ((1, -1),), ((1, 90_000_000),)):
        await room.refused(replace(report, pages=pages), InputError, "页码或时间")
    for _ in range(2):
        await room.app.bus.execute(report)
    assert room.case.parties[0].reading[document.document_id] == {1: 800}
    assert types_of(room.app, room.case_id).count("reading.page_shown") == 1
    for report_id in ("a", "b", "a", "b", "c"):
        await room.app.bus.execute(replace(report, report_id=report_id))
    assert room.case.parties[0].reading[document.document_id] == {1: 2000}, "one that comes again counts once"
    for number in range(REPORTS_KNOWN + 3):
        await room.app.bus.execute(replace(report, pages=((1, 0),), report_id=f"more{number}"))
    assert len(room.case.parties[0].reading_reports) == REPORTS_KNOWN, "and a case does not grow with them"
    for number in range(len(room.case.documents)):
        await read(room, number)
    assert room.case.parties[0].state is PartyState.READ


async def test_signing_refuses_what_is_not_right_and_then_signs_once(room: Room) -> None:
    case = room.case
    await room.refused(sign_command(room.customer, case), ConflictError, "身份核验")
    await identified(room)
    await room.refused(sign_command(room.customer, case), RuleBroken, "还没有读完")
    await read(room)
    good = sign_command(room.customer, case)
    await room.refused(replace(good, sha256="0" * 64), RuleBroken, "不一致")
    await room.refused(replace(good, ink_points=3), RuleBroken, "签名")
    await room.refused(replace(good, ink_extent=0.01), RuleBroken, "签名")
    second = sign_command(room.customer, case, 1)
    await room.refused(second, RuleBroken, "还没有读完")
    await read(room, 1)
    await room.refused(second, RuleBroken, "按顺序")
    results = await asyncio.gather(*(room.app.bus.execute(good) for _ in range(4)), return_exceptions=True)
    assert sum(isinstance(result, ConflictError) for result in results) == 3
    assert types_of(room.app, room.case_id).count("document.signed") == 1
    await room.refused(good, ConflictError, "已经签署过")


async def test_who_is_no_signer_may_not_sign_and_nobody_without_a_call(room: Room) -> None:
    await identified(room)
    await read(room)
    with room.app.services.db.write() as unit:
        case = unit.cases.get(room.case_id)
        others = replace(case.documents[0], signer_party_ids=("party_other",))
        unit.cases.save(replace(case, documents=(others, *case.documents[1:])))
    await room.refused(sign_command(room.customer, room.case), NotPermitted, "不需要您签署")
    await room.app.bus.execute(c.DropLeg(SYSTEM, room.call.call_id, room.customer.actor_id))
    await room.refused(sign_command(room.customer, room.case, 1), ConflictError, "不在视频通话中")


# --- recording and sealing ----------------------------------------------------------------------------------------


async def test_a_recording_must_be_what_was_promised(room: Room, shot: Film) -> None:
    do, at = room.app.bus.execute, room.call.started_at
    recording_id = await do(start_command(room.agent, room.call))
    whole = rc.AssembleRecording(room.agent, recording_id)
    await room.refused(whole, ConflictError, "录像结束")
    finish = finish_command(room.agent, recording_id, shot, at)
    await room.refused(replace(finish, segments=shot.segments[1:]), InputError, "分段")
    for _ in range(2):
        await do(finish)
    assert types_of(room.app, room.case_id).count("recording.finished") == 1
    first = pieces(room.agent, recording_id, shot)[0]
    await room.refused(replace(first, data=first.data[:-1]), InputError, "摘要不符")
    await room.refused(whole, ConflictError, "还没有收齐，应从第 1 段")
    assert (await deliver(room.app, room.agent, recording_id, shot)).state is RecordingState.VERIFIED
    assert (await do(whole)).state is RecordingState.VERIFIED
    assert types_of(room.app, room.case_id).count("recording.verified") == 1


async def test_a_recording_that_does_not_decode_is_damaged_and_blocks_the_seal(room: Room, shot: Film) -> None:
    early = replace(start_command(room.agent, room.call), started_at=room.call.started_at - timedelta(minutes=5))
    await room.refused(early, InputError, "不在本次通话之内")
    recording_id = await room.app.bus.execute(start_command(room.agent, room.call))
    longer = finish_command(room.agent, recording_id, replace(shot, seconds=20.0), room.call.started_at)
    await room.refused(replace(longer, ended_at=longer.ended_at + timedelta(days=1)), InputError, "结束时间不合理")
    await room.refused(replace(longer, duration_seconds=90.0), InputError, "时长超过")
    await room.app.bus.execute(longer)
    recording = await deliver(room.app, room.agent, recording_id, shot)
    assert recording.state is RecordingState.DAMAGED
    assert any("时长" in finding for finding in recording.findings)
    error = await room.refused(c.SealCase(room.agent, room.case_id), RuleBroken, "还不能用印")
    for words in ("请先挂断", "录像回读发现问题", "尚未完成签署", "尚未签署齐全"):
        assert words in error.message


async def test_no_recording_without_a_call_of_ones_own(room: Room) -> None:
    elsewhere = replace(start_command(room.agent, room.call), actor=replace(room.agent, seat_id="seat_08"))
    await room.refused(elsewhere, NotPermitted, "不是本席位")


@pytest.mark.parametrize("promised", [False, True])
async def test_a_lost_recording_blocks_the_seal_and_says_how_it_can_end(
    room: Room, shot: Film, *, promised: bool
) -> None:
    do = room.app.bus.execute
    recording_id = await do(start_command(room.agent, room.call))
    seal = c.SealCase(room.agent, room.case_id)
    await room.refused(seal, RuleBroken, "录像仍在录制")
    await do(c.HangUp(room.agent, room.call.call_id, "电脑坏了"))
    if promised:
        await do(finish_command(room.agent, recording_id, shot, room.call.started_at))
    error = await room.refused(seal, RuleBroken, "接听的坐席电脑登录着就会自动")
    assert "请主管声明遗失" in error.message
    chen = await log_in(room.app, "chen", "demo-super-2026")
    await room.refused(c.DeclareRecordingLost(chen, recording_id, " "), InputError, "原因")
    lost = await do(c.DeclareRecordingLost(chen, recording_id, "坐席电脑硬盘损坏"))
    assert (lost.state, lost.lost_reason) == (RecordingState.LOST, "坐席电脑硬盘损坏")
    assert types_of(room.app, room.case_id)[-1] == "recording.lost"
    with pytest.raises(RuleBroken, match="尚未完成签署") as refused:
        await do(seal)
    assert "录像" not in refused.value.message
    assert types_of(room.app, room.case_id)[-1] == "risk.found", "that a seal is asked for without it is on record"


class Interrupted(Exception):
    """Stands for the moment the process dies."""


class DyingSigner:
    """The real signer until the n-th seal, where the power goes."""

    def __init__(self, signer: object, seals: int) -> None:
        self._signer, self._left = signer, seals

    def __getattr__(self, name: str) -> object:
        return getattr(self._signer, name)

    async def seal(self, pdf: bytes, institution: Institution, at: object, reason: str, marks: object) -> bytes:
        if self._left == 0:
            raise Interrupted
        self._left -= 1
        sealed: bytes = await self._signer.seal(pdf, institution, at, reason, marks)  # type: ignore[attr-defined]
        return sealed


class SpoilingPackages:
    """The real builder, whose disk turns one byte of the events."""

    def __init__(self, packages: object) -> None:
        self._packages = packages

    def __getattr__(self, name: str) -> object:
        return getattr(self._packages, name)

    async def build(self, parts: EvidenceParts, at: object) -> Joined:
        data = whole_of(await self._packages.build(parts, at))  # type: ignore[attr-defined]
        return Joined([data.replace(b'"type":"case.opened"', b'"type":"case.0pened"')])


@pytest.mark.timeout(480)
async def test_sealing_cut_short_goes_on_at_the_next_start(tmp_path: Path, reader: VisionIdentityReader) -> None:
    shot, first = film(2), open_app(tmp_path, identity=reader)
    unreadable, _ = await open_case(first, await log_in(first))
    agent, customer, case, call = await in_call(first)
    room = Room(first, agent, customer, case.case_id, call)
    recording_id = await first.bus.execute(start_command(agent, call))
    await identified(room)
    for number in range(len(room.case.documents)):
        await read(room, number)
        await first.bus.execute(sign_command(customer, room.case, number))
    with first.services.db.write() as unit:  # the consents' order was real, the disclosure was put in
        assert unit.cases.get(case.case_id).parties[0].state is PartyState.SIGNED
    await first.bus.execute(c.HangUp(agent, call.call_id))
    await first.bus.execute(finish_command(agent, recording_id, shot, call.started_at))
    damage = {"junk": b"junk", "id": unreadable.case_id}
    await deliver(first, agent, recording_id, shot)
    first.bus.services = replace(first.services, signer=DyingSigner(first.services.signer, 1))  # type: ignore[arg-type]
    with pytest.raises(Interrupted):
        await first.bus.execute(c.SealCase(agent, case.case_id))
    assert types_of(first, case.case_id)[-2:] == ["seal.requested", "document.sealed"]
    with pytest.raises(ConflictError, match="已开始用印"):
        await first.bus.execute(c.AbortCase(agent, case.case_id, "改变主意"))
    with first.engine.begin() as connection:
        connection.execute(text("UPDATE case_file SET sealed = :junk WHERE case_id = :id"), damage)
    await first.close()
    spoilt = open_app(tmp_path, identity=reader)
    spoilt.bus.services = replace(spoilt.services, packages=SpoilingPackages(spoilt.services.packages))  # type: ignore[arg-type]
    await spoilt.start()
    await spoilt.resumed()
    assert all(document.state is DocumentState.SEALED for document in stored(spoilt, case.case_id).documents)
    assert stored(spoilt, case.case_id).package is None
    with pytest.raises(TamperError, match=r"没有通过自检（已被改动：events\.jsonl"):
        await spoilt.bus.execute(c.SealCase(agent, case.case_id))
    chen = await log_in(spoilt, "chen", "demo-super-2026")
    assert [one.case_id for one in spoilt.queries.seat(agent).awaiting_package] == [case.case_id]
    assert [one.case_id for one in board(spoilt.services, chen).attention.unsealed] == [case.case_id]
    with pytest.raises(TamperError):
        await spoilt.bus.execute(c.SealCase(chen, case.case_id))
    await spoilt.close()
    second = open_app(tmp_path, identity=reader)
    await second.start()
    await second.resumed()
    closed = stored(second, case.case_id)
    assert closed.package is not None
    types = types_of(second, case.case_id)
    assert types.count("document.sealed") == len(closed.documents)
    assert types.count("seal.requested") == types.count("package.closed") == 1
    await second.close()
