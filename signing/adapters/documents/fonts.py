"""The paper's two fonts, loaded on first use. ``python -m signing.adapters.documents`` prepares them."""

import time
from collections.abc import Iterable
from functools import lru_cache
from typing import Any

from reportlab import rl_config
from reportlab.lib.colors import Color
from reportlab.pdfbase import pdfdoc, pdfmetrics, ttfonts
from reportlab.pdfgen.canvas import Canvas

from signing.adapters.documents.fontbuild import cache_folder, ensure_fonts, ready
from signing.adapters.documents.linebreak import Run

SONG = "PingqianSong"
BOLD = "PingqianSong-Bold"


class _Outlines:
    """The font's glyphs where they lie: some dozens of each paper's are cut out of fourteen megabytes."""

    def __init__(self, data: bytes, start: int, length: int) -> None:
        self._data, self._start, self._length = data, start, length

    def __len__(self) -> int:
        return self._length

    def __getitem__(self, part: slice) -> bytes:
        first, last, _ = part.indices(self._length)
        return self._data[self._start + first : self._start + last]


class _SongFont(ttfonts.TTFont):  # type: ignore[misc]
    """A TrueType font whose ToUnicode map is right above U+FFFF too (reportlab writes 𠮷 as five digits)."""

    def __init__(self, *arguments: Any, **options: Any) -> None:
        super().__init__(*arguments, **options)
        face, table = self.face, self.face.get_table
        outlines = _Outlines(face._ttf_data, *face.get_table_pos("glyf"))
        face.get_table = lambda tag: outlines if tag == "glyf" else table(tag)

    def addObjects(self, doc: pdfdoc.PDFDocument) -> None:  # noqa: N802 - reportlab's name
        subsets = self.state[doc].subsets
        super().addObjects(doc)
        for number, subset in enumerate(subsets):
            base = f"{ttfonts.SUBSETN(number).decode()}+{self.face.name.decode()}{self.face.subfontNameX.decode()}"
            stream = doc.idToObject[f"toUnicodeCMap:{base}"]
            stream.content = to_unicode(base, subset)


def to_unicode(name: str, subset: list[int]) -> str:
    """The CMap of a single-byte subset, UTF-16BE with surrogates (ISO 32000-1, 9.10.3)."""
    pairs = [f"<{index:02X}> <{chr(code).encode('utf-16-be').hex().upper()}>" for index, code in enumerate(subset)]
    blocks = [pairs[start : start + 100] for start in range(0, len(pairs), 100)]
    lines = [
        "/CIDInit /ProcSet findresource begin",
        "12 dict begin",
        "begincmap",
        "/CIDSystemInfo << /Registry (Adobe) /Ordering (UCS) /Supplement 0 >> def",
        f"/CMapName /{name} def",
        "/CMapType 2 def",
        "1 begincodespacerange",
        "<00> <FF>",
        "endcodespacerange",
    ]
    for block in blocks:
        lines += [f"{len(block)} beginbfchar", *block, "endbfchar"]
    lines += ["endcmap", "CMapName currentdict /CMap defineresource pop", "end", "end"]
    return "\n".join(lines)


@lru_cache(maxsize=1)
def load() -> None:
    """Registers ``SONG`` and ``BOLD`` with reportlab; converts them first where this has not been done."""
    # Streams as they are: in base 85 they are a quarter longer, for lines that nobody reads.
    rl_config.useA85 = 0
    paths = ensure_fonts()
    pdfmetrics.registerFont(_SongFont(SONG, str(paths["Regular"]), shapable=False))
    pdfmetrics.registerFont(_SongFont(BOLD, str(paths["Bold"]), shapable=False))


def width(text: str, bold: bool, size: float) -> float:
    """Advance of ``text`` in points."""
    advances = _advances(bold)
    return sum([advances[ord(character)] for character in text]) * size / 1000


class _Advances(dict[int, float]):
    """Advances by code point in thousandths of the size; what the font lacks is as wide as its missing glyph."""

    def __init__(self, known: dict[int, float], default: float) -> None:
        super().__init__(known)
        self._default = default

    def __missing__(self, code: int) -> float:
        return self._default


@lru_cache(maxsize=2)
def _advances(bold: bool) -> _Advances:
    face = pdfmetrics.getFont(BOLD if bold else SONG).face
    return _Advances(face.charWidths, face.defaultWidth)


def write(canvas: Canvas, runs: Iterable[Run], size: float, colour: Color, spacing: float, x: float, y: float) -> None:
    """One line of text from (x, y), ``spacing`` points between its characters.

    As reportlab's text object writes it, but at once: a plan of repayments has thousands of lines of one figure.
    """
    document = canvas._doc
    parts = [f"BT 1 0 0 1 {_point(x)} {_point(y)} Tm {_rgb(colour)} rg"]
    if spacing:
        parts.append(f"{_point(spacing)} Tc")
    current = None
    for run in runs:
        font = pdfmetrics.getFont(BOLD if run.bold else SONG)
        for subset, text in font.splitString(run.text, document):
            if (font, subset) != current:
                current = (font, subset)
                parts.append(f"{font.getSubsetInternalName(subset, document)} {_point(size)} Tf")
            parts.append(f"({canvas._escape(text)}) Tj")
    parts.append("0 Tc ET" if spacing else "ET")
    canvas._code.append(" ".join(parts))


@lru_cache(maxsize=8_192)
def _point(value: float) -> str:
    """As precise as reportlab. The columns of a table bring the same places again and again."""
    text = f"{value:.6f}".rstrip("0").rstrip(".")
    return "0" if text in ("", "-0") else text


@lru_cache(maxsize=32)
def _rgb(colour: Color) -> str:
    return " ".join(_point(part) for part in colour.rgb())


def missing(text: str) -> set[str]:
    """Characters that the fonts cannot show."""
    known = pdfmetrics.getFont(SONG).face.charToGlyph
    return {character for character in text if ord(character) not in known and not character.isspace()}


def main() -> int:
    if ready():
        print(f"宋体字库已经备好：{cache_folder()}")
        return 0
    started = time.monotonic()
    print(f"正在准备宋体字库（仅首次需要）→ {cache_folder()}", flush=True)
    ensure_fonts()
    print(f"字库就绪，用时 {time.monotonic() - started:.1f} 秒")
    return 0
