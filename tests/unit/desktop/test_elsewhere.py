"""The window and its processes begin on a system that has nothing of POSIX."""

import subprocess
import sys
from pathlib import Path

ROOT = Path(__file__).parents[3]
BEGIN = """
import os, signal, socket, sys
import asyncio, concurrent.futures, multiprocessing.connection, multiprocessing.reduction, shutil, ssl, subprocess
import tempfile, uuid  # these, and what is not ours, have ways of their own there
import aioice, aiortc, av, cv2, httpx, numpy, PIL.ImageFont, psutil, pydantic, websockets
import PySide6.QtMultimedia, PySide6.QtPdf, PySide6.QtWidgets

for module in ("fcntl", "grp", "pwd", "pty", "resource", "syslog", "termios", "tty"):
    sys.modules[module] = None
for place, names in (
    (os, ("fork", "geteuid", "getuid", "memfd_create", "mkfifo", "posix_fallocate", "setpriority", "statvfs")),
    (signal, ("SIGHUP", "SIGKILL", "SIGUSR1")),
    (socket, ("AF_UNIX",)),
):
    for name in names:
        if hasattr(place, name):
            delattr(place, name)
import desktop.app, desktop.window, desktop.engines
import media.process.__main__, media.process.client, media.devices.soundprocess, media.devices.portaudio
print("begun")
"""


def test_nothing_that_is_imported_wants_posix() -> None:
    done = subprocess.run([sys.executable, "-c", BEGIN], cwd=ROOT, capture_output=True, text=True, timeout=300)
    assert (done.stdout, done.returncode) == ("begun\n", 0), done.stderr
