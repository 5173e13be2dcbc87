"""The agent of a measured seat: made beforehand and read from files, so that what is measured draws no test pictures.

The other side of a comparison reads the same pictures and the same sound from files of its own.
"""

import wave
from pathlib import Path

from media.core.mixing import RATE
from media.lab.scene import RATE as PICTURES
from media.pictures import packed
from media.standin import HEIGHT, WIDTH, StandInPicture, beeps

SECONDS = 10
"""After which both begin again."""
HEAD = f"YUV4MPEG2 W{WIDTH} H{HEIGHT} F{PICTURES}:1 Ip A1:1 C420jpeg\n"


def camera_file(folder: Path) -> Path:
    """Raw pictures (YUV4MPEG2), as a camera of WIDTH × HEIGHT gives them."""
    agent, path = StandInPicture(), folder / "agent.y4m"
    with path.open("wb") as file:
        file.write(HEAD.encode())
        for number in range(SECONDS * PICTURES):
            file.write(b"FRAME\n" + packed(agent.at(number / PICTURES, 0)).tobytes())
    return path


def voice_file(folder: Path) -> Path:
    """Mono, 48 kHz."""
    path = folder / "agent.wav"
    with wave.open(str(path), "wb") as file:
        file.setnchannels(1)
        file.setsampwidth(2)
        file.setframerate(RATE)
        file.writeframes(beeps(0, SECONDS * RATE).tobytes())
    return path
