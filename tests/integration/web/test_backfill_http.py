"""Pieces that a phone brings over HTTP: how many at a time, and what a phone is told that brings more."""

from pathlib import Path

import httpx

from signing.web.limits import RateLimit
from tests.integration.web.in_call import InCall, in_call
from tests.integration.web.running import running

MORE = 3
TIMES = {"X-Kept-Since": "2026-11-27T08:00:00Z", "X-Kept-Until": "2026-11-27T08:00:05Z"}


async def bring(call: InCall) -> httpx.Response:
    """A piece that the recording does not lack."""
    headers = {**TIMES, "Content-Type": "video/webm"}
    return await call.hand.put(f"/api/phone/backfill/{call.call_id}", content=b"\x1a\x45\xdf\xa3", headers=headers)


async def test_a_phone_brings_so_many_at_a_time_and_hears_when_to_come_again(tmp_path: Path) -> None:
    async with running(tmp_path / "data") as service, in_call(service) as call:
        service.web.limits.backfill = RateLimit(limit=MORE, seconds=3600)
        assert [(await bring(call)).status_code for _ in range(MORE)] == [422] * MORE
        refused = await bring(call)
        assert refused.status_code == 429
        assert 0 < int(refused.headers["Retry-After"]) <= 3600
        assert refused.json()["message"] == "操作太频繁了"
        needs = await call.hand.get(f"/api/phone/backfill/{call.call_id}")
        assert needs.status_code == 200, "what is wanted may be asked for all the same"
        service.web.limits.backfill_asked = RateLimit(limit=1, seconds=3600)
        asked = [(await call.hand.get(f"/api/phone/backfill/{call.call_id}")).status_code for _ in range(2)]
        assert asked == [200, 429]
