"""The figures of a day or several, for the supervisor's board and the auditor.

``GET /api/board/figures?first=2026-12-01&last=2026-12-31`` → ``DayFigures``; without days: today. The same with
``.xlsx`` is a workbook to keep. What counts how is told in the README. Shares are 0 to 1, times in seconds, amounts in
yuan as text; None where there is nothing to take a mean of.
"""

from datetime import date

from pydantic import AwareDatetime

from signing.wire.base import Message


class Level(Message):
    """A service level: so many percent of the customers within so many seconds."""

    percent: int
    seconds: int


class Measures(Message):
    """Sums and means of one branch, product, agent, half-hour, or of all."""

    arrivals: int
    served: int
    left: int
    waiting: int
    average_wait: float | None = None
    longest_wait: float = 0.0
    level: float | None = None
    own_level: float | None = None
    talks: int
    average_talk: float | None = None
    cases: int
    amount: str
    unread: int = 0
    """Sealed cases whose amount cannot be opened; they are counted, and their amounts are not."""
    ended: int
    """Cases that ended without a seal."""


class Slot(Message):
    """A half-hour of one day, or a day of several."""

    starts_at: AwareDatetime
    measures: Measures


class Group(Message):
    """A branch, a product or an agent."""

    name: str
    measures: Measures


class Refusal(Message):
    """So many cases of the same branch, product and agent ended so, for the same reason."""

    branch: str
    product: str
    agent: str
    ending: str
    reason: str
    count: int


class Headline(Message):
    """Yesterday until the same time, or as many whole days before."""

    cases: int
    served: int
    amount: str
    average_talk: float | None = None


class DayFigures(Message):
    """``first`` and ``last``: days of Beijing's calendar, both included. ``own``: the institution's own target."""

    server_time: AwareDatetime
    institution: str
    first: date
    last: date
    usual: Level
    own: Level | None = None
    total: Measures
    before: Headline
    slots: list[Slot]
    branches: list[Group]
    products: list[Group]
    agents: list[Group]
    refusals: list[Refusal]
