"""The credit system at its door, over real HTTP on a real database."""

import asyncio
import json
import os
import subprocess
import sys
from collections import Counter
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import httpx
import pytest

from signing.domain.errors import ConflictError
from signing.service.case_list import CaseQuery
from signing.service.commands import SYSTEM
from signing.service.core_commands import RevokeCoreKey
from signing.service.ports import Institution
from signing.service.store import Branch
from tests.integration.web.core import CASES, INSTITUTION, ORDER, created, issue, order
from tests.integration.web.running import SECRETS, Running, running

ROOT = Path(__file__).parents[3]


async def test_the_whole_way_through_the_door(tmp_path: Path) -> None:
    """One server for what only reads: starting one costs more than the requests."""
    async with running(tmp_path / "data") as service:
        await creates_a_case_of_a_branch_once(service)
        await takes_the_callers_reference_for_the_key(service)
        await refuses_another_order_under_the_same_key(service)
        await opens_one_case_however_many_ask_at_once(service)
        await lists_what_changed_by_cursor(service)
        await cancels_with_a_reason_and_once(service)
        await appoints_a_time(service)
        await gives_papers_only_once_they_are_sealed(service)
        await keeps_the_institutions_apart(service)
        await knows_staff_from_systems(service)
        await tells_what_is_wrong_with_an_order(service)
        await knows_no_helpers(service)


async def creates_a_case_of_a_branch_once(service: Running) -> None:
    async with service.client((await issue(service)).key) as http:
        first = await http.post(CASES, json=order(), headers={"Idempotency-Key": "order-1"})
        again = await http.post(CASES, json=order(), headers={"Idempotency-Key": "order-1"})
        assert (first.status_code, again.status_code) == (201, 200)
        assert first.json() == again.json()
        opened = first.json()
        (invitation,) = opened["invitations"]
        assert invitation["name_masked"] == "王*兰"
        assert not any(secret in first.text for secret in SECRETS)
        shown = (await http.get(f"{CASES}/{opened['case_id']}")).json()
    assert (shown["state"], shown["state_title"], shown["amount"]) == ("open", "办理中", "180000.00")
    assert shown["branch_id"] == "branch_shanghang"
    async with service.client() as phone:
        link = await phone.post("/api/phone/open", json={"capability": invitation["url"].partition("#")[2]})
        assert link.status_code == 200, "the link in the answer opens the page"


async def takes_the_callers_reference_for_the_key(service: Running) -> None:
    async with service.client((await issue(service)).key) as http:
        opened = await created(http, "LOAN-2026-0001")
        again = await http.post(CASES, json=order("LOAN-2026-0001"))
        other_key = await http.post(CASES, json=order("LOAN-2026-0001"), headers={"Idempotency-Key": "another"})
        assert again.json() == other_key.json() == opened
        found = (await http.get(CASES, params={"reference": "LOAN-2026-0001"})).json()["cases"]
        assert [one["case_id"] for one in found] == [opened["case_id"]]
        assert found[0]["reference"] == "LOAN-2026-0001"
        assert (await http.get(CASES, params={"reference": "LOAN-0"})).json()["cases"] == []
        neither = await http.post(CASES, json=order())
    assert neither.status_code == 422
    assert "Idempotency-Key" in neither.json()["hint"]
    await revoke_all(service)


async def refuses_another_order_under_the_same_key(service: Running) -> None:
    async with service.client((await issue(service)).key) as http:
        await created(http, "LOAN-A")
        before = await count(service)
        by_reference = await http.post(CASES, json=order("LOAN-A", amount="170000.00"))
        by_key = {"Idempotency-Key": "k-1"}
        assert (await http.post(CASES, json=order(), headers=by_key)).status_code == 201
        other_content = await http.post(CASES, json=order(purpose="购买化肥"), headers=by_key)
        respaced = json.dumps(dict(reversed(order().items())), indent=3).encode()
        same = await http.post(CASES, content=respaced, headers={**by_key, "Content-Type": "application/json"})
    for refused in (by_reference, other_content):
        assert (refused.status_code, refused.json()["code"]) == (409, "idempotency")
    assert same.status_code == 200, "the same content, written otherwise"
    assert await count(service) == before + 1


async def opens_one_case_however_many_ask_at_once(service: Running) -> None:
    async with service.client((await issue(service)).key) as http:
        before = await count(service)
        answers = await asyncio.gather(*(http.post(CASES, json=order("LOAN-RACE")) for _ in range(12)))
        assert await count(service) == before + 1
    assert Counter(answer.status_code for answer in answers) == {201: 1, 200: 11}
    assert len({answer.text for answer in answers}) == 1
    await revoke_all(service)


async def lists_what_changed_by_cursor(service: Running) -> None:
    async with service.client((await issue(service)).key) as http:
        seen, cursor, more = [], "", True
        while more:
            page = (await http.get(CASES, params={"limit": 2, "cursor": cursor})).json()
            seen += [one["case_id"] for one in page["cases"]]
            cursor, more = page["next_cursor"], page["more"]
        assert len(seen) == len(set(seen)) == await count(service)
        assert (await http.get(CASES, params={"cursor": cursor})).json()["cases"] == []

        opened = await created(http, "LOAN-NEW")
        new = (await http.get(CASES, params={"cursor": cursor})).json()
        assert [one["case_id"] for one in new["cases"]] == [opened["case_id"]]
        changed_at = datetime.fromisoformat(new["cases"][0]["changed_at"])
        since = {"changed_since": (changed_at - timedelta(microseconds=1)).isoformat()}
        assert [one["case_id"] for one in (await http.get(CASES, params=since)).json()["cases"]] == [opened["case_id"]]
        since = {"changed_since": (changed_at + timedelta(seconds=1)).isoformat()}
        assert (await http.get(CASES, params=since)).json()["cases"] == []

        await http.post(f"{CASES}/{seen[0]}/cancel", json={"reason": "客户另择贷款"})
        again = (await http.get(CASES, params={"cursor": new["next_cursor"]})).json()["cases"]
        assert [(one["case_id"], one["state"]) for one in again] == [(seen[0], "ended")], "a change brings it again"
        ended = (await http.get(CASES, params={"state": "ended"})).json()["cases"]
        assert [one["case_id"] for one in ended] == [seen[0]]
        for wrong in ("x", "1.2.3x", "9" * 60, "-1.case", "1e3.case"):
            answer = await http.get(CASES, params={"cursor": wrong})
            assert answer.status_code in (200, 422), wrong
        assert (await http.get(CASES, params={"cursor": "x"})).status_code == 422


async def cancels_with_a_reason_and_once(service: Running) -> None:
    async with service.client((await issue(service)).key) as http:
        opened = await created(http, "LOAN-CANCEL")
        path = f"{CASES}/{opened['case_id']}/cancel"
        assert (await http.post(path, json={"reason": "  "})).status_code == 422
        ended = await http.post(path, json={"reason": "客户另择贷款"})
        assert ended.status_code == 200
        assert ended.json()["ending"] == "withdrawn"
        assert (ended.json()["state"], ended.json()["ended_reason"]) == ("ended", "客户另择贷款")
        assert {one["state"] for one in ended.json()["documents"]} == {"void"}
        again = await http.post(path, json={"reason": "再一次"})
        assert (again.status_code, again.json()["ended_reason"]) == (200, "客户另择贷款")
        same = await http.post(CASES, json=order("LOAN-CANCEL"))
        assert (same.status_code, same.json()) == (200, opened), "the order is still the same order"
    with service.web.services.db.read() as unit:
        (last, *_) = reversed(unit.cases.events(opened["case_id"]))
    assert last.actor["role"] == "core_system"
    await revoke_all(service)


async def appoints_a_time(service: Running) -> None:
    begins = datetime.now(UTC) + timedelta(days=1)
    async with service.client((await issue(service)).key) as http:
        opened = await created(http, "LOAN-TIME")
        path = f"{CASES}/{opened['case_id']}"
        party_id = opened["invitations"][0]["party_id"]
        window = {"party_id": party_id, "starts_at": begins.isoformat()}
        long = await http.post(
            f"{path}/appointments", json=window | {"ends_at": (begins + timedelta(hours=5)).isoformat()}
        )
        assert long.status_code == 422
        window["ends_at"] = (begins + timedelta(minutes=30)).isoformat()
        made = await http.post(f"{path}/appointments", json=window)
        assert made.status_code == 201, made.text
        again = await http.post(f"{path}/appointments", json=window)
        assert (again.status_code, again.json()) == (200, made.json()), "a lost answer costs no second appointment"
        newer = await moved(http, path, window)
        one = f"{path}/appointments/{newer}"
        for _ in range(2):
            assert (await http.post(f"{one}/cancel", json={"reason": "客户改期"})).status_code == 204
        assert (await http.get(path)).json()["appointments"] == []
        assert (await http.get(one)).json()["cancelled_at"]
        assert (await http.post(f"{path}/appointments/appt_none/cancel", json={"reason": "x"})).status_code == 404
        assert (await http.get(f"{path}/appointments/appt_none")).json()["message"] == "没有找到这个预约"
    with service.web.services.db.read() as unit:
        kinds = [event.type for event in unit.cases.events(opened["case_id"])]
    assert [kinds.count(f"appointment.{kind}") for kind in ("made", "cancelled")] == [2, 1]
    await revoke_all(service)


async def moved(http: httpx.AsyncClient, path: str, window: dict[str, str]) -> str:
    """→ the identifier of the appointment at another time, which stands in place of the first."""
    later = window | {"ends_at": (datetime.fromisoformat(window["ends_at"]) + timedelta(minutes=30)).isoformat()}
    newer = await http.post(f"{path}/appointments", json=later)
    assert newer.status_code == 201
    assert (await http.get(path)).json()["appointments"] == [newer.json()], "the newest stands"
    listed = (await http.get(f"{path}/appointments")).json()["appointments"]
    assert [one["cancelled_at"] is None for one in listed] == [False, True]
    assert listed[1] == newer.json()
    cancelled = f"{path}/appointments/{listed[0]['appointment_id']}/cancel"
    assert (await http.post(cancelled, json={"reason": "x"})).status_code == 204, "it does not stand any more"
    return str(newer.json()["appointment_id"])


async def gives_papers_only_once_they_are_sealed(service: Running) -> None:
    async with service.client((await issue(service)).key) as http:
        opened = await created(http, "LOAN-EARLY")
        path = f"{CASES}/{opened['case_id']}"
        document = (await http.get(path)).json()["documents"][0]["document_id"]
        early = await http.get(f"{path}/documents/{document}.pdf")
        assert (early.status_code, early.json()["code"]) == (409, "not_sealed")
        assert (await http.get(f"{path}/documents/doc_none.pdf")).status_code == 404
        for what in ("package", "verdict"):
            assert (await http.get(f"{path}/{what}")).status_code == 404


async def keeps_the_institutions_apart(service: Running) -> None:
    with service.web.services.db.write() as unit:
        unit.people.add_institution(Institution("inst_b", "乙社", "乙社", "乙县", "1", "乙", "9"))
        unit.people.add_branch(Branch("branch_b", "inst_b", "乙支行"))
    ours, theirs = await issue(service), await issue(service, institution_id="inst_b")
    async with service.client(ours.key) as http:
        opened = await created(http, "LOAN-OURS")
        foreign = await http.post(CASES, json=order("LOAN-X", branch_id="branch_b"))
    assert (foreign.status_code, foreign.json()["message"]) == (422, "没有这个网点")
    async with service.client(theirs.key) as http:
        assert (await http.get(CASES)).json()["cases"] == []
        assert (await http.get(CASES, params={"reference": "LOAN-OURS"})).json()["cases"] == []
        for method, tail in (("GET", ""), ("GET", "/package"), ("GET", "/verdict"), ("POST", "/cancel")):
            body = {"json": {"reason": "x"}} if method == "POST" else {}
            answer = await http.request(method, f"{CASES}/{opened['case_id']}{tail}", **body)  # type: ignore[arg-type]
            assert answer.status_code == 404, tail
    await revoke_all(service)


async def knows_staff_from_systems(service: Running) -> None:
    key = (await issue(service)).key
    async with service.client(await service.log_in("chen")) as http:
        assert (await http.get(CASES)).status_code == 403
    async with service.client(key) as http:
        for path in ("/api/staff/view", "/api/audit/cases", "/api/phone/view"):
            assert (await http.get(path)).status_code == 403, path
    for wrong in ("", "ck_x.y", key[:-1], key + "x", key.replace(".", ""), "." + key.partition(".")[2]):
        async with service.client(wrong) as http:
            answer = await http.get(CASES)
            assert answer.status_code == 401, wrong
            assert "密钥" in answer.json()["message"], wrong
    await revoke_all(service)


async def tells_what_is_wrong_with_an_order(service: Running) -> None:
    wrong: list[tuple[dict[str, Any], int]] = [
        ({"branch_id": "nowhere"}, 422),
        ({"product_id": "nothing"}, 422),
        ({"amount": "1e5"}, 422),
        ({"amount": "99999999.00"}, 409),
        ({"reference": "有中文"}, 422),
        ({"colour": "red"}, 422),
    ]
    async with service.client((await issue(service)).key) as http:
        for change, status in wrong:
            answer = await http.post(CASES, json={**order("LOAN-WRONG"), **change})
            assert answer.status_code == status, (change, answer.text)
            assert answer.json()["hint"]
        assert (await http.post(CASES, json=order("LOAN-WRONG"))).status_code == 201, "a refusal keeps no number"


async def knows_no_helpers(service: Running) -> None:
    """The chain says that an agent declared them; a credit system has seen nobody."""
    before = await count(service)
    helper = {"name": "王小明", "relation": "子女", "phone": "13900139000"}
    helped = [{**ORDER["parties"][0], "helper": helper}]
    async with service.client((await issue(service)).key) as http:
        answer = await http.post(CASES, json=order("helped", parties=helped))
    assert (answer.status_code, answer.json()["code"]) == (422, "input")
    assert "坐席" in answer.json()["hint"]
    assert await count(service) == before


async def count(service: Running) -> int:
    with service.web.services.db.read() as unit:
        return unit.cases.count(CaseQuery(INSTITUTION), 10_000)


async def revoke_all(service: Running) -> None:
    with service.web.services.db.read() as unit:
        keys = unit.core.keys()
    for key in keys:
        await service.web.execute(RevokeCoreKey(SYSTEM, key.key_id))


# --- keys -------------------------------------------------------------------------------------------------------------


async def test_keys_are_changed_without_a_pause(tmp_path: Path) -> None:
    async with running(tmp_path / "data") as service:
        old, new = await issue(service), await issue(service)
        with pytest.raises(ConflictError, match="已有 2 个有效密钥"):
            await issue(service)
        other = await issue(service, name="移动办贷")
        for key in (old, new, other):
            async with service.client(key.key) as http:
                assert (await http.get(CASES)).status_code == 200
        await service.web.execute(RevokeCoreKey(SYSTEM, old.key_id))
        async with service.client(old.key) as http:
            refused = await http.get(CASES)
            assert refused.status_code == 401
            assert refused.headers["www-authenticate"] == "Bearer"
        with service.web.services.db.read() as unit:
            kept = {key.key_id: key for key in unit.core.keys(INSTITUTION)}
            log = b"\n".join(unit.logs.views()).decode()
        assert kept[new.key_id].last_used_at is not None
        assert kept[old.key_id].revoked_at is not None
        assert new.key_id in log
        assert "core_key.revoked" in log
        stored = b"".join(path.read_bytes() for path in (tmp_path / "data").glob("pingqian.db*"))
        for key in (old, new, other):
            assert key.key.partition(".")[2].encode() not in stored, "only a digest is stored"
        assert (await issue(service)).key_id, "there is room for the next one"


async def test_a_key_is_bound_to_where_it_may_come_from(tmp_path: Path) -> None:
    async with running(tmp_path / "data") as service:
        here, elsewhere = await issue(service, "127.0.0.0/8"), await issue(service, "10.0.0.0/8", "192.0.2.7")
        async with service.client(here.key) as http:
            assert (await http.get(CASES)).status_code == 200
        async with service.client(elsewhere.key) as http:
            assert (await http.get(CASES)).status_code == 403
        with service.web.services.db.read() as unit:
            key = unit.core.key(elsewhere.key_id)
        assert key is not None
        assert key.last_used_at is None, "a refused use is none"


async def test_a_key_and_an_address_that_guesses_have_their_limits(tmp_path: Path) -> None:
    async with running(tmp_path / "data") as service:
        service.web.limits.core.limit = 3
        key = (await issue(service)).key
        async with service.client(key) as http:
            answers = [await http.get(CASES) for _ in range(4)]
        assert [answer.status_code for answer in answers] == [200, 200, 200, 429]
        assert int(answers[-1].headers["retry-after"]) > 0
        async with service.client("ck_1.guess") as http:
            guesses = [(await http.get(CASES)).status_code for _ in range(31)]
        assert guesses == [401] * 30 + [429]


# --- the documentation ------------------------------------------------------------------------------------------------


async def test_the_commands_of_the_readme_work_as_they_are_written(tmp_path: Path) -> None:
    text = (ROOT / "README.md").read_text(encoding="utf-8")
    _, _, rest = text.partition("### For the bank's integrators")
    commands = rest.partition("```sh\n")[2].partition("```")[0]
    assert commands.count("curl") == 3
    async with running(tmp_path / "data") as service:
        programs = f"{Path(sys.executable).parent}{os.pathsep}{os.environ['PATH']}"
        environment = os.environ | {"URL": service.url, "DATA": str(tmp_path / "data"), "PATH": programs}
        shell = await asyncio.create_subprocess_exec(
            "sh", "-euc", commands.replace("curl -sS", "curl -sS --fail-with-body -w '\\n'"),
            cwd=tmp_path, env=environment, stdout=subprocess.PIPE, stderr=subprocess.PIPE,
        )  # fmt: skip
        out, err = await asyncio.wait_for(shell.communicate(), 60)
    assert shell.returncode == 0, err.decode() + out.decode()
    opened, found, closed = (json.loads(line) for line in out.decode().splitlines())
    assert "/s#" in opened["invitations"][0]["url"]
    assert [one["case_id"] for one in found["cases"]] == [opened["case_id"]]
    assert closed["cases"] == []
