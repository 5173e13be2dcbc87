"""A case that cannot be opened, tampered with or without its key, keeps nobody else waiting."""

import time
from collections.abc import AsyncIterator, Callable
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import text
from sqlalchemy.event import listen, remove

from signing.adapters.database import SqlDatabase
from signing.domain.call import CallState, Outcome
from signing.domain.errors import ConflictError, NotFound, NotPermitted, OutsideError, SigningError, TamperError
from signing.domain.seat import SeatState
from signing.service import commands as c
from signing.service import queue_commands as q
from signing.service import recovery
from signing.service.board import board
from signing.service.commands import SYSTEM, Actor
from signing.service.one_of_many import passing_over
from signing.service.store import Database
from signing.web.views.board import board_view
from signing.web.views.seat import seat_view
from tests.integration.service.county import EAST, FAR, WEST, County, opened_county
from tests.postgres import both_databases


@pytest.fixture
async def county(tmp_path: Path, database: str) -> AsyncIterator[County]:
    async with opened_county(tmp_path / "data", database) as county:
        yield county


TAMPERED = "UPDATE case_file SET sealed = substr(sealed, 1, 12) WHERE case_id = '{}'"
KEYLESS = "UPDATE data_key SET kek_id = 'destroyed' WHERE case_id = '{}'"
ROWLESS = "DELETE FROM data_key WHERE case_id = '{}'"


def spoil_case(db: Database, case_id: str, statement: str) -> None:
    """As somebody would who has the database; nothing of the case is left in memory either."""
    assert isinstance(db, SqlDatabase)
    with db._engine.connect().execution_options(write=True) as connection, connection.begin():
        connection.execute(text(statement.format(case_id)))
    let_readers_finish(db)
    db._keys._known.clear()
    db._shelves.cases._things.clear()
    db._shelves.words._things.clear()


def let_readers_finish(db: SqlDatabase) -> None:
    """Until no unit of work is open: one that has read the key already would put it back into memory."""
    until = time.monotonic() + 10
    while db._engine.pool.checkedout():  # type: ignore[attr-defined]
        assert time.monotonic() < until, "units of work stay open"
        time.sleep(0.005)


def spoiling(county: County, statement: str) -> Callable[[Actor], None]:
    """What spoils a customer's case so that it cannot be opened any more."""

    def spoilt(customer: Actor) -> None:
        spoil_case(county.app.services.db, customer.case_id or "", statement)
        with pytest.raises(SigningError):
            county.look(lambda unit: unit.cases.get(customer.case_id))

    return spoilt


@pytest.fixture(params=[TAMPERED, KEYLESS, ROWLESS], ids=["tampered", "without its key", "without a key's row"])
def spoil(county: County, request: pytest.FixtureRequest) -> Any:
    return spoiling(county, request.param)


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
async def test_a_stop_holds_and_ends_the_calls_of_spoilt_cases_too(
    county: County, spoil: Any, branch_id: str | None
) -> None:
    chief = county.staff("chief", role="administrator", seated=False)
    _, spoilt, first = await talking(county, "a_spoilt")
    *_, ended = await talking(county, "b_well")
    *_, far = await talking(county, "far", FAR)
    spoil(spoilt)
    await county.do(q.StopQueue(chief, branch_id, "服务临时停止", "停电", end_calls=True))
    states = county.look(lambda unit: [unit.queue.call(one.call_id).state for one in (first, ended, far)])
    assert states == [CallState.ENDED, CallState.ENDED, CallState.LIVE]
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


# --- the live call of a spoilt case -----------------------------------------------------------------------------------


def logged(county: County, kind: str, customer: Actor) -> list[str]:
    return [line for line in county.log() if f'"{kind}"' in line and str(customer.case_id) in line]


async def test_the_agent_sees_that_it_is_spoilt_and_hangs_up(county: County, spoil: Any) -> None:
    agent, customer, call = await talking(county, "one")
    spoil(customer)
    before = county.app.queries.seat(agent)
    assert (before.case, before.talk) == (None, None)
    shown = seat_view(before, [], [])
    assert shown.call is not None
    assert [(one.party_id, one.state) for one in shown.call.parties] == [(customer.actor_id, "live")]
    assert shown.notice is not None
    assert "打不开" in shown.notice.text
    assert "挂断" in shown.notice.text

    ended = await county.do(c.HangUp(agent, call.call_id, ""))
    assert ended.state is CallState.ENDED
    seat = county.seat(agent)
    assert (seat.state, seat.case_id, seat.call_id, seat.ticket_id) == (SeatState.AWAY, None, None, None)
    assert "业务打不开" in seat.reason
    assert county.ticket(customer) is None
    assert county.look(lambda unit: unit.queue.live_leg_of(customer.actor_id)) is None
    (line,) = logged(county, "call.ended", customer)
    assert call.call_id in line
    after = seat_view(county.app.queries.seat(agent), [], [])
    assert (after.call, after.case, after.notice) == (None, None, None)
    await county.free(agent)
    await county.join(county.customer("next"))
    assert await county.rings() == {"next": "one"}


async def test_nobody_else_hangs_up_and_not_twice(county: County, spoil: Any) -> None:
    agent, customer, call = await talking(county, "one")
    other, far = county.staff("other"), county.staff("far", FAR)
    spoil(customer)
    with pytest.raises(NotPermitted):
        await county.do(c.HangUp(other, call.call_id, "x"))
    with pytest.raises(NotFound):
        await county.do(c.HangUp(far, call.call_id, "x"))
    assert county.seat(agent).state is SeatState.ON_CALL
    await county.do(c.HangUp(agent, call.call_id, "x"))
    with pytest.raises(SigningError):
        await county.do(c.HangUp(agent, call.call_id, "x"))
    assert len(logged(county, "call.ended", customer)) == 1


async def test_a_supervisor_hangs_up_and_sees_the_rest_of_the_board(county: County, spoil: Any) -> None:
    agent, customer, call = await talking(county, "one")
    *_, well = await talking(county, "two")
    chief = county.staff("chief", role="supervisor", seated=False)
    spoil(customer)
    shown = board(county.app.services, chief)
    assert [one.talk.call.call_id for one in shown.calls] == [well.call_id]
    assert [(one.call.call_id, one.seat.seat_id) for one in shown.unread] == [(call.call_id, agent.seat_id)]
    first, second = board_view(shown, [], []).calls
    assert (first.call_id, first.unread, first.case_no, first.parties, first.steps) == (call.call_id, True, "", [], [])
    assert (second.call_id, second.unread) == (well.call_id, False)
    await county.do(c.HangUp(chief, call.call_id, "密钥丢失"))
    assert board(county.app.services, chief).unread == []
    assert county.seat(agent).state is SeatState.AWAY
    assert "密钥丢失" in logged(county, "call.ended", customer)[0]


async def test_a_transfer_that_rings_ends_with_the_call(county: County, spoil: Any) -> None:
    agent, customer, call = await talking(county, "one")
    other = county.staff("other")
    await county.free(other)
    await county.do(c.TransferCall(agent, call.call_id, "x", other.seat_id))
    spoil(customer)
    assert county.app.queries.seat(other).transfer_offer is None, "nobody could take it over"
    await county.do(c.HangUp(agent, call.call_id, "x"))
    assert county.seat(other).state is SeatState.AVAILABLE
    assert logged(county, "call.transfer_failed", customer)


async def test_a_lost_seat_or_a_lost_phone_ends_it_too(county: County, spoil: Any) -> None:
    """Nobody goes back to the head of the queue whom no seat could take up again."""
    agent, customer, call = await talking(county, "one")
    second, other, dropped = await talking(county, "two")
    spoil(customer)
    spoil(other)
    await county.do(c.LoseSeat(SYSTEM, agent.seat_id or ""))
    await county.do(c.DropLeg(SYSTEM, dropped.call_id, other.actor_id))
    assert (county.seat(agent).state, county.seat(second).state) == (SeatState.OFFLINE, SeatState.AWAY)
    states = county.look(lambda unit: [unit.queue.call(one.call_id).state for one in (call, dropped)])
    assert states == [CallState.ENDED, CallState.ENDED]
    assert county.ticket(customer) is None
    assert county.ticket(other) is None


@both_databases
async def test_a_spoilt_case_that_waits_or_is_booked_hides_nobody_elses_display(county: County, spoil: Any) -> None:
    agent, chief = county.staff("one"), county.staff("chief", role="supervisor", seated=False)
    spoilt, well = county.customer("spoilt"), county.customer("well")
    await county.join(spoilt, well)
    spoil(spoilt)
    assert [row.party.party_id for row in county.app.queries.seat(agent).queue] == [well.actor_id]
    assert [row.row.party.party_id for row in board(county.app.services, chief).waiting] == [well.actor_id]


async def test_one_spoilt_case_makes_no_display_dear(county: County, spoil: Any, caplog: Any) -> None:
    """Not a statement for each of the others, and not a line in the log each time."""
    agent, chief = county.staff("one"), county.staff("chief", role="supervisor", seated=False)
    waiting = [county.customer(f"{number:02}_{time.monotonic_ns()}") for number in range(12)]
    await county.join(*waiting)

    def looks() -> int:
        said: list[str] = []

        def note(*what: Any) -> None:
            said.append(what[2])

        listen(county.app.engine, "before_cursor_execute", note)
        rows = county.app.queries.seat(agent).queue, board(county.app.services, chief).waiting
        remove(county.app.engine, "before_cursor_execute", note)
        assert [len(one) for one in rows] == [shown, shown]
        return len(said)

    shown = 12
    looks()
    healthy = looks()
    spoil(waiting[3])
    shown = 11
    looks()  # the keys of the others are forgotten too
    assert looks() <= healthy + 4
    looks()
    assert [line.levelname for line in caplog.records if str(waiting[3].case_id) in line.message] == ["ERROR"]


async def test_a_spoilt_case_in_the_wrap_up_can_be_ended(county: County, spoil: Any) -> None:
    agent, customer, call = await talking(county, "one")
    await county.do(c.HangUp(agent, call.call_id, "x"))
    spoil(customer)
    shown = seat_view(county.app.queries.seat(agent), [], [])
    assert (shown.call, shown.case) == (None, None)
    assert shown.notice is not None
    assert "结束整理" in shown.notice.text
    await county.do(c.FinishWrapUp(agent, Outcome.OTHER, "业务打不开"))
    assert county.seat(agent).state is SeatState.AVAILABLE
    assert "业务打不开" in logged(county, "call.wrapped_up", customer)[0]


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
