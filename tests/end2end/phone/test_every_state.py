"""Every scene that ``make screenshots`` draws of the page, in light, dark, large print and with twice the text: axe
finds nothing serious, nothing overflows, it is read in the order it is seen, and the browser says nothing in red."""

from collections.abc import Callable

import pytest

from tests.end2end.phone.accessible import LOOKS, is_accessible, is_read_as_it_is_seen
from tests.end2end.phone.conftest import Phone
from tests.end2end.phone.stage import Stage
from tests.end2end.phone.test_screens import fits
from tests.screenshots import registry

pytestmark = pytest.mark.end2end

SCENES = registry.phones()
EXPECTED = ("401", "404", "429", "503", "Failed to load resource", "WebSocket")
"""What a browser says of the refusals that some scenes are about."""
TWICE = """() => {
  document.documentElement.style.fontSize = '200%';
  window.dispatchEvent(new Event('resize'));
}"""

COLUMNS = """() => Array.from(document.querySelectorAll('button')).filter((each) => {
  const words = each.querySelector('.label') || each;
  const room = words.getBoundingClientRect().width / parseFloat(getComputedStyle(words).fontSize);
  return each.offsetParent && words.textContent.length > 3 && room < 3;
}).map((each) => each.textContent)"""
"""Buttons whose words stand one or two above the other."""


@pytest.mark.parametrize("scene", SCENES, ids=lambda scene: scene.name)
def test_scene_is_accessible_in_every_look(
    stage: Stage, new_phone: Callable[..., Phone], scene: registry.PhoneScene
) -> None:
    """The same page in one look after the other."""
    phone, name = new_phone(camera=scene.camera), scene.name
    scene.draw(phone, stage)
    is_accessible(phone, name)
    is_read_as_it_is_seen(phone, name)
    phone.page.emulate_media(color_scheme="dark")
    is_accessible(phone, f"{name}, dark", LOOKS)
    fits(phone, name)
    phone.page.click("#large-print")
    is_accessible(phone, f"{name}, large print", LOOKS)
    is_read_as_it_is_seen(phone, f"{name}, large print")
    fits(phone, f"{name}, large print", scale=4 / 3)
    phone.page.click("#large-print")
    phone.page.set_viewport_size({"width": 320, "height": 640})
    phone.page.evaluate(TWICE)
    is_accessible(phone, f"{name}, twice the text", LOOKS)
    is_read_as_it_is_seen(phone, f"{name}, twice the text")
    fits(phone, f"{name}, twice the text", scale=2)
    assert phone.page.evaluate(COLUMNS) == [], name
    assert not [each for each in phone.complaints if not any(word in each for word in EXPECTED)]


def test_every_state_of_the_page_has_its_scene() -> None:
    """So many as the page had when this was written; a state that is added brings its own."""
    assert len(SCENES) >= 48
