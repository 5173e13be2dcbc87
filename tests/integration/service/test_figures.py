"""The figures of a day, reckoned from what the service itself has kept: over restarts, by branch, for nobody else."""

from collections.abc import AsyncIterator
from dataclasses import fields, replace
from datetime import timedelta
from decimal import Decimal
from pathlib import Path

import pytest
from sqlalchemy import text, update
from sqlalchemy.event import listen

from signing.adapters.database.backfill import fill_index
from signing.adapters.database.figure_schema import case_result
from signing.adapters.database.schema import data_key
from signing.adapters.database.vault import CaseKeys
from signing.adapters.keyfile import NAME
from signing.adapters.keys import Keyring
from signing.adapters.tables import FileTables
from signing.domain.beijing import BEIJING
from signing.domain.case import DocumentState
from signing.domain.errors import InputError, NotPermitted
from signing.domain.figures import Measures
from signing.service import commands as c
from signing.service import lifecycle_commands as lc
from signing.service import queue_commands as q
from signing.service.commands import SYSTEM, Actor
from signing.service.figure_sheets import sheets_of
from signing.service.figures import OUTSIDER, FiguresSnapshot, figures
from signing.service.handlers.common import save
from signing.service.office import OwnLimits
from signing.web.views.figures import figures_view
from tests.integration.service.county import EAST, FAR, HOME, WEST, County, opened_county
from tests.integration.service.office import SteppedClock, open_app
from tests.unit.domain.factories import make_document


@pytest.fixture
async def county(tmp_path: Path) -> AsyncIterator[County]:
    """At nine in the morning of Beijing, so that an hour more is the same day."""
    async with opened_county(tmp_path / "data") as made:
        to_nine(made.clock)
        yield made


def to_nine(clock: SteppedClock) -> None:
    here = clock.now().astimezone(BEIJING)
    nine = (here + timedelta(days=1)).replace(hour=9, minute=0, second=0, microsecond=0)
    clock.ahead += nine - here


def chief(county: County, branch_id: str = EAST) -> Actor:
    return county.staff(f"chief_{branch_id}", branch_id, "supervisor", seated=False)


async def served(county: County, agent: Actor, customer: Actor, *, waits: float, talks: float) -> None:
    """One customer is waited for, talked with and let go."""
    await county.join(customer)
    county.clock.pass_by(seconds=waits)
    await county.free(agent)
    await county.rings()
    call = await county.answer(agent)
    county.clock.pass_by(seconds=talks)
    await county.do(c.HangUp(agent, call.call_id, "办完"))
    await county.do(c.FinishWrapUp(agent))
    await county.do(c.SetPresence(agent, False, "休息"))


def seal(county: County, customer: Actor) -> None:
    """As the last step of sealing leaves it: every paper sealed, saved with what happened."""
    with county.app.services.db.write() as unit:
        case = unit.cases.get(customer.case_id or "")
        papers = (replace(make_document(), state=DocumentState.SEALED),)
        save(unit, replace(case, documents=papers), SYSTEM, county.clock.now(), [])


def asked(county: County, who: Actor) -> FiguresSnapshot:
    return figures(county.app.services, who)


async def test_a_day_is_counted_as_it_went(county: County) -> None:
    one, supervisor = county.staff("one"), chief(county)
    first, second, third, fourth = (county.customer(name) for name in ("first", "second", "third", "fourth"))
    await served(county, one, first, waits=10, talks=300)
    await served(county, one, second, waits=60, talks=100)
    await county.join(third, fourth)
    await county.do(c.LeaveQueue(third))
    county.clock.pass_by(seconds=30)
    seal(county, first)
    await county.do(lc.WithdrawCase(one, "case_second", "审批意见撤销"))
    found = asked(county, supervisor)
    total = found.total
    assert (total.arrivals, total.served, total.left, total.waiting) == (4, 2, 1, 1)
    assert (total.cases, total.amount) == (1, Decimal("200000"))
    assert total.endings == {("已撤回", "审批意见撤销"): 1}
    assert (total.talks, total.talks_ended) == (2, 2)
    assert total.average_talk == pytest.approx(200, abs=5)
    assert total.average_wait == pytest.approx(37, abs=5)
    assert (total.decided, total.in_time) == (4, 1)
    assert found.names[next(iter(found.branches))] == "east支行"
    assert list(found.refusals.values()) == [1]


async def test_the_figures_outlive_the_service(county: County, tmp_path: Path) -> None:
    one, supervisor, customer = county.staff("one"), chief(county), county.customer("first")
    await served(county, one, customer, waits=10, talks=60)
    seal(county, customer)
    before = asked(county, supervisor)
    again = open_app(tmp_path / "data", clock=county.clock, identity=object())
    after = figures(again.services, supervisor)
    assert after.total == before.total
    assert (after.branches, after.agents, after.slots) == (before.branches, before.agents, before.slots)
    await again.close()


async def test_branches_sum_to_the_total_and_a_case_counts_once(county: County) -> None:
    east, west = county.staff("one"), county.staff("two", WEST)
    for number, agent in enumerate((east, west, east)):
        customer = county.customer(f"person{number}", EAST if agent is east else WEST)
        await served(county, agent, customer, waits=5, talks=60)
        seal(county, customer)
        seal(county, customer)
    found = asked(county, chief(county))
    assert {found.names[key]: one.cases for key, one in found.branches.items()} == {"east支行": 2, "west支行": 1}
    for one in fields(Measures):
        if one.name not in ("longest_wait", "endings"):
            parts = sum(getattr(part, one.name) for part in found.branches.values())
            assert parts == pytest.approx(getattr(found.total, one.name)), one.name
    assert found.total.amount == Decimal("600000")


async def test_yesterday_is_compared_until_the_same_time(county: County) -> None:
    one, supervisor = county.staff("one"), chief(county)
    early, late = county.customer("early"), county.customer("late")
    await served(county, one, early, waits=1, talks=60)
    seal(county, early)
    county.clock.pass_by(hours=4)
    await served(county, one, late, waits=1, talks=60)
    seal(county, late)
    county.clock.pass_by(hours=22)  # of the next day, between the two
    found = asked(county, supervisor)
    assert (found.total.cases, found.total.served) == (0, 0)
    assert found.before is not None
    assert (found.before.cases, found.before.served) == (1, 1)
    assert found.span.before.first == found.span.first - timedelta(days=1)
    whole = figures(county.app.services, supervisor, found.span.before.first)
    assert (whole.total.cases, whole.total.served) == (2, 2)
    both = figures(county.app.services, supervisor, found.span.before.first, found.span.first)
    assert [one.arrivals for one in both.slots.values()] == [2]


async def test_another_institution_sees_nothing_of_it(county: County) -> None:
    one, customer = county.staff("one"), county.customer("first")
    await served(county, one, customer, waits=1, talks=60)
    seal(county, customer)
    found = asked(county, chief(county, FAR))
    assert (found.total, found.branches, found.refusals) == (Measures(), {}, {})
    assert not {"east支行", "one经理"} & set(found.names.values())


async def test_an_own_target_is_told_beside_the_usual(county: County) -> None:
    one, supervisor, customer = county.staff("one"), chief(county), county.customer("first")
    await county.do(q.SetQueueLimits(SYSTEM, OwnLimits(HOME, target_percent=90, target_seconds=120)))
    await served(county, one, customer, waits=60, talks=60)
    found = asked(county, supervisor)
    assert (found.total.level, found.total.own_level) == (0.0, 1.0)
    assert found.own is not None
    assert (found.own.percent, found.own.seconds) == (90, 120)
    shown = figures_view(found)
    assert shown.own is not None
    assert shown.total.own_level == 1.0
    for wrong in ({"target_percent": 90}, {"target_percent": 101, "target_seconds": 1}):
        with pytest.raises(InputError):
            await county.do(q.SetQueueLimits(SYSTEM, OwnLimits(HOME, **wrong)))


async def test_an_agent_has_no_figures(county: County) -> None:
    with pytest.raises(NotPermitted):
        asked(county, county.staff("one"))
    auditor = county.staff("auditor", EAST, "auditor", seated=False)
    assert asked(county, auditor).total == Measures()


async def test_a_case_whose_key_is_lost_counts_without_its_amount(county: County, tmp_path: Path) -> None:
    first, second = county.customer("first"), county.customer("second")
    for customer in (first, second):
        seal(county, customer)
    with county.app.engine.connect().execution_options(write=True) as connection, connection.begin():
        connection.execute(update(data_key).where(data_key.c.case_id == "case_first").values(kek_id="gone"))
    again = open_app(tmp_path / "data", clock=county.clock, identity=object())  # nothing is remembered
    total = figures(again.services, chief(county)).total
    assert (total.cases, total.unread, total.amount) == (2, 1, Decimal("200000"))
    await again.close()


async def test_a_month_asks_the_database_no_more_often_than_a_day(county: County, tmp_path: Path) -> None:
    """A large institution has tens of thousands of cases in a month: a question for each key took half a minute."""
    supervisor, asked_for = chief(county), []
    for number in range(2):
        seal(county, county.customer(f"person{number}"))
        again = open_app(tmp_path / "data", clock=county.clock, identity=object())  # nothing is remembered
        said: list[str] = []
        listen(again.engine, "before_cursor_execute", lambda _c, _u, statement, *_, to=said: to.append(statement))
        assert figures(again.services, supervisor).total.cases == number + 1
        asked_for.append(len(said))
        await again.close()
    assert asked_for[0] == asked_for[1]


async def test_cases_of_before_the_figures_are_put_in_at_a_start(county: County, tmp_path: Path) -> None:
    """A database that is brought up from an older version has no results; the time is that of the event."""
    one, customer = county.staff("one"), county.customer("first")
    await county.do(lc.WithdrawCase(one, "case_first", "审批意见撤销"))
    seal(county, county.customer("second"))
    before = asked(county, chief(county))
    with county.app.engine.connect().execution_options(write=True) as connection, connection.begin():
        connection.execute(case_result.delete())
        connection.execute(text("UPDATE case_file SET index_version = 0"))
    assert customer.case_id == "case_first"
    keys = CaseKeys(county.app.engine, Keyring(tmp_path / "data" / NAME))
    assert fill_index(county.app.engine, keys) == 2
    assert asked(county, chief(county)).total.endings == before.total.endings


async def test_nothing_of_a_customer_lies_open_in_the_results(county: County) -> None:
    one = county.staff("one")
    county.customer("first")
    await county.do(lc.WithdrawCase(one, "case_first", "张三的姐姐不同意"))
    seal(county, county.customer("second"))
    with county.app.engine.connect() as connection:
        rows = repr(connection.execute(case_result.select()).all())
    assert "200000" not in rows
    assert "姐姐" not in rows


async def test_whom_another_institution_served_is_named_as_such(county: County) -> None:
    """The customer stays the branch's; the agent of elsewhere is not told by name."""
    helper, customer = county.staff("helper", FAR), county.customer("first")
    await county.join(customer)
    ticket = county.ticket(customer)
    with county.app.services.db.write() as unit:
        unit.queue.save_ticket(replace(ticket, seat_id=None))
    found = asked(county, chief(county))
    assert found.names.get(helper.actor_id, OUTSIDER) == OUTSIDER
    assert found.total.waiting == 1


async def test_the_workbook_has_every_table_and_nobody_in_it(county: County) -> None:
    one, supervisor, customer = county.staff("one"), chief(county), county.customer("张建国")
    await served(county, one, customer, waits=10, talks=60)
    seal(county, customer)
    county.customer("李桂英")
    await county.do(lc.WithdrawCase(one, "case_李桂英", "张建国不同意"))
    made = sheets_of(asked(county, supervisor))
    assert [sheet.title for sheet in made] == [
        "总览", "按时段", "按网点", "按产品", "按坐席", "未办成和原因", "指标说明",
    ]  # fmt: skip
    assert made[0].rows[0][:2] == ("笔数", 1)
    assert made[2].rows[-1][0] == "合计"
    assert made[2].rows[0][:4] == ("east支行", 1, 1, 0)
    assert [row[0] for row in made[5].rows] == ["其他原因"]
    text = repr(made)
    assert "张建国" not in text
    assert "13800138000" not in text
    assert FileTables().write(made).startswith(b"PK")


async def test_each_sheet_has_as_many_cells_in_a_row_as_columns(county: County) -> None:
    await served(county, county.staff("one"), county.customer("first"), waits=1, talks=60)
    for sheet in sheets_of(asked(county, chief(county))):
        assert all(len(row) == len(sheet.columns) for row in sheet.rows), sheet.title
