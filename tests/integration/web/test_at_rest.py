"""While a case runs nothing of its people can be read from the disk: database, write-ahead log, files, uploads, log."""

import asyncio
from collections.abc import Iterator
from pathlib import Path

import pytest

from desktop.demo.specimen import Person, card_back, card_front, photograph
from signing.adapters import demo_data
from signing.wire.call import SeatCall
from tests.integration.service.office import film
from tests.integration.web.in_call import InCall, in_call
from tests.integration.web.running import Running, running, socket_to
from tests.integration.web.test_journey import described, identified, part
from tests.integration.web.test_sockets import post

BORROWER = demo_data.BORROWER
WORDS = (BORROWER.name, BORROWER.id_number, BORROWER.phone, BORROWER.address, "购买茶苗与肥料", "6217000000000000000")
FOLDED = (BORROWER.id_number[6:14], BORROWER.phone[3:])
"""Parts that no mask leaves standing."""
TYPED = {
    "transfer": "客户只讲畲话请接一下",
    "hang up": "客户要接孩子改天再签",
    "note": "客户嫌利率高还在考虑",
    "reveal": "核对来电人身份",
}
"""What people type in the course of their work; a call's reason is its legs' too."""
MAGIC = (b"\xff\xd8\xff\xe0\x00\x10JFIF", b"%PDF-1.", b"PK\x03\x04", b"ftypiso", b"moof")
"""How what we keep begins; three bytes of a picture's would come up by chance in a megabyte of cipher."""


def found_in(folder: Path, secrets: Iterator[bytes] | list[bytes]) -> list[str]:
    """Every place of ``folder`` where one of the ``secrets`` can be read, as text or as UTF-16."""
    hits = []
    for path in sorted(path for path in folder.rglob("*") if path.is_file()):
        content = path.read_bytes()
        hits += [f"{path.relative_to(folder)}: {secret!r}" for secret in secrets if secret in content]
    return hits


def readable() -> list[bytes]:
    words = [*WORDS, *FOLDED, *TYPED.values()]
    return [form for word in words for form in (word.encode(), word.encode("utf-16-le"), ascii(word)[1:-1].encode())]


async def test_nothing_of_a_running_case_can_be_read_from_the_disk(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    data = tmp_path / "data"
    async with running(data) as service:
        async with in_call(service) as call:
            await identified(call.desk, call.hand, call.at)
            await _look_around(service, call.case_id)
            await _half_an_upload(service, call.agent, desk_call=call.call_id)
            await _type_reasons(service, call)
        names = {path.name for path in data.rglob("*") if path.is_file()}
        assert "pingqian.db-wal" in names, "what is looked at is the running service's own folder"
        pictures = [photograph(draw(Person()), seed) for draw, seed in ((card_front, 1), (card_back, 2))]
        assert all(picture.startswith(MAGIC[0]) for picture in pictures)
        hits = found_in(data, [*readable(), *(picture[200:264] for picture in pictures), *MAGIC])
        assert hits == []
    assert found_in(data, readable()) == []
    said = "".join(capsys.readouterr())
    assert not [word for word in (*WORDS, *FOLDED) if word in said]


async def _type_reasons(service: Running, call: InCall) -> None:
    """A transfer that is called off, hanging up before all is done, a note in wrap-up, a look with its reason."""
    supervisor = await service.log_in("chen")
    async with (
        socket_to(service.ws + "/api/seat/ws", supervisor) as seat,
        service.client(supervisor) as desk,
    ):
        await seat.next("seat.view")
        await post(desk, "/api/seat/presence", {"presence": "available"})
        transfer = {"to_seat_id": demo_data.SUPERVISOR_SEAT_ID, "reason": TYPED["transfer"]}
        view = await post(call.desk, f"/api/calls/{call.call_id}/transfer", transfer)
        ringing = SeatCall.model_validate(view["call"]).transfer
        assert ringing is not None
        await post(call.desk, f"/api/transfers/{ringing.transfer_id}/cancel")
        await post(call.desk, f"/api/calls/{call.call_id}/hangup", {"reason": TYPED["hang up"]})
        await post(call.desk, "/api/seat/wrapup/finish", {"outcome": "other", "note": TYPED["note"]})
        await post(desk, f"{call.at}/reveal", {"what": "phone", "reason": TYPED["reveal"]})
    with service.web.services.db.read() as unit:
        ended = unit.queue.call(call.call_id)
        assert (ended.reason, ended.outcome_note) == (TYPED["hang up"], TYPED["note"])
        assert unit.queue.legs_of(call.call_id)[0].reason == TYPED["hang up"]
        assert unit.queue.transfer(ringing.transfer_id).reason == TYPED["transfer"]


async def _look_around(service: Running, case_id: str) -> None:
    """Looks are on record; what is looked for is somebody's name and number."""
    async with service.client(await service.log_in("lin")) as http:
        for text in (BORROWER.name, BORROWER.id_number, BORROWER.phone):
            assert (await http.post("/api/audit/cases/search", json={"text": text})).status_code == 200
        assert (await http.get(f"/api/audit/cases/{case_id}")).status_code == 200


async def _half_an_upload(service: Running, agent: str, *, desk_call: str) -> None:
    """A seat's computer that stops in the middle of its recording, of which most has come."""
    shot = await asyncio.to_thread(film)
    async with service.client(agent) as desk:
        film_is = {"width": 320, "height": 240, "frame_rate": 15, "video_codec": "h264", "audio_codec": "aac"}
        began = service.web.services.clock.now().isoformat()
        started = await post(desk, f"/api/calls/{desk_call}/recordings", {"started_at": began, **film_is})
        for link in shot.segments[:-1]:
            at = f"/api/recordings/{started['recording_id']}/segments/{link.index}"
            held = await desk.put(at, content=part(shot, link), headers=described(link))
            assert held.status_code == 200, held.text
    assert found_in(service.data, [shot.data[64:128], part(shot, shot.segments[1])[200:264], *MAGIC]) == []


def test_what_is_looked_for_would_be_found(tmp_path: Path) -> None:
    """The test above can fail."""
    (tmp_path / "x").write_bytes(b"...." + BORROWER.name.encode("utf-16-le"))
    (tmp_path / "y").write_bytes(ascii(BORROWER.name).encode())
    (tmp_path / "z").write_bytes(b"xx" + BORROWER.phone[3:].encode())
    assert {hit.partition(":")[0] for hit in found_in(tmp_path, readable())} == {"x", "y", "z"}
