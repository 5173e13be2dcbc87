"""The papers of a case, to be looked at before a supervisor says whether the seals may be used."""

from collections.abc import Callable

from PySide6.QtCore import Qt
from PySide6.QtGui import QKeySequence, QShortcut
from PySide6.QtWidgets import QDialog, QWidget

from desktop.model import wording
from desktop.widgets.document import DocumentView
from desktop.widgets.parts import Choice, KeyButton, column, label, row
from signing.wire.board import SealRequest

Fetch = Callable[[str, str, Callable[[bytes], None]], None]
"""(case, document, then)"""


class PapersDialog(QDialog):
    """Each paper is fetched when it is chosen: every look is on record. Esc closes it."""

    def __init__(self, request: SealRequest, fetch: Fetch, parent: QWidget) -> None:
        super().__init__(parent)
        self.setObjectName("papers")
        self.setWindowTitle(f"{request.case_no} 的文书")
        self.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        self.resize(860, 660)
        self._request, self._fetch, self._shown = request, fetch, ""
        self.choice = Choice()
        self.choice.setObjectName("papers.choice")
        self.choice.setAccessibleName("选择文书")
        for paper in request.papers:
            self.choice.addItem(paper.title, paper.document_id)
        self.words = label("", "second", name="papers.words")
        self.view = DocumentView("papers.view")
        self.next = KeyButton("下一份", "N", name="papers.next")
        self.close_button = KeyButton("关闭", "Escape", name="papers.close")
        head = row(spacing=8)
        head.addWidget(label(f"{request.product_title} {wording.money(request.amount)}", "title"), 1)
        head.addWidget(self.next)
        head.addWidget(self.close_button)
        layout = column(self, 8, (12, 12, 12, 12))
        layout.addLayout(head)
        layout.addWidget(self.choice)
        layout.addWidget(self.words)
        layout.addWidget(self.view, 1)
        self.choice.currentIndexChanged.connect(lambda _: self.load())
        self.next.clicked.connect(self._next)
        self.next.setEnabled(len(request.papers) > 1)
        self.close_button.clicked.connect(self.reject)
        QShortcut(QKeySequence("N"), self).activated.connect(self._next)
        self.view.pages.setFocus()
        self.load()

    def _next(self) -> None:
        if self.choice.count() > 1:
            self.choice.setCurrentIndex((self.choice.currentIndex() + 1) % self.choice.count())

    def done(self, result: int) -> None:
        """What still comes afterwards is shown to nobody."""
        self._shown = ""
        super().done(result)

    def load(self) -> None:
        document_id = str(self.choice.currentData() or "")
        if not document_id or document_id == self._shown:
            return
        self._shown = document_id
        self.words.setText("正在打开…")
        self._fetch(self._request.case_id, document_id, lambda content: self._show(document_id, content))

    def _show(self, document_id: str, content: bytes) -> None:
        if document_id == self._shown:
            ok = self.view.show_pdf(content)
            number = f"第 {self.choice.currentIndex() + 1} 份，共 {self.choice.count()} 份"
            self.words.setText(f"{number}；{self.view.page_count} 页" if ok else "这份文件不能显示，可能不完整")
