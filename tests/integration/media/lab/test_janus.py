"""Janus as an anchor: where it is installed it records a call of ours; where it is not, the row says so."""

from pathlib import Path
from shutil import which

import pytest

from desktop.bench.recording import composite, janus
from media.lab.wholeseat import Setting, loaded
from media.readback import read_back

CHANNEL = Setting(1, stage=(640, 480), sent=(640, 480), back=False)


def test_a_row_without_janus_says_so_and_one_with_it_is_judged() -> None:
    alone = composite.beside_janus(0.2, 0.0)
    assert (alone.ours, alone.anchor, alone.met, alone.target) == (0.2, None, None, "没有安装 janus，未比较")
    dear, cheap = composite.beside_janus(0.2, 0.1), composite.beside_janus(0.1, 0.1)
    assert dear.ratio == pytest.approx(2.0)
    assert (dear.met, cheap.met) == (False, True)


@pytest.mark.timeout(120)
def test_janus_keeps_a_call_and_one_file_is_made_of_it(tmp_path: Path) -> None:
    """On a machine without Janus there is nothing to be seen but that this is known."""
    if not janus.installed():
        assert not all(map(which, janus.PROGRAMS)) or janus._files() is None
        return
    kept, made = janus.share(tmp_path, CHANNEL, 4.0)
    assert 0 < kept < 2
    assert 0 < made < 4
    found = read_back(tmp_path / janus.COMPOSED, [])
    assert (found.width, found.height, found.audio_codec) == (640, 480, "aac")
    assert found.frames > 20, "most of what was sent, however busy the machine is"


@pytest.mark.timeout(120)
def test_a_seat_that_only_records_sends_nothing_and_records_its_own_size(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("media.lab.wholeseat.WARM_SECONDS", 3.0)
    found = loaded(CHANNEL, 2.0)
    assert found.fragments >= 3
    assert found.doubts == ()
