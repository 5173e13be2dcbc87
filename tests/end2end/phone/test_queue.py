"""Waiting in the queue: a pause in the institution's words, closing time, an appointment, the language one speaks."""

import os
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest

from signing.wire.phone import PhoneStep, PhoneView
from tests.end2end.phone.conftest import Phone
from tests.end2end.phone.stage import Stage, display

pytestmark = pytest.mark.end2end

CLOSED = {
    "joins": False, "offers": True,
    "message": "现在不在服务时间（服务时间为 08:30 至 17:30），请在 11月27日（周五）08:30 以后再打开本页",
}  # fmt: skip
SOON = datetime(2026, 11, 27, 6, 0, tzinfo=UTC)
BOOKED = {
    "starts_at": SOON, "ends_at": SOON + timedelta(minutes=30),
    "text": "您预约了 11月27日（周五）14:00—14:30 办理，请在 14:00 前后打开本页",
}  # fmt: skip
PLACE = {"position": 3, "expected_wait_seconds": 400, "message": "前面还有 2 位"}
PAUSED = {"position": 3, "expected_wait_seconds": None, "message": "午间休息，13:30 继续办理", "paused": True}
SIZES = pytest.mark.parametrize(("width", "height"), [(320, 640), (360, 640)])


def queue(**changes: Any) -> PhoneView:
    return display(PhoneStep.QUEUE, **changes)


def come(stage: Stage, new_phone: Callable[..., Phone], view: PhoneView, width: int = 360, height: int = 640) -> Phone:
    phone = new_phone(width, height)
    stage.view = view
    phone.enter(stage.url)
    return phone


def no_wider(phone: Phone) -> None:
    assert phone.page.evaluate("document.documentElement.scrollWidth <= innerWidth")
    cut = "Array.from(document.querySelectorAll('.choice')).filter((b) => b.scrollWidth > b.clientWidth).length"
    assert phone.page.evaluate(cut) == 0
    small = "Array.from(document.querySelectorAll('.choice')).filter((b) => b.offsetHeight < 44).length"
    assert phone.page.evaluate(small) == 0


def keep(phone: Phone, name: str) -> None:
    """A picture to look at, where a folder for it is given."""
    if folder := os.environ.get("SCREENS"):
        phone.page.screenshot(path=str(Path(folder) / f"{name}.png"))


@SIZES
def test_a_pause_is_told_and_the_place_is_kept(
    stage: Stage, new_phone: Callable[..., Phone], width: int, height: int
) -> None:
    phone = come(stage, new_phone, queue(queue=PLACE, appointment=BOOKED), width, height)
    phone.at("queue", "waiting")
    assert "大约还要等 7 分钟" in phone.page.inner_text("#queue-wait")
    said = phone.page.inner_text("#content")
    assert "别关页面、别锁屏" in said
    assert "不会响铃" in said, "a page that is closed has nothing to ring with"
    assert phone.page.is_hidden("#queue-stopped")
    assert "14:00 前后" in phone.page.inner_text("#queue-booked")
    no_wider(phone)
    keep(phone, f"waiting-{width}")
    stage.show(PhoneStep.QUEUE, queue=PAUSED, appointment=BOOKED)
    phone.until("!document.getElementById('queue-stopped').hidden")
    assert "午间休息，13:30 继续办理" in phone.page.inner_text("#queue-stopped")
    assert "您的位置还在" in phone.page.inner_text("#queue-wait")
    assert "前面还有 2 位" in phone.page.inner_text("#queue-place")
    no_wider(phone)
    keep(phone, f"paused-{width}")
    stage.show(PhoneStep.QUEUE, queue=PLACE)
    phone.until("document.getElementById('queue-stopped').hidden")
    assert phone.page.inner_text("#queue-booked") == ""


@SIZES
def test_after_closing_time_the_page_says_when_to_come_back_and_asks_for_nothing(
    stage: Stage, new_phone: Callable[..., Phone], width: int, height: int
) -> None:
    phone = come(stage, new_phone, queue(door=CLOSED, appointment=BOOKED), width, height)
    phone.at("queue", "closed")
    words = phone.page.inner_text("#content")
    assert "请在 11月27日（周五）08:30 以后再打开本页" in words
    assert "您预约了 11月27日（周五）14:00—14:30" in words
    assert "/api/phone/queue/join" not in stage.paths()
    no_wider(phone)
    keep(phone, f"closed-{width}")
    phone.page.click("#secondary")
    phone.at("queue", "closed")
    assert "/api/phone/queue/join" not in stage.paths()


def test_once_the_door_is_open_again_the_page_joins_by_itself(stage: Stage, new_phone: Callable[..., Phone]) -> None:
    phone = come(stage, new_phone, queue(door=CLOSED))
    phone.at("queue", "closed")
    stage.reply = lambda path: queue(queue=PLACE) if path.endswith("/join") else None
    stage.show(PhoneStep.QUEUE)
    phone.at("queue", "waiting")
    assert stage.paths().count("/api/phone/queue/join") == 1


def test_the_language_is_chosen_with_one_touch_and_taken_back_with_another(
    stage: Stage, new_phone: Callable[..., Phone]
) -> None:
    phone = come(stage, new_phone, queue(queue=PLACE))
    phone.at("queue", "waiting")
    assert phone.page.inner_text(".choices").split() == ["普通话", "客家话", "闽南话"]
    stage.reply = lambda path: queue(queue=PLACE, dialect="hakka") if path.endswith("/dialect") else None
    phone.page.click("[data-dialect=hakka]")
    phone.until("document.querySelector('[data-dialect=hakka]').getAttribute('aria-pressed') === 'true'")
    keep(phone, "language")
    assert stage.bodies("/dialect") == [{"dialect": "hakka"}]
    stage.reply = lambda path: queue(queue=PLACE) if path.endswith("/dialect") else None
    phone.page.click("[data-dialect=hakka]")
    phone.until("document.querySelector('[data-dialect=hakka]').getAttribute('aria-pressed') === 'false'")
    assert stage.bodies("/dialect")[-1] == {"dialect": None}


def test_whose_call_was_ended_is_told_and_queues_only_by_their_own_wish(
    stage: Stage, new_phone: Callable[..., Phone]
) -> None:
    joined = list[str]()

    def reply(path: str) -> PhoneView | None:
        if not path.endswith("/queue/join"):
            return None
        joined.append(path)
        return queue(queue=PLACE)

    stage.reply = reply
    phone = come(stage, new_phone, queue(let_go=True, appointment=BOOKED))
    phone.at("queue", "over")
    assert str(BOOKED["text"]) in phone.page.inner_text("#main")
    assert not joined
    keep(phone, "over")
    phone.page.click("#primary")
    phone.at("queue", "waiting")
    assert len(joined) == 1
