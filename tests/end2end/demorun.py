"""What a run of ``pingqian demo --unattended`` leaves, for tests to judge by tools that are not ours."""

import hashlib
import json
import shutil
import subprocess
import sys
import zipfile
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import av
import numpy as np

ROOT = Path(__file__).parents[2]


def pingqian(*arguments: str | Path, env: dict[str, str] | None = None) -> subprocess.CompletedProcess[str]:
    command = [sys.executable, "-m", "signing.cli", *map(str, arguments)]
    return subprocess.run(command, capture_output=True, text=True, cwd=ROOT, env=env)


@dataclass(frozen=True)
class Left:
    """What the demonstration left behind."""

    folder: Path
    said: str
    report: dict[str, Any]

    @property
    def package(self) -> Path:
        return next(self.folder.glob("*.asice"))

    @property
    def recordings(self) -> list[Path]:
        return sorted((self.folder / "recordings").glob("*.mp4"))

    @property
    def recording(self) -> Path:
        (found,) = self.recordings
        return found

    @property
    def documents(self) -> list[Path]:
        return sorted((self.folder / "documents").glob("*.pdf"))

    @property
    def screens(self) -> Path:
        return self.folder / "screens"

    def events(self) -> list[dict[str, Any]]:
        """The case's chain as the package holds it."""
        with zipfile.ZipFile(self.package) as archive:
            return [json.loads(line) for line in archive.read("events.jsonl").decode().splitlines()]


@contextmanager
def demonstration(folder: Path, parties: int) -> Iterator[Left]:
    """Runs it; what went wrong is told with the tails of every log."""
    ran = pingqian("demo", "--unattended", "--parties", str(parties), "--out", folder)
    assert ran.returncode == 0, f"{ran.stdout}\n{ran.stderr}\n{tails(folder)}"
    yield Left(folder, ran.stdout, json.loads((folder / "report.json").read_text(encoding="utf-8")))
    shutil.rmtree(folder, ignore_errors=True)


def tails(folder: Path) -> str:
    logs = [*sorted((folder / "screens").rglob("phone.log")), folder / "state" / "service.log"]
    return "\n".join(f"{log}:\n{log.read_text(encoding='utf-8')[-3000:]}" for log in logs if log.exists())


def trust_database(package: Path, folder: Path) -> Path:
    """An NSS database that trusts the package's own root, as somebody would make it from the printed root."""
    roots = folder / "nss"
    roots.mkdir()
    subprocess.run(["certutil", "-N", "-d", str(roots), "--empty-password"], check=True)
    with zipfile.ZipFile(package) as archive:
        for name in archive.namelist():
            if name.startswith("certificates/") and "root" in name and name.endswith(".pem"):
                pem = folder / "root.pem"
                pem.write_bytes(archive.read(name))
                arguments = ["-A", "-n", name, "-t", "CT,C,C", "-i", str(pem), "-d", str(roots)]
                subprocess.run(["certutil", *arguments], check=True)
    return roots


def pdfsig(document: Path, roots: Path) -> str:
    """What poppler says of the signatures; fails where it says that one is not good."""
    told = subprocess.run(["pdfsig", "-nssdir", str(roots), str(document)], capture_output=True, text=True).stdout
    for bad in ("Signature is Invalid", "Digest Mismatch", "Certificate issuer isn't Trusted"):
        assert bad not in told, told
    return told


def sha256(path: Path) -> str:
    return hashlib.sha256(path.read_bytes()).hexdigest()


def spectrum(path: Path) -> tuple[Any, Any]:
    """(strength, hertz) of the middle half of a recording's sound."""
    with av.open(str(path)) as container:
        sound = np.concatenate([frame.to_ndarray().mean(axis=0) for frame in container.decode(audio=0)])
        rate = container.streams.audio[0].rate
    middle = sound[len(sound) // 4 : 3 * len(sound) // 4]
    return np.abs(np.fft.rfft(middle)), np.fft.rfftfreq(len(middle), 1 / rate)


def assert_voices(path: Path, *voices: int) -> None:
    """Each tone, in hertz, stands out of the recording."""
    strength, hertz = spectrum(path)
    floor = np.median(strength[(hertz > 200) & (hertz < 2000)])
    for voice in voices:
        band = strength[(hertz > voice - 6) & (hertz < voice + 6)]
        assert band.max() > 30 * floor, f"no voice at {voice} Hz"
