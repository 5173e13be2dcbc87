"""The options of ``serve`` about STUN and TURN."""

import argparse
from datetime import UTC, datetime
from pathlib import Path

import pytest
from aiortc.rtcicetransport import parse_stun_turn_uri

from signing.commandline import relays
from signing.domain.errors import InputError
from signing.wire.base import IceServer

NOW = datetime(2026, 11, 26, tzinfo=UTC)
IPV6 = ["stun:[2001:db8::1]:3478", "stun:[2001:db8::1]", "stun:2001:db8::1"]


def parsed(*arguments: str) -> argparse.Namespace:
    parser = argparse.ArgumentParser()
    relays.configure(parser)
    return parser.parse_args(arguments)


@pytest.fixture
def secret(tmp_path: Path) -> Path:
    file = tmp_path / "turn-secret"
    return written(file, "0123456789abcdef0123456789abcdef\n")


def written(file: Path, text: str, mode: int = 0o600) -> Path:
    file.write_text(text, encoding="utf-8")
    file.chmod(mode)
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


@pytest.mark.parametrize("url", ["turn:t.example", "http://t.example", "stun:", *IPV6, "t.example:3478", ""])
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
    written(tmp_path / "weak", "  hunter2  \n")
    with pytest.raises(InputError, match="太短") as refused:
        relays.ice_of(parsed("--turn", "turn:t.example", "--turn-secret-file", str(tmp_path / "weak")))
    assert "hunter2" not in str(refused.value) + str(refused.value.hint)


@pytest.mark.parametrize("mode", [0o644, 0o604, 0o606])
def test_a_secret_that_others_can_read_is_refused(secret: Path, mode: int) -> None:
    secret.chmod(mode)
    with pytest.raises(InputError, match="其他用户也能读") as refused:
        relays.ice_of(parsed("--turn", "turn:t.example", "--turn-secret-file", str(secret)))
    assert f"chmod 600 {secret}" in (refused.value.hint or "")


@pytest.mark.parametrize("url", IPV6)
def test_who_gives_an_address_of_ipv6_is_told_what_to_write(url: str) -> None:
    with pytest.raises(InputError) as refused:
        relays.ice_of(parsed("--ice", url))
    assert "IPv4" in (refused.value.hint or "")


@pytest.mark.parametrize("url", ["stun:stun.example.cn", "stun:stun.example.cn:3478", "stun:192.0.2.1:19302"])
def test_what_passes_is_what_the_seat_s_connection_can_read(url: str) -> None:
    assert relays.ice_of(parsed("--ice", url)).servers("party_1", NOW) == [IceServer(urls=[url])]
    assert parse_stun_turn_uri(url)["scheme"] == "stun"
