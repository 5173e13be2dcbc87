"""Links and codes over a real server: what robots do, what fifty at once do, what a second phone does."""

import asyncio
import re
from collections import Counter
from pathlib import Path
from posixpath import normpath

import pytest

from signing.service import commands
from signing.web import presence
from signing.web.limits import RateLimit
from signing.wire.staff import CaseOpened
from tests.integration.service.office import GOOD_DEVICE, SteppedClock
from tests.integration.web.running import Running, Socket, running, socket_to
from tests.integration.web.test_sockets import OFFER

ROBOT = {"User-Agent": "Mozilla/5.0 (compatible; LinkPreview/1.0)"}
FIRST, SECOND = "a" * 32, "b" * 32
ASSET = re.compile(r'(?:src|href)="(/phone/[^"]+)"')
IMPORT = re.compile(r"""(?:from|import)\s*\(?\s*['"](\.{1,2}/[^'"]+)['"]""")


def capability_of(opened: CaseOpened) -> str:
    return opened.invitations[0].url.partition("#")[2]


async def code_for(service: Running, capability: str) -> str:
    async with service.client() as http:
        sent = await http.post("/api/phone/code", json={"capability": capability})
    assert sent.status_code == 200, sent.text
    assert sent.json()["valid_seconds"] <= 600
    return await service.code()


async def come_in(service: Running, capability: str, device: str) -> str:
    """The session token of a phone that proves itself now."""
    body = {"capability": capability, "code": await code_for(service, capability), "device": device}
    async with service.client() as http:
        answer = await http.post("/api/phone/redeem", json=body, headers={"User-Agent": f"phone {device[:1]}"})
    assert answer.status_code == 200, answer.text
    return str(answer.json()["token"])


async def events_of(service: Running, case_id: str, kind: str) -> list[dict[str, object]]:
    def found() -> list[dict[str, object]]:
        with service.web.services.db.read() as unit:
            return [event.body for event in unit.cases.events(case_id) if event.type == kind]

    return await asyncio.to_thread(found)


# --- robots ---------------------------------------------------------------------------------------------------------


async def fetched_by_a_robot(service: Running) -> set[str]:
    """The page and whatever it leads to, with GET and HEAD alike. → the paths."""
    seen: set[str] = set()
    waiting = ["/s"]
    async with service.client() as http:
        while waiting:
            path = waiting.pop()
            if path in seen:
                continue
            seen.add(path)
            head = await http.head(path, headers=ROBOT)
            got = await http.get(path, headers=ROBOT)
            assert (head.status_code, got.status_code) == (200, 200), path
            assert head.content == b""
            waiting += ASSET.findall(got.text)
            waiting += [normpath(path.rpartition("/")[0] + "/" + name) for name in IMPORT.findall(got.text)]
    return seen


async def test_a_preview_robot_that_fetches_everything_uses_nothing_up(tmp_path: Path) -> None:
    async with running(tmp_path / "data") as service:
        opened = await service.open_case()
        capability = capability_of(opened)
        code = await code_for(service, capability)
        for _ in range(3):
            seen = await fetched_by_a_robot(service)
        assert len(seen) > 15
        async with service.client() as http:
            for _ in range(3):
                peek = await http.post("/api/phone/open", json={"capability": capability}, headers=ROBOT)
                assert peek.status_code == 200
            redeemed = await http.post("/api/phone/redeem", json={"capability": capability, "code": code})
        assert redeemed.status_code == 200
        assert len(await events_of(service, opened.case.case_id, "party.code_proven")) == 1


# --- many at once ---------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("limited", [True, False])
async def test_fifty_redemptions_at_once_give_one_session(tmp_path: Path, limited: bool) -> None:
    """With the limits as they are, and with them out of the way so that all fifty reach the database."""
    async with running(tmp_path / "data") as service:
        if not limited:
            service.web.limits.redeem = RateLimit(limit=1000, seconds=600)
        opened = await service.open_case()
        capability = capability_of(opened)
        body = {"capability": capability, "code": await code_for(service, capability)}

        async def one() -> tuple[int, str]:
            async with service.client() as http:
                answer = await http.post("/api/phone/redeem", json=body)
            return answer.status_code, answer.json().get("token", "")

        answers = await asyncio.gather(*(one() for _ in range(50)))
        statuses = Counter(status for status, _ in answers)
        assert statuses[200] == 1
        assert statuses == ({200: 1, 401: 9, 429: 40} if limited else {200: 1, 401: 49})
        assert len(await events_of(service, opened.case.case_id, "party.code_proven")) == 1
        token = next(token for status, token in answers if status == 200)
        async with service.client(token) as http:
            assert (await http.get("/api/phone/view")).status_code == 200


# --- limits that outlive the process --------------------------------------------------------------------------------


async def test_limits_hold_over_a_restart(tmp_path: Path, clock: SteppedClock) -> None:
    """By party: three codes in ten minutes, whichever process was asked."""
    async with running(tmp_path / "data", clock=clock) as service:
        opened = await service.open_case()
        for _ in range(3):
            await code_for(service, capability_of(opened))
    async with running(tmp_path / "data", clock=clock) as service, service.client() as http:
        asked = {"capability": capability_of(opened)}
        refused = await http.post("/api/phone/code", json=asked)
        assert refused.status_code == 429
        assert int(refused.headers["retry-after"]) > 0
        clock.pass_by(minutes=11)
        assert (await http.post("/api/phone/code", json=asked)).status_code == 200


async def test_one_number_gets_so_many_codes_however_many_cases_it_is_in(tmp_path: Path, clock: SteppedClock) -> None:
    async with running(tmp_path / "data", clock=clock) as service:
        statuses = []
        for _ in range(4):
            capability = capability_of(await service.open_case())
            async with service.client() as http:
                for _ in range(3):
                    answer = await http.post("/api/phone/code", json={"capability": capability})
                    statuses.append(answer.status_code)
        assert statuses == [200] * 8 + [429] * 4


async def test_wrong_codes_of_one_address_end(tmp_path: Path, clock: SteppedClock) -> None:
    """Counted in the database: a fresh link's five tries do not begin anew for whoever tries link after link."""
    async with running(tmp_path / "data", clock=clock) as service:
        limit = service.web.services.limits.redeems_of_address
        digest = service.web.services.secrets.digest("redeem_address", "127.0.0.1")
        with service.web.services.db.write() as unit:
            for _ in range(limit - 1):
                unit.accounts.add_use("redeem_address", digest, clock.now())
        capability = capability_of(await service.open_case())
        code = await code_for(service, capability)
        async with service.client() as http:
            wrong = {"capability": capability, "code": f"{(int(code) + 1) % 1_000_000:06d}"}
            assert (await http.post("/api/phone/redeem", json=wrong)).status_code == 401
            assert (await http.post("/api/phone/redeem", json=wrong)).status_code == 429
            clock.pass_by(minutes=11)
            fresh = {"capability": capability, "code": await code_for(service, capability)}
            assert (await http.post("/api/phone/redeem", json=fresh)).status_code == 200


# --- a link that is replaced ----------------------------------------------------------------------------------------


async def test_a_replaced_link_says_so_and_the_new_one_goes_on(tmp_path: Path) -> None:
    async with running(tmp_path / "data") as service:
        opened = await service.open_case()
        old = capability_of(opened)
        token = await come_in(service, old, FIRST)
        party, case = opened.invitations[0].party_id, opened.case.case_id
        async with service.client(await service.log_in("zhang")) as agent:
            renewed = await agent.post(f"/api/cases/{case}/parties/{party}/link")
        assert renewed.status_code == 200
        async with service.client(token) as http:
            assert (await http.get("/api/phone/view")).json()["code"] == "link_revoked"
            for path in ("open", "code"):
                refused = await http.post(f"/api/phone/{path}", json={"capability": old})
                assert refused.status_code == 401
                assert refused.json()["message"] == "这条链接已停用"
                assert "最新" in refused.json()["hint"]
        fresh = renewed.json()["url"].partition("#")[2]
        assert fresh != old
        again = await come_in(service, fresh, FIRST)
        async with service.client(again) as http:
            assert (await http.get("/api/phone/view")).json()["step"] == "consent_recording"
        assert len(await events_of(service, case, "party.link_renewed")) == 1


# --- another phone --------------------------------------------------------------------------------------------------


async def test_a_second_phone_ends_the_first_and_the_chain_says_so(tmp_path: Path) -> None:
    async with running(tmp_path / "data") as service:
        opened = await service.open_case()
        capability, case = capability_of(opened), opened.case.case_id
        first = await come_in(service, capability, FIRST)
        async with socket_to(service.ws + "/api/phone/ws", first) as line:
            await line.next("phone.view")
            second = await come_in(service, capability, SECOND)
            assert (await line.next("gone"))["reason"] == "other_device"
        async with service.client(first) as http:
            refused = await http.get("/api/phone/view")
        assert (refused.status_code, refused.json()["code"]) == (401, "other_device")
        assert "另一部手机" in refused.json()["message"]
        async with service.client(second) as http:
            assert (await http.get("/api/phone/view")).status_code == 200
        (change,) = await events_of(service, case, "party.device_changed")
        proven = [event["device_digest"] for event in await events_of(service, case, "party.code_proven")]
        assert [change["before_digest"], change["after_digest"]] == proven
        assert change["in_call"] is False
        assert all(re.fullmatch("[0-9a-f]{64}", str(digest)) for digest in proven)
        assert FIRST not in str(proven)


async def test_the_same_phone_again_is_no_change(tmp_path: Path) -> None:
    async with running(tmp_path / "data") as service:
        opened = await service.open_case()
        for _ in range(2):
            await come_in(service, capability_of(opened), FIRST)
        assert await events_of(service, opened.case.case_id, "party.device_changed") == []


async def into_a_call(service: Running, agent: str, phone: str, line: Socket, seat: Socket) -> str:
    """Through consents and device check to a live call. → call_id"""
    async with service.client(phone) as http:
        for _ in range(4):
            shown = (await http.get("/api/phone/view")).json()["consent"]
            agreed = {"kind": shown["kind"], "granted": True, "text_sha256": shown["sha256"]}
            assert (await http.post("/api/phone/consents", json=agreed)).status_code == 200
        assert (await http.post("/api/phone/precheck", json=GOOD_DEVICE)).status_code == 200
        assert (await http.post("/api/phone/queue/join")).status_code == 200
    async with service.client(agent) as http:
        assert (await http.post("/api/seat/presence", json={"presence": "available"})).status_code == 200
        while not (view := await seat.next("seat.view"))["offer"]:
            pass
        ticket = view["offer"]["ticket"]["ticket_id"]
        assert (await http.post(f"/api/seat/offers/{ticket}/accept")).status_code == 200
    while not (view := await line.next("phone.view"))["call"]:
        pass
    return str(view["call"]["call_id"])


async def test_in_a_call_the_new_phone_takes_over_and_the_old_cannot_answer(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(presence, "CALL_GRACE_SECONDS", 2.0)
    async with running(tmp_path / "data") as service:
        opened = await service.open_case()
        capability, case = capability_of(opened), opened.case.case_id
        agent, first = await service.log_in("zhang"), await come_in(service, capability, FIRST)
        async with (
            socket_to(service.ws + "/api/seat/ws", agent) as seat,
            socket_to(service.ws + "/api/phone/ws", first) as old,
        ):
            call_id = await into_a_call(service, agent, first, old, seat)
            second = await come_in(service, capability, SECOND)
            assert (await old.next("gone"))["reason"] == "other_device"
            async with socket_to(service.ws + "/api/phone/ws", second) as new:
                view = await new.view_where("phone.view", "step", "id_front")
                assert view["call"]["call_id"] == call_id
                await new.send(type="sdp", call_id=call_id, kind="offer", sdp=OFFER, offer_id="from the new one")
                offer = await seat.next("sdp")
                assert (offer["offer_id"], offer["party_id"]) == ("from the new one", opened.invitations[0].party_id)
                await seat.send(type="sdp", call_id=call_id, party_id=offer["party_id"], kind="answer", sdp=OFFER)
                assert (await new.next("sdp"))["kind"] == "answer"
                async with service.client(first) as http:
                    for path in ("/api/phone/queue/leave", "/api/phone/precheck"):
                        refused = await http.post(path, json=GOOD_DEVICE if "precheck" in path else {})
                        assert refused.json()["code"] == "other_device"
                await asyncio.sleep(3)  # longer than a phone without a socket is waited for
                with service.web.services.db.read() as unit:
                    assert unit.queue.live_leg_of(opened.invitations[0].party_id) is not None
        (change,) = await events_of(service, case, "party.device_changed")
        assert change["in_call"] is True


async def test_the_capability_of_one_party_opens_no_other(tmp_path: Path) -> None:
    async with running(tmp_path / "data") as service:
        one, other = await service.open_case(), await service.open_case()
        code = await code_for(service, capability_of(one))
        with pytest.raises(Exception, match=r"过期|不正确"):
            await service.web.execute(commands.RedeemCode(commands.BEARER, capability_of(other), code))


@pytest.fixture
def clock() -> SteppedClock:
    return SteppedClock()
