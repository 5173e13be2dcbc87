"""What is over is forgotten after its time, on both databases; what still counts stays."""

import asyncio
from datetime import timedelta

import pytest

from signing.bootstrap import App
from signing.domain.errors import NotLoggedIn, TooMany
from signing.domain.lockout import Tries
from signing.service import commands as c
from signing.service.account_commands import Sweep
from signing.service.commands import BEARER, SYSTEM
from signing.service.handlers.log_in import count_try
from signing.service.handlers.sweeping import AT_ONCE
from tests.integration.service.office import SteppedClock, last_code, log_in, open_case
from tests.postgres import both_databases

pytestmark = both_databases


async def sweep(app: App) -> int:
    swept: int = await app.bus.execute(Sweep(SYSTEM))
    return swept


async def test_tries_are_forgotten_a_day_after_the_last_lock(app: App, clock: SteppedClock) -> None:
    for _ in range(5):
        count_try(app.services, "nobody", "")
    count_try(app.services, "another", "")
    assert await sweep(app) == 0
    with pytest.raises(TooMany):
        count_try(app.services, "nobody", "")
    clock.pass_by(hours=24, minutes=1)
    assert await sweep(app) == 1, "the lock ended a quarter of an hour later"
    clock.pass_by(minutes=15)
    count_try(app.services, "another", "")
    assert await sweep(app) == 1
    with app.services.db.read() as unit:
        assert unit.accounts.tries(count_try(app.services, "another", "").who).failed_at, "who comes back counts"


async def test_codes_and_sessions_go_and_until_then_a_session_says_why_it_is_over(
    app: App, clock: SteppedClock
) -> None:
    _, link = await open_case(app, await log_in(app))
    await app.bus.execute(c.SendCode(BEARER, link))
    token, until = await app.bus.execute(c.RedeemCode(BEARER, link, last_code(app)))
    live = app.queries.authenticate(token)
    assert await sweep(app) == 0
    clock.pass_by(days=2)
    assert await sweep(app) == 1, "the code"
    assert app.queries.authenticate(token) == live
    clock.pass_by(days=29)
    assert await sweep(app) == 1, "the agent's session"
    with pytest.raises(NotLoggedIn):
        app.queries.authenticate(token)
    clock.pass_by(days=3)
    assert await sweep(app) == 1
    assert until < clock.now() - timedelta(days=30)


async def test_a_run_is_bounded_and_several_at_once_do_each_row_once(app: App, clock: SteppedClock) -> None:
    for number in range(AT_ONCE + 40):
        with app.services.db.write() as unit:
            who = app.services.secrets.digest("account", str(number))
            unit.accounts.save_tries(who, Tries((clock.now(),)))
    clock.pass_by(days=2)
    counts = await asyncio.gather(*(sweep(app) for _ in range(3)))
    assert max(counts) <= AT_ONCE
    assert sum(counts) + await sweep(app) == AT_ONCE + 40
