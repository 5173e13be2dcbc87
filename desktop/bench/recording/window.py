"""How late a picture stands on the window with six customers; drawn without a screen where there is none."""

import os
import sys
from collections.abc import Callable

from PySide6.QtWidgets import QApplication

from desktop.bench.lateness import measure
from signing.commandline.bench.table import NotMeasured, Row

PARTIES = 6
MOST_MS = 50.0


def rows(seconds: float, told: Callable[[str], None]) -> list[Row]:
    """Raises ``NotMeasured`` on Windows."""
    if sys.platform == "win32":
        raise NotMeasured("窗口的画面只能在 Linux 上这样测量", "请换一台 Linux 电脑测量")
    if not os.environ.get("DISPLAY") and not os.environ.get("WAYLAND_DISPLAY"):
        os.environ.setdefault("QT_QPA_PLATFORM", "offscreen")
    application = QApplication.instance() or QApplication([])
    found = measure(seconds, PARTIES)
    told(f"窗口：{found.pictures}/{found.written} 幅，中位 {found.median:.1f} 毫秒，p99 {found.p99:.1f} 毫秒")
    del application
    return [
        Row(
            f"窗口里的画面从采集到显示 p99，{PARTIES} 位客户", found.p99, "毫秒", f"≤ {MOST_MS:g}", found.p99 <= MOST_MS
        ),
        Row("窗口显示了的画面", 100 * found.pictures / max(1, found.written), "%"),
    ]
