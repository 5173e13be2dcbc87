"""Opened cases are kept by what their row says, and only so many."""

from dataclasses import replace

from signing.adapters.database.shelf import Shelf
from signing.domain.case import Case
from tests.unit.domain.factories import make_case

CASE = make_case()


class Opening:
    """Counts how often a case had to be deciphered."""

    def __init__(self, case: Case = CASE) -> None:
        self.case = case
        self.times = 0

    def __call__(self) -> Case:
        self.times += 1
        return self.case


def test_the_same_row_is_deciphered_once() -> None:
    shelf, opening = Shelf[Case](), Opening()
    assert shelf.get("case_1", 3, b"sealed", opening) is shelf.get("case_1", 3, b"sealed", opening)
    assert opening.times == 1


def test_another_version_or_other_bytes_are_deciphered_anew() -> None:
    shelf, newer = Shelf[Case](), Opening(replace(CASE, version=4))
    shelf.get("case_1", 3, b"sealed", Opening())
    assert shelf.get("case_1", 4, b"sealed", newer).version == 4
    shelf.get("case_1", 3, b"tampered", newer)
    shelf.get("case_2", 3, b"sealed", newer)
    assert newer.times == 3


def test_the_longest_unused_goes_first() -> None:
    shelf, again = Shelf[Case](largest=2), Opening()
    for case_id in ("a", "b", "a", "c"):
        shelf.get(case_id, 0, b"", Opening())
    assert len(shelf) == 2
    shelf.get("a", 0, b"", again)
    assert again.times == 0
    shelf.get("b", 0, b"", again)
    assert again.times == 1
