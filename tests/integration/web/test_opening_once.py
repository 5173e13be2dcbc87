"""A case that is asked for again, since its answer was lost, is the same case; and one draft is never two."""

import asyncio
from pathlib import Path
from typing import Any

import httpx

from tests.integration.web.running import CASE, running

KEY = "draft-7f3a"


async def opened(desk: httpx.AsyncClient, key: str = KEY, **changed: Any) -> httpx.Response:
    headers = {"Idempotency-Key": key} if key else {}
    return await desk.post("/api/cases", json=CASE | changed, headers=headers)


def capability(answer: httpx.Response) -> dict[str, str]:
    return {"capability": answer.json()["invitations"][0]["url"].partition("#")[2]}


async def test_who_asks_again_gets_the_same_case_and_links_that_work(tmp_path: Path) -> None:
    async with running(tmp_path) as service, service.client(await service.log_in("zhang")) as desk:
        first, again = await opened(desk), await opened(desk)
        assert (first.status_code, again.status_code) == (201, 201), again.text
        assert again.json()["case"]["case_id"] == first.json()["case"]["case_id"]
        assert again.json()["case"]["case_no"] == first.json()["case"]["case_no"]
        async with service.client() as phone:
            dead = await phone.post("/api/phone/code", json=capability(first))
            lives = await phone.post("/api/phone/code", json=capability(again))
        assert (dead.status_code, lives.status_code) == (401, 200), (dead.text, lives.text)
        with service.web.services.db.read() as unit:
            kinds = [event.type for event in unit.cases.events(first.json()["case"]["case_id"])]
        assert kinds.count("case.opened") == 1
        assert kinds.count("party.link_renewed") == 1

        changed = await opened(desk, purpose="购买化肥")
        assert changed.status_code == 409
        assert first.json()["case"]["case_no"] in changed.json()["message"]
        assert "变更" in changed.json()["hint"]
        async with service.client() as phone:
            redeem = capability(again) | {"code": await service.code()}
            assert (await phone.post("/api/phone/redeem", json=redeem)).status_code == 200
            late = await opened(desk)
            assert late.json()["invitations"] == [], "who has opened their link keeps it"
            assert (await phone.post("/api/phone/code", json=capability(again))).status_code == 200


async def test_presses_at_the_same_moment_make_one_case(tmp_path: Path) -> None:
    async with running(tmp_path) as service, service.client(await service.log_in("zhang")) as desk:
        answers = await asyncio.gather(*(opened(desk) for _ in range(3)))
        assert {one.status_code for one in answers} <= {201, 409}, [one.text for one in answers]
        made = [one.json()["case"]["case_id"] for one in answers if one.status_code == 201]
        assert len(made) >= 1
        assert len(set(made)) == 1
        assert (await opened(desk)).json()["case"]["case_id"] == made[0]


async def test_one_persons_key_is_nobody_elses(tmp_path: Path) -> None:
    async with running(tmp_path) as service:
        cases = []
        for who in ("zhang", "chen"):
            async with service.client(await service.log_in(who)) as desk:
                answer = await opened(desk)
                assert answer.status_code == 201, answer.text
                cases.append(answer.json()["case"]["case_id"])
        assert len(set(cases)) == 2, "and each draft is a case of its own"
