"""The service as a process of its own, as an institution runs it: ``pingqian serve``."""

import os
import signal
import subprocess
import sys
from collections.abc import Iterator, Sequence
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from pathlib import Path

from signing.commandline.serve import LISTENING
from signing.domain.errors import OutsideError

STOP_SECONDS = 30


@dataclass
class Process:
    """A service that listens. ``data`` is its folder, ``url`` where it is reached."""

    data: Path
    url: str
    child: subprocess.Popen[str]

    @property
    def sockets(self) -> str:
        return self.url.replace("http", "ws", 1)

    def resident_kilobytes(self) -> int:
        """Of the service itself, without the processes that it started. Linux."""
        status = Path(f"/proc/{self.child.pid}/status").read_text(encoding="ascii")
        return int(next(line for line in status.splitlines() if line.startswith("VmRSS:")).split()[1])

    def kill(self) -> None:
        """As a power cut: the service and its helpers at once, and no handler runs."""
        with suppress(ProcessLookupError):
            os.killpg(self.child.pid, signal.SIGKILL)
        self.child.wait(STOP_SECONDS)

    def stop(self) -> None:
        if self.child.poll() is None:
            self.child.send_signal(signal.SIGTERM)
        try:
            self.child.wait(STOP_SECONDS)
        except subprocess.TimeoutExpired:
            self.kill()


def start(data: Path, *options: str) -> Process:
    """Returns once it listens; what it says on stderr goes to ``serve.log`` beside ``data``. Raises ``OutsideError``.

    Each client may say which address it comes from, so that the limits by address count them as different people.
    """
    log = data.with_name("serve.log")
    command = [sys.executable, "-m", "signing.cli", "serve", "--data", str(data), "--port", "0"]
    with log.open("ab") as said:
        child = subprocess.Popen(
            [*command, "--proxy", "127.0.0.1", *options],
            stdout=subprocess.PIPE,
            stderr=said,
            text=True,
            start_new_session=True,
        )
    assert child.stdout is not None
    line = child.stdout.readline()
    if not line.startswith(LISTENING):
        child.kill()
        child.wait(STOP_SECONDS)
        child.stdout.close()
        raise OutsideError("服务没有启动", f"原因见 {log}")
    return Process(data, line.removeprefix(LISTENING).strip(), child)


@contextmanager
def serving(data: Path, options: Sequence[str] = ()) -> Iterator[Process]:
    process = start(data, *options)
    try:
        yield process
    finally:
        process.stop()
        assert process.child.stdout is not None
        process.child.stdout.close()
