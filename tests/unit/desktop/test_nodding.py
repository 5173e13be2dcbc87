"""A nod is no word: on a line that expects one it is neither right nor wrong, and the line stays open."""

import pytest

from desktop.audit import documents
from desktop.model import script
from desktop.seat.workspace import SeatWorkspace
from signing.adapters.documents import catalogue
from signing.domain.phase import right
from signing.wire.case import Answer, StepKey
from tests.unit.desktop import views
from tests.unit.desktop.test_seat_panels import show, talking, text_of

PRODUCTS = catalogue.products()
LINES = [line for product in PRODUCTS.values() for line in product.script]


@pytest.mark.parametrize("product_id", PRODUCTS)
def test_a_nod_settles_no_line_of_any_product_that_expects_a_word(product_id: str) -> None:
    for number, line in enumerate(PRODUCTS[product_id].script, 1):
        shown = views.line(number, Answer.NODDED, Answer(line.expected) if line.expected else None)
        assert right("nodded", line.expected) is (None if line.expected else True)
        assert script.settled(shown) is (line.expected is None)
        assert "不一致" not in script.advice(shown)
        assert ("亲口" in script.advice(shown)) is (line.expected is not None)


def test_the_word_that_is_expected_is_told_from_the_other() -> None:
    expecting = [line.expected for line in LINES if line.expected is not None]
    assert expecting
    for expected in expecting:
        other = "no" if expected == "yes" else "yes"
        assert (right(expected, expected), right(other, expected), right("repeat", expected)) == (True, False, None)


def test_the_agent_reads_what_to_do_about_a_nod_and_the_auditor_that_nothing_was_said(
    workspace: SeatWorkspace,
) -> None:
    nodded = views.line(2, Answer.NODDED)
    show(workspace, talking(StepKey.DISCLOSURE, lines=[views.line(1, Answer.YES), nodded]))
    assert text_of(workspace, "script.line") == "第2条要读的话"
    assert "亲口说出来" in text_of(workspace, "script.advice")
    assert documents._answer(nodded).startswith("答：点头（还没有亲口说）")
    assert "亲口" not in documents._answer(views.line(1, Answer.NODDED, None))
