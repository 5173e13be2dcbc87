"""Janus recording one channel, ``janus-pp-rec`` making files of it, and FFmpeg composing these: commands, all of them.

A real WebRTC sender, our own, sends to Janus's echo test, which keeps each track as it comes. Janus composes nothing by
itself, so FFmpeg makes of the tracks what a seat records: the agent beside the customer, both heard.
"""

import json
import os
import signal
import socket
import subprocess
import time
import urllib.request
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from shutil import which
from typing import Any

from desktop.bench.recording import anchor
from desktop.bench.recording.sides import ffmpeg, processor_seconds
from media.errors import Unavailable
from media.lab.process import Process
from media.lab.wholeseat import Setting, serve_customers
from media.standin import HEIGHT, WIDTH
from signing.commandline.bench.table import NotMeasured

PROGRAMS = ("janus", "janus-pp-rec")
PATIENCE = 15.0
FILES = (
    "/usr/lib/x86_64-linux-gnu/janus",
    "/usr/lib/aarch64-linux-gnu/janus",
    "/usr/lib/janus",
    "/opt/janus/lib/janus",
)
PLUGIN, TRANSPORT = "libjanus_echotest.so", "libjanus_http.so"
TRACKS = {"rec-video.mjr": "seen.mp4", "rec-audio.mjr": "heard.opus"}
COMPOSED = "composed.mp4"
MISSING = "没有安装 janus（Debian 软件包 janus），从 WebRTC 到合成文件这一行没有参照"


def installed() -> bool:
    """Whether this machine has what Debian's package ``janus`` brings along, and FFmpeg."""
    return all(which(program) for program in (*PROGRAMS, "ffmpeg")) and _files() is not None


def _files() -> Path | None:
    return next((Path(each) for each in FILES if (Path(each) / "plugins" / PLUGIN).exists()), None)


def share(folder: Path, setting: Setting, seconds: float) -> tuple[float, float]:
    """Processor time a second: (receiving and keeping, making one file of it); raises ``NotMeasured``."""
    anchor.seat(folder, seconds, setting.stage, 1)
    kept = received(folder, setting, seconds)
    return kept, (converted(folder) + processor_seconds(composing(folder, setting))) / seconds


def received(folder: Path, setting: Setting, seconds: float) -> float:
    """Processor time a second of Janus while one customer sends; the tracks lie in ``folder`` afterwards."""
    with _running(folder) as (process, address), Process(serve_customers) as there:
        try:
            session = _Session(address, folder)
            there.ask([session.answer(sdp) for sdp in there.ask(setting)])
            before = _used(process.pid)
            time.sleep(seconds)
            used = _used(process.pid) - before
            session.close()
        except (Unavailable, OSError) as error:
            raise NotMeasured(f"Janus 没有录成：{error}", "请查看 janus 的安装") from error
    return used / seconds


def converted(folder: Path) -> float:
    """Processor time of janus-pp-rec over all tracks."""
    return sum(processor_seconds(["janus-pp-rec", folder / track, folder / name]) for track, name in TRACKS.items())


def composing(folder: Path, setting: Setting) -> list[str]:
    """As fast as it goes, as after a call."""
    people = [("2:v", (WIDTH, HEIGHT)), ("0:v", setting.sent)]
    return [
        ffmpeg(), "-nostdin", "-y", "-v", "error", "-filter_threads", "1", "-filter_complex_threads", "1",
        "-threads", "1", "-i", str(folder / TRACKS["rec-video.mjr"]), "-i", str(folder / TRACKS["rec-audio.mjr"]),
        *anchor.of_the_seat(folder, setting.stage),
        "-filter_complex", f"{anchor.overlaid(setting.stage, people, '4:v')}[large];[1:a][3:a]amix=normalize=0[all]",
        *anchor.recorded("[large]", "[all]", folder / COMPOSED),
    ]  # fmt: skip


# --- Janus ---


@contextmanager
def _running(folder: Path) -> Iterator[tuple["subprocess.Popen[bytes]", str]]:
    port = _free_port()
    _configure(folder, port)
    with (folder / "janus.log").open("wb") as log:
        process = subprocess.Popen(["janus", "-F", str(folder)], stdout=log, stderr=log)
    try:
        yield process, _address(process, port)
    finally:
        process.send_signal(signal.SIGINT)
        try:
            process.wait(10)
        except subprocess.TimeoutExpired:
            process.kill()
            process.wait()


def _free_port() -> int:
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        port: int = taken.getsockname()[1]
    return port


def _configure(folder: Path, port: int) -> None:
    files = _files()
    assert files is not None, "see installed()"
    others = {
        kind: ",".join(_others(files / kind, keep)) for kind, keep in (("plugins", PLUGIN), ("transports", TRANSPORT))
    }
    (folder / "janus.jcfg").write_text(
        f'general: {{ configs_folder = "{folder}" plugins_folder = "{files}/plugins" log_to_stdout = true\n'
        f'transports_folder = "{files}/transports" events_folder = "{files}/events" debug_level = 3 }}\n'
        + "".join(f'{kind}: {{ disable = "{names}" }}\n' for kind, names in others.items())
        + "events: { broadcast = false }\n"
    )
    (folder / "janus.transport.http.jcfg").write_text(
        f'general: {{ base_path = "/janus" http = true port = {port} ip = "127.0.0.1" https = false }}\n'
        "admin: { admin_http = false }\n"
    )


def _others(folder: Path, keep: str) -> list[str]:
    return sorted(path.name for path in folder.glob("*.so") if path.name != keep)


def _address(process: "subprocess.Popen[bytes]", port: int) -> str:
    address, until = f"http://127.0.0.1:{port}/janus", time.monotonic() + PATIENCE
    while process.poll() is None and time.monotonic() < until:
        try:
            _asked(f"{address}/info")
        except OSError:
            time.sleep(0.1)
        else:
            return address
    raise NotMeasured("Janus 没有启动", "请查看 janus 的安装")


def _asked(url: str, **body: object) -> Any:
    data = json.dumps({"transaction": "t", **body}).encode() if body else None
    with urllib.request.urlopen(urllib.request.Request(url, data), timeout=PATIENCE) as answer:  # noqa: S310
        return json.load(answer)


class _Session:
    """One customer at the echo test, kept in ``folder``. Raises OSError, and ``Unavailable`` without an answer."""

    def __init__(self, address: str, folder: Path) -> None:
        self._session = f"{address}/{_asked(address, janus='create')['data']['id']}"
        plugin = _asked(self._session, janus="attach", plugin="janus.plugin.echotest")
        self._handle = f"{self._session}/{plugin['data']['id']}"
        self._folder = folder

    def answer(self, sdp: str) -> str:
        wanted = {"audio": True, "video": True, "record": True, "filename": str(self._folder / "rec")}
        body = {**wanted, "videocodec": "h264", "audiocodec": "opus"}
        _asked(self._handle, janus="message", body=body, jsep={"type": "offer", "sdp": sdp})
        for _ in range(5):
            event = _asked(f"{self._session}?maxev=1")
            event = event[0] if isinstance(event, list) else event
            if "jsep" in event:
                return str(event["jsep"]["sdp"])
        raise Unavailable("Janus 没有应答")

    def close(self) -> None:
        """Ends the call, by which Janus closes its files."""
        _asked(self._session, janus="destroy")


def _used(pid: int) -> float:
    """Processor time of a process so far. Linux alone tells it, and Janus runs nowhere else."""
    fields = Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()
    return (int(fields[11]) + int(fields[12])) / os.sysconf("SC_CLK_TCK")
