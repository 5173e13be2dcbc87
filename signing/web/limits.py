"""Rate limits and lock-outs, in memory of one process. Time is the monotonic clock's and always an argument."""

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


@dataclass
class Lockout:
    """After ``failures`` in a row, a key is refused for ``seconds``; success forgets the failures."""

    failures: int
    seconds: float
    _failed: OrderedDict[str, tuple[int, float]] = field(default_factory=OrderedDict)

    def check(self, key: str, now: float) -> None:
        """Raises ``TooMany`` while the key is locked out."""
        count, last = self._failed.get(key, (0, 0.0))
        wait = last + self.seconds - now
        if count >= self.failures and wait > 0:
            minutes = ceil(wait / 60)
            raise TooMany("密码输错次数太多，已暂时锁定", ceil(wait), f"请约 {minutes} 分钟后再试，或请管理员重设密码")

    def failed(self, key: str, now: float) -> None:
        count, last = self._failed.get(key, (0, now))
        if now - last > self.seconds:
            count = 0
        self._failed[key] = (count + 1, now)
        self._failed.move_to_end(key)
        while len(self._failed) > MAX_KEYS:
            self._failed.popitem(last=False)

    def succeeded(self, key: str) -> None:
        self._failed.pop(key, None)
