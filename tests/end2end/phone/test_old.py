"""The whole journey in browsers of the past, as far as one can be had here.

``PINGQIAN_OLD_BROWSERS`` names their programs, parted by colons, such as a headless Chromium 79. Without it the
installed Chromium is driven in their place, so that the journey itself stays in order; what an old one does not know
is then held by ``tests/unit/web_phone`` alone.
"""

import os
from collections.abc import Iterator
from pathlib import Path
from typing import Any, cast

import pytest

from signing.wire.phone import PhoneStep
from tests.end2end.phone.accessible import is_accessible
from tests.end2end.phone.conftest import FLAGS, Phone
from tests.end2end.phone.oldpage import OldPage, old_page
from tests.end2end.phone.stage import CALL, Stage
from tests.end2end.phone.test_call import Seat, seat  # noqa: F401 - a fixture
from tests.end2end.phone.test_screens import after_the_call, before_the_call, fits, in_the_call

pytestmark = pytest.mark.end2end

PROGRAMS = os.environ.get("PINGQIAN_OLD_BROWSERS", "/usr/bin/chromium").split(":")
PICTURES = os.environ.get("PINGQIAN_OLD_PICTURES")


@pytest.fixture(params=PROGRAMS, ids=lambda path: Path(path).name)
def old_phone(request: pytest.FixtureRequest) -> Iterator[Phone]:
    with old_page(request.param, [*FLAGS, "--use-fake-ui-for-media-stream"]) as page:
        yield Phone(cast(Any, page), cast(Any, None), page.complaints)


def picture(phone: Phone, name: str) -> None:
    """Kept where somebody wants to look."""
    if PICTURES:
        cast(OldPage, phone.page).screenshot(Path(PICTURES) / f"{name}.png")


def test_every_screen_works_and_fits(stage: Stage, old_phone: Phone) -> None:
    for part in (before_the_call, in_the_call, after_the_call):
        for name in part(old_phone, stage):
            picture(old_phone, name)
            fits(old_phone, name)
            is_accessible(old_phone, name)
    assert not [each for each in old_phone.complaints if "keepalive" not in each], "79 refuses it and tries without"
    assert [each for each in stage.bodies("/reading") if "on_screen" not in each], "the time of a page that was left"


def test_call_shows_each_side_to_the_other(stage: Stage, old_phone: Phone, seat: Seat) -> None:  # noqa: F811
    stage.answer = seat.answer
    stage.show(PhoneStep.AWAIT_IDENTITY, call=CALL)
    old_phone.resume(stage)
    old_phone.at("await_identity")
    old_phone.until("window.pingqian.stats().firstPictureMs > 0", 30)
    assert seat.pictured.wait(20)
    picture(old_phone, "call")
    assert old_phone.stats()["connectionState"] == "connected"
    assert not old_phone.complaints
