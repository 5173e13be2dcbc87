"""The microphone's level as a bar and a word."""

from itertools import pairwise

import pytest
from pytestqt.qtbot import QtBot

from desktop.devices.meter import LOWEST, LevelMeter, decibels, verdict
from signing.wire.base import Tone


def test_decibels_of_full_scale() -> None:
    assert decibels(1.0) == 0
    assert decibels(0.1) == pytest.approx(-20)
    assert decibels(0.0) == decibels(1e-9) == LOWEST


@pytest.mark.parametrize(
    ("level", "words", "tone"),
    [
        (0.0, "没有声音", Tone.CAUTION),
        (0.008, "偏小", Tone.CAUTION),
        (0.1, "正常", Tone.GOOD),
        (0.9, "太响", Tone.CAUTION),
    ],
)
def test_the_word_of_a_level(level: float, words: str, tone: Tone) -> None:
    said, found = verdict(decibels(level))
    assert words in said
    assert found is tone


def test_a_pause_between_words_is_not_told_as_silence(qtbot: QtBot) -> None:
    meter = LevelMeter("level")
    qtbot.addWidget(meter)
    meter.display(0.1)
    meter.display(0.0)
    assert meter.word.text() == "声音正常"
    assert meter.accessibleName() == "麦克风音量：声音正常"


def test_at_rest_it_says_why(qtbot: QtBot) -> None:
    meter = LevelMeter("level")
    qtbot.addWidget(meter)
    meter.display(0.1)
    meter.rest("没有可用的麦克风")
    assert meter.word.text() == "没有可用的麦克风"
    meter.display(0.0)
    assert "没有声音" in meter.word.text()


def test_the_bar_grows_with_the_level(qtbot: QtBot) -> None:
    meter = LevelMeter("level")
    qtbot.addWidget(meter)
    meter.resize(500, 30)
    meter.show()
    pictures = []
    for level in (0.0, 0.01, 0.1, 1.0):
        meter.display(level)
        pictures.append(meter._bar.grab().toImage())
    assert all(a != b for a, b in pairwise(pictures))
    assert meter._bar._lit == LevelMeter("other")._bar.CELLS
    meter.close()
