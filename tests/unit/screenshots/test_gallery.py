"""Scenes are registered once, drawn at the size of their look, and shown with their trouble where they fail."""

from collections import Counter
from pathlib import Path

import av
import pytest
from PIL import Image
from PySide6.QtWidgets import QPushButton, QWidget
from pytestqt.qtbot import QtBot

from desktop.opening.form import YES
from media.pictures import blank
from tests.screenshots import __main__ as command
from tests.screenshots import film, gallery, registry
from tests.screenshots.course import Course
from tests.screenshots.gallery import Shown
from tests.screenshots.opening import typed_of
from tests.screenshots.studio import photograph
from tests.unit.desktop import views


def test_every_role_has_scenes_and_no_name_is_given_twice() -> None:
    scenes = [*registry.windows(), *registry.phones()]
    assert {scene.room for scene in scenes} == set(registry.ROOMS)
    names = Counter((scene.room, scene.name) for scene in scenes)
    assert not [name for name, times in names.items() if times > 1]
    assert all(scene.title for scene in scenes)


def test_one_room_or_one_scene_can_be_asked_for() -> None:
    assert {scene.room for scene in registry.windows("supervisor")} == {"supervisor"}
    assert [scene.name for scene in registry.windows("ringing")] == ["ringing"]
    assert registry.phones("agent") == []


def test_scenes_that_differ_by_a_button_press_it_over_what_is_drawn(
    qtbot: QtBot, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(registry, "_windows", [])
    pressed: list[str] = []
    below = QWidget()
    qtbot.addWidget(below)
    for name in ("first", "second"):
        button = QPushButton(below)
        button.setObjectName(name)
        button.clicked.connect(lambda _=False, name=name: pressed.append(name))
    registry.keys("agent", lambda studio: below, ("one", "一", "first"), ("two", "二", "second"))
    scenes = registry._windows
    assert [(scene.room, scene.name, scene.title) for scene in scenes] == [
        ("agent", "one", "一"),
        ("agent", "two", "二"),
    ]
    for scene in scenes:
        assert scene.draw(None) is below  # type: ignore[arg-type]
    assert pressed == ["first", "second"]


def test_a_draft_of_the_service_is_what_an_agent_would_have_typed() -> None:
    typed = typed_of(
        {
            "product_id": "p", "amount": "100.00", "term_months": 12, "collateral": [],
            "parties": [{"name": "王秀兰", "first": True, "helper": {"name": "李强"}}, {"name": "", "first": False}],
        }
    )  # fmt: skip
    assert typed.product_id == "p"
    assert typed.counts == {"parties": 2, "collateral": 0}
    assert typed.values == {
        "amount": "100.00", "term_months": "12", "parties.0.name": "王秀兰", "parties.0.first": YES,
        "parties.0.helper.name": "李强",
    }  # fmt: skip


def test_a_film_is_one_that_can_be_decoded_again(tmp_path: Path) -> None:
    pictures = [blank(320, 180, number) for number in range(12)]
    film.write(tmp_path / "film.mp4", pictures)
    with av.open(str(tmp_path / "film.mp4")) as container:
        frames = list(container.decode(video=0))
    assert len(frames) == 12
    assert (frames[0].width, frames[0].height) == (320, 180)


def test_the_page_shows_each_picture_under_its_title_and_each_failure_in_words(tmp_path: Path) -> None:
    rows = [
        Shown("agent", "idle", "空闲", "浅色", "agent/idle-light.png"),
        Shown("agent", "idle", "空闲", "深色", "agent/idle-dark.png"),
        Shown("phone", "queue", "排队", "360×640", "", "TimeoutError: <late>"),
    ]
    page = gallery.write(tmp_path, rows).read_text(encoding="utf-8")
    assert page.count("<h3>") == 2
    assert page.count("<img") == 2
    assert 'src="agent/idle-dark.png"' in page
    assert "TimeoutError: &lt;late&gt;" in page


def test_a_photograph_has_the_dialogs_that_lie_over_the_window(qtbot: QtBot) -> None:
    below, above = QWidget(), QWidget()
    for widget, colour, side in ((below, "#00ff00", 400), (above, "#ff0000", 100)):
        qtbot.addWidget(widget)
        widget.setStyleSheet(f"background: {colour}")
        widget.resize(side, side)
        widget.show()
    taken = photograph(below).toImage()
    assert (taken.width(), taken.height()) == (400, 400)
    assert taken.pixelColor(200, 200).name() == "#ff0000"
    assert taken.pixelColor(10, 10).green() > 150


def test_a_look_decides_how_many_pixels_a_point_has(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """The real program in a process of its own, over views that no service had to make."""
    course = tmp_path / "course.json"
    course.write_text(Course(seat={"idle": views.view()}).model_dump_json(), encoding="utf-8")
    out = tmp_path / "out"
    shown = command._in_a_process(out, "administrator", course, "200")
    assert [(one.room, one.trouble) for one in shown] == [("administrator", "")]
    with Image.open(out / shown[0].file) as picture:
        assert picture.size == (2732, 1536)
        assert len(picture.convert("RGB").getcolors(1 << 24) or []) > 20
