"""The shipped configuration in a real coturn: who gets a place on it, and where nothing passes."""

import asyncio
import gc
import ipaddress
import re
import ssl
from collections.abc import AsyncIterator, Iterator
from contextlib import AsyncExitStack, asynccontextmanager
from datetime import timedelta
from typing import Any

import pytest
from aioice import stun
from aioice.turn import TurnTransport, create_turn_endpoint

from signing.domain.relaying import STEP, VALID, Login
from tests.turn import HOST, SECRET, SHIPPED, Turn, coturn, credentials, own_addresses

# aioice leaves the connection of a refused login open.
pytestmark = pytest.mark.filterwarnings("ignore:unclosed:ResourceWarning")

MISMATCH = 437
WAYS = ["udp", "tcp", "tls"]
INSIDE = [
    HOST,
    "10.1.2.3",
    "172.16.0.1",
    "172.31.255.254",
    "192.168.1.1",
    "169.254.169.254",
    "100.64.0.1",
    "100.100.100.200",
    "0.0.0.1",
    "198.18.0.1",
    "224.0.0.1",
    "255.255.255.255",
    "192.0.0.8",
]


@pytest.fixture(scope="module")
def relay(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Turn]:
    """As it is shipped: not even loopback passes."""
    with coturn(tmp_path_factory.mktemp("coturn")) as running:
        yield running


@pytest.fixture(scope="module")
def open_relay(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Turn]:
    """Told to let this machine's own addresses pass."""
    with coturn(tmp_path_factory.mktemp("coturn"), allowed=own_addresses()) as running:
        yield running


class Ear(asyncio.DatagramProtocol):
    def __init__(self) -> None:
        self.came: asyncio.Queue[tuple[bytes, tuple[str, int]]] = asyncio.Queue()
        self.errors: asyncio.Queue[Exception] = asyncio.Queue()

    def datagram_received(self, data: bytes, addr: tuple[str, int]) -> None:
        self.came.put_nowait((data, addr))

    def error_received(self, exc: Exception) -> None:
        self.errors.put_nowait(exc)


@asynccontextmanager
async def place(turn: Turn, way: str, mine: Login) -> AsyncIterator[tuple[TurnTransport, Ear]]:
    """A place on the relay; raises ``stun.TransactionFailed`` where it is refused."""
    transport, ear = await allocated(turn, way, mine)
    try:
        yield transport, ear
    finally:
        transport.close()
        others = asyncio.all_tasks() - {asyncio.current_task()}
        await asyncio.wait([task for task in others if "TurnTransport._close" in str(task)] or [_nothing()], timeout=5)


async def allocated(turn: Turn, way: str, mine: Login) -> tuple[TurnTransport, Ear]:
    """From another port where this one still had a place, whose end was lost (RFC 8656, 7.4 on 437)."""
    for tries_left in (2, 1, 0):
        try:
            return await create_turn_endpoint(
                Ear,
                (HOST, turn.tls_port if way == "tls" else turn.port),
                mine.username,
                mine.password,
                ssl=ssl.create_default_context(cafile=str(turn.root)) if way == "tls" else None,
                transport="udp" if way == "udp" else "tcp",
            )
        except stun.TransactionFailed as refused:
            if refused.response.error_code != MISMATCH or not tries_left:
                raise
    raise AssertionError("three ports were tried")


def _nothing() -> "asyncio.Task[None]":
    return asyncio.ensure_future(asyncio.sleep(0))


@asynccontextmanager
async def stranger(host: str = HOST) -> AsyncIterator[tuple[asyncio.DatagramTransport, Ear]]:
    transport, ear = await asyncio.get_running_loop().create_datagram_endpoint(Ear, local_addr=(host, 0))
    try:
        yield transport, ear
    finally:
        transport.close()


def granted(transport: TurnTransport) -> list[tuple[str, int]]:
    """The peers for which the relay has said yes."""
    client: Any = transport._TurnTransport__inner_protocol  # type: ignore[attr-defined]
    return list(client.peer_to_channel)


async def refusal(turn: Turn, mine: Login, way: str = "udp") -> int:
    with pytest.raises(stun.TransactionFailed) as refused:
        await place(turn, way, mine).__aenter__()
    code = refused.value.response.error_code
    assert code is not None
    del refused
    gc.collect()  # here, where it is let pass, and not in the next module
    return code


@pytest.mark.parametrize("way", WAYS)
async def test_what_the_service_gives_opens_a_place_by_every_way(relay: Turn, way: str) -> None:
    async with place(relay, way, credentials()) as (transport, _):
        host, port = transport.get_extra_info("sockname")
        assert host == HOST
        assert 49152 <= port <= 65535


@pytest.mark.parametrize("way", WAYS)
async def test_data_passes_both_ways_where_it_is_allowed(open_relay: Turn, way: str) -> None:
    async with place(open_relay, way, credentials()) as (transport, ear), stranger() as (other, heard):
        transport.sendto(b"hello", other.get_extra_info("sockname"))
        data, came_from = await asyncio.wait_for(heard.came.get(), 5)
        assert (data, came_from) == (b"hello", transport.get_extra_info("sockname"))
        other.sendto(b"back", came_from)
        assert (await asyncio.wait_for(ear.came.get(), 5))[0] == b"back"


async def test_a_wrong_or_an_old_login_gets_no_place(relay: Turn) -> None:
    assert await refusal(relay, credentials(secret=SECRET + b"!")) == 401
    assert await refusal(relay, credentials(age=VALID + 2 * STEP)) == 401
    good = credentials()
    assert await refusal(relay, Login(good.username, good.password[::-1])) == 401
    later = f"{int(good.username.split(':')[0]) + 3600}:party_1"
    assert await refusal(relay, Login(later, good.password)) == 401, "nobody lengthens it for themself"
    assert await refusal(relay, Login("party_1", "party_1"), "tcp") == 401


async def test_a_login_lasts_for_the_whole_of_a_call(relay: Turn) -> None:
    async with place(relay, "udp", credentials(age=VALID - timedelta(minutes=1))):
        pass


@pytest.mark.parametrize("inside", INSIDE)
async def test_nothing_inside_a_network_is_reached(relay: Turn, inside: str) -> None:
    async with place(relay, "udp", credentials(f"party_{inside}")) as (transport, ear):
        transport.sendto(b"hello", (inside, 9))
        error = await asyncio.wait_for(ear.errors.get(), 10)
    assert isinstance(error, stun.TransactionFailed)
    assert error.response.error_code == 403


async def test_this_machine_is_inside_too_unless_told_otherwise(relay: Turn) -> None:
    for address in own_addresses():
        async with place(relay, "udp", credentials()) as (transport, ear), stranger(address) as (other, heard):
            transport.sendto(b"hello", other.get_extra_info("sockname"))
            assert isinstance(await asyncio.wait_for(ear.errors.get(), 10), stun.TransactionFailed)
            assert heard.came.empty()


async def test_one_customer_cannot_take_all_places(relay: Turn) -> None:
    async with AsyncExitStack() as stack:
        for _ in range(60):
            await stack.enter_async_context(place(relay, "udp", credentials("party_greedy")))
        assert await refusal(relay, credentials("party_greedy")) == 486
        await stack.enter_async_context(place(relay, "udp", credentials("party_other")))


async def test_what_lies_outside_is_not_denied(relay: Turn) -> None:
    async with place(relay, "udp", credentials()) as (transport, ear):
        outside = ("8.8.8.8", 9)
        transport.sendto(b"hello", outside)
        async with asyncio.timeout(10):
            while outside not in granted(transport):
                assert ear.errors.empty()
                await asyncio.sleep(0.02)
        transport.sendto(b"hello", (INSIDE[0], 9))
        await asyncio.wait_for(ear.errors.get(), 10)
        assert granted(transport) == [outside], "what is granted can be told from what is denied"


async def test_neither_secret_nor_password_is_logged(relay: Turn) -> None:
    mine = credentials()
    async with place(relay, "udp", mine):
        pass
    await refusal(relay, Login("party_1", "wrong"))
    await asyncio.sleep(0.5)
    assert SECRET.decode() not in relay.said()
    assert mine.password not in relay.said()


def test_the_log_is_really_written(relay: Turn) -> None:
    assert "Listener" in relay.said() or "listener" in relay.said()


def test_the_shipped_file_has_no_secret() -> None:
    assert "\nstatic-auth-secret=\n" in SHIPPED.read_text(encoding="utf-8")


def denied() -> list[tuple[int, int, int]]:
    """(version, first, last) of each range in the shipped file."""
    found = re.findall(r"^denied-peer-ip=([^-\s]+)(?:-(\S+))?$", SHIPPED.read_text(encoding="utf-8"), re.MULTILINE)
    ends = [(ipaddress.ip_address(first), ipaddress.ip_address(last or first)) for first, last in found]
    assert all(first.version == last.version and first <= last for first, last in ends)  # type: ignore[operator]
    return [(first.version, int(first), int(last)) for first, last in ends]


def is_denied(address: str) -> bool:
    ip = ipaddress.ip_address(address)
    return any(version == ip.version and first <= int(ip) <= last for version, first, last in denied())


@pytest.mark.parametrize(
    "network",
    [
        "0.0.0.0/8", "10.0.0.0/8", "100.64.0.0/10", "127.0.0.0/8", "169.254.0.0/16", "172.16.0.0/12", "192.168.0.0/16",
        "224.0.0.0/4", "240.0.0.0/4", "::1/128", "fc00::/7", "fe80::/10", "ff00::/8", "::ffff:0:0/96",
    ],
)  # fmt: skip
def test_each_range_is_denied_from_its_first_to_its_last_address(network: str) -> None:
    whole = ipaddress.ip_network(network)
    assert is_denied(str(whole[0]))
    assert is_denied(str(whole[-1]))


@pytest.mark.parametrize("address", ["8.8.8.8", "1.1.1.1", "172.32.0.1", "100.128.0.1", "2400:3200::1", "240e::1"])
def test_public_addresses_are_in_no_range(address: str) -> None:
    assert not is_denied(address)


def test_no_range_begins_where_coturn_would_take_it_for_everything() -> None:
    assert not [one for one in denied() if one[0] == 6 and one[1] == 0]
