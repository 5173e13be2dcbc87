"""``pingqian bench call`` at the command line: what it lists and what it refuses."""

import pytest

from desktop.bench.call import told
from media.core.callfigures import PictureFigures, SoundFigures
from media.lab.trial import Kind, Trial, Way
from signing.cli import main


def test_it_is_listed_beside_the_others(capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(SystemExit):
        main(["bench", "--help"])
    assert "call" in capsys.readouterr().out


def test_the_links_of_the_package_are_listed(capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(SystemExit):
        main(["bench", "call", "--help"])
    said = "".join(capsys.readouterr().out.split())
    for name in ("clean", "loss20", "policed300k", "blackout10"):
        assert name in said


def test_an_unknown_link_is_told_before_anything_runs(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["bench", "call", "--link", "loss5", "--link", "moon"]) == 2
    said = capsys.readouterr()
    assert "没有名为“moon”的链路" in said.err
    assert "种子" not in said.err


@pytest.mark.parametrize(("option", "value"), [("--seeds", "0"), ("--seconds", "1"), ("--seconds", "601")])
def test_numbers_that_make_no_measurement_are_refused(
    option: str, value: str, capsys: pytest.CaptureFixture[str]
) -> None:
    with pytest.raises(SystemExit) as left:
        main(["bench", "call", option, value])
    assert left.value.code == 2
    assert "须" in capsys.readouterr().err


def test_a_call_is_told_in_a_line_as_soon_as_it_is_over() -> None:
    pictures = PictureFigures(14.6, 1, 0.02, 400.0, None, None, 600.0)
    way = Way(pictures, SoundFigures(0.04, 140.0, 180.0), 0, 500.0, 0.1, 20.0, 50.0, None)
    trial = Trial(Kind.OURS, 1, way, way, 400.0, 3.0, 0.02, 0.0, 1.5)
    line = told(trial)
    assert "手机→坐席 14.6 帧/秒，冻结 2.0 %，画面晚 –，声音缺 4.0 %、晚 140 毫秒，发送 500 kbit/s" in line
    assert line.endswith("（机器超载，不可信）")
