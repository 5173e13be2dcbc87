"""印章登记: the institution's seals with validity, custody and what they may go on, and the log of each one's uses."""

from collections.abc import Sequence

from PySide6.QtCore import Qt
from PySide6.QtWidgets import QDialog, QWidget

from desktop.board.lists import RowList
from desktop.board.rows import Row
from desktop.model import wording
from desktop.widgets.parts import KeyButton, column, label, row
from signing.wire.base import Tone
from signing.wire.seals import SealRegistry, SealUseView, SealView

TONES = {"在用": (Tone.GOOD, "seal"), "未启用": (Tone.NOTICE, "clock"), "已过期": (Tone.CAUTION, "warn")}
ALL = "all"
NOTE = "登记和停用由管理员在服务所在的电脑上用 pingqian seals 办理。每次用印和被拒绝的用印都在记录里。"


class SealsDialog(QDialog):
    """``display`` what the service has; with a seal chosen its own uses, else all. Esc closes it."""

    def __init__(self, parent: QWidget) -> None:
        super().__init__(parent)
        self.setObjectName("seals")
        self.setWindowTitle("印章登记")
        self.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        self.resize(980, 600)
        self._registry = SealRegistry(seals=[], uses=[])
        self.chosen = ALL
        self.seals = RowList("印章", "seals.list", "还没有登记印章，不能用印。请管理员用 pingqian seals add 登记")
        self.uses = RowList("用印记录", "seals.uses", "还没有用印记录", choose=False)
        self.note = label(NOTE, "second", wrap=True)
        self.close_button = KeyButton("关闭", "Escape", name="seals.close")
        self.close_button.clicked.connect(self.reject)
        body = row(spacing=12)
        self.seals.setMinimumWidth(400)
        body.addWidget(self.seals, 4)
        body.addWidget(self.uses, 5)
        below = row(spacing=8)
        below.addWidget(self.note, 1)
        below.addWidget(self.close_button)
        layout = column(self, 10, (16, 14, 16, 12))
        layout.addLayout(body, 1)
        layout.addLayout(below)
        self.seals.chosen.connect(self._choose)

    def display(self, registry: SealRegistry) -> None:
        self._registry = registry
        everything = [Row(ALL, "全部印章", f"{len(registry.seals)} 枚", None, "list")] if registry.seals else []
        self.seals.display([*everything, *(seal_row(one) for one in registry.seals)], self.chosen)
        self.seals.say(str(len(registry.seals)))
        self._show_uses()

    def _choose(self, key: str) -> None:
        self.chosen = key
        self._show_uses()

    def _show_uses(self) -> None:
        titles = {one.seal_id: one.kind_title for one in self._registry.seals}
        shown = [one for one in self._registry.uses if self.chosen in (ALL, one.seal_id)]
        self.uses.display(use_rows(shown, titles))


def seal_row(seal: SealView) -> Row:
    tone, icon = TONES.get(seal.state_title, (None, "lock"))
    since, until = (wording.day_and_time(at)[:10] for at in (seal.valid_from, seal.valid_until))
    papers = f"只用于 {len(seal.documents)} 种文书" if seal.documents else "用于全部文书"
    above = f"，超过 {wording.money(seal.second_above)} 须主管复核" if seal.second_above else ""
    words = [seal.text, f"{since} 至 {until}　保管：{seal.custodian}", f"{papers}{above}"]
    if seal.retired_reason:
        words.append(f"停用原因：{seal.retired_reason}")
    title = f"{seal.kind_title} {seal.number} · {seal.state_title}".replace("  ", " ")
    return Row(seal.seal_id, title, "\n".join(words), tone, icon)


def use_rows(uses: Sequence[SealUseView], titles: dict[str, str]) -> list[Row]:
    return [_use_row(number, one, titles) for number, one in enumerate(uses)]


def _use_row(number: int, use: SealUseView, titles: dict[str, str]) -> Row:
    who = f"经办 {use.by}" + (f"，复核 {use.approved_by}" if use.approved_by else "")
    words = [f"{use.case_no}《{use.document_title}》", who]
    at = wording.day_and_time(use.at)
    if use.refused:
        return Row(str(number), f"{at} 拒绝用印", "\n".join([*words, use.refused]), Tone.STOP, "cross")
    what = titles.get(use.seal_id, "印章")
    return Row(str(number), f"{at} {what}", "\n".join([*words, f"摘要 {use.sha256[:16]}…"]), Tone.GOOD, "check")
