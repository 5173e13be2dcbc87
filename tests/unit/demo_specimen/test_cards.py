"""The drawn cards look like cards to a machine: proportions, determinism, and what the number implies."""

import io

import numpy as np
import numpy.typing as npt
import pytest
from PIL import Image

from desktop.demo.portrait import portrait
from desktop.demo.specimen import DEMO_BORROWER, HEIGHT, WIDTH, Person, card_back, card_front, photograph


def pixels(jpeg: bytes) -> npt.NDArray[np.uint8]:
    return np.asarray(Image.open(io.BytesIO(jpeg)).convert("RGB"))


def test_demo_borrower_is_a_woman_as_her_number_says() -> None:
    assert DEMO_BORROWER.name == "王秀兰"
    assert DEMO_BORROWER.sex == "女"
    assert DEMO_BORROWER.birth == (1949, 12, 31)
    assert Person(number="110105194912310011").sex == "男"


@pytest.mark.parametrize("side", [card_front, card_back])
def test_sides_have_the_proportions_of_id_1_and_round_corners(side: object) -> None:
    card = card_front(DEMO_BORROWER) if side is card_front else card_back(DEMO_BORROWER)
    assert card.size == (WIDTH, HEIGHT)
    assert card.width / card.height == pytest.approx(85.6 / 54, rel=0.005)
    alpha = np.asarray(card.getchannel("A"))
    assert alpha[0, 0] == 0
    assert alpha[HEIGHT // 2, WIDTH // 2] == 255


def test_the_name_and_the_portrait_are_parameters() -> None:
    usual = np.asarray(card_front(DEMO_BORROWER), dtype=np.int16)
    renamed = np.asarray(card_front(Person(name="李福生")), dtype=np.int16)
    changed = np.argwhere(np.abs(usual - renamed).max(axis=2) > 40)
    assert changed[:, 0].max() < 0.2 * HEIGHT, "only the first line differs"
    assert changed[:, 1].max() < 0.5 * WIDTH
    faceless = np.asarray(card_front(DEMO_BORROWER, Image.new("RGB", (26, 33), "white")), dtype=np.int16)
    changed = np.argwhere(np.abs(usual - faceless).max(axis=2) > 40)
    assert changed[:, 1].min() > 0.6 * WIDTH


def test_a_photograph_is_decided_by_its_seed() -> None:
    card = card_back(DEMO_BORROWER)
    assert photograph(card, 3) == photograph(card, 3)
    assert photograph(card, 3) != photograph(card, 4)


def test_a_photograph_shows_the_card_on_a_darker_table() -> None:
    shot = pixels(photograph(card_front(DEMO_BORROWER), 1, width=1200))
    assert shot.shape == (900, 1200, 3)
    assert shot[450, 300:900].mean() > shot[:40, :40].mean() + 60
    darker = pixels(photograph(card_front(DEMO_BORROWER), 1, width=1200, light=0.3))
    assert darker.mean() < 0.4 * shot.mean()


def test_quarter_turns_swap_the_sides() -> None:
    shot = pixels(photograph(card_front(DEMO_BORROWER), 1, width=800, quarter_turns=1))
    assert shot.shape == (800, 600, 3)


def test_the_portrait_has_the_shape_of_an_identity_photograph() -> None:
    assert portrait().shape == (262, 210, 3)
    assert portrait()[:10, :10].mean() > 230, "plain paper behind the head"


def test_an_address_without_room_is_refused() -> None:
    with pytest.raises(ValueError, match="room"):
        card_front(Person(address="福" * 34))
