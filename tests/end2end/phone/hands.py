"""What a customer's hands do on the way to a signature."""

from signing.wire.phone import PhoneStep
from tests.end2end.phone.conftest import Phone
from tests.end2end.phone.stage import Stage, display


def write_name(phone: Phone) -> None:
    pad = phone.page.locator("#pad")
    pad.scroll_into_view_if_needed()
    box = pad.bounding_box()
    assert box is not None
    for column in (0.1, 0.3, 0.5, 0.7):
        x, y = box["x"] + box["width"] * column, box["y"] + 40
        phone.page.mouse.move(x, y)
        phone.page.mouse.down()
        phone.page.mouse.move(x + 30, y + 60, steps=8)
        phone.page.mouse.up()


def to_the_pad(stage: Stage, phone: Phone) -> None:
    """A phone that proved itself before, at the first paper that is to be signed."""
    stage.view = display(PhoneStep.SIGNING)
    phone.resume(stage)
    phone.at("signing", "pad")


def to_the_confirmation(stage: Stage, phone: Phone) -> None:
    to_the_pad(stage, phone)
    write_name(phone)
    phone.page.click("#primary")
    phone.at("signing", "confirm")
