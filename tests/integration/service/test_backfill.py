"""What a phone kept of its own side while the line was lost: brought by its customer, wanted or refused, packed."""

import hashlib
import io
import json
import zipfile
from datetime import timedelta

import pytest

from signing.bootstrap import App
from signing.domain import events
from signing.domain.backfill import EDGE, ENDINGS, LONGEST, MOST, MOST_BYTES, MOST_TOLD, Keeps, Piece, Span
from signing.domain.call import Call
from signing.domain.errors import ConflictError, InputError, NotFound
from signing.domain.readable import whole_of
from signing.service import commands as c
from signing.service.backfill_commands import KeepBackfill, TakeBackfillNeeds, TellKeeping
from signing.service.commands import SYSTEM, Actor
from signing.service.content import package_file
from signing.service.handlers.backfill import Needs
from signing.web.views.audit import audit_case
from tests.integration.service.family import family
from tests.integration.service.office import Film, SteppedClock, bodies_of, connect, in_call, log_in, sealed, stored
from tests.integration.service.test_quality import report, stretch
from tests.integration.service.test_seal_later import signed

WEBM = b"\x1a\x45\xdf\xa3 what the phone recorded"
MP4 = b"\x00\x00\x00\x20ftypisom what an iPhone recorded"
STILL = b"\xff\xd8\xff a still"


def keep(customer: Actor, call: Call, begin: float, seconds: float = 4, data: bytes = WEBM) -> KeepBackfill:
    kinds = {WEBM: "video/webm", MP4: "video/mp4", STILL: "image/jpeg"}
    since = call.started_at + timedelta(seconds=begin)
    return KeepBackfill(
        customer, call.call_id, since, since + timedelta(seconds=seconds), kinds.get(data, "video/webm"), data
    )


async def broken(app: App, clock: SteppedClock) -> tuple[Actor, Actor, str, Call]:
    """A call of two minutes, of whose first half minute the seat saw nothing of the customer."""
    agent, customer, case, call = await in_call(app)
    clock.pass_by(seconds=120)
    assert await report(app, agent, customer, call, stretch(call, 0, 30, bars=0, broken_seconds=30.0))
    return agent, customer, case.case_id, call


async def refused(app: App, command: KeepBackfill, kind: type[Exception], words: str) -> None:
    with pytest.raises(kind, match=words):
        await app.bus.execute(command)


async def test_what_was_lost_is_wanted_and_what_is_brought_is_on_the_chain_once(app: App, clock: SteppedClock) -> None:
    _, customer, case_id, call = await broken(app, clock)
    needs: Needs = await app.bus.execute(TakeBackfillNeeds(customer, call.call_id))
    assert needs.spans == [Span(call.started_at - EDGE, call.started_at + timedelta(seconds=30) + EDGE)]
    for data in (WEBM, STILL, MP4):
        told = [await app.bus.execute(keep(customer, call, 4, data=data)) for _ in range(2)]
        assert told == [True, False]
    bodies = bodies_of(app, case_id, events.KEPT)
    assert [body["backfill_sha256"] for body in bodies] == [hashlib.sha256(d).hexdigest() for d in (WEBM, STILL, MP4)]
    assert {body["source"] for body in bodies} == {"phone"}
    title = events.title_of(events.KEPT, bodies[0])
    assert title.startswith("借款人")
    assert "起 4 秒的画面和声音" in title


async def test_what_a_phone_can_keep_is_on_the_chain_as_often_as_it_changes(app: App, clock: SteppedClock) -> None:
    _, customer, case_id, call = await broken(app, clock)
    said = [Keeps.WHOLE, Keeps.SOUND, Keeps.SOUND, Keeps.WHOLE]
    told = [await app.bus.execute(TellKeeping(customer, call.call_id, keeps)) for keeps in said]
    assert told == [False, True, False, True], "at first all is kept"
    titles = [events.title_of(events.KEEPS, body) for body in bodies_of(app, case_id, events.KEEPS)]
    assert titles[0].startswith("借款人")
    assert titles[0].endswith("的手机余力不足，只保存自己的声音和照片，不保存画面")
    for number in range(MOST_TOLD):
        await app.bus.execute(TellKeeping(customer, call.call_id, (Keeps.SOUND, Keeps.WHOLE)[number % 2]))
    assert len(bodies_of(app, case_id, events.KEEPS)) == MOST_TOLD
    with pytest.raises(NotFound):
        await app.bus.execute(TellKeeping(customer, "call_of_nobody", Keeps.SOUND))


async def test_of_a_call_that_is_over_nothing_more_is_said(app: App, clock: SteppedClock) -> None:
    agent, customer, case_id, call = await broken(app, clock)
    await app.bus.execute(c.HangUp(agent, call.call_id, "客户要先回家"))
    assert not await app.bus.execute(TellKeeping(customer, call.call_id, Keeps.SOUND))
    assert bodies_of(app, case_id, events.KEEPS) == []


async def test_the_key_is_the_calls_and_customers_own_and_stays_the_same(app: App, clock: SteppedClock) -> None:
    _, customer, case_id, call = await broken(app, clock)
    keys = {(await app.bus.execute(TakeBackfillNeeds(customer, call.call_id))).key for _ in range(3)}
    assert len(keys) == 1
    assert len(keys.pop()) == 32
    assert app.services.spool_keys.of(case_id, call.call_id) not in keys
    with pytest.raises(NotFound):
        await app.bus.execute(TakeBackfillNeeds(customer, "call_of_nobody"))


async def two_in_call(app: App) -> tuple[Actor, list[Actor], Call]:
    """→ agent, the case's three customers, the call; the first two are in it."""
    agent = await log_in(app)
    _, customers = await family(app, agent)
    call = await connect(app, agent, customers[0])
    await app.bus.execute(c.JoinQueue(customers[1]))
    await app.bus.execute(c.AdmitParty(agent, call.call_id, customers[1].actor_id))
    return agent, customers, call


async def test_another_customer_of_the_same_call_cannot_bring_for_them(app: App, clock: SteppedClock) -> None:
    agent, (first, second, third), call = await two_in_call(app)
    clock.pass_by(seconds=60)
    assert await report(app, agent, first, call, stretch(call, 0, 30, bars=0, broken_seconds=30.0))
    await refused(app, keep(second, call, 4), ConflictError, "不需要补传")
    await refused(app, keep(third, call, 4), NotFound, "没有找到这次通话")
    assert await app.bus.execute(keep(first, call, 4))


async def test_nothing_is_taken_of_when_the_line_carried_or_of_outside_the_call(app: App, clock: SteppedClock) -> None:
    _, customer, case_id, call = await broken(app, clock)
    await refused(app, keep(customer, call, 60), ConflictError, "不需要补传")
    await refused(app, keep(customer, call, -90), InputError, "不在这次通话之内")
    await refused(app, keep(customer, call, 400), InputError, "不在这次通话之内")
    await refused(app, keep(customer, call, 4, LONGEST.total_seconds() + 1), InputError, "起止时间")
    await refused(app, keep(customer, call, 4, -1), InputError, "起止时间")
    await refused(app, keep(customer, call, 4, data=b"GIF89a"), InputError, "类型不符")
    await refused(app, keep(customer, call, 4, data=WEBM + bytes(MOST_BYTES)), InputError, "太大")
    assert bodies_of(app, case_id, events.KEPT) == []


async def test_a_call_takes_only_so_many(app: App, clock: SteppedClock) -> None:
    _, customer, case_id, call = await broken(app, clock)
    party = stored(app, case_id).parties[0]
    with app.services.db.write() as unit:
        for number in range(MOST):
            one = Piece(call.call_id, call.started_at, call.started_at, "image/jpeg")
            happening = events.backfill_kept(party, one, f"{number:064x}", 1)
            unit.cases.append(case_id, happening, customer, app.services.clock.now())
    await refused(app, keep(customer, call, 4), ConflictError, "不需要补传")


async def test_of_a_customer_on_hold_nothing_is_taken(app: App, clock: SteppedClock) -> None:
    agent, (_, second, _), call = await two_in_call(app)
    clock.pass_by(seconds=10)
    await app.bus.execute(c.HoldParty(agent, call.call_id, second.actor_id, True))
    clock.pass_by(seconds=20)
    await app.bus.execute(c.HoldParty(agent, call.call_id, second.actor_id, False))
    clock.pass_by(seconds=30)
    assert await report(app, agent, second, call, stretch(call, 0, 50, bars=0, broken_seconds=50.0))
    await refused(app, keep(second, call, 15), ConflictError, "不需要补传")
    assert await app.bus.execute(keep(second, call, 40))


async def test_from_a_drop_to_the_return_is_wanted(app: App, clock: SteppedClock) -> None:
    _, (_, second, _), call = await two_in_call(app)
    clock.pass_by(seconds=30)
    await app.bus.execute(c.SetPhonePresence(second, False))
    await app.bus.execute(c.DropLeg(SYSTEM, call.call_id, second.actor_id))
    clock.pass_by(seconds=20)
    assert await app.bus.execute(keep(second, call, 45)), "brought while still out of the call"
    await refused(app, keep(second, call, 5, data=STILL), ConflictError, "不需要补传")


@pytest.mark.timeout(480)
async def test_it_lies_in_the_package_and_the_verifier_knows_it(app: App, clock: SteppedClock, shot: Film) -> None:
    room = await signed(app, shot)
    clock.pass_by(seconds=1)
    assert await report(app, room.agent, room.customer, room.call, stretch(room.call, 0, 1, bars=0, broken_seconds=1.0))
    for data in (WEBM, STILL):
        assert await app.bus.execute(keep(room.customer, room.call, 0, 0.5, data=data))
    found, chain = await sealed(app, room.agent, room.case_id)
    assert found.verdict == "valid", found
    package = stored(app, room.case_id).package
    assert package is not None
    digests = {hashlib.sha256(data).hexdigest(): data for data in (WEBM, STILL)}
    names = [json.loads(line)["body"].get("backfill_sha256") for line in chain.splitlines()]
    assert {name for name in names if name} == set(digests)
    with zipfile.ZipFile(_opened(app, room.case_id)) as box:
        held = {name: box.read(name) for name in box.namelist() if name.startswith("backfill/")}
    assert held == {
        f"backfill/{hashlib.sha256(WEBM).hexdigest()}.{ENDINGS['video/webm']}": WEBM,
        f"backfill/{hashlib.sha256(STILL).hexdigest()}.jpg": STILL,
    }
    assert all(any(item.name == name and item.ok for item in found.items) for name in held)
    auditor = await log_in(app, "lin", "demo-audit-2026")
    told = audit_case(app.queries.audit_case(auditor, room.case_id)).media
    kinds = {one.media_id: one.kind for one in told if one.by_phone}
    assert kinds == {hashlib.sha256(WEBM).hexdigest(): "video/webm", hashlib.sha256(STILL).hexdigest(): "image/jpeg"}
    for digest, data in digests.items():
        file, kind = app.queries.kept_media(auditor, room.case_id, digest)
        assert (b"".join(file.part(0, len(file))), kind) == (data, kinds[digest])
    with pytest.raises(NotFound):
        app.queries.kept_media(auditor, room.case_id, "0" * 64)
    await refused(app, keep(room.customer, room.call, 0, 0.6), ConflictError, "办结|用印")


def _opened(app: App, case_id: str) -> io.BytesIO:
    package = stored(app, case_id).package
    assert package is not None
    return io.BytesIO(whole_of(package_file(case_id, package, app.services.blobs)))
