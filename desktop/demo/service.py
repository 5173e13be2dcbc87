"""The service as a process of its own, as a bank would run it, and the few calls the demonstration makes to it."""

import os
import queue
import shutil
import signal
import socket
import subprocess
import sys
import threading
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from types import TracebackType
from typing import Any, Self

import httpx

from signing.commandline.serve import LISTENING
from signing.wire.staff import CaseOpened, LoggedIn, LogIn, NewCase

_START_SECONDS = 60.0


class DemoError(Exception):
    """Raised where the demonstration cannot go on; the message says what happened and what to do."""


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


def lan_address() -> str:
    """This machine's own address as its neighbours see it; no packet is sent."""
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as probe:
        try:
            probe.connect(("192.0.2.1", 9))
        except OSError:
            return "127.0.0.1"
        return str(probe.getsockname()[0])


@dataclass
class ServiceProcess:
    """``with ServiceProcess(data, port) as service`` — started when entered, told to end when left."""

    data: Path
    port: int
    host: str = "127.0.0.1"
    tls: bool = False

    def __post_init__(self) -> None:
        self.log_path = self.data.parent / "service.log"
        self._process: subprocess.Popen[str] | None = None
        self._lines: queue.Queue[str | None] = queue.Queue(maxsize=1000)
        self._pump: threading.Thread | None = None

    @property
    def url(self) -> str:
        shown = "127.0.0.1" if self.host == "127.0.0.1" else lan_address()
        return f"{'https' if self.tls else 'http'}://{shown}:{self.port}"

    @property
    def ca_file(self) -> Path | None:
        return self.data / "lan-ca.pem" if self.tls else None

    def __enter__(self) -> Self:
        arguments = ["serve", "--demo", "--data", str(self.data), "--host", self.host, "--port", str(self.port)]
        arguments += ["--base-url", self.url]
        if self.tls:
            arguments.append("--tls-demo")
        self._process = subprocess.Popen(
            [sys.executable, "-m", "signing.cli", *arguments],
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
            env=os.environ | {"PYTHONUNBUFFERED": "1"},
        )
        self._pump = threading.Thread(target=self._read, name="service-log", daemon=True)
        self._pump.start()
        try:
            self._await_listening()
        except BaseException:  # also a signal: nothing is left running
            self.close()
            raise
        return self

    def _read(self) -> None:
        assert self._process is not None
        assert self._process.stdout is not None
        with self.log_path.open("w", encoding="utf-8") as log:
            for line in self._process.stdout:
                log.write(line)
                log.flush()
                if not self._lines.full():
                    self._lines.put(line)
        self._lines.put(None)

    def _await_listening(self) -> None:
        said: list[str] = []
        while True:
            try:
                line = self._lines.get(timeout=_START_SECONDS)
            except queue.Empty:
                line = None
            if line is None:
                raise DemoError("服务没有启动：\n" + "".join(said[-15:]))
            said.append(line)
            if line.startswith(LISTENING):
                return

    def write_root(self, folder: Path) -> Path:
        """Whom to believe, as the service publishes it: the CA's root, and who made the national seals."""
        return Path(shutil.copy(self.data / "pki" / "roots.pem", folder / "root.pem"))

    @property
    def running(self) -> bool:
        return self._process is not None and self._process.poll() is None

    def close(self) -> None:
        if self._process is None:
            return
        if self._process.poll() is None:
            self._process.send_signal(signal.SIGTERM)
            try:
                self._process.wait(15)
            except subprocess.TimeoutExpired:
                self._process.kill()
                self._process.wait()
        if self._pump is not None:
            self._pump.join(5)

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()


AGENT = LogIn(username="zhang", password="demo-agent-2026")  # noqa: S106 - the demonstration's own, printed on screen
SUPERVISOR = LogIn(username="chen", password="demo-super-2026")  # noqa: S106
AUDITOR = LogIn(username="lin", password="demo-audit-2026")  # noqa: S106

ADMINISTRATOR = LogIn(username="admin", password="demo-admin-2026")  # noqa: S106


class StaffClient:
    """A member of staff without a window: opens the case, fetches the package. Close it after use."""

    def __init__(self, url: str, who: LogIn, ca_file: Path | None = None) -> None:
        verify: Any = str(ca_file) if ca_file else True
        self._http = httpx.Client(base_url=url, timeout=60, verify=verify, trust_env=False)
        answer = self._checked(self._http.post("/api/staff/login", json=who.model_dump()))
        token = LoggedIn.model_validate_json(answer.content).token
        self._http.headers["Authorization"] = f"Bearer {token}"

    @staticmethod
    def _checked(answer: httpx.Response) -> httpx.Response:
        if answer.is_success:
            return answer
        try:
            body = answer.json()
            said = f"{body.get('message', '')} {body.get('hint', '')}"
        except ValueError:
            said = answer.text[:200]
        raise DemoError(f"{answer.request.method} {answer.request.url.path} → {answer.status_code}: {said}")

    def open_case(self, new: NewCase) -> CaseOpened:
        answer = self._checked(self._http.post("/api/cases", json=new.model_dump(mode="json")))
        return CaseOpened.model_validate_json(answer.content)

    def import_table(self, kind: str, text: str, names: Mapping[str, str] | None = None) -> None:
        """As an administrator brings in a table."""
        self._checked(self._http.post(f"/api/imports/{kind}", content=text.encode(), params=dict(names or {})))

    def fetch(self, path: str, to: Path) -> Path:
        with self._http.stream("GET", path) as answer:
            if not answer.is_success:
                answer.read()
            self._checked(answer)
            with to.open("wb") as file:
                for chunk in answer.iter_bytes():
                    file.write(chunk)
        return to

    def get(self, path: str) -> bytes:
        return self._checked(self._http.get(path)).content

    def close(self) -> None:
        self._http.close()
