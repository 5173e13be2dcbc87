"""One registered seal: its picture as it is drawn on papers, and what the registry says of it."""

from datetime import datetime

from PySide6.QtCore import QRectF, Qt
from PySide6.QtGui import QColor, QPainter, QPaintEvent, QPen, QPixmap
from PySide6.QtWidgets import QFrame, QWidget

from desktop.board.sealchange import day_of, end_of
from desktop.model import wording
from desktop.widgets import theme
from desktop.widgets.parts import Badge, Elided, column, label, row
from signing.wire.base import Tone
from signing.wire.seals import SealView

SIDE = 216
"""Points; the picture has three pixels for each, so that the strokes of the name can be judged."""
STATES = {
    "在用": (Tone.GOOD, "check"),
    "未启用": (Tone.NOTICE, "clock"),
    "已过期": (Tone.CAUTION, "warn"),
    "已暂停": (Tone.CAUTION, "pause"),
    "已停用": (Tone.STOP, "lock"),
}


class SealPicture(QWidget):
    """On white, in light and dark: it is red ink on paper. ``display(None)``: nothing is there yet."""

    def __init__(self) -> None:
        super().__init__()
        self.setObjectName("seals.picture")
        self.setFixedSize(SIDE, SIDE)
        self._picture = QPixmap()

    def display(self, png: bytes | None, words: str) -> None:
        self._picture = QPixmap()
        if png is not None:
            self._picture.loadFromData(png)
        self.setAccessibleName(f"印模：{words}" if not self._picture.isNull() else "还没有印模")
        self.update()

    @property
    def shown(self) -> bool:
        return not self._picture.isNull()

    def paintEvent(self, event: QPaintEvent) -> None:  # noqa: N802 - Qt's name
        painter = QPainter(self)
        painter.setRenderHints(QPainter.RenderHint.Antialiasing | QPainter.RenderHint.SmoothPixmapTransform)
        paper = QRectF(self.rect()).adjusted(0.5, 0.5, -0.5, -0.5)
        painter.setPen(QPen(QColor(theme.tokens().line), 1))
        painter.setBrush(QColor("#FFFFFF"))
        painter.drawRoundedRect(paper, 8, 8)
        if self.shown:
            painter.drawPixmap(paper.adjusted(12, 12, -12, -12), self._picture, QRectF(self._picture.rect()))


class SealCard(QFrame):
    """``display`` one seal, or None where none is chosen; ``show_picture`` when it has come."""

    def __init__(self) -> None:
        super().__init__()
        self.setProperty("card", True)
        self.setObjectName("seals.card")
        self.picture = SealPicture()
        self.title = Elided("", "title")
        self.state = Badge()
        self.state.setObjectName("seals.state")
        self.facts = label("", wrap=True, name="seals.facts")
        self.facts.setTextInteractionFlags(Qt.TextInteractionFlag.TextSelectableByMouse)
        head = row(spacing=8)
        head.addWidget(self.title, 1)
        head.addWidget(self.state)
        words = column(spacing=6)
        words.addLayout(head)
        words.addWidget(self.facts)
        words.addStretch(1)
        layout = row(self, 16, (14, 12, 14, 12))
        layout.addWidget(self.picture, alignment=Qt.AlignmentFlag.AlignTop)
        layout.addLayout(words, 1)
        self.display(None)

    def display(self, seal: SealView | None) -> None:
        self.state.setVisible(seal is not None)
        if seal is None:
            self.title.setText("全部印章")
            self.facts.setText("选中一枚印章，这里显示它的印模、有效期、保管人和可用的文书。")
            self.picture.display(None, "")
            return
        self.title.setText(f"{seal.kind_title} {seal.number}".strip())
        tone, icon = STATES.get(seal.state_title, (Tone.NOTICE, "seal"))
        self.state.display(seal.state_title, tone, icon)
        self.facts.setText("\n".join(facts(seal)))

    def show_picture(self, seal: SealView, png: bytes) -> None:
        self.picture.display(png, f"{seal.kind_title} {seal.text}")


def _end(until: datetime) -> str:
    """An end that was set is the midnight with which its day begins; an institution's first seal ends at the hour of
    its making."""
    if until == end_of(day_of(until)):
        return f"{day_of(until)}（到期日当日起不能再用）"
    return f"{wording.day_and_minute(until)}（到这一时刻起不能再用）"


def facts(seal: SealView) -> list[str]:
    """Line by line what the registry says."""
    papers = "、".join(seal.document_titles or seal.documents) if seal.documents else "全部文书"
    above = f"超过 {wording.money(seal.second_above)} 须由未经办的主管复核" if seal.second_above else "不限金额"
    lines = [
        f"印文：{seal.text}",
        f"有效期：{day_of(seal.valid_from)} 至 {_end(seal.valid_until)}",
        f"保管：{seal.custodian}",
        f"可用于：{papers}",
        f"复核：{above}",
    ]
    if seal.suspended_at is not None:
        at = wording.day_and_minute(seal.suspended_at)
        lines.append(f"暂停：{seal.suspended_by} {at}，{seal.suspended_reason}")
    if seal.retired_reason:
        lines.append(f"停用：{seal.retired_reason}（不能恢复）")
    return lines
