"""Runs in the worker process: PDFium is not thread-safe, and a crash in it must not take the service along."""

import io
from collections.abc import Callable

_WIDTH_MAX = 4096


def prepare() -> Callable[[bytes, int, int], bytes]:
    """Loads PDFium, so that the first page need not wait for it."""
    import pypdfium2

    assert pypdfium2
    return render


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
