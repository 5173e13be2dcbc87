"""Where a process is found: one at a time, for this user alone, and nothing of a crash stays."""

import json
import os
import stat
import subprocess
import sys
from pathlib import Path

import pytest

from media.process.places import LONGEST_ADDRESS, LONGEST_LOG, Info, Place, Running

ROOT = Path(__file__).parents[4]
HOLDER = """
import sys
from pathlib import Path
from media.process.places import Place
place = Place(Path(sys.argv[1]), "seat")
with place.hold() as info:
    Path(info.address).touch()
    place.tell(info)
    print("held", flush=True)
    sys.stdin.read()
"""


def holder(folder: Path) -> subprocess.Popen[str]:
    command = [sys.executable, "-c", HOLDER, str(folder)]
    environment = {**os.environ, "PYTHONPATH": str(ROOT)}
    made = subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True, env=environment)
    assert made.stdout is not None
    assert made.stdout.readline() == "held\n"
    return made


def end(process: subprocess.Popen[str]) -> None:
    process.kill()
    process.communicate()


@pytest.fixture
def place(tmp_path: Path) -> Place:
    made = Place(tmp_path / "media", "seat")
    made.prepare()
    return made


def test_folder_and_what_is_told_are_for_this_user_alone(place: Place) -> None:
    with place.hold() as info:
        place.tell(info)
        assert stat.S_IMODE(place.folder.stat().st_mode) == 0o700
        assert stat.S_IMODE((place.folder / "seat.json").stat().st_mode) == 0o600
        assert place.read() == info
    assert place.read() is None


def test_a_folder_that_others_could_read_is_closed_to_them(tmp_path: Path) -> None:
    folder = tmp_path / "media"
    folder.mkdir(mode=0o755)
    Place(folder, "seat").prepare()
    assert stat.S_IMODE(folder.stat().st_mode) == 0o700


def test_keys_differ_each_time(place: Place) -> None:
    keys = set()
    for _ in range(3):
        with place.hold() as info:
            keys.add(info.key)
            assert len(bytes.fromhex(info.key)) == 32
    assert len(keys) == 3


def test_there_is_one_at_a_time(place: Place) -> None:
    first = holder(place.folder)
    try:
        assert place.held()
        with pytest.raises(Running), place.hold():
            pass
        told = place.read()
        assert told is not None
        assert told.pid == first.pid, "a refused one takes nothing away"
    finally:
        end(first)
    assert not place.held()


def test_leftovers_of_one_that_was_killed_go_with_the_next(place: Place) -> None:
    end(holder(place.folder))
    left = place.read()
    assert left is not None
    assert Path(left.address).exists()
    with place.hold() as info:
        assert place.read() is None
        assert info.key != left.key
        assert not Path(left.address).exists()


def test_a_long_folder_gets_a_short_address_in_a_private_one(tmp_path: Path) -> None:
    place = Place(tmp_path / ("很长的文件夹名" * 6), "seat")
    place.prepare()
    with place.hold() as info:
        assert len(os.fsencode(info.address)) <= LONGEST_ADDRESS
        own = Path(info.folder)
        assert stat.S_IMODE(own.stat().st_mode) == 0o700
    assert not own.exists()


def test_what_cannot_be_read_is_nobody(place: Place) -> None:
    for text in (
        "",
        "{",
        "[]",
        json.dumps({"address": "x"}),
        json.dumps({"address": "x", "key": "", "pid": 1, "y": 2}),
    ):
        (place.folder / "seat.json").write_text(text)
        assert place.read() is None


def test_only_folders_of_ours_are_removed(place: Place, tmp_path: Path) -> None:
    other = tmp_path / "other"
    other.mkdir()
    place.tell(Info(str(other / "seat.sock"), "00", 1, str(other)))
    with place.hold():
        pass
    assert other.exists()


def test_a_long_log_is_put_aside(place: Place) -> None:
    place.log.write_bytes(b"x" * (LONGEST_LOG + 1))
    place.prepare()
    assert not place.log.exists()
    assert place.log.with_suffix(".log.old").stat().st_size == LONGEST_LOG + 1


TURNING = """
import sys
from pathlib import Path
from media.process.places import Place

place = Place(Path(sys.argv[1]), "seat")
print("before", flush=True)
place.turn_log()
print("still before", flush=True)
place.log.write_bytes(b"x" * int(sys.argv[2]))
place.turn_log()
print("after", flush=True)
print("after as well", file=sys.stderr, flush=True)
"""


def test_a_log_that_grows_long_is_turned_while_the_process_writes_it(place: Place) -> None:
    place.prepare()
    with place.log.open("ab") as log:
        arguments = [sys.executable, "-c", TURNING, str(place.folder), str(LONGEST_LOG + 1)]
        environment = {**os.environ, "PYTHONPATH": str(Path(__file__).parents[4])}
        subprocess.run(arguments, stdout=log, stderr=log, env=environment, check=True)
    assert place.log.read_text() == "after\nafter as well\n"
    assert place.log.with_suffix(".log.old").stat().st_size == LONGEST_LOG + 1


def test_a_short_log_and_none_at_all_are_left_alone(place: Place) -> None:
    place.prepare()
    place.turn_log()
    assert not place.log.exists()
    place.log.write_bytes(b"x" * LONGEST_LOG)
    place.turn_log()
    assert place.log.stat().st_size == LONGEST_LOG
    assert not place.log.with_suffix(".log.old").exists()
