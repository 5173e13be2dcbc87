"""预约: a time for one of the case's customers; shows what stands, which can be moved or cancelled."""

from collections.abc import Callable, Sequence
from datetime import datetime, timedelta
from typing import Protocol

from PySide6.QtCore import Qt
from PySide6.QtWidgets import QDialog, QGridLayout, QHBoxLayout, QWidget

from desktop.bridge import Trouble
from desktop.model import booking as model
from desktop.model import party as parties
from desktop.model.state import State
from desktop.model.wording import utc_now
from desktop.seat.desk import Desk
from desktop.seat.reason import ReasonDialog
from desktop.widgets.closing import closing_row
from desktop.widgets.parts import Choice, KeyButton, column, label, row, set_tone
from signing.wire.base import Tone
from signing.wire.case import PartyView
from signing.wire.queue import Appointment, Booking, NewAppointment, OpenDay

KEY = "Y"
EXPLAINED = "到时客户打开原来的链接排队，会排在前面。每人至多一个预约，另约即改期。"
ASKING = "正在查询…"
Refused = Callable[[Trouble], None]


class Book(Protocol):
    """``made`` is called with the appointment, or ``refused``."""

    def __call__(
        self, party_id: str, message: NewAppointment, made: Callable[[Appointment], None], refused: Refused
    ) -> None: ...


CallOff = Callable[[str, str, Callable[[], None], Refused], None]
"""(appointment_id, reason, told of success, told of a refusal)."""


class BookButton(KeyButton):
    """The button over the parties and what it opens. Dialogs belong to the window."""

    def __init__(self, desk: Desk) -> None:
        super().__init__("预约…", KEY, name="case.book", quiet=True)
        self._desk = desk
        self.clicked.connect(self._open)

    def display(self, state: State) -> None:
        why_not = model.locked(state)
        self.setVisible(state.case is not None)
        self.setEnabled(not why_not and not state.busy)
        self.setToolTip(why_not or "为当事人约一个时间")

    def _open(self) -> None:
        state = self._desk.state
        if state.case is None:
            return
        people = model.bookable(state.case.parties)
        focused = state.party.party_id if state.party else ""
        now = utc_now() + timedelta(seconds=state.clock_offset)
        dialog = BookingDialog(people, focused, now, self._book, self._call_off, self.window())
        dialog.look = lambda: self._desk.booking(dialog.display, dialog.refused)
        dialog.open()
        dialog.look()

    def _book(
        self, party_id: str, message: NewAppointment, made: Callable[[Appointment], None], refused: Refused
    ) -> None:
        def told(appointment: Appointment) -> None:
            self._desk.said.emit(Tone.GOOD, model.made_words(appointment))
            made(appointment)

        self._desk.ask_of_case("book", f"parties/{party_id}/appointment", Appointment, told, message, refused)

    def _call_off(self, appointment_id: str, reason: str, done: Callable[[], None], refused: Refused) -> None:
        self._desk.call_off(appointment_id, reason, done, refused)


class BookingDialog(QDialog):
    """``display`` once the service has said what stands and when the branch works; ``look`` asks it again.

    Closes once an appointment is made; a refusal stays in the dialog.
    """

    def __init__(
        self,
        people: Sequence[PartyView],
        focused: str,
        now: datetime,
        book: Book,
        call_off: CallOff,
        parent: QWidget,
    ) -> None:
        super().__init__(parent)
        self.setObjectName("booking")
        self.setWindowTitle("预约通话时间")
        self.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        self.setMinimumWidth(560)
        self.look: Callable[[], None] = lambda: None
        self._people = {one.party_id: one for one in people}
        self._now, self._book, self._call_off = now, book, call_off
        self._booking = Booking(appointments=[], days=[])
        self._closed = False
        """What arrives afterwards finds no widgets any more."""
        self.finished.connect(self._close)
        self.party = _choice("booking.party", "为谁预约")
        self.day = _choice("booking.day", "日期")
        self.slot = _choice("booking.slot", "时段")
        self.standing = label(ASKING, wrap=True, name="booking.standing")
        self.off = KeyButton("取消预约…", "Ctrl+D", name="booking.off", danger=True)
        self.off.hide()
        self.off.setShortcut("Ctrl+D")
        self.error = label("", wrap=True, name="booking.error")
        set_tone(self.error, Tone.STOP)
        self.error.hide()
        for one in people:
            self.party.addItem(parties.label(one), one.party_id)
        self.party.setCurrentIndex(max(0, self.party.findData(focused)))
        self._arrange()
        self.party.currentIndexChanged.connect(lambda _: self._show_party())
        self.day.currentIndexChanged.connect(lambda _: self._show_slots())
        self.slot.currentIndexChanged.connect(lambda _: self._check())
        self.off.clicked.connect(self._ask_why)
        self._check()

    def _arrange(self) -> None:
        layout = column(self, 12, (20, 20, 20, 20))
        layout.addWidget(label("预约通话时间", "title"))
        layout.addWidget(label(EXPLAINED, "second", wrap=True))
        layout.addLayout(self._grid())
        stands = row()
        stands.addWidget(self.standing, 1)
        stands.addWidget(self.off)
        layout.addLayout(stands)
        layout.addWidget(self.error)
        layout.addLayout(self._buttons())

    def _grid(self) -> QGridLayout:
        grid = QGridLayout()
        grid.setHorizontalSpacing(12)
        grid.addWidget(label("为谁预约", "second"), 0, 0, 1, 2)
        grid.addWidget(self.party, 1, 0, 1, 2)
        for place, (title, choice) in enumerate((("日期", self.day), ("时段（北京时间）", self.slot))):
            grid.addWidget(label(title, "second"), 2, place)
            grid.addWidget(choice, 3, place)
            grid.setColumnStretch(place, 1)
        return grid

    def _buttons(self) -> QHBoxLayout:
        line, self.ok = closing_row(self, "booking", "预约", self._ok)
        return line

    def _close(self) -> None:
        self._closed = True

    # --- what is shown ---

    def display(self, booking: Booking) -> None:
        if self._closed:
            return
        self._booking = booking
        self.error.hide()
        self.day.clear()
        for day in model.choosable(booking.days, self._now):
            self.day.addItem(model.day_title(day, self._now), day)
        if not self.day.count():
            self._say("网点近期没有服务时间，请联系主管设置")
        self._show_party()

    def _made(self) -> Appointment | None:
        return model.of_party(self._booking.appointments, str(self.party.currentData()))

    def _show_party(self) -> None:
        made = self._made()
        self.standing.setText(model.standing_words(made))
        set_tone(self.standing, Tone.GOOD if made else None)
        self.off.setVisible(made is not None)
        self.ok.setText("改到这个时间" if made else "预约")
        if made is not None:
            self._turn_to(made)
        self._check()

    def _turn_to(self, made: Appointment) -> None:
        for number in range(self.day.count()):
            day: OpenDay = self.day.itemData(number)
            if day.opens_at <= made.starts_at < day.closes_at:
                self.day.setCurrentIndex(number)
        for number in range(self.slot.count()):
            if self.slot.itemData(number).is_of(made):
                self.slot.setCurrentIndex(number)

    def _show_slots(self) -> None:
        day: OpenDay | None = self.day.currentData()
        self.slot.clear()
        for slot in model.slots(day, self._now) if day is not None else []:
            self.slot.addItem(slot.title, slot)
        self._check()

    def _check(self) -> None:
        slot: model.Slot | None = self.slot.currentData()
        self.ok.setEnabled(slot is not None and self.party.currentIndex() >= 0 and not slot.is_of(self._made()))

    # --- what is done ---

    def _ok(self) -> None:
        slot: model.Slot = self.slot.currentData()
        self._wait(True)
        self._book(str(self.party.currentData()), slot.message(), self._done, self.refused)

    def _done(self, _made: Appointment) -> None:
        if not self._closed:
            self.accept()

    def _ask_why(self) -> None:
        made = self._made()
        if made is None:
            return

        def call_off(reason: str) -> None:
            self._wait(True)
            self._call_off(made.appointment_id, reason, self._called_off, self.refused)

        question = f"取消{made.party_label}的预约（{made.window}）。客户的手机上不再显示预约时间。"
        ReasonDialog("取消预约", question, model.REASONS, "取消预约", call_off, self).open()

    def _called_off(self) -> None:
        if self._closed:
            return
        self._wait(False)
        self.look()

    def refused(self, trouble: Trouble) -> None:
        if self._closed:
            return
        self._wait(False)
        if self.standing.text() == ASKING:
            self.standing.clear()  # nobody asks any more
        self._say(trouble.text)

    def _wait(self, waiting: bool) -> None:
        self.off.setEnabled(not waiting)
        if waiting:
            self.ok.setEnabled(False)
        else:
            self._check()

    def _say(self, words: str) -> None:
        self.error.setText(words)
        self.error.show()
        self.adjustSize()


def _choice(name: str, title: str) -> Choice:
    made = Choice()
    made.setObjectName(name)
    made.setAccessibleName(title)
    made.setMinimumHeight(36)
    return made
