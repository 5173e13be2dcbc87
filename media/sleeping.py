"""The machine's sleep: how long it slept, and keeping it awake while a call is on."""

import shutil
import subprocess
import sys
import threading
import time

from media.core.timeline import SECOND

NEAR_NS = SECOND // 10
"""Two clocks read within this are read together."""


def asleep() -> float:
    """Seconds that this machine has slept since it was started and that its monotonic clock does not count.

    0 where the system does not tell. Windows' monotonic clock is documented to go on in sleep, which then is a hole of
    the recording with the right time around it; that has not been tried on a machine.
    """
    if sys.platform != "linux":
        return 0.0
    while True:
        before, since_start, after = (
            time.monotonic_ns(),
            time.clock_gettime_ns(time.CLOCK_BOOTTIME),
            time.monotonic_ns(),
        )
        if after - before < NEAR_NS:
            return (since_start - after) / SECOND


class Awake:
    """Asks the system not to fall asleep until this is closed; where it does not grant that, nothing follows.

    A lid that is shut and who sends the machine to sleep themselves are not held up. Windows' way has not been tried on
    a machine.
    """

    def __init__(self) -> None:
        self._ending = threading.Event()
        # on a thread: Windows holds the wish of a thread as long as that lives
        self._thread = threading.Thread(target=self._run, name="awake", daemon=True)
        self._thread.start()

    def close(self) -> None:
        """Blocks for a moment."""
        self._ending.set()
        self._thread.join(5)

    def _run(self) -> None:
        if sys.platform == "win32":
            import ctypes

            continuous, system, display = 0x80000000, 0x1, 0x2
            ctypes.windll.kernel32.SetThreadExecutionState(continuous | system | display)
            self._ending.wait()
        elif (program := shutil.which("systemd-inhibit")) is not None:
            self._inhibit(program)

    def _inhibit(self, program: str) -> None:
        """Held by a child that ends when its input does, and so with this process, however that ends."""
        words = ("--what=sleep:idle", "--mode=block", "--who=屏签", "--why=正在和客户视频通话")
        quiet = subprocess.DEVNULL
        try:
            child = subprocess.Popen([program, *words, "cat"], stdin=subprocess.PIPE, stdout=quiet, stderr=quiet)
        except OSError:
            return
        with child:
            self._ending.wait()
            child.terminate()
