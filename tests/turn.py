"""A real coturn for tests, from the configuration that we ship."""

import shutil
import socket
import subprocess
import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path

from signing.domain.relaying import Login, login
from signing.web import tls

SHIPPED = Path(__file__).parent.parent / "installer" / "coturn" / "turnserver.conf"
SECRET = b"a-secret-of-this-test-and-no-other"
HOST = "127.0.0.1"


@dataclass(frozen=True)
class Turn:
    """A running relay. ``root`` is the PEM that signed its certificate, which stands first in ``certificate``."""

    port: int
    tls_port: int
    root: Path
    certificate: Path
    log: Path

    def url(self, way: str) -> str:
        """``way``: udp, tcp or tls."""
        if way == "tls":
            return f"turns:{HOST}:{self.tls_port}?transport=tcp"
        return f"turn:{HOST}:{self.port}?transport={way}"

    def said(self) -> str:
        return self.log.read_text(encoding="utf-8", errors="replace")


def credentials(who: str = "party_1", *, secret: bytes = SECRET, age: timedelta = timedelta()) -> Login:
    """As the service gives them now, or as it gave them ``age`` ago."""
    return login(secret, who, datetime.now(UTC) - age)


def free_port() -> int:
    """One that is free over UDP and TCP."""
    while True:
        with socket.socket() as stream, socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as datagram:
            stream.bind((HOST, 0))
            port: int = stream.getsockname()[1]
            try:
                datagram.bind((HOST, port))
            except OSError:
                continue
            return port


def settings(changes: dict[str, str], more: Sequence[str] = ()) -> str:
    """The shipped configuration with the value of each key in ``changes`` replaced, and more lines after it."""
    lines, left = [], dict(changes)
    for line in SHIPPED.read_text(encoding="utf-8").splitlines():
        key = line.split("=", 1)[0].strip()
        lines.append(f"{key}={left.pop(key)}" if key in left else line)
    assert not left, f"not in the shipped configuration: {sorted(left)}"
    return "\n".join([*lines, *more]) + "\n"


@contextmanager
def coturn(folder: Path, *, allowed: Sequence[str] = ()) -> Iterator[Turn]:
    """Runs from entering to leaving. ``allowed``: peers that the shipped configuration denies."""
    port, tls_port = free_port(), free_port()
    files = tls.ensure(folder / "tls", folder / "root.pem", [HOST, "localhost"], datetime.now(UTC))
    log = folder / "turn.log"
    changes = {
        "static-auth-secret": SECRET.decode(),
        "realm": "turn.test",
        "cert": str(files.certificate),
        "pkey": str(files.key),
        "listening-port": str(port),
        "tls-listening-port": str(tls_port),
        "log-file": str(log),
    }
    more = [f"listening-ip={HOST}", f"relay-ip={HOST}", f"userdb={folder / 'turn.db'}", "verbose"]
    more += [f"pidfile={folder / 'turn.pid'}", *(f"allowed-peer-ip={address}" for address in allowed)]
    more += ["allow-loopback-peers"] if allowed else []
    (folder / "turn.conf").write_text(settings(changes, more), encoding="utf-8")
    program = shutil.which("turnserver")
    assert program, "turnserver is missing: apt-get install coturn (installer/system-packages.txt)"
    command = [program, "-c", str(folder / "turn.conf")]
    with subprocess.Popen(command, stdout=subprocess.DEVNULL, stderr=subprocess.STDOUT, cwd=folder) as process:
        turn = Turn(port, tls_port, files.ca, files.certificate, log)
        try:
            _wait(turn, process)
            yield turn
        finally:
            process.terminate()
            process.wait(10)


def _wait(turn: Turn, process: "subprocess.Popen[bytes]") -> None:
    deadline = time.monotonic() + 15
    for port in (turn.port, turn.tls_port):
        while True:
            assert process.poll() is None, f"coturn ended: {turn.said()[-2000:] if turn.log.exists() else ''}"
            try:
                socket.create_connection((HOST, port), 1).close()
            except OSError:
                assert time.monotonic() < deadline, "coturn does not listen"
                time.sleep(0.05)
            else:
                break


def own_addresses() -> list[str]:
    """Where this machine's own hosts are, as browsers and seats offer them."""
    return [name for name in tls.local_names() if name.replace(".", "").isdigit()]
