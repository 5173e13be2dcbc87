"""A PDF on the screen, from bytes, page under page."""

from PySide6.QtCore import QBuffer, QByteArray, QIODevice
from PySide6.QtPdf import QPdfDocument
from PySide6.QtPdfWidgets import QPdfView
from PySide6.QtWidgets import QDialog, QWidget

from desktop.widgets.parts import KeyButton, column, label, row


class DocumentView(QWidget):
    """``show_pdf`` replaces what is shown; False where the bytes are not a PDF."""

    def __init__(self, name: str, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setObjectName(name)
        self._buffer = QBuffer(self)
        self._document = QPdfDocument(self)
        self.pages = QPdfView(self)
        self.pages.setAccessibleName("文书内容")
        self.pages.setPageMode(QPdfView.PageMode.MultiPage)
        self.pages.setZoomMode(QPdfView.ZoomMode.FitToWidth)
        self.pages.setDocument(self._document)
        column(self).addWidget(self.pages)

    def show_pdf(self, content: bytes) -> bool:
        self._document.close()
        self._buffer.close()
        self._buffer.setData(QByteArray(content))
        self._buffer.open(QIODevice.OpenModeFlag.ReadOnly)
        self._document.load(self._buffer)
        return self._document.pageCount() > 0

    @property
    def page_count(self) -> int:
        return self._document.pageCount()


class DocumentDialog(QDialog):
    """One document in a window of its own; the call goes on behind it. Esc closes it."""

    def __init__(self, title: str, content: bytes, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setObjectName("document.window")
        self.setWindowTitle(title)
        self.resize(820, 700)
        layout = column(self, 8, (12, 12, 12, 12))
        self.view = DocumentView("document.view")
        ok = self.view.show_pdf(content)
        head = row()
        words = f"共 {self.view.page_count} 页" if ok else "这份文件不能显示，可能不完整"
        head.addWidget(label(title, "title"), 1)
        head.addWidget(label(words, "second"))
        close = KeyButton("关闭", "Escape", name="document.close")
        close.clicked.connect(self.close)
        head.addWidget(close)
        layout.addLayout(head)
        layout.addWidget(self.view, 1)
