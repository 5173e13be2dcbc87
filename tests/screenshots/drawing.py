"""Draws the scenes of one look, one after the other: windows in this process, pages in one browser."""

import time
import traceback
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import fields
from pathlib import Path
from typing import TYPE_CHECKING

from PIL import Image

from tests.screenshots import registry
from tests.screenshots.course import Course
from tests.screenshots.gallery import Shown
from tests.screenshots.registry import CheckScene, Handset, Look, PhoneScene, Scene, Screen, StillScene, WindowScene

if TYPE_CHECKING:
    from playwright.sync_api import Browser, BrowserContext

    from tests.end2end.phone.conftest import Phone
    from tests.end2end.phone.stage import Stage

QUICK = 70
"""Of PNG in Qt: less time for a little more room."""
UNREADY = "[...document.querySelectorAll('#buttons button')].some((each) => each.disabled && each.dataset.off === '0')"
Take = Callable[[Path], None]
"""Draws and leaves the picture there."""


def draw(out: Path, look: Look, names: Sequence[str], course: Course) -> Iterator[Shown]:
    """The scenes of these names, each as soon as it is drawn. A process draws windows in one look only."""
    scenes = [one for one in registry.scenes(kind=look.kind) if one.name in names]
    drawers = {"window": _windows, "phone": _phones, "check": _checks, "film": _stills, "paper": _stills}
    with drawers[look.kind](look, course) as taking:
        for scene in scenes:
            yield shown(scene, look, out, taking(scene))


def shown(scene: Scene, look: Look, out: Path, take: Take) -> Shown:
    """A scene that fails leaves its trouble in the index in place of the picture."""
    file = out / scene.room / f"{scene.name}-{look.name}.png"
    file.parent.mkdir(parents=True, exist_ok=True)
    file.unlink(missing_ok=True)
    began = time.monotonic()
    try:
        take(file)
        with Image.open(file) as picture:
            size = picture.size
    except Exception:
        return Shown.failed(scene, look, traceback.format_exc(limit=-3), time.monotonic() - began)
    return Shown.of(scene, look, str(file.relative_to(out)), size, time.monotonic() - began)


@contextmanager
def _windows(look: Look, course: Course) -> Iterator[Callable[[Scene], Take]]:
    from tests.screenshots import studio

    assert isinstance(look, Screen)
    studio.prepare(look)
    stage = studio.Studio(course, look)

    def taking(scene: Scene) -> Take:
        assert isinstance(scene, WindowScene)

        def take(file: Path) -> None:
            if not studio.photograph(scene.draw(stage)).save(str(file), "PNG", QUICK):
                raise OSError(f"{file} could not be written")

        return take

    yield taking
    stage.end()


@contextmanager
def _stills(look: Look, course: Course) -> Iterator[Callable[[Scene], Take]]:
    def taking(scene: Scene) -> Take:
        assert isinstance(scene, StillScene)
        return lambda file: scene.draw(course).save(file, compress_level=3)

    yield taking


@contextmanager
def _browser() -> Iterator["Browser"]:
    from playwright.sync_api import sync_playwright

    from tests.end2end.phone.conftest import FLAGS

    with sync_playwright() as playwright:
        chromium = playwright.chromium.launch(executable_path="/usr/bin/chromium", chromium_sandbox=False, args=FLAGS)
        yield chromium
        chromium.close()


@contextmanager
def _phones(look: Look, course: Course) -> Iterator[Callable[[Scene], Take]]:
    from tests.end2end.phone.conftest import Phone
    from tests.end2end.phone.stage import running_stage

    assert isinstance(look, Handset)
    with running_stage() as stage, _browser() as chromium:

        def taking(scene: Scene) -> Take:
            assert isinstance(scene, PhoneScene)

            def take(file: Path) -> None:
                _as_at_first(stage)
                context = _handset(chromium, look, camera=scene.camera)
                try:
                    page = Phone(context.new_page(), context)
                    scene.draw(page, stage)
                    _at_rest(page)
                    page.page.screenshot(path=file)
                finally:
                    context.close()

            return take

        yield taking


def _at_rest(page: "Phone") -> None:
    """Buttons are off for a moment after a screen has come, so that a double tap does not answer two screens."""
    for _ in range(30):
        if not page.page.evaluate(UNREADY):
            return
        page.page.wait_for_timeout(50)


def _as_at_first(stage: "Stage") -> None:
    from tests.end2end.phone.stage import Stage

    fresh, kept = Stage(), ("url", "loop", "sockets", "tokens")
    for each in fields(Stage):
        if each.name not in kept:
            setattr(stage, each.name, getattr(fresh, each.name))


def _handset(chromium: "Browser", look: Handset, *, camera: bool) -> "BrowserContext":
    context = chromium.new_context(
        viewport={"width": look.width, "height": look.height},
        device_scale_factor=2,
        is_mobile=True,
        has_touch=True,
        locale="zh-CN",
        color_scheme="dark" if look.dark else "light",
        permissions=["camera", "microphone"] if camera else [],
    )
    if look.text != 100:
        size = f"document.documentElement.style.fontSize = '{look.text}%'"
        context.add_init_script(f"addEventListener('DOMContentLoaded', () => {{ {size} }})")
    if look.large:
        context.add_init_script("localStorage.setItem('pingqian.print', 'large')")
    return context


@contextmanager
def _checks(look: Look, course: Course) -> Iterator[Callable[[Scene], Take]]:
    from tests.screenshots.checkpage import running_desk

    with running_desk(course) as desk, _browser() as chromium:

        def taking(scene: Scene) -> Take:
            assert isinstance(scene, CheckScene)

            def take(file: Path) -> None:
                context = chromium.new_context(
                    viewport={"width": look.width, "height": look.height},
                    device_scale_factor=2 if look.width < 600 else 1,
                    locale="zh-CN",
                    color_scheme="dark" if look.dark else "light",
                )
                try:
                    page = context.new_page()
                    scene.draw(page, desk)
                    page.screenshot(path=file, full_page=True)
                finally:
                    context.close()

            return take

        yield taking
