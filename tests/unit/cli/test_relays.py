"""The options of ``serve`` about STUN and TURN."""

import argparse
from datetime import UTC, datetime
from pathlib import Path

import pytest

from signing.commandline import relays
from signing.domain.errors import InputError
from signing.wire.base import IceServer

NOW = datetime(2026, 11, 26, tzinfo=UTC)


def parsed(*arguments: str) -> argparse.Namespace:
    parser = argparse.ArgumentParser()
    relays.configure(parser)
    return parser.parse_args(arguments)


@pytest.fixture
def secret(tmp_path: Path) -> Path:
    file = tmp_path / "turn-secret"
    file.write_text("0123456789abcdef0123456789abcdef\n", encoding="utf-8")
    return file


def test_nothing_is_asked_for() -> None:
    assert relays.ice_of(parsed()).servers("party_1", NOW) == []


def test_stun_alone() -> None:
    found = relays.ice_of(parsed("--ice", "stun:stun.example:3478")).servers("party_1", NOW)
    assert found == [IceServer(urls=["stun:stun.example:3478"])]


def test_a_relay_by_three_ways_in_the_order_given(secret: Path) -> None:
    ways = ["turn:t.example:3478?transport=udp", "turn:t.example?transport=tcp", "turns:t.example:443?transport=tcp"]
    options = [part for way in ways for part in ("--turn", way)]
    found = relays.ice_of(parsed(*options, "--turn-secret-file", str(secret))).servers("party_1", NOW)
    assert [server.urls for server in found] == [ways]
    assert found[0].username is not None
    assert found[0].username.endswith(":party_1")


@pytest.mark.parametrize("url", ["turn:t.example", "http://t.example", "stun:", "t.example:3478", ""])
def test_a_plain_address_must_be_stun(url: str) -> None:
    with pytest.raises(InputError, match="不是 STUN 地址"):
        relays.ice_of(parsed("--ice", url))


@pytest.mark.parametrize(
    "url", ["stun:t.example", "turn://t.example", "turn:t.example?transport=tls", "turns:t.example?transport=udp", ""]
)
def test_an_address_that_phones_cannot_use_is_refused(url: str, secret: Path) -> None:
    with pytest.raises(InputError, match="不是 TURN 地址"):
        relays.ice_of(parsed("--turn", url, "--turn-secret-file", str(secret)))


def test_a_relay_wants_its_secret(tmp_path: Path) -> None:
    with pytest.raises(InputError, match="--turn-secret-file"):
        relays.ice_of(parsed("--turn", "turn:t.example"))
    with pytest.raises(InputError, match="不能读取"):
        relays.ice_of(parsed("--turn", "turn:t.example", "--turn-secret-file", str(tmp_path / "none")))


def test_a_weak_secret_is_refused_and_not_shown(tmp_path: Path) -> None:
    (tmp_path / "weak").write_text("  hunter2  \n", encoding="utf-8")
    with pytest.raises(InputError, match="太短") as refused:
        relays.ice_of(parsed("--turn", "turn:t.example", "--turn-secret-file", str(tmp_path / "weak")))
    assert "hunter2" not in str(refused.value) + str(refused.value.hint)
