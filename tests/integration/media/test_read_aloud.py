"""A line that is read aloud by a recording, in a real call by the real media process: real Opus, MP3, MP4."""

import math
import subprocess
import wave
from collections.abc import Iterator
from pathlib import Path

import numpy as np
import pytest

from media import ports
from media.core.mixing import RATE, Samples
from media.process.client import ProcessEngine
from media.readback import read_back
from media.voice import read_voice
from tests.integration.media.phone import PHONE_TONE, Phone
from tests.integration.media.seat import Seat
from tests.integration.media.sound import strength
from tests.integration.media.test_call import AGENT_TONE, connect, until

READ = 1500
"""Hertz of what is read aloud: neither the agent's nor the customer's."""


@pytest.fixture
def process(tmp_path: Path) -> Iterator[Seat]:
    options = ports.EngineOptions(use_devices=False, heard_file=tmp_path / "headset.wav")
    made = Seat(engine=ProcessEngine(options, tmp_path / "media", linger=5.0))
    yield made
    made.close()


def line(folder: Path, seconds: float) -> bytes:
    """An MP3 as the service's synthesiser and encoder make them."""
    at = np.arange(round(seconds * RATE)) / RATE
    with wave.open(str(folder / "line.wav"), "wb") as file:
        file.setnchannels(1)
        file.setsampwidth(2)
        file.setframerate(RATE)
        file.writeframes((8000 * np.sin(2 * math.pi * READ * at)).astype(np.int16).tobytes())
    target = folder / "line.mp3"
    encode = ["ffmpeg", "-v", "error", "-y", "-i", str(folder / "line.wav"), "-ar", "22050", "-b:a", "32k", str(target)]
    subprocess.run(encode, check=True, timeout=60)
    return target.read_bytes()


def seconds_of(samples: Samples, pitch: float) -> float:
    """For how long a pitch carries the sound."""
    step = RATE // 5
    parts = [samples[at : at + step] for at in range(0, len(samples) - step, step)]
    return 0.2 * sum(strength(part, pitch) > 0.2 for part in parts)


def test_a_line_that_is_played_is_heard_by_the_customer_and_recorded(
    process: Seat, phone: Phone, tmp_path: Path
) -> None:
    path = tmp_path / "r.mp4"
    process.open()
    process.post(ports.StartRecording("c1", path))
    process.wait(ports.RecordingBegan)
    connect(process, phone)
    until(lambda: phone.heard(AGENT_TONE) > -60, phone)
    quiet = phone.heard(READ)
    process.post(ports.PlaySound("c1", "line", line(tmp_path, 4.0)))
    until(lambda: phone.heard(READ) > max(-50.0, quiet + 20), phone)
    assert phone.heard(PHONE_TONE) < phone.heard(READ) - 20, "the customer hears themself"
    ended = process.wait(ports.SoundEnded)
    assert (ended.sound_id, ended.whole) == ("line", True)
    assert 3.9 < ended.seconds < 4.3
    until(lambda: phone.heard(READ) < -55 or phone.heard(READ) < quiet + 12, phone)

    process.post(ports.PlaySound("c1", "again", line(tmp_path, 30.0)))
    until(lambda: phone.heard(READ) > max(-50.0, quiet + 20), phone)
    process.post(ports.StopSound("c1"))
    stopped = process.wait(ports.SoundEnded, where=lambda event: event.sound_id == "again")
    assert not stopped.whole
    assert stopped.seconds < 30
    phone.page.wait_for_timeout(1000)
    process.post(ports.StopRecording("c1"))
    recorded = process.wait(ports.RecordingEnded)
    process.post(ports.CloseCall("c1"))
    process.wait(ports.CallClosed)
    assert read_back(path, recorded.segments).findings == ()
    want = ended.seconds + stopped.seconds
    assert abs(seconds_of(read_voice(path), READ) - want) < 1.5, "of what was played, in the recording"
    assert abs(seconds_of(read_voice(tmp_path / "headset.wav"), READ) - want) < 1.5, "in the agent's own ears"
    assert process.all(ports.Failed) == []
