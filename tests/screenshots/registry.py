"""The scenes by name, in which chapter of their room each stands, and in which looks it is drawn."""

import importlib
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from functools import partial
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from PIL.Image import Image
    from playwright.sync_api import Page
    from PySide6.QtWidgets import QWidget

    from tests.end2end.phone.conftest import Phone
    from tests.end2end.phone.stage import Stage
    from tests.screenshots.checkpage import Desk
    from tests.screenshots.course import Course
    from tests.screenshots.studio import Studio

ROOMS = {
    "phone": "客户手机", "agent": "坐席", "supervisor": "主管", "auditor": "审计", "administrator": "管理员",
    "film": "录像", "papers": "文书", "check": "公众查验页",
}  # fmt: skip
"""In the order of the page."""
MODULES = (
    "agent", "agent_asides", "opening", "supervisor", "auditor", "administrator",
    "phone", "phone_asides", "filmed", "papers", "checkpage",
)  # fmt: skip
"""Of this package, with scenes."""


@dataclass(frozen=True)
class Look:
    """What all pictures of one worker have in common. ``kind`` is the scene's: a worker draws those of one kind.

    ``chapters``: of the agent's room, the only ones drawn; empty for every scene of the kind.
    """

    kind: str
    name: str
    words: str
    width: int
    height: int
    dark: bool = False
    chapters: tuple[str, ...] = ()

    @property
    def appearance(self) -> str:
        return "dark" if self.dark else "light"

    def shows(self, scene: "Scene") -> bool:
        return scene.kind == self.kind and (
            not self.chapters or (scene.room == "agent" and scene.chapter in self.chapters)
        )


@dataclass(frozen=True)
class Screen(Look):
    """Of a window, in points; ``scale``: how many pixels a point has."""

    scale: float = 1.0


@dataclass(frozen=True)
class Handset(Look):
    """``text``: per cent of the page's own size, as whoever sees badly sets it in the browser; ``large``: the page's
    own large print."""

    text: int = 100
    large: bool = False


STEPS = ("新建业务", "身份核验", "风险告知", "阅读和签署", "挂断前核对", "话后整理", "音视频设备")
"""Of the agent's work, for looks that add little to the others."""
LOOKS: tuple[Look, ...] = (
    Screen("window", "light", "1366×768", 1366, 768),
    Screen("window", "dark", "1366×768", 1366, 768, dark=True),
    Screen("window", "150", "1920×1080，缩放 150%", 1280, 720, scale=1.5),
    Screen("window", "200", "2732×1536，缩放 200%", 1366, 768, scale=2.0),
    Screen("window", "dark-150", "1920×1080，缩放 150%", 1280, 720, dark=True, chapters=STEPS, scale=1.5),
    Screen("window", "dark-200", "2732×1536，缩放 200%", 1366, 768, dark=True, chapters=STEPS, scale=2.0),
    Screen("window", "wide", "1920×1080", 1920, 1040),
    Handset("phone", "320", "320×568", 320, 568),
    Handset("phone", "360", "360×640", 360, 640),
    Handset("phone", "414", "414×896", 414, 896),
    Handset("phone", "dark", "360×640", 360, 640, dark=True),
    Handset("phone", "large", "320×640，字号 200%", 320, 640, text=200),
    Handset("phone", "print", "320×568，大字", 320, 568, large=True),
    Handset("phone", "side", "640×360，横放", 640, 360),
    Look("film", "stage", "1280×720", 1280, 720),
    Look("paper", "a4", "A4", 1240, 1754),
    Look("check", "desk", "1280×800", 1280, 800),
    Look("check", "desk-dark", "1280×800", 1280, 800, dark=True),
    Look("check", "phone", "360×640", 360, 640),
    Look("check", "phone-dark", "360×640", 360, 640, dark=True),
)


@dataclass(frozen=True)
class Scene:
    """``room`` is the role whose screen it is; ``chapter`` the part of its journey."""

    kind: str
    room: str
    chapter: str
    name: str
    title: str


@dataclass(frozen=True)
class WindowScene(Scene):
    draw: "Callable[[Studio], QWidget]"


@dataclass(frozen=True)
class PhoneScene(Scene):
    draw: "Callable[[Phone, Stage], None]"
    camera: bool


@dataclass(frozen=True)
class StillScene(Scene):
    """A paper or a picture of a recording."""

    draw: "Callable[[Course], Image]"


@dataclass(frozen=True)
class CheckScene(Scene):
    draw: "Callable[[Page, Desk], None]"


_scenes: list[Scene] = []
_chapters: dict[str, list[str]] = {}
"""Of each room, in their order."""
_open: dict[str, str] = {}


def chapter(room: str, title: str) -> None:
    """The room's scenes that are registered from here on stand in this chapter; its place is that of its first
    mention."""
    _open[room] = title
    titles = _chapters.setdefault(room, [])
    if title not in titles:
        titles.append(title)


def window(room: str, title: str) -> "Callable[[Callable[[Studio], QWidget]], Callable[[Studio], QWidget]]":
    """Registers a scene of the window under the function's name."""

    def keep(draw: "Callable[[Studio], QWidget]") -> "Callable[[Studio], QWidget]":
        _scenes.append(WindowScene("window", room, _open[room], draw.__name__, title, draw))
        return draw

    return keep


def keys(room: str, draw: "Callable[[Studio], QWidget]", *scenes: tuple[str, str, str]) -> None:
    """Scenes that differ by the one button that is pressed: each its name, title and the button's name."""
    for name, title, button in scenes:
        _scenes.append(WindowScene("window", room, _open[room], name, title, partial(_pressed, draw, button)))


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
        _scenes.append(PhoneScene("phone", "phone", _open["phone"], draw.__name__, title, draw, camera))
        return draw

    return keep


def still(kind: str, name: str, title: str, draw: "Callable[[Course], Image]") -> None:
    """Registers a picture that needs no screen: ``paper`` or ``film``."""
    room = {"paper": "papers", "film": "film"}[kind]
    _scenes.append(StillScene(kind, room, _open[room], name, title, draw))


def check(title: str) -> "Callable[[Callable[[Page, Desk], None]], Callable[[Page, Desk], None]]":
    """Registers a scene of the public check page."""

    def keep(draw: "Callable[[Page, Desk], None]") -> "Callable[[Page, Desk], None]":
        _scenes.append(CheckScene("check", "check", _open["check"], draw.__name__, title, draw))
        return draw

    return keep


def scenes(only: Sequence[str] = (), kind: str = "") -> list[Scene]:
    """Of these rooms and names, or all; in the order of the page: room, chapter, registration."""
    _load("phone" if kind == "phone" else "")
    wanted = [one for one in _scenes if kind in ("", one.kind) and (not only or {one.room, one.name} & set(only))]
    rooms = list(ROOMS)
    return sorted(wanted, key=lambda one: (rooms.index(one.room), _chapters[one.room].index(one.chapter)))


def phones(only: Sequence[str] = ()) -> list[PhoneScene]:
    return [one for one in scenes(only, "phone") if isinstance(one, PhoneScene)]


def looks(kind: str) -> list[Look]:
    return [one for one in LOOKS if one.kind == kind]


def _load(beginning: str) -> None:
    for module in MODULES:
        if module.startswith(beginning):
            importlib.import_module(f"tests.screenshots.{module}")
