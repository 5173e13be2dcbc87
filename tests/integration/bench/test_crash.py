"""The service killed under load, a few times; and that the reckoning afterwards would notice whatever is lost."""

import json
from collections.abc import Callable
from pathlib import Path

import pytest
from sqlalchemy import Executable, delete, update

from signing.adapters.database.engine import open_engine
from signing.adapters.database.schema import access_log, event
from signing.cli import main
from signing.commandline.bench.load.crowd import Crowd, gather, open_app
from signing.commandline.bench.load.hammer import Account, Leave, Promise
from signing.commandline.bench.load.reckoning import Reckoning, reckon
from signing.domain import events
from signing.domain.call import Call
from signing.domain.events import Happening
from signing.domain.party import Party
from signing.service.commands import SYSTEM
from tests.integration.service.office import SteppedClock


@pytest.mark.timeout(600)
@pytest.mark.parametrize("database", ["sqlite", "postgresql"])
def test_nothing_acknowledged_is_lost(
    database: str, request: pytest.FixtureRequest, capsys: pytest.CaptureFixture[str]
) -> None:
    where = [] if database == "sqlite" else ["--database", request.getfixturevalue("postgres_database")]
    code = main(["bench", "crash", "--kills", "3", "--seats", "3", "--customers", "8", "--json", *where])
    rows = {row["goal"]: row for row in json.loads(capsys.readouterr().out)["rows"]}
    assert code == 0, rows
    assert rows["强行终止"]["ours"] == 3
    assert rows["丢失的已答复事件"]["ours"] == 0
    assert rows["链上的事件"]["ours"] > 8, "more than the opening of each case"


# --- the reckoning itself -----------------------------------------------------------------------------------------


@pytest.fixture
def data(tmp_path: Path) -> Path:
    return tmp_path / "data"


@pytest.fixture
def crowd(data: Path) -> Crowd:
    return gather(data, "", branches=1, seats=1, customers=2)


def reckoned(data: Path, crowd: Crowd, account: Account) -> Reckoning:
    return reckon(data, "", crowd, account)


def by_hand(data: Path, trigger: str, statement: Executable) -> None:
    """As somebody would who has the database file."""
    engine = open_engine(f"sqlite:///{data / 'pingqian.db'}")
    with engine.connect().execution_options(write=True) as connection, connection.begin():
        connection.exec_driver_sql(f"DROP TRIGGER {trigger}")
        connection.execute(statement)
    engine.dispose()


def test_what_is_there_is_not_lost(data: Path, crowd: Crowd) -> None:
    opened = [Promise(guest.case_id, "case.opened", "PQBENCH") for guest in crowd.guests]
    assert reckoned(data, crowd, Account(promises=opened)) == Reckoning(2, 0, 0, 0, doctor=True)


def test_what_is_not_there_is_lost(data: Path, crowd: Crowd) -> None:
    case_id = crowd.guests[0].case_id
    other = Promise(case_id, "case.opened", "some other mark")
    left = [Leave(case_id, "tkt_1"), Leave(case_id, "tkt_2")]
    account = Account(promises=[other], leaves=left, looks={case_id: 3})
    assert reckoned(data, crowd, account).lost == 1 + 2 + 3


def append(data: Path, case_id: str, *happened: Callable[[Party], Happening]) -> None:
    app = open_app(data)
    with app.services.db.write() as unit:
        party = unit.cases.get(case_id).parties[0]
        for one in happened:
            unit.cases.append(case_id, one(party), SYSTEM, SteppedClock().now())
    app.engine.dispose()


def joined(ticket_id: str, returning: bool = False) -> Callable[[Party], Happening]:
    return lambda party: events.queue_joined(party, ticket_id, "普通", returning)


def left(ticket_id: str) -> Callable[[Party], Happening]:
    return lambda party: events.queue_left(party, ticket_id)


def hung_up(party: Party) -> Happening:
    call = Call("call_1", "case_1", "seat_1", "staff_1", "张秀英", SteppedClock().now())
    return events.call_ended([party], call, [])


def test_an_event_of_another_place_does_not_stand_for_one_that_is_lost(data: Path, crowd: Crowd) -> None:
    case_id = crowd.guests[0].case_id
    append(data, case_id, joined("tkt_1"), left("tkt_1"), joined("tkt_3"), left("tkt_3"))
    promises = [Promise(case_id, "queue.joined", ticket_id) for ticket_id in ("tkt_1", "tkt_2")]
    assert reckoned(data, crowd, Account(promises=promises)).lost == 1
    leaves = [Leave(case_id, ticket_id) for ticket_id in ("tkt_1", "tkt_2")]
    assert reckoned(data, crowd, Account(leaves=leaves)).lost == 1


@pytest.mark.parametrize(
    ("happened", "lost", "doubled"),
    [
        ([joined("tkt_1"), left("tkt_1")], 0, 0),
        ([joined("tkt_1"), left("tkt_1"), left("tkt_1")], 0, 1),
        ([joined("tkt_1"), hung_up], 0, 0),
        ([joined("tkt_1"), joined("tkt_1", returning=True), hung_up], 0, 0),
        ([joined("tkt_1"), hung_up, joined("tkt_1", returning=True)], 1, 0),
        ([joined("tkt_1"), joined("tkt_2"), hung_up], 1, 0),
        ([hung_up, joined("tkt_1")], 1, 0),
        ([joined("tkt_2"), hung_up], 1, 0),
    ],
)
def test_a_place_given_up_was_left_or_its_call_hung_up(
    data: Path, crowd: Crowd, happened: list[Callable[[Party], Happening]], lost: int, doubled: int
) -> None:
    case_id = crowd.guests[0].case_id
    append(data, case_id, *happened)
    found = reckoned(data, crowd, Account(leaves=[Leave(case_id, "tkt_1")]))
    assert (found.lost, found.doubled) == (lost, doubled)


def test_a_look_on_record_is_not_lost(data: Path, crowd: Crowd) -> None:
    case_id = crowd.guests[0].case_id
    app = open_app(data)
    with app.services.db.write() as unit:
        unit.logs.record_view(SYSTEM, SteppedClock().now(), "case", case_id, "")
    app.engine.dispose()
    assert reckoned(data, crowd, Account(looks={case_id: 1})).lost == 0
    assert reckoned(data, crowd, Account(looks={case_id: 2})).lost == 1


def test_an_event_that_is_there_twice_is_noticed(data: Path, crowd: Crowd) -> None:
    case_id = crowd.guests[0].case_id
    app = open_app(data)
    with app.services.db.write() as unit:
        case = unit.cases.get(case_id)
        unit.cases.append(case_id, events.case_opened(case), SYSTEM, SteppedClock().now())
    app.engine.dispose()
    found = reckoned(data, crowd, Account(promises=[Promise(case_id, "case.opened", case.case_no)]))
    assert (found.lost, found.doubled) == (0, 1)


def test_a_chain_that_was_changed_is_broken(data: Path, crowd: Crowd) -> None:
    case_id = crowd.guests[0].case_id
    by_hand(data, "event_no_update", update(event).where(event.c.case_id == case_id).values(sha256="0" * 64))
    found = reckoned(data, crowd, Account(promises=[Promise(case_id, "case.opened", "PQBENCH")]))
    assert (found.broken, found.lost, found.doctor) == (1, 1, False)


def test_a_gap_in_the_access_log_is_broken(data: Path, crowd: Crowd) -> None:
    app = open_app(data)
    with app.services.db.write() as unit:
        for guest in crowd.guests:
            unit.logs.record_view(SYSTEM, SteppedClock().now(), "case", guest.case_id, "")
    app.engine.dispose()
    by_hand(data, "access_log_no_delete", delete(access_log).where(access_log.c.seq == 1))
    found = reckoned(data, crowd, Account())
    assert (found.broken, found.doctor) == (1, False)
