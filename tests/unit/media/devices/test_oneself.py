"""The programs of the sound, as Python's modules and as one installed file."""

import json
import subprocess
import sys
from pathlib import Path

import pytest

from media.devices.oneself import FLAG, LIST, PROGRAMS, SOUND, command, play
from media.devices.soundwire import Order

ROOT = Path(__file__).parents[4]
INSTALLED = "import sys; from desktop.app import main; sys.exit(main(sys.argv[1:]))"


@pytest.mark.parametrize("program", PROGRAMS)
def test_python_runs_a_module_and_an_installed_file_itself(program: str, monkeypatch: pytest.MonkeyPatch) -> None:
    assert command(program, "x") == [sys.executable, "-m", f"media.devices.{program}", "x"]
    monkeypatch.setattr(sys, "frozen", True, raising=False)
    assert command(program, "x") == [sys.executable, FLAG, program, "x"]


def test_an_installed_program_lists_its_devices() -> None:
    words = [sys.executable, "-c", INSTALLED, FLAG, LIST]
    done = subprocess.run(words, capture_output=True, cwd=ROOT, check=True, timeout=60)
    assert isinstance(json.loads(done.stdout), list)


def test_an_installed_program_plays_the_sound_process_to_its_end() -> None:
    words = [sys.executable, "-c", INSTALLED, FLAG, SOUND, Order().text()]
    done = subprocess.run(words, stdin=subprocess.DEVNULL, capture_output=True, cwd=ROOT, timeout=60)
    assert done.returncode == 0, done.stderr


@pytest.mark.parametrize("given", [[], ["signing.cli"], ["os"]])
def test_nothing_else_is_run(given: list[str]) -> None:
    assert play(given) == 2
