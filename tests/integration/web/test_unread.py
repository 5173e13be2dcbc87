"""A live call whose case cannot be opened any more, over the real service: seen at the seat, and ended from there."""

from pathlib import Path
from typing import Any

import pytest

from signing.wire.board import BoardView
from tests.integration.service.test_unreadable import KEYLESS, ROWLESS, TAMPERED, spoil_case
from tests.integration.web.in_call import InCall, in_call
from tests.integration.web.running import running, socket_to


@pytest.mark.parametrize("statement", [TAMPERED, KEYLESS, ROWLESS], ids=["tampered", "keyless", "rowless"])
async def test_the_seat_says_so_hangs_up_and_is_free(tmp_path: Path, statement: str) -> None:
    async with running(tmp_path / "data") as service, in_call(service) as call:
        spoil_case(service.web.services.db, call.case_id, statement)
        async with socket_to(service.ws + "/api/seat/ws", call.agent) as again:
            view = await again.next("seat.view")
        assert_told(view, call)
        refused = await call.desk.get(f"/api/cases/{call.case_id}")
        assert refused.status_code >= 400
        answer = await call.desk.post(f"/api/calls/{call.call_id}/hangup", json={"reason": ""})
        assert answer.status_code == 200, answer.text
        shown = answer.json()
        assert (shown["call"], shown["case"], shown["notice"]) == (None, None, None)
        assert shown["presence"] == "away"
        assert shown["presence_reason"] == "刚才的业务打不开，通话已结束"
        back = await call.desk.post("/api/seat/presence", json={"presence": "available"})
        assert back.json()["presence"] == "available"


def assert_told(view: dict[str, Any], call: InCall) -> None:
    assert view["case"] is None
    assert view["call"]["call_id"] == call.call_id
    assert [one["party_id"] for one in view["call"]["parties"]] == [call.party_id]
    assert view["notice"]["tone"] == "stop"
    assert "告诉客户改日办理，然后挂断" in view["notice"]["text"]


async def test_a_supervisor_ends_it_from_the_board(tmp_path: Path) -> None:
    async with running(tmp_path / "data") as service, in_call(service) as call:
        spoil_case(service.web.services.db, call.case_id, ROWLESS)
        async with service.client(await service.log_in("chen")) as chief:
            shown = BoardView.model_validate((await chief.get("/api/board/view")).json())
            assert [(one.call_id, one.unread) for one in shown.calls] == [(call.call_id, True)]
            at = f"/api/board/calls/{call.call_id}/hangup"
            answer = await chief.post(at, json={"reason": "业务打不开，已请客户改日办理"})
            assert answer.status_code == 200, answer.text
            assert BoardView.model_validate(answer.json()).calls == []
