"""What a verification found, in words first. Unknown is never green."""

from PySide6.QtCore import QSize, Qt
from PySide6.QtWidgets import QListWidget, QListWidgetItem, QWidget

from desktop.model import wording
from desktop.widgets.notice import keep_clear
from desktop.widgets.parts import TONE_ICONS, Badge, Elided, Icon, column, label, row, set_tone
from signing.wire.audit import Verdict, VerificationReport, VerifiedItem
from signing.wire.base import Tone
from signing.wire.case import CaseView, DocumentView

WORDS = {
    Verdict.VALID: ("已验证", Tone.GOOD),
    Verdict.INCOMPLETE: ("不完整", Tone.CAUTION),
    Verdict.ALTERED: ("已被改动", Tone.STOP),
    Verdict.UNTRUSTED: ("不能追溯到您信任的根证书", Tone.STOP),
    Verdict.UNREADABLE: ("无法读取", Tone.STOP),
}
UNKNOWN = ("尚未核验", Tone.NOTICE)


def headline(report: VerificationReport) -> tuple[str, Tone]:
    """The badge: the service's own headline, which begins with the verdict's word, or that word before it."""
    word, tone = WORDS[report.verdict]
    return (report.headline if report.headline.startswith(word) else f"{word}：{report.headline}"), tone


def in_words(report: VerificationReport, case: CaseView) -> VerificationReport:
    """With each paper by its title and its signers, where the service names its file in the package."""
    names = {one.party_id: one.name_masked for one in case.parties}
    papers = {f"documents/{one.document_id}.pdf": _called(one, names) for one in case.documents}
    words = report.headline
    for file, title in papers.items():
        words = words.replace(file, title)
    items = [
        item.model_copy(update={"name": papers[item.name], "detail": f"{item.detail} · {item.name}"})
        if item.name in papers
        else item
        for item in report.items
    ]
    return report.model_copy(update={"headline": words, "items": items})


def _called(document: DocumentView, names: dict[str, str]) -> str:
    signers = "、".join(names[one] for one in document.signers if one in names)
    return f"《{document.title}》（{signers}）" if signers else f"《{document.title}》"


class VerdictBar(QWidget):
    """The badge above the player."""

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.badge = Badge("", Tone.NOTICE)
        self.badge.setObjectName("audit.verdict")
        keep_clear(self.badge)
        row(self).addWidget(self.badge, alignment=Qt.AlignmentFlag.AlignLeft)
        self.forget()

    def display(self, report: VerificationReport) -> None:
        self.badge.display(*headline(report))

    def say(self, text: str, tone: Tone = Tone.NOTICE) -> None:
        self.badge.display(text, tone)

    def forget(self) -> None:
        self.badge.display(*UNKNOWN)


class ItemList(QWidget):
    """Every checked item, the bad ones first, and what this check could not do."""

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._summary = label("点“核验”逐项检查：事件链、文书签名、时间戳、录像分段。", "second", wrap=True)
        self.list = QListWidget()
        self.list.setObjectName("audit.items")
        self.list.setAccessibleName("核验项目")
        layout = column(self, 8, (8, 8, 8, 8))
        layout.addWidget(self._summary)
        layout.addWidget(self.list, 1)

    def forget(self) -> None:
        self.list.clear()
        self._summary.setText("点“核验”逐项检查：事件链、文书签名、时间戳、录像分段。")

    def display(self, report: VerificationReport) -> None:
        bad = sum(not item.ok for item in report.items)
        at = wording.day_and_time(report.checked_at)
        self._summary.setText(
            f"{at} 核验 {len(report.items)} 项，不符 {bad} 项；签名 {report.signatures}，时间戳 {report.timestamps}"
        )
        self.list.clear()
        for item in sorted(report.items, key=lambda item: item.ok):
            self._add(_item_line(item))
        for text in report.not_checked:
            self._add(_words_line(Tone.CAUTION, "这次没有核对", text))

    def _add(self, line: QWidget) -> None:
        item = QListWidgetItem()
        item.setSizeHint(QSize(0, 56))
        self.list.addItem(item)
        self.list.setItemWidget(item, line)


def _item_line(item: VerifiedItem) -> QWidget:
    return _words_line(Tone.GOOD if item.ok else Tone.STOP, item.name, item.detail)


def _words_line(tone: Tone, title: str, detail: str) -> QWidget:
    line = QWidget()
    line.setToolTip(f"{title}\n{detail}")
    layout = row(line, 10, (12, 4, 10, 5))
    layout.addWidget(Icon(TONE_ICONS[tone], tone.value, 16))
    words = column(spacing=2)
    head = Elided(title)
    set_tone(head, tone if tone is not Tone.GOOD else None)
    words.addWidget(head)
    words.addWidget(Elided(detail, "second"))
    layout.addLayout(words, 1)
    return line
