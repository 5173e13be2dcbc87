"""A registered seal as a picture, for whoever has to see what it looks like."""

import io
from threading import Lock

import pypdfium2
from PIL import Image
from reportlab.pdfgen.canvas import Canvas

from signing.adapters.documents.fontbuild import ensure_fonts
from signing.adapters.signer.outlines import glyphs
from signing.adapters.signer.sealart import draw_seal
from signing.domain.seals import RegisteredSeal
from signing.service.ports import Institution

_PDFIUM = Lock()
"""It is one at a time in a process."""
SIZE = 113.39
"""Points a side: 40 mm."""


def picture(institution: Institution, seal: RegisteredSeal, pixels: int = 640) -> bytes:
    """PNG, ``pixels`` square, on white."""
    page = io.BytesIO()
    canvas = Canvas(page, pagesize=(SIZE, SIZE), invariant=1)
    # The operators go into the page as they are; reportlab has no other door for them.
    canvas._code.append(draw_seal(institution, seal, glyphs(ensure_fonts()["Bold"]), SIZE))
    canvas.showPage()
    canvas.save()
    image = _rendered(page.getvalue(), pixels / SIZE)
    out = io.BytesIO()
    # One colour on white, with the steps between: sixteen are enough, and a fifth of the bytes.
    image.quantize(16).save(out, "PNG", optimize=True)
    return out.getvalue()


def _rendered(pdf: bytes, scale: float) -> Image.Image:
    with _PDFIUM:
        document = pypdfium2.PdfDocument(pdf)
        try:
            image: Image.Image = document[0].render(scale=scale).to_pil().convert("RGB")
            return image
        finally:
            document.close()
