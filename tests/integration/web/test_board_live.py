"""What a board shows and does over the real service: lines as they are just now, and the register of seals."""

import asyncio
import io
from pathlib import Path
from typing import Any

from PIL import Image

from signing.domain.room import GIGABYTE
from signing.wire.base import Tone
from signing.wire.board import BoardView
from signing.wire.seals import SealRegistry
from tests.integration.web.in_call import InCall, in_call
from tests.integration.web.running import Running, Socket, running, socket_to
from tests.integration.web.test_sockets import keep_alive


async def test_a_board_shows_lines_at_once_and_a_full_disk_in_time_and_puts_a_seal_aside(tmp_path: Path) -> None:
    free = [9 * GIGABYTE]
    async with running(tmp_path / "data", free_room=lambda: free[0]) as service, in_call(service) as talk:
        chief = await service.log_in("chen")
        await _disk(service, chief, free)
        async with socket_to(service.ws + "/api/board/ws", chief) as board:
            pinging = asyncio.create_task(keep_alive(board))
            try:
                await _lines(talk, board)
            finally:
                pinging.cancel()
                await asyncio.gather(pinging, return_exceptions=True)
        await _seals(service, chief)


async def _disk(service: Running, chief: str, free: list[int]) -> None:
    told = list[tuple[Tone, str] | None]()
    async with service.client(chief) as http:
        for left in (9, 0, 40):
            free[0] = left * GIGABYTE
            notice = BoardView.model_validate((await http.get("/api/board/view")).json()).notice
            told.append((notice.tone, notice.text) if notice else None)
    assert told[0] is not None
    assert told[1] is not None
    assert (told[0][0], told[1][0], told[2]) == (Tone.CAUTION, Tone.STOP, None)
    assert "9.0 GB" in told[0][1]


async def _lines(talk: InCall, board: Socket) -> None:
    first = BoardView.model_validate(await board.next("board.view"))
    assert [party.line for call in first.calls for party in call.parties] == [None]
    told = {"lines": [{"party_id": talk.party_id, "bars": 1, "cause": "lossy"}]}
    answer = await talk.desk.post(f"/api/calls/{talk.call_id}/lines", json=told)
    assert answer.status_code == 204, answer.text
    shown = await _until_told(board)
    assert (shown.bars, shown.cause.value) == (1, "lossy")
    wrong: list[dict[str, Any]] = [
        {"lines": [{"party_id": talk.party_id, "bars": 5, "cause": "lossy"}]},
        {"lines": [{"party_id": talk.party_id, "bars": 1, "cause": "moonlight"}]},
        {"lines": told["lines"] * 9},
    ]
    for body in wrong:
        assert (await talk.desk.post(f"/api/calls/{talk.call_id}/lines", json=body)).status_code == 422


async def _until_told(board: Socket) -> Any:
    """Pushed to the board, not only seen when it is looked at again after a while."""
    async with asyncio.timeout(12):
        while True:
            view = BoardView.model_validate(await board.next("board.view", 12))
            for line in (party.line for call in view.calls for party in call.parties):
                if line is not None:
                    return line


async def _seals(service: Running, chief: str) -> None:
    async with service.client(chief) as http:
        registry = SealRegistry.model_validate_json((await http.get("/api/seals")).content)
        seal = next(one for one in registry.seals if one.kind == "contract")
        picture = await http.get(f"/api/seals/{seal.seal_id}/picture")
        assert picture.headers["content-type"] == "image/png"
        with Image.open(io.BytesIO(picture.content)) as drawn:
            assert drawn.size == (640, 640)
        at = f"/api/seals/{seal.seal_id}"
        aside = await http.post(f"{at}/suspend", json={"reason": "印章送检"})
        (changed,) = [one for one in SealRegistry.model_validate_json(aside.content).seals if one.kind == "contract"]
        assert (changed.state_title, changed.suspended_by, changed.suspended_reason) == ("已暂停", "陈主管", "印章送检")
        again = await http.post(f"{at}/suspend", json={"reason": "再来一次"})
        assert again.status_code == 409
        assert "已由陈主管暂停使用" in again.json()["message"]
        kept = await http.post(f"{at}/amend", json={"reason": "换人保管", "custodian": "档案室"})
        assert "档案室" in kept.text
        past = await http.post(f"{at}/amend", json={"reason": "倒填", "valid_until": "2020-01-01T00:00:00Z"})
        assert past.status_code == 422
        assert "2020" not in (await http.get("/api/seals")).text
        resumed = await http.post(f"{at}/resume", json={"reason": "检验完毕"})
        assert "已暂停" not in resumed.text
        assert (await http.get("/api/seals", params={"seal_id": "../x"})).status_code == 422
