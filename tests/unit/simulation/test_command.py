"""``pingqian simulate``: what it prints, draws and refuses."""

import json
import shutil
import xml.etree.ElementTree as ET
from pathlib import Path

import pytest
from PIL import Image

from signing.cli import main
from signing.simulation.chart import HEIGHT, PAPER, PRIMARY, WIDTH, draw
from signing.simulation.measures import Figures

SMALL = ["simulate", "--arrivals", "120", "--days", "1"]
SVG = "{http://www.w3.org/2000/svg}"


def test_the_table_has_a_line_an_hour_and_the_comparison(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(SMALL) == 0
    text = capsys.readouterr().out
    assert text.startswith("7 席，1 个工作日，")
    for words in ("公开数字：7,670 笔、8,069 人", "1 个工作日，8 时至 18 时", "25% 的客户 65 岁以上", "4% 的通话断线"):
        assert words in text
    for words in ("时段", "20秒接通", "10:00", "全天", "误差中位数", "平均偏差", "188 席，同样的客户", "各支行互助"):
        assert words in text


def test_json_is_the_same_for_the_same_seed(capsys: pytest.CaptureFixture[str]) -> None:
    found = []
    for _ in range(2):
        assert main([*SMALL, "--seats", "9", "--overflow", "2", "--law", "exponential", "--seed", "7", "--json"]) == 0
        found.append(json.loads(capsys.readouterr().out))
    assert found[0] == found[1]
    (run,) = found[0]["runs"]
    assert (run["seats"], run["branches"], run["days"]) == (9, 2, 1)
    assert set(run["hours"]["10"]) == set(run["overall"])
    assert run["estimate_error"]["told"] == run["overall"]["arrivals"]


def test_the_chart_is_written_as_svg(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    out = tmp_path / "day.svg"
    assert main([*SMALL, "--seats", "3", "--out", str(out)]) == 0
    assert "3 席" in capsys.readouterr().out
    root = ET.fromstring(out.read_text(encoding="utf-8"))
    words = {text.text for text in root.iter(f"{SVG}text")}
    assert {"到达人数", "平均等候", "席位占用率", "分钟", "8时", "北京时间"} <= words


def test_a_chart_shows_every_value_at_its_height() -> None:
    quiet, busy = Figures(50, 60.0, 120.0, 300.0, 0.5, 0.25), Figures(100, 600.0, 1200.0, 3000.0, 0.0, 1.0)
    root = ET.fromstring(draw({9: quiet, 11: busy}, 1, "一 < 二", "说明"))
    bars = [bar for bar in root.iter(f"{SVG}rect") if bar.get("fill") not in (PAPER, "#FFFFFF")][:3]
    heights = [float(bar.get("height", "")) for bar in bars]
    assert heights[0] == pytest.approx(heights[2] / 2)
    assert heights[1] == 0
    dots = [float(dot.get("cy", "")) for dot in root.iter(f"{SVG}circle") if dot.get("fill") == PRIMARY]
    assert len(dots) == 4, "two mean waits and two service levels; none for the hour in which nobody came"
    assert all(0 < cy < HEIGHT for cy in dots)
    assert dots[1] < dots[0] < 361


@pytest.mark.parametrize(("arrivals", "wait"), [(1317, 1742.0), (50, 61.0), (9, 5.0), (22, 100_000.0)])
def test_the_lines_across_are_true_for_both_axes(arrivals: int, wait: float) -> None:
    root = ET.fromstring(draw({9: Figures(arrivals, wait / 2, wait, wait, 0.5, 0.9)}, 22, "一", "二"))
    texts = [text for text in root.iter(f"{SVG}text") if float(text.get("y", "")) < 370]
    heights = {anchor: [float(t.get("y", "")) for t in texts if t.get("text-anchor") == anchor and is_number(t.text)]
               for anchor in ("start", "end")}  # fmt: skip
    assert heights["start"] == heights["end"]
    assert 5 <= len(heights["end"]) <= 7
    most = max(float(t.text or "") for t in texts if t.get("text-anchor") == "start" and is_number(t.text))
    assert wait / 60 <= most


def is_number(text: str | None) -> bool:
    return text is not None and text.replace(".", "").replace("e+", "").isdigit()


@pytest.mark.skipif(shutil.which("chromium") is None, reason="no Chromium to draw the PNG")
def test_the_chart_is_written_as_png(tmp_path: Path) -> None:
    out = tmp_path / "day.png"
    assert main([*SMALL, "--seats", "3", "--out", str(out)]) == 0
    with Image.open(out) as picture:
        assert picture.size == (2 * WIDTH, 2 * HEIGHT)
        colours = picture.convert("RGB").getcolors(maxcolors=1 << 20)
    assert colours is not None
    assert (0x0A, 0x6A, 0x4A) in {colour for _, colour in colours}


@pytest.mark.parametrize(
    "wrong", [["--seats", "0"], ["--days", "-1"], ["--arrivals", "0"], ["--mean-call", "nan"], ["--law", "constant"]]
)
def test_impossible_numbers_are_refused(wrong: list[str]) -> None:
    with pytest.raises(SystemExit) as left:
        main(["simulate", *wrong])
    assert left.value.code == 2


def test_an_unknown_picture_format_and_an_unwritable_place(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert main([*SMALL, "--out", "day.gif"]) == 2
    assert main([*SMALL, "--seats", "3", "--out", str(tmp_path / "none" / "day.svg")]) == 2
    assert "请检查路径" in capsys.readouterr().err
