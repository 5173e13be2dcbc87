"""Two real ICE agents on sockets of this machine, whose checks and answers get lost."""

import asyncio
import random
import time
from typing import Any

import pytest
from aioice import stun
from aioice.ice import StunProtocol
from aiortc import RTCIceGatherer, RTCIceTransport

from media.rtc import checking, names
from media.rtc.checking import APART_SECONDS, Checks, Turns
from media.rtc.names import Check


class Socket:
    """Keeps what is sent again."""

    def __init__(self) -> None:
        self.sent: list[stun.Message] = []

    def send_stun(self, message: stun.Message, address: tuple[str, int]) -> None:
        self.sent.append(message)


def check(name: bytes) -> Check:
    message = stun.Message(message_method=stun.Method.BINDING, message_class=stun.Class.REQUEST)
    socket: Any = Socket()
    return Check(name, (socket, ("192.0.2.1", 9)), message)


def test_nothing_is_due_of_nothing() -> None:
    assert Turns(0.1).due([], 5.0) is None


def test_a_check_first_seen_is_due_after_its_time_and_then_again() -> None:
    turns, one = Turns(0.1), check(b"one")
    assert turns.due([one], 5.0) is None
    assert turns.due([one], 5.05) is None
    assert turns.due([one], 5.15) == one
    turns.sent(one, 5.15)
    assert turns.due([one], 5.2) is None
    assert turns.due([one], 5.2, 0.03) == one, "the other end has just shown that the way is open"
    assert turns.due([one], 5.3) == one


def test_each_of_several_has_its_turn() -> None:
    turns, several = Turns(0.1), [check(bytes([number])) for number in range(5)]
    order = []
    for step in range(40):
        now = 5.0 + 0.05 * step
        if (due := turns.due(several, now)) is not None:
            turns.sent(due, now)
            order.append(due.id)
    assert len(order) >= 35
    assert max(order.count(one.id) for one in several) - min(order.count(one.id) for one in several) <= 1


def test_one_that_was_answered_is_not_sent_again() -> None:
    turns, one, other = Turns(0.1), check(b"one"), check(b"other")
    turns.due([one, other], 5.0)
    assert turns.due([other], 6.0) == other


def test_a_check_is_sent_as_it_is() -> None:
    one = check(b"one")
    one.send()
    socket: Any = one.way[0]
    assert socket.sent == [one.message]


class Lossy:
    """Both ends on one line; ``share`` of their datagrams is lost."""

    def __init__(self, seed: int, share: float) -> None:
        self._chance = random.Random(seed)
        self._share = share
        self.requests: list[bytes] = []

    def on(self, transport: RTCIceTransport) -> None:
        for protocol in transport._connection._protocols:
            self._lose(protocol)

    def _lose(self, protocol: StunProtocol) -> None:
        send = protocol.send_stun

        def lossy(message: stun.Message, addr: tuple[str, int]) -> None:
            if message.message_class is stun.Class.REQUEST:
                self.requests.append(message.transaction_id)
            if self._chance.random() >= self._share:
                send(message, addr)

        protocol.send_stun = lossy  # type: ignore[method-assign]


async def ends(line: Lossy, *, eager: bool = True) -> list[RTCIceTransport]:
    made = [RTCIceTransport(RTCIceGatherer(iceServers=[])) for _ in range(2)]
    made[0]._connection.ice_controlling = True
    for transport in made:
        if eager:
            Checks(transport)
        await transport.iceGatherer.gather()
        line.on(transport)
    for transport, other in zip(made, reversed(made), strict=True):
        for candidate in other.iceGatherer.getLocalCandidates():
            await transport.addRemoteCandidate(candidate)
        await transport.addRemoteCandidate(None)
    return made


async def found(seed: int, share: float, *, eager: bool = True) -> tuple[float, Lossy]:
    """Seconds until both ends have their path; without ``eager`` by aioice's own timers."""
    line = Lossy(seed, share)
    made = await ends(line, eager=eager)
    began = time.monotonic()
    told = [transport.iceGatherer.getLocalParameters() for transport in reversed(made)]
    try:
        await asyncio.gather(*(transport.start(other) for transport, other in zip(made, told, strict=True)))
        took = time.monotonic() - began
        assert [transport.state for transport in made] == ["completed", "completed"]
    finally:
        await asyncio.gather(*(transport.stop() for transport in made))
    return took, line


async def race(count: int, share: float) -> int:
    """How many of as many pairs that keep aioice's own timers have their path once all of ours have theirs."""
    own = [asyncio.create_task(found(number, share, eager=False)) for number in range(count)]
    try:
        await asyncio.gather(*(found(number, share) for number in range(count)))
        return sum(task.done() and task.exception() is None for task in own)
    finally:
        for task in own:
            task.cancel()
        await asyncio.gather(*own, return_exceptions=True)


async def test_where_a_fifth_is_lost_all_are_there() -> None:
    async with asyncio.timeout(90):
        await race(20, 0.2)


async def test_where_half_is_lost_all_are_there_before_most_by_aioice_s_timers() -> None:
    async with asyncio.timeout(90):
        assert await race(12, 0.5) <= 6


async def test_where_nothing_is_lost_hardly_anything_is_sent_twice() -> None:
    async with asyncio.timeout(30):
        _, line = await found(1, 0.0)
    assert len(line.requests) <= 2 * len(set(line.requests))


async def test_nobody_there_is_asked_for_a_while_only(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(checking, "EAGER_SECONDS", 0.6)
    line = Lossy(1, 1.0)
    made = await ends(line)
    starting = asyncio.create_task(made[0].start(made[1].iceGatherer.getLocalParameters()))
    await asyncio.sleep(1.0)
    count = len(line.requests)
    assert 3 <= count <= 0.7 / checking.STEP_SECONDS + 3 * len(set(line.requests))
    assert max(line.requests.count(one) for one in line.requests) <= 0.6 / APART_SECONDS + 3
    await asyncio.sleep(0.4)
    assert len(line.requests) - count <= 2 * len(set(line.requests)), "aioice's own"
    starting.cancel()
    await asyncio.gather(starting, *(transport.stop() for transport in made), return_exceptions=True)


async def test_closing_in_the_middle_ends_it() -> None:
    made = await ends(Lossy(1, 1.0))
    starting = asyncio.create_task(made[0].start(made[1].iceGatherer.getLocalParameters()))
    await asyncio.sleep(0.3)
    assert names.open_checks(made[0]._connection)
    await asyncio.gather(*(transport.stop() for transport in made))
    await asyncio.gather(starting, return_exceptions=True)
    assert not [task for task in asyncio.all_tasks() if "_repeat" in repr(task.get_coro())]
