"""A busy day at a county cooperative: the board's view and its figures, for panels to be shown with."""

from datetime import date, datetime, timedelta

from desktop.model.wording import BEIJING
from signing.wire.board import BoardSeat, BoardView
from signing.wire.figures import DayFigures, Group, Headline, Level, Measures, Refusal, Slot
from signing.wire.staff import Presence
from tests.unit.desktop import views

DAY = views.NOW.astimezone(BEIJING).date()
ARRIVALS = (3, 9, 14, 17, 12, 8, 4, 2, 6, 13, 16, 11)
BRANCHES = ("上杭支行", "武平支行", "长汀支行", "连城支行")
AGENTS = ("张敏", "李芳", "陈建华", "王秀兰", "黄志强", "吴桂英")


def measures(
    arrivals: int = 0,
    *,
    left: int = 0,
    waiting: int = 0,
    wait: float | None = 38.0,
    level: float | None = 0.82,
    cases: int = 0,
    ended: int = 0,
) -> Measures:
    served = arrivals - left - waiting
    return Measures(
        arrivals=arrivals, served=served, left=left, waiting=waiting, average_wait=wait if served else None,
        longest_wait=wait * 4 if wait and arrivals else 0.0, level=level if arrivals else None,
        own_level=0.93 if arrivals else None, talks=served, average_talk=412.0 if served else None, cases=cases,
        amount=f"{cases * 183_500}.00", ended=ended,
    )  # fmt: skip


def slots(first: datetime) -> list[Slot]:
    made = []
    for number, arrivals in enumerate(ARRIVALS):
        wait = 8.0 + arrivals * arrivals * 0.9
        level = max(0.4, 1.0 - arrivals * 0.03)
        one = measures(arrivals, left=arrivals // 8, wait=wait, level=level, cases=arrivals // 2)
        made.append(Slot(starts_at=first + timedelta(minutes=30 * number), measures=one))
    return made


def figures(first: date = DAY, last: date = DAY) -> DayFigures:
    total = measures(sum(ARRIVALS), left=9, waiting=5, cases=52, ended=6)
    eight = datetime(first.year, first.month, first.day, 8, tzinfo=BEIJING)
    return DayFigures(
        server_time=views.NOW, institution="龙岩示范农村商业银行", first=first, last=last,
        usual=Level(percent=80, seconds=20), own=Level(percent=90, seconds=60), total=total,
        before=Headline(cases=47, served=104, amount="7950000.00", average_talk=438.0), slots=slots(eight),
        branches=_groups(BRANCHES), products=_groups(("小额信用贷款", "多人担保贷款", "林权抵押贷款")),
        agents=_groups((*AGENTS, "没有接通")),
        refusals=[
            _refusal("上杭支行", "多人担保贷款", "张敏", "客户拒绝", "不愿承担担保责任", 3),
            _refusal("武平支行", "小额信用贷款", "李芳", "已撤回", "客户已改到柜台办理", 2),
            _refusal("长汀支行", "小额信用贷款", "没有接通", "已过期", "有效期内未签署齐全", 1),
        ],
    )  # fmt: skip


def _refusal(branch: str, product: str, agent: str, ending: str, reason: str, count: int) -> Refusal:
    return Refusal(branch=branch, product=product, agent=agent, ending=ending, reason=reason, count=count)


def _groups(names: tuple[str, ...]) -> list[Group]:
    """The day's total among them, less and less from the first to the last."""
    shares = [_shared(total, len(names)) for total in (sum(ARRIVALS), 9, 5, 52, 6)]
    return [
        Group(name=name, measures=measures(came, left=left, waiting=waiting, cases=cases, ended=ended))
        for name, came, left, waiting, cases, ended in zip(names, *shares, strict=True)
    ]


def _shared(total: int, parts: int) -> list[int]:
    whole = parts * (parts + 1) // 2
    shares = [total * weight // whole for weight in range(parts, 0, -1)]
    return [shares[0] + total - sum(shares), *shares[1:]]


def view() -> BoardView:
    states = (Presence.ON_CALL, Presence.AVAILABLE, Presence.ON_CALL, Presence.WRAP_UP, Presence.AWAY, Presence.RINGING,
              Presence.OFFLINE, Presence.ON_CALL)  # fmt: skip
    seats = [seat(number, states[number % len(states)]) for number in range(1, 19)]
    waiting = [views.board_waiting(number, minutes) for number, minutes in ((1, 12), (2, 7), (3, 4), (4, 1))]
    calls = [
        views.board_call("c1", views.place("p1"), views.place("p2")).model_copy(
            update={"listeners": [], "case_no": "PQ2026112700318"}
        ),
        views.board_call("c2").model_copy(update={"seat": "02号席", "agent": "李芳", "case_no": "PQ2026112700320"}),
        views.board_call("c3").model_copy(update={"seat": "10号席", "agent": "黄志强", "case_no": "PQ2026112700311"}),
    ]
    return views.board(calls, seats=seats, waiting=waiting, referrals=[views.referral(1), views.referral(2)])


def seat(number: int, presence: Presence) -> BoardSeat:
    agent = "" if presence is Presence.OFFLINE else AGENTS[number % len(AGENTS)]
    made = views.board_seat(number, presence, agent)
    branch = (number - 1) // 5
    return made.model_copy(update={"branch_id": f"b{branch}", "branch": BRANCHES[branch]})
