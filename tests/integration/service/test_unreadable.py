"""A case that cannot be opened, tampered with or without its key, keeps nobody else waiting."""

from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import text

from signing.adapters.database import SqlDatabase
from signing.domain.call import CallState
from signing.domain.errors import ConflictError, OutsideError, SigningError, TamperError
from signing.domain.seat import SeatState
from signing.service import commands as c
from signing.service import queue_commands as q
from signing.service import recovery
from signing.service.commands import SYSTEM, Actor
from signing.service.one_of_many import passing_over
from tests.integration.service.county import EAST, FAR, WEST, County
from tests.integration.service.office import SteppedClock, open_app


@pytest.fixture
async def county(tmp_path: Path, database: str) -> AsyncIterator[County]:
    clock = SteppedClock()
    app = open_app(tmp_path / "data", database, clock=clock, identity=object())
    county = County(app, clock)
    county.set_up()
    yield county
    await app.close()


TAMPERED = "UPDATE case_file SET sealed = substr(sealed, 1, 12) WHERE case_id = '{}'"
KEYLESS = "UPDATE data_key SET kek_id = 'destroyed' WHERE case_id = '{}'"


@pytest.fixture(params=[TAMPERED, KEYLESS], ids=["tampered", "without its key"])
def spoil(county: County, request: pytest.FixtureRequest) -> Any:
    def spoilt(customer: Actor) -> None:
        db = county.app.services.db
        assert isinstance(db, SqlDatabase)
        with db._engine.connect().execution_options(write=True) as connection, connection.begin():
            connection.execute(text(request.param.format(customer.case_id)))
        db._keys._known.clear()
        db._shelves.cases._things.clear()
        db._shelves.words._things.clear()
        with pytest.raises(SigningError):
            county.look(lambda unit: unit.cases.get(customer.case_id))

    return spoilt


async def talking(county: County, name: str, branch_id: str = EAST) -> tuple[Actor, Actor, Any]:
    """→ agent, customer and their live call."""
    agent, customer = county.staff(name, branch_id), county.customer(f"c_{name}", branch_id)
    await county.join(customer)
    await county.free(agent)
    await county.rings()
    return agent, customer, await county.answer(agent)


async def test_a_seat_whose_case_is_spoilt_ends_its_wrap_up_and_the_queue_goes_on(county: County, spoil: Any) -> None:
    agent, customer, call = await talking(county, "one")
    await county.do(c.HangUp(agent, call.call_id, "x"))
    spoil(customer)
    await county.join(county.customer("next"))
    assert await county.rings(hours=1) == {"next": "one"}
    assert any("call.wrapped_up" in line and customer.case_id in line for line in county.log() if customer.case_id)


async def test_what_the_spoilt_case_refuses_is_left_and_the_others_ring(county: County, spoil: Any) -> None:
    agent, customer, call = await talking(county, "one")
    other = county.staff("other")
    await county.free(other)
    await county.do(c.TransferCall(agent, call.call_id, "x", other.seat_id))
    spoil(customer)
    third = county.staff("third")
    await county.free(third)
    await county.join(county.customer("next"))
    for _ in range(2):
        matches = await county.rings(minutes=2)
        assert matches == {"next": "third"}, "the transfer that was missed cannot be written down"
        await county.do(c.RejectOffer(third, county.seat(third).ticket_id or ""))
        await county.free(third)


async def test_a_start_puts_the_other_seats_right(county: County, spoil: Any) -> None:
    agent, customer, call = await talking(county, "one")
    ringing, last, waiting = county.staff("other"), county.staff("zz_last"), county.customer("waiting", WEST)
    await county.free(ringing, last)
    await county.do(c.TransferCall(agent, call.call_id, "x", ringing.seat_id))
    await county.join(waiting)
    spoil(customer)
    recovery.reset(county.app.services)
    assert county.seat(last).state is SeatState.OFFLINE
    assert county.seat(agent).state is SeatState.ON_CALL, "its two ends have time to report"
    assert not county.ticket(waiting).present


async def test_a_start_ends_the_wrap_up_of_a_spoilt_case(county: County, spoil: Any) -> None:
    agent, customer, call = await talking(county, "one")
    await county.do(c.HangUp(agent, call.call_id, "x"))
    spoil(customer)
    recovery.reset(county.app.services)
    assert county.seat(agent).state is SeatState.OFFLINE


@pytest.mark.parametrize("branch_id", [None, EAST])
async def test_a_stop_holds_and_ends_the_calls_that_can_be_ended(
    county: County, spoil: Any, branch_id: str | None
) -> None:
    chief = county.staff("chief", role="administrator", seated=False)
    _, spoilt, left = await talking(county, "a_spoilt")
    *_, ended = await talking(county, "b_well")
    *_, far = await talking(county, "far", FAR)
    spoil(spoilt)
    await county.do(q.StopQueue(chief, branch_id, "服务临时停止", "停电", end_calls=True))
    states = county.look(lambda unit: [unit.queue.call(one.call_id).state for one in (left, ended, far)])
    assert states == [CallState.LIVE, CallState.ENDED, CallState.LIVE]
    with pytest.raises(ConflictError, match="服务临时停止"):
        await county.join(county.customer("late"))


async def test_a_spoilt_case_of_another_institution_is_no_matter(county: County, spoil: Any) -> None:
    chief = county.staff("chief", role="administrator", seated=False)
    *_, ended = await talking(county, "one")
    _, spoilt, far = await talking(county, "far", FAR)
    spoil(spoilt)
    await county.do(q.StopQueue(chief, None, "服务临时停止", "停电", end_calls=True))
    assert county.look(lambda unit: unit.queue.call(ended.call_id).state) is CallState.ENDED
    assert county.look(lambda unit: unit.queue.call(far.call_id).state) is CallState.LIVE


def test_a_database_that_is_away_stops_all() -> None:
    with passing_over("x"):
        raise TamperError("x")
    with pytest.raises(OutsideError), passing_over("x"):
        raise OutsideError("x")


async def test_a_start_needs_the_database(county: County, tmp_path: Path) -> None:
    county.staff("one")
    await county.do(c.SetPresence(Actor("staff", "staff_one", "agent", "inst_demo", "x", "seat_one"), True))
    recovery.reset(county.app.services)
    assert county.look(lambda unit: unit.queue.seat("seat_one").state) is SeatState.OFFLINE
    await county.do(c.Dispatch(SYSTEM))
