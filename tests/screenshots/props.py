"""What the customer's page gets in place of a test's plain things: real wordings, real pages, a face, a hand."""

import base64
import io
from datetime import UTC, datetime
from functools import cache
from itertools import pairwise
from typing import Any

from PIL import Image
from playwright.sync_api import FilePayload, Route

from desktop.demo.handwriting import write
from desktop.demo.portrait import scene as face
from desktop.demo.specimen import Person, card_front
from signing.adapters.documents import PaperDocuments
from signing.adapters.pages import worker
from signing.web.consents import consent_text
from signing.wire.case import ConsentKind
from signing.wire.phone import SignaturePlace
from tests import paper
from tests.end2end.phone.conftest import Phone
from tests.end2end.phone.stage import CONSENT_KINDS

PICTURE = """async (data) => {
  const bytes = Uint8Array.from(atob(data), (each) => each.charCodeAt(0));
  const bitmap = await createImageBitmap(new Blob([bytes], { type: 'image/jpeg' }));
  const canvas = document.createElement('canvas');
  canvas.width = 640;
  canvas.height = 360;
  const draw = () => {
    const height = bitmap.width * 9 / 16;
    canvas.getContext('2d').drawImage(bitmap, 0, 0, bitmap.width, height, 0, 0, 640, 360);
    requestAnimationFrame(draw);
  };
  draw();
  const video = document.getElementById('remote');
  video.srcObject = canvas.captureStream(10);
  await video.play();
  document.getElementById('call-state').style.display = 'none';
}"""


def consents() -> dict[str, dict[str, Any]]:
    """By step, as the service words them."""
    house, line = paper.INSTITUTION.name, paper.INSTITUTION.helpline
    return {
        step.value: consent_text(ConsentKind(kind), house, line).model_dump(mode="json")
        for step, kind in CONSENT_KINDS.items()
    }


@cache
def _contract() -> bytes:
    """The longest paper of a plain loan."""
    papers = PaperDocuments().generate(paper.case(), paper.INSTITUTION, datetime.now(UTC))
    return max(papers, key=lambda one: one.pages).pdf


@cache
def page_picture(number: int, width: int) -> bytes:
    return worker.render(_contract(), number, width)


def give_page(route: Route) -> None:
    """In place of the stage's: the page of that number."""
    address, _, query = route.request.url.partition("?")
    width = int(query.partition("width=")[2].split("&")[0] or 720)
    route.fulfill(body=page_picture(int(address.rsplit("/", 1)[1]), width), content_type="image/webp")


def give_place(route: Route) -> None:
    """Where the borrower's signature stands on that paper."""
    found = worker.find(_contract(), "sign_borrower_1")
    assert found is not None
    page, x, y, w, h = found
    route.fulfill(body=SignaturePlace(page=page, x=x, y=y, w=w, h=h).model_dump_json(), content_type="application/json")


def agent_appears(page: Phone) -> None:
    """The call's picture, as if its connection stood."""
    kept = io.BytesIO()
    Image.fromarray(face(0)).save(kept, "JPEG")
    page.until("document.getElementById('remote') && !document.getElementById('call-card').hidden")
    page.page.evaluate(PICTURE, base64.b64encode(kept.getvalue()).decode())
    page.until("document.getElementById('remote').videoWidth > 0")
    page.page.evaluate("document.querySelectorAll('#strip [data-slot=call].notice').forEach((each) => each.remove())")


def write_own_name(page: Phone) -> None:
    pad = page.page.locator("#pad")
    pad.scroll_into_view_if_needed()
    box = pad.bounding_box()
    assert box is not None
    for stroke in write(paper.BORROWER.name, box["width"], box["height"]):
        page.page.mouse.move(box["x"] + stroke[0][0], box["y"] + stroke[0][1])
        page.page.mouse.down()
        for _, (x, y) in pairwise(stroke):
            page.page.mouse.move(box["x"] + x, box["y"] + y, steps=3)
        page.page.mouse.up()


@cache
def _card() -> bytes:
    kept = io.BytesIO()
    card_front(Person()).convert("RGB").save(kept, "JPEG")
    return kept.getvalue()


def card_photograph() -> FilePayload:
    return {"name": "card.jpg", "mimeType": "image/jpeg", "buffer": _card()}
