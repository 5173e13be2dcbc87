"""When the phone takes its path for lost, and when it tries anew."""

import pytest

from tests.unit.web_phone.script import Module

LOOK = 500


class Path:
    """A path that stands since time zero. Packets come fifty a second unless told otherwise."""

    def __init__(self) -> None:
        self._module = Module("path.js")
        self._module.run("var path = m.createPath(0)")
        self.at = 0
        self.count = 0

    def look(self, come: int = 25, after: int = LOOK) -> str | None:
        self.at += after
        self.count += come
        found: str | None = self._module.run(f"path.look({self.at}, {self.count})")
        return found

    def say(self, script: str) -> str | None:
        found: str | None = self._module.run(f"path.{script}")
        return found

    @property
    def lost(self) -> bool:
        return bool(self._module.run("path.isLost()"))

    def until(self, come: int, wanted: str, looks: int = 20) -> int:
        """Milliseconds until it is said."""
        since = self.at
        for _ in range(looks):
            if self.look(come) == wanted:
                return self.at - since
        raise AssertionError(f"never {wanted}")


@pytest.fixture
def path() -> Path:
    return Path()


def test_attempts_come_at_growing_intervals() -> None:
    module = Module("path.js")
    pauses = [module.run(f"m.pauseBefore({n})") for n in range(8)]
    assert pauses == [0, 300, 1200, 2700, 4800, 7000, 7000, 7000]


def test_an_attempt_that_is_answered_has_more_time_each_time_and_no_end_of_it() -> None:
    module = Module("path.js")
    times = [module.run(f"m.patience({n})") for n in range(6)]
    assert times == [15_000, 20_000, 25_000, 30_000, 30_000, 30_000]


def test_silence_is_noticed_within_three_seconds_and_told_once(path: Path) -> None:
    assert [path.look() for _ in range(6)] == [None] * 6
    assert path.until(0, "lost") <= 3000 - LOOK
    assert path.lost
    assert [path.look(0) for _ in range(20)] == [None] * 20


def test_a_line_that_loses_most_packets_is_not_lost(path: Path) -> None:
    for _ in range(40):
        assert path.look(0) is None
        assert path.look(0) is None
        assert path.look(1) is None
    assert not path.lost


def test_a_connection_by_which_nothing_ever_came_is_lost_too(path: Path) -> None:
    assert path.until(0, "lost") <= 3000


def test_it_is_back_when_packets_flow_and_not_for_a_straggler(path: Path) -> None:
    path.until(0, "lost")
    assert path.look(1) is None
    assert path.lost
    assert path.look(25) == "back"
    assert not path.lost
    assert path.until(0, "lost") <= 3000


def test_a_seat_that_hears_nothing_means_lost_at_once_though_its_packets_come(path: Path) -> None:
    path.look()
    assert path.say(f"unheard({path.at + 10})") == "lost"
    assert path.say(f"unheard({path.at + 20})") is None
    assert path.look() is None
    assert path.lost


def test_it_is_back_when_the_seat_complains_no_more(path: Path) -> None:
    path.look()
    path.say(f"unheard({path.at})")
    for _ in range(6):
        assert path.look() is None
        path.say(f"unheard({path.at})")
    assert path.until(25, "back") <= 2000


def test_a_page_that_slept_says_nothing_of_the_path(path: Path) -> None:
    path.look()
    assert path.look(0, after=60_000) is None
    assert path.look(25) is None
    assert not path.lost


def test_what_the_browser_says_counts_until_packets_prove_it_wrong(path: Path) -> None:
    path.look()
    assert path.say("lose()") == "lost"
    assert path.say("lose()") is None
    assert path.lost
    assert path.look(25) == "back"
