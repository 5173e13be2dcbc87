"""What somebody typed into the search field, told apart: numbers, phones, case numbers, days, and words.

Identity numbers, phones and names are found whole or not at all: only their keyed digests are stored.
"""

import re
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from enum import StrEnum

from signing.domain.beijing import BEIJING


class Kind(StrEnum):
    """What a word of a search is looked for as."""

    ID_NUMBER = "id_number"
    PHONE = "phone"
    NAME = "name"
    CASE_NO = "case_no"
    PAPER = "paper"
    """The look-up code printed on a paper."""
    AGENT = "agent"
    PRODUCT = "product"
    WORD = "word"


KIND_TITLES = {
    Kind.ID_NUMBER: "证件号",
    Kind.PHONE: "手机号",
    Kind.NAME: "姓名",
    Kind.CASE_NO: "业务编号",
    Kind.PAPER: "查验码",
    Kind.AGENT: "坐席",
    Kind.PRODUCT: "产品",
    Kind.WORD: "姓名、坐席或产品",
}


@dataclass(frozen=True)
class Term:
    """``WORD``: a name, an agent or a product; the service finds out."""

    kind: Kind
    value: str


@dataclass(frozen=True)
class Search:
    """All ``terms`` hold, and the case was opened from ``since`` on and before ``until``."""

    terms: tuple[Term, ...] = ()
    since: datetime | None = None
    until: datetime | None = None

    @property
    def in_words(self) -> str:
        """By what was searched, without what was searched for: 证件号、日期."""
        kinds = [KIND_TITLES[term.kind] for term in self.terms]
        return "、".join([*kinds, *(["日期"] if self.since or self.until else [])])


_ID_NUMBER = re.compile(r"[0-9]{17}[0-9Xx]")
_PHONE = re.compile(r"1[3-9][0-9]{9}")
_CASE_NO = re.compile(r"[Pp][Qq][0-9]*")
_PAPER = re.compile(r"(?:.*[?&]code=)?([2-9A-HJ-NP-Za-hj-np-z]{4}-[2-9A-HJ-NP-Za-hj-np-z]{4})")
"""As it is printed, or as the symbol beside it reads."""
_DAY = re.compile(r"([0-9]{4})[-/.年]([0-9]{1,2})(?:[-/.月]([0-9]{1,2})日?|月)?")
_SPAN = re.compile(r"(.+?)(?:至|到|~|～|—)(.+)")


def parse(text: str) -> Search:
    """``张秀英 2026-11-01至2026-11-24``: parts between spaces, each narrowing what the others find."""
    terms, since, until = [], None, None
    for part in text.split():
        if (span := _span(part)) is not None:
            since = max(span[0], since) if since else span[0]
            until = min(span[1], until) if until else span[1]
        else:
            terms.append(_term(part))
    return Search(tuple(terms), since, until)


def _term(part: str) -> Term:
    for pattern, kind in ((_ID_NUMBER, Kind.ID_NUMBER), (_PHONE, Kind.PHONE), (_CASE_NO, Kind.CASE_NO)):
        if pattern.fullmatch(part):
            return Term(kind, part.upper())
    if found := _PAPER.fullmatch(part):
        return Term(Kind.PAPER, found[1].upper())
    return Term(Kind.WORD, part)


def _span(part: str) -> tuple[datetime, datetime] | None:
    """From the first moment of what is said to the last of it; None where it is no day, month or span of them."""
    if (single := _days(part)) is not None:
        return _beijing(single[0]), _beijing(single[1])
    if (found := _SPAN.fullmatch(part)) is None:
        return None
    first, last = _days(found[1]), _days(found[2])
    return None if first is None or last is None else (_beijing(first[0]), _beijing(last[1]))


def _days(text: str) -> tuple[date, date] | None:
    """A day or a month, and the day after it."""
    if (found := _DAY.fullmatch(text)) is None:
        return None
    try:
        first = date(int(found[1]), int(found[2]), int(found[3] or 1))
    except ValueError:
        return None
    return first, first + timedelta(days=1) if found[3] else _next_month(first)


def _next_month(first: date) -> date:
    return (first + timedelta(days=31)).replace(day=1)


def days_of_number(prefix: str) -> tuple[datetime, datetime] | None:
    """The span of time whose cases' numbers begin with ``PQ``, a year, a month or a day; None for longer ones."""
    digits = prefix.removeprefix("PQ")
    low, high = digits.ljust(8, "0"), digits.ljust(8, "9")
    if len(digits) > 8 or not (digits == "" or digits.isdecimal()):
        return None
    first = _nearest(int(low[:4]), int(low[4:6]), int(low[6:]))
    last = _nearest(int(high[:4]), int(high[4:6]), int(high[6:]))
    return _beijing(first), _beijing(last + timedelta(days=1))


def _nearest(year: int, month: int, day: int) -> date:
    """The day, or the first or last of its year or month where there is none such."""
    year, month = min(max(year, 1970), 9000), min(max(month, 1), 12)
    return min(date(year, month, 1) + timedelta(days=max(day, 1) - 1), _next_month(date(year, month, 1)) - timedelta(1))


def _beijing(day: date) -> datetime:
    return datetime(day.year, day.month, day.day, tzinfo=BEIJING)
