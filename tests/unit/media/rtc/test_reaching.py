"""A relay is tried as a call would use it: with a real coturn, and with nobody, and with a wrong word."""

from collections.abc import Iterator

import pytest

from media.errors import Unavailable
from media.rtc.reaching import reach
from tests.turn import HOST, Turn, coturn, credentials, free_port


@pytest.fixture(scope="module")
def relay(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Turn]:
    with coturn(tmp_path_factory.mktemp("turn")) as running:
        yield running


@pytest.mark.parametrize("way", ["udp", "tcp"])
async def test_a_relay_gives_an_address_to_whoever_has_the_word(relay: Turn, way: str) -> None:
    mine = credentials("seat_07")
    assert 0 < await reach(relay.url(way), mine.username, mine.password) < 60_000


async def test_a_wrong_word_is_told_apart_from_silence(relay: Turn) -> None:
    wrong = credentials("seat_07", secret=b"another")
    with pytest.raises(Unavailable, match="凭证"):
        await reach(relay.url("udp"), wrong.username, wrong.password)
    with pytest.raises(Unavailable, match=r"连不上|没有应答"):
        await reach(f"turn:{HOST}:{free_port()}?transport=tcp", "a", "b")


async def test_stun_tells_our_address_and_nobody_is_waited_for_long(relay: Turn) -> None:
    assert await reach(f"stun:{HOST}:{relay.port}") > 0
    with pytest.raises(Unavailable, match=r"连不上|没有应答"):
        await reach(f"stun:{HOST}:{free_port()}")
    with pytest.raises(Unavailable, match="写错"):
        await reach("http://relay.test")
