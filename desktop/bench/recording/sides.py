"""Runs the two sides of a comparison as processes and counts the processor time of each.

Ours: one function in a fresh interpreter, counted from when it has everything it needs. The other: a command, counted
from its start to its end.
"""

import os
import subprocess
import time
from collections.abc import Callable, Sequence
from concurrent.futures import ProcessPoolExecutor
from multiprocessing import get_context
from pathlib import Path
from shutil import which
from typing import ParamSpec, TypeVar

from signing.commandline.bench.table import NotMeasured

P = ParamSpec("P")
T = TypeVar("T")


def ffmpeg() -> str:
    """Where it is; raises ``NotMeasured``."""
    found = which("ffmpeg")
    if found is None:
        raise NotMeasured("没有找到 ffmpeg", "请先安装 ffmpeg，它是这些指标的参照")
    return found


def processor_seconds(command: Sequence[str | Path]) -> float:
    """User and system time of a command with all its threads; raises ``NotMeasured`` where it fails."""
    process = subprocess.Popen([str(part) for part in command], stdout=subprocess.DEVNULL, stderr=subprocess.PIPE)
    assert process.stderr is not None
    with process.stderr as stderr:
        said = stderr.read().decode(errors="replace")
    _, status, used = os.wait4(process.pid, 0)
    process.returncode = os.waitstatus_to_exitcode(status)
    if process.returncode:
        raise NotMeasured(f"参照程序没有成功：{Path(command[0]).name}", said.strip()[-300:])
    return used.ru_utime + used.ru_stime


def apart(work: Callable[P, T], *arguments: P.args, **named: P.kwargs) -> T:
    """What ``work`` returns in a process of its own."""
    with ProcessPoolExecutor(1, mp_context=get_context("spawn")) as pool:
        return pool.submit(work, *arguments, **named).result()


class Used:
    """``with Used() as used``: ``used.seconds`` is the processor time of this process meanwhile, all its threads."""

    seconds = 0.0

    def __enter__(self) -> "Used":
        self._before = time.process_time()
        return self

    def __exit__(self, *raised: object) -> None:
        self.seconds = time.process_time() - self._before
