"""What an institution decides by and brings in from tables: roster, lists 名单, and the loan prime rate LPR."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from decimal import Decimal


@dataclass(frozen=True)
class Household:
    """A row of the village roster 整村授信."""

    id_number: str
    name: str
    village: str
    line: Decimal
    valid_until: datetime


@dataclass(frozen=True)
class NamedList:
    """A list an institution keeps, such as “上杭县 2026 年乡村振兴名单” of the kind “乡村振兴名单”."""

    name: str
    kind: str


@dataclass(frozen=True)
class ListEntry:
    """A member of a list. ``number``: an ID number or a unified social credit code, in upper case."""

    number: str
    member: str
    valid_until: date | None = None
    """The last day on which it counts; None where it has no end."""
    note: str = ""

    def counts_on(self, day: date) -> bool:
        return self.valid_until is None or day <= self.valid_until


@dataclass(frozen=True)
class Membership:
    """An entry and the list it stands in."""

    of: NamedList
    entry: ListEntry


@dataclass(frozen=True)
class Lpr:
    """The loan prime rate as published on ``day`` (PBC 公告〔2019〕15 号), in percent; it holds until the next one."""

    day: date
    one_year: Decimal
    five_year: Decimal
    confirmed: bool = True
    """False for one that ships and that nobody has compared with what was published: nothing is priced by it."""

    def for_months(self, months: int) -> Decimal:
        """The one that a loan of this term is priced by: five years' for more than five years, else one year's."""
        return self.five_year if months > 60 else self.one_year


PUBLICATION_DAY = 20
"""Of each month, put off to the next working day (全国银行间同业拆借中心)."""


def next_publication(day: date) -> date:
    """When the quote after that of ``day`` is due; a weekend puts it off, holidays are not known here."""
    year, month = divmod(day.year * 12 + day.month, 12)
    due = date(year, month + 1, PUBLICATION_DAY)
    return due + timedelta(days={5: 2, 6: 1}.get(due.weekday(), 0))


def lpr_on(day: date, quotes: Iterable[Lpr]) -> Lpr | None:
    """The one in force on ``day``: the newest that was published by then.

    None where there is none yet, and where the next one was due and is not among ``quotes``: an old one is no guess
    at a new one. Of two for the same day the later in ``quotes`` counts.
    """
    known = list(quotes)
    newest = max((quote for quote in reversed(known) if quote.day <= day), key=lambda quote: quote.day, default=None)
    if newest is None or day <= next_publication(newest.day):
        return newest
    # Put off by a holiday: the quote of the following month is there, only not yet published on ``day``.
    following = min((quote.day for quote in known if quote.day > day), default=None)
    return newest if following is not None and _months_between(newest.day, following) == 1 else None


def _months_between(before: date, after: date) -> int:
    return after.year * 12 + after.month - before.year * 12 - before.month
