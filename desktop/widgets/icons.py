"""Our own icons, drawn as vectors on a 24 × 24 grid, in any colour and size."""

from PySide6.QtCore import QByteArray, QRectF, QSize, Qt
from PySide6.QtGui import QIcon, QImage, QPainter, QPixmap
from PySide6.QtSvg import QSvgRenderer


def _bars(lit: int) -> tuple[str, str]:
    """Four bars of growing height, of which ``lit`` stand and the others lie; none: with a cross."""
    places = [(2 + 5.4 * number, 4 + 4 * number) for number in range(4)]
    fallen = "".join(f"M{x + 0.8:.1f} 20h1.9" for x, _ in places[lit:])
    risen = "".join(f"M{x:.1f} {21 - height}h3.6v{height}h-3.6Z" for x, height in places[:lit])
    return fallen + ("" if lit else "M4 4l8 8M12 4l-8 8"), risen


def _circle(x: float, y: float, radius: float) -> str:
    return f"M{x - radius} {y}a{radius} {radius} 0 1 0 {2 * radius} 0a{radius} {radius} 0 1 0 {-2 * radius} 0Z"


DRAWINGS: dict[str, tuple[str, str]] = {
    "check": ("M4.5 12.5 10 18 19.5 7", ""),
    "cross": ("M6 6 18 18M18 6 6 18", ""),
    "dot": ("", _circle(12, 12, 6)),
    "ring": (_circle(12, 12, 6), ""),
    "lock": ("M5 11h14v9H5ZM8 11V8a4 4 0 0 1 8 0v3", ""),
    "warn": ("M12 4 21 20H3ZM12 10v4.5", _circle(12, 17.3, 1.2)),
    "info": (_circle(12, 12, 9) + "M12 11v6", _circle(12, 7.6, 1.2)),
    "mic": ("M9 6a3 3 0 0 1 6 0v5a3 3 0 0 1-6 0ZM5.5 11a6.5 6.5 0 0 0 13 0M12 17.5V21", ""),
    "mic-off": ("M9 9V6a3 3 0 0 1 6 0v5a3 3 0 0 1-.5 1.7M5.5 11a6.5 6.5 0 0 0 10 5.4M12 17.5V21M4 4l16 16", ""),
    "camera": ("M4 8h3.5l1.5-3h6l1.5 3H20v11H4Z" + _circle(12, 13.2, 3.6), ""),
    "phone": ("M6 3.5 9 4l1.2 4-2 1.8a13 13 0 0 0 6 6l1.8-2 4 1.2.5 3-2 2.5C11 20.5 3.5 13 3.5 5.5Z", ""),
    "phone-down": ("M3 15.5c0-7 18-7 18 0v1.5l-4.5.5-1-3a12 12 0 0 0-7 0l-1 3L3 17Z", ""),
    "document": ("M6 3h8l5 5v13H6ZM14 3v5h5M9 13h7M9 17h5", ""),
    "pen": ("M4 20l1-4.5L16 4.5l3.5 3.5L8.5 19ZM13.5 7l3.5 3.5", ""),
    "seal": (
        _circle(12, 12, 9),
        "M12 6.5l1.6 3.6 3.9.4-2.9 2.6.8 3.8L12 15l-3.4 1.9.8-3.8-2.9-2.6 3.9-.4Z",
    ),
    "face": (_circle(12, 9, 4.5) + "M3.5 21a8.5 8.5 0 0 1 17 0", ""),
    "voice": ("M4 9.5v5h3.5L12 19V5L7.5 9.5ZM15.5 9a4.5 4.5 0 0 1 0 6M18.5 6.5a8 8 0 0 1 0 11", ""),
    "book": ("M12 6.5C9.5 4.5 6 4.5 3.5 5.5v13c2.5-1 6-1 8.5 1 2.5-2 6-2 8.5-1v-13c-2.5-1-6-1-8.5 1v13", ""),
    "list": ("M9 6h11M9 12h11M9 18h11M4 6h.5M4 12h.5M4 18h.5", ""),
    "play": ("", "M7 4.5v15l13-7.5Z"),
    "pause": ("", "M6 4.5h4v15H6ZM14 4.5h4v15h-4Z"),
    "shield": ("M12 3l8 3v6c0 5-3.5 8-8 9.5C7.5 20 4 17 4 12V6ZM8.5 12l2.5 2.5 4.5-5", ""),
    "search": (_circle(10.5, 10.5, 6.5) + "M15.5 15.5 21 21", ""),
    "save": ("M12 4v11M7 10.5l5 5 5-5M4 20h16", ""),
    "down": ("M6 9.5l6 6 6-6", ""),
    "right": ("M9.5 6l6 6-6 6", ""),
    "clock": (_circle(12, 12, 9) + "M12 7v5.5l3.5 2", ""),
    "back": ("M9 5 3.5 10.5 9 16M3.5 10.5H15a5 5 0 0 1 0 10h-3", ""),
    **{f"bars-{lit}": _bars(lit) for lit in range(5)},
    "signal": ("", "M3 15h4v5H3ZM10 10h4v10h-4ZM17 4h4v16h-4Z"),
}
"""Name → (path to stroke, path to fill)."""


def _svg(name: str, colour: str) -> QByteArray:
    stroke, solid = DRAWINGS[name]
    ends = 'stroke-width="2" stroke-linecap="round" stroke-linejoin="round"'
    lines = f'<path fill="none" stroke="{colour}" {ends} d="{stroke}"/>' if stroke else ""
    areas = f'<path fill="{colour}" d="{solid}"/>' if solid else ""
    text = f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 24 24">{lines}{areas}</svg>'
    return QByteArray(text.encode())


def paint(painter: QPainter, name: str, colour: str, box: QRectF) -> None:
    """Draws into ``box``, in the painter's coordinates."""
    QSvgRenderer(_svg(name, colour)).render(painter, box)


def pixmap(name: str, colour: str, size: int, ratio: float = 1.0) -> QPixmap:
    """``size`` in device-independent pixels, sharp at ``ratio``."""
    side = round(size * ratio)
    image = QImage(QSize(side, side), QImage.Format.Format_ARGB32_Premultiplied)
    image.fill(Qt.GlobalColor.transparent)
    painter = QPainter(image)
    paint(painter, name, colour, QRectF(0, 0, side, side))
    painter.end()
    image.setDevicePixelRatio(ratio)
    return QPixmap.fromImage(image)


def icon(name: str, colour: str, faint: str = "") -> QIcon:
    """``faint`` is the colour while disabled."""
    made = QIcon()
    for ratio in (1.0, 2.0):
        made.addPixmap(pixmap(name, colour, 20, ratio))
        if faint:
            made.addPixmap(pixmap(name, faint, 20, ratio), QIcon.Mode.Disabled)
    return made
