"""ARCHITECTURE.md is true: the diagrams are those of the tables, the import contracts hold."""

import re
import subprocess
import sys
from pathlib import Path

from tests import diagrams


def test_diagrams_are_drawn_from_the_tables() -> None:
    text = diagrams.ARCHITECTURE.read_text(encoding="utf-8")
    assert diagrams.redrawn(text) == text


def test_every_machine_has_its_diagram() -> None:
    drawn = set(re.findall(r"<!-- diagram:([\w.]+) -->", diagrams.ARCHITECTURE.read_text(encoding="utf-8")))
    assert drawn == set(diagrams.machines())


def test_import_directions_hold() -> None:
    linter = Path(sys.executable).with_name("lint-imports")
    checked = subprocess.run([linter, "--no-cache"], capture_output=True, text=True, cwd=diagrams.ARCHITECTURE.parent)
    assert checked.returncode == 0, checked.stdout
