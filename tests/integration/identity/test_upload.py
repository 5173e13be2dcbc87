"""From a specimen before the phone's camera to the advice on the agent's desk, over HTTP, with the real models."""

import asyncio
import hashlib
import io
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import httpx
import numpy as np
from PIL import Image

from desktop.demo.portrait import scene
from desktop.demo.specimen import Person, card_back, card_front, photograph
from signing.adapters import demo_data
from tests.integration.web.running import Running, running

BORROWER = demo_data.BORROWER
CARD = Person(name=BORROWER.name, number=BORROWER.id_number)
STRANGER = Person(name="李福生", number="110105199003072346")
DEVICE = {"camera": True, "microphone": True, "loudspeaker": True, "network": True}
JPEG = {"Content-Type": "image/jpeg"}


def snapshot() -> bytes:
    """The live picture as the seat keeps it: 640 × 480, head and shoulders."""
    out = io.BytesIO()
    view = Image.fromarray(np.ascontiguousarray(scene()[:270, 44:404]))
    view.resize((640, 480), Image.Resampling.BICUBIC).save(out, "JPEG", quality=90)
    return out.getvalue()


@dataclass
class Visit:
    """A live call in which the customer's identity is due."""

    phone: httpx.AsyncClient
    seat: httpx.AsyncClient
    case_id: str
    party_id: str

    async def show(self, side: str, image: bytes) -> httpx.Response:
        return await self.phone.put(f"/api/phone/id-card/{side}", content=image, headers=JPEG)

    async def identity(self) -> dict[str, Any]:
        """What the agent sees."""
        case = (await self.seat.get(f"/api/cases/{self.case_id}")).json()
        identity: dict[str, Any] = case["parties"][0]["identity"]
        return identity


async def begin(service: Running, phone: httpx.AsyncClient, seat: httpx.AsyncClient, opened: Any) -> Visit:
    view = (await phone.get("/api/phone/view")).json()
    while view["consent"]:
        given = {"kind": view["consent"]["kind"], "granted": True, "text_sha256": view["consent"]["sha256"]}
        view = (await phone.post("/api/phone/consents", json=given)).json()
    assert (await phone.post("/api/phone/precheck", json=DEVICE)).status_code == 200
    assert (await phone.post("/api/phone/queue/join")).status_code == 200
    await seat.post("/api/seat/presence", json={"presence": "available"})
    await accept(seat)
    return Visit(phone, seat, opened.case.case_id, opened.case.parties[0].party_id)


async def accept(seat: httpx.AsyncClient) -> None:
    async with asyncio.timeout(120):
        while not (offer := (await seat.get("/api/staff/view")).json()["offer"]):  # noqa: ASYNC110 - as a person looks
            await asyncio.sleep(0.1)
    answer = await seat.post(f"/api/seat/offers/{offer['ticket']['ticket_id']}/accept")
    assert answer.status_code == 200, answer.text


async def test_specimens_become_advice(tmp_path: Path) -> None:
    async with running(tmp_path / "data") as service:
        opened = await service.open_case()
        tokens = await service.customer(opened), await service.log_in("zhang")
        async with service.client(tokens[0]) as phone, service.client(tokens[1]) as seat:
            visit = await begin(service, phone, seat, opened)
            await a_picture_without_a_card_is_sent_back(visit)
            await the_wrong_side_is_named(visit)
            await another_persons_card_is_seen_through(visit)
            await both_sides_fit(visit)
            await the_face_resembles_the_card(visit)
            await the_pictures_are_kept(visit)


async def a_picture_without_a_card_is_sent_back(visit: Visit) -> None:
    answer = await visit.show("front", snapshot())
    assert answer.status_code == 422
    assert "没有找到身份证" in answer.json()["message"]
    assert (await visit.show("front", b"\xff\xd8\xff" + bytes(300))).status_code == 422
    assert (await visit.identity())["front"] is None


async def the_wrong_side_is_named(visit: Visit) -> None:
    answer = await visit.show("front", photograph(card_back(CARD), 1, width=1600))
    assert answer.status_code == 422
    assert "请翻过来拍人像面" in answer.json()["message"]
    assert not answer.json()["hint"], "the reason says what to do; a second advice beside it confuses"


async def another_persons_card_is_seen_through(visit: Visit) -> None:
    answer = await visit.show("front", photograph(card_front(STRANGER), 2, width=1600))
    assert answer.status_code == 200
    check = answer.json()
    assert (check["name_matches"], check["number_matches"], check["checksum_ok"]) == (False, False, True)
    assert len(check["warnings"]) == 2
    assert STRANGER.name not in answer.text
    assert STRANGER.number not in answer.text


async def both_sides_fit(visit: Visit) -> None:
    front = await visit.show("front", photograph(card_front(CARD), 3, width=1600))
    assert front.status_code == 200, front.text
    back = await visit.show("back", photograph(card_back(CARD), 4, width=1600))
    assert back.status_code == 200, back.text
    seen = await visit.identity()
    assert all(seen["front"][key] for key in ("readable", "name_matches", "number_matches", "checksum_ok"))
    assert (seen["back"]["validity_ok"], seen["back"]["valid_until"]) == (True, "长期")
    assert seen["front"]["warnings"] == seen["back"]["warnings"] == []


async def the_face_resembles_the_card(visit: Visit) -> None:
    picture = snapshot()
    headers = JPEG | {"X-Captured-At": datetime.now(UTC).isoformat()}
    path = f"/api/cases/{visit.case_id}/parties/{visit.party_id}/snapshot"
    answer = await visit.seat.post(path, content=picture, headers=headers)
    assert answer.status_code == 200, answer.text
    face = (await visit.identity())["face"]
    assert (face["faces"], face["quality_issues"], face["warnings"]) == (1, [], [])
    assert face["distance"] < 0.3
    assert face["advice"].startswith("较为相似")
    assert face["image_sha256"] == hashlib.sha256(picture).hexdigest()


async def the_pictures_are_kept(visit: Visit) -> None:
    seen = await visit.identity()
    for part in ("front", "back", "face"):
        digest = seen[part]["image_sha256"]
        kept = await visit.seat.get(f"/api/cases/{visit.case_id}/images/{digest}")
        assert hashlib.sha256(kept.content).hexdigest() == digest
