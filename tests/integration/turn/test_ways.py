"""Which servers and which way to a real coturn a seat takes, where its net lets some pass and swallows others."""

import asyncio
import socket
from collections.abc import AsyncIterator, Iterator, Sequence
from contextlib import asynccontextmanager, contextmanager

import pytest

from media.ports import IceServer
from media.rtc import relays as ways_to
from media.rtc.relays import Relays
from signing.domain.relaying import Login
from tests.turn import HOST, Turn, coturn, credentials

FOR_EVER = 3600.0


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


@pytest.fixture
def without_end(monkeypatch: pytest.MonkeyPatch) -> None:
    """Whoever waits for the end of patience does not come back in time."""
    monkeypatch.setattr(ways_to, "PATIENCE", FOR_EVER)
    monkeypatch.setattr(ways_to, "STUN_PATIENCE", FOR_EVER)


def mirror(relay: Turn) -> IceServer:
    """The relay as a STUN server, which it is too."""
    return IceServer((f"stun:{HOST}:{relay.port}",))


def silent(url: str) -> IceServer:
    return IceServer((url.replace("turn:", "stun:").split("?")[0],))


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
    async with looking(mirror(relay), offered(ways)) as relays:
        plain, found = await relays.servers()
    assert plain == mirror(relay)
    assert found.urls == (relay.url("udp"),)
    assert found.username == credentials("seat_1").username
    assert await taken(offered(ways[::-1])) == [relay.url("tls")]


async def test_where_udp_is_swallowed_tcp_is_taken_without_waiting_for_it(relay: Turn, without_end: None) -> None:
    with swallowing(socket.SOCK_DGRAM) as wall:
        async with asyncio.timeout(30):
            assert await taken(offered([wall, relay.url("tcp")])) == [relay.url("tcp")]


async def test_where_only_the_web_passes_tls_is_taken(relay: Turn, trusted: None) -> None:
    with swallowing(socket.SOCK_DGRAM) as udp, swallowing(socket.SOCK_STREAM) as tcp:
        assert await taken(offered([udp, tcp, relay.url("tls")])) == [relay.url("tls")]


async def test_a_certificate_that_nobody_vouches_for_is_not_taken(relay: Turn) -> None:
    assert await taken(offered([relay.url("tls")])) == []


async def test_where_nothing_is_open_there_is_no_relay_and_the_rest_stays(relay: Turn) -> None:
    with swallowing(socket.SOCK_DGRAM) as wall:
        assert await taken(mirror(relay), offered([wall])) == list(mirror(relay).urls)


async def test_a_stun_server_that_is_silent_is_left_out(relay: Turn) -> None:
    with swallowing(socket.SOCK_DGRAM) as wall:
        assert await taken(silent(wall)) == []
        assert await taken(silent(wall), offered([relay.url("udp")])) == [relay.url("udp")]


async def test_the_first_stun_server_that_answers_is_taken_without_waiting_for_others(
    relay: Turn, without_end: None
) -> None:
    with swallowing(socket.SOCK_DGRAM) as wall:
        async with asyncio.timeout(30):
            assert await taken(silent(wall), mirror(relay)) == list(mirror(relay).urls)


@pytest.mark.parametrize("url", ["stun:[2001:db8::1]:3478", "stun:no.such.host.invalid:3478", "stuns:127.0.0.1:1", "x"])
async def test_a_server_that_cannot_even_be_asked_is_left_out(relay: Turn, url: str) -> None:
    assert await taken(IceServer((url,)), mirror(relay)) == list(mirror(relay).urls)


async def test_a_login_that_is_refused_is_no_way(relay: Turn) -> None:
    bad = credentials("seat_1", secret=b"another")
    assert await taken(offered([relay.url("udp")], bad)) == []


async def test_without_a_relay_nothing_is_waited_for(relay: Turn, without_end: None) -> None:
    async with asyncio.timeout(30), looking() as relays:
        assert await relays.servers() == ()
        assert asyncio.all_tasks() == {asyncio.current_task()}, "nobody looks"
        assert await taken(mirror(relay)) == list(mirror(relay).urls)


async def test_what_was_found_is_believed_for_a_while(relay: Turn) -> None:
    async with looking(offered([relay.url("udp")])) as relays:
        first = await relays.servers()
        before = relay.said().count("ALLOCATE processed, success")
        assert await relays.servers() == first
        assert relay.said().count("ALLOCATE processed, success") == before


async def test_one_bad_look_takes_nothing_away_and_is_made_again(relay: Turn, monkeypatch: pytest.MonkeyPatch) -> None:
    async with looking(mirror(relay), offered([relay.url("udp")])) as relays:
        first = await relays.servers()
        assert len(first) == 2
        looks: list[int] = []

        async def none(*args: object) -> None:
            looks.append(len(args))

        monkeypatch.setattr(ways_to, "FRESH", -1.0)
        monkeypatch.setattr(ways_to, "_best", none)
        assert await relays.servers() == first
        assert await relays.servers() == first
        assert len(looks) == 4


async def test_closing_in_the_middle_ends_it() -> None:
    with swallowing(socket.SOCK_DGRAM) as wall:
        relays = Relays([offered([wall])])
        relays.look()
        await relays.close()
