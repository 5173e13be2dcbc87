"""The case's documents, one at a time; the script with its answers."""

from collections.abc import Callable

from PySide6.QtWidgets import QWidget

from desktop.audit.listing import ListTab
from desktop.model import script, wording
from desktop.widgets.document import DocumentView
from desktop.widgets.parts import Choice, clear, column, label, rule
from signing.wire.audit import AuditCase
from signing.wire.case import DocumentView as DocumentRow
from signing.wire.case import ScriptLineView

Fetch = Callable[[DocumentRow, Callable[[bytes], None]], None]


class DocumentsTab(QWidget):
    """``display`` offers the documents; the chosen one is fetched when the tab is to be seen."""

    def __init__(self, fetch: Fetch, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._fetch = fetch
        self._rows: list[DocumentRow] = []
        self._shown = ""
        self.choice = Choice()
        self.choice.setObjectName("audit.documents")
        self.choice.setAccessibleName("选择文书")
        self._words = label("", "second", wrap=True)
        self.view = DocumentView("audit.document.view")
        self.choice.currentIndexChanged.connect(lambda _: self.load())
        layout = column(self, 8, (8, 8, 8, 8))
        layout.addWidget(self.choice)
        layout.addWidget(self._words)
        layout.addWidget(self.view, 1)

    def display(self, case: AuditCase) -> None:
        self._rows = list(case.case.documents)
        self._shown = ""
        self.choice.blockSignals(True)
        self.choice.clear()
        for document in self._rows:
            self.choice.addItem(f"{document.title}（{wording.DOCUMENT_STATES[document.state]}）")
        self.choice.blockSignals(False)
        self._words.setText("" if self._rows else "这笔业务没有文书")
        if self.isVisible():
            self.load()

    def load(self) -> None:
        """Fetches the chosen document unless it is shown already; each look is recorded by the service."""
        index = self.choice.currentIndex()
        if not 0 <= index < len(self._rows) or self._rows[index].document_id == self._shown:
            return
        document = self._rows[index]
        self._shown = document.document_id
        self._words.setText("正在打开…")
        self._fetch(document, lambda content: self._show(document, content))

    def _show(self, document: DocumentRow, content: bytes) -> None:
        if document.document_id != self._shown:
            return
        ok = self.view.show_pdf(content)
        signed = f"{len(document.signed_by)}/{len(document.signers)} 人已签"
        digest = f"冻结时摘要 {document.frozen_sha256[:16]}…"
        self._words.setText(f"{document.pages} 页 · {signed} · {digest}" if ok else "这份文件不能显示，可能不完整")


class ScriptTab(ListTab):
    """Each line that was read out, with its answer and time."""

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__("audit.script", "告知问答", parent)

    def display(self, case: AuditCase) -> None:
        clear(self._list)
        for line in case.case.script:
            self._list.addWidget(label(f"{line.number}. {line.text}", wrap=True))
            self._list.addWidget(label(_answer(line), "second"))
            self._list.addWidget(rule())
        self._list.addStretch(1)


def _answer(line: ScriptLineView) -> str:
    answer = wording.ANSWERS[line.answer] if line.answer else "未回答"
    at = f" · {wording.time_of_day(line.answered_at)}" if line.answered_at else ""
    unspoken = "（还没有亲口说）" if script.unspoken(line) else ""
    return f"答：{answer}{unspoken}{at}"
