"""What phones and seats are told of relays."""

from datetime import UTC, datetime, timedelta

import pytest

from signing.domain.relaying import login
from signing.web.ice import Ice
from signing.wire.base import IceServer

NOW = datetime(2026, 11, 26, 8, 30, tzinfo=UTC)
TURN = ["turn:turn.example:3478?transport=udp", "turns:turn.example:443?transport=tcp"]


def test_without_anything_nobody_is_told_of_anything() -> None:
    assert Ice().servers("party_1", NOW) == []


def test_stun_needs_no_login() -> None:
    assert Ice(["stun:stun.example:3478"]).servers("party_1", NOW) == [IceServer(urls=["stun:stun.example:3478"])]


def test_a_relay_comes_with_a_login_of_ones_own_and_its_ways_in_order() -> None:
    ice = Ice(["stun:stun.example:3478"], TURN, b"secret")
    plain, relay = ice.servers("party_1", NOW)
    mine = login(b"secret", "party_1", NOW)
    assert plain.username is None
    assert relay == IceServer(urls=TURN, username=mine.username, credential=mine.password)
    assert ice.servers("seat_7", NOW)[1].username != relay.username


def test_a_display_does_not_change_each_time_that_it_is_made() -> None:
    ice = Ice([], TURN, b"secret")
    first = ice.servers("party_1", NOW)
    assert ice.servers("party_1", NOW + timedelta(minutes=5)) == first
    assert ice.servers("party_1", NOW + timedelta(hours=1)) != first


def test_the_secret_itself_is_not_in_it() -> None:
    assert "top-secret" not in repr(Ice([], TURN, b"top-secret").servers("party_1", NOW))


def test_a_relay_without_its_secret_is_a_mistake() -> None:
    with pytest.raises(ValueError, match="secret"):
        Ice([], TURN)
