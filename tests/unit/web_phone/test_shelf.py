"""What a phone keeps of its own side of a call, and what it lets go of first."""

import json

import pytest

from tests.unit.web_phone.script import Module

PIECE_MS = 5000


class Shelf:
    """Pieces of five seconds and a hundred bytes, one after the other, from time zero."""

    def __init__(self, ms: int = 60_000, size: int = 1000) -> None:
        self._module = Module("shelf.js")
        self._module.run(f"var shelf = m.createShelf({{ ms: {ms}, bytes: {size} }})")
        self.next = 0

    def say(self, script: str) -> object:
        return self._module.run(f"shelf.{script}")

    def add(self, size: int = 100) -> list[str]:
        """→ what has to go for the next one."""
        since, until = self.next * PIECE_MS, (self.next + 1) * PIECE_MS
        piece = json.dumps({"id": f"p{self.next}", "since": since, "until": until, "size": size})
        self.next += 1
        found = self.say(f"add({piece}, {until})")
        assert isinstance(found, list)
        return [str(each) for each in found]

    def wanted(self, since: int, until: int) -> object:
        return self.say(f"wanted([{{ since: {since}, until: {until} }}])")


@pytest.fixture
def shelf() -> Shelf:
    return Shelf()


def test_what_is_wanted_comes_oldest_first(shelf: Shelf) -> None:
    for _ in range(4):
        shelf.add()
    assert shelf.wanted(6_000, 11_000) == ["p1", "p2"]
    assert shelf.wanted(100_000, 110_000) == []


def test_the_oldest_go_by_age_and_by_room() -> None:
    by_age = Shelf(ms=20_000)
    assert [by_age.add() for _ in range(6)] == [[], [], [], [], [], ["p0"]]
    by_room = Shelf(size=300)
    assert [by_room.add() for _ in range(5)] == [[], [], [], ["p0"], ["p1"]]
    assert (by_room.say("count()"), by_room.say("bytes()")) == (3, 300)


def test_what_the_line_lost_stays_while_the_rest_goes() -> None:
    shelf = Shelf(ms=20_000)
    shelf.add()
    shelf.say("trouble(true, 9000)")
    shelf.add()
    shelf.say("trouble(false, 10000)")
    gone = [each for _ in range(10) for each in shelf.add()]
    assert "p1" not in gone
    assert gone[0] == "p3", "beside the trouble two more are kept"
    assert shelf.say("hasLost()") is True


def test_of_what_was_lost_there_may_be_twice_as_much_and_no_more() -> None:
    shelf = Shelf(size=300)
    shelf.say("trouble(true, 0)")
    gone = [shelf.add() for _ in range(8)]
    assert gone[:6] == [[]] * 6
    assert gone[6:] == [["p0"], ["p1"]]


def test_trouble_is_over_once_and_forgotten_when_the_service_had_time_to_tell(shelf: Shelf) -> None:
    shelf.say("trouble(true, 1000)")
    shelf.say("trouble(true, 2000)")
    shelf.add()
    assert (shelf.say("inTrouble()"), shelf.say("hasLost()")) == (True, True)
    shelf.say("trouble(false, 3000)")
    shelf.say("trouble(false, 9000)")
    assert (shelf.say("inTrouble()"), shelf.say("hasLost()")) == (False, True)
    shelf.say("forget(2999)")
    assert shelf.say("hasLost()") is True
    shelf.say("forget(3001)")
    assert shelf.say("hasLost()") is False


def test_what_was_brought_is_gone(shelf: Shelf) -> None:
    shelf.add()
    shelf.add()
    shelf.say("remove('p0')")
    assert shelf.wanted(0, 20_000) == ["p1"]
    shelf.say("clear()")
    assert (shelf.say("count()"), shelf.say("find('p1')")) == (0, None)
