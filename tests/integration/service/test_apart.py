"""One customer apart from the others: muted, or talked to alone; what the others see, and what goes on record."""

import pytest

from signing.bootstrap import App
from signing.domain.call import Call
from signing.domain.case import Case
from signing.domain.errors import ConflictError, NotPermitted
from signing.service import commands as c
from signing.service.call_state import PlaceState
from signing.service.commands import SYSTEM, Actor
from tests.integration.service.family import another_seat, dispatch, family
from tests.integration.service.office import bodies_of, connect, log_in, types_of
from tests.integration.service.test_joint_calls import all_identified, places
from tests.postgres import both_databases

pytestmark = both_databases
LIVE, HELD, DROPPED, WAITING = PlaceState.LIVE, PlaceState.HELD, PlaceState.DROPPED, PlaceState.WAITING


async def talking(app: App, agent: Actor, inside: int = 3) -> tuple[Case, Call, list[Actor]]:
    """A joint call with the first ``inside`` of three."""
    case, customers = await family(app, agent)
    all_identified(app, case.case_id)
    call = await connect(app, agent, customers[0])
    for customer in customers[1:inside]:
        await app.bus.execute(c.JoinQueue(customer))
        await app.bus.execute(c.AdmitParty(agent, call.call_id, customer.actor_id))
    return case, call, customers


def first_line(case: Case, who: Actor) -> int:
    return next(line.number for line in case.script if line.is_for(who.actor_id))


def muted(app: App, agent: Actor) -> list[bool]:
    talk = app.queries.seat(agent).talk
    assert talk is not None
    return [place.muted for place in talk.places]


async def test_who_is_muted_is_told_and_gives_no_answer_that_nobody_hears(app: App) -> None:
    agent, other = await log_in(app), await another_seat(app, "08")
    case, call, (first, second, _) = await talking(app, agent)
    with pytest.raises(NotPermitted):
        await app.bus.execute(c.MuteParty(other, call.call_id, second.actor_id, True))
    for _ in range(2):
        await app.bus.execute(c.MuteParty(agent, call.call_id, second.actor_id, True))
    assert muted(app, agent) == [False, True, False]
    assert (app.queries.phone(second).muted, app.queries.phone(first).muted) == (True, False)
    assert types_of(app, case.case_id).count("call.muted") == 1, "the same wish again is no event"
    (body,) = bodies_of(app, case.case_id, "call.muted")
    assert (body["party_id"], body["call_id"]) == (second.actor_id, call.call_id)
    with pytest.raises(ConflictError, match="静音"):
        await app.bus.execute(c.AnswerLine(agent, case.case_id, second.actor_id, first_line(case, second), "yes"))
    await app.bus.execute(c.AnswerLine(agent, case.case_id, first.actor_id, first_line(case, first), "yes"))
    await app.bus.execute(c.MuteParty(agent, call.call_id, second.actor_id, False))
    await app.bus.execute(c.AnswerLine(agent, case.case_id, second.actor_id, first_line(case, second), "yes"))
    assert types_of(app, case.case_id).count("call.unmuted") == 1


async def test_muted_lasts_over_hold_and_transfer_and_ends_with_a_drop(app: App) -> None:
    agent, other = await log_in(app), await another_seat(app, "08")
    _, call, (first, second, _) = await talking(app, agent)
    for customer in (first, second):
        await app.bus.execute(c.MuteParty(agent, call.call_id, customer.actor_id, True))
    await app.bus.execute(c.HoldParty(agent, call.call_id, first.actor_id, True))
    await app.bus.execute(c.HoldParty(agent, call.call_id, first.actor_id, False))
    await app.bus.execute(c.SetPresence(other, True))
    transfer = await app.bus.execute(c.TransferCall(agent, call.call_id, "方言", "seat_08"))
    call = await app.bus.execute(c.AcceptTransfer(other, transfer.transfer_id))
    assert muted(app, other) == [True, True, False]
    await app.bus.execute(c.SetPhonePresence(second, False))
    await app.bus.execute(c.DropLeg(SYSTEM, call.call_id, second.actor_id))
    await app.bus.execute(c.SetPhonePresence(second, True))
    await dispatch(app)
    assert muted(app, other) == [True, False, False], "who comes back is heard until somebody decides otherwise"


async def test_one_press_holds_all_others_and_one_brings_them_back(app: App) -> None:
    agent, other = await log_in(app), await another_seat(app, "08")
    case, call, (first, second, third) = await talking(app, agent)
    with pytest.raises(NotPermitted):
        await app.bus.execute(c.TalkAlone(other, call.call_id, second.actor_id))
    for _ in range(2):
        await app.bus.execute(c.TalkAlone(agent, call.call_id, second.actor_id))
    assert places(app, agent) == [HELD, LIVE, HELD]
    assert [app.queries.phone(one).apart for one in (first, second, third)] == [True, False, True]
    (body,) = bodies_of(app, case.case_id, "call.alone_began")
    assert (body["party_id"], body["held_ids"]) == (second.actor_id, [first.actor_id, third.actor_id])
    with pytest.raises(ConflictError, match="单独谈话"):
        await app.bus.execute(c.HoldParty(agent, call.call_id, first.actor_id, False))
    with pytest.raises(ConflictError, match="正在等候"):
        await app.bus.execute(c.ShowLine(agent, case.case_id, first.actor_id, first_line(case, first)))
    for _ in range(2):
        await app.bus.execute(c.TalkAlone(agent, call.call_id, None))
    assert places(app, agent) == [LIVE, LIVE, LIVE]
    (body,) = bodies_of(app, case.case_id, "call.alone_ended")
    assert body["back_ids"] == [first.actor_id, third.actor_id]
    assert types_of(app, case.case_id)[-1] == "call.alone_ended"


async def test_who_was_on_hold_before_stays_so_and_the_talk_may_pass_to_another(app: App) -> None:
    agent = await log_in(app)
    case, call, (first, second, third) = await talking(app, agent)
    await app.bus.execute(c.HoldParty(agent, call.call_id, third.actor_id, True))
    await app.bus.execute(c.TalkAlone(agent, call.call_id, first.actor_id))
    await app.bus.execute(c.TalkAlone(agent, call.call_id, second.actor_id))
    assert places(app, agent) == [HELD, LIVE, HELD]
    assert types_of(app, case.case_id)[-3:] == ["call.alone_began", "call.alone_ended", "call.alone_began"]
    await app.bus.execute(c.TalkAlone(agent, call.call_id, None))
    assert places(app, agent) == [LIVE, LIVE, HELD]


async def test_nobody_walks_in_on_it_and_who_drops_from_it_comes_back_to_it(app: App) -> None:
    agent = await log_in(app)
    case, call, (first, second, third) = await talking(app, agent, inside=2)
    await app.bus.execute(c.TalkAlone(agent, call.call_id, first.actor_id))
    await app.bus.execute(c.JoinQueue(third))
    await app.bus.execute(c.AdmitParty(agent, call.call_id, third.actor_id))
    assert places(app, agent) == [LIVE, HELD, HELD]
    assert types_of(app, case.case_id)[-2:] == ["call.joined", "call.held"]
    for customer in (first, second):
        await app.bus.execute(c.SetPhonePresence(customer, False))
        await app.bus.execute(c.DropLeg(SYSTEM, call.call_id, customer.actor_id))
        await app.bus.execute(c.SetPhonePresence(customer, True))
    await dispatch(app)
    assert places(app, agent) == [LIVE, HELD, HELD]
    await app.bus.execute(c.TalkAlone(agent, call.call_id, None))
    assert places(app, agent) == [LIVE, LIVE, LIVE]


async def test_it_goes_along_to_another_seat_and_ends_when_its_party_is_let_go(app: App) -> None:
    agent, other = await log_in(app), await another_seat(app, "08")
    case, call, (first, second, _) = await talking(app, agent)
    await app.bus.execute(c.TalkAlone(agent, call.call_id, first.actor_id))
    await app.bus.execute(c.SetPresence(other, True))
    transfer = await app.bus.execute(c.TransferCall(agent, call.call_id, "方言", "seat_08"))
    new = await app.bus.execute(c.AcceptTransfer(other, transfer.transfer_id))
    assert new.alone_with == first.actor_id
    assert places(app, other) == [LIVE, HELD, HELD]
    await app.bus.execute(c.RemoveParty(other, new.call_id, first.actor_id, "先离开"))
    assert places(app, other)[1:] == [LIVE, LIVE]
    assert types_of(app, case.case_id)[-2:] == ["call.left", "call.alone_ended"]
    assert not app.queries.phone(second).apart


async def test_with_the_only_customer_it_keeps_whoever_comes_outside(app: App) -> None:
    agent = await log_in(app)
    _, call, (first, second, _) = await talking(app, agent, inside=1)
    await app.bus.execute(c.TalkAlone(agent, call.call_id, first.actor_id))
    with pytest.raises(ConflictError, match="不在本次通话"):
        await app.bus.execute(c.TalkAlone(agent, call.call_id, second.actor_id))
    assert places(app, agent)[0] is LIVE
