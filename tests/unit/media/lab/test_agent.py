"""The agent of a measured seat reads as what would have been drawn and played."""

from pathlib import Path

import numpy as np

from media.capture import file_pictures
from media.core.mixing import BLOCK
from media.lab.agent import camera_file, voice_file
from media.lab.scene import RATE
from media.pictures import packed
from media.standin import StandInPicture, beeps
from media.voice import VoiceFile


def test_the_camera_gives_what_would_be_drawn(tmp_path: Path) -> None:
    pictures = file_pictures(camera_file(tmp_path))
    found = [packed(next(pictures)) for _ in range(3)]
    pictures.close()
    drawn = [packed(StandInPicture().at(number / RATE, 0)) for number in range(3)]
    assert all(np.array_equal(one, other) for one, other in zip(found, drawn, strict=True))
    assert not np.array_equal(found[0], found[2]), "and it moves"


def test_the_microphone_gives_the_same_tone(tmp_path: Path) -> None:
    voice = VoiceFile(voice_file(tmp_path))
    heard = np.concatenate([voice.take() for _ in range(60)])
    assert np.array_equal(heard, beeps(0, 60 * BLOCK))
