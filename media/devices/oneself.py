"""How the programs of the sound are started: an installed program is one file, which is started again with a flag."""

import sys
from collections.abc import Sequence

FLAG = "--sound-program"
"""First argument by which a program that is one file knows that it is to be one of ``PROGRAMS``."""
SOUND, LIST = "soundprocess", "portaudio"
PROGRAMS = (SOUND, LIST)


def command(program: str, *arguments: str) -> list[str]:
    """What to run for one of ``PROGRAMS``."""
    if getattr(sys, "frozen", False):
        return [sys.executable, FLAG, program, *arguments]
    return [sys.executable, "-m", f"media.devices.{program}", *arguments]


def play(given: Sequence[str]) -> int:
    """In the other process: ``given`` is what follows the flag. Returns its exit status; 2 for what is none of them."""
    program, *arguments = given or [""]
    if program == SOUND:
        from media.devices.soundprocess import main as sound

        return sound(arguments)
    if program == LIST:
        from media.devices.portaudio import main as listing

        return listing()
    return 2
