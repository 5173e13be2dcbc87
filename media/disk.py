"""How much room the recording's disk has left, told early and once a stage."""

import shutil
from pathlib import Path

LOW = (200_000_000, 60_000_000)
"""Bytes left at which it is told: some twelve minutes at the encoder's limit, and less than four."""
A_MINUTE = 16_000_000
"""At the encoder's limit."""
FULL = "本机磁盘已满，录像暂存在内存里，请马上清理磁盘！腾出空间后会自动写入"
RELIEVED = "磁盘又有空间了，录像已全部写入本机"


class Disk:
    """Looked at with each segment."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        self._stage = 0
        self._full = False

    def look(self, held: int) -> list[str]:
        """What is new to tell the agent, in Chinese. ``held``: bytes that wait in memory because the disk is full."""
        if held or self._full:
            return self._waiting(held)
        free = shutil.disk_usage(self._folder).free
        stage = sum(free < limit for limit in LOW)
        worse, self._stage = stage > self._stage, max(stage, self._stage)
        return [_low(free)] if worse else []

    def _waiting(self, held: int) -> list[str]:
        changed, self._full = bool(held) != self._full, bool(held)
        if not changed:
            return []
        return [FULL if held else RELIEVED]


def _low(free: int) -> str:
    minutes = free // A_MINUTE
    left = f"约够再录 {minutes} 分钟" if minutes else "不够再录一分钟"
    return f"本机磁盘快满了，只剩 {free // 1_000_000} MB，{left}（不含能上传腾出的空间）。请尽快清理磁盘"
