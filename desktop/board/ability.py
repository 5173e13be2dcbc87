"""What a seat may be rung for: products and languages; nothing chosen means everything."""

from collections.abc import Callable, Sequence

from PySide6.QtCore import Qt
from PySide6.QtWidgets import QCheckBox, QDialog, QListWidget, QListWidgetItem, QWidget

from desktop.model.wording import DIALECTS
from desktop.widgets.closing import closing_row
from desktop.widgets.parts import column, label, row
from signing.wire.board import BoardSeat
from signing.wire.queue import Dialect, ProductChoice

KEY = Qt.ItemDataRole.UserRole


class AbilityDialog(QDialog):
    """``decided(product ids, dialects)`` is called once. Esc goes back."""

    def __init__(
        self,
        seat: BoardSeat,
        products: Sequence[ProductChoice],
        decided: Callable[[list[str], list[Dialect]], None],
        parent: QWidget,
    ) -> None:
        super().__init__(parent)
        self.setObjectName("ability")
        title = f"{seat.label} {seat.agent}".strip() + " 的能力"
        self.setWindowTitle(title)
        self.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        self.setMinimumSize(460, 460)
        self._decided = decided
        self.products = QListWidget()
        self.products.setObjectName("ability.products")
        self.products.setProperty("plain", True)
        self.products.setAccessibleName("能办的产品")
        for product in products:
            item = QListWidgetItem(product.title, self.products)
            item.setData(KEY, product.product_id)
            item.setFlags(Qt.ItemFlag.ItemIsEnabled | Qt.ItemFlag.ItemIsSelectable | Qt.ItemFlag.ItemIsUserCheckable)
            on = product.product_id in seat.products
            item.setCheckState(Qt.CheckState.Checked if on else Qt.CheckState.Unchecked)
        self.dialects = {one: QCheckBox(words) for one, words in DIALECTS.items()}
        for one, box in self.dialects.items():
            box.setObjectName(f"ability.{one.value}")
            box.setChecked(one in seat.dialects)
        layout = column(self, 10, (20, 20, 20, 20))
        layout.addWidget(label(title, "title"))
        layout.addWidget(label("能办的产品（都不选：全部产品）", "second"))
        layout.addWidget(self.products, 1)
        layout.addWidget(label("能说的话（都不选：不限）", "second"))
        spoken = row(spacing=16)
        for box in self.dialects.values():
            spoken.addWidget(box)
        spoken.addStretch(1)
        layout.addLayout(spoken)
        buttons, self.ok = closing_row(self, "ability", "保存", self._ok)
        layout.addLayout(buttons)

    def _ok(self) -> None:
        items = (self.products.item(n) for n in range(self.products.count()))
        chosen = [str(item.data(KEY)) for item in items if item.checkState() is Qt.CheckState.Checked]
        spoken = [one for one, box in self.dialects.items() if box.isChecked()]
        self.accept()
        self._decided(chosen, spoken)
