"""One house style: the tokens of desktop and phone are equal, and every pair can be read."""

import re
from dataclasses import asdict
from pathlib import Path

import pytest
from PySide6.QtGui import QColor
from pytestqt.qtbot import QtBot

import signing.web
from desktop.widgets import icons, theme

CSS = Path(signing.web.__file__).parent / "phone" / "theme.css"


def _phone_tokens() -> tuple[dict[str, str], dict[str, str]]:
    text = CSS.read_text(encoding="utf-8")
    found = re.findall(r"--([a-z-]+): (#[0-9A-Fa-f]{6});", text)
    names = set(asdict(theme.LIGHT))
    pairs = [(name.replace("-", "_"), value.upper()) for name, value in found if name.replace("-", "_") in names]
    return dict(pairs[: len(names)]), dict(pairs[len(names) :])


def test_the_phone_has_the_same_tokens() -> None:
    light, dark = _phone_tokens()
    assert light == asdict(theme.LIGHT)
    assert dark == asdict(theme.DARK)


def _luminance(colour: str) -> float:
    parts = (QColor(colour).redF(), QColor(colour).greenF(), QColor(colour).blueF())
    linear = [part / 12.92 if part <= 0.04045 else ((part + 0.055) / 1.055) ** 2.4 for part in parts]
    return 0.2126 * linear[0] + 0.7152 * linear[1] + 0.0722 * linear[2]


def _contrast(one: str, other: str) -> float:
    high, low = sorted((_luminance(one), _luminance(other)), reverse=True)
    return (high + 0.05) / (low + 0.05)


@pytest.mark.parametrize("tokens", [theme.LIGHT, theme.DARK], ids=["light", "dark"])
@pytest.mark.parametrize(
    ("ink", "ground", "least"),
    [
        ("ink", "paper", 12.0),
        ("ink", "surface", 12.0),
        ("muted", "paper", 4.5),
        ("muted", "surface", 4.5),
        ("on_primary", "primary", 4.5),
        ("good", "good_ground", 4.5),
        ("notice", "notice_ground", 4.5),
        ("caution", "caution_ground", 4.5),
        ("stop", "stop_ground", 4.5),
        ("control_line", "surface", 3.0),
    ],
)
def test_contrast_is_enough_to_read(tokens: theme.Tokens, ink: str, ground: str, least: float) -> None:
    assert _contrast(getattr(tokens, ink), getattr(tokens, ground)) >= least


def test_the_sheet_has_no_token_left_over(qtbot: QtBot) -> None:
    assert "$" not in theme.style_sheet(theme.DARK)


@pytest.mark.parametrize("name", sorted(icons.DRAWINGS))
def test_every_icon_draws_something(qtbot: QtBot, name: str) -> None:
    image = icons.pixmap(name, "#000000", 24).toImage()
    drawn = sum(image.pixelColor(x, y).alpha() > 128 for x in range(24) for y in range(24))
    assert drawn > 15
