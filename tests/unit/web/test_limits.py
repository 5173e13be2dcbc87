"""Rate limits and lock-outs on a clock of our own."""

import pytest

from signing.domain.errors import TooMany
from signing.web import limits
from signing.web.limits import Lockout, RateLimit


def test_a_rate_limit_refuses_the_use_too_many_and_says_when_to_come_back() -> None:
    limit = RateLimit(limit=3, seconds=60)
    for second in (0.0, 10.0, 20.0):
        limit.use("a", second)
    with pytest.raises(TooMany) as refused:
        limit.use("a", 30.0)
    assert refused.value.retry_after == 30
    limit.use("b", 30.0)


def test_a_refused_use_does_not_lengthen_the_wait() -> None:
    limit = RateLimit(limit=1, seconds=60)
    limit.use("a", 0.0)
    for second in range(1, 60):
        with pytest.raises(TooMany):
            limit.use("a", float(second))
    limit.use("a", 60.0)


def test_a_flood_of_keys_forgets_the_oldest(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(limits, "MAX_KEYS", 10)
    limit = RateLimit(limit=1, seconds=60)
    lock = Lockout(failures=1, seconds=60)
    for number in range(100):
        limit.use(str(number), 0.0)
        lock.failed(str(number), 0.0)
    assert len(limit._uses) == 10
    assert len(lock._failed) == 10
    with pytest.raises(TooMany):
        limit.use("99", 1.0)


def test_five_failures_lock_a_key_for_five_minutes() -> None:
    lock = Lockout(failures=5, seconds=300)
    for second in range(5):
        lock.check("zhang@a", float(second))
        lock.failed("zhang@a", float(second))
    with pytest.raises(TooMany) as refused:
        lock.check("zhang@a", 5.0)
    assert refused.value.retry_after == 299
    lock.check("zhang@b", 5.0)
    lock.check("zhang@a", 304.1)


def test_a_lapsed_lock_starts_counting_anew() -> None:
    lock = Lockout(failures=2, seconds=300)
    lock.failed("a", 0.0)
    lock.failed("a", 1.0)
    lock.failed("a", 400.0)
    lock.check("a", 401.0)


def test_success_forgets_the_failures() -> None:
    lock = Lockout(failures=2, seconds=300)
    lock.failed("a", 0.0)
    lock.succeeded("a")
    lock.failed("a", 1.0)
    lock.check("a", 2.0)
