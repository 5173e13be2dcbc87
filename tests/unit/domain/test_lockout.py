"""Five tries in a quarter of an hour; each further series locks for twice as long."""

from datetime import UTC, datetime, timedelta

import pytest

from signing.domain.errors import InputError
from signing.domain.lockout import LONGEST_LOCK, TRIES, WINDOW, Tries, failed, lock_time, remaining
from signing.domain.passwords import check_password

NOW = datetime(2026, 11, 26, 1, 0, tzinfo=UTC)
MINUTE = timedelta(minutes=1)


def after(tries: Tries, *times: datetime) -> Tries:
    for at in times:
        tries = failed(tries, at)
    return tries


def test_four_are_let_through_and_the_fifth_locks_for_a_quarter_of_an_hour() -> None:
    four = after(Tries(), *[NOW] * (TRIES - 1))
    assert remaining(four, NOW) is None
    five = failed(four, NOW + MINUTE)
    assert remaining(five, NOW + MINUTE) == 15 * MINUTE
    assert remaining(five, NOW + 15 * MINUTE) == MINUTE
    assert remaining(five, NOW + 16 * MINUTE) is None


def test_tries_of_long_ago_are_forgotten() -> None:
    spread = [NOW + number * WINDOW / 4 for number in range(20)]
    assert remaining(after(Tries(), *spread), spread[-1]) is None


def test_each_series_locks_for_twice_as_long_up_to_a_day() -> None:
    minutes = [lock_time(series) / MINUTE for series in range(1, 10)]
    assert minutes == [15, 30, 60, 120, 240, 480, 960, 1440, 1440]
    assert lock_time(5000) == LONGEST_LOCK
    tries, now = Tries(), NOW
    for expected in (15, 30, 60):
        tries = after(tries, *[now] * TRIES)
        wait = remaining(tries, now)
        assert wait == expected * MINUTE
        now += expected * MINUTE


def test_a_quiet_day_after_a_lock_begins_anew() -> None:
    locked = after(Tries(), *[NOW] * TRIES)
    assert locked.series == 1
    later = NOW + 15 * MINUTE + LONGEST_LOCK
    assert after(locked, *[later] * TRIES).series == 1
    soon = NOW + 20 * MINUTE
    assert after(locked, *[soon] * TRIES).series == 2


@pytest.mark.parametrize("password", ["short-9ch", "my-zhang-password", "ZHANG-2026-11", "aaaaaaaaaaaa", "x" * 257])
def test_bad_passwords(password: str) -> None:
    with pytest.raises(InputError):
        check_password(password, "zhang")


@pytest.mark.parametrize("password", ["demo-agent-2026", "茶山的雾早上七点散开", "correct horse battery"])
def test_good_passwords(password: str) -> None:
    check_password(password, "zhang")
