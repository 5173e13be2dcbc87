"""A case that nobody talks about: found by its branch, put on a desk, and something done about it there."""

from dataclasses import replace

import pytest

from signing.bootstrap import App
from signing.domain.errors import ConflictError, NotPermitted
from signing.domain.phase import Phase
from signing.domain.seat import SeatState
from signing.service import commands as c
from signing.service import lifecycle_commands as lc
from signing.service.branch_cases import branch_cases
from tests.integration.service.family import another_seat, open_family_case
from tests.integration.service.office import connect, enter, get_ready, log_in, open_case, stored


def found(app: App, who: c.Actor, text: str = "") -> list[str]:
    return [row.case.case_id for row in branch_cases(app.services, who, text)]


async def test_open_cases_of_the_branch_are_found_by_number_name_and_phone(app: App) -> None:
    agent = await log_in(app)
    one, _ = await open_case(app, agent)
    family, _ = await open_family_case(app, agent)
    assert found(app, agent) == [family.case_id, one.case_id], "newest first"
    assert found(app, agent, one.case_no) == [one.case_id]
    assert found(app, agent, " 王小河 ") == [family.case_id]
    assert found(app, agent, "8002") == [family.case_id]
    assert found(app, agent, "李四") == []
    await app.bus.execute(lc.WithdrawCase(agent, one.case_id, "审批撤销"))
    assert found(app, agent) == [family.case_id], "what is over is not open"
    auditor = await log_in(app, "lin", "demo-audit-2026")
    with pytest.raises(NotPermitted):
        branch_cases(app.services, auditor)


async def test_another_branch_finds_nothing_of_it(app: App) -> None:
    agent, other = await log_in(app), await another_seat(app, "08")
    await open_case(app, agent)
    with app.services.db.write() as unit:
        unit.people.add_branch(replace(unit.people.branch("branch_shanghang"), branch_id="branch_far", name="远处支行"))
        unit.queue.save_seat(replace(unit.queue.seat("seat_08"), branch_id="branch_far"))
    assert found(app, other) == []


async def test_it_is_put_on_a_desk_given_a_link_and_put_aside(app: App) -> None:
    agent, other = await log_in(app), await another_seat(app, "08")
    case, link = await open_case(app, agent)
    await app.bus.execute(c.TakeCase(agent, case.case_id))
    desk = app.queries.seat(agent)
    assert desk.seat.state is SeatState.WRAP_UP
    assert desk.case is not None
    assert (desk.case.case.case_id, desk.case.phase) == (case.case_id, Phase.INVITED)
    with pytest.raises(ConflictError, match="不能打开"):
        await app.bus.execute(c.TakeCase(other, case.case_id))
    fresh, _ = await app.bus.execute(c.RenewLink(agent, case.case_id, case.parties[0].party_id))
    assert fresh != link
    await app.bus.execute(c.FinishWrapUp(agent))
    assert app.queries.seat(agent).case is None
    customer = await enter(app, fresh)
    await get_ready(app, customer)
    await connect(app, agent, customer)
    with pytest.raises(ConflictError, match="不能打开"):
        await app.bus.execute(c.TakeCase(other, case.case_id))
    assert stored(app, case.case_id).parties[0].party_id == customer.actor_id
