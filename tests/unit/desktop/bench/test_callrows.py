"""The table of calls: medians, ratios, aims, and what is said where there was nothing to measure."""

from dataclasses import replace

import pytest

from desktop.bench.callrows import Aim, machine_rows, middle, rows
from media.core.callfigures import PictureFigures, SoundFigures
from media.lab.trial import Kind, Trial, Way
from signing.commandline.bench.table import Row

PICTURES = PictureFigures(15.0, 1, 0.02, 400.0, 100.0, 150.0, 600.0)
SOUND = SoundFigures(0.04, 140.0, 180.0)
WAY = Way(PICTURES, SOUND, 0, 500.0, 0.1, 20.0, 50.0, None)
ANCHOR = Trial(Kind.CHROMIUM, 1, WAY, WAY, 400.0, 3.0, 0.0, 0.001, 1.5)
OURS = replace(ANCHOR, kind=Kind.OURS)


def way(**figures: float | None) -> Way:
    """WAY with some figures of the picture changed."""
    return replace(WAY, pictures=replace(PICTURES, **figures))  # type: ignore[arg-type]


def found(table: list[Row], goal: str) -> Row:
    """The one row whose goal begins so and goes on with no more than a remark."""
    (row,) = [row for row in table if row.goal == goal or row.goal.startswith((goal + "（延迟", goal + "："))]
    return row


def test_every_figure_stands_beside_chromium_s_in_both_directions() -> None:
    table = rows("clean", [ANCHOR, OURS])
    for direction in ("手机→坐席", "坐席→手机"):
        for figure, value, unit in [
            ("画面", 15, "帧/秒"), ("画面冻结的时间", 2, "%"), ("最长的一次冻结", 400, "毫秒"),
            ("画面延迟", 100, "毫秒"), ("画面延迟 p95", 150, "毫秒"), ("首个画面", 600, "毫秒"), ("缺失的声音", 4, "%"),
            ("声音延迟", 140, "毫秒"),
            ("声音延迟 p95", 180, "毫秒"), ("声音延迟（扣除链路）", 90, "毫秒"),
            ("发送（含重传和包头）", 500, "kbit/s"),
            ("链路里的排队 p95", 20, "毫秒"),
        ]:  # fmt: skip
            row = found(table, f"clean {direction} {figure}")
            assert (row.ours, row.anchor, row.unit) == (value, value, unit)
            assert row.met is not False
    assert found(table, "clean 手机编码的画面").anchor == 400


def test_the_median_over_the_seeds_is_told() -> None:
    shares = [replace(OURS, up=way(frozen_share=share)) for share in (0.5, 0.03, 0.01)]
    row = found(rows("loss10", [ANCHOR, *shares]), "loss10 手机→坐席 画面冻结的时间")
    assert (row.ours, row.anchor, row.ratio, row.met) == (3, 2, 1.5, False)


def test_added_delay_stands_beside_what_can_be_bought_with_it() -> None:
    late = replace(OURS, up=way(delay_ms=175.0), down=replace(WAY, sound=replace(SOUND, delay_ms=120.0)))
    goals = [row.goal for row in rows("loss5", [ANCHOR, late])]
    assert "loss5 手机→坐席 画面冻结的时间（延迟+75 毫秒）" in goals
    assert "loss5 手机→坐席 画面（延迟+75 毫秒）" in goals
    assert "loss5 坐席→手机 缺失的声音（延迟-20 毫秒）" in goals


@pytest.mark.parametrize(
    ("link", "goal", "target"),
    [
        ("loss20", "手机→坐席 画面冻结的时间", "≤ 1.2 倍"),
        ("burst", "坐席→手机 缺失的声音", "≤ 1 倍"),
        ("100k", "坐席→手机 画面", "≥ 0.95 倍"),
        ("150k", "手机→坐席 最长的一次冻结", "≤ 1000"),
        ("300k", "手机→坐席 链路里的排队 p95", "≤ 300"),
        ("clean", "手机→坐席 首个画面", "≤ 1.1 倍"),
        ("clean", "坐席→手机 声音延迟（扣除链路）", "≤ 1.5 倍"),
        ("loss20", "手机编码的画面", "≥ 3 倍"),
        ("village", "手机→坐席 画面冻结的时间", ""),
        ("300k", "坐席→手机 链路里的排队 p95", ""),
    ],
)
def test_the_aims_are_those_of_their_links(link: str, goal: str, target: str) -> None:
    row = found(rows(link, [ANCHOR, OURS]), f"{link} {goal}")
    assert row.target == target
    assert (row.met is None) is (target == "")


def test_a_call_that_showed_nothing_is_missed_and_not_left_out() -> None:
    nothing = replace(OURS, up=way(first_ms=None, delay_ms=None, delay_p95_ms=None))
    row = found(rows("loss10", [ANCHOR, nothing]), "loss10 手机→坐席 首个画面")
    assert (row.met, row.anchor) == (False, 600)
    assert "没有等到" in row.goal


def test_what_neither_has_is_no_row_and_what_chromium_lacks_is_only_recorded() -> None:
    assert not [row for row in rows("clean", [ANCHOR, OURS]) if "中断后恢复" in row.goal]
    back = replace(OURS, up=replace(WAY, back_ms=800.0))
    (row,) = [row for row in rows("blackout10", [ANCHOR, back]) if "中断后恢复" in row.goal]
    assert (row.ours, row.anchor, row.met) == (800, None, None)


def test_an_aim_may_have_several_bounds() -> None:
    aim = Aim(most=1.5, cap=150)
    assert aim.words() == "≤ 1.5 倍，≤ 150"
    assert [aim.met(ours, 100) for ours in (149, 151)] == [True, False]
    assert aim.met(100, 50) is False
    assert Aim().met(1, 1) is None


def test_a_figure_that_half_of_the_seeds_lack_is_none() -> None:
    assert middle([1.0, None]) is None
    assert middle([1.0, 3.0, None]) == 2
    assert middle([]) is None


def test_a_machine_that_did_not_keep_up_is_told() -> None:
    late = replace(OURS, late_ms=80.0, late_share=0.05, load=9.0)
    worst, share, stalled, decoding, wrong, load = machine_rows([ANCHOR, late])
    assert (worst.ours, share.ours, stalled.ours, wrong.ours, load.ours) == (80, 5, 0.1, 1, 9)
    assert (share.met, stalled.met, decoding.met, wrong.met) == (False, True, True, False)
    assert not replace(OURS, stalled=0.03).trusted
    assert not replace(OURS, decoding=0.8).trusted
    assert OURS.trusted
    assert all(row.met is not False for row in machine_rows([ANCHOR, OURS]))
