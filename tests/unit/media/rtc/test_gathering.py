"""Our own addresses, where a server that should tell more of them is silent."""

import socket
from collections import Counter

import pytest

from media.hearing import Hearing
from media.peer import Peer
from media.ports import IceServer
from media.slots import LatestPicture
from tests.turn import own_addresses

AIOICE_ASKS = 4
"""Within the five seconds of its own: at once and after 0.5, 1.5 and 3.5."""


def asked(server: socket.socket) -> Counter[tuple[str, int]]:
    """How often each of our sockets has sent something."""
    server.setblocking(False)
    found: Counter[tuple[str, int]] = Counter()
    while True:
        try:
            found[server.recvfrom(2048)[1]] += 1
        except BlockingIOError:
            return found


async def test_a_silent_server_is_not_asked_for_long() -> None:
    address = next((one for one in own_addresses() if not one.startswith("127.")), None)
    if address is None:
        pytest.fail("this machine has no address of its own, so that nobody could be called")
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as server:
        server.bind((address, 0))
        stun = IceServer((f"stun:{address}:{server.getsockname()[1]}",))
        peer = Peer((stun,), LatestPicture(), Hearing(), lambda state: None, lambda seconds: None)
        try:
            offer = await peer.offer()
        finally:
            await peer.close()
        counts = asked(server)
    assert " typ host" in offer
    assert " typ srflx" not in offer
    assert counts
    assert max(counts.values()) < AIOICE_ASKS
