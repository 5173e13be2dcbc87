"""Which way to a real coturn a seat takes, where its net lets some pass and swallows others."""

import socket
import time
from collections.abc import AsyncIterator, Iterator, Sequence
from contextlib import asynccontextmanager, contextmanager

import pytest

from media.ports import IceServer
from media.rtc.relays import PATIENCE, Relays
from signing.domain.relaying import Login
from tests.turn import HOST, Turn, coturn, credentials

STUN = IceServer(("stun:stun.example:3478",))


@pytest.fixture(scope="module")
def relay(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Turn]:
    with coturn(tmp_path_factory.mktemp("coturn")) as running:
        yield running


@pytest.fixture
def trusted(relay: Turn, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("SSL_CERT_FILE", str(relay.root))


def offered(urls: Sequence[str], mine: Login | None = None) -> IceServer:
    mine = mine or credentials("seat_1")
    return IceServer(tuple(urls), mine.username, mine.password)


@contextmanager
def swallowing(kind: socket.SocketKind) -> Iterator[str]:
    """The address of a port that takes everything and never answers, as behind a wall."""
    with socket.socket(socket.AF_INET, kind) as one:
        one.bind((HOST, 0))
        if kind is socket.SOCK_STREAM:
            one.listen()
        way = "tcp" if kind is socket.SOCK_STREAM else "udp"
        yield f"turn:{HOST}:{one.getsockname()[1]}?transport={way}"


@asynccontextmanager
async def looking(*servers: IceServer) -> AsyncIterator[Relays]:
    relays = Relays(servers)
    try:
        yield relays
    finally:
        await relays.close()


async def taken(*servers: IceServer) -> list[str]:
    async with looking(*servers) as relays:
        return [url for server in await relays.servers() for url in server.urls]


async def test_of_all_open_ways_the_first_is_taken_with_its_login(relay: Turn, trusted: None) -> None:
    ways = [relay.url(way) for way in ("udp", "tcp", "tls")]
    async with looking(STUN, offered(ways)) as relays:
        plain, found = await relays.servers()
    assert plain == STUN
    assert found.urls == (relay.url("udp"),)
    assert found.username == credentials("seat_1").username
    assert await taken(offered(ways[::-1])) == [relay.url("tls")]


async def test_where_udp_is_swallowed_tcp_is_taken_long_before_patience_ends(relay: Turn) -> None:
    with swallowing(socket.SOCK_DGRAM) as wall:
        began = time.monotonic()
        assert await taken(offered([wall, relay.url("tcp")])) == [relay.url("tcp")]
        assert time.monotonic() - began < PATIENCE


async def test_where_only_the_web_passes_tls_is_taken(relay: Turn, trusted: None) -> None:
    with swallowing(socket.SOCK_DGRAM) as udp, swallowing(socket.SOCK_STREAM) as tcp:
        assert await taken(offered([udp, tcp, relay.url("tls")])) == [relay.url("tls")]


async def test_a_certificate_that_nobody_vouches_for_is_not_taken(relay: Turn) -> None:
    assert await taken(offered([relay.url("tls")])) == []


async def test_where_nothing_is_open_there_is_no_relay_and_the_rest_stays() -> None:
    with swallowing(socket.SOCK_DGRAM) as wall:
        assert await taken(STUN, offered([wall])) == ["stun:stun.example:3478"]


async def test_a_login_that_is_refused_is_no_way(relay: Turn) -> None:
    bad = credentials("seat_1", secret=b"another")
    assert await taken(offered([relay.url("udp")], bad)) == []


async def test_without_a_relay_nothing_is_waited_for() -> None:
    began = time.monotonic()
    assert await taken(STUN) == ["stun:stun.example:3478"]
    assert await taken() == []
    assert time.monotonic() - began < PATIENCE / 4


async def test_what_was_found_is_believed_for_a_while(relay: Turn) -> None:
    async with looking(offered([relay.url("udp")])) as relays:
        first = await relays.servers()
        before = relay.said().count("ALLOCATE processed, success")
        assert await relays.servers() == first
        assert relay.said().count("ALLOCATE processed, success") == before


async def test_closing_in_the_middle_ends_it() -> None:
    with swallowing(socket.SOCK_DGRAM) as wall:
        relays = Relays([offered([wall])])
        relays.look()
        await relays.close()
