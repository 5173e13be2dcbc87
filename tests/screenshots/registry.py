"""The scenes by name, and in which looks each is drawn."""

import importlib
from collections.abc import Callable
from dataclasses import dataclass
from functools import partial
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from PySide6.QtWidgets import QWidget

    from tests.end2end.phone.conftest import Phone
    from tests.end2end.phone.stage import Stage
    from tests.screenshots.studio import Studio

ROOMS = ("agent", "supervisor", "auditor", "administrator", "phone")
MODULES = ("agent", "opening", "supervisor", "auditor", "administrator", "phone", "phone_asides")
"""Of this package, with scenes."""


@dataclass(frozen=True)
class Look:
    """Of a window: its appearance, how many pixels a point has, and its size in points."""

    name: str
    words: str
    appearance: str = "light"
    scale: float = 1.0
    width: int = 1366
    height: int = 768


LOOKS = (
    Look("light", "浅色 1366×768"),
    Look("dark", "深色 1366×768", "dark"),
    Look("150", "1920×1080，缩放 150%", scale=1.5, width=1280, height=720),
    Look("200", "2732×1536，缩放 200%", scale=2.0),
    Look("wide", "1920×1080", width=1920, height=1040),
)


@dataclass(frozen=True)
class Handset:
    """``text``: of the page's own size, as whoever sees badly sets it in the browser; ``large``: the page's own large
    print."""

    name: str
    words: str
    width: int = 360
    height: int = 640
    dark: bool = False
    text: int = 100
    large: bool = False


PHONES = (
    Handset("320", "320×568", 320, 568),
    Handset("360", "360×640"),
    Handset("414", "414×896", 414, 896),
    Handset("dark", "360×640 深色", dark=True),
    Handset("large", "320×640 字号 200%", 320, 640, text=200),
    Handset("print", "320×568 大字", 320, 568, large=True),
    Handset("side", "640×360 横放", 640, 360),
)


@dataclass(frozen=True)
class Scene:
    """``room`` is the role whose screen it is."""

    room: str
    name: str
    title: str


@dataclass(frozen=True)
class WindowScene(Scene):
    draw: "Callable[[Studio], QWidget]"


@dataclass(frozen=True)
class PhoneScene(Scene):
    draw: "Callable[[Phone, Stage], None]"
    camera: bool


_windows: list[WindowScene] = []
_phones: list[PhoneScene] = []


def window(room: str, title: str) -> "Callable[[Callable[[Studio], QWidget]], Callable[[Studio], QWidget]]":
    """Registers a scene of the window under the function's name."""

    def keep(draw: "Callable[[Studio], QWidget]") -> "Callable[[Studio], QWidget]":
        _windows.append(WindowScene(room, draw.__name__, title, draw))
        return draw

    return keep


def keys(room: str, draw: "Callable[[Studio], QWidget]", *scenes: tuple[str, str, str]) -> None:
    """Scenes that differ by the one button that is pressed: each its name, title and the button's name."""
    for name, title, button in scenes:
        _windows.append(WindowScene(room, name, title, partial(_pressed, draw, button)))


def _pressed(draw: "Callable[[Studio], QWidget]", button: str, studio: "Studio") -> "QWidget":
    from tests.screenshots.studio import press

    made = draw(studio)
    press(made, button)
    return made


def phone(
    title: str, *, camera: bool = True
) -> "Callable[[Callable[[Phone, Stage], None]], Callable[[Phone, Stage], None]]":
    """Registers a scene of the customer's page. ``camera``: whether the browser may use one."""

    def keep(draw: "Callable[[Phone, Stage], None]") -> "Callable[[Phone, Stage], None]":
        _phones.append(PhoneScene("phone", draw.__name__, title, draw, camera))
        return draw

    return keep


def windows(only: str = "") -> list[WindowScene]:
    """In the order of their registration."""
    _load()
    return [scene for scene in _windows if only in ("", scene.room, scene.name)]


def phones(only: str = "") -> list[PhoneScene]:
    _load("phone")
    return [scene for scene in _phones if only in ("", scene.room, scene.name)]


def _load(beginning: str = "") -> None:
    for module in MODULES:
        if module.startswith(beginning):
            importlib.import_module(f"tests.screenshots.{module}")
