"""``pingqian simulate``: how long customers would wait, reckoned with the service's own queue."""

import argparse
import json
import shutil
import subprocess
import tempfile
from collections.abc import Mapping
from dataclasses import asdict, replace
from datetime import timedelta
from functools import partial
from pathlib import Path
from unicodedata import east_asian_width

from signing.domain.errors import InputError, OutsideError
from signing.domain.routing import Rules
from signing.domain.whynot import why
from signing.simulation.chart import HEIGHT, WIDTH, draw
from signing.simulation.check import CASES, Check, against_erlang
from signing.simulation.measures import EstimateError, Figures, by_hour, estimate_error, overall
from signing.simulation.run import Result, Run
from signing.simulation.scenario import (
    FIRST_SEATS,
    LATER_SEATS,
    PUBLISHED_CALL_MINUTES,
    PUBLISHED_CASES,
    PUBLISHED_PEOPLE,
    REFERENCE_DAYS,
    SEATS_A_BRANCH,
    Scenario,
)

CHECK_CUSTOMERS = 300_000
_CHROMIUM = ("chromium", "chromium-browser", "google-chrome")
_HEADINGS = ("时段", "到达", "平均等候", "九成不超过", "最长等候", "20秒接通", "占用率")


class SimulateCommand:
    name = "simulate"
    help = "用真实的排队程序在模拟时钟下推演等候时间"

    def configure(self, parser: argparse.ArgumentParser) -> None:
        add = parser.add_argument
        add("--seats", type=_whole, metavar="数量", help=f"席位数；不填则对照 {FIRST_SEATS} 席与 {LATER_SEATS} 席")
        add("--branches", type=_whole, metavar="数量", help=f"支行数（默认每 {SEATS_A_BRANCH} 席一个支行）")
        add("--arrivals", type=_positive, default=float(PUBLISHED_PEOPLE), metavar="数量", help="全期到达人数的期望值")
        add("--days", type=_whole, default=REFERENCE_DAYS, metavar="天数", help="工作日数（默认 22，为假定）")
        add("--mean-call", type=_positive, default=PUBLISHED_CALL_MINUTES, metavar="分钟", help="平均通话分钟数")
        add("--law", choices=("lognormal", "exponential"), default="lognormal", help="通话时长的分布")
        add("--overflow", type=_positive, metavar="分钟", help="等候多少分钟后可由其他支行接听（默认不可）")
        add("--seed", type=int, default=1, metavar="种子", help="随机数种子")
        add("--out", type=Path, metavar="文件", help="图表，.svg 或 .png")
        add("--json", action="store_true", help="以 JSON 输出")
        add("--check", action="store_true", help="另与 Erlang C 公式核对（约一分钟）；误差超过 5%% 时返回 1")

    def run(self, arguments: argparse.Namespace) -> int:
        out: Path | None = arguments.out
        if out is not None and out.suffix not in (".svg", ".png"):
            raise InputError(f"不能写出 {out.name}", "图表文件请以 .svg 或 .png 结尾")
        scenarios = _scenarios(arguments)
        results = {name: Run(scenario, arguments.seed).execute() for name, scenario in scenarios.items()}
        checks = _checks(arguments) if arguments.check else []
        print(as_json(results, checks) if arguments.json else as_text(results, checks))
        if out is not None:
            write_chart(out, *next(iter(results.items())))
        return 0 if all(check.met for check in checks) else 1


def _whole(text: str) -> int:
    value = int(text)
    if value < 1:
        raise argparse.ArgumentTypeError("须为正整数")
    return value


def _positive(text: str) -> float:
    value = float(text)
    if not 0 < value < 1e9:
        raise argparse.ArgumentTypeError("须为正数")
    return value


def _scenarios(arguments: argparse.Namespace) -> dict[str, Scenario]:
    """The asked-for one, or else the first seats against the later ones: same customers, and same load a seat."""
    overflow = None if arguments.overflow is None else timedelta(minutes=arguments.overflow)
    people, days = arguments.arrivals, arguments.days
    if arguments.seats is not None:
        return {f"{arguments.seats} 席": _scenario(arguments, arguments.seats, people, days, overflow)}
    province = people / days * LATER_SEATS / FIRST_SEATS
    shared = overflow or timedelta(minutes=2)
    many = partial(_scenario, arguments, LATER_SEATS)
    return {
        f"{FIRST_SEATS} 席": _scenario(arguments, FIRST_SEATS, people, days, overflow),
        f"{LATER_SEATS} 席，同样的客户": replace(many(people, days, overflow), estimates=False),
        f"{LATER_SEATS} 席，每席同样的客户，一天": replace(many(province, 1, None), estimates=False),
        f"同上，等候 {shared.total_seconds() / 60:g} 分钟后各支行互助": many(province, 1, shared),
    }


def _scenario(
    arguments: argparse.Namespace, seats: int, people: float, days: int, overflow: timedelta | None
) -> Scenario:
    branches = min(seats, arguments.branches or -(-seats // SEATS_A_BRANCH))
    rules = Rules(overflow_after=overflow)
    return Scenario(seats, branches, people, days, arguments.mean_call, arguments.law, rules=rules)


def _checks(arguments: argparse.Namespace) -> list[Check]:
    seconds = arguments.mean_call * 60
    return [against_erlang(seats, busy, seconds, CHECK_CUSTOMERS, arguments.seed) for seats, busy in CASES]


# --- what is printed --------------------------------------------------------------------------------------------------


def as_json(results: Mapping[str, Result], checks: list[Check]) -> str:
    """Times in seconds, shares from 0 to 1."""
    runs = [
        {
            "name": name,
            "seats": result.scenario.seats,
            "branches": result.scenario.branches,
            "days": result.scenario.days,
            "hours": {f"{hour:02}": asdict(figures) for hour, figures in by_hour(result).items()},
            "overall": asdict(overall(result)),
            "estimate_error": asdict(estimate_error(result)),
            "missed_rings": result.missed_rings,
            "drops": result.drops,
        }
        for name, result in results.items()
    ]
    erlang = [asdict(check) | {"error": check.error, "met": check.met} for check in checks]
    return json.dumps({"runs": runs, "erlang_c": erlang}, ensure_ascii=False, indent=1)


def as_text(results: Mapping[str, Result], checks: list[Check]) -> str:
    name, first = next(iter(results.items()))
    hours = [_row(f"{hour:02}:00", figures) for hour, figures in by_hour(first).items()]
    lines = [describe(name, first), "", *_table([_HEADINGS, *hours, _row("全天", overall(first))]), ""]
    lines += [_told(estimate_error(first)), f"未接来电 {first.missed_rings} 次，断线 {first.drops} 次，均已接回"]
    if len(results) > 1:
        rows = [_row(each, overall(result)) for each, result in results.items()]
        lines += ["", "对照", *_table([("方案", *_HEADINGS[1:]), *rows])]
        name, last = list(results.items())[-1]
        lines += ["", f"{name}：{_told(estimate_error(last))}"]
    lines += ["", *assumptions(first.scenario)]
    if checks:
        lines += ["", "与 Erlang C 核对（平稳到达、指数通话、不放弃、一类客户）", *_table(_check_rows(checks))]
    return "\n".join(lines)


def describe(name: str, result: Result) -> str:
    scenario = result.scenario
    law = "对数正态" if scenario.law == "lognormal" else "指数"
    where = f"{name}（{scenario.branches} 个支行）" if scenario.branches > 1 else name
    talk = f"平均通话 {scenario.call_minutes:g} 分钟（{law}）"
    return f"{where}，{scenario.days} 个工作日，{len(result.served):,} 人，{talk}"


def assumptions(scenario: Scenario) -> list[str]:
    """What is published, and what is only assumed because nothing is."""
    faults, opens = scenario.faults, scenario.opens_at
    closes, weights = opens + len(scenario.curve), "、".join(f"{weight:g}" for weight in scenario.curve)
    spread = scenario.spread if scenario.law == "lognormal" else 1.0
    return [
        f"公开数字：{PUBLISHED_CASES:,} 笔、{PUBLISHED_PEOPLE:,} 人、每次约 {PUBLISHED_CALL_MINUTES:g} 分钟、"
        f"{FIRST_SEATS} 席与 {LATER_SEATS} 席；没有说明期间，以下为假定：",
        f"  {scenario.days} 个工作日，{opens} 时至 {closes} 时，逐小时的到达比重 {weights}",
        f"  通话时长的标准差为均值的 {spread:.0%}，{scenario.elder_share:.0%} 的客户 65 岁以上；客户不中途放弃",
        f"  接听需 {_span(faults.pick_up)} 秒，整理 {faults.wrap_up:g} 秒",
        f"  {faults.missed_share:.0%} 的来电未接，其后暂离 {faults.away / 60:g} 分钟；"
        f"{faults.drop_share:.0%} 的通话断线，{_span(faults.return_after)} 秒后返回",
    ]


def _span(seconds: tuple[float, float]) -> str:
    return f"{seconds[0]:g} 至 {seconds[1]:g}"


def _row(name: str, figures: Figures) -> tuple[str, ...]:
    waits = (figures.mean_wait, figures.p90_wait, figures.longest_wait)
    within = f"{figures.within_target:.0%}" if figures.arrivals else "－"
    return (name, f"{figures.arrivals:,}", *map(clock, waits), within, f"{figures.occupancy:.0%}")


def _told(error: EstimateError) -> str:
    return (
        f"告知客户的预计等候：误差中位数 {clock(error.median_absolute)}，平均偏差 {_signed(error.bias)}；"
        f"其中等候超过 20 秒的 {error.queued:,} 人：误差中位数 {clock(error.queued_median_absolute)}，"
        f"平均偏差 {_signed(error.queued_bias)}（平均等候 {clock(error.queued_mean_wait)}）"
    )


def _check_rows(checks: list[Check]) -> list[tuple[str, ...]]:
    headings = ("席位", "占用率", "人数", "推演等候", "公式等候", "误差", "结论")
    return [headings, *map(_check_row, checks)]


def _check_row(one: Check) -> tuple[str, ...]:
    waits = (f"{one.simulated:.1f} 秒", f"{one.expected:.1f} 秒")
    verdict = "相符" if one.met else "不符"
    return (str(one.seats), f"{one.occupancy:.0%}", f"{one.customers:,}", *waits, f"{one.error:+.1%}", verdict)


def clock(seconds: float) -> str:
    """Minutes and seconds: 3:07."""
    whole = round(seconds)
    return f"{whole // 60}:{whole % 60:02}"


def _signed(seconds: float) -> str:
    return ("少报 " if seconds < 0 else "多报 ") + clock(abs(seconds))


def _table(rows: list[tuple[str, ...]]) -> list[str]:
    """Columns set by display width: a Chinese character takes two places."""
    widths = [max(map(_width, column)) for column in zip(*rows, strict=True)]
    return [
        "  ".join(
            cell + " " * (width - _width(cell)) if number == 0 else " " * (width - _width(cell)) + cell
            for number, (cell, width) in enumerate(zip(row, widths, strict=True))
        )
        for row in rows
    ]


def _width(text: str) -> int:
    return sum(2 if east_asian_width(letter) in "WF" else 1 for letter in text)


# --- the chart --------------------------------------------------------------------------------------------------------


def write_chart(out: Path, name: str, result: Result) -> None:
    """Raises ``OutsideError`` where a PNG is wanted without a Chromium, ``InputError`` where it cannot be written."""
    svg = draw(by_hour(result), result.scenario.days, "排队推演：一天之中的到达与等候", describe(name, result))
    try:
        if out.suffix == ".svg":
            out.write_text(svg, encoding="utf-8")
        else:
            _photograph(svg, out)
    except OSError as error:
        raise InputError(f"不能写出 {out}（{why(error)}）", "请检查路径") from None


def _photograph(svg: str, out: Path) -> None:
    browser = next((found for name in _CHROMIUM if (found := shutil.which(name))), None)
    if browser is None:
        raise OutsideError("没有找到 Chromium，不能输出 PNG", "请改用 .svg，或安装 chromium")
    with tempfile.TemporaryDirectory() as folder:
        page, picture = Path(folder, "chart.html"), Path(folder, "chart.png")
        page.write_text(f'<meta charset="utf-8"><body style="margin:0">{svg}', encoding="utf-8")
        size = f"--window-size={WIDTH},{HEIGHT}"
        command = [browser, "--headless", "--no-sandbox", "--hide-scrollbars", f"--user-data-dir={folder}/profile"]
        command += ["--force-device-scale-factor=2", size, f"--screenshot={picture}", page.as_uri()]
        done = subprocess.run(command, capture_output=True, timeout=60, check=False)
        if done.returncode or not picture.exists():
            raise OutsideError("Chromium 没有画出图表", "请改用 .svg")
        out.write_bytes(picture.read_bytes())


SIMULATE = SimulateCommand()
