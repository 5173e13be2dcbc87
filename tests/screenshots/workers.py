"""The processes that draw: each the scenes of one look, and each replaced where it ends, or stands, in a scene."""

import json
import queue
import subprocess
import sys
import threading
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, replace
from pathlib import Path
from typing import IO

from tests.screenshots import registry
from tests.screenshots.gallery import Shown
from tests.screenshots.registry import Look, Scene

PATIENCE = 240.0
"""Seconds for one scene, and for a process until its first: on a machine that is busy with other things."""


@dataclass(frozen=True)
class Task:
    """What one look draws. ``course``: the file with what the service showed."""

    look: Look
    scenes: tuple[Scene, ...]
    course: Path
    out: Path

    def command(self, scenes: Sequence[Scene]) -> list[str]:
        names = ",".join(scene.name for scene in scenes)
        told = {"look": f"{self.look.kind}:{self.look.name}", "names": names, "out": self.out, "course": self.course}
        options = [str(part) for name, value in told.items() for part in (f"--{name}", value)]
        return [sys.executable, "-m", "tests.screenshots", *options]


def tasks(out: Path, course: Path, only: Sequence[str], looks: Sequence[str]) -> list[Task]:
    """One a look that has something to draw. ``looks``: only these, by name."""
    made = []
    for look in registry.LOOKS:
        scenes = tuple(scene for scene in registry.scenes(only, look.kind) if look.shows(scene))
        if scenes and (not looks or look.name in looks):
            made.append(Task(look, scenes, course, out))
    return made


def run(wanted: Sequence[Task], jobs: int, told: Callable[[Shown], None]) -> list[Shown]:
    """Every scene of every task, drawn or with its trouble; ``told`` of each as it comes."""
    shown: list[Shown] = []
    lock = threading.Lock()

    def work(task: Task) -> None:
        for one in draw(task):
            with lock:
                shown.append(one)
                told(one)

    with ThreadPoolExecutor(jobs) as pool:
        for done in [pool.submit(work, task) for task in wanted]:
            done.result()
    return shown


def again(wanted: Sequence[Task], shown: Sequence[Shown], told: Callable[[Shown], None]) -> list[Shown]:
    """``shown`` with what failed tried once more, one at a time: a busy machine is late for more than one reason."""
    failed = {(one.room, one.name, one.look) for one in shown if one.trouble}
    left = []
    for task in wanted:
        scenes = tuple(one for one in task.scenes if (one.room, one.name, task.look.name) in failed)
        left += [replace(task, scenes=scenes)] if scenes else []
    second = run(left, 1, told)
    return [*(one for one in shown if not one.trouble), *second]


def draw(task: Task, patience: float = PATIENCE) -> Iterator[Shown]:
    """A process that ends or stands still loses the scene that it was at, and another one goes on with the rest."""
    left = list(task.scenes)
    while left:
        trouble = "the process ended without a word"
        for line in _lines(task.command(left), patience):
            if isinstance(line, str):
                trouble = line
                continue
            left = [scene for scene in left if scene.name != line.name]
            yield line
        if left:
            lost, *left = left
            yield Shown.failed(lost, task.look, trouble)


def _lines(command: list[str], patience: float) -> Iterator[Shown | str]:
    """What a process has drawn; at last, in words, why there is no more where it did not end well."""
    said: queue.Queue[str | None] = queue.Queue()
    errors: list[str] = []
    with subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True) as process:
        assert process.stdout is not None
        assert process.stderr is not None
        readers = [
            threading.Thread(target=_read, args=(process.stdout, said), daemon=True),
            threading.Thread(target=errors.extend, args=(process.stderr,), daemon=True),
        ]
        for reader in readers:
            reader.start()
        try:
            while (line := said.get(timeout=patience)) is not None:
                if line.startswith('{"room"'):
                    yield Shown(**json.loads(line))
            code = process.wait(patience)
            readers[1].join(5)
            if code:
                yield f"the process ended with {code}\n{''.join(errors[-12:])}"
        except queue.Empty:
            yield f"not done within {patience:.0f} s"
        finally:
            process.kill()
            for reader in readers:
                reader.join(10)


def _read(stream: IO[str], said: "queue.Queue[str | None]") -> None:
    for line in stream:
        said.put(line)
    said.put(None)
