"""Players that are not ours, which play a film to its end and have nothing to say against it."""

import os
import re
import subprocess
from pathlib import Path

import pytest

NOWHERE = ("-f", "null", "-")
NO_SCREEN = {name: value for name, value in os.environ.items() if name not in ("DISPLAY", "WAYLAND_DISPLAY")}


def foreign(path: Path) -> None:
    """Players that are not ours have nothing to say against it."""
    film = str(path)
    for command in (
        ["ffprobe", "-v", "warning", "-show_streams", film],
        ["ffmpeg", "-v", "warning", "-i", film, *NOWHERE],
    ):
        done = subprocess.run(command, capture_output=True, text=True)
        assert (done.returncode, done.stderr) == (0, ""), command
    played_by_mpv(path)


def played_by_mpv(path: Path, seconds: float | None = None) -> None:
    """Every picture and all of its sound, each by itself, so that nothing waits for a clock.

    ``seconds`` of sound, where the file does not tell how long it is.
    """
    count = probed(path, "-count_packets", "-select_streams", "v", "stream=nb_read_packets")
    pictures = path.with_suffix(".crc")
    mpv(path, "--no-audio", f"--o={pictures}", "--of=framecrc", "--ovc=rawvideo")
    shown = [line for line in pictures.read_text().splitlines() if not line.startswith("#")]
    assert len(shown) == int(count), "a line for each picture that was put out, however late the machine is"
    sound = path.with_suffix(".wav")
    mpv(path, "--no-video", "--ao=pcm", f"--ao-pcm-file={sound}")
    seconds = float(probed(path, "format=duration")) if seconds is None else seconds
    assert float(probed(sound, "format=duration")) == pytest.approx(seconds, abs=0.2)


def probed(path: Path, *what: str) -> str:
    *options, entries = what
    command = ["ffprobe", "-v", "error", *options, "-show_entries", entries, "-of", "csv=p=0", str(path)]
    return subprocess.run(command, capture_output=True, text=True, check=True).stdout.strip()


def mpv(path: Path, *how: str) -> None:
    """Plays it without a warning. Needs no display and no sound device."""
    log = path.with_suffix(".log")
    command = ["mpv", "--no-config", "--no-cache", "--msg-level=all=no", f"--log-file={log}", *how, str(path)]
    done = subprocess.run(command, capture_output=True, text=True, env=NO_SCREEN)
    said = [line for line in log.read_text().splitlines() if re.search(r"^\[ *[\d.]+\]\[[wef]\]", line)]
    assert (done.returncode, said) == (0, []), done.stdout + done.stderr
