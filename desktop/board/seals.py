"""印章登记: the institution's seals with picture, validity, custody and what they may go on; what a supervisor may do
about them; and the log of each one's uses."""

from collections.abc import Sequence
from functools import partial

from PySide6.QtCore import Qt
from PySide6.QtGui import QKeySequence, QShortcut
from PySide6.QtWidgets import QDialog, QHBoxLayout, QVBoxLayout, QWidget

from desktop.board.desk import BoardDesk
from desktop.board.lists import RowList
from desktop.board.rows import Row
from desktop.board.sealcard import SealCard
from desktop.board.sealchange import AmendDialog, day_of
from desktop.model import wording
from desktop.seat.reason import ReasonDialog
from desktop.widgets.notice import Toast
from desktop.widgets.parts import KeyButton, column, label, row
from signing.wire.base import Tone
from signing.wire.seals import SealRegistry, SealUseView, SealView

TONES = {
    "在用": (Tone.GOOD, "seal"),
    "未启用": (Tone.NOTICE, "clock"),
    "已过期": (Tone.CAUTION, "warn"),
    "已暂停": (Tone.CAUTION, "pause"),
}
ALL = "all"
NOTE = "登记新印章和停用（不能恢复）由管理员用 pingqian seals 办理。更改写入访问记录；每次用印和拒绝都在用印记录里。"
SUSPEND_REASONS = ("印章或保管有疑问，正在核实", "印章送检或更换", "保管人离岗，交接完成前不用")
RESUME_REASONS = ("已核实，可以使用", "检验完毕，印模无变化", "交接已完成")


class SealsDialog(QDialog):
    """Asks the desk for what it shows, again after each change; its uses are those of the chosen seal."""

    def __init__(self, desk: BoardDesk, parent: QWidget) -> None:
        super().__init__(parent)
        self.setObjectName("seals")
        self.setWindowTitle("印章登记")
        self.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        self.resize(1080, 660)
        self._desk, self._open = desk, True
        self._pictures: dict[str, bytes] = {}
        self._registry: SealRegistry | None = None
        self._mark = _mark(desk)
        self.chosen = ""
        """A seal, ``ALL``, or empty before there is anything to choose."""
        self.seals = RowList("印章", "seals.list", "正在读取…")
        self.card = SealCard()
        self.uses = RowList("用印记录", "seals.uses", "还没有用印记录", choose=False)
        self.pause = KeyButton("暂停使用…", "P", icon="pause", name="seals.pause", danger=True)
        self.resume = KeyButton("恢复使用…", "R", icon="check", name="seals.resume")
        self.amend = KeyButton("更改保管和期限…", "M", icon="pen", name="seals.amend")
        self.close_button = KeyButton("关闭", "Escape", name="seals.close")
        self.toast = Toast(self)
        """What is said while this window lies over the board's own."""
        self._arrange()
        self._bind()
        self._show()
        self.seals.rows.setFocus()
        self.load()

    def _arrange(self) -> None:
        body = row(spacing=12)
        self.seals.setFixedWidth(330)
        body.addWidget(self.seals)
        body.addLayout(self._right(), 1)
        layout = column(self, 10, (16, 14, 16, 12))
        layout.addLayout(body, 1)
        below = row(spacing=8)
        below.addWidget(label(NOTE, "second", wrap=True), 1)
        below.addWidget(self.close_button)
        layout.addLayout(below)

    def _right(self) -> QVBoxLayout:
        right = column(spacing=8)
        right.addWidget(self.card)
        right.addLayout(self._buttons())
        right.addWidget(self.uses, 1)
        return right

    def _buttons(self) -> QHBoxLayout:
        line = row(spacing=8)
        for button in (self.amend, self.resume, self.pause):
            line.addWidget(button)
        line.addStretch(1)
        return line

    def _bind(self) -> None:
        self.seals.chosen.connect(self._choose)
        self.pause.clicked.connect(self._ask_pause)
        self.resume.clicked.connect(self._ask_resume)
        self.amend.clicked.connect(self._ask_amend)
        self.close_button.clicked.connect(self.reject)
        self._desk.said.connect(self.toast.display)
        self._desk.changed.connect(self._follow)
        for button in (self.pause, self.resume, self.amend):
            shortcut = QShortcut(QKeySequence(button.key), self)
            shortcut.activated.connect(partial(_press, button))

    def done(self, result: int) -> None:
        """What still comes afterwards is shown to nobody."""
        self._open = False
        super().done(result)

    # --- what is shown --------------------------------------------------------------------------------------------

    @property
    def seal(self) -> SealView | None:
        """The chosen one."""
        seals = self._registry.seals if self._registry is not None else []
        return next((one for one in seals if one.seal_id == self.chosen), None)

    def load(self) -> None:
        """Asks anew, for the uses of what is chosen."""
        wanted = self.chosen
        seal_id = "" if wanted in ("", ALL) else wanted
        self._desk.ask_registry(partial(self._came, wanted), seal_id)

    def _follow(self) -> None:
        """Asks anew where somebody else has changed or used a seal."""
        mark = _mark(self._desk)
        if self._open and mark != self._mark:
            self._mark = mark
            self.load()

    def _came(self, wanted: str, registry: SealRegistry) -> None:
        if not self._open or wanted != self.chosen:
            return
        first = self._registry is None
        self._registry = registry
        if first and registry.seals:
            self.chosen = registry.seals[0].seal_id
            self.load()
        self._show()

    def _changed(self, registry: SealRegistry) -> None:
        """A change was carried out: the uses of the chosen one are asked for anew."""
        if self._open:
            self._registry = registry
            self._show()
            self.load()

    def _choose(self, key: str) -> None:
        self.chosen = key
        self._show()
        self.load()

    def _show(self) -> None:
        registry, seal = self._registry, self.seal
        if registry is not None:
            self.seals.set_empty("还没有登记印章，不能用印。请管理员用 pingqian seals add 登记")
            everything = [Row(ALL, "全部印章", f"{len(registry.seals)} 枚", None, "list")] if registry.seals else []
            self.seals.display([*(seal_row(one) for one in registry.seals), *everything], self.chosen)
            self.seals.say(str(len(registry.seals)))
            titles = {one.seal_id: one.kind_title for one in registry.seals}
            self.uses.display(use_rows(_of(registry.uses, self.chosen), titles))
        self.card.display(seal)
        self._show_picture(seal)
        for button, may in (
            (self.pause, seal is not None and seal.suspended_at is None),
            (self.resume, seal is not None and seal.suspended_at is not None),
        ):
            button.setVisible(may or (button is self.pause and seal is None))
            button.setEnabled(may and _kept(seal))
        self.amend.setEnabled(_kept(seal))

    def _show_picture(self, seal: SealView | None) -> None:
        if seal is None:
            return
        if (png := self._pictures.get(seal.seal_id)) is not None:
            self.card.show_picture(seal, png)
        else:
            self.card.picture.display(None, "")
            self._desk.fetch_seal(seal.seal_id, partial(self._picture_came, seal))

    def _picture_came(self, seal: SealView, png: bytes) -> None:
        self._pictures[seal.seal_id] = png
        if self._open and self.chosen == seal.seal_id:
            self.card.show_picture(seal, png)

    # --- what is done ---------------------------------------------------------------------------------------------

    def _ask_pause(self) -> None:
        if (seal := self.seal) is not None:
            question = (
                f"{named(seal)}。\n立即生效：已经申请、还没有盖上的用印也不再使用这枚印章。"
                "以后可以恢复。请写明原因，会写入访问记录。"
            )
            act = partial(self._desk.suspend_seal, seal, then=self._changed)
            ReasonDialog("暂停使用印章", question, SUSPEND_REASONS, "暂停使用", act, self).open()

    def _ask_resume(self) -> None:
        if (seal := self.seal) is not None:
            question = f"{named(seal)}。\n暂停的原因：{seal.suspended_reason}。\n立即生效。请写明原因，会写入访问记录。"
            act = partial(self._desk.resume_seal, seal, then=self._changed)
            ReasonDialog("恢复使用印章", question, RESUME_REASONS, "恢复使用", act, self, danger=False).open()

    def _ask_amend(self) -> None:
        if (seal := self.seal) is not None:
            AmendDialog(seal, partial(self._desk.amend_seal, seal, then=self._changed), self).open()


def _mark(desk: BoardDesk) -> str:
    view = desk.state.view
    return view.seals_mark if view is not None else ""


def _press(button: KeyButton) -> None:
    if button.isVisible() and button.isEnabled():
        button.click()


def _kept(seal: SealView | None) -> bool:
    """Whether anything may be changed of it: what is retired stays so."""
    return seal is not None and seal.state_title != "已停用"


def _of(uses: Sequence[SealUseView], chosen: str) -> list[SealUseView]:
    return [one for one in uses if chosen in ("", ALL, one.seal_id)]


def named(seal: SealView) -> str:
    return " ".join(filter(None, (seal.kind_title, seal.number, seal.text)))


def seal_row(seal: SealView) -> Row:
    tone, icon = TONES.get(seal.state_title, (None, "lock"))
    until = f"到期 {day_of(seal.valid_until)}　保管：{seal.custodian}"
    title = f"{seal.kind_title} · {seal.state_title}"
    return Row(seal.seal_id, title, "\n".join((seal.text, until)), tone, icon)


def use_rows(uses: Sequence[SealUseView], titles: dict[str, str]) -> list[Row]:
    return [_use_row(number, one, titles) for number, one in enumerate(uses)]


def _use_row(number: int, use: SealUseView, titles: dict[str, str]) -> Row:
    who = f"经办 {use.by}" + (f"，复核 {use.approved_by}" if use.approved_by else "")
    what_on = f"{use.case_no}《{use.document_title}》"
    at = wording.day_and_time(use.at)
    if use.refused:
        return Row(str(number), f"{at} 拒绝用印", "\n".join((what_on, who, use.refused)), Tone.STOP, "cross")
    what = titles.get(use.seal_id, "印章")
    return Row(str(number), f"{at} {what}", "\n".join((what_on, f"{who}　摘要 {use.sha256[:16]}…")), Tone.GOOD, "check")
