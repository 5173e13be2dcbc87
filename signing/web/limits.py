"""Rate limits in memory of one process. Time is the monotonic clock's and always an argument."""

from collections import OrderedDict, deque
from dataclasses import dataclass, field
from math import ceil

from signing.domain.errors import TooMany

MAX_KEYS = 20_000
"""The oldest keys are forgotten beyond this, so that a flood of addresses cannot fill the memory."""


@dataclass
class RateLimit:
    """At most ``limit`` uses of a key in any ``seconds``."""

    limit: int
    seconds: float
    _uses: OrderedDict[str, deque[float]] = field(default_factory=OrderedDict)

    def use(self, key: str, now: float) -> None:
        """Counts one use; raises ``TooMany`` and counts nothing where the limit is reached."""
        uses = self._uses.setdefault(key, deque())
        self._uses.move_to_end(key)
        while uses and uses[0] <= now - self.seconds:
            uses.popleft()
        if len(uses) >= self.limit:
            wait = ceil(uses[0] + self.seconds - now)
            raise TooMany("操作太频繁了", max(1, wait), f"请等 {max(1, wait)} 秒再试")
        uses.append(now)
        while len(self._uses) > MAX_KEYS:
            self._uses.popitem(last=False)

    def lets(self, key: str, now: float) -> bool:
        """As ``use``, for what may be let go without a word."""
        try:
            self.use(key, now)
        except TooMany:
            return False
        return True
