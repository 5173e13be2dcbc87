"""A case that cannot be opened, tampered with or without its key, holds no seat: waiting, joint, transferred."""

from collections.abc import AsyncIterator
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from signing.domain.call import CallState, LegState, TransferState
from signing.domain.errors import ConflictError, NotFound, NotPermitted
from signing.domain.party import Party, PartyState, Role
from signing.domain.queue import TicketState
from signing.domain.seat import SeatState
from signing.service import commands as c
from signing.service import recovery
from signing.service.commands import SYSTEM, Actor
from tests.integration.service.county import EAST, FAR, County, opened_county
from tests.integration.service.family import number
from tests.integration.service.test_unreadable import KEYLESS, TAMPERED, logged, spoiling, talking


@pytest.fixture
async def county(tmp_path: Path, database: str) -> AsyncIterator[County]:
    async with opened_county(tmp_path / "data", database) as county:
        yield county


@pytest.fixture(params=[TAMPERED, KEYLESS], ids=["tampered", "without its key"])
def spoil(county: County, request: pytest.FixtureRequest) -> Any:
    return spoiling(county, request.param)


# --- waiting ----------------------------------------------------------------------------------------------------------


async def test_who_waits_with_a_spoilt_case_is_taken_out_and_rings_nowhere(county: County, spoil: Any) -> None:
    agent, spoilt = county.staff("one"), county.customer("spoilt")
    (ticket,) = await county.join(spoilt)
    await county.free(agent)
    spoil(spoilt)
    assert await county.rings() == {}
    assert county.seat(agent).state is SeatState.AVAILABLE
    assert county.look(lambda unit: unit.queue.ticket(ticket.ticket_id).state) is TicketState.LEFT
    (line,) = logged(county, "queue.left", spoilt)
    assert ticket.ticket_id in line
    assert await county.rings(minutes=2) == {}
    assert county.seat(agent).state is SeatState.AVAILABLE


async def test_the_others_of_the_same_dispatch_ring(county: County, spoil: Any) -> None:
    agents = county.staff("one"), county.staff("two")
    spoilt, well = county.customer("spoilt"), county.customer("well")
    await county.join(spoilt, well)
    await county.free(*agents)
    spoil(spoilt)
    assert await county.rings() == {"well": "two"}
    await county.join(county.customer("next"))
    assert await county.rings() == {"next": "one"}


async def test_who_rang_when_the_case_was_spoilt_costs_no_second_seat(county: County, spoil: Any) -> None:
    first, second, spoilt = county.staff("one"), county.staff("two"), county.customer("spoilt")
    await county.join(spoilt)
    await county.free(first, second)
    assert await county.rings() == {"spoilt": "one"}
    spoil(spoilt)
    assert await county.rings(minutes=2) == {}
    assert (county.seat(first).reason, county.seat(second).state) == ("来电未接", SeatState.AVAILABLE)
    assert county.ticket(spoilt) is None


# --- a joint call -----------------------------------------------------------------------------------------------------


async def joint(county: County) -> tuple[Actor, list[Actor], Any]:
    """→ agent, the two customers of one case, and their live call."""
    agent, first = county.staff("one"), county.customer("first")
    other = Party(
        "party_second", Role.CO_BORROWER, "second", number("19700101", 99), "13800138001", "", PartyState.READY
    )
    with county.app.services.db.write() as unit:
        case = unit.cases.get(str(first.case_id))
        unit.cases.save(replace(case, parties=(*case.parties, other)))
    second = replace(first, actor_id=other.party_id, name=other.name)
    await county.join(first)
    await county.free(agent)
    await county.rings()
    call = await county.answer(agent)
    await county.join(second)
    await county.do(c.AdmitParty(agent, call.call_id, second.actor_id))
    return agent, [first, second], call


async def test_the_lost_phones_of_a_joint_call_end_it_one_by_one(county: County, spoil: Any) -> None:
    agent, (first, second), call = await joint(county)
    spoil(first)
    await county.do(c.DropLeg(SYSTEM, call.call_id, first.actor_id, "断线"))
    legs = county.look(lambda unit: {one.party_id: one.state for one in unit.queue.legs_of(call.call_id)})
    assert legs == {first.actor_id: LegState.LEFT, second.actor_id: LegState.LIVE}
    assert county.ticket(first) is None, "nobody goes back to the head whom no seat could take up"
    assert county.seat(agent).state is SeatState.ON_CALL
    (line,) = logged(county, "call.dropped", first)
    assert call.call_id in line
    assert first.actor_id in line
    await county.do(c.DropLeg(SYSTEM, call.call_id, first.actor_id))
    assert len(logged(county, "call.dropped", first)) == 1, "who is no longer in it is not dropped again"

    await county.do(c.DropLeg(SYSTEM, call.call_id, second.actor_id, "断线"))
    assert county.look(lambda unit: unit.queue.call(call.call_id).state) is CallState.ENDED
    assert county.seat(agent).state is SeatState.AWAY
    assert county.ticket(second) is None
    assert len(logged(county, "call.ended", first)) == 1


async def test_the_phone_that_left_a_spoilt_joint_call_is_told(county: County, spoil: Any) -> None:
    _, (first, _), call = await joint(county)
    spoil(first)
    told: list[Any] = []
    stop = county.app.bus.subscribe(told.append)
    await county.do(c.DropLeg(SYSTEM, call.call_id, first.actor_id))
    await county.do(c.Dispatch(SYSTEM))
    stop()
    assert first.actor_id in set().union(*(one.party_ids for one in told))


async def test_whose_live_call_it_is_is_known_without_the_case(county: County, spoil: Any) -> None:
    _, customer, call = await talking(county, "one")
    spoil(customer)
    assert county.app.queries.live_call_of(customer.actor_id) == call.call_id
    assert county.app.queries.live_call_of("party_nobody") is None


# --- a transfer that rings --------------------------------------------------------------------------------------------


async def transferring(county: County) -> tuple[Actor, Actor, Actor, Any]:
    """→ the agent, the colleague whose seat rings, the customer, and the transfer."""
    agent, customer, call = await talking(county, "one")
    other = county.staff("other")
    await county.free(other)
    transfer = await county.do(c.TransferCall(agent, call.call_id, "x", other.seat_id))
    return agent, other, customer, transfer


def state_of(county: County, transfer: Any) -> TransferState:
    state: TransferState = county.look(lambda unit: unit.queue.transfer(transfer.transfer_id).state)
    return state


def assert_over(county: County, customer: Actor, transfer: Any, outcome: str) -> None:
    (line,) = logged(county, "call.transfer_failed", customer)
    assert transfer.call_id in line
    assert outcome in line
    live = county.look(lambda unit: unit.queue.call(transfer.call_id).state)
    assert live is CallState.LIVE, "the call stays where it is"


async def test_it_is_rejected(county: County, spoil: Any) -> None:
    _, other, customer, transfer = await transferring(county)
    spoil(customer)
    await county.do(c.RejectTransfer(other, transfer.transfer_id))
    assert state_of(county, transfer) is TransferState.REJECTED
    assert county.seat(other).state is SeatState.AWAY
    assert_over(county, customer, transfer, "对方拒接")
    await county.free(other)


async def test_it_is_cancelled_by_the_seat_that_asked_and_by_nobody_else(county: County, spoil: Any) -> None:
    agent, other, customer, transfer = await transferring(county)
    third, far = county.staff("third"), county.staff("far", FAR)
    spoil(customer)
    with pytest.raises(NotPermitted):
        await county.do(c.CancelTransfer(third, transfer.transfer_id))
    with pytest.raises(NotFound):
        await county.do(c.CancelTransfer(far, transfer.transfer_id))
    await county.do(c.CancelTransfer(agent, transfer.transfer_id))
    assert state_of(county, transfer) is TransferState.WITHDRAWN
    assert county.seat(other).state is SeatState.AVAILABLE
    assert_over(county, customer, transfer, "已取消")
    with pytest.raises(ConflictError):
        await county.do(c.CancelTransfer(agent, transfer.transfer_id))


async def test_it_is_missed(county: County, spoil: Any) -> None:
    _, other, customer, transfer = await transferring(county)
    spoil(customer)
    assert await county.rings(minutes=1) == {}
    assert state_of(county, transfer) is TransferState.MISSED
    assert county.seat(other).state is SeatState.AWAY
    assert_over(county, customer, transfer, "对方未接")
    await county.free(other)
    await county.join(county.customer("next", EAST))
    assert await county.rings() == {"next": "other"}


@pytest.mark.parametrize("restart", [False, True])
async def test_the_seat_that_rings_is_lost(county: County, spoil: Any, restart: bool) -> None:
    _, other, customer, transfer = await transferring(county)
    spoil(customer)
    if restart:
        recovery.reset(county.app.services)
    else:
        await county.do(c.LoseSeat(SYSTEM, other.seat_id or ""))
    assert state_of(county, transfer) is TransferState.MISSED
    assert county.seat(other).state is SeatState.OFFLINE
    assert_over(county, customer, transfer, "服务重新启动" if restart else "席位连接中断")
