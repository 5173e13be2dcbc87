"""Two real DTLS ends of aiortc on a line that loses what is sent first."""

import asyncio
import random
import time
from collections.abc import Callable
from typing import Any, cast

from aiortc.rtcdtlstransport import RTCCertificate, RTCDtlsTransport

from media.rtc.handshake import Handshake


class Ice:
    """One end. ``loses`` decides about each datagram that goes out."""

    state, role = "completed", "controlling"

    def __init__(self, loses: Callable[[bytes], bool]) -> None:
        self.other: Ice
        self.loses = loses
        self.sent: list[bytes] = []
        self._came: asyncio.Queue[bytes] = asyncio.Queue()

    async def _send(self, data: bytes) -> None:
        self.sent.append(data)
        if not self.loses(data):
            self.other._came.put_nowait(data)

    async def _recv(self) -> bytes:
        return await self._came.get()


def half_lost(seed: int) -> Callable[[bytes], bool]:
    chance = random.Random(seed)
    return lambda data: chance.random() < 0.5


async def shaken(ours: Callable[[bytes], bool], *, hasty: bool) -> tuple[float, Ice]:
    """Seconds until both ends are through, and our end of the line. We are the client, as towards a phone."""
    near, far = Ice(ours), Ice(lambda data: False)
    near.other, far.other = far, near
    ends = [RTCDtlsTransport(cast(Any, ice), [RTCCertificate.generateCertificate()]) for ice in (near, far)]
    ends[0]._set_role("client")
    ends[1]._set_role("server")
    ours_of = Handshake(ends[0]) if hasty else None
    began = time.monotonic()
    told = [end.getLocalParameters() for end in ends]
    await asyncio.gather(ends[0].start(told[1]), ends[1].start(told[0]))
    took = time.monotonic() - began
    assert [end.state for end in ends] == ["connected", "connected"]
    if ours_of is not None:
        while near._send.__name__ != "_send":  # noqa: ASYNC110 - until the tap is gone: what follows does no harm
            await asyncio.sleep(0.05)
        await ours_of.close()
    await asyncio.gather(*(end.stop() for end in ends))
    return took, near


async def test_a_lost_flight_is_not_waited_for() -> None:
    async with asyncio.timeout(120):
        patient = [(await shaken(half_lost(seed), hasty=False))[0] for seed in (1, 3)]
        hasty = [(await shaken(half_lost(seed), hasty=True))[0] for seed in (1, 3)]
    assert sum(hasty) < sum(patient) / 2


async def test_where_nothing_is_lost_little_is_sent_twice() -> None:
    async with asyncio.timeout(60):
        _, plain = await shaken(lambda data: False, hasty=False)
        _, near = await shaken(lambda data: False, hasty=True)
    flights = list(dict.fromkeys(near.sent))
    assert len(flights) <= len(plain.sent) + 1
    assert len(near.sent) <= 8 * len(flights)


async def test_two_of_three_lost_comes_through_by_sending_the_same_again() -> None:
    turns = iter(range(10_000))
    lost: list[bytes] = []

    def lose(data: bytes) -> bool:
        if next(turns) % 3 == 2:
            return False
        lost.append(data)
        return True

    async with asyncio.timeout(60):
        _, near = await shaken(lose, hasty=True)
    assert near.sent.count(lost[0]) > 1, "the very record is sent again, which OpenSSL by itself never does"
    assert len(lost) > len(near.sent) / 2, "most was lost"


async def test_closing_in_the_middle_ends_it() -> None:
    near = Ice(lambda data: True)
    end = RTCDtlsTransport(cast(Any, near), [RTCCertificate.generateCertificate()])
    end._set_role("client")
    handshake = Handshake(end)
    near.other = near
    starting = asyncio.create_task(end.start(end.getLocalParameters()))
    await asyncio.sleep(0.4)
    assert len(near.sent) >= 2
    starting.cancel()
    await handshake.close()
    await asyncio.gather(starting, return_exceptions=True)
    assert not [task for task in asyncio.all_tasks() if task is not asyncio.current_task()]


async def test_what_the_channel_sends_right_away_is_not_sent_twice() -> None:
    near, far = Ice(lambda data: False), Ice(lambda data: False)
    near.other, far.other = far, near
    ends = [RTCDtlsTransport(cast(Any, ice), [RTCCertificate.generateCertificate()]) for ice in (near, far)]
    ends[0]._set_role("client")
    ends[1]._set_role("server")
    handshake = Handshake(ends[0])
    told = [end.getLocalParameters() for end in ends]
    await asyncio.gather(ends[0].start(told[1]), ends[1].start(told[0]))
    await ends[0]._send_data(b"an application's")
    await asyncio.sleep(1)
    await handshake.close()
    await asyncio.gather(*(end.stop() for end in ends))
    records = [data for data in near.sent if data[0] == 23]
    assert len(records) == 1
    assert len(near.sent) > len(set(near.sent)), "the last flight was sent again all the same"
