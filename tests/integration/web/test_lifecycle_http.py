"""Refusal, withdrawal, other terms and the search for a case over HTTP, as window and phone send them."""

from pathlib import Path

from signing.wire.case import CaseView, PartyState, Phase
from signing.wire.lifecycle import FoundCases
from signing.wire.phone import PhoneStep, PhoneView
from signing.wire.staff import CaseOpened
from tests.integration.web.running import running


async def test_a_customer_refuses_on_the_phone_and_the_desk_ends_it(tmp_path: Path) -> None:
    async with running(tmp_path / "data") as service:
        opened = await service.open_case()
        case_id = opened.case.case_id
        assert opened.case.expires_at is not None
        assert opened.case.locked == {}
        async with service.client(await service.customer(opened)) as phone:
            before = PhoneView.model_validate_json((await phone.get("/api/phone/view")).content)
            assert before.may_refuse
            assert (await phone.post("/api/phone/refuse", json={"reason": "x" * 201})).status_code == 422
            answer = await phone.post("/api/phone/refuse", json={"reason": "家里人不同意"})
            after = PhoneView.model_validate_json(answer.content)
            assert (after.step, after.may_refuse) == (PhoneStep.ENDED, False)
            assert after.notice is not None
            assert "停止办理" in after.notice.text
            assert "家里人" not in answer.text
        async with service.client(await service.log_in("zhang")) as desk:
            stopped = CaseView.model_validate_json((await desk.get(f"/api/cases/{case_id}")).content)
            assert (stopped.phase, stopped.parties[0].state) == (Phase.STOPPED, PartyState.REFUSED)
            assert stopped.parties[0].refusal == "家里人不同意"
            ended = await desk.post(f"/api/cases/{case_id}/abort", json={"reason": "客户不同意"})
            assert CaseView.model_validate_json(ended.content).phase is Phase.REFUSED
            late = await desk.post(f"/api/cases/{case_id}/withdraw", json={"reason": "x"})
            assert late.status_code == 409
            assert "已经结束" in late.json()["message"]


async def test_the_desk_finds_a_case_changes_its_terms_and_takes_it_back(tmp_path: Path) -> None:
    async with running(tmp_path / "data") as service:
        opened = await service.open_case()
        case_id, party_id = opened.case.case_id, opened.case.parties[0].party_id
        async with service.client(await service.log_in("zhang")) as desk:
            rows = FoundCases.model_validate_json(
                (await desk.get("/api/seat/cases", params={"q": "8000"})).content
            ).rows
            assert [row.case_id for row in rows] == [case_id]
            assert "*" in rows[0].parties[0]
            path = f"/api/cases/{case_id}/terms"
            wrong = await desk.post(path, json={"reason": "x", "amount": "900000.00"})
            assert (wrong.status_code, wrong.json()["code"]) == (409, "rule.amount")
            correction = {"party_id": party_id, "phone": "13900139000"}
            body = {"reason": "客户少借一些", "amount": "90000.00", "corrected": [correction]}
            changed = CaseOpened.model_validate_json((await desk.post(path, json=body)).content)
            assert changed.case.amount == "90000.00"
            assert changed.case.amount_in_words.startswith("玖万")
            assert [one.party_id for one in changed.invitations] == [party_id]
            assert changed.invitations[0].url != opened.invitations[0].url
            withdrawn = await desk.post(f"/api/cases/{case_id}/withdraw", json={"reason": "审批撤销"})
            assert CaseView.model_validate_json(withdrawn.content).phase is Phase.WITHDRAWN
            assert FoundCases.model_validate_json((await desk.get("/api/seat/cases")).content).rows == []
        secret = changed.invitations[0].url.partition("#")[2]
        async with service.client() as stranger:
            dead = await stranger.post("/api/phone/open", json={"capability": secret})
        assert (dead.status_code, dead.json()["code"]) == (401, "link_over")
        assert "撤回" in dead.json()["message"]
        assert "请拨打" in dead.json()["hint"]
