"""Coming and going, with patience: a real event loop, graces of milliseconds."""

import asyncio
from datetime import UTC, datetime
from typing import Any

import pytest

from signing.domain.call import Call, Leg
from signing.domain.errors import ConflictError
from signing.service.commands import SYSTEM, Actor, Command, DropLeg, LoseSeat, SetPhonePresence
from signing.web import presence
from signing.web.presence import Presence

CUSTOMER = Actor("party", "party_1", "customer", "inst_1", "王建国", case_id="case_1")


class Service:
    """Keeps what it was asked to do; a live call until it is dropped."""

    def __init__(self) -> None:
        self.asked: list[Command] = []
        self.refuse = False

    async def execute(self, command: Command) -> Any:
        self.asked.append(command)
        if self.refuse:
            raise ConflictError("没有")

    async def live_call(self, actor: Actor) -> str | None:
        return "call_1"

    def kinds(self) -> list[type[Command]]:
        return [type(command) for command in self.asked]


@pytest.fixture
def service() -> Service:
    return Service()


@pytest.fixture
def there(service: Service, monkeypatch: pytest.MonkeyPatch) -> Presence:
    monkeypatch.setattr(presence, "SEAT_GRACE_SECONDS", 0.05)
    monkeypatch.setattr(presence, "CALL_GRACE_SECONDS", 0.05)
    return Presence(service.execute, service.live_call)


async def test_a_seat_that_stays_away_is_lost(service: Service, there: Presence) -> None:
    there.seat("seat_07", there=False)
    await asyncio.sleep(0.02)
    assert service.asked == []
    await asyncio.sleep(0.08)
    assert service.kinds() == [LoseSeat]
    await there.tasks.close()


async def test_a_seat_that_comes_back_in_time_is_kept(service: Service, there: Presence) -> None:
    there.seat("seat_07", there=False)
    await asyncio.sleep(0.02)
    there.seat("seat_07", there=True)
    await asyncio.sleep(0.08)
    assert service.asked == []
    await there.tasks.close()


async def test_a_phone_is_marked_at_once_and_its_call_dropped_after_the_grace(
    service: Service, there: Presence
) -> None:
    there.phone(CUSTOMER, there=False)
    await asyncio.sleep(0.02)
    assert service.asked == [SetPhonePresence(CUSTOMER, False)]
    await asyncio.sleep(0.08)
    assert service.kinds() == [SetPhonePresence, DropLeg]
    await there.tasks.close()


async def test_a_phone_that_comes_back_keeps_its_call(service: Service, there: Presence) -> None:
    there.phone(CUSTOMER, there=False)
    await asyncio.sleep(0.02)
    there.phone(CUSTOMER, there=True)
    await asyncio.sleep(0.08)
    assert service.asked == [SetPhonePresence(CUSTOMER, False), SetPhonePresence(CUSTOMER, True)]
    await there.tasks.close()


async def test_closing_leaves_nothing_behind(service: Service, there: Presence) -> None:
    there.phone(CUSTOMER, there=False)
    there.seat("seat_07", there=False)
    await there.tasks.close()
    await asyncio.sleep(0.08)
    assert DropLeg not in service.kinds()
    assert LoseSeat not in service.kinds()


async def test_a_refused_command_ends_quietly(service: Service, there: Presence) -> None:
    service.refuse = True
    there.seat("seat_07", there=False)
    await asyncio.sleep(0.1)
    assert service.kinds() == [LoseSeat]
    await there.tasks.close()


BEGAN = datetime(2026, 11, 24, tzinfo=UTC)
CALL = Call("call_1", "case_1", "seat_07", "staff_1", "张秀英", BEGAN)
LEGS = [Leg(f"leg_{n}", "call_1", "case_1", f"party_{n}", f"tic_{n}", BEGAN, BEGAN) for n in (1, 2)]


async def test_after_a_restart_a_call_goes_on_with_those_who_report(
    service: Service, there: Presence, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(presence, "RESTART_GRACE_SECONDS", 0.05)
    there.expect(CALL, LEGS)
    there.seat("seat_07", there=True)
    there.phone(CUSTOMER, there=True)
    await asyncio.sleep(0.1)
    assert service.asked == [SetPhonePresence(CUSTOMER, True), DropLeg(SYSTEM, "call_1", "party_2")]
    await there.tasks.close()


async def test_after_a_restart_a_customer_who_does_not_report_leaves_the_call(
    service: Service, there: Presence, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(presence, "RESTART_GRACE_SECONDS", 0.05)
    there.expect(CALL, LEGS)
    there.seat("seat_07", there=True)
    await asyncio.sleep(0.1)
    assert service.asked == [DropLeg(SYSTEM, "call_1", leg.party_id) for leg in LEGS]
    await there.tasks.close()
