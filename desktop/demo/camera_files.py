"""Stand-in camera and microphone files for Chromium's ``--use-file-for-fake-{video,audio}-capture``."""

import wave
from pathlib import Path

import cv2
import numpy as np

from desktop.demo.portrait import Rgb, scene

VIEW_HEIGHT = 270.0
"""Rows of the photograph that the camera sees at rest: head and shoulders."""
CENTRE = (224.0, 138.0)


def write_camera_y4m(
    path: Path, seconds: float, size: tuple[int, int] = (640, 480), fps: int = 15, picture: Rgb | None = None
) -> None:
    """A face that sways, nods and comes nearer, as uncompressed YUV4MPEG2 (C420jpeg).

    460,800 bytes a picture at 640 × 480. The movement repeats exactly after ``seconds``, so that a player may loop
    the file. ``picture`` replaces the built-in photograph (RGB, 512 × 512, the face where the built-in one has it).
    ``size`` must be even.
    """
    width, height = size
    if width % 2 or height % 2:
        raise ValueError("4:2:0 needs an even width and height")
    source = scene() if picture is None else picture
    count = max(1, round(seconds * fps))
    rng = np.random.default_rng(count)
    with path.open("wb") as out:
        out.write(f"YUV4MPEG2 W{width} H{height} F{fps}:1 Ip A1:1 C420jpeg\n".encode())
        for index in range(count):
            frame = _frame(source, 2 * np.pi * index / count, size, rng)
            out.write(b"FRAME\n" + cv2.cvtColor(frame, cv2.COLOR_RGB2YUV_I420).tobytes())


def _frame(source: Rgb, turn: float, size: tuple[int, int], rng: np.random.Generator) -> Rgb:
    """One picture; ``turn`` is the place in the loop, 0 … 2π."""
    width, height = size
    scale = height / (VIEW_HEIGHT * (1 + 0.05 * np.sin(turn)))
    matrix = cv2.getRotationMatrix2D(CENTRE, float(1.5 * np.sin(2 * turn)), float(scale))
    sway = np.array([9 * np.sin(3 * turn), 5 * np.sin(5 * turn)]) * height / 480
    matrix = matrix + np.array([[0, 0, width / 2 - CENTRE[0] + sway[0]], [0, 0, height / 2 - CENTRE[1] + sway[1]]])
    still = cv2.warpAffine(source, matrix, size, flags=cv2.INTER_CUBIC, borderMode=cv2.BORDER_REPLICATE)
    grain = rng.integers(-3, 4, (height // 2, width // 2), dtype=np.int16)
    grain = np.repeat(np.repeat(grain, 2, axis=0), 2, axis=1)[..., None]
    return np.asarray(np.clip(still.astype(np.int16) + grain, 0, 255), dtype=np.uint8)


def write_voice_wav(path: Path, seconds: float, hz: float = 660.0) -> None:
    """A tone in syllables, 48 kHz mono 16-bit: no speech, but level meters, echo and lip-sync checks can follow it.

    Four swells a second with a pause after each phrase of two seconds; loops without a click.
    """
    rate = 48_000
    t = np.arange(round(seconds * rate)) / rate
    syllable = np.clip(np.sin(2 * np.pi * 2 * t), 0, None) + np.clip(-np.sin(2 * np.pi * 2 * t), 0, None)
    phrase = np.clip(4 * np.sin(np.pi * np.mod(t, 2.0) / 2.0) - 0.4, 0, 1)
    tone = sum(np.sin(2 * np.pi * hz * k * t) / k**2 for k in (1, 2, 3))
    samples = np.asarray(0.3 * 32767 * syllable * phrase * tone, dtype="<i2")
    with wave.open(str(path), "wb") as out:
        out.setnchannels(1)
        out.setsampwidth(2)
        out.setframerate(rate)
        out.writeframes(samples.tobytes())
