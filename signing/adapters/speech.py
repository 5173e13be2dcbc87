"""Mandarin read out by a synthesiser of this machine: plain, but of every sentence and without sending one away."""

import shutil
import subprocess

from signing.domain.errors import OutsideError
from signing.domain.spoken import spoken

SECONDS = 30.0
LONGEST = 2000
"""Characters that are read out at most; a consent has some three hundred."""
VOICE = "cmn-latn-pinyin"
"""The voice ``cmn`` of espeak-ng 1.51 spells the pinyin of most words in English: 您好 as "nin two hao three"."""
_SPEED = "150"
"""Words a minute; the synthesiser's usual 175 is fast for old ears."""


class Espeak:
    """``espeak-ng`` for the voice and ``ffmpeg`` for MP3, which every phone's browser decodes; both as programs."""

    def __init__(self, synthesiser: str = "espeak-ng", encoder: str = "ffmpeg") -> None:
        self._synthesiser, self._encoder = synthesiser, encoder

    def available(self) -> bool:
        return all(shutil.which(program) for program in (self._synthesiser, self._encoder))

    def speak(self, text: str) -> bytes:
        """MP3, mono, 32 kbit/s. Raises ``OutsideError`` where a program is missing or fails."""
        sounds = spoken(text[:LONGEST]).encode()
        said = self._run([self._synthesiser, "-v", VOICE, "-s", _SPEED, "--stdin", "--stdout"], sounds)
        encode = [self._encoder, "-v", "error", "-i", "pipe:0", "-ac", "1", "-ar", "22050", "-b:a", "32k", "-f", "mp3"]
        return self._run([*encode, "pipe:1"], said)

    def _run(self, command: list[str], given: bytes) -> bytes:
        try:
            done = subprocess.run(command, input=given, capture_output=True, timeout=SECONDS, check=True)
        except (OSError, subprocess.SubprocessError) as error:
            raise OutsideError("朗读没有准备好", "请检查本机是否装有 espeak-ng 和 ffmpeg") from error
        return done.stdout
