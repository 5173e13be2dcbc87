"""新建业务, the window in which an agent opens a case: products and drafts, the form, the links."""

from collections.abc import Iterator, Mapping
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from PySide6.QtWidgets import QLabel, QWidget

from desktop.opening import form as model
from desktop.opening.drafts import Draft, Drafts
from desktop.opening.form import Typed
from desktop.opening.window import OpeningWindow
from tests.screenshots.registry import chapter, window
from tests.screenshots.studio import Studio, settle, until


def opened(studio: Studio, *, drafts: bool = False) -> OpeningWindow:
    """At the products, as the service gives them; nobody answers what is typed."""
    made = studio.opening()
    if drafts:
        made.desk.drafts = kept(studio, studio.folder())
        made.desk.unlocked.emit()
    assert studio.course.catalogue is not None
    made.desk.ready.emit(studio.course.catalogue)
    settle()
    return made


def kept(studio: Studio, folder: Path) -> Drafts:
    drafts = Drafts(folder, bytes(32))
    for name in ("whole", "wrong"):
        typed = typed_of(studio.course.drafts[name])
        drafts.save(Draft(Drafts.new_id(), title(studio, typed.product_id), typed, datetime.now(UTC)))
    return drafts


def title(studio: Studio, product_id: str) -> str:
    assert studio.course.catalogue is not None
    return next(one.title for one in studio.course.catalogue.products if one.product_id == product_id)


def typed_of(draft: Mapping[str, Any]) -> Typed:
    """As an agent would have typed it: every value under its path."""
    values = dict(_flat("", {name: value for name, value in draft.items() if name != "product_id"}))
    counts = {name: len(value) for name, value in draft.items() if isinstance(value, list)}
    return Typed(str(draft["product_id"]), values, counts)


def _flat(place: str, value: object) -> Iterator[tuple[str, str]]:
    if isinstance(value, Mapping):
        for name, inner in value.items():
            yield from _flat(f"{place}.{name}" if place else str(name), inner)
    elif isinstance(value, list):
        for number, inner in enumerate(value):
            yield from _flat(f"{place}.{number}", inner)
    elif value is True:
        yield place, model.YES
    elif value not in (None, False, ""):
        yield place, str(value)


def form(studio: Studio, name: str) -> OpeningWindow:
    """The form with a draft of the course, and what the service said of it."""
    made = opened(studio)
    catalogue, draft = studio.course.catalogue, studio.course.drafts[name]
    assert catalogue is not None
    product = next(one for one in catalogue.products if one.product_id == draft["product_id"])
    typed = model.begun(product) if name == "empty" else typed_of(draft)
    made.filling.begin(product, typed)
    made.desk._check.stop()  # nobody would answer; the course's own answer follows
    made.pages.setCurrentWidget(made.filling)
    made.desk.checked.emit(studio.course.checks[name])
    settle(200)
    made.toast.hide()
    return made


chapter("agent", "新建业务")


@window("agent", "新建业务：产品和草稿")
def opening_products(studio: Studio) -> QWidget:
    return opened(studio, drafts=True)


@window("agent", "新建业务：没有草稿")
def opening_no_drafts(studio: Studio) -> QWidget:
    return opened(studio)


@window("agent", "新建业务：空表")
def opening_empty(studio: Studio) -> QWidget:
    return form(studio, "empty")


@window("agent", "新建业务：已填好")
def opening_filled(studio: Studio) -> QWidget:
    return form(studio, "whole")


@window("agent", "新建业务：有错处")
def opening_wrong(studio: Studio) -> QWidget:
    return form(studio, "wrong")


@window("agent", "新建业务：有错处，当事人")
def opening_wrong_people(studio: Studio) -> QWidget:
    made = form(studio, "wrong")
    made.filling.go_to("parties.2.phone")
    settle(200)
    return made


@window("agent", "新建业务：通话中只能填写，有客户来电")
def opening_in_call(studio: Studio) -> QWidget:
    made = form(studio, "whole")
    made.set_call(live=True, rings=True)
    return made


@window("agent", "新建业务：各位当事人的链接")
def opening_links(studio: Studio) -> QWidget:
    made = opened(studio)
    course = studio.course
    assert course.invited is not None
    made.invited.display(course.invited)
    made.pages.setCurrentWidget(made.invited)
    assert course.links is not None
    stale = made.invited.findChild(QLabel, "opening.stale")
    assert isinstance(stale, QLabel)
    until(stale.isVisible)  # nobody answers
    made.desk.linked.emit(course.links)
    settle(200)
    made.toast.hide()
    return made
