"""The measurement of the queue, small: every figure is measured on a running service, and the people in it are real."""

import asyncio
import json
from dataclasses import replace
from pathlib import Path

import pytest

from signing.cli import main
from signing.commandline.bench.load import bare, clients, dispatching
from signing.commandline.bench.load.crowd import INSTITUTION, gather, open_app
from signing.commandline.bench.load.process import serving
from signing.commandline.bench.queue import Memory, Served, dispatches, rings
from signing.domain.errors import OutsideError
from signing.domain.party import PartyState
from signing.domain.phase import has_reached
from signing.domain.queue import Priority
from signing.domain.seat import SeatState


@pytest.mark.timeout(480)
@pytest.mark.parametrize("database", ["sqlite", "postgresql"])
def test_every_figure_is_measured(
    database: str, request: pytest.FixtureRequest, capsys: pytest.CaptureFixture[str]
) -> None:
    where = [] if database == "sqlite" else ["--database", request.getfixturevalue("postgres_database")]
    size = ["--seats", "3", "--customers", "60", "--branches", "1", "--talk", "0.5", "--seconds", "6"]
    code = main(["bench", "queue", *size, "--json", *where])
    rows = json.loads(capsys.readouterr().out)["rows"]
    measured = {row["goal"]: row["ours"] for row in rows}
    assert measured.pop("被拒绝的请求") == 0
    assert measured["接通"] >= 3
    assert code == any(row["met"] is False for row in rows), "a slow machine may miss an aim, and then it says so"
    assert 0 < measured["每部在线手机占用内存（60 部）"] < 500
    assert all(measured[goal] > 0 for goal in measured if goal.startswith(("示闲", "派号", "服务", "推送")))
    anchored = [row for row in rows if row["goal"].startswith(("席位", "示闲", "派号"))]
    assert len(anchored) == 7
    assert all(row["anchor"] > 0 for row in anchored)


def test_where_nothing_rang_the_aim_is_missed() -> None:
    nothing = Served(Memory(100, 100, 1), [], [0.001], 0, 0.0, 0.0)
    assert {row.goal[-3:]: row.met for row in rings(nothing) if row.target} == {"p99": False}
    quick = rings(replace(nothing, turns=[clients.Turn(0.2, 0.1)]))
    assert {row.goal[-3:]: row.met for row in quick if row.target} == {"p99": True}
    slow = rings(replace(nothing, turns=[clients.Turn(9.0, 8.0)]))
    assert {row.met for row in slow if row.target} == {False}


def test_dispatching_is_held_against_what_its_name_says() -> None:
    single, together, alike = dispatches(dispatching.Rates(400.0, 90.0, 50), 200.0, 3000.0)
    assert (single.met, single.anchor, together.met, together.anchor) == (False, 200.0, True, 200.0)
    assert "每次提交一个" in single.goal
    assert "至多 50 个" in together.goal
    assert (alike.anchor, alike.met) == (3000.0, None)
    assert "同样成批" in alike.goal


def test_the_people_are_ready_and_logged_in(tmp_path: Path) -> None:
    crowd = gather(tmp_path / "data", "", branches=2, seats=3, customers=8)
    assert {place.branch_id for place in crowd.places} == {guest.branch_id for guest in crowd.guests}
    app = open_app(tmp_path / "data")
    try:
        agent = app.queries.authenticate(crowd.places[0].token)
        assert (agent.role, agent.seat_id) == ("agent", crowd.places[0].seat_id)
        guest = app.queries.authenticate(crowd.guests[7].token)
        shown = app.queries.phone(guest)
        assert has_reached(shown.party, PartyState.READY)
        assert shown.party.party_id == crowd.guests[7].party_id
        assert shown.case.documents[0].signer_party_ids == (shown.party.party_id,)
        with app.services.db.read() as unit:
            tickets = unit.queue.open_tickets(INSTITUTION)
        assert [ticket.party_id for ticket in tickets] == [one.party_id for one in crowd.guests]
        assert sum(ticket.priority is Priority.ELDER for ticket in tickets) == 2
    finally:
        asyncio.run(app.close())


def test_dispatching_is_counted_by_its_offers(tmp_path: Path) -> None:
    crowd = gather(tmp_path / "data", "", branches=1, seats=2, customers=3)
    found = dispatching.rates(tmp_path / "data", "", crowd, 0.0)
    assert found.saturated > 0
    assert found.single > 0
    app = open_app(tmp_path / "data")
    with app.services.db.read() as unit:
        states = [unit.queue.seat(place.seat_id).state for place in crowd.places]
    app.engine.dispose()
    assert sorted(states) == [SeatState.ON_CALL, SeatState.RINGING], "one seat was free in the last dispatch"


def test_the_bare_rate_leaves_nothing_behind(postgres_database: str, tmp_path: Path) -> None:
    assert bare.rate(tmp_path, postgres_database, 20) > 0
    assert bare.rate(tmp_path, postgres_database, 20) > 0, "again in the same database"
    assert bare.rate(tmp_path, "", 20) > 0
    assert bare.rate(tmp_path, "", 300, 50) > bare.rate(tmp_path, "", 300), "one commit for fifty is dearer once"


async def test_a_line_says_hello_and_notes_what_it_is_sent(tmp_path: Path) -> None:
    crowd = await asyncio.to_thread(gather, tmp_path / "data", "", branches=1, seats=1, customers=1)
    with serving(tmp_path / "data") as process:
        assert process.resident_kilobytes() > 10_000
        phones = clients.phone_lines(process.sockets, crowd.guests)
        async with clients.connected(phones):
            assert phones[0].frames >= 1
            for _ in range(600):
                await asyncio.sleep(0.05)
                if phones[0].round_trips:
                    break
            assert phones[0].round_trips
        process.kill()
        assert process.child.returncode == -9


def test_a_service_that_does_not_start_is_said(tmp_path: Path) -> None:
    with pytest.raises(OutsideError, match="服务没有启动"), serving(tmp_path / "data", ["--database", "nonsense"]):
        raise AssertionError("it must not listen")
    assert (tmp_path / "serve.log").read_text(encoding="utf-8")
