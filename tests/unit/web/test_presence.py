"""Coming and going, with patience: a real event loop, graces of milliseconds."""

import asyncio
from collections.abc import Callable
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from typing import Any

import pytest

from signing.domain.call import Call, Leg
from signing.domain.errors import ConflictError, KeyMissing, OutsideError
from signing.service.commands import SYSTEM, Actor, Command, DropLeg, LoseSeat, SetPhonePresence, StopListening
from signing.service.sharing import LiveSocket
from signing.web import presence
from signing.web.presence import Presence

CUSTOMER = Actor("party", "party_1", "customer", "inst_1", "王建国", case_id="case_1")


AGENT = Actor("staff", "staff_1", "agent", "inst_1", "张秀英", "seat_07")
CHIEF = Actor("staff", "staff_9", "supervisor", "inst_1", "陈主管")
SEAT, PHONE, BOARD = ("seat:seat_07", "a", AGENT), ("party:party_1", "b", CUSTOMER), ("staff:staff_9", "c", CHIEF)


async def until(ready: Callable[[], bool]) -> None:
    """However slow the machine is."""
    async with asyncio.timeout(20):
        while not ready():  # noqa: ASYNC110 - nothing tells of it
            await asyncio.sleep(0.01)


class Service:
    """Keeps what it was asked to do; a live call until it is dropped."""

    def __init__(self) -> None:
        self.asked: list[Command] = []
        self.refuse = False
        self.open: dict[str, str] = {}
        self.forgotten: list[str] = []
        self.away = 0
        self.failing = 0
        self.silent = 0
        self.slow: list[float] = []
        self.threads: list[asyncio.Task[None]] = []

    async def execute(self, command: Command) -> Any:
        if self.failing:
            self.failing -= 1
            raise OutsideError("数据库忙或不可用")
        self.threads.append(asyncio.create_task(self._commit(command, self.slow.pop(0) if self.slow else 0)))
        await asyncio.shield(self.threads[-1])

    async def _commit(self, command: Command, seconds: float) -> None:
        """Goes on, as a thread does, where whoever asked is cancelled."""
        if seconds:
            await asyncio.sleep(seconds)
        self.asked.append(command)
        if self.refuse:
            raise ConflictError("没有")

    async def live_call(self, actor: Actor) -> str | None:
        if self.silent:
            self.silent -= 1
            raise OutsideError("数据库忙或不可用")
        return "call_1"

    async def join(self, key: str, link_id: str, owner: Actor) -> None:
        self.open[key] = link_id

    async def part(self, key: str, link_id: str) -> bool:
        """As where several services share a database: a key that another link has is no longer ours to mourn."""
        if self.open.get(key, link_id) != link_id:
            return False
        self.open.pop(key, None)
        return True

    async def is_gone(self, key: str, link_id: str | None) -> bool:
        if self.away:
            self.away -= 1
            raise OutsideError("数据库忙或不可用")
        return key not in self.open

    async def forget(self, key: str, link_id: str) -> None:
        self.forgotten.append(key)

    def kinds(self) -> list[type[Command]]:
        return [type(command) for command in self.asked]


@pytest.fixture
def service() -> Service:
    return Service()


@pytest.fixture
def there(service: Service, monkeypatch: pytest.MonkeyPatch) -> Presence:
    monkeypatch.setattr(presence, "SEAT_GRACE_SECONDS", 0.05)
    monkeypatch.setattr(presence, "CALL_GRACE_SECONDS", 0.05)
    return Presence(service.execute, service.live_call, service)


async def test_a_seat_that_stays_away_is_lost(service: Service, there: Presence) -> None:
    there.went(*SEAT)
    await asyncio.sleep(0.02)
    assert service.asked == []
    await until(lambda: service.kinds() == [LoseSeat])
    await there.tasks.close()


async def test_a_seat_that_comes_back_in_time_is_kept(service: Service, there: Presence) -> None:
    there.went(*SEAT)
    await asyncio.sleep(0.02)
    there.came(*SEAT)
    await asyncio.sleep(0.08)
    assert service.asked == []
    await there.tasks.close()


async def test_a_seat_in_a_call_is_held_longer_and_one_without_is_not(
    service: Service, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(presence, "SEAT_GRACE_SECONDS", 0.02)
    monkeypatch.setattr(presence, "SEAT_HELD_SECONDS", 0.5)
    monkeypatch.setattr(presence, "CARRIED_SECONDS", 0.02)
    calls: list[str | None] = ["call_1"]

    async def seat_call(owner: Actor) -> str | None:
        assert owner.seat_id is not None
        return calls[0]

    there = Presence(service.execute, service.live_call, service, seat_work=seat_call)
    began = asyncio.get_running_loop().time()
    there.went(*SEAT)
    await until(lambda: service.kinds() == [LoseSeat])
    assert asyncio.get_running_loop().time() - began >= 0.5
    service.asked.clear()
    monkeypatch.setattr(presence, "SEAT_HELD_SECONDS", 60.0)
    there.went(*SEAT)
    await asyncio.sleep(0.1)
    assert service.asked == []
    calls[0] = None  # somebody ended the call: what is left is a seat like any other
    await until(lambda: service.kinds() == [LoseSeat])
    there.went(*SEAT, lost=False)
    await until(lambda: service.kinds() == [LoseSeat, LoseSeat])
    await there.tasks.close()


async def test_a_phone_is_marked_at_once_and_its_call_dropped_after_the_grace(
    service: Service, there: Presence
) -> None:
    there.went(*PHONE)
    await until(lambda: bool(service.asked))
    assert service.asked[0] == SetPhonePresence(CUSTOMER, False)
    await until(lambda: service.kinds() == [SetPhonePresence, DropLeg])
    await there.tasks.close()


async def test_a_phone_that_comes_back_keeps_its_call(service: Service, there: Presence) -> None:
    there.went(*PHONE)
    await asyncio.sleep(0.02)
    there.came(*PHONE)
    await until(lambda: service.asked == [SetPhonePresence(CUSTOMER, False), SetPhonePresence(CUSTOMER, True)])
    await there.tasks.close()


async def test_closing_leaves_nothing_behind(service: Service, there: Presence) -> None:
    there.went(*PHONE)
    there.went(*SEAT)
    await there.tasks.close()
    await asyncio.sleep(0.08)
    assert DropLeg not in service.kinds()
    assert LoseSeat not in service.kinds()


async def test_a_refused_command_ends_quietly(service: Service, there: Presence) -> None:
    service.refuse = True
    there.went(*SEAT)
    await until(lambda: service.kinds() == [LoseSeat])
    await there.tasks.close()


BEGAN = datetime(2026, 11, 24, tzinfo=UTC)
CALL = Call("call_1", "case_1", "seat_07", "staff_1", "张秀英", BEGAN)
LEGS = [Leg(f"leg_{n}", "call_1", "case_1", f"party_{n}", f"tic_{n}", BEGAN, BEGAN) for n in (1, 2)]


async def test_after_a_restart_a_call_goes_on_with_those_who_report(
    service: Service, there: Presence, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(presence, "RESTART_GRACE_SECONDS", 0.05)
    there.expect(CALL, LEGS)
    there.came(*SEAT)
    there.came(*PHONE)
    await until(lambda: service.asked == [SetPhonePresence(CUSTOMER, True), DropLeg(SYSTEM, "call_1", "party_2")])
    await there.tasks.close()


async def test_after_a_restart_a_customer_who_does_not_report_leaves_the_call(
    service: Service, there: Presence, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(presence, "RESTART_GRACE_SECONDS", 0.05)
    there.expect(CALL, LEGS)
    there.came(*SEAT)
    await until(lambda: service.asked == [DropLeg(SYSTEM, "call_1", leg.party_id) for leg in LEGS])
    await there.tasks.close()


async def test_who_is_connected_to_another_service_by_now_is_not_missed(service: Service, there: Presence) -> None:
    service.open = {"seat:seat_07": "newer", "party:party_1": "newer"}
    there.went(*SEAT)
    there.went(*PHONE)
    await asyncio.sleep(0.1)
    assert service.asked == []
    await there.tasks.close()


async def test_who_comes_to_another_service_within_the_grace_is_kept(service: Service, there: Presence) -> None:
    there.went(*SEAT)
    await asyncio.sleep(0.02)
    service.open["seat:seat_07"] = "newer"
    await asyncio.sleep(0.08)
    assert service.asked == []
    await there.tasks.close()


async def test_a_supervisor_who_is_gone_hears_nothing_any_more(service: Service, there: Presence) -> None:
    there.went(*BOARD)
    await until(lambda: service.kinds() == [StopListening])
    await until(lambda: service.forgotten == ["staff:staff_9"])
    await there.tasks.close()


@pytest.mark.parametrize("talking", [True, False])
async def test_the_sockets_of_a_dead_service_are_looked_after(
    service: Service, there: Presence, monkeypatch: pytest.MonkeyPatch, talking: bool
) -> None:
    """Who talks has the time of a restart, who does not only that of a lost socket."""
    monkeypatch.setattr(presence, "RESTART_GRACE_SECONDS", 0.3)
    orphans = [LiveSocket(*one[:2], "rep_dead", one[2], open=False) for one in (SEAT, PHONE)]
    there.adopt(orphans, {"seat_07"} if talking else set())
    await until(lambda: service.kinds() == [SetPhonePresence] + ([] if talking else [LoseSeat]))
    service.open["party:party_1"] = "newer"
    await until(lambda: service.kinds() == [SetPhonePresence, LoseSeat])  # the phone is back, at whatever service
    await there.tasks.close()


async def test_what_has_to_follow_follows_once_the_database_answers(
    service: Service, there: Presence, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(presence, "AGAIN_SECONDS", 0.02)
    service.away, service.failing = 2, 2
    there.went(*SEAT)
    await until(lambda: service.kinds() == [LoseSeat])
    await there.tasks.close()


async def test_calls_that_the_dead_service_was_waiting_for_are_waited_for_here(
    service: Service, there: Presence, monkeypatch: pytest.MonkeyPatch
) -> None:
    """It was killed while both ends still had to report to it: neither has a socket on the list."""
    monkeypatch.setattr(presence, "RESTART_GRACE_SECONDS", 0.05)
    there.expect(CALL, LEGS[:1])
    there.adopt([LiveSocket(*SEAT[:2], "rep_dead", SEAT[2], open=False)], {"seat_07"})
    await until(lambda: sorted(kind.__name__ for kind in service.kinds()) == ["DropLeg", "LoseSeat"])
    await until(lambda: service.forgotten == ["seat:seat_07"])
    await there.tasks.close()


async def test_a_page_that_is_loaded_again_is_there_at_the_end(service: Service, there: Presence) -> None:
    """The first command is still on its way when its task is replaced."""
    service.slow = [0.05]
    there.went(*PHONE)
    await asyncio.sleep(0.01)
    there.came(*PHONE)
    await until(lambda: len(service.asked) >= 2)
    assert service.asked == [SetPhonePresence(CUSTOMER, False), SetPhonePresence(CUSTOMER, True)]
    await there.tasks.close()


async def test_of_many_reloads_only_the_last_waits_for_its_turn(
    service: Service, there: Presence, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(presence, "CALL_GRACE_SECONDS", 60.0)
    service.slow = [0.5]
    there.went(*PHONE)
    for _ in range(3):
        await asyncio.sleep(0.005)
        there.came(*PHONE)
        await asyncio.sleep(0.005)
        there.went(*PHONE)
    await until(lambda: len(service.asked) >= 2)
    assert service.asked[:2] == [SetPhonePresence(CUSTOMER, False)] * 2
    await there.tasks.close()


async def test_another_phone_waits_for_nobody(service: Service, there: Presence) -> None:
    service.slow = [1.0]
    there.went(*PHONE)
    await until(lambda: bool(service.threads))
    another = replace(CUSTOMER, actor_id="party_2")
    there.came("party:party_2", "z", another)
    await until(lambda: bool(service.asked))
    assert service.asked == [SetPhonePresence(another, True)]
    await asyncio.gather(*service.threads)
    await there.tasks.close()


async def test_a_call_is_dropped_also_where_the_database_was_away_when_it_was_looked_for(
    service: Service, there: Presence, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(presence, "AGAIN_SECONDS", 0.02)
    service.silent = 2
    there.went(*PHONE)
    await until(lambda: service.kinds() == [SetPhonePresence, DropLeg])
    await until(lambda: service.forgotten == ["party:party_1"])
    await there.tasks.close()


async def test_who_is_reported_anew_is_there_again(service: Service, there: Presence) -> None:
    there.returned(PHONE[0], PHONE[2])
    there.returned(SEAT[0], SEAT[2])
    await until(lambda: service.asked == [SetPhonePresence(CUSTOMER, True)])
    await there.tasks.close()


async def test_who_came_back_while_told_away_is_told_there(service: Service, there: Presence) -> None:
    """Another service buries ours, and the phone is back on the list before it has said that it is away."""
    service.slow = [0.05]
    there.adopt([LiveSocket(*PHONE[:2], "rep_dead", PHONE[2], open=False)], set())
    await asyncio.sleep(0.02)
    service.open["party:party_1"] = "b"
    await until(lambda: service.asked == [SetPhonePresence(CUSTOMER, False), SetPhonePresence(CUSTOMER, True)])
    await there.tasks.close()


async def test_a_case_that_cannot_be_opened_is_an_answer_and_not_asked_again(
    service: Service, there: Presence, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(presence, "AGAIN_SECONDS", 0.01)
    asked: list[Command] = []

    async def keyless(command: Command) -> None:
        asked.append(command)
        raise KeyMissing("没有密钥，打不开这笔业务")

    there.execute = keyless
    there.went(*PHONE)
    await until(lambda: service.forgotten == ["party:party_1"])
    await asyncio.sleep(0.1)
    assert [type(command) for command in asked] == [SetPhonePresence, DropLeg]
    await there.tasks.close()


@dataclass
class Media:
    """What the other end of a call says; a number of looks for which it goes on saying it."""

    looks: int

    async def __call__(self, owner: Actor) -> bool:
        self.looks -= 1
        return self.looks >= 0


@pytest.mark.parametrize("who", [PHONE, SEAT])
async def test_a_call_outlives_a_socket_as_long_as_its_media_does(
    service: Service, there: Presence, monkeypatch: pytest.MonkeyPatch, who: tuple[str, str, Actor]
) -> None:
    monkeypatch.setattr(presence, "CARRIED_SECONDS", 0.05)
    there.carries = media = Media(4)
    there.went(*who)
    await asyncio.sleep(0.15)
    assert not {DropLeg, LoseSeat} & set(service.kinds()), "picture and sound come"
    await until(lambda: media.looks < 0)
    await until(lambda: bool({DropLeg, LoseSeat} & set(service.kinds())))
    await there.tasks.close()


async def test_who_comes_back_while_the_media_goes_on_is_kept(
    service: Service, there: Presence, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(presence, "CARRIED_SECONDS", 0.02)
    there.carries = Media(1000)
    there.went(*PHONE)
    await asyncio.sleep(0.12)
    there.came(*PHONE)
    await asyncio.sleep(0.12)
    assert DropLeg not in service.kinds()
    await there.tasks.close()


async def test_who_said_goodbye_is_dropped_whatever_still_comes(service: Service, there: Presence) -> None:
    there.carries = Media(1000)
    there.went(*PHONE, lost=False)
    await until(lambda: DropLeg in service.kinds())
    await there.tasks.close()


async def test_media_alone_does_not_hold_a_call_for_ever(
    service: Service, there: Presence, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(presence, "CARRIED_SECONDS", 0.02)
    monkeypatch.setattr(presence, "LONGEST_CARRIED_SECONDS", 0.1)
    there.carries = Media(1000)
    there.went(*SEAT)
    await until(lambda: bool(service.asked))
    assert service.kinds() == [LoseSeat]
    await there.tasks.close()
