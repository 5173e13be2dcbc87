"""How much room the recording's disk has left, told early and once a stage; and when the recording must get smaller."""

import shutil
from pathlib import Path

LOW = (200_000_000, 60_000_000)
"""Bytes left at which it is told: some twelve minutes at the encoder's limit, and less than four."""
A_MINUTE = 16_000_000
"""At the encoder's limit."""
FULL = "本机磁盘已满，录像暂存在内存里，照常上传。请马上清理磁盘！腾出空间后会自动写入"
RELIEVED = "磁盘又有空间了，录像已全部写入本机"
SMALLER = "。录像已改用较低码率，画面会粗一些，声音不受影响"
AGAIN = "磁盘空间已恢复，录像改回原来的码率"


class Disk:
    """Looked at with each segment. ``frugal``: whether the recording should take less room."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        self._stage = 0
        self._full = False
        self.frugal = False

    def look(self, waiting: int) -> list[str]:
        """What is new to tell the agent, in Chinese. ``waiting``: segments that the disk has not taken."""
        free = shutil.disk_usage(self._folder).free
        said = self._turn(free, bool(waiting))
        if waiting or self._full:
            return [*self._waiting(bool(waiting)), *said]
        stage = sum(free < limit for limit in LOW)
        worse, self._stage = stage > self._stage, max(stage, self._stage)
        return [_low(free) + (SMALLER if self.frugal else "")] if worse else said

    def _turn(self, free: int, waiting: bool) -> list[str]:
        """Less from the second stage on; as before only where there is more room than at the first."""
        before, least = self.frugal, LOW[0] if self.frugal else LOW[-1]
        self.frugal = waiting or free < least
        return [AGAIN] if before and not self.frugal else []

    def _waiting(self, waiting: bool) -> list[str]:
        changed, self._full = waiting != self._full, waiting
        if not changed:
            return []
        return [FULL if waiting else RELIEVED]


def _low(free: int) -> str:
    minutes = free // A_MINUTE
    left = f"约够再录 {minutes} 分钟" if minutes else "不够再录一分钟"
    return f"本机磁盘快满了，只剩 {free // 1_000_000} MB，{left}（不含能上传腾出的空间）。请尽快清理磁盘"
