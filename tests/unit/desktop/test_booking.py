"""预约: which days and half hours there are, what the dialog shows, sends and says."""

import os
from collections.abc import Callable, Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from PySide6.QtWidgets import QApplication, QDialog, QLabel, QWidget
from pytestqt.qtbot import QtBot
from shiboken6 import isValid

from desktop.bridge import Trouble
from desktop.model import booking as model
from desktop.model import workspace as w
from desktop.seat.booking import BookButton, BookingDialog, Refused
from desktop.seat.reason import ReasonDialog
from desktop.seat.workspace import SeatWorkspace
from desktop.widgets import theme
from signing.wire.case import PartyState, Phase, StepKey
from signing.wire.queue import Appointment, Booking, NewAppointment, OpenDay
from signing.wire.staff import Presence
from tests.unit.desktop import views

MORNING = datetime(2026, 11, 26, 0, 30, tzinfo=UTC)
"""Thursday 08:30 in Beijing, as the branch opens."""


def day(ahead: int, hours: float = 9) -> OpenDay:
    opens = MORNING + timedelta(days=ahead)
    return OpenDay(opens_at=opens, closes_at=opens + timedelta(hours=hours))


def appointment(
    party_id: str = "p1", starts: datetime = MORNING + timedelta(days=1, hours=5, minutes=30)
) -> Appointment:
    return Appointment(
        appointment_id="a1", party_id=party_id, case_id="k1", case_no="2026-00318", product_title="信用村授信贷款",
        party_label="借款人 王*国", starts_at=starts, ends_at=starts + model.LENGTH,
        window="11月27日（周五）14:00—14:30",
    )  # fmt: skip


# --- days and half hours ----------------------------------------------------------------------------------------------


def test_half_hours_begin_in_the_future_and_end_by_closing_time() -> None:
    found = model.slots(day(0, 2.75), MORNING + timedelta(minutes=30))
    assert [one.title for one in found] == ["09:30—10:00", "10:00—10:30", "10:30—11:00"]
    assert found[0].message() == NewAppointment(starts_at=found[0].starts_at, ends_at=found[0].ends_at)


def test_a_day_that_is_over_but_for_a_rest_cannot_be_chosen() -> None:
    late = MORNING + timedelta(hours=8, minutes=45)
    assert model.choosable([day(0), day(1)], late) == [day(1)]


def test_days_are_named_as_people_say_them() -> None:
    titles = [model.day_title(day(ahead), MORNING) for ahead in (0, 1, 2)]
    assert titles == ["今天 11月26日（周四）", "明天 11月27日（周五）", "11月28日（周六）"]


def test_days_are_beijings() -> None:
    """Early in Beijing it is still yesterday in UTC."""
    assert model.day_title(day(0), datetime(2026, 11, 25, 17, 0, tzinfo=UTC)).startswith("今天")


def state(phase: Phase = Phase.IN_CALL, *reached: PartyState) -> w.State:
    people = [views.party(f"p{number}", state=one) for number, one in enumerate(reached, 1)]
    about = views.case(StepKey.IDENTITY, others=[views.party("p2")])
    about = about.model_copy(update={"phase": phase, **({"parties": people} if people else {})})
    return w.State(view=views.view(Presence.WRAP_UP, about=about), focus="p2")


@pytest.mark.parametrize(
    ("now", "words"),
    [
        (w.State(view=views.view()), "没有打开的业务"),
        (state(), ""),
        (state(Phase.SIGNED), "各方都已签署，不需要再预约"),
        (state(Phase.EXPIRED), "业务已结束，不能预约"),
        (state(Phase.STOPPED), "业务已停住，不能预约"),
        (state(Phase.IN_CALL, PartyState.SIGNED, PartyState.REFUSED), "没有需要再通话的当事人"),
        (state(Phase.IN_CALL, PartyState.SIGNED, PartyState.READ), ""),
    ],
)
def test_what_stands_against_it_is_said(now: w.State, words: str) -> None:
    assert model.locked(now) == words


def test_every_phase_is_open_or_says_why_not() -> None:
    assert {phase for phase in Phase if not model.locked(state(phase))} == {
        phase for phase in Phase if phase.value not in
        ("signed", "sealed", "closed", "stopped", "aborted", "withdrawn", "refused", "expired")
    }  # fmt: skip


# --- the dialog -------------------------------------------------------------------------------------------------------


class Service:
    """Takes what the dialog sends, and answers as it is told to."""

    def __init__(self) -> None:
        self.booked: list[tuple[str, NewAppointment]] = []
        self.called_off: list[tuple[str, str]] = []
        self.looks = 0
        self.trouble: Trouble | None = None

    def book(
        self, party_id: str, message: NewAppointment, made: Callable[[Appointment], None], refused: Refused
    ) -> None:
        self.booked.append((party_id, message))
        if self.trouble is None:
            made(appointment(party_id))
        else:
            refused(self.trouble)

    def call_off(self, appointment_id: str, reason: str, done: Callable[[], None], refused: Refused) -> None:
        self.called_off.append((appointment_id, reason))
        done()


@pytest.fixture
def service() -> Service:
    return Service()


@pytest.fixture
def opened(qtbot: QtBot, service: Service) -> Iterator[BookingDialog]:
    parent = QWidget()
    qtbot.addWidget(parent)
    people = [views.party("p1"), views.party("p2")]
    dialog = BookingDialog(people, "p1", MORNING, service.book, service.call_off, parent)

    def look() -> None:
        service.looks += 1

    dialog.look = look
    dialog.open()
    yield dialog
    if isValid(dialog):
        dialog.reject()


def texts(choice: object) -> list[str]:
    return [choice.itemText(n) for n in range(choice.count())]  # type: ignore[attr-defined]


def booking(*appointments: Appointment) -> Booking:
    return Booking(appointments=list(appointments), days=[day(0), day(1), day(4)])


def test_until_the_service_answers_nothing_can_be_sent(opened: BookingDialog) -> None:
    assert not opened.ok.isEnabled()
    assert opened.standing.text() == "正在查询…"
    opened.display(booking())
    assert opened.ok.isEnabled()
    assert opened.standing.text() == "还没有预约"
    assert not opened.off.isVisible()
    assert texts(opened.day) == ["今天 11月26日（周四）", "明天 11月27日（周五）", "11月30日（周一）"]
    assert texts(opened.slot)[0] == "09:00—09:30"
    assert texts(opened.slot)[-1] == "17:00—17:30"


def test_a_time_is_appointed_for_the_chosen_customer(opened: BookingDialog, service: Service) -> None:
    opened.display(booking())
    assert texts(opened.party) == ["借款人 王*国", "保证人 李*梅"]
    opened.party.setCurrentIndex(1)
    opened.day.setCurrentIndex(1)
    opened.slot.setCurrentIndex(texts(opened.slot).index("14:00—14:30"))
    opened.ok.click()
    starts = MORNING + timedelta(days=1, hours=5, minutes=30)
    assert service.booked == [("p2", NewAppointment(starts_at=starts, ends_at=starts + timedelta(minutes=30)))]
    assert not opened.isVisible()


def test_what_stands_is_shown_and_can_be_moved_but_not_to_itself(opened: BookingDialog, service: Service) -> None:
    opened.display(booking(appointment()))
    assert opened.standing.text() == "已预约 11月27日（周五）14:00—14:30"
    assert (opened.day.currentText(), opened.slot.currentText()) == ("明天 11月27日（周五）", "14:00—14:30")
    assert opened.ok.text() == "改到这个时间"
    assert not opened.ok.isEnabled()
    opened.slot.setCurrentIndex(opened.slot.currentIndex() + 1)
    assert opened.ok.isEnabled()
    opened.party.setCurrentIndex(1)
    assert (opened.standing.text(), opened.ok.text()) == ("还没有预约", "预约")
    opened.party.setCurrentIndex(0)
    assert opened.slot.currentText() == "14:00—14:30", "what stands is turned to again"


def test_it_is_cancelled_with_a_reason_and_asked_for_anew(opened: BookingDialog, service: Service) -> None:
    opened.display(booking(appointment()))
    opened.off.click()
    (reason,) = opened.findChildren(ReasonDialog)
    asked = " ".join(one.text() for one in reason.findChildren(QLabel))
    assert "借款人 王*国" in asked
    assert "11月27日（周五）14:00—14:30" in asked
    reason.text.setPlainText("客户改期")
    reason.ok.click()
    assert service.called_off == [("a1", "客户改期")]
    assert service.looks == 1
    opened.display(booking())
    assert opened.standing.text() == "还没有预约"


def test_a_refusal_stays_in_the_dialog(opened: BookingDialog, service: Service) -> None:
    service.trouble = Trouble("11月26日（周四）09:00 不在网点的服务时间", "请按网点的服务时间预约")
    opened.display(booking())
    opened.ok.click()
    assert opened.isVisible()
    assert "不在网点的服务时间" in opened.error.text()
    assert opened.ok.isEnabled()


def test_what_could_not_be_asked_is_not_said_to_be_asked(opened: BookingDialog) -> None:
    assert (opened.standing.text(), opened.off.isVisible()) == ("正在查询…", False)
    opened.refused(Trouble("连不上服务", "请检查网络"))
    assert opened.standing.text() == ""
    assert "连不上服务" in opened.error.text()


def test_a_branch_without_hours_ahead_says_so(opened: BookingDialog) -> None:
    opened.display(Booking(appointments=[], days=[]))
    assert "没有服务时间" in opened.error.text()
    assert not opened.ok.isEnabled()


def test_an_answer_after_it_was_closed_changes_nothing(opened: BookingDialog, qtbot: QtBot) -> None:
    opened.reject()
    qtbot.wait(20)
    opened.display(booking())
    opened.refused(Trouble("晚了", ""))


# --- in the workspace -------------------------------------------------------------------------------------------------


def show(workspace: SeatWorkspace, now: w.State) -> BookButton:
    workspace.desk.state = now
    workspace.display()
    found = workspace.findChild(BookButton)
    assert isinstance(found, BookButton)
    return found


def keep(widget: QWidget, name: str) -> None:
    """A picture to look at, where a folder for it is given."""
    if folder := os.environ.get("SCREENS"):
        widget.grab().save(str(Path(folder) / f"{name}.png"))


@pytest.mark.parametrize("word", ["light", "dark"])
def test_the_button_stands_over_the_parties_and_opens_the_dialog(
    workspace: SeatWorkspace, word: str, qtbot: QtBot
) -> None:
    app = QApplication.instance()
    assert isinstance(app, QApplication)
    theme.apply(app, word)
    try:
        button = show(workspace, state())
        assert button.isVisible()
        assert button.isEnabled()
        button.click()
        dialog = workspace.window().findChild(QDialog, "booking")
        assert isinstance(dialog, BookingDialog)
        assert dialog.party.currentText() == "保证人 李*梅", "the focused one"
        dialog.display(booking(appointment("p2")))
        qtbot.wait(50)
        for whole in (dialog.party, dialog.day, dialog.slot):
            assert whole.height() >= whole.sizeHint().height(), "no word of it is cut off"
        assert dialog.ok.width() >= dialog.ok.sizeHint().width(), "no word of it is cut off"
        keep(workspace, f"booking-workspace-{word}")
        keep(dialog, f"booking-{word}")
        dialog.party.setCurrentIndex(0)
        dialog.refused(Trouble("11月26日（周四）09:00 不在网点的服务时间", "请按网点的服务时间预约"))
        qtbot.wait(50)
        keep(dialog, f"booking-refused-{word}")
        dialog.reject()
    finally:
        theme.apply(app, "light")


def test_what_cannot_be_done_says_why_on_the_button(workspace: SeatWorkspace) -> None:
    button = show(workspace, state(Phase.SIGNED))
    assert not button.isEnabled()
    assert button.toolTip() == "各方都已签署，不需要再预约"
    assert not show(workspace, w.State(view=views.view())).isVisible()


def test_its_key_is_no_other_buttons(workspace: SeatWorkspace) -> None:
    from desktop.widgets.parts import KeyButton

    keys = [one.key for one in workspace.findChildren(KeyButton) if one.key == "Y"]
    assert keys == ["Y"]
