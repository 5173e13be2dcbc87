"""How a media process is started, in one place: an installed program is started otherwise than Python."""

import json
import os
import subprocess
import sys
from dataclasses import dataclass
from pathlib import Path

import media
from media import ports
from media.process import words
from media.process.places import Place

FLAG = "--media-process"
"""First argument by which a program that is one file knows that it is to be the media process."""

if sys.platform == "win32":
    ALONE = subprocess.CREATE_NEW_PROCESS_GROUP | subprocess.CREATE_NO_WINDOW
else:
    ALONE = 0


@dataclass(frozen=True)
class Job:
    """``linger``: seconds for which a call goes on without any window."""

    place: Place
    options: ports.EngineOptions
    linger: float

    def arguments(self) -> list[str]:
        """For ``parsed``, in the other process."""
        options = json.dumps(words.plain(self.options))
        return [str(self.place.folder), self.place.name, str(self.linger), options]


def parsed(arguments: list[str]) -> Job:
    """Raises ValueError, KeyError or TypeError."""
    folder, name, linger, options = arguments
    return Job(Place(Path(folder), name), words.rich(ports.EngineOptions, json.loads(options)), float(linger))


def command(job: Job) -> list[str]:
    """What to run."""
    if getattr(sys, "frozen", False):
        return [sys.executable, FLAG, *job.arguments()]
    return [sys.executable, "-m", "media.process", *job.arguments()]


def start(job: Job) -> subprocess.Popen[bytes]:
    """In a session of its own, so that what ends the window does not end the call. Raises OSError."""
    job.place.prepare()
    with job.place.log.open("ab") as log:
        return subprocess.Popen(
            command(job),
            stdin=subprocess.DEVNULL,
            stdout=log,
            stderr=log,
            cwd=job.place.folder,
            env=_environment(),
            start_new_session=True,
            creationflags=ALONE,
        )


def _environment() -> dict[str, str]:
    """The same packages as here, from wherever this process has them."""
    root = str(Path(media.__file__).parent.parent)
    before = os.environ.get("PYTHONPATH")
    return {**os.environ, "PYTHONPATH": os.pathsep.join([root, before] if before else [root])}
