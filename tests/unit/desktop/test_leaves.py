"""Pages of papers as pictures with planes: drawn by Qt's own PDF reader, from a PDF of our own templates' maker."""

import io

import numpy as np
import pytest
from PySide6.QtCore import QCoreApplication
from pytestqt.qtbot import QtBot
from reportlab.lib.pagesizes import A4
from reportlab.pdfgen.canvas import Canvas

from desktop.bridge import Bridge
from desktop.client import Client
from desktop.model.happenings import LeafThrough
from desktop.model.state import PageShown
from desktop.seat.leaves import HEIGHT, Leaves, drawn
from media import ports
from media.pictures import to_rgb


def paper(pages: int = 3) -> bytes:
    """Each page has a black band, the lower the later."""
    content = io.BytesIO()
    canvas = Canvas(content, pagesize=A4)
    for number in range(pages):
        canvas.rect(60, A4[1] - 200 - 200 * number, 400, 60, fill=1)
        canvas.showPage()
    canvas.save()
    return content.getvalue()


def band(picture: ports.Picture) -> float:
    """Where the black band lies, 0 at the top of the page, 1 at its foot."""
    dark = (to_rgb(picture).mean(axis=2) < 100).nonzero()[0]
    return float(dark.mean() / picture.height)


def test_a_page_is_a_white_sheet_with_what_is_written_on_it(qapp: QCoreApplication) -> None:
    pictures = [drawn(paper(), number) for number in (1, 2, 3)]
    assert all(picture is not None for picture in pictures)
    first = pictures[0]
    assert first is not None
    assert first.height == HEIGHT
    assert first.width / first.height == pytest.approx(A4[0] / A4[1], rel=0.01)
    assert first.width % 2 == 0
    assert to_rgb(first)[10:40, 10:40].mean() > 250
    places = [band(picture) for picture in pictures if picture is not None]
    assert places == sorted(places)
    assert places[1] - places[0] == pytest.approx(200 / A4[1], abs=0.01)


@pytest.mark.parametrize("page", [0, 4])
def test_a_page_that_is_not_there_is_none(qapp: QCoreApplication, page: int) -> None:
    assert drawn(paper(), page) is None


def test_what_is_no_pdf_is_none(qapp: QCoreApplication) -> None:
    assert drawn(b"<html>not found</html>", 1) is None


def page_of(number: int, sha256: str = "a" * 64) -> PageShown:
    return PageShown("k1", "d1", sha256, "个人借款合同", number, 3)


def test_a_page_that_came_too_late_is_not_shown_and_one_that_cannot_be_had_leaves_faces(
    qtbot: QtBot, bridge: Bridge, client: Client
) -> None:
    """The client's service does not answer."""
    posted: list[ports.Command] = []
    wanted = [page_of(1)]
    leaves = Leaves(bridge, client, lambda call_id, page: page in wanted, posted.append)
    leaves.turn(LeafThrough("c1", page_of(1)))
    qtbot.waitUntil(lambda: posted == [ports.ShowDocument("c1", None)], timeout=20_000)
    leaves._came(LeafThrough("c1", page_of(2)), paper())
    assert len(posted) == 1, "another page is wanted by now"
    wanted[:] = [page_of(3)]
    leaves.turn(LeafThrough("c1", page_of(3)))
    shown = posted[-1]
    assert isinstance(shown, ports.ShowDocument)
    assert shown.page is not None
    assert (shown.title, shown.which) == ("《个人借款合同》", "第 3 页，共 3 页")
    assert np.asarray(shown.page.y).flags["C_CONTIGUOUS"]
