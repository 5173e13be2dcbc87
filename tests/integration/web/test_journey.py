"""The whole journey as the two programs make it: HTTP and WebSockets only, from the link to the verified package."""

import asyncio
import hashlib
import io
import json
import sqlite3
import zipfile
from contextlib import closing
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import httpx
from PIL import Image

from desktop.demo.portrait import scene
from desktop.demo.specimen import Person, card_back, card_front, photograph
from signing.domain.case import Segment
from signing.evidence.verify import verify_package
from signing.service.commands import SYSTEM
from signing.service.core_commands import AddWebhook
from signing.wire.audit import AuditCase, VerificationReport
from signing.wire.case import CaseView, RecordingView
from signing.wire.staff import SeatView
from tests.integration.service.office import Film, film, handwriting
from tests.integration.web.core import CASES, INSTITUTION, issue
from tests.integration.web.in_call import in_call
from tests.integration.web.receiver import Receiver, receiving, wait_until
from tests.integration.web.running import Running, Socket, running
from tests.integration.web.test_sockets import post, sdp_goes_both_ways


def snapshot() -> bytes:
    buffer = io.BytesIO()
    Image.fromarray(scene()[0:300, 60:360]).resize((900, 900)).save(buffer, "JPEG", quality=92)
    return buffer.getvalue()


async def test_a_borrower_signs_a_loan(tmp_path: Path) -> None:
    with receiving(Receiver()) as receiver:
        await signs_a_loan(tmp_path / "data", receiver)


async def signs_a_loan(data: Path, receiver: Receiver) -> None:
    async with running(data) as service:
        await service.web.execute(AddWebhook(SYSTEM, INSTITUTION, receiver.url, True))
        async with in_call(service) as call:
            await sdp_goes_both_ways(call.seat, call.phone, call.call_id, call.party_id)
            case = await signed_in_a_call(call.desk, call.hand, call.seat, call.case_id, call.party_id, call.call_id)
            await call.phone.view_where("phone.view", "step", "done")
            await the_customer_keeps_copies(call.hand, case)
        await nothing_is_shown_that_cannot_be_put_on_record(service, case)
        await the_auditor_sees_and_verifies(service, case)
        await the_credit_system_is_told_and_fetches(service, case, receiver)


async def signed_in_a_call(
    desk: httpx.AsyncClient, hand: httpx.AsyncClient, seat: Socket, case_id: str, party_id: str, call_id: str
) -> CaseView:
    shot = await asyncio.to_thread(film)
    began = datetime.now(UTC)
    described = {"width": 320, "height": 240, "frame_rate": 15, "video_codec": "h264", "audio_codec": "aac"}
    started = await post(desk, f"/api/calls/{call_id}/recordings", {"started_at": began.isoformat(), **described})
    at = f"/api/cases/{case_id}/parties/{party_id}"
    await identified(desk, hand, at)
    await informed(desk, hand, at)
    await read_and_signed(hand)
    hung_up = await post(desk, f"/api/calls/{call_id}/hangup")
    assert hung_up["presence"] == "wrap_up"
    await uploaded(desk, str(started["recording_id"]), shot, began)
    view = await seat.next("seat.view")
    while view["case"]["seal_blocked_by"]:
        view = await seat.next("seat.view")
    await put_aside_and_taken_again(desk, case_id)
    sealed = CaseView.model_validate(await post(desk, f"/api/cases/{case_id}/seal"))
    assert sealed.phase == "closed"
    assert (await post(desk, "/api/seat/wrapup/finish"))["presence"] == "available"
    return sealed


async def put_aside_and_taken_again(desk: httpx.AsyncClient, case_id: str) -> None:
    aside = await post(desk, "/api/seat/wrapup/finish")
    assert (aside["presence"], aside["case"]) == ("available", None)
    [waiting] = SeatView.model_validate(aside).awaiting_seal
    assert (waiting.case_id, waiting.amount) == (case_id, "180000.00")
    assert "*" in waiting.party_name_masked
    assert waiting.signed_at is not None
    taken = SeatView.model_validate(await post(desk, f"/api/seat/cases/{case_id}/take"))
    assert (taken.presence, taken.awaiting_seal) == ("wrap_up", [])
    assert taken.case is not None
    assert taken.case.case_id == case_id


async def identified(desk: httpx.AsyncClient, hand: httpx.AsyncClient, at: str) -> None:
    jpeg = {"Content-Type": "image/jpeg"}
    for side, draw, seed in (("front", card_front, 1), ("back", card_back, 2)):
        picture = await asyncio.to_thread(photograph, draw(Person()), seed)
        answer = await hand.put(f"/api/phone/id-card/{side}", content=picture, headers=jpeg)
        assert answer.status_code == 200, answer.text
        assert answer.json()["readable"]
        assert Person().number not in answer.text
    taken = {"X-Captured-At": datetime.now(UTC).isoformat(), **jpeg}
    face = await desk.post(f"{at}/snapshot", content=snapshot(), headers=taken)
    assert face.json()["faces"] == 1, face.text
    view = await post(desk, f"{at}/identity", {"accepted": True, "reason": "已核对证件与本人，一致"})
    sha256 = view["parties"][0]["identity"]["front"]["image_sha256"]  # type: ignore[index]
    image = await desk.get(f"{at.rsplit('/parties', 1)[0]}/images/{sha256}")
    assert image.headers["content-type"] == "image/jpeg"


async def informed(desk: httpx.AsyncClient, hand: httpx.AsyncClient, at: str) -> None:
    case = (await desk.get(at.rsplit("/parties", 1)[0])).json()
    for line in case["script"]:
        await post(desk, f"{at}/prompt", {"line": line["number"]})
        prompt = (await hand.get("/api/phone/view")).json()["prompt"]
        assert prompt["text"] == line["text"]
        await post(desk, f"{at}/disclosure", {"line": line["number"], "answer": line["expected"] or "yes"})


async def read_and_signed(hand: httpx.AsyncClient) -> None:
    view = (await hand.get("/api/phone/view")).json()
    for paper in view["documents"]:
        at = f"/api/phone/documents/{paper['document_id']}"
        assert (await hand.get(f"{at}/pages/1?width=640")).headers["content-type"].startswith("image/")
        pages = [{"page": number, "milliseconds": 900} for number in range(1, paper["pages"] + 1)]
        assert (await post(hand, f"{at}/reading", {"pages": pages}))["step"] == "signing"
        view = await post(hand, f"{at}/sign", {"sha256": paper["sha256"], "strokes": json.loads(handwriting())})
    assert view["step"] == "await_seal"


async def uploaded(desk: httpx.AsyncClient, recording_id: str, shot: Film, began: datetime) -> None:
    ended = began + timedelta(seconds=shot.seconds)
    finished = {
        "ended_at": ended.isoformat(), "duration_seconds": shot.seconds, "size": len(shot.data),
        "sha256": shot.sha256, "segments": [segment(link) for link in shot.segments],
    }  # fmt: skip
    await post(desk, f"/api/recordings/{recording_id}/finish", finished)
    for link in shot.segments:
        at, data = f"/api/recordings/{recording_id}/segments/{link.index}", part(shot, link)
        broken = await desk.put(at, content=data[:-1], headers=described(link))
        assert broken.status_code == 422
        held = await desk.put(at, content=data, headers=described(link))
        assert held.json() == {"next_index": link.index + 1, "sha256": link.sha256, "chain": link.chain}
    stored = await desk.post(f"/api/recordings/{recording_id}/assemble")
    assert RecordingView.model_validate_json(stored.content).state == "verified", stored.text


def part(shot: Film, link: Segment) -> bytes:
    return shot.data[link.offset : link.offset + link.size]


def described(link: Segment) -> dict[str, str]:
    return {
        "Content-Type": "application/octet-stream", "X-Segment-Sha256": link.sha256, "X-Segment-Chain": link.chain,
        "X-Segment-Start": repr(link.start_seconds),
    }  # fmt: skip


def segment(link: Segment) -> dict[str, Any]:
    return {name: getattr(link, name) for name in ("index", "offset", "size", "start_seconds", "sha256", "chain")}


async def the_customer_keeps_copies(hand: httpx.AsyncClient, case: CaseView) -> None:
    for document in case.documents:
        copy = await hand.get(f"/api/phone/documents/{document.document_id}/copy")
        assert copy.content.startswith(b"%PDF")
        assert copy.headers["content-disposition"].startswith("attachment; filename*=UTF-8''")


async def nothing_is_shown_that_cannot_be_put_on_record(service: Running, case: CaseView) -> None:
    """The access log takes nothing: neither does anybody get to see anything, nor at the second try."""
    front = case.parties[0].identity.front
    assert front is not None
    at, paper = f"/api/cases/{case.case_id}", f"documents/{case.documents[0].document_id}.pdf"
    audited = f"/api/audit/cases/{case.case_id}"
    looks = [
        at,
        f"{at}/images/{front.image_sha256}",
        f"{at}/{paper}",
        "/api/audit/cases",
        audited,
        f"{audited}/{paper}",
    ]
    looks += [f"{audited}/package", f"/api/audit/recordings/{case.recordings[0].recording_id}"]
    token = await service.log_in("lin")  # which goes on the access log too
    with closing(sqlite3.connect(service.data / "pingqian.db", isolation_level=None)) as database:
        database.execute("CREATE TRIGGER full BEFORE INSERT ON access_log BEGIN SELECT RAISE(ABORT, 'full'); END")
        async with service.client(token) as http:
            for path in looks * 2:
                assert (await http.get(path)).status_code == 500, path
            assert (await http.post(f"{audited}/verify")).status_code == 500
            database.execute("DROP TRIGGER full")
            for path in looks:
                assert (await http.get(path)).status_code == 200, path
    with service.web.services.db.read() as unit:
        lines = [json.loads(line) for line in unit.logs.views()]
    assert [line["body"]["what"] for line in lines[-8:]] == [
        "case", "image", "document", "list", "case", "document", "package", "recording",
    ]  # fmt: skip


async def the_auditor_sees_and_verifies(service: Running, case: CaseView) -> None:
    async with service.client(await service.log_in("lin")) as http:
        rows = (await http.post("/api/audit/cases/search", json={"text": case.case_no})).json()
        assert (rows["total"], rows["rows"][0]["has_package"]) == (1, True)
        seen = AuditCase.model_validate_json((await http.get(f"/api/audit/cases/{case.case_id}")).content)
        assert seen.events[-1].type == "package.closed"
        recording = f"/api/audit/recordings/{case.recordings[0].recording_id}"
        part = await http.get(recording, headers={"Range": "bytes=4-7"})
        assert (part.status_code, part.content) == (206, b"ftyp")
        report = VerificationReport.model_validate_json(
            (await http.post(f"/api/audit/cases/{case.case_id}/verify")).content
        )
        assert report.verdict == "valid", report
        package = await http.get(f"/api/audit/cases/{case.case_id}/package")
        assert package.headers["content-type"] == "application/vnd.etsi.asic-e+zip"
    the_words_agreed_to_are_in_the_package(package.content)
    trust = service.web.services.signer.trust_pem()
    assert (await asyncio.to_thread(verify_package, package.content, trust)).verdict == "valid"


async def the_credit_system_is_told_and_fetches(service: Running, case: CaseView, receiver: Receiver) -> None:
    await asyncio.to_thread(wait_until, lambda: len(receiver.taken) >= 5, 10, "five events")
    told = [(taken.type, taken.told["state"]) for taken in receiver.taken]
    assert told == [
        ("case.created", "open"), ("party.signed", "signed"), ("case.signed", "signed"), ("case.sealed", "sealed"),
        ("case.closed", "closed"),
    ]  # fmt: skip
    assert receiver.taken[1].told["party_id"] == case.parties[0].party_id
    path = f"{CASES}/{case.case_id}"
    async with service.client((await issue(service)).key) as http:
        shown = (await http.get(path)).json()
        assert (shown["state"], shown["state_title"]) == ("closed", "已归档")
        for document in shown["documents"]:
            paper = await http.get(f"{path}/documents/{document['document_id']}.pdf")
            assert hashlib.sha256(paper.content).hexdigest() == document["current_sha256"]
            assert paper.headers["content-type"] == "application/pdf"
        package = await http.get(f"{path}/package")
        assert hashlib.sha256(package.content).hexdigest() == shown["package"]["sha256"]
        verdict = (await http.get(f"{path}/verdict")).json()
        assert verdict["verdict"] == "valid"
        assert verdict["headline"].startswith("已验证")
        assert (await http.post(f"{path}/cancel", json={"reason": "太晚"})).status_code == 409
    with service.web.services.db.read() as unit:
        looks = [json.loads(line) for line in unit.logs.views()][-6:]
    assert {look["actor"]["role"] for look in looks if look["body"]["what"] == "package"} >= {"core_system"}


def the_words_agreed_to_are_in_the_package(package: bytes) -> None:
    with zipfile.ZipFile(io.BytesIO(package)) as archive:
        events = [json.loads(line) for line in archive.read("events.jsonl").splitlines()]
        given = [event["body"] for event in events if event["type"] == "party.consent_given"]
        shown = {body["kind"]: json.loads(archive.read(f"consents/{body['text_sha256']}.json")) for body in given}
    assert list(shown) == ["recording", "face", "personal_information", "credit_inquiry"]
    assert all(text["kind"] == kind and text["accept"] for kind, text in shown.items())
    assert "龙岩示范农村信用合作联社会全程录音录像" in shown["recording"]["paragraphs"][0]
