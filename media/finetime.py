"""Windows' time in steps that are fine enough for sound.

Before Python 3.13 its ``time.monotonic`` goes in steps of 15.6 ms, and so do its waits unless somebody asks for
better: a step of sound lasts 20 ms. ``perf_counter`` counts the same seconds in steps of less than a microsecond, the
same ones in all processes.
"""

import ctypes
import sys
import time
from typing import Any

STEP_MS = 1


def begin(windows: bool = sys.platform == "win32", clock: Any = time, library: Any = None) -> None:
    """For this process, before anybody keeps ``time.monotonic`` or has asked it. Nothing elsewhere."""
    if not windows:
        return
    clock.monotonic, clock.monotonic_ns = clock.perf_counter, clock.perf_counter_ns
    winmm = library if library is not None else ctypes.WinDLL("winmm")  # type: ignore[attr-defined,unused-ignore]
    winmm.timeBeginPeriod(STEP_MS)
