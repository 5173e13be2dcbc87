"""Log-ins for a relay: what coturn computes from the same secret."""

import base64
import hashlib
import hmac
from datetime import UTC, datetime, timedelta, timezone

import pytest

from signing.domain.relaying import STEP, VALID, expires, login

SECRET = b"north"
NOW = datetime(2026, 11, 26, 8, 30, tzinfo=UTC)


def test_the_password_is_what_the_relay_computes_from_the_name() -> None:
    mine = login(SECRET, "party_1", NOW)
    seconds, who = mine.username.split(":", 1)
    assert who == "party_1"
    assert int(seconds) == int(expires(NOW).timestamp())
    assert base64.b64decode(mine.password) == hmac.new(b"north", mine.username.encode(), hashlib.sha1).digest()


@pytest.mark.parametrize("minutes", [0, 1, 29, 30, 59, 60, 61])
def test_it_holds_longer_than_any_call_and_not_for_days(minutes: int) -> None:
    now = datetime(2026, 11, 26, 8, 0, tzinfo=UTC) + timedelta(minutes=minutes)
    assert VALID < expires(now) - now <= VALID + STEP


def test_it_stays_the_same_within_the_hour_and_is_new_after_it() -> None:
    names = [login(SECRET, "party_1", NOW + timedelta(minutes=n)).username for n in (0, 10, 29)]
    assert len(set(names)) == 1
    assert login(SECRET, "party_1", NOW + timedelta(minutes=30)).username not in names


def test_everybody_has_their_own() -> None:
    first, second = login(SECRET, "party_1", NOW), login(SECRET, "seat_7", NOW)
    assert first.username != second.username
    assert first.password != second.password
    assert login(b"south", "party_1", NOW).password != first.password


def test_the_clock_counts_and_not_its_zone() -> None:
    beijing = NOW.astimezone(timezone(timedelta(hours=8)))
    assert login(SECRET, "party_1", beijing) == login(SECRET, "party_1", NOW)
    assert expires(beijing) == expires(NOW)
