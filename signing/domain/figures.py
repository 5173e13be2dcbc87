"""The figures of a day or of several, each reckoned from what happened, so that the parts sum to the whole.

A day is one of Beijing's calendar. What counts when:

- 来客 arrivals: places in the queue taken in the span. A customer whose call drops keeps the place, and is one arrival.
- 接通 (人次) served: arrivals that were taken into a call. 放弃 left: those that went before. The rest still waits.
- 等候 waits: from taking the place to the first call; average over who was served, longest also over who still waits.
- 服务水平 service level, 80/20: of the arrivals that are decided, the share served within 20 seconds. Decided is who
  was served, who left, and who waits already longer than that. Nobody who leaves is taken out: it only reads lower.
- 通话 calls: each seat's call that began in the span; the average is over those that have ended. A call that was passed
  on is one at each of its seats.
- 笔数, 金额: cases all of whose papers were sealed in the span, and the sum of their amounts.
- 未办成 endings: cases that ended without a seal, by how and why. A reason that is none of the printed ones may say
  anything about anybody, and counts as another.

The branch is the one that holds the case (for calls: the seat's), the agent who took the call (for a case: the last).
"""

from collections import Counter
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime, time, timedelta
from decimal import Decimal
from typing import TypeVar

from signing.domain.beijing import BEIJING
from signing.domain.case import ENDING_TITLES, Case, Ending
from signing.domain.errors import InputError
from signing.domain.phase import ending_of, is_sealed

DAY = timedelta(days=1)
SLOT = timedelta(minutes=30)
LONGEST_SPAN = 366
OTHER_REASON = "其他原因"
PRINTED_REASONS = frozenset(
    {
        "金额、利率或期限不合适",
        "家里人不同意",
        "不愿承担担保责任",
        "审批意见撤销",
        "业务要素录错，另行建立",
        "客户已改到柜台办理",
        "客户改变主意，不办了",
        "身份核实不通过",
        "疑似受他人指使",
    }
)
"""What the window offers to choose from; the same there, by a test."""
EXPIRED_REASON = "有效期内未签署齐全"


@dataclass(frozen=True)
class Target:
    """A service level: so many percent of the customers within so many seconds."""

    percent: int = 80
    seconds: int = 20


USUAL_TARGET = Target()


@dataclass(frozen=True)
class Span:
    """Whole days of Beijing's calendar, both included."""

    first: date
    last: date

    @property
    def since(self) -> datetime:
        return datetime.combine(self.first, time(), BEIJING)

    @property
    def until(self) -> datetime:
        """The first moment after it."""
        return datetime.combine(self.last, time(), BEIJING) + DAY

    @property
    def days(self) -> int:
        return (self.last - self.first).days + 1

    @property
    def before(self) -> "Span":
        """As many days, just before."""
        back = timedelta(days=self.days)
        return Span(self.first - back, self.last - back)


def span_of(first: date | None, last: date | None, now: datetime) -> Span:
    """Today where nothing is given, one day where one is. Raises ``InputError``."""
    today = now.astimezone(BEIJING).date()
    begins = first or last or today
    ends = last or begins
    if begins > ends:
        raise InputError("开始日期晚于结束日期", "请改正日期")
    if ends > today:
        raise InputError("这一天还没有到", "请选今天或以前的日期")
    if begins.year < 2000 or (ends - begins).days >= LONGEST_SPAN:
        raise InputError(f"一次最多统计 {LONGEST_SPAN} 天", "请缩短起止日期")
    return Span(begins, ends)


# --- what happened ------------------------------------------------------------------------------------------------


@dataclass(frozen=True)
class Arrival:
    """A place in the queue. ``staff_id``: who first took the customer into a call; empty while nobody has."""

    branch_id: str
    product_id: str
    staff_id: str
    since: datetime
    answered_at: datetime | None
    waiting: bool
    """Still in line now."""


@dataclass(frozen=True)
class Talk:
    """A call at one seat."""

    branch_id: str
    product_id: str
    staff_id: str
    started_at: datetime
    ended_at: datetime | None


@dataclass(frozen=True)
class Result:
    """How a case came out: sealed (``ending`` None), or ended before.

    ``amount`` in yuan, None where nothing is lent. ``unread``: amount and reason could not be opened.
    """

    case_id: str
    institution_id: str
    branch_id: str
    product_id: str
    staff_id: str
    at: datetime
    ending: Ending | None
    amount: Decimal | None = None
    reason: str = ""
    unread: bool = False


Fact = Arrival | Talk | Result


def moment_of(fact: Fact) -> datetime:
    """When it counts."""
    match fact:
        case Arrival():
            return fact.since
        case Talk():
            return fact.started_at
        case Result():
            return fact.at


def reason_of(result: Result) -> str:
    """As it may be counted and shown."""
    if result.ending is Ending.EXPIRED:
        return EXPIRED_REASON
    return result.reason if result.reason in PRINTED_REASONS else OTHER_REASON


# --- what it comes to ---------------------------------------------------------------------------------------------

Why = tuple[str, str]
"""(how it ended, why), in Chinese."""


@dataclass
class Measures:
    """Sums of one branch, product, agent, half-hour or of all; averages and shares are made of them."""

    arrivals: int = 0
    served: int = 0
    left: int = 0
    waiting: int = 0
    wait_seconds: float = 0.0
    longest_wait: float = 0.0
    decided: int = 0
    in_time: int = 0
    own_decided: int = 0
    own_in_time: int = 0
    talks: int = 0
    talks_ended: int = 0
    talk_seconds: float = 0.0
    cases: int = 0
    amount: Decimal = Decimal(0)
    unread: int = 0
    """Sealed cases whose amount could not be opened."""
    endings: Counter[Why] = field(default_factory=Counter)

    @property
    def average_wait(self) -> float | None:
        return self.wait_seconds / self.served if self.served else None

    @property
    def average_talk(self) -> float | None:
        return self.talk_seconds / self.talks_ended if self.talks_ended else None

    @property
    def level(self) -> float | None:
        """0 to 1."""
        return self.in_time / self.decided if self.decided else None

    @property
    def own_level(self) -> float | None:
        return self.own_in_time / self.own_decided if self.own_decided else None

    @property
    def ended(self) -> int:
        return self.endings.total()


@dataclass(frozen=True)
class Rule:
    """How facts are measured: at which moment, and against which targets. ``own`` None: as the usual one."""

    now: datetime
    own: Target | None = None
    usual: Target = USUAL_TARGET


def measure(facts: Iterable[Fact], rule: Rule) -> Measures:
    made = Measures()
    for fact in facts:
        _ADD[type(fact)](made, fact, rule)
    return made


def _arrival(made: Measures, one: Arrival, rule: Rule) -> None:
    made.arrivals += 1
    waited = ((one.answered_at or rule.now) - one.since).total_seconds()
    if one.answered_at is not None:
        made.served += 1
        made.wait_seconds += waited
    elif one.waiting:
        made.waiting += 1
    else:
        made.left += 1
    if one.answered_at is not None or one.waiting:
        made.longest_wait = max(made.longest_wait, waited)
    decided, in_time = _judged(one, waited, rule.usual)
    made.decided += decided
    made.in_time += in_time
    decided, in_time = _judged(one, waited, rule.own or rule.usual)
    made.own_decided += decided
    made.own_in_time += in_time


def _judged(one: Arrival, waited: float, target: Target) -> tuple[bool, bool]:
    """Whether it is decided that the target was met, and whether it was."""
    within = waited <= target.seconds
    if one.answered_at is not None:
        return True, within
    return not (one.waiting and within), False


def _talk(made: Measures, one: Talk, _: Rule) -> None:
    made.talks += 1
    if one.ended_at is not None:
        made.talks_ended += 1
        made.talk_seconds += (one.ended_at - one.started_at).total_seconds()


def _result(made: Measures, one: Result, _: Rule) -> None:
    if one.ending is not None:
        made.endings[ENDING_TITLES[one.ending], reason_of(one)] += 1
        return
    made.cases += 1
    made.amount += one.amount or Decimal(0)
    made.unread += one.unread


_ADD: dict[type, Callable[..., None]] = {Arrival: _arrival, Talk: _talk, Result: _result}

K = TypeVar("K", str, datetime)


def measure_by(facts: Iterable[Fact], key: Callable[[Fact], K], rule: Rule) -> dict[K, Measures]:
    """By ``key``, in its order."""
    made: dict[K, Measures] = {}
    for fact in facts:
        _ADD[type(fact)](made.setdefault(key(fact), Measures()), fact, rule)
    return dict(sorted(made.items()))


def branch_of(fact: Fact) -> str:
    return fact.branch_id


def product_of(fact: Fact) -> str:
    return fact.product_id


def agent_of(fact: Fact) -> str:
    """Empty for customers whom nobody took and cases that nobody talked about."""
    return fact.staff_id


def slots(facts: Sequence[Fact], span: Span, rule: Rule) -> dict[datetime, Measures]:
    """By half-hours of one day, or by days of several; those between the first and the last with something are all
    there."""
    step = SLOT if span.days == 1 else DAY

    def slot(fact: Fact) -> datetime:
        return span.since + (moment_of(fact) - span.since) // step * step

    found = measure_by(facts, slot, rule)
    if not found:
        return {}
    starts, last = [min(found)], max(found)
    while starts[-1] < last:
        starts.append(starts[-1] + step)
    return {start: found.get(start, Measures()) for start in starts}


def refusals(facts: Iterable[Fact]) -> Mapping[tuple[str, str, str, Why], int]:
    """(branch, product, agent, why) → how many cases ended so, the most first."""
    counted = Counter(
        (one.branch_id, one.product_id, one.staff_id, (ENDING_TITLES[one.ending], reason_of(one)))
        for one in facts
        if isinstance(one, Result) and one.ending is not None
    )
    return dict(sorted(counted.items(), key=lambda item: (-item[1], item[0])))


CAME_OUT_BY = ("document.sealed", *(f"case.{ending}" for ending in Ending))
"""The events; of several the last."""


def came_out(case: Case, at: datetime) -> Result | None:
    """What a case counts as from ``at`` on; None while it is neither sealed nor ended."""
    ending = ending_of(case)
    if ending is None and not is_sealed(case):
        return None
    amount = case.terms.amount if case.terms is not None and ending is None else None
    where = (case.case_id, case.institution_id, case.branch_id, case.product_id)
    return Result(*where, "", at, ending, amount, case.abort_reason)
