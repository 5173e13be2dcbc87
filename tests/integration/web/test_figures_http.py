"""Figures over the wire: one span is reckoned at a time, and who takes a workbook away is on record."""

import asyncio
import io
import json
from pathlib import Path

from openpyxl import load_workbook

from tests.integration.web.running import running


async def test_one_span_is_reckoned_at_a_time_and_keeps_nobody_else_waiting(tmp_path: Path) -> None:
    """They are worked on in the threads that answer phones and seats."""
    async with running(tmp_path / "data") as service, service.client(await service.log_in("chen")) as http:
        async with service.web.reckoning:
            asked = [asyncio.create_task(http.get(f"/api/board/figures{kind}")) for kind in ("", ".xlsx") * 3]
            assert (await http.get("/api/opening/catalogue")).status_code == 200
            await asyncio.sleep(0.5)
            assert not [one for one in asked if one.done()]
        answers = await asyncio.gather(*asked)
    assert [one.status_code for one in answers] == [200] * 6


async def test_a_workbook_is_on_record_before_it_leaves(tmp_path: Path) -> None:
    async with running(tmp_path / "data") as service:
        async with service.client(await service.log_in("chen")) as http:
            answer = await http.get("/api/board/figures.xlsx?first=2026-01-01&last=2026-01-31")
            too_long = await http.get("/api/board/figures.xlsx?first=2024-01-01&last=2026-01-31")
        with service.web.services.db.read() as unit:
            views = [json.loads(line)["body"] for line in unit.logs.views()]
    assert answer.headers["content-type"].startswith("application/vnd.openxmlformats")
    assert load_workbook(io.BytesIO(answer.content)).sheetnames[0] == "总览"
    assert [one["detail"] for one in views if one["what"] == "figures"] == ["导出 2026-01-01 至 2026-01-31"]
    assert (too_long.status_code, too_long.json()["code"]) == (422, "input")
