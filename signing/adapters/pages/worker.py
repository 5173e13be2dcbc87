"""Runs in the worker process: PDFium is not thread-safe, and a crash in it must not take the service along."""

import io
from collections.abc import Callable
from typing import Any

_WIDTH_MAX = 4096


Place = tuple[int, float, float, float, float]
"""Page from 1; left, top, width and height as shares of it."""


def prepare() -> Callable[..., bytes | Place | None]:
    """Loads PDFium, so that the first page need not wait for it."""
    import pypdfium2

    assert pypdfium2
    return work


def work(pdf: bytes, *question: Any) -> bytes | Place | None:
    """A page and a width: its picture. The name of a field: where it is."""
    return find(pdf, *question) if isinstance(question[0], str) else render(pdf, *question)


def find(pdf: bytes, field: str) -> Place | None:
    """Where the field of this name stands. Raises ``ValueError``."""
    import pypdfium2

    try:
        document = pypdfium2.PdfDocument(pdf)
    except pypdfium2.PdfiumError as error:
        raise ValueError("not a PDF") from error
    try:
        found = (_on_page(document[index], field) for index in range(len(document)))
        return next(((number, *box) for number, box in enumerate(found, 1) if box), None)
    finally:
        document.close()


def _on_page(page: Any, field: str) -> tuple[float, float, float, float] | None:
    import pypdfium2.raw as pdfium

    width, height = page.get_size()
    for index in range(pdfium.FPDFPage_GetAnnotCount(page)):
        annotation = pdfium.FPDFPage_GetAnnot(page, index)
        try:
            if _name_of(annotation) == field:
                box = pdfium.FS_RECTF()
                pdfium.FPDFAnnot_GetRect(annotation, box)
                across, down = (box.right - box.left) / width, (box.top - box.bottom) / height
                return box.left / width, 1 - box.top / height, across, down
        finally:
            pdfium.FPDFPage_CloseAnnot(annotation)
    return None


def _name_of(annotation: Any) -> str:
    import pypdfium2.raw as pdfium

    size = pdfium.FPDFAnnot_GetStringValue(annotation, b"T", None, 0)
    kept = (pdfium.FPDF_WCHAR * (size // 2))()
    pdfium.FPDFAnnot_GetStringValue(annotation, b"T", kept, size)
    return bytes(kept).decode("utf-16-le").rstrip("\0")


def render(pdf: bytes, page: int, width: int) -> bytes:
    """One page as WebP, signature and seal appearances included. Raises ``ValueError`` or ``IndexError``."""
    import pypdfium2

    if not 1 <= width <= _WIDTH_MAX:
        raise ValueError("width")
    try:
        document = pypdfium2.PdfDocument(pdf)
    except pypdfium2.PdfiumError as error:
        raise ValueError("not a PDF") from error
    try:
        document.init_forms()
        if not 1 <= page <= len(document):
            raise IndexError(page)
        sheet = document[page - 1]
        image = sheet.render(scale=width / sheet.get_width(), may_draw_forms=True).to_pil()
        buffer = io.BytesIO()
        # Text on white: at this quality no edge shows, at a third of the size of PNG.
        image.convert("RGB").save(buffer, "WEBP", quality=82, method=2)
        return buffer.getvalue()
    finally:
        document.close()
