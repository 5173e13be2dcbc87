"""Whatever staff are shown of a running case: no number of its people before somebody asks for it by name."""

import re
from pathlib import Path

from signing.adapters import demo_data
from signing.wire.case import Revealed
from tests.integration.web.in_call import in_call
from tests.integration.web.running import ROLES, Running, running
from tests.integration.web.test_journey import identified, informed
from tests.integration.web.test_sockets import post

BORROWER = demo_data.BORROWER
NUMBERS = (BORROWER.id_number, BORROWER.phone, "6217000000000000000")


async def test_no_view_of_any_role_shows_a_number_until_it_is_asked_for(tmp_path: Path) -> None:
    async with running(tmp_path / "data") as service, in_call(service) as call:
        await identified(call.desk, call.hand, call.at)
        await informed(call.desk, call.hand, call.at)
        await _written_about(service, call.call_id)
        shown = await _everything(service, call.case_id)
        assert len(shown) > 12
        for path, text in shown.items():
            for number in NUMBERS:
                assert number not in text, path
                assert number.lower() not in text, path
        await call.seat.send(type="ping")
        view = str(await call.seat.next("seat.view"))
        assert not [number for number in NUMBERS if number in view]
        await _the_auditor_reads_no_name(shown)
        await _asked_for(service, call.at, call.agent)


async def _written_about(service: Running, call_id: str) -> None:
    """What somebody types of a customer is masked as well."""
    async with service.client(await service.log_in("chen")) as http:
        await post(http, f"/api/calls/{call_id}/listen")


async def _everything(service: Running, case_id: str) -> dict[str, str]:
    """``ROLE PATH`` → the text of every answer in JSON that the role may have."""
    paths = [
        "/api/seat/view", "/api/seat/colleagues", "/api/board/view", f"/api/cases/{case_id}",
        "/api/audit/cases", f"/api/audit/cases/{case_id}", "/api/staff/me",
    ]  # fmt: skip
    shown = {}
    for username, role in ROLES.items():
        async with service.client(await service.log_in(username)) as http:
            for path in paths:
                answer = await http.get(path)
                if answer.status_code == 200:
                    shown[f"{role} {path}"] = answer.text
            for text in NUMBERS[:2]:
                found = await http.post("/api/audit/cases/search", json={"text": text})
                if found.status_code == 200:
                    assert found.json()["total"] == 1
                    shown[f"{role} search {len(text)}"] = found.text
    return shown


async def _the_auditor_reads_no_name(shown: dict[str, str]) -> None:
    audits = {path: text for path, text in shown.items() if "/api/audit" in path or "search" in path}
    assert len(audits) >= 4
    for path, text in audits.items():
        assert BORROWER.name not in text, path


async def _asked_for(service: Running, at: str, agent: str) -> None:
    async with service.client(agent) as http:
        answer = await http.post(f"{at}/reveal", json={"what": "id_number"})
        assert Revealed.model_validate_json(answer.content).value == BORROWER.id_number
        assert "no-store" in answer.headers["cache-control"]
    async with service.client(await service.log_in("lin")) as http:
        refused = await http.post(f"{at}/reveal", json={"what": "phone"})
        assert (refused.status_code, refused.json()["message"]) == (422, "请填写查看原因")
        answer = await http.post(f"{at}/reveal", json={"what": "phone", "reason": "核对回访号码"})
        assert answer.json()["value"] == BORROWER.phone
        audited = await http.get(re.sub(r"/api/cases/([^/]+)/.*", r"/api/audit/cases/\1", at))
    titles = [event["title"] for event in audited.json()["events"]]
    assert [title for title in titles if title.startswith("查看借款人")] == [
        "查看借款人王*兰的证件号", "查看借款人王*兰的手机号",
    ]  # fmt: skip
    assert not [number for number in NUMBERS if number in audited.text]
