"""Work on many things, of which one may be spoilt: the others have their turn."""

import logging
import math
import threading
import time
from collections import OrderedDict
from collections.abc import Iterator
from contextlib import contextmanager

from signing.domain.case import Case
from signing.domain.errors import KeyMissing, OutsideError, SigningError
from signing.service.store import Unit

_LOG = logging.getLogger(__name__)


def stops_all(error: SigningError) -> bool:
    """Whether the next thing would fail too: not where only one case cannot be opened."""
    return isinstance(error, OutsideError) and not isinstance(error, KeyMissing)


@contextmanager
def passing_over(what: str) -> Iterator[None]:
    """What is refused inside is logged with ``what``. Raises ``OutsideError`` where the database is away."""
    try:
        yield
    except SigningError as error:
        if stops_all(error):
            raise
        _LOG.error("%s: %s", what, error.code)


class Rarely:
    """Whether to say something again: not within ``seconds``, since displays are made anew every moment. Of the
    ``kept`` last things; an older one is said again."""

    def __init__(self, seconds: float, kept: int) -> None:
        self._seconds, self._kept = seconds, kept
        self._said: OrderedDict[str, float] = OrderedDict()
        self._lock = threading.Lock()

    def may_say(self, what: str, now: float) -> bool:
        """``now``: monotonic seconds."""
        with self._lock:
            if now - self._said.get(what, -math.inf) < self._seconds:
                return False
            self._said[what] = now
            self._said.move_to_end(what)
            while len(self._said) > self._kept:
                self._said.popitem(last=False)
            return True


_SAID = Rarely(3600, 1000)


def tell_spoilt(case_id: str, error: SigningError) -> None:
    """In the log, once an hour."""
    if _SAID.may_say(case_id, time.monotonic()):
        _LOG.error("case %s cannot be opened: %s", case_id, error.code)


def readable(unit: Unit, case_id: str) -> Case | None:
    """None where it cannot be opened, which is logged. Raises ``OutsideError`` where the database is away."""
    try:
        return unit.cases.get(case_id)
    except SigningError as error:
        if stops_all(error):
            raise
        tell_spoilt(case_id, error)
    return None
