"""The ring: who is calling, how long it has rung, and the two keys."""

from dataclasses import dataclass
from datetime import datetime

from PySide6.QtCore import QRectF, Qt
from PySide6.QtGui import QColor, QPainter, QPaintEvent
from PySide6.QtWidgets import QProgressBar, QWidget

from desktop.model import wording
from desktop.model.state import State
from desktop.seat.desk import Desk
from desktop.widgets.parts import Icon, KeyButton, card, column, label, row, set_tone
from signing.wire.base import Tone
from signing.wire.call import TransferOffer
from signing.wire.staff import Offer


class OfferCard(QWidget):
    """Lies over the workspace while a customer rings; ``tick`` counts down to the moment the offer moves on."""

    def __init__(self, desk: Desk, parent: QWidget) -> None:
        super().__init__(parent)
        self.setObjectName("offer")
        self._ring: Ringing | None = None
        self._whole = 1.0
        self._title = label("", "title", wrap=True, name="offer.title")
        self._name = label("", "big", wrap=True, name="offer.name")
        self._what = label("", wrap=True)
        self._priority = label("", wrap=True)
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
        head.addWidget(self._title, 1)
        head.addWidget(self._count)
        layout.addLayout(head)
        for widget in (self._name, self._what, self._priority, self._bar):
            layout.addWidget(widget)
        buttons = row(spacing=12)
        buttons.addWidget(self.reject)
        buttons.addWidget(self.accept, 1)
        layout.addLayout(buttons)
        return box

    def display(self, state: State, now: datetime) -> None:
        """A customer's ring first, then another seat's call; hidden while neither rings."""
        ring = _of_customer(state.offer, now) or _of_seat(state.transfer_offer)
        if ring is None:
            self._ring = None
            self.hide()
            return
        if self._ring is None or self._ring.key != ring.key:
            self._whole = max(1.0, wording.seconds_between(now, ring.expires_at))
        self._ring = ring
        self._title.setText(ring.title)
        self._name.setText(ring.name)
        self._what.setText(ring.what)
        self._priority.setText(ring.note)
        self._priority.setVisible(bool(ring.note))
        self.reject.setText(ring.other_way)
        self.accept.setEnabled(not state.busy)
        self.reject.setEnabled(not state.busy)
        self.setAccessibleName(f"{ring.title}：{ring.name}")
        self.tick(now)
        self.show()
        self.raise_()

    def tick(self, now: datetime) -> None:
        if self._ring is None:
            return
        left = wording.seconds_between(now, self._ring.expires_at)
        self._count.setText(f"{int(left + 0.5)} {self._ring.after}")
        self._bar.setValue(int(1000 * min(1.0, left / self._whole)))

    def paintEvent(self, event: QPaintEvent) -> None:  # noqa: N802 - Qt's name
        painter = QPainter(self)
        veil = QColor("#0B100E")
        veil.setAlphaF(0.45)
        painter.fillRect(QRectF(self.rect()), veil)


@dataclass(frozen=True)
class Ringing:
    """What the card says; ``after`` follows the seconds that are left."""

    key: str
    title: str
    name: str
    what: str
    note: str
    after: str
    other_way: str
    expires_at: datetime


def _of_customer(offer: Offer | None, now: datetime) -> Ringing | None:
    if offer is None:
        return None
    ticket = offer.ticket
    waited = wording.duration(wording.seconds_between(ticket.waiting_since, now))
    return Ringing(
        key=ticket.ticket_id,
        title="客户来电",
        name=f"{ticket.party_name_masked}  {ticket.role_title}",
        what=f"{ticket.product_title} · 业务 {ticket.case_no} · 已等候 {waited}",
        note=ticket.priority,
        after="秒后转给别的席位",
        other_way="让给别的席位",
        expires_at=offer.expires_at,
    )


def _of_seat(offer: TransferOffer | None) -> Ringing | None:
    if offer is None:
        return None
    return Ringing(
        key=offer.transfer_id,
        title=f"{offer.from_seat} {offer.from_agent} 转来通话",
        name="、".join(offer.parties),
        what=f"{offer.product_title} · 业务 {offer.case_no} · 已通话，接听后客户和已完成的步骤都转到您这里",
        note=f"原因：{offer.reason}",
        after="秒后退回原席位",
        other_way="不接",
        expires_at=offer.expires_at,
    )
