"""What the pages are made of: justified Chinese prose, anchors that become form fields, signature blocks."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field

from reportlab.lib.colors import Color, HexColor
from reportlab.pdfgen.canvas import Canvas
from reportlab.platypus import Flowable

from signing.adapters.documents import fonts
from signing.adapters.documents.linebreak import Line, Run, break_lines, parse

INK = HexColor("#16211D")
MUTED = HexColor("#55625C")
HAIRLINE = HexColor("#A9B5AF")
RULE = HexColor("#BFCFC8")

BODY = 12.0
"""小四"""
LEADING = 21.0
"""One and a half lines of a Song face at 小四."""


@dataclass(frozen=True)
class Anchor:
    """Where a field of the form goes: page from 1, rectangle in points from the page's lower left corner."""

    name: str
    page: int
    rect: tuple[float, float, float, float]


@dataclass
class Recorder:
    """Collects the anchors while the pages are drawn."""

    anchors: list[Anchor] = field(default_factory=list)

    def mark(self, canvas: Canvas, name: str, x: float, y: float, width: float, height: float) -> None:
        left, bottom = canvas.absolutePosition(x, y)
        rect = (round(left, 2), round(bottom, 2), round(left + width, 2), round(bottom + height, 2))
        self.anchors.append(Anchor(name, canvas.getPageNumber(), rect))


def overflowing(canvas: Canvas, text: str) -> None:
    """Tells the canvas, where it collects such things, that ``text`` does not fit where it stands."""
    found: list[tuple[int, str]] | None = getattr(canvas, "overflows", None)
    if found is not None:
        found.append((canvas.getPageNumber(), text))


_STRETCH = 0.25
"""The most that may stand between two characters, in their size."""


class Prose(Flowable):  # type: ignore[misc]
    """A paragraph, justified, with a light rule in the margin beside the lines that hold key terms.

    ``align`` is ``justify``, ``left``, ``center`` or ``right``.
    """

    def __init__(
        self,
        text: str,
        *,
        size: float = BODY,
        leading: float = LEADING,
        first_indent: float = 0.0,
        left_indent: float = 0.0,
        align: str = "justify",
        bold: bool = False,
        rule: bool = True,
        before: float = 0.0,
        after: float = 0.0,
        colour: Color = INK,
        lines: Sequence[Line] | None = None,
    ) -> None:
        super().__init__()
        self.runs = tuple(Run(run.text, True) for run in parse(text)) if bold else parse(text)
        self.size, self.leading, self.colour = size, leading, colour
        self.first_indent, self.left_indent = first_indent, left_indent
        self.align, self.rule = align, rule and not bold
        self.before, self.after = before, after
        self._given = list(lines) if lines is not None else None
        self._lines: list[Line] = self._given or []
        self._broken_at = -1.0

    def getSpaceBefore(self) -> float:  # noqa: N802 - reportlab's names
        return self.before

    def getSpaceAfter(self) -> float:  # noqa: N802
        return self.after

    def wrap(self, available_width: float, available_height: float) -> tuple[float, float]:
        self.width = available_width
        if self._given is None:
            self._lines = self._broken(available_width - self.left_indent)
        self.height = len(self._lines) * self.leading
        return self.width, self.height

    def split(self, available_width: float, available_height: float) -> list[Flowable]:
        self.wrap(available_width, available_height)
        fitting, total = int(available_height // self.leading), len(self._lines)
        # Never one line of a paragraph alone at the foot or at the head of a page.
        fitting = min(fitting, total - 2)
        if fitting < 2:
            return []
        return [self._part(self._lines[:fitting], head=True), self._part(self._lines[fitting:], head=False)]

    def draw(self) -> None:
        self.draw_from(self.canv, 0.0, 0.0)
        if self.rule:
            self._draw_rule()

    def draw_from(self, canvas: Canvas, left: float, bottom: float) -> None:
        """Its lines, with the lower left corner there."""
        self.canv = canvas
        y = bottom + self.height - self.leading + (self.leading - self.size) / 2 + 0.12 * self.size
        for index, line in enumerate(self._lines):
            indent = self.left_indent + (self.first_indent if index == 0 else 0.0)
            self._draw_line(line, indent, left, y)
            y -= self.leading

    def _broken(self, width: float) -> list[Line]:
        """Tables ask several times."""
        if width != self._broken_at:
            self._broken_at = width
            self._lines = break_lines(self.runs, self._measure, width, self.first_indent)
        return self._lines

    def _measure(self, text: str, bold: bool) -> float:
        return fonts.width(text, bold, self.size)

    def _part(self, lines: list[Line], *, head: bool) -> "Prose":
        return Prose(
            "",
            size=self.size,
            leading=self.leading,
            first_indent=self.first_indent if head else 0.0,
            left_indent=self.left_indent,
            align=self.align,
            rule=self.rule,
            before=self.before if head else 0.0,
            after=0.0 if head else self.after,
            colour=self.colour,
            lines=lines,
        )

    def _draw_line(self, line: Line, indent: float, left: float, y: float) -> None:
        spare = self.width - indent - line.width
        if line.torn or spare < -0.5:
            overflowing(self.canv, line.text)
        spacing = self._spacing(line, spare)
        shift = {"center": spare / 2, "right": spare}.get(self.align, 0.0)
        x = left + indent + shift
        fonts.write(self.canv, line.runs, self.size, self.colour, spacing, x, y)
        if any(run.struck for run in line.runs):
            self._strike(line, x, y, spacing)

    def _spacing(self, line: Line, spare: float) -> float:
        """Between characters; a line that what cannot be torn left far too short stays ragged instead."""
        gaps = len(line.text) - 1
        if self.align != "justify" or line.last or gaps < 1 or spare / gaps > _STRETCH * self.size:
            return 0.0
        return spare / gaps

    def _strike(self, line: Line, x: float, y: float, spacing: float) -> None:
        """Through the middle of the blank."""
        self.canv.setStrokeColor(self.colour)
        self.canv.setLineWidth(0.6)
        for run in line.runs:
            end = x + self._measure(run.text, run.bold) + spacing * len(run.text)
            if run.struck:
                self.canv.line(x, y + 0.36 * self.size, end, y + 0.36 * self.size)
            x = end

    def _draw_rule(self) -> None:
        self.canv.setFillColor(RULE)
        for index, line in enumerate(self._lines):
            if line.bold:
                self.canv.rect(-9, self.height - (index + 1) * self.leading, 1.6, self.leading, stroke=0, fill=1)


class Headed(Flowable):  # type: ignore[misc]
    """A heading and the paragraph beneath it: parted from nothing but that paragraph's later lines."""

    def __init__(self, heading: Prose, body: Prose) -> None:
        super().__init__()
        self.heading, self.body = heading, body

    def getSpaceBefore(self) -> float:  # noqa: N802
        return self.heading.before

    def getSpaceAfter(self) -> float:  # noqa: N802
        return self.body.after

    def wrap(self, available_width: float, available_height: float) -> tuple[float, float]:
        heading = self.heading.wrap(available_width, available_height)[1] + self.heading.after
        self.width, self.height = available_width, heading + self.body.wrap(available_width, available_height)[1]
        return self.width, self.height

    def split(self, available_width: float, available_height: float) -> list[Flowable]:
        self.wrap(available_width, available_height)
        parts = self.body.split(available_width, available_height - (self.height - self.body.height))
        return [Headed(self.heading, parts[0]), *parts[1:]] if parts else []

    def draw(self) -> None:
        self.heading.drawOn(self.canv, 0, self.height - self.heading.height)
        self.body.drawOn(self.canv, 0, 0)


class FiguresRow(Flowable):  # type: ignore[misc]
    """One row of a table of figures, each in its column, drawn in one go: a table with a cell for each takes thrice the
    time, and a plan of repayments has a thousand."""

    def __init__(self, cells: Sequence[Prose], columns: Sequence[float], padding: float) -> None:
        super().__init__()
        self.cells, self.columns, self.padding = cells, columns, padding

    def wrap(self, available_width: float, available_height: float) -> tuple[float, float]:
        rooms = [column - 2 * self.padding for column in self.columns]
        self.width = sum(self.columns)
        self.height = max(cell.wrap(room, 0)[1] for cell, room in zip(self.cells, rooms, strict=True))
        return self.width, self.height

    def draw(self) -> None:
        left = self.padding
        for cell, column in zip(self.cells, self.columns, strict=True):
            cell.draw_from(self.canv, left, self.height - cell.height)
            left += column


class Field(Flowable):  # type: ignore[misc]
    """An empty box on the page that a form field will cover; draws only a light base line."""

    def __init__(self, recorder: Recorder, name: str, width: float, height: float, *, line: bool = True) -> None:
        super().__init__()
        self.recorder, self.name, self.width, self.height, self.line = recorder, name, width, height, line

    def wrap(self, available_width: float, available_height: float) -> tuple[float, float]:
        return self.width, self.height

    def draw(self) -> None:
        if self.line:
            self.canv.setStrokeColor(HAIRLINE)
            self.canv.setLineWidth(0.5)
            self.canv.line(0, 0, self.width, 0)
        self.recorder.mark(self.canv, self.name, 0, 0, self.width, self.height)


class Overlay(Flowable):  # type: ignore[misc]
    """Draws ``paint(canvas, width, height)`` in a box of fixed height: for what overlaps, such as seal and name."""

    def __init__(self, height: float, paint: Callable[[Canvas, float, float], None], *, before: float = 0.0) -> None:
        super().__init__()
        self.height, self.paint, self.before = height, paint, before

    def getSpaceBefore(self) -> float:  # noqa: N802
        return self.before

    def wrap(self, available_width: float, available_height: float) -> tuple[float, float]:
        self.width = available_width
        return self.width, self.height

    def draw(self) -> None:
        self.paint(self.canv, self.width, self.height)
