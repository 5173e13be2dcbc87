"""Every scene that ``make screenshots`` draws of the page, in light, in dark and in large print: axe finds
nothing serious, nothing overflows, and the browser says nothing in red."""

from collections.abc import Callable
from typing import Literal

import pytest

from tests.end2end.phone.accessible import is_accessible
from tests.end2end.phone.conftest import Phone
from tests.end2end.phone.stage import Stage
from tests.end2end.phone.test_screens import fits
from tests.screenshots import registry

pytestmark = pytest.mark.end2end

SCENES = registry.phones()
LOOKS: tuple[tuple[Literal["light", "dark"], str], ...] = (("light", ""), ("dark", ""), ("dark", "large"))
EXPECTED = ("401", "404", "429", "503", "Failed to load resource", "WebSocket")
"""What a browser says of the refusals that some scenes are about."""


@pytest.mark.parametrize("scene", SCENES, ids=lambda scene: scene.name)
def test_scene_is_accessible_in_every_look(
    stage: Stage, new_phone: Callable[..., Phone], scene: registry.PhoneScene
) -> None:
    phone = new_phone(camera=scene.camera)
    scene.draw(phone, stage)
    for scheme, size in LOOKS:
        phone.page.emulate_media(color_scheme=scheme)
        if size:
            phone.page.click("#large-print")
        is_accessible(phone, f"{scene.name}, {scheme} {size}")
        if scheme == "dark":
            fits(phone, f"{scene.name} {size}", scale=4 / 3 if size else 1)
    assert not [each for each in phone.complaints if not any(word in each for word in EXPECTED)]


def test_every_state_of_the_page_has_its_scene() -> None:
    """So many as the page had when this was written; a state that is added brings its own."""
    assert len(SCENES) >= 48
