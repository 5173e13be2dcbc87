"""The people of the demonstration: for the comparison of faces each is somebody else, and the one on their own card."""

from itertools import combinations

import numpy as np
import pytest

from desktop.demo import people
from desktop.demo.portrait import LOOKS, portrait, scene
from desktop.demo.props import valid_until
from desktop.demo.service import DemoError
from media.vision.faces import DIFFERENT, SIMILAR, Face, FaceReader, distance
from signing.wire.case import Role

NUMBERS = range(len(LOOKS))


@pytest.fixture(scope="module")
def reader() -> FaceReader:
    return FaceReader()


@pytest.fixture(scope="module")
def faces(reader: FaceReader) -> list[Face]:
    found = [reader.find(scene(number)) for number in NUMBERS]
    assert [len(one) for one in found] == [1] * len(LOOKS), "one face each, and nobody else"
    return [one[0] for one in found]


def test_each_is_somebody_else(faces: list[Face]) -> None:
    assert min(distance(one, other) for one, other in combinations(faces, 2)) > DIFFERENT


@pytest.mark.parametrize("number", NUMBERS)
def test_each_is_the_one_on_their_own_card(reader: FaceReader, faces: list[Face], number: int) -> None:
    (card,) = reader.find(portrait(number))
    assert distance(card, faces[number]) < SIMILAR
    assert portrait(number).shape == (262, 210, 3)
    assert portrait(number)[:10, :10].mean() > 230, "plain paper behind the head"


def test_the_first_is_the_photograph_itself_and_more_people_begin_again() -> None:
    assert np.array_equal(scene(0), scene())
    assert np.array_equal(scene(len(LOOKS)), scene(0))


@pytest.mark.parametrize(
    ("count", "product"),
    [
        (None, "village_credit_line"),
        (1, "village_credit_line"),
        (3, "village_credit_line"),
        (4, "multi_guarantor_loan"),
    ],
)
def test_with_many_the_product_is_one_that_has_guarantors(count: int | None, product: str) -> None:
    assert people.usual_product(count) == product


def test_four_are_a_borrower_their_spouse_and_two_guarantors() -> None:
    case = people.demonstration_case(people.usual_product(4), 4)
    assert [party.role for party in case.parties] == [
        Role.BORROWER, Role.CO_BORROWER, Role.GUARANTOR, Role.GUARANTOR
    ]  # fmt: skip
    assert len({party.phone for party in case.parties}) == len({party.id_number for party in case.parties}) == 4
    with pytest.raises(DemoError):
        people.demonstration_case("village_credit_line", 9)


@pytest.mark.parametrize(
    ("birth", "until"),
    [
        ((2000, 8, 13), "2021.08.12"),
        ((2000, 8, 12), "2026.08.12"),
        ((1990, 8, 13), "2026.08.12"),
        ((1990, 8, 12), "2036.08.12"),
        ((1970, 8, 13), "2036.08.12"),
        ((1970, 8, 12), "长期"),
    ],
)
def test_a_card_holds_as_long_as_the_law_says_for_that_age(birth: tuple[int, int, int], until: str) -> None:
    assert valid_until(birth, (2016, 8, 12)) == until


@pytest.mark.parametrize(
    ("count", "possible"),
    [(8, "3、4、5、6、7"), (9, "3、4、5、6、7"), (0, "1、2、3、4"), (-1, "1、2、3、4")],
)
def test_more_or_fewer_than_a_call_can_hold_are_refused_with_what_can_be(count: int, possible: str) -> None:
    with pytest.raises(DemoError, match=f"可以有 {possible} 位当事人，请改 --parties"):
        people.demonstration_case(people.usual_product(count), count)
