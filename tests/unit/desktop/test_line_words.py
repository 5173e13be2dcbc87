"""What the seat says of a customer's line: in a word, with something to do."""

from dataclasses import replace

import pytest

from desktop.model.quality import ADVICE, UNHEARD, shown
from media.core.quality import Cause
from signing.wire.base import Tone
from tests.unit.desktop import views


@pytest.mark.parametrize(
    ("peer", "bars", "cause", "tone", "text"),
    [
        ("connected", 4, Cause.FINE, Tone.GOOD, "线路良好"),
        ("connected", 3, Cause.UPLINK_THIN, Tone.CAUTION, "线路良好 · 上行弱"),
        ("connected", 2, Cause.LOSSY, Tone.CAUTION, "线路一般 · 丢包"),
        ("connected", 1, Cause.SEAT_NETWORK, Tone.STOP, "线路很差 · 本席网络差"),
        ("connected", 0, Cause.BROKEN, Tone.STOP, "线路中断"),
        ("failed", 4, Cause.FINE, Tone.STOP, "线路中断"),
        ("connecting", 4, Cause.FINE, Tone.NOTICE, "正在接通"),
    ],
)
def test_the_line_in_words(peer: str, bars: int, cause: Cause, tone: Tone, text: str) -> None:
    line = shown(peer, views.quality(bars, cause))
    assert (line.text, line.tone) == (text, tone)
    assert bool(line.hint) == (tone in (Tone.CAUTION, Tone.STOP))


def test_whatever_is_wrong_has_words_and_something_to_do() -> None:
    assert set(ADVICE) == set(Cause) - {Cause.FINE}
    for cause, told in ADVICE.items():
        assert told.what in shown("connected", views.quality(2, cause)).hint
        assert len(told.text) <= 48, "three lines in the list"
    assert shown("connected", None).bars is None
    for sound, told in UNHEARD.items():
        silent = replace(views.quality(4, Cause.FINE), sound=sound)
        assert (word := shown("connected", silent)).hint == told.text
        assert word.text == f"线路良好 · {told.short}"
        assert len(told.text) <= 48
        lossy = replace(views.quality(2, Cause.LOSSY), sound=sound)
        assert shown("connected", lossy).hint == ADVICE[Cause.LOSSY].text, "the line comes first"
