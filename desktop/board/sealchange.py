"""Changes who keeps a seal and until when it is valid; with a reason."""

from collections.abc import Callable
from datetime import date, datetime, time, timedelta

from PySide6.QtCore import Qt
from PySide6.QtWidgets import QDialog, QLineEdit, QPlainTextEdit, QWidget

from desktop.model import wording
from desktop.widgets.closing import closing_row
from desktop.widgets.parts import column, label, set_tone
from signing.wire.base import Tone
from signing.wire.seals import LONGEST_DAYS, AmendSeal, SealView

LONGEST_CUSTODIAN, LONGEST_REASON = 50, 500


class AmendDialog(QDialog):
    """``decided(AmendSeal)`` is called once, with what was changed only. Esc goes back."""

    def __init__(self, seal: SealView, decided: Callable[[AmendSeal], None], parent: QWidget) -> None:
        super().__init__(parent)
        self.setObjectName("amend")
        self.setWindowTitle("更改保管和期限")
        self.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        self.setMinimumWidth(480)
        self._seal, self._decided = seal, decided
        self._until = day_of(seal.valid_until)
        self.custodian = _line("amend.custodian", "保管人", seal.custodian, LONGEST_CUSTODIAN)
        self.until = _line("amend.until", "到期日", self._until, 10)
        self.reason = QPlainTextEdit()
        self.reason.setObjectName("amend.reason")
        self.reason.setAccessibleName("原因")
        self.reason.setPlaceholderText("原因会写入访问记录")
        self.reason.setTabChangesFocus(True)
        self.reason.setFixedHeight(72)
        self.fault = label("", "second", wrap=True, name="amend.fault")
        set_tone(self.fault, Tone.STOP)
        layout = column(self, 8, (20, 20, 20, 20))
        layout.addWidget(label(f"更改{seal.kind_title}的保管和期限", "title"))
        layout.addWidget(label("保存后立即生效，正在办理的业务也按新的登记用印。", wrap=True))
        for words, field in (
            ("保管人或保管部门", self.custodian),
            ("到期日（当日起不能再用，写成 2031-11-26 这样）", self.until),
            ("原因", self.reason),
        ):
            layout.addWidget(label(words, "second"))
            layout.addWidget(field)
        layout.addWidget(self.fault)
        line, self.ok = closing_row(self, "amend", "保存", self._ok)
        layout.addLayout(line)
        for changed in (self.custodian.textChanged, self.until.textChanged, self.reason.textChanged):
            changed.connect(self._check)
        self._check()
        self.custodian.setFocus()

    def _change(self) -> AmendSeal | str:
        """The change, or what is still wrong with it; empty as long as nothing is changed."""
        custodian, reason = self.custodian.text().strip(), self.reason.toPlainText().strip()[:LONGEST_REASON]
        until = end_of(self.until.text().strip())
        if not custodian:
            return "请写明由谁保管"
        if until is None:
            return "到期日请写成 2031-11-26 这样"
        latest = datetime.now(wording.BEIJING) + timedelta(days=LONGEST_DAYS)
        if until > latest:
            return f"到期日不能晚于 {day_of(latest)}，到期以前可以再改"
        kept = custodian == self._seal.custodian
        same = self.until.text().strip() == self._until
        if kept and same:
            return ""
        if len(reason) < 2:
            return "请写明原因"
        return AmendSeal(reason=reason, custodian=None if kept else custodian, valid_until=None if same else until)

    def _check(self) -> None:
        change = self._change()
        self.ok.setEnabled(isinstance(change, AmendSeal))
        self.fault.setText(change if isinstance(change, str) else "")

    def _ok(self) -> None:
        change = self._change()
        if isinstance(change, AmendSeal):
            self.accept()
            self._decided(change)


def _line(name: str, title: str, text: str, longest: int) -> QLineEdit:
    made = QLineEdit(text)
    made.setObjectName(name)
    made.setAccessibleName(title)
    made.setMaxLength(longest)
    return made


def day_of(moment: datetime) -> str:
    return moment.astimezone(wording.BEIJING).strftime("%Y-%m-%d")


def end_of(text: str) -> datetime | None:
    """Midnight in Beijing with which that day begins; None where it is no day."""
    try:
        day = date.fromisoformat(text)
    except ValueError:
        return None
    return datetime.combine(day, time(), wording.BEIJING) if day.isoformat() == text else None
