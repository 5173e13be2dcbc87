"""Roster and former customers: of the own institution only, and what stands of a search on the access log."""

import json
from collections.abc import AsyncIterator
from datetime import timedelta
from decimal import Decimal
from pathlib import Path

import pytest

from signing.domain.errors import InputError, NotFound
from signing.service.commands import Actor
from signing.service.handlers.opening import ROSTER_SHOWN, FoundHousehold, Known
from signing.service.opening_commands import LookUpPerson, SearchRoster, TakeDraftKey
from signing.service.ports import Household
from tests.integration.service.county import FAR, HELPER, HOME, County
from tests.integration.service.office import SteppedClock, open_app

NUMBERS = ["350823198209174138", "350823197803053027", "350823197408115152", "350823196904306164"]


@pytest.fixture
async def county(tmp_path: Path) -> AsyncIterator[County]:
    clock = SteppedClock()
    app = open_app(tmp_path / "data", clock=clock, identity=object())
    made = County(app, clock)
    made.set_up()
    until = clock.now() + timedelta(days=300)
    with app.services.db.write() as unit:
        for number, name in zip(NUMBERS, ("王大田", "丁秀兰", "田大山", "田秀兰"), strict=True):
            unit.people.save_household(HOME, Household(number, name, "东村", Decimal(50_000), until))
        unit.people.save_household(HELPER, Household(NUMBERS[0], "王大田", "西村", Decimal(9_000), until))
    yield made
    await app.close()


async def search(county: County, who: Actor, text: str) -> list[FoundHousehold]:
    found: list[FoundHousehold] = await county.do(SearchRoster(who, text))
    return found


async def test_a_part_of_a_name_or_the_whole_number_finds_households(county: County) -> None:
    agent = county.staff("one")
    assert [one.household.name for one in await search(county, agent, " 大田 ")] == ["王大田"]
    assert [one.household.name for one in await search(county, agent, NUMBERS[2])] == ["田大山"]
    assert await search(county, agent, NUMBERS[2][:17]) == [], "a part of a number is no search"
    with pytest.raises(InputError):
        await search(county, agent, "田 ")


async def test_no_more_than_a_few_are_told(county: County) -> None:
    with county.app.services.db.write() as unit:
        for number in range(ROSTER_SHOWN + 5):
            row = Household(f"35082319900101{number:04d}", f"林某{number}", "东村", Decimal(1), county.clock.now())
            unit.people.save_household(HOME, row)
    assert len(await search(county, county.staff("one"), "林某")) == ROSTER_SHOWN + 1


async def test_another_institutions_roster_and_customers_are_not_there(county: County) -> None:
    agent, stranger = county.staff("one"), county.staff("foreign_agent", FAR)
    (row,) = await search(county, agent, "田大山")
    assert await search(county, stranger, "田大山") == []
    assert [one.household.village for one in await search(county, stranger, "王大田")] == ["西村"], "its own one"
    with pytest.raises(NotFound):
        await county.do(LookUpPerson(stranger, ref=row.ref))
    with pytest.raises(NotFound):
        await county.do(LookUpPerson(stranger, id_number=NUMBERS[2]))
    known: Known = await county.do(LookUpPerson(agent, ref=row.ref))
    assert (known.name, known.id_number, known.party) == ("田大山", NUMBERS[2], None)


async def test_what_was_looked_for_is_on_the_log_without_its_numbers(county: County) -> None:
    agent = county.staff("one")
    await search(county, agent, NUMBERS[1])
    await search(county, agent, "丁秀兰")
    await county.do(LookUpPerson(agent, id_number=NUMBERS[1]))
    await county.do(TakeDraftKey(agent))
    with county.app.services.db.read() as unit:
        lines = [json.loads(line)["body"] for line in unit.logs.views()]
    told = [(line["what"], line["detail"]) for line in lines]
    assert told == [
        ("roster", "3508**********3027：1 户"), ("roster", "丁*兰：1 户"), ("person", "3508**********3027"),
        ("draft_key", ""),
    ]  # fmt: skip
