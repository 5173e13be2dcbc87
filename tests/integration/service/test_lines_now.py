"""How the lines of a call are just now: told by its seat, shown on the board, on no record, and forgotten."""

from collections.abc import AsyncIterator
from dataclasses import dataclass
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest

from signing.domain.call import Call
from signing.domain.errors import ConflictError, InputError, NotFound, NotPermitted
from signing.domain.line import FORGOTTEN, CallLines, LineNow
from signing.domain.quality import Cause
from signing.service import commands as c
from signing.service.board import board
from signing.service.commands import Actor
from signing.service.quality_commands import TellLines
from signing.service.store import Changes
from signing.web.app import topics_of
from signing.web.views.board import board_view
from signing.wire.board import BoardLine
from signing.wire.quality import LineCause
from tests.integration.service.county import FAR, County
from tests.integration.service.office import SteppedClock, open_app


@dataclass
class Talk:
    """A live call of one customer at one seat."""

    county: County
    agent: Actor
    customer: Actor
    call: Call

    def line(self, bars: int = 4, cause: Cause = Cause.FINE) -> LineNow:
        return LineNow(self.customer.actor_id, bars, cause)

    def telling(self, *lines: LineNow, by: Actor | None = None) -> TellLines:
        return TellLines(by or self.agent, self.call.call_id, lines)

    async def tell(self, *lines: LineNow, by: Actor | None = None) -> bool:
        return bool(await self.county.do(self.telling(*lines, by=by)))

    def kept(self, call_id: str = "") -> CallLines | None:
        found: CallLines | None = self.county.look(lambda unit: unit.lines.of(call_id or self.call.call_id))
        return found

    def put(self, *lines: CallLines) -> None:
        with self.county.app.services.db.write() as unit:
            for one in lines:
                unit.lines.save(one)

    def on_board(self) -> list[BoardLine | None]:
        chief = self.county.staff("chief", role="supervisor", seated=False)
        (call,) = board_view(board(self.county.app.services, chief), [], []).calls
        return [party.line for party in call.parties]

    def record(self) -> object:
        def look(unit: Any) -> object:
            case_id = self.call.case_id
            return unit.cases.get(case_id), [event.type for event in unit.cases.events(case_id)]

        return self.county.look(look)


@pytest.fixture
async def talk(tmp_path: Path) -> AsyncIterator[Talk]:
    clock = SteppedClock()
    county = County(open_app(tmp_path / "data", clock=clock, identity=object()), clock)
    county.set_up()
    agent, customer = county.staff("one"), county.customer("first")
    await county.free(agent)
    await county.join(customer)
    await county.rings(seconds=1)
    call = await county.answer(agent)
    yield Talk(county, agent, customer, call)
    await county.app.close()


async def test_a_line_is_on_the_board_and_on_no_record(talk: Talk) -> None:
    before = talk.record()
    assert talk.on_board() == [None], "nothing is claimed before it was told"
    assert await talk.tell(talk.line(1, Cause.LOSSY))
    was = talk.kept()
    assert was is not None
    assert talk.on_board() == [BoardLine(bars=1, cause=LineCause.LOSSY, told_at=was.told_at)]
    assert talk.record() == before
    talk.county.clock.pass_by(seconds=20)
    assert await talk.tell()
    assert talk.on_board() == [None], "of whom nothing was measured nothing is said"


async def test_what_comes_too_soon_is_passed_over(talk: Talk) -> None:
    soon = talk.county.clock.now() + timedelta(minutes=5)  # however slow this machine is
    just_now = CallLines(talk.call.call_id, soon, (talk.line(),))
    talk.put(just_now)
    assert not await talk.tell(talk.line(0, Cause.BROKEN))
    assert talk.kept() == just_now
    talk.county.clock.pass_by(minutes=6)
    assert await talk.tell(talk.line(0, Cause.BROKEN))


async def test_boards_are_woken_where_a_word_changes_and_nobody_else(talk: Talk) -> None:
    woken: list[Changes] = []
    talk.county.app.services.db.on_commit = woken.append  # type: ignore[attr-defined]
    for line in (talk.line(), talk.line(), talk.line(1, Cause.LOSSY)):
        talk.county.clock.pass_by(seconds=20)
        assert await talk.tell(line)
    assert [topics_of(changes) for changes in woken] == [{talk.call.call_id}, {talk.call.call_id}]


async def test_only_the_agent_of_the_live_call_tells_and_only_of_who_is_in_it(talk: Talk) -> None:
    county, line = talk.county, talk.line()
    refused = [
        (county.staff("two"), NotPermitted),
        (county.staff("chief", role="supervisor"), NotPermitted),
        (county.staff("lin", role="auditor"), NotPermitted),
        (county.staff("far", FAR), NotFound),
        (talk.customer, NotPermitted),
    ]
    for other, kind in refused:
        with pytest.raises(kind):
            await talk.tell(line, by=other)
    for lines in ((LineNow("party_other", 4, Cause.FINE),), (line, line)):
        with pytest.raises(InputError, match="不在这次通话"):
            await talk.tell(*lines)
    await county.do(c.HangUp(talk.agent, talk.call.call_id, "信号太差"))
    with pytest.raises(ConflictError, match="已经结束"):
        await talk.tell(line)
    assert talk.kept() is None


async def test_what_nobody_looks_at_any_more_is_forgotten(talk: Talk) -> None:
    now, line = talk.county.clock.now(), talk.line()
    talk.put(
        CallLines("long_ago", now - FORGOTTEN - timedelta(seconds=1), (line,)), CallLines("just_now", now, (line,))
    )
    await talk.tell(line)
    assert talk.kept("long_ago") is None
    assert talk.kept("just_now") is not None
    assert talk.county.look(lambda unit: unit.lines.several([])) == {}
