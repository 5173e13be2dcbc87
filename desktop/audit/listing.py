"""A tab of blocks one below the other, scrolled up and down only."""

from PySide6.QtCore import Qt
from PySide6.QtWidgets import QScrollArea, QWidget

from desktop.widgets.parts import column


class ListTab(QScrollArea):
    """``_list`` takes the blocks; ``name`` is the object's, ``spoken`` what a screen reader says."""

    def __init__(self, name: str, spoken: str, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setObjectName(name)
        self.setAccessibleName(spoken)
        self.setWidgetResizable(True)
        self.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        body = QWidget()
        self._list = column(body, 8, (12, 12, 12, 12))
        self.setWidget(body)
