"""The engine's loop: datagrams come whole, into room for one."""

import asyncio
import socket

from media.loop import LARGEST, MediaLoop

LONGEST = 65_507
"""Bytes that one datagram over IPv4 can hold."""


class _Inbox(asyncio.DatagramProtocol):
    def __init__(self) -> None:
        self.came: asyncio.Queue[bytes] = asyncio.Queue()

    def datagram_received(self, data: bytes, addr: object) -> None:
        self.came.put_nowait(data)


async def _receive() -> tuple[bytes, int]:
    loop = asyncio.get_running_loop()
    transport, inbox = await loop.create_datagram_endpoint(_Inbox, local_addr=("127.0.0.1", 0))
    try:
        with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as other:
            other.sendto(bytes(LONGEST), transport.get_extra_info("sockname"))
        async with asyncio.timeout(30):
            return await inbox.came.get(), transport.max_size  # type: ignore[attr-defined]
    finally:
        transport.close()


def test_the_longest_datagram_comes_whole_into_little_room() -> None:
    with asyncio.Runner(loop_factory=MediaLoop) as runner:
        data, room = runner.run(_receive())
    assert data == bytes(LONGEST)
    assert room == LARGEST
