"""What the customer is doing on the phone: pages read and documents signed, as they happen."""

from PySide6.QtCore import Qt
from PySide6.QtWidgets import QProgressBar, QScrollArea, QWidget

from desktop.model import actions
from desktop.model import party as parties
from desktop.model.state import State
from desktop.widgets.parts import Elided, Icon, clear, column, label, row, set_tone
from signing.wire.base import Tone
from signing.wire.case import DocumentView


class ProgressPanel(QWidget):
    """One line a document, with its pages as a bar."""

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setObjectName("progress")
        self._title = label("", "head", wrap=True, name="progress.sentence")
        self._body = QWidget()
        self._list = column(self._body, 8)
        self._shown: tuple[object, ...] = ()
        layout = column(self, 10)
        layout.addWidget(self._title)
        layout.addWidget(self._scroll(), 1)

    def _scroll(self) -> QScrollArea:
        """More papers than there is room for are scrolled to, never squeezed."""
        area = QScrollArea()
        area.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        area.setWidgetResizable(True)
        area.setWidget(self._body)
        area.setAccessibleName("文书进度")
        return area

    def display(self, state: State) -> None:
        self._title.setText(actions.next_action(state).sentence)
        party = state.party
        documents = tuple(parties.documents(state.case, party)) if state.case and party else ()
        shown = (documents, party.party_id if party else "")
        if shown == self._shown:
            return
        self._shown = shown
        clear(self._list)
        for document in documents:
            self._list.addWidget(_line(document, shown[1]))
        self._list.addStretch(1)


def _line(document: DocumentView, party_id: str) -> QWidget:
    line = QWidget()
    layout = row(line, 10)
    signed = party_id in document.signed_by
    read = len(document.pages_read)
    layout.addWidget(Icon("check" if signed else "pen" if read >= document.pages else "book", _colour(signed), 18))
    title = Elided(document.title)
    title.setMinimumWidth(200)
    layout.addWidget(title, 1)
    bar = QProgressBar()
    bar.setRange(0, document.pages)
    bar.setValue(read)
    bar.setTextVisible(False)
    bar.setAccessibleName(f"{document.title}已读 {read} 页")
    layout.addWidget(bar, 1)
    word = label(_words(document, signed), "second")
    word.setMinimumWidth(150)
    set_tone(word, Tone.GOOD if signed else None)
    layout.addWidget(word)
    return line


def _colour(signed: bool) -> str:
    return "good" if signed else "muted"


def _words(document: DocumentView, signed: bool) -> str:
    if signed:
        return "已阅读 · 已签名"
    read = len(document.pages_read)
    if read >= document.pages:
        return f"已读 {document.pages} 页 · 等待签名"
    return f"已读 {read}/{document.pages} 页" if read else "还没有打开"
