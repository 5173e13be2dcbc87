"""The machine's sleep, and keeping it awake."""

import os
import sys
import time
from collections.abc import Callable
from pathlib import Path

import pytest

from media.sleeping import Awake, asleep

INHIBIT = """#!/bin/sh
echo $$ > {folder}/pid
echo "$@" > {folder}/asked
while [ "$1" != cat ]; do shift; done
exec "$@"
"""


def soon(true: Callable[[], object]) -> None:
    end = time.monotonic() + 10
    while not true():
        assert time.monotonic() < end
        time.sleep(0.02)


@pytest.mark.skipif(sys.platform != "linux", reason="Linux alone tells")
def test_who_is_awake_sleeps_no_further() -> None:
    before = asleep()
    time.sleep(0.3)
    assert asleep() - before == pytest.approx(0, abs=0.2)
    assert before > -0.2


@pytest.mark.skipif(sys.platform != "linux", reason="systemd's program")
def test_the_machine_is_kept_awake_until_the_end(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    program = tmp_path / "systemd-inhibit"
    program.write_text(INHIBIT.format(folder=tmp_path))
    program.chmod(0o755)
    monkeypatch.setenv("PATH", str(tmp_path), prepend=":")
    awake = Awake()
    asked = tmp_path / "asked"
    soon(lambda: asked.exists() and asked.read_text())
    assert "--what=sleep:idle" in asked.read_text()
    held = int((tmp_path / "pid").read_text())
    os.kill(held, 0)
    awake.close()
    assert not awake._thread.is_alive()
    with pytest.raises(ProcessLookupError):
        os.kill(held, 0)


def test_where_the_system_has_no_way_nothing_follows(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PATH", str(tmp_path))
    Awake().close()
