"""A referral over HTTP: on the case, on the board by itself, decided, and gone from there."""

from pathlib import Path

from tests.integration.web.running import CASE, PARTY, running, socket_to


async def test_a_referral_reaches_the_board_and_leaves_it_when_it_is_decided(tmp_path: Path) -> None:
    async with running(tmp_path / "data") as service:
        rules = '[electronic_channel]\nlimit = "100000.00"\n[age_at_maturity]\nage = 90'
        with service.web.services.db.write() as unit:
            unit.risk.save_settings("inst_demo", rules, service.web.services.clock.now())
        chief = await service.log_in("chen")
        async with socket_to(f"{service.ws}/api/board/ws", chief) as board:
            assert (await board.next("board.view"))["referrals"] == []
            opened = await service.open_case()
            view = await board.next("board.view")
            while not view["referrals"]:
                view = await board.next("board.view")
            (row,) = view["referrals"]
            assert row["case_no"] == opened.case.case_no
            assert row["opened_by"] == "张秀英"
            assert row["why_not"] == ""
            (finding,) = opened.case.findings
            assert row["finding"]["reason"] == finding.reason == "超过 100,000.00 元的个人贷款不能只通过电子渠道签订"
            assert finding.blocks_title == "签署"
            assert PARTY["id_number"] not in str(view)
            path = f"/api/board/cases/{opened.case.case_id}/risk"
            body = {"rule": finding.rule, "released": True, "reason": "已登记现场面签"}
            async with service.client(chief) as http:
                short = await http.post(path, json=body | {"reason": "好"})
                assert (short.status_code, short.json()["message"]) == (422, "“理由”太短，至少 2 个字")
                done = await http.post(path, json=body)
                assert done.status_code == 200, done.text
                assert done.json()["referrals"] == []
                again = await http.post(path, json=body)
                assert (again.status_code, again.json()["message"]) == (409, "没有等待处理的这一项")
                read = (await http.get(f"/api/cases/{opened.case.case_id}")).json()
        assert read["findings"][0]["decision"]["reason"] == "已登记现场面签"
        assert read["findings"][0]["decision"]["by"] == "陈主管"


async def test_a_refused_case_names_its_rule(tmp_path: Path) -> None:
    async with running(tmp_path / "data") as service:
        stranger = PARTY | {"name": "李四"}
        async with service.client(await service.log_in("zhang")) as http:
            answer = await http.post("/api/cases", json=CASE | {"parties": [stranger]})
        assert answer.status_code == 409
        assert answer.json() == {
            "code": "rule.roster", "message": "借款人不在整村授信名册中", "hint": "请先完成建档授信",
        }  # fmt: skip
