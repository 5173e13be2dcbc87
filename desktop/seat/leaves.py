"""Pages of papers for the stage: fetched once a revision, drawn as pictures with planes."""

import time
from collections.abc import Callable

import numpy as np
from PySide6.QtCore import QBuffer, QByteArray, QIODevice, QSize
from PySide6.QtGui import QColor, QImage, QPainter
from PySide6.QtPdf import QPdfDocument

from desktop.bridge import Bridge
from desktop.client import Client
from desktop.model import paging
from desktop.model.happenings import LeafThrough
from desktop.model.state import PageShown
from media import ports
from media.pictures import from_rgb

HEIGHT = 592
"""Of a page in pixels: the room that the stage has for it, so that what is drawn is not shrunk again."""
KEPT = 4
"""Papers at hand; a case has a handful."""


class Leaves:
    """``wanted(call_id, page)`` says whether a page is still the one to be shown when it has come."""

    def __init__(
        self,
        bridge: Bridge,
        client: Client,
        wanted: Callable[[str, PageShown], bool],
        post: Callable[[ports.Command], None],
    ) -> None:
        self._bridge = bridge
        self._client = client
        self._wanted = wanted
        self._post = post
        self._papers: dict[str, bytes] = {}

    def turn(self, effect: LeafThrough) -> None:
        """A page that cannot be had leaves the faces alone; the phone shows it all the same."""
        page = effect.page
        if page.sha256 in self._papers:
            self._show(effect)
            return
        path = f"/api/cases/{page.case_id}/documents/{page.document_id}.pdf"
        self._bridge.call(
            self._client.get_bytes(path), lambda content: self._came(effect, content), lambda _: self._failed(effect)
        )

    def _came(self, effect: LeafThrough, content: bytes) -> None:
        self._papers = dict([*self._papers.items(), (effect.page.sha256, content)][-KEPT:])
        self._show(effect)

    def _failed(self, effect: LeafThrough) -> None:
        if self._wanted(effect.call_id, effect.page):
            self._post(ports.ShowDocument(effect.call_id, None))

    def _show(self, effect: LeafThrough) -> None:
        if not self._wanted(effect.call_id, effect.page):
            return
        picture = drawn(self._papers[effect.page.sha256], effect.page.page)
        self._post(ports.ShowDocument(effect.call_id, picture, *paging.words(effect.page)))


def drawn(content: bytes, page: int) -> ports.Picture | None:
    """Page ``page`` (from 1) of a PDF, HEIGHT pixels high; None where the bytes are no PDF or have no such page."""
    document, buffer = QPdfDocument(None), QBuffer()  # type: ignore[call-overload]
    buffer.setData(QByteArray(content))
    buffer.open(QIODevice.OpenModeFlag.ReadOnly)
    document.load(buffer)
    if not 1 <= page <= document.pageCount():
        return None
    points = document.pagePointSize(page - 1)
    width = round(HEIGHT * points.width() / points.height()) // 2 * 2
    image = document.render(page - 1, QSize(width, HEIGHT))
    document.close()
    return _picture(image, time.monotonic_ns())


def _picture(image: QImage, captured_ns: int) -> ports.Picture:
    """On white: a page's own ground is transparent."""
    paper = QImage(image.size(), QImage.Format.Format_RGB888)
    paper.fill(QColor("white"))
    painter = QPainter(paper)
    painter.drawImage(0, 0, image)
    painter.end()
    rows = np.frombuffer(paper.constBits(), dtype=np.uint8).reshape(paper.height(), paper.bytesPerLine())
    rgb = np.ascontiguousarray(rows[:, : paper.width() * 3]).reshape(paper.height(), paper.width(), 3)
    return from_rgb(rgb, captured_ns)
