"""The ring: who is calling, how long it has rung, and the two keys."""

from datetime import datetime

from PySide6.QtCore import QRectF, Qt
from PySide6.QtGui import QColor, QPainter, QPaintEvent
from PySide6.QtWidgets import QProgressBar, QWidget

from desktop.model import wording
from desktop.seat.desk import Desk
from desktop.widgets.parts import Icon, KeyButton, card, column, label, row, set_tone
from signing.wire.base import Tone
from signing.wire.staff import Offer


class OfferCard(QWidget):
    """Lies over the workspace while a customer rings; ``tick`` counts down to the moment the offer moves on."""

    def __init__(self, desk: Desk, parent: QWidget) -> None:
        super().__init__(parent)
        self.setObjectName("offer")
        self._offer: Offer | None = None
        self._whole = 1.0
        self._name = label("", "big", name="offer.name")
        self._what = label("", wrap=True)
        self._priority = label("")
        self._count = label("", "second", name="offer.countdown")
        self._bar = QProgressBar()
        self._bar.setRange(0, 1000)
        self._bar.setTextVisible(False)
        self.accept = KeyButton("接听", "Return", icon="phone", name="offer.accept")
        self.accept.set_primary(True)
        self.reject = KeyButton("让给别的席位", "Escape", name="offer.reject")
        self.accept.clicked.connect(desk.accept)
        self.reject.clicked.connect(desk.reject)
        set_tone(self._priority, Tone.NOTICE)
        column(self, 0).addWidget(self._card(), alignment=Qt.AlignmentFlag.AlignCenter)
        self.hide()

    def _card(self) -> QWidget:
        box = card()
        box.setFixedWidth(440)
        layout = column(box, 12, (28, 24, 28, 24))
        head = row(spacing=12)
        head.addWidget(Icon("phone", "primary", 28))
        head.addWidget(label("客户来电", "title"), 1)
        head.addWidget(self._count)
        layout.addLayout(head)
        for widget in (self._name, self._what, self._priority, self._bar):
            layout.addWidget(widget)
        buttons = row(spacing=12)
        buttons.addWidget(self.reject)
        buttons.addWidget(self.accept, 1)
        layout.addLayout(buttons)
        return box

    def display(self, offer: Offer | None, now: datetime, busy: bool) -> None:
        if offer is None:
            self._offer = None
            self.hide()
            return
        ticket = offer.ticket
        if self._offer is None or self._offer.ticket.ticket_id != ticket.ticket_id:
            self._whole = max(1.0, wording.seconds_between(now, offer.expires_at))
        self._offer = offer
        self._name.setText(f"{ticket.party_name_masked}  {ticket.role_title}")
        waited = wording.duration(wording.seconds_between(ticket.waiting_since, now))
        self._what.setText(f"{ticket.product_title} · 业务 {ticket.case_no} · 已等候 {waited}")
        self._priority.setText(ticket.priority)
        self._priority.setVisible(bool(ticket.priority))
        self.accept.setEnabled(not busy)
        self.reject.setEnabled(not busy)
        self.setAccessibleName(f"客户来电：{self._name.text()}")
        self.tick(now)
        self.show()
        self.raise_()

    def tick(self, now: datetime) -> None:
        if self._offer is None:
            return
        left = wording.seconds_between(now, self._offer.expires_at)
        self._count.setText(f"{int(left + 0.5)} 秒后转给别的席位")
        self._bar.setValue(int(1000 * min(1.0, left / self._whole)))

    def paintEvent(self, event: QPaintEvent) -> None:  # noqa: N802 - Qt's name
        painter = QPainter(self)
        veil = QColor("#0B100E")
        veil.setAlphaF(0.45)
        painter.fillRect(QRectF(self.rect()), veil)
