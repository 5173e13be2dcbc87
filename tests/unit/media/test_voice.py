"""Microphone and loudspeaker through the real PortAudio.

A machine without a sound card gets ALSA's null device from a configuration of the test's own, in a process of its own,
because PortAudio reads it once.
"""

import os
import subprocess
import sys
from pathlib import Path

import pytest

from media import voice
from media.errors import Unavailable
from media.voice import TONE, open_loudspeaker, open_voice

ROOT = Path(__file__).parents[3]
NULL_CARD = "pcm.!default { type null }\nctl.!default { type null }\n"
USE = """
import time
from media.core.mixing import BLOCK, silence
from media.errors import Unavailable
from media.voice import Microphone, open_loudspeaker, open_voice

speaker, voice = open_loudspeaker(True), open_voice(True, None)
assert isinstance(voice, Microphone), voice.name
assert speaker is not None
print(voice.name, speaker.name)
for _ in range(10):
    speaker.play(silence())
    assert voice.take().shape == (BLOCK,)
    time.sleep(0.02)
voice._stream.abort()  # as if it had been pulled out
time.sleep(1.7)
try:
    voice.take()
except Unavailable as error:
    print("lost:", error)
voice.close()
speaker.close()
"""


@pytest.mark.skipif(sys.platform != "linux", reason="ALSA's null device is Linux's")
def test_devices_open_deliver_and_are_noticed_when_they_go(tmp_path: Path) -> None:
    configuration = tmp_path / "asound.conf"
    configuration.write_text(NULL_CARD)
    environment = {**os.environ, "ALSA_CONFIG_PATH": str(configuration), "PYTHONPATH": str(ROOT)}
    done = subprocess.run(
        [sys.executable, "-c", USE], env=environment, capture_output=True, text=True, timeout=60, check=False
    )
    assert done.returncode == 0, done.stderr
    assert done.stdout.splitlines() == ["default default", "lost: 麦克风中断了，对方现在听不到您。请检查耳麦的连线"]


def test_without_devices_there_is_a_tone_and_no_loudspeaker() -> None:
    source = open_voice(use_devices=False, file=None)
    assert source.name == TONE
    assert open_loudspeaker(use_devices=False) is None


def test_a_missing_portaudio_is_a_normal_case(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "sounddevice", None)
    with pytest.raises(Unavailable):
        voice.load_portaudio()
    assert open_voice(use_devices=True, file=None).name == TONE
    assert open_loudspeaker(use_devices=True) is None
