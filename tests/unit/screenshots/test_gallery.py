"""Scenes are registered once, drawn at the size of their look, and shown with their trouble where they fail."""

import json
import sys
import textwrap
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass, replace
from pathlib import Path

import av
import pytest
from PIL import Image
from PySide6.QtWidgets import QPushButton, QWidget
from pytestqt.qtbot import QtBot

from desktop.opening.form import YES
from media.pictures import blank
from tests.screenshots import __main__ as command
from tests.screenshots import drawing, film, gallery, registry, workers
from tests.screenshots.course import Course
from tests.screenshots.gallery import Shown
from tests.screenshots.opening import typed_of
from tests.screenshots.studio import photograph
from tests.unit.desktop import views


def test_every_role_has_scenes_and_no_name_is_given_twice() -> None:
    scenes = registry.scenes()
    assert list(dict.fromkeys(scene.room for scene in scenes)) == list(registry.ROOMS)
    names = Counter((scene.room, scene.name) for scene in scenes)
    assert not [name for name, times in names.items() if times > 1]
    assert all(scene.title and scene.chapter for scene in scenes)
    assert {look.kind for look in registry.LOOKS} == {scene.kind for scene in scenes}


def test_rooms_and_single_scenes_can_be_asked_for() -> None:
    assert {scene.room for scene in registry.scenes(["supervisor"])} == {"supervisor"}
    assert [scene.name for scene in registry.scenes(["ringing", "queue"])] == ["queue", "ringing"]
    assert registry.phones(["agent"]) == []
    assert registry.scenes(["nothing"]) == []


def test_a_room_goes_by_its_chapters_in_the_order_of_their_first_mention(monkeypatch: pytest.MonkeyPatch) -> None:
    registry.scenes()  # every module is read
    for name, empty in (("_scenes", []), ("_chapters", {}), ("_open", {})):
        monkeypatch.setattr(registry, name, empty)
    for chapter, name in (("登录", "one"), ("值守", "two"), ("登录", "three")):
        registry.chapter("agent", chapter)
        registry.keys("agent", lambda studio: QWidget(), (name, name, ""))
    assert [(scene.chapter, scene.name) for scene in registry.scenes()] == [
        ("登录", "one"),
        ("登录", "three"),
        ("值守", "two"),
    ]


def test_scenes_that_differ_by_a_button_press_it_over_what_is_drawn(
    qtbot: QtBot, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(registry, "_scenes", [])
    registry.chapter("agent", "值守")
    pressed: list[str] = []
    below = QWidget()
    qtbot.addWidget(below)
    for name in ("first", "second"):
        button = QPushButton(below)
        button.setObjectName(name)
        button.clicked.connect(lambda _=False, name=name: pressed.append(name))
    registry.keys("agent", lambda studio: below, ("one", "一", "first"), ("two", "二", "second"))
    scenes = registry._scenes
    assert [(scene.room, scene.name, scene.title) for scene in scenes] == [
        ("agent", "one", "一"),
        ("agent", "two", "二"),
    ]
    for scene in scenes:
        assert scene.draw(None) is below  # type: ignore[attr-defined]
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


IDLE = Shown("agent", "值守", "idle", "空闲", "light", "1366×768", "agent/idle-light.png", 1366, 768)
LATE = Shown("phone", "排队", "queue", "排队", "360", "360×640", trouble="TimeoutError: <late>")


def test_the_page_shows_each_picture_under_its_title_and_each_failure_in_words(tmp_path: Path) -> None:
    dark = replace(IDLE, look="dark", file="agent/idle-dark.png", dark=True)
    page = gallery.write(tmp_path, [IDLE, LATE, dark]).read_text(encoding="utf-8")
    assert page.count("<h4>") == 2
    assert page.count("<img loading") == 2
    assert page.index('id="phone"') < page.index("<h3>值守</h3>") < page.index('src="agent/idle-dark.png"')
    assert "1366×768 像素" in page
    assert "2 幅图，2 个画面，1 幅没有画成" in page
    assert "TimeoutError: &lt;late&gt;" in page


def test_what_is_drawn_again_takes_its_own_place_only(tmp_path: Path) -> None:
    gallery.write(tmp_path, [IDLE, LATE])
    drawn = replace(LATE, file="phone/queue-360.png", trouble="")
    assert command._with_earlier(tmp_path, [drawn]) == [IDLE, drawn]


def test_a_scene_in_which_the_process_ends_or_stands_still_costs_its_own_picture_only(tmp_path: Path) -> None:
    """Of three scenes the first is drawn, the process dies in the second, and another one draws the third."""
    look = registry.looks("window")[0]
    scenes = [registry.Scene("window", "agent", "值守", name, name) for name in ("first", "second", "third")]
    script = "import json, os, sys, time\nfor name in sys.argv[1].split(','):\n" + textwrap.indent(
        """if name == 'second':
    print('gone', file=sys.stderr, flush=True) or os._exit(3) if sys.argv[2] == 'dies' else time.sleep(60)
print(json.dumps({'room': 'agent', 'chapter': '', 'name': name, 'title': '', 'look': '', 'words': ''}), flush=True)
""",
        "    ",
    )

    @dataclass(frozen=True)
    class Told(workers.Task):
        how: str = "dies"

        def command(self, scenes: Sequence[registry.Scene]) -> list[str]:
            return [sys.executable, "-c", script, ",".join(scene.name for scene in scenes), self.how]

    for how, words in (("dies", "ended with 3"), ("stands", "not done within")):
        task = Told(look, tuple(scenes), tmp_path, tmp_path, how)
        shown = list(workers.draw(task, patience=10.0 if how == "dies" else 3.0))
        assert [one.name for one in shown] == ["first", "second", "third"]
        assert [bool(one.trouble) for one in shown] == [False, True, False]
        assert words in shown[1].trouble


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


def test_a_look_decides_how_many_pixels_a_point_has(tmp_path: Path) -> None:
    """The real program in a process of its own, over views that no service had to make."""
    course = tmp_path / "course.json"
    course.write_text(Course(seat={"idle": views.view()}).model_dump_json(), encoding="utf-8")
    (task,) = workers.tasks(tmp_path / "out", course, ["administrator"], ["200"])
    (shown,) = workers.draw(task)
    assert (shown.room, shown.trouble) == ("administrator", "")
    assert (shown.width, shown.height) == (2732, 1536)
    with Image.open(tmp_path / "out" / shown.file) as picture:
        assert len(picture.convert("RGB").getcolors(1 << 24) or []) > 20


def test_a_look_of_some_chapters_leaves_the_rest_to_the_others(tmp_path: Path) -> None:
    def drawn(look: str) -> list[tuple[str, str]]:
        (task,) = workers.tasks(tmp_path, tmp_path, [], [look])
        return list(dict.fromkeys((scene.room, scene.chapter) for scene in task.scenes))

    every = drawn("light")
    assert drawn("dark-200") == [one for one in every if one in {("agent", step) for step in registry.STEPS}]
    assert len(drawn("dark-200")) == len(registry.STEPS), "each by a name that it has"


def test_what_failed_is_tried_once_more_and_nothing_else(tmp_path: Path) -> None:
    @dataclass(frozen=True)
    class Drawn(workers.Task):
        def command(self, scenes: Sequence[registry.Scene]) -> list[str]:
            said = {"room": "agent", "chapter": "", "title": "", "look": self.look.name, "words": ""}
            lines = [json.dumps({**said, "name": scene.name, "seconds": 7.0}) for scene in scenes]
            return [sys.executable, "-c", "import sys; print(sys.argv[1])", "\n".join(lines)]

    look = registry.looks("window")[0]
    scenes = tuple(registry.Scene("window", "agent", "", name, "") for name in ("good", "late"))
    first = [
        Shown("agent", "", "good", "", look.name, ""),
        Shown("agent", "", "late", "", look.name, "", trouble="late"),
    ]
    shown = workers.again([Drawn(look, scenes, tmp_path, tmp_path)], first, lambda one: None)
    assert [(one.name, one.trouble, one.seconds) for one in shown] == [("good", "", 0.0), ("late", "", 7.0)]


def test_a_scene_that_fails_is_shown_with_its_trouble(tmp_path: Path) -> None:
    def fails(file: Path) -> None:
        raise TimeoutError("the window never got there")

    scene, look = registry.scenes(["idle"])[0], registry.looks("window")[0]
    one = drawing.shown(scene, look, tmp_path, fails)
    assert one.file == ""
    assert "the window never got there" in one.trouble
