"""The stand-in files are what a foreign reader takes them for."""

import json
import subprocess
import wave
from pathlib import Path

import numpy as np
import pytest

from desktop.demo.specimen import write_camera_y4m, write_voice_wav


def test_ffprobe_reads_the_camera_file(tmp_path: Path) -> None:
    path = tmp_path / "camera.y4m"
    write_camera_y4m(path, 2)
    found = json.loads(
        subprocess.run(
            ["ffprobe", "-v", "error", "-count_frames", "-show_streams", "-of", "json", str(path)],
            capture_output=True,
            check=True,
        ).stdout
    )["streams"][0]
    assert (found["width"], found["height"], found["pix_fmt"]) == (640, 480, "yuv420p")
    assert found["r_frame_rate"] == "15/1"
    assert found["nb_read_frames"] == "30"
    assert path.read_bytes().startswith(b"YUV4MPEG2 W640 H480 F15:1 Ip A1:1 C420jpeg\nFRAME\n")


def test_every_picture_differs_and_the_loop_closes(tmp_path: Path) -> None:
    path = tmp_path / "camera.y4m"
    write_camera_y4m(path, 2, size=(320, 240))
    raw = path.read_bytes().partition(b"\n")[2]
    frames = np.frombuffer(raw, np.uint8).reshape(30, -1)[:, 6 : 6 + 320 * 240].astype(np.float64)
    steps = np.abs(np.diff(frames, axis=0, append=frames[:1])).mean(axis=1)
    assert steps.min() > 0.5, "alive"
    assert steps[-1] < 1.5 * steps[:-1].max(), "the last picture joins the first"


def test_an_odd_size_is_refused(tmp_path: Path) -> None:
    with pytest.raises(ValueError, match="even"):
        write_camera_y4m(tmp_path / "camera.y4m", 1, size=(321, 240))


def test_the_voice_is_a_tone_in_syllables(tmp_path: Path) -> None:
    path = tmp_path / "voice.wav"
    write_voice_wav(path, 4, 660)
    with wave.open(str(path)) as voice:
        assert (voice.getframerate(), voice.getnchannels(), voice.getsampwidth()) == (48_000, 1, 2)
        samples = np.frombuffer(voice.readframes(voice.getnframes()), "<i2").astype(np.float64)
    assert len(samples) == 4 * 48_000
    assert np.argmax(np.abs(np.fft.rfft(samples))) / 4 == pytest.approx(660, abs=5)
    loudness = np.abs(samples).reshape(-1, 480).mean(axis=1)
    assert loudness.max() > 3000
    assert (loudness < 100).sum() > 10, "pauses"
