"""The whole journey in browsers of the past, as far as one can be had here.

``PINGQIAN_OLD_BROWSERS`` names their programs, parted by colons, such as a headless Chromium 79. Without it the
installed Chromium is driven in their place, so that the journey itself stays in order; what an old one does not know
is then held by ``tests/unit/web_phone`` alone.
"""

import json
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
from tests.unit.web_phone.test_ages import SCRIPT

pytestmark = pytest.mark.end2end

PROGRAMS = os.environ.get("PINGQIAN_OLD_BROWSERS", "/usr/bin/chromium").split(":")
OLD_ALL_THE_SAME = ["body", "font", "scrollLeft", "srcObject", "open", "stop", "remote"]
"""What the table calls young are details of them."""

PICTURES = os.environ.get("PINGQIAN_OLD_PICTURES")


@pytest.fixture(params=PROGRAMS, ids=lambda path: Path(path).name)
def old_phone(request: pytest.FixtureRequest) -> Iterator[Phone]:
    with old_page(request.param, [*FLAGS, "--use-fake-ui-for-media-stream"]) as page:
        page.add_init_script(without_what_is_young())
        yield Phone(cast(Any, page), cast(Any, None), page.complaints)


def without_what_is_young() -> str:
    """Takes away whatever Chromium 79 or iOS 14.3 has not. Of what a page is made of itself nothing can be taken."""
    owned = sorted({tuple(each.split()[0].split(".")) for places in SCRIPT.values() for each in places})
    return f"""(() => {{
      window.webkitAudioContext = window.webkitAudioContext || window.AudioContext;
      {json.dumps(owned)}.forEach((path) => {{
        const owner = path.length > 1 ? window[path[0]] : window;
        const name = path[path.length - 1];
        if (!owner) return;
        [owner, owner.prototype].forEach((each) => {{ if (each && KEPT.indexOf(name) < 0) delete each[name]; }});
      }});
    }})();""".replace("KEPT", json.dumps(OLD_ALL_THE_SAME))


def test_what_is_young_is_gone(stage: Stage, old_phone: Phone) -> None:
    old_phone.open(stage.url)
    old_phone.at("code", "send")
    gone = [
        "Blob.prototype.text",
        "Array.prototype.at",
        "window.AudioContext",
        "navigator.wakeLock",
        "window.ImageCapture",
    ]
    assert old_phone.page.evaluate(f"[{','.join(f'typeof {each}' for each in gone)}]") == ["undefined"] * len(gone)
    assert "王*国" in old_phone.sentence(), "and what the service answers is read all the same"


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
