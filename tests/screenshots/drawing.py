"""Draws the scenes: the window's in one look a process, the phone's in one browser."""

import traceback
from collections.abc import Callable, Iterator
from dataclasses import fields
from pathlib import Path

from tests.screenshots import registry
from tests.screenshots.course import Course
from tests.screenshots.gallery import Shown
from tests.screenshots.registry import Handset, Look, PhoneScene, Scene


def draw_windows(out: Path, course: Course, look: Look, only: str = "") -> list[Shown]:
    """In this process, which must not have had a window before: a look decides how many pixels a point has."""
    from tests.screenshots import studio

    studio.prepare(look)
    shown = []
    stage = studio.Studio(course, look)
    for scene in registry.windows(only):
        file = out / scene.room / f"{scene.name}-{look.name}.png"

        def take(scene: registry.WindowScene = scene, file: Path = file) -> None:
            if not studio.photograph(scene.draw(stage)).save(str(file)):
                raise OSError(f"{file} could not be written")

        shown.append(_shown(scene, look.words, file, out, take))
    stage.end()
    return shown


def draw_phones(out: Path, only: str = "") -> list[Shown]:
    scenes = registry.phones(only)
    return list(_phones(out, scenes)) if scenes else []


def _phones(out: Path, scenes: list[PhoneScene]) -> Iterator[Shown]:
    from playwright.sync_api import sync_playwright

    from tests.end2end.phone.conftest import FLAGS
    from tests.end2end.phone.stage import Stage, running_stage

    kept = ("url", "loop", "sockets", "tokens")
    with running_stage() as stage, sync_playwright() as playwright:
        chromium = playwright.chromium.launch(executable_path="/usr/bin/chromium", chromium_sandbox=False, args=FLAGS)
        for scene in scenes:
            for handset in registry.PHONES:
                fresh = Stage()
                for each in fields(Stage):
                    if each.name not in kept:
                        setattr(stage, each.name, getattr(fresh, each.name))
                yield _phone(out, scene, handset, stage, chromium)
        chromium.close()


def _phone(out: Path, scene: PhoneScene, handset: Handset, stage: "object", chromium: "object") -> Shown:
    from playwright.sync_api import Browser

    from tests.end2end.phone.conftest import Phone
    from tests.end2end.phone.stage import Stage

    assert isinstance(stage, Stage)
    assert isinstance(chromium, Browser)
    context = chromium.new_context(
        viewport={"width": handset.width, "height": handset.height},
        device_scale_factor=2,
        is_mobile=True,
        has_touch=True,
        locale="zh-CN",
        color_scheme="dark" if handset.dark else "light",
        permissions=["camera", "microphone"] if scene.camera else [],
    )
    page = Phone(context.new_page(), context)
    if handset.text != 100:
        size = f"document.documentElement.style.fontSize = '{handset.text}%'"
        page.page.add_init_script(f"addEventListener('DOMContentLoaded', () => {{ {size} }})")
    if handset.large:
        page.page.add_init_script("localStorage.setItem('pingqian.print', 'large')")
    file = out / scene.room / f"{scene.name}-{handset.name}.png"

    def take() -> None:
        scene.draw(page, stage)
        page.page.screenshot(path=file)

    try:
        return _shown(scene, handset.words, file, out, take)
    finally:
        context.close()


def _shown(scene: Scene, look: str, file: Path, out: Path, take: Callable[[], None]) -> Shown:
    """A scene that fails leaves its trouble in the index in place of the picture."""
    file.parent.mkdir(parents=True, exist_ok=True)
    try:
        take()
    except Exception:
        return Shown(scene.room, scene.name, scene.title, look, "", traceback.format_exc(limit=-3))
    return Shown(scene.room, scene.name, scene.title, look, str(file.relative_to(out)))
