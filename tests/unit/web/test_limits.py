"""Rate limits and lock-outs on a clock of our own."""

import pytest

from signing.domain.errors import TooMany
from signing.web.limits import RateLimit


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
