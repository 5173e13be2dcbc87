"""What the demonstration did, how long each step took, and what it measured."""

import json
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path


@dataclass
class Steps:
    """Prints a line a step as it ends and keeps everything for ``report.json``."""

    started: float = field(default_factory=time.monotonic)
    done: list[tuple[str, float]] = field(default_factory=list)
    figures: dict[str, object] = field(default_factory=dict)

    @contextmanager
    def step(self, title: str) -> Iterator[None]:
        began = time.monotonic()
        try:
            yield
        except BaseException:
            self._say(title, time.monotonic() - began, "✗")
            raise
        seconds = time.monotonic() - began
        self.done.append((title, round(seconds, 3)))
        self._say(title, seconds, "✓")

    def _say(self, title: str, seconds: float, mark: str) -> None:
        print(f"{mark} {len(self.done):>2}  {seconds:7.2f} 秒  {title}", flush=True)

    def figure(self, name: str, value: object, words: str) -> None:
        self.figures[name] = value
        print(f"     {words}", flush=True)

    @property
    def total(self) -> float:
        return time.monotonic() - self.started

    def write(self, path: Path) -> None:
        report = {"steps": self.done, "total_seconds": round(self.total, 2), "figures": self.figures}
        path.write_text(json.dumps(report, ensure_ascii=False, indent=1), encoding="utf-8")
