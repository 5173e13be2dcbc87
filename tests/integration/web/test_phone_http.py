"""The personal link, the code, the phone's endpoints."""

from pathlib import Path

from signing.domain.masking import mask_name, mask_phone
from signing.service.ports import FieldPlace, PageImages
from tests.integration.service.office import SteppedClock
from tests.integration.web.running import BORROWER, Running, running, socket_to


async def test_the_link_and_the_code(tmp_path: Path) -> None:
    async with running(tmp_path / "data") as service:
        opened = await service.open_case()
        capability = opened.invitations[0].url.partition("#")[2]
        assert opened.invitations[0].url.startswith(f"{service.url}/s#")
        await a_preview_uses_nothing_up(service, capability)
        await an_unknown_link_is_refused(service)
        await a_wrong_code_is_refused(service, capability)
        token = await a_code_works_once_and_a_new_device_replaces_the_old(service, capability)
        await wrong_pictures_are_refused(service, token)
        await numbers_that_are_none_are_refused(service, token, opened.case.documents[0].document_id)
        await pages_are_clamped_and_others_papers_hidden(service, token, opened.case.documents[0].document_id)
        await the_place_of_the_signature_is_looked_for_once(service, token, opened.case.documents[0].document_id)
        await a_consent_to_other_words_is_refused(service, token)
        await a_recording_of_other_words_is_not_played(service, token)


async def a_preview_uses_nothing_up(service: Running, capability: str) -> None:
    async with service.client() as http:
        for _ in range(3):
            assert (await http.get("/s")).status_code == 200
            opened = await http.post("/api/phone/open", json={"capability": capability})
            assert opened.json()["name_masked"] == mask_name(BORROWER.name)
            assert opened.json()["phone_masked"] == mask_phone(BORROWER.phone)


async def an_unknown_link_is_refused(service: Running) -> None:
    async with service.client() as http:
        for path in ("open", "code"):
            unknown = await http.post(f"/api/phone/{path}", json={"capability": "x" * 43})
            assert unknown.status_code == 401
        short = await http.post("/api/phone/open", json={"capability": "short"})
        assert short.status_code == 422


async def a_wrong_code_is_refused(service: Running, capability: str) -> None:
    async with service.client() as http:
        sent = await http.post("/api/phone/code", json={"capability": capability})
        assert sent.json()["stand_in"] is True
        right = await service.code()
        wrong = f"{(int(right) + 1) % 1_000_000:06d}"
        refused = await http.post("/api/phone/redeem", json={"capability": capability, "code": wrong})
        assert refused.status_code == 401
        malformed = await http.post("/api/phone/redeem", json={"capability": capability, "code": "12345"})
        assert malformed.json()["message"] == "“验证码”格式不正确"


async def redeem(service: Running, capability: str) -> str:
    async with service.client() as http:
        code = await service.code()
        answer = await http.post("/api/phone/redeem", json={"capability": capability, "code": code})
        assert answer.status_code == 200
        again = await http.post("/api/phone/redeem", json={"capability": capability, "code": code})
        assert again.status_code == 401
    return str(answer.json()["token"])


async def a_code_works_once_and_a_new_device_replaces_the_old(service: Running, capability: str) -> str:
    """The newer device's token."""
    first = await redeem(service, capability)
    async with service.client() as http:
        await http.post("/api/phone/code", json={"capability": capability})
    second = await redeem(service, capability)
    async with service.client(first) as http:
        assert (await http.get("/api/phone/view")).status_code == 401
    async with service.client(second) as http:
        view = await http.get("/api/phone/view")
        assert view.json()["step"] == "consent_recording"
        assert view.json()["consent"]["sha256"]
    return second


async def wrong_pictures_are_refused(service: Running, token: str) -> None:
    async with service.client(token) as http:
        path = "/api/phone/id-card/front"
        jpeg = {"Content-Type": "image/jpeg"}
        assert (await http.put(path, content=b"GIF89a", headers=jpeg)).status_code == 415
        assert (
            await http.put(path, content=b"\xff\xd8\xff", headers={"Content-Type": "text/plain"})
        ).status_code == 415
        assert (await http.put(path, content=b"\xff" * (12 * 2**20 + 1), headers=jpeg)).status_code == 413
        assert (await http.put("/api/phone/id-card/side", content=b"\xff\xd8\xff", headers=jpeg)).status_code == 422


async def numbers_that_are_none_are_refused(service: Running, token: str, document_id: str) -> None:
    report = '{"camera": true, "microphone": true, "loudspeaker": true, "network": true, %s}'
    ink = (
        '{"sha256": "' + "0" * 64 + '", "strokes": {"width": 9, "height": 9, "strokes": [[{"x": %s, "y": 1, "t": 0}]]}}'
    )
    sign = f"/api/phone/documents/{document_id}/sign"
    async with service.client(token) as http:
        for path, body in (
            ("/api/phone/precheck", report % '"round_trip_ms": NaN'),
            ("/api/phone/precheck", report % '"round_trip_ms": 1e999'),
            ("/api/phone/precheck", report % f'"width": {10**30}'),
            (sign, ink % "NaN"),
            (sign, ink % "1e300"),
        ):
            answer = await http.post(path, content=body, headers={"Content-Type": "application/json"})
            assert (answer.status_code, answer.json()["code"]) == (422, "input"), body


async def pages_are_clamped_and_others_papers_hidden(service: Running, token: str, document_id: str) -> None:
    async with service.client(token) as http:
        at = f"/api/phone/documents/{document_id}/pages"
        small = await http.get(f"{at}/1?width=1")
        large = await http.get(f"{at}/1?width=9999")
        assert small.headers["content-type"].startswith("image/")
        assert len(small.content) < len(large.content)
        assert (await http.get(f"{at}/99")).status_code == 404
        assert (await http.get("/api/phone/documents/doc_other/pages/1")).status_code == 404
        assert (await http.get(f"/api/phone/documents/{document_id}/copy")).status_code == 403


class Counted:
    """The real one, and how often it was asked for a place: one program of one core looks at every paper."""

    def __init__(self, real: PageImages) -> None:
        self.real, self.asked = real, 0

    async def render(self, pdf: bytes, page: int, width: int) -> bytes:
        return await self.real.render(pdf, page, width)

    async def find(self, pdf: bytes, field: str) -> FieldPlace | None:
        self.asked += 1
        return await self.real.find(pdf, field)


async def the_place_of_the_signature_is_looked_for_once(service: Running, token: str, document_id: str) -> None:
    pages = service.web.page_images
    pages.renderer = counted = Counted(pages.renderer)
    async with service.client(token) as http:
        answers = [await http.get(f"/api/phone/documents/{document_id}/place") for _ in range(3)]
        assert (await http.get("/api/phone/documents/doc_other/place")).status_code == 404
    first = answers[0].json()
    assert [answer.json() for answer in answers] == [first] * 3
    assert first["page"] >= 1
    assert 0 < first["x"] < first["x"] + first["w"] < 1
    assert 0 < first["y"] < first["y"] + first["h"] < 1
    assert counted.asked == 1


async def a_consent_to_other_words_is_refused(service: Running, token: str) -> None:
    async with service.client(token) as http:
        consent = {"kind": "recording", "granted": True, "text_sha256": "0" * 64}
        assert (await http.post("/api/phone/consents", json=consent)).status_code == 409
        shown = (await http.get("/api/phone/view")).json()["consent"]
        agreed = await http.post("/api/phone/consents", json=consent | {"text_sha256": shown["sha256"]})
        assert agreed.json()["step"] == "consent_face"


async def test_codes_are_limited_by_link(tmp_path: Path) -> None:
    async with running(tmp_path / "data") as service:
        async with service.client() as http:
            unknown = {"capability": "y" * 43}
            statuses = [(await http.post("/api/phone/code", json=unknown)).status_code for _ in range(6)]
            assert statuses == [401] * 5 + [429]
            guess = {"capability": "z" * 43, "code": "123456"}
            statuses = [(await http.post("/api/phone/redeem", json=guess)).status_code for _ in range(11)]
        assert statuses == [401] * 10 + [429]


async def test_codes_links_and_sessions_expire(tmp_path: Path) -> None:
    clock = SteppedClock()
    async with running(tmp_path / "data", clock=clock) as service:
        opened = await service.open_case()
        capability = opened.invitations[0].url.partition("#")[2]
        token = await service.customer(opened)
        async with service.client() as http, socket_to(service.ws + "/api/phone/ws", token) as line:
            await line.next("phone.view")
            await http.post("/api/phone/code", json={"capability": capability})
            clock.pass_by(minutes=6)
            late = {"capability": capability, "code": await service.code()}
            assert (await http.post("/api/phone/redeem", json=late)).status_code == 401
            clock.pass_by(hours=73)
            assert (await http.post("/api/phone/open", json={"capability": capability})).status_code == 401
            assert (await http.post("/api/phone/code", json={"capability": capability})).status_code == 401
            service.web.hub.changed()
            assert (await line.next("gone"))["reason"] == "expired"


async def a_recording_of_other_words_is_not_played(service: Running, token: str) -> None:
    """What is heard must be what is shown and agreed to: another institution's name, or words of before, are not."""
    folder = service.web.voices.folder / "recorded"
    folder.mkdir(parents=True)
    async with service.client(token) as http:
        shown = (await http.get("/api/phone/view")).json()["consent"]
        kind, path = shown["kind"], f"/api/phone/consents/{shown['kind']}/voice"
        (folder / f"consent.{kind}.mp3").write_bytes(b"other words")
        assert (await http.get(path)).content != b"other words"
        (folder / f"consent.{kind}.{shown['sha256'][:12]}.mp3").write_bytes(b"these words")
        assert (await http.get(path)).content == b"these words"
