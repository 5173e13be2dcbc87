"""``pingqian branch``: hours, pause, stop, abilities, limits and agreements set from the command line."""

from pathlib import Path

import pytest

from signing.bootstrap import App
from signing.cli import main
from signing.domain.dialect import Dialect
from tests.integration.service.county import EAST, HELPER, HOME, County
from tests.integration.service.office import SteppedClock, open_app


@pytest.fixture
def data(tmp_path: Path) -> Path:
    folder = tmp_path / "data"
    app = open_app(folder, clock=SteppedClock(), identity=object())
    county = County(app, SteppedClock())
    county.set_up()
    county.staff("one")
    app.engine.dispose()
    return folder


def opened(data: Path) -> App:
    return open_app(data, clock=SteppedClock(), identity=object())


class Shell:
    def __init__(self, data: Path, capsys: pytest.CaptureFixture[str]) -> None:
        self.data, self.capsys = data, capsys

    def __call__(self, *arguments: str, code: int = 0) -> str:
        assert main(["branch", *arguments, "--data", str(self.data)]) == code
        said = self.capsys.readouterr()
        return said.out + said.err


@pytest.fixture
def shell(data: Path, capsys: pytest.CaptureFixture[str]) -> Shell:
    return Shell(data, capsys)


def test_hours_are_shown_set_and_taken_back(shell: Shell) -> None:
    assert "全天办理" in shell("hours", EAST)
    said = shell(
        "hours", EAST, "08:30-17:30", "--days", "一二三四五六", "--holiday", "2027-02-17", "--workday", "2027-02-21"
    )
    assert "08:30—17:30，周一二三四五六；不办理 2027-02-17；调休上班 2027-02-21" in said
    assert "08:30—17:30" in shell("hours", EAST)
    shell("hours", EAST, "always")
    assert "全天办理" in shell("hours", EAST)


@pytest.mark.parametrize(
    "arguments",
    [
        ("hours", "nowhere", "08:30-17:30"),
        ("pause", "nowhere", "--message", "稍候", "--reason", "停电"),
        ("ability", "nowhere"),
        ("limits", "nowhere", "--ring", "20"),
    ],
)
def test_who_mistypes_a_number_is_told_where_it_stands(shell: Shell, arguments: tuple[str, ...]) -> None:
    assert "请用 pingqian branch list 查看编号" in shell(*arguments, code=2)


@pytest.mark.parametrize("given", ["8-17", "08:30", "17:30-08:30", "08:30+08:00-17:30"])
def test_hours_that_cannot_be_are_refused_in_words(shell: Shell, given: str) -> None:
    said = shell("hours", EAST, given, code=2)
    assert "时间" in said
    assert "全天办理" in shell("hours", EAST)


def test_a_pause_and_a_stop_hold_until_they_are_taken_back(shell: Shell, data: Path) -> None:
    assert "自动恢复" in shell("pause", EAST, "--message", "午间休息", "--reason", "午饭", "--minutes", "30")
    shell("stop", "--institution", HOME, "--message", "请稍后再来", "--reason", "停电")
    app = opened(data)
    with app.services.db.read() as unit:
        stops = [(one.branch_id, one.emergency, one.message) for one in unit.office.stops()]
        log = b"".join(unit.logs.views()).decode()
    app.engine.dispose()
    assert stops == [(EAST, False, "午间休息"), (None, True, "请稍后再来")]
    assert "停电；告知：请稍后再来" in log
    shell("resume", EAST, "--reason", "午饭完")
    shell("resume", "--institution", HOME, "--reason", "来电")
    assert "现在没有暂停" in shell("resume", EAST, "--reason", "再来", code=2)
    shell("pause", "branch_none", "--message", "x", "--reason", "x", code=2)


def test_what_a_seat_can_and_the_limits_are_kept(shell: Shell, data: Path) -> None:
    said = shell("ability", "seat_one", "--product", "village_credit_line", "--dialect", "hakka")
    assert "village_credit_line；客家话" in said
    said = shell("limits", HOME, "--overflow", "120", "--ring", "25")
    assert "支行互助 120 秒" in said
    assert "振铃 25 秒" in said
    assert "支行互助 不设" in shell("limits", HOME, "--overflow", "never")
    assert "不是秒数" in shell("limits", HOME, "--ring", "bald", code=2)
    app = opened(data)
    with app.services.db.read() as unit:
        (ability,), (limits,) = unit.office.abilities(), unit.office.limits()
    app.engine.dispose()
    assert ability.products == frozenset({"village_credit_line"})
    assert ability.dialects == frozenset({Dialect.HAKKA})
    assert (limits.overflow_seconds, limits.ring_seconds) == (None, 25)


def test_an_agreement_is_declared_listed_and_ended(shell: Shell) -> None:
    assert "没有约定" in shell("overflow", HOME)
    assert "等候 300 秒后" in shell("overflow", HOME, HELPER, "--send", "300")
    assert shell("overflow", HELPER, HOME, "--accept").count("→") == 2
    assert shell("overflow", HOME, HELPER, "--end-send").count("→") == 1
    assert "没有给出对方机构" in shell("overflow", HOME, "--accept", code=2)


def test_nothing_is_said_of_a_branch_or_house_that_is_not_there(shell: Shell) -> None:
    for words in (("hours", "nosuch"), ("overflow", "nosuch"), ("limits", "nosuch")):
        assert "pingqian branch list" in shell(*words, code=2)


def test_a_pause_says_where(shell: Shell) -> None:
    why = ("--reason", "演练", "--message", "请稍候")
    assert "没有给出网点" in shell("pause", *why, code=2)
    assert "不属于 other" in shell("pause", EAST, "--institution", "other", *why, code=2)
    assert "30 天" in shell("pause", EAST, "--minutes", "999999999999", *why, code=2)


def test_limits_without_any_are_shown(shell: Shell) -> None:
    said = shell("limits", HOME)
    assert "现在的设置" in said
    assert "已设置" not in said
