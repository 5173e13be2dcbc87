"""Which of several editions of a template or product counts on a day: the newest that is in effect."""

from collections.abc import Iterable, Sequence
from datetime import date
from typing import Protocol, TypeVar


class Edition(Protocol):
    @property
    def effective(self) -> date:
        """The first day on which it may be used."""
        ...


E = TypeVar("E", bound=Edition)


def newest(known: Sequence[E], day: date) -> E | None:
    """None before the first one's day. The day is inside."""
    return max((one for one in known if one.effective <= day), key=lambda one: one.effective, default=None)


def twice(known: Iterable[Edition]) -> list[date]:
    """The days from which two of them would be in effect."""
    days = [one.effective for one in known]
    return sorted({day for day in days if days.count(day) > 1})
