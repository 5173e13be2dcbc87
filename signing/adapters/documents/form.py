"""The form of a frozen document: every field that a later revision will fill is there from the beginning.

Filling a field that existed is what a certified document allows (ISO 32000-2, 12.8.2.2, P=2); drawing anything new
after the first signature would break it.
"""

from collections.abc import Sequence
from dataclasses import dataclass, field

from reportlab.pdfbase.pdfdoc import PDFArray, PDFDictionary, PDFName, PDFObject, PDFString
from reportlab.pdfgen.canvas import Canvas

from signing.adapters.documents.flowables import Anchor

SEAL_FIELD = "seal_institution"
SQUARE_FIELD = "seal_representative"
STRADDLE_PREFIX = "straddle"
SEAL_DIAMETER = 113.39
"""40 mm, in points (国发〔1999〕25号: at most 45 mm)."""
SQUARE_SIDE = 51.02
"""18 mm: the legal representative's seal."""
SLICES_MAX = 10
_MIDDLES = (0.5, 0.35, 0.65, 0.22, 0.78)
"""Where the seal over the pages' edges may have its middle, as shares of the height; the first that is free."""
_CLEAR = 8.0
"""Points between it and any other seal or signature."""

_PRINT, _LOCKED = 4, 128
_READ_ONLY, _PUSH_BUTTON = 1, 1 << 16
_SIGNATURES_EXIST, _APPEND_ONLY = 1, 2


@dataclass
class Form:
    """Adds widgets while the pages are drawn and the form dictionary at the end."""

    references: list[PDFObject] = field(default_factory=list)

    def signature(self, canvas: Canvas, anchor: Anchor, tip: str) -> None:
        """An empty signature field. The institution's one locks the whole document when it is signed."""
        extra: dict[str, object] = {"FT": PDFName("Sig"), "TU": PDFString(tip)}
        if anchor.name == SEAL_FIELD:
            extra["Lock"] = PDFDictionary({"Type": PDFName("SigFieldLock"), "Action": PDFName("All")})
        self._add(canvas, anchor, extra)

    def picture(self, canvas: Canvas, anchor: Anchor, tip: str) -> None:
        """A read-only push button whose icon will be this page's slice of the seal, or a seal beside the signed one."""
        extra = {"FT": PDFName("Btn"), "Ff": _READ_ONLY | _PUSH_BUTTON, "TU": PDFString(tip)}
        self._add(canvas, anchor, extra)

    def finish(self, canvas: Canvas) -> None:
        form = PDFDictionary({"Fields": PDFArray(self.references), "SigFlags": _SIGNATURES_EXIST | _APPEND_ONLY})
        canvas._doc._catalog.AcroForm = form

    def _add(self, canvas: Canvas, anchor: Anchor, extra: dict[str, object]) -> None:
        widget = PDFDictionary(
            {
                "Type": PDFName("Annot"),
                "Subtype": PDFName("Widget"),
                "T": PDFString(anchor.name),
                "Rect": PDFArray(list(anchor.rect)),
                "F": _PRINT | _LOCKED,
                "P": canvas._doc.thisPageRef(),
                **extra,
            }
        )
        reference = canvas._doc.Reference(widget, f"field:{anchor.name}")
        canvas._annotationrefs.append(reference)
        self.references.append(reference)


def straddle_anchor(
    page: int, pages: int, page_width: float, page_height: float, others: Sequence[Anchor] = ()
) -> Anchor | None:
    """This page's strip at the right edge; a one-page document has none, a long one has several seals one after the
    other, each over ten pages at most and all as even as can be.

    On every page at the same height: the middle, or where it touches none of the ``others``, of whatever page.
    """
    if pages < 2:
        return None
    index, count = straddle_place(page, pages)
    strip = SEAL_DIAMETER / count
    widest = SEAL_DIAMETER / min(straddle_place(one, pages)[1] for one in range(1, pages + 1))
    beside = [anchor.rect for anchor in others if anchor.rect[2] > page_width - widest - _CLEAR]
    bottoms = [page_height * share - SEAL_DIAMETER / 2 for share in _MIDDLES]
    bottom = next((one for one in bottoms if all(_is_clear(one, rect) for rect in beside)), bottoms[0])
    rect = (round(page_width - strip, 2), round(bottom, 2), page_width, round(bottom + SEAL_DIAMETER, 2))
    return Anchor(f"{STRADDLE_PREFIX}_{page}_{index + 1}_{count}", page, rect)


def _is_clear(bottom: float, rect: tuple[float, float, float, float]) -> bool:
    return rect[3] + _CLEAR < bottom or bottom + SEAL_DIAMETER + _CLEAR < rect[1]


def straddle_place(page: int, pages: int) -> tuple[int, int]:
    """(which slice, from 0; of how many) of the seal that this page shares with its neighbours."""
    groups = -(-pages // SLICES_MAX)
    size, larger = divmod(pages, groups)
    before = 0
    for group in range(groups):
        count = size + (group < larger)
        if page <= before + count:
            return page - before - 1, count
        before += count
    raise ValueError("no such page")
