"""The table of a measurement, and what its exit code says."""

import argparse
import json

import pytest

from signing.cli import main
from signing.commandline import bench
from signing.commandline.bench.table import HEADINGS, Row, as_json, as_text, at_most


def test_json_has_every_key_of_a_row() -> None:
    (row,) = json.loads(as_json([at_most("列表", 3.0, 2.0, 2, "毫秒")]))["rows"]
    assert row == {
        "goal": "列表", "ours": 3.0, "anchor": 2.0, "ratio": 1.5, "target": "≤ 2 倍", "unit": "毫秒", "met": True,
    }  # fmt: skip


def test_a_row_without_an_anchor_has_no_ratio() -> None:
    assert Row("内存", 5.0, "MB").ratio is None
    assert Row("内存", 5.0, "MB", anchor=0.0).ratio is None
    (row,) = json.loads(as_json([Row("内存", 5.0, "MB")]))["rows"]
    assert (row["anchor"], row["ratio"], row["met"]) == (None, None, None)


@pytest.mark.parametrize(("ours", "met"), [(2.0, True), (4.0, True), (4.1, False)])
def test_the_target_is_a_multiple_of_the_anchor(ours: float, met: bool) -> None:
    assert at_most("x", ours, 2.0, 2, "毫秒").met is met


def test_columns_line_up_though_chinese_is_wide() -> None:
    said = as_text([Row("列表", 1.0, "毫秒"), Row("a", 123456.0, "ms", "≥ 1", False)]).splitlines()
    assert len(said) == 3
    assert all(heading in said[0] for heading in HEADINGS)
    assert said[1].startswith("列表  1 ")
    assert said[2].startswith("a     123,456 ")
    assert "✗ 未达到" in said[2]


@pytest.mark.parametrize(("met", "code"), [(True, 0), (None, 0), (False, 1)])
def test_exit_code_says_whether_a_target_is_missed(
    met: bool | None, code: int, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    class Subject:
        name, help = "storage", "x"

        def measure(self, arguments: argparse.Namespace) -> list[Row]:
            return [Row("目标", 1.0, "次", "≥ 2", met)]

    assert bench.BENCH.run(argparse.Namespace(subject=Subject(), json=False)) == code
    assert "目标" in capsys.readouterr().out


def test_every_subject_is_listed_with_its_help(capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(SystemExit) as left:
        main(["bench", "--help"])
    assert left.value.code == 0
    assert "storage" in capsys.readouterr().out


def test_storage_measures_a_blob_beside_a_bare_file(capsys: pytest.CaptureFixture[str]) -> None:
    main(["bench", "storage", "--rounds", "3", "--blobs-only", "--json"])
    (row,) = json.loads(capsys.readouterr().out)["rows"]
    assert row["anchor"] > 0
    assert row["ours"] > 0


def test_storage_asks_the_same_of_a_day_and_of_more(capsys: pytest.CaptureFixture[str]) -> None:
    main(["bench", "storage", "--cases", "600", "--events", "3", "--rounds", "1", "--json"])
    rows = json.loads(capsys.readouterr().out)["rows"]
    goals = {row["goal"] for row in rows}
    for goal in ("审计列表一页", "按证件号查找", "打开一笔业务", "追加一个事件", "派单", "坐席界面", "主管看板"):
        assert goal in goals
    assert all(row["ours"] > 0 and row["anchor"] > 0 and row["ratio"] > 0 for row in rows)
