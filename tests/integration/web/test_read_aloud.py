"""A line that is read into the call by a prepared sound: which sound, on record before it is given."""

import hashlib
import time
from dataclasses import replace
from pathlib import Path

import httpx
from pydantic import TypeAdapter

from signing.adapters.speech import Espeak
from signing.domain.party import PartyState, ReadAloud
from signing.web.voices import AGAIN_SECONDS, line_key
from signing.wire.staff import READING_ID
from tests.fakes.speech import Counted
from tests.integration.web.in_call import InCall, in_call
from tests.integration.web.running import Running, running
from tests.integration.web.test_sockets import post


def test_what_was_begun_by_an_earlier_edition_is_still_loaded() -> None:
    kept = TypeAdapter(ReadAloud).validate_json(f'{{"line": 1, "sha256": "{"0" * 64}"}}')
    assert kept == ReadAloud(1, "0" * 64, "", "")


async def lines(call: InCall) -> list[dict[str, object]]:
    found: list[dict[str, object]] = (await call.desk.get(f"/api/cases/{call.case_id}")).json()["script"]
    return found


async def asked(call: InCall, line: int) -> httpx.Response:
    return await call.desk.post(f"{call.at}/read-aloud", json={"line": line})


async def told(service: Running, call: InCall) -> list[dict[str, object]]:
    with service.web.services.db.read() as unit:
        chain = unit.cases.events(call.case_id)
    return [event.body for event in chain if event.type.startswith("disclosure.read_aloud")]


def identify(service: Running, call: InCall) -> None:
    """At once: how it comes about is no matter here, and takes seconds of reading a card."""
    with service.web.services.db.write() as unit:
        case = unit.cases.get(call.case_id)
        known = tuple(replace(one, state=PartyState.IDENTIFIED) for one in case.parties)
        unit.cases.save(replace(case, parties=known))


async def test_a_line_is_read_by_a_sound_from_its_refusal_to_its_end(tmp_path: Path) -> None:
    async with running(tmp_path) as service, in_call(service) as call:
        speech = service.web.voices.speech = Counted()
        await nothing_before_the_step(service, call)
        identify(service, call)
        await nothing_that_is_no_line(service, call, speech)
        await nothing_without_a_voice(service, call, speech)
        await given_and_on_the_chain(service, call, speech)
        await an_institutions_own_goes_before(service, call, speech)
        service.web.voices.speech = Espeak()
        own = await asked(call, 2)
        assert len(own.content) > 10_000, "some seconds of speech at 32 kbit/s"
        await post(call.desk, f"/api/calls/{call.call_id}/hangup", {"reason": "客户有事"})
        heard = {"reading_id": own.headers[READING_ID], "whole": False, "seconds": 0}
        late = await call.desk.post(f"{call.at}/read-aloud/ended", json=heard)
        assert late.status_code == 204, "what was begun may end with the call"


async def nothing_before_the_step(service: Running, call: InCall) -> None:
    early = await asked(call, 1)
    assert early.status_code == 409
    assert "身份核验" in early.json()["hint"]
    assert await told(service, call) == []


async def nothing_that_is_no_line(service: Running, call: InCall, speech: Counted) -> None:
    speech.asked.clear()
    for line in (99, 0):
        assert (await asked(call, line)).status_code in (400, 404, 422)
    assert speech.asked == []
    assert await told(service, call) == []


async def nothing_without_a_voice(service: Running, call: InCall, speech: Counted) -> None:
    speech.able = False
    without = await asked(call, 1)
    speech.able = True
    assert without.status_code == 404
    assert "请自己读这一条" in without.json()["hint"]
    assert (await asked(call, 1)).status_code == 404
    assert not speech.asked, "one that has just failed is left alone for a while"
    service.web.voices.monotonic = lambda: time.monotonic() + AGAIN_SECONDS
    assert await told(service, call) == []


async def given_and_on_the_chain(service: Running, call: InCall, speech: Counted) -> None:
    first = (await lines(call))[0]
    answer = await asked(call, 1)
    assert answer.status_code == 200, answer.text
    assert (answer.headers["content-type"], answer.headers["cache-control"]) == ("audio/mpeg", "no-store")
    assert speech.asked == [first["text"]], "the contract's own words, with its numbers"
    digest = hashlib.sha256(answer.content).hexdigest()
    (began,) = await told(service, call)
    assert (began["line"], began["sha256"], began["recorded"]) == (1, digest, False)
    assert (await call.hand.get("/api/phone/view")).json()["prompt"]["text"] == first["text"]
    kept = [one for one in service.web.voices.folder.rglob("*") if one.is_file()]
    assert not kept, "a line has the customer's name in it, and nothing of it stays on the service's disk"

    again = await asked(call, 1)
    assert again.content == answer.content, "a synthesiser says the same bytes each time"
    late, heard = ({"reading_id": one.headers[READING_ID], "whole": False, "seconds": 2.5} for one in (answer, again))
    nobodys, endless = heard | {"reading_id": ""}, heard | {"seconds": 601}
    ended = f"{call.at}/read-aloud/ended"
    statuses = [(await call.desk.post(ended, json=body)).status_code for body in (late, nobodys, endless, heard, heard)]
    assert statuses == [409, 409, 422, 204, 409], "another reading's end is none of this one's, and it ends once"
    over = (await told(service, call))[-1]
    assert (over["whole"], over["milliseconds"], over["sha256"]) == (False, 2500, digest)


async def an_institutions_own_goes_before(service: Running, call: InCall, speech: Counted) -> None:
    last = (await lines(call))[-1]
    kept = service.web.voices.folder / "recorded"
    kept.mkdir(parents=True)
    (kept / f"{line_key(str(last['text']))}.wav").write_bytes(b"RIFF our own")
    speech.asked.clear()
    answer = await asked(call, int(str(last["number"])))
    assert (answer.content, answer.headers["content-type"]) == (b"RIFF our own", "audio/wav")
    assert speech.asked == []
    assert (await told(service, call))[-1]["recorded"] is True
