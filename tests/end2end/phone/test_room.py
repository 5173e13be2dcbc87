"""How much of a small screen is left for what matters, whatever else there is to say."""

from collections.abc import Callable

import pytest

from signing.wire.phone import PhoneStep
from tests.end2end.phone.conftest import Phone
from tests.end2end.phone.stage import CALL, Stage, display

pytestmark = pytest.mark.end2end

LARGE = "localStorage.setItem('pingqian.print', 'large')"
TWICE = "addEventListener('DOMContentLoaded', () => { document.documentElement.style.fontSize = '200%' })"
ROOM = """() => {
  const sheet = document.getElementById('page-sheet').getBoundingClientRect();
  const footer = document.getElementById('actions').getBoundingClientRect();
  const lines = Array.from(document.querySelectorAll('#strip .notice')).filter((each) => each.offsetParent !== null);
  const low = Math.max(0, ...lines.map((each) => (each.getBoundingClientRect().right > sheet.left + 1 ? each : footer)
    .getBoundingClientRect().bottom));
  const top = Math.max(sheet.top, lines.length ? low : 0);
  return { share: (Math.min(sheet.bottom, footer.top) - top) / window.innerHeight, lines: lines.length };
}"""
COVERED = """(ids) => ids.filter((id) => {
  const box = document.getElementById(id).getBoundingClientRect();
  const points = [0.1, 0.5, 0.9].map((part) => [box.left + box.width / 2, box.top + part * box.height]);
  return points.some(([x, y]) => !document.getElementById(id).contains(document.elementFromPoint(x, y)));
})"""
NEWS = {"tone": "caution", "text": "客户经理已将您静音，您说的话其他人听不到，也不录音"}


@pytest.mark.parametrize(
    ("width", "height", "script", "least"),
    [(360, 640, "", 0.69), (320, 568, LARGE, 0.58), (320, 640, TWICE, 0.55), (640, 360, "", 0.6)],
    ids=["usual", "large print", "twice the text", "on its side"],
)
def test_a_paper_has_the_room_whatever_there_is_to_say(
    stage: Stage, new_phone: Callable[..., Phone], width: int, height: int, script: str, least: float
) -> None:
    """In a call, of a demonstration, muted, led by the agent, and then without a line."""
    phone = new_phone(width, height)
    if script:
        phone.page.add_init_script(script)
    stage.view = display(PhoneStep.READING, call=CALL, notice=NEWS)
    phone.resume(stage)
    phone.at("reading", "page")
    phone.until("document.getElementById('page-image').naturalWidth > 0")
    stage.lead("page", 1)
    phone.until("document.querySelector('#strip [data-slot=lead]')")
    takes_its_room(phone, least)
    stage.away = True
    stage.soon(stage.drop())
    phone.until("document.querySelector('#strip [data-slot=line]')")
    takes_its_room(phone, least)
    first = phone.page.evaluate("document.querySelector('#strip .notice').dataset.slot")
    assert first == "line", "what is most important is said first"


def takes_its_room(phone: Phone, least: float) -> None:
    found = phone.page.evaluate(ROOM)
    assert found["lines"] == 1
    assert found["share"] >= least, found
    assert phone.page.evaluate(COVERED, ["next-page", "page-zoom", "primary"]) == []


def test_with_twice_the_text_the_frame_leaves_the_screen_to_the_content(
    stage: Stage, new_phone: Callable[..., Phone]
) -> None:
    phone = new_phone(320, 640)
    phone.page.add_init_script(TWICE)
    phone.open(stage.url)
    phone.at("code", "send")
    box = "document.getElementById('{}').getBoundingClientRect()"
    assert phone.page.evaluate(f"{box.format('top')}.height") < 640 * 0.15
    assert phone.page.evaluate(f"{box.format('actions')}.height") < 640 * 0.25
    for name in ("help", "read-aloud", "large-print"):
        size = phone.page.evaluate(f"{box.format(name)}.toJSON()")
        assert min(size["width"], size["height"]) >= 44, name
