"""What stands in for a microphone and a loudspeaker; the real ones are in ``devices/test_sound.py``."""

import sys
import wave
from pathlib import Path

import numpy as np
import pytest

from media.core.mixing import BLOCK
from media.devices import portaudio
from media.errors import Unavailable
from media.voice import TONE, HeardFile, Silence, open_voice
from tests.unit.media.sample import record


def test_without_a_file_there_is_a_tone() -> None:
    source = open_voice(None)
    assert source.name == TONE
    assert any(source.take().any() for _ in range(10))
    source.close()


def test_a_file_without_sound_is_told(tmp_path: Path) -> None:
    with pytest.raises((Unavailable, OSError)):
        open_voice(tmp_path / "nothing.wav")


def test_a_file_is_heard_over_and_over(tmp_path: Path) -> None:
    source = open_voice(record(tmp_path / "voice.mp4", 0.4).path)
    blocks = [source.take() for _ in range(100)]
    assert {block.shape for block in blocks} == {(BLOCK,)}
    assert "voice.mp4" in source.name


def test_silence_is_silent() -> None:
    assert not Silence().take().any()


def test_what_is_heard_is_kept(tmp_path: Path) -> None:
    kept = HeardFile(tmp_path / "heard.wav")
    kept.play(np.arange(BLOCK, dtype=np.int16))
    kept.close()
    with wave.open(str(tmp_path / "heard.wav")) as found:
        assert (found.getframerate(), found.getnchannels(), found.getnframes()) == (48_000, 1, BLOCK)


def test_a_missing_portaudio_is_a_normal_case(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "sounddevice", None)
    with pytest.raises(Unavailable):
        portaudio.load_portaudio()
    assert portaudio.main() == 0
