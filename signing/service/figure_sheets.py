"""The figures of a day or several as tables to keep. No customer is in them; staff are named as on the board."""

from collections.abc import Mapping
from datetime import datetime

from signing.domain import figures as f
from signing.domain.beijing import BEIJING
from signing.domain.sheets import Cell, Form, Heading, SheetOut
from signing.service.figures import OUTSIDER, FiguresSnapshot

COLUMNS = (
    Heading("来客", Form.COUNT),
    Heading("接通", Form.COUNT),
    Heading("放弃", Form.COUNT),
    Heading("平均等候", Form.DURATION),
    Heading("最长等候", Form.DURATION),
    Heading("服务水平", Form.SHARE),
    Heading("自定服务水平", Form.SHARE),
    Heading("通话", Form.COUNT),
    Heading("平均通话时长", Form.DURATION),
    Heading("笔数", Form.COUNT),
    Heading("金额（元）", Form.MONEY),
    Heading("未办成", Form.COUNT),
)
DEFINITIONS = (
    "来客：当日进入排队的客户，断线后回来的仍算一位。",
    "接通（人次）：来客中接入通话的；放弃：接通前离开的。",
    "等候：从进入排队到第一次接通；平均按接通的算，最长含仍在等候的。",
    "服务水平：规定秒数内接通 ÷（接通 + 放弃 + 已等满规定秒数的）。",
    "通话：当日开始的每个席位的通话，转接后在另一席位另算一通；平均按已结束的算。",
    "笔数、金额：当日全部文书用印完成的业务和它们的金额。",
    "未办成：当日没有用印就结束的业务；自行填写的原因不列出，计入“其他原因”。",
)

_Row = tuple[Cell, f.Measures]


def sheets_of(found: FiguresSnapshot) -> list[SheetOut]:
    """Overview, by time, branch, product, agent, what ended without a seal and why; what counts how."""
    about = (f"{found.institution}　{_days(found)}", f"统计时间 {_moment(found.now)}")
    names = found.names
    return [
        _overview(found, about),
        _by_time(found, about),
        _table("按网点", Heading("网点"), _named(found.branches, names), found, about),
        _table("按产品", Heading("产品"), _named(found.products, names), found, about),
        _table("按坐席", Heading("坐席"), _named(found.agents, names), found, about),
        _refusals(found, about),
        SheetOut("指标说明", (Heading("指标说明"),), tuple((line,) for line in DEFINITIONS)),
    ]


def _days(found: FiguresSnapshot) -> str:
    first, last = found.span.first, found.span.last
    return f"{first:%Y-%m-%d}" if first == last else f"{first:%Y-%m-%d} 至 {last:%Y-%m-%d}"


def _moment(at: datetime) -> str:
    return f"{at.astimezone(BEIJING):%Y-%m-%d %H:%M:%S}（北京时间）"


def _by_time(found: FiguresSnapshot, about: tuple[str, ...]) -> SheetOut:
    """By half-hours of one day, which are the times at which they begin, or by days."""
    starts = [(at.astimezone(BEIJING), one) for at, one in found.slots.items()]
    if found.span.days == 1:
        halves: list[_Row] = [(at.time(), one) for at, one in starts]
        return _table("按时段", Heading("开始时间", Form.TIME), halves, found, about)
    days: list[_Row] = [(at.date(), one) for at, one in starts]
    return _table("按日", Heading("日期", Form.DAY), days, found, about)


def _named(measured: Mapping[str, f.Measures], names: Mapping[str, str]) -> list[_Row]:
    return [(names.get(key, OUTSIDER), one) for key, one in measured.items()]


def _table(title: str, first: Heading, rows: list[_Row], found: FiguresSnapshot, about: tuple[str, ...]) -> SheetOut:
    listed = [(name, *_cells(one)) for name, one in rows]
    return SheetOut(title, (first, *COLUMNS), (*listed, ("合计", *_cells(found.total))), about, total=True)


def _cells(one: f.Measures) -> tuple[Cell, ...]:
    """As ``COLUMNS``."""
    return (
        one.arrivals,
        one.served,
        one.left,
        one.average_wait,
        one.longest_wait or None,
        one.level,
        one.own_level,
        one.talks,
        one.average_talk,
        one.cases,
        one.amount,
        one.ended,
    )


def _overview(found: FiguresSnapshot, about: tuple[str, ...]) -> SheetOut:
    total, before = found.total, found.before
    rows: list[tuple[str, Cell, Cell, Form]] = [
        ("笔数", total.cases, before.cases if before else None, Form.COUNT),
        ("人次", total.served, before.served if before else None, Form.COUNT),
        ("金额（元）", total.amount, before.amount if before else None, Form.MONEY),
        ("平均通话时长", total.average_talk, before.average_talk if before else None, Form.DURATION),
        ("来客", total.arrivals, None, Form.COUNT),
        ("放弃", total.left, None, Form.COUNT),
        ("平均等候", total.average_wait, None, Form.DURATION),
        ("最长等候", total.longest_wait, None, Form.DURATION),
        (f"服务水平 {_level(found.usual)}", total.level, None, Form.SHARE),
        *([(f"自定服务水平 {_level(found.own)}", total.own_level, None, Form.SHARE)] if found.own else []),
        ("未办成", total.ended, None, Form.COUNT),
    ]
    notes = (*about, *([f"有 {total.unread} 笔的金额读不出，没有计入"] if total.unread else []))
    return SheetOut(
        "总览",
        (Heading("指标"), Heading("数值"), Heading("上期")),
        tuple(row[:3] for row in rows),
        notes,
        forms={number: row[3] for number, row in enumerate(rows)},
    )


def _level(target: f.Target) -> str:
    return f"{target.percent}%/{target.seconds} 秒"


def _refusals(found: FiguresSnapshot, about: tuple[str, ...]) -> SheetOut:
    names = found.names
    rows = tuple(
        (why[1], why[0], names.get(branch, OUTSIDER), names.get(product, product), names.get(agent, OUTSIDER), count)
        for (branch, product, agent, why), count in found.refusals.items()
    )
    titles = ("原因", "结束方式", "网点", "产品", "坐席")
    columns = (*(Heading(title) for title in titles), Heading("笔数", Form.COUNT))
    return SheetOut("未办成和原因", columns, rows, about)
