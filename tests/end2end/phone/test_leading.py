"""The agent's page on the phone: followed, pointed at, turned away from, and by thumb."""

from collections.abc import Callable

import pytest

from signing.wire.phone import PhoneStep, ReportReading
from tests.end2end.phone.conftest import Phone
from tests.end2end.phone.stage import CALL, Stage, display, documents

pytestmark = pytest.mark.end2end

FINGER = "document.getElementById('page-finger')"


def reading(phone: Phone, stage: Stage) -> None:
    stage.view = display(PhoneStep.READING, call=CALL)
    phone.resume(stage)
    phone.at("reading", "page")
    is_at(phone, 1)
    phone.until("window.pingqian.stats().lineConnected")


def is_at(phone: Phone, page: int) -> None:
    phone.until(f"document.getElementById('page-count').textContent.indexOf('第 {page} 页') === 0")
    phone.until(
        "document.getElementById('page-image').naturalWidth > 0 && !document.getElementById('page-image').hidden"
    )


def test_the_phone_follows_and_shows_what_is_pointed_at(stage: Stage, phone: Phone) -> None:
    reading(phone, stage)
    stage.lead("mark", 2, x=0.5, y=0.6, w=0.3, h=0.05)
    is_at(phone, 2)
    assert "客户经理正带您看第 2 页" in str(phone.page.text_content("#strip [data-slot=lead]"))
    phone.until(f"!{FINGER}.hidden")
    mark, page, sheet = (
        phone.page.locator(name).bounding_box() for name in ("#page-finger", "#page-image", "#page-sheet")
    )
    assert mark is not None
    assert page is not None
    assert sheet is not None
    assert mark["x"] - page["x"] == pytest.approx(page["width"] * 0.5, abs=2)
    assert mark["y"] - page["y"] == pytest.approx(page["height"] * 0.6, abs=2)
    assert mark["width"] == pytest.approx(page["width"] * 0.3, abs=2)
    assert sheet["x"] <= mark["x"], "what is pointed at is brought into sight"
    assert sheet["y"] <= mark["y"] <= sheet["y"] + sheet["height"]
    told = [ReportReading.model_validate(body).on_screen for body in stage.bodies("/reading")]
    assert told[-1] == 2, "the agent sees that the phone is there"
    stage.lead("point", 2, x=0.2, y=0.1)
    phone.until(f"{FINGER}.className === 'point'")
    stage.lead("page", 3)
    is_at(phone, 3)
    phone.until(f"{FINGER}.hidden")
    stage.lead("over", 3)
    phone.until("document.getElementById('strip').textContent.indexOf('客户经理正带') < 0")
    is_at(phone, 3)
    assert not phone.complaints


def test_on_its_side_what_is_said_lies_over_no_part_of_the_page(stage: Stage, new_phone: Callable[..., Phone]) -> None:
    phone = new_phone(640, 360)
    reading(phone, stage)
    for y in (0.2, 0.7):
        stage.lead("mark", 2, x=0.5, y=y, w=0.3, h=0.05)
        is_at(phone, 2)
        phone.until(f"!{FINGER}.hidden")
        sheet, mark = edges(phone, "#page-sheet"), edges(phone, "#page-finger")
        assert edges(phone, "#strip > :first-child")[1] <= sheet[0] <= mark[0]
        assert mark[1] <= sheet[1] <= 360


def edges(phone: Phone, selector: str) -> tuple[float, float]:
    """Top and bottom."""
    box = phone.page.locator(selector).bounding_box()
    assert box is not None
    return box["y"], box["y"] + box["height"]


def test_who_turns_a_page_is_left_alone_until_they_want_to_follow_again(stage: Stage, phone: Phone) -> None:
    reading(phone, stage)
    stage.lead("point", 1, x=0.3, y=0.2)
    phone.until(f"!{FINGER}.hidden")
    phone.page.click("#next-page")
    is_at(phone, 2)
    assert phone.page.evaluate(f"{FINGER}.hidden")
    stage.lead("page", 3)
    phone.until("document.getElementById('strip').textContent.indexOf('客户经理在第 3 页') >= 0")
    is_at(phone, 2)
    phone.page.click("#strip [data-slot=lead] button")
    is_at(phone, 3)


def test_another_paper_and_an_ended_call_lead_nowhere(stage: Stage, phone: Phone) -> None:
    reading(phone, stage)
    stage.lead("page", 2, document_id="doc_2")
    stage.lead("page", 3)
    is_at(phone, 3)
    stage.show(PhoneStep.READING)
    phone.until("!document.querySelector('#strip [data-slot=lead]')")


def test_a_reload_in_the_middle_follows_again_with_the_next_word(stage: Stage, phone: Phone) -> None:
    reading(phone, stage)
    stage.lead("page", 2)
    is_at(phone, 2)
    phone.page.reload()
    phone.at("reading", "page")
    phone.until("window.pingqian.stats().lineConnected")
    stage.lead("mark", 3, x=0.1, y=0.1, w=0.2, h=0.1)
    is_at(phone, 3)
    phone.until(f"!{FINGER}.hidden")


TOUCH = """([kind, ...points]) => {
  const sheet = document.getElementById('page-sheet');
  const touches = points.map(([x, y], identifier) => new Touch({ identifier, target: sheet, clientX: x, clientY: y }));
  const now = kind === 'touchend' ? [] : touches;
  sheet.dispatchEvent(new TouchEvent(kind, { touches: now, changedTouches: touches, cancelable: true, bubbles: true }));
}"""


def touch(phone: Phone, kind: str, *points: tuple[float, float]) -> None:
    phone.page.evaluate(TOUCH, [kind, *map(list, points)])


def wipe(phone: Phone, by: int) -> None:
    touch(phone, "touchstart", (180, 400))
    touch(phone, "touchend", (180 + by, 405))


def test_a_thumb_turns_pages_where_the_text_has_an_end(stage: Stage, phone: Phone) -> None:
    reading(phone, stage)
    wipe(phone, -120)
    phone.page.wait_for_timeout(200)
    is_at(phone, 1)  # the right half of the lines has not been seen
    phone.page.evaluate("document.getElementById('page-sheet').scrollLeft = 9999")
    wipe(phone, -120)
    is_at(phone, 2)
    wipe(phone, 120)
    is_at(phone, 1)
    wipe(phone, 120)
    is_at(phone, 1)


def test_two_fingers_enlarge_about_the_place_between_them(stage: Stage, phone: Phone) -> None:
    reading(phone, stage)
    wide = "document.getElementById('page-image').offsetWidth / document.getElementById('page-sheet').clientWidth"
    before = phone.page.evaluate(wide)
    touch(phone, "touchstart", (150, 400), (200, 400))
    touch(phone, "touchmove", (130, 400), (220, 400))
    touch(phone, "touchend", (130, 400), (220, 400))
    assert phone.page.evaluate(wide) == pytest.approx(before * 1.8, rel=0.02)
    phone.page.reload()
    phone.at("reading", "page")
    is_at(phone, 1)
    assert phone.page.evaluate(wide) == pytest.approx(before * 1.8, rel=0.02), "the size is kept"
    touch(phone, "touchstart", (100, 400), (250, 400))
    touch(phone, "touchmove", (170, 400), (180, 400))
    touch(phone, "touchend", (170, 400), (180, 400))
    assert phone.page.evaluate(wide) == pytest.approx(1, rel=0.01)


def test_a_finished_paper_can_be_looked_at_where_it_is_fetched(stage: Stage, phone: Phone) -> None:
    stage.view = display(PhoneStep.DONE, documents=documents(3, copies=True))
    phone.resume(stage)
    phone.at("done", "list")
    phone.page.locator(".copies .quiet-link").first.click()
    phone.at("done", "look")
    is_at(phone, 1)
    assert not phone.complaints
