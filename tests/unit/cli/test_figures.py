"""``pingqian figures``: on the screen, and as a file that is on the access log and overwrites nothing."""

from pathlib import Path

import pytest

from signing.bootstrap import build
from signing.config import Settings
from tests.integration.service.test_setting_up import branch, said
from tests.unit.cli.test_risk import SET_UP


def test_a_day_is_told_and_written(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    data, xlsx = tmp_path / "data", tmp_path / "day.xlsx"
    said(capsys, 0, *branch(data, *SET_UP))
    here = ("--data", data)
    told = said(capsys, 0, "figures", "shanghang", *here)
    assert "笔数 0（上期 0）" in told
    assert "已写成" in said(capsys, 0, "figures", "shanghang", "--day", "2026-01-01", "--xlsx", xlsx, *here)
    assert xlsx.read_bytes().startswith(b"PK")
    assert "无法写入" in said(capsys, 2, "figures", "shanghang", "--xlsx", xlsx, *here)
    app = build(Settings(data))
    with app.services.db.read() as unit:
        log = "".join(line.decode() for line in unit.logs.views())
    assert "命令行导出 2026-01-01 至 2026-01-01" in log
    app.engine.dispose()


@pytest.mark.parametrize(
    ("options", "words"),
    [
        (("--day", "明天"), "不是日期"),
        (("--until", "2026-01-01"), "--day"),
        (("--day", "2126-01-01"), "还没有到"),
        (("--day", "2026-01-02", "--until", "2026-01-01"), "晚于"),
    ],
)
def test_days_that_are_none_are_refused(
    tmp_path: Path, capsys: pytest.CaptureFixture[str], options: tuple[str, ...], words: str
) -> None:
    data = tmp_path / "data"
    said(capsys, 0, *branch(data, *SET_UP))
    assert words in said(capsys, 2, "figures", "shanghang", *options, "--data", data)
