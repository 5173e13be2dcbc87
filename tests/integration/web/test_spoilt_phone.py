"""The phone of a case that cannot be opened is told so, is there no longer, and its call ends with it."""

from pathlib import Path

import pytest
from websockets.exceptions import ConnectionClosed

from signing.web import presence
from tests.integration.service.test_unreadable import KEYLESS, TAMPERED, spoil_case
from tests.integration.web.in_call import in_call
from tests.integration.web.running import running


@pytest.mark.parametrize(
    ("statement", "code"), [(TAMPERED, "tampered"), (KEYLESS, "outside")], ids=["tampered", "without its key"]
)
async def test_it_is_told_and_the_seat_is_free_again(
    tmp_path: Path, statement: str, code: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(presence, "CALL_GRACE_SECONDS", 0.5)
    async with running(tmp_path / "data") as service, in_call(service) as call:
        spoil_case(service.web.services.db, call.case_id, statement)
        service.web.hub.changed(frozenset({call.party_id}))
        told = await call.phone.next("refused")
        assert told["error"]["code"] == code
        assert "请" in told["error"]["hint"]
        with pytest.raises(ConnectionClosed):
            await call.phone.connection.recv()
        view = await call.seat.view_where("seat.view", "presence", "away")
        assert view["call"] is None
        assert view["presence_reason"] == "刚才的业务打不开，通话已结束"
