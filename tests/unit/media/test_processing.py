"""Echo, noise and gain by the real library, in a synthetic room; thresholds are on the signal alone."""

import os
import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest

from media.core.mixing import BLOCK, RATE
from media.errors import Unavailable
from media.processing import MISSING, Untouched, VoiceProcessing
from tests.unit.media.room import cleaned, decibels, fan, in_room, likeness, samples, speech

ROOT = Path(__file__).parents[3]
SETTLED = 5 * RATE
"""Samples after which the canceller has to know the room."""


@pytest.mark.parametrize("delay_ms", [40, 120, 250])
@pytest.mark.parametrize("gain", [0.1, 0.4])
def test_the_echo_of_a_loudspeaker_is_taken_out(delay_ms: int, gain: float) -> None:
    far = speech(12, 180, seed=1)
    echo = in_room(far, delay_ms, gain)
    left = cleaned(VoiceProcessing(echo=True, delay_ms=delay_ms), echo, far)
    without = cleaned(VoiceProcessing(echo=False), echo, far)
    assert decibels(echo[SETTLED:], left[SETTLED:]) > 25
    assert decibels(without[SETTLED:], left[SETTLED:]) > 20, "gain and noise suppression alone do not do it"


def test_it_finds_the_delay_by_itself() -> None:
    far = speech(12, 180, seed=1)
    echo = in_room(far, 180, 0.3)
    left = cleaned(VoiceProcessing(echo=True, delay_ms=20), echo, far)
    assert decibels(echo[SETTLED:], left[SETTLED:]) > 25


def test_who_talks_at_the_same_time_is_kept() -> None:
    far, near = speech(16, 180, seed=1), speech(16, 110, seed=2)
    near[: 6 * RATE] = 0
    echo = in_room(far, 80, 0.15)
    heard = cleaned(VoiceProcessing(echo=True, delay_ms=80), near + echo, far)[8 * RATE :]
    said = near[8 * RATE : 8 * RATE + len(heard)]
    assert decibels(said, heard) < 6, "the near voice is not much weaker than it was"
    assert likeness(said, heard) > 0.75
    assert likeness(said, heard) > likeness(far[8 * RATE : 8 * RATE + len(heard)], heard) + 0.3


def test_a_fan_is_suppressed_and_the_voice_above_it_is_kept() -> None:
    voice, noise = speech(16, 120, seed=3), fan(16, 250)
    talking, pause = slice(8 * RATE, 11 * RATE), slice(13 * RATE, 16 * RATE - BLOCK)
    voice[: 3 * RATE] = voice[12 * RATE :] = 0
    heard = cleaned(VoiceProcessing(echo=False), voice + noise, np.zeros(16 * RATE))
    before = decibels(voice[talking] + noise[talking], noise[pause])
    assert decibels(heard[talking], heard[pause]) > before + 8, "the voice stands out more, whatever the gain"
    assert likeness(voice[talking], heard[talking]) > 0.9


def test_a_soft_voice_is_made_louder() -> None:
    soft = speech(15, 120, seed=4, size=500)
    heard = cleaned(VoiceProcessing(echo=False), soft, np.zeros(15 * RATE))
    assert decibels(soft[10 * RATE : len(heard)], heard[10 * RATE :]) < -4


def test_untouched_is() -> None:
    block = samples(speech(0.02, 150, seed=1))
    assert Untouched().clean(block, block) is block


def test_a_block_is_a_block() -> None:
    out = VoiceProcessing(echo=True).clean(np.zeros(BLOCK, dtype=np.int16), np.zeros(BLOCK, dtype=np.int16))
    assert out.shape == (BLOCK,)
    assert out.dtype == np.dtype(np.int16)


def test_a_missing_library_is_told_in_words(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "livekit.rtc.apm", None)
    with pytest.raises(Unavailable, match="请戴耳麦通话"):
        VoiceProcessing(echo=True)
    assert "管理员" in MISSING


QUIET = """
import logging, os, threading, time
logging.basicConfig(level=logging.DEBUG)
import numpy as np
from media.processing import VoiceProcessing
made, zeros = VoiceProcessing(echo=True), np.zeros(960, dtype=np.int16)
for _ in range(100):
    made.clean(zeros, zeros)
time.sleep(0.5)
mine = []
for number in os.listdir("/proc/self/fd"):
    try:
        mine.append(os.readlink(f"/proc/self/fd/{number}"))
    except OSError:
        pass
network = ""
for table in ("tcp", "tcp6", "udp", "udp6", "raw", "raw6"):
    with open(f"/proc/self/net/{table}") as rows:
        network += "".join(f" socket:[{row.split()[9]}]" for row in list(rows)[1:])
print([kind for kind in mine if kind in network], [t.name for t in threading.enumerate()])
"""


@pytest.mark.skipif(sys.platform != "linux", reason="looks into /proc")
def test_it_opens_nothing_to_the_network_and_says_nothing() -> None:
    environment = {**os.environ, "PYTHONPATH": str(ROOT)}
    done = subprocess.run(
        [sys.executable, "-c", QUIET], env=environment, capture_output=True, text=True, timeout=60, check=True
    )
    assert done.stdout == "[] ['MainThread']\n"
    assert done.stderr == ""
