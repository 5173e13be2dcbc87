"""A small evening counted by hand, and the workbook of it as a spreadsheet program reads it."""

import io
from collections.abc import AsyncIterator, Iterator
from dataclasses import replace
from datetime import date, datetime, time, timedelta
from decimal import Decimal
from pathlib import Path

import pytest
from openpyxl import load_workbook
from openpyxl.worksheet.worksheet import Worksheet

from signing.adapters.tables import FileTables
from signing.domain.beijing import BEIJING
from signing.domain.call import Call, CallState, Leg, LegState
from signing.domain.figures import Result
from signing.domain.queue import Ticket, TicketState
from signing.service.commands import Actor
from signing.service.figure_sheets import sheets_of
from signing.service.figures import FiguresSnapshot, figures
from tests.integration.service.county import EAST, HOME, County, opened_county
from tests.integration.service.test_figures import chief, to_nine

PRODUCT = "village_credit_line"


class Evening:
    """Yesterday, put straight into the database; moments as on a clock of Beijing, beyond 24 the next day."""

    def __init__(self, county: County) -> None:
        self.county = county
        self.day = county.clock.now().astimezone(BEIJING).date() - timedelta(days=1)
        self.agent = county.staff("one")

    def at(self, clock: str) -> datetime:
        hours, minutes, seconds = (int(part) for part in clock.split(":"))
        return datetime.combine(self.day, time(), BEIJING) + timedelta(hours=hours, minutes=minutes, seconds=seconds)

    def came(self, name: str, case: str, came: str, state: TicketState = TicketState.DONE) -> None:
        where = (f"case_{case}", f"party_{name}", HOME, EAST)
        with self.county.app.services.db.write() as unit:
            unit.queue.save_ticket(Ticket(f"tkt_{name}", *where, self.at(came), state=state))

    def talked(self, case: str, began: str, ended: str, **joined: str) -> None:
        """``joined``: name → when they were taken in."""
        call = Call(f"call_{case}", f"case_{case}", "seat_one", self.agent.actor_id, "one经理", self.at(began))
        with self.county.app.services.db.write() as unit:
            unit.queue.save_call(replace(call, state=CallState.ENDED, ended_at=self.at(ended)))
            for name, at in joined.items():
                where = (f"leg_{name}", call.call_id, call.case_id, f"party_{name}", f"tkt_{name}")
                leg = Leg(*where, self.at(at), self.at(at))
                unit.queue.save_leg(replace(leg, state=LegState.LEFT, ended_at=self.at(ended)))

    def sealed(self, case: str, at: str, amount: str) -> None:
        where = (f"case_{case}", HOME, EAST, PRODUCT, self.agent.actor_id)
        with self.county.app.services.db.write() as unit:
            unit.figures.keep(Result(*where, self.at(at), None, Decimal(amount)))


@pytest.fixture
async def evening(tmp_path: Path) -> AsyncIterator[Evening]:
    async with opened_county(tmp_path / "data") as county:
        to_nine(county.clock)
        made = Evening(county)
        for case in ("loan", "quick", "gone"):
            county.customer(case)
        # three in one call over midnight, who waited 15, 20 and 30 seconds; sealed on the next day
        made.came("first", "loan", "23:50:00")
        made.came("second", "loan", "23:50:10")
        made.came("third", "loan", "23:50:10")
        made.talked("loan", "23:50:15", "24:10:15", first="23:50:15", second="23:50:30", third="23:50:40")
        made.sealed("loan", "24:20:00", "100000.00")
        # one served after 5 seconds, for ten minutes, and sealed
        made.came("early", "quick", "09:00:00")
        made.talked("quick", "09:00:05", "09:10:05", early="09:00:05")
        made.sealed("quick", "09:30:00", "123456.78")
        # one who went before anybody came
        made.came("tired", "gone", "10:00:00", TicketState.LEFT)
        yield made


def asked(evening: Evening, who: Actor, first: date, last: date | None = None) -> FiguresSnapshot:
    return figures(evening.county.app.services, who, first, last)


async def test_the_evening_comes_to_what_was_counted_by_hand(evening: Evening) -> None:
    who = chief(evening.county)
    total = asked(evening, who, evening.day).total
    assert (total.arrivals, total.served, total.left, total.waiting) == (5, 4, 1, 0)
    assert (total.average_wait, total.longest_wait) == (17.5, 30.0), "(15 + 20 + 30 + 5) / 4"
    assert (total.in_time, total.decided, total.level) == (3, 5, 0.6), "15, 20 and 5 seconds of five"
    assert (total.talks, total.average_talk) == (2, 900.0), "three people in one call are one call, over midnight too"
    assert (total.cases, total.amount) == (1, Decimal("123456.78"))


async def test_the_day_after_has_the_seal_and_the_day_before_has_nothing(evening: Evening) -> None:
    who, day = chief(evening.county), timedelta(days=1)
    after = asked(evening, who, evening.day + day)
    assert (after.total.arrivals, after.total.talks, after.total.average_talk) == (0, 0, None)
    assert (after.total.cases, after.total.amount) == (1, Decimal("100000.00"))
    assert after.before is not None
    before = asked(evening, who, evening.day - day)
    assert before.total == type(before.total)()
    assert (before.total.level, before.total.average_wait, before.slots) == (None, None, {})
    assert load_workbook(io.BytesIO(FileTables().write(sheets_of(before))))["总览"]["B4"].value == 0


def column(page: Worksheet, title: str) -> Iterator[object]:
    """What stands below this heading."""
    rows = list(page.iter_rows(values_only=True))
    head = next(row for row in rows if title in row)
    return (row[head.index(title)] for row in rows[rows.index(head) + 1 :])


async def test_numbers_are_numbers_and_days_are_days_in_the_workbook(evening: Evening) -> None:
    who, day = chief(evening.county), timedelta(days=1)
    two = load_workbook(io.BytesIO(FileTables().write(sheets_of(asked(evening, who, evening.day, evening.day + day)))))
    assert list(column(two["按日"], "日期")) == [
        datetime.combine(evening.day, time()), datetime.combine(evening.day + day, time()), "合计",
    ]  # fmt: skip
    assert list(column(two["按日"], "金额（元）")) == [123456.78, 100000, 223456.78]
    assert list(column(two["按日"], "接通")) == [4, 0, 4]
    assert list(column(two["按坐席"], "坐席"))[-2:] == ["one经理", "合计"]
    one = load_workbook(io.BytesIO(FileTables().write(sheets_of(asked(evening, who, evening.day)))))
    starts = list(column(one["按时段"], "开始时间"))
    assert (starts[0], starts[-2]) == (time(9, 0), time(23, 30))
    talked = list(column(one["总览"], "数值"))
    assert talked[:3] == [1, 4, 123456.78]
    assert talked[3] == timedelta(minutes=15)
