"""The first page: which product, with its limits in words; and the drafts that lie on this seat."""

from collections.abc import Sequence

from PySide6.QtCore import Qt, Signal
from PySide6.QtWidgets import QLineEdit, QListWidget, QListWidgetItem, QScrollArea, QSizePolicy, QWidget

from desktop.model import wording
from desktop.opening.drafts import Draft
from desktop.widgets.parts import KeyButton, card, clear, column, label, row, set_tone
from signing.wire.base import Tone
from signing.wire.opening import LprView, OpeningCatalogue, ProductForm

LIST_WIDTH = 330


KEYED = 9
"""Drafts that have a key of their own; the others are come to by Tab."""


class Picker(QWidget):
    """``chosen(ProductForm)``; ``resumed(Draft)``; ``dropped(str)``: a draft that is not wanted any more."""

    chosen = Signal(object)
    resumed = Signal(object)
    dropped = Signal(str)

    def __init__(self) -> None:
        super().__init__()
        self._products: Sequence[ProductForm] = ()
        self._drafts: Sequence[Draft] = ()
        self.text = QLineEdit()
        self.text.setObjectName("opening.search")
        self.text.setAccessibleName("按名称、用途或者担保方式找产品")
        self.text.setPlaceholderText("找产品：名称、金额、担保方式……")
        self.list = QListWidget()
        self.list.setObjectName("opening.products")
        self.list.setAccessibleName("产品")
        self.list.setProperty("plain", True)
        self.none = label("没有这样的产品，请换一个词", "second", wrap=True, name="opening.none")
        self._limits = column(spacing=8)
        self.begin = KeyButton("填写这个产品", "Ctrl+Return", name="opening.begin")
        self.begin.setShortcut("Ctrl+Return")
        self.begin.set_primary(True)
        self._draft_list = column(spacing=6)
        self.lpr = label("", "second", wrap=True, name="opening.lpr")
        body = row(self, 16, (0, 0, 0, 0))
        body.addWidget(self._left())
        body.addWidget(self._middle(), 1)
        body.addWidget(self._right())
        self.text.textChanged.connect(lambda _: self._show())
        self.text.returnPressed.connect(self._choose)
        self.list.currentRowChanged.connect(lambda _: self._show_limits())
        self.list.itemActivated.connect(lambda _: self._choose())
        self.begin.clicked.connect(self._choose)

    def _left(self) -> QWidget:
        box = QWidget()
        box.setFixedWidth(LIST_WIDTH)
        layout = column(box, 8)
        layout.addWidget(label("选择产品", "head"))
        layout.addWidget(self.text)
        layout.addWidget(self.list, 1)
        layout.addWidget(self.none)
        layout.addWidget(self.lpr)
        return box

    def _middle(self) -> QWidget:
        box = card()
        layout = column(box, 10, (16, 14, 16, 14))
        inner = QWidget()
        inner.setLayout(self._limits)
        layout.addWidget(scrolled(inner, "产品的限额和要求"), 1)
        layout.addWidget(self.begin, alignment=Qt.AlignmentFlag.AlignRight)
        return box

    def _right(self) -> QWidget:
        box = QWidget()
        box.setFixedWidth(LIST_WIDTH)
        layout = column(box, 8)
        layout.addWidget(label("本机草稿", "head"))
        words = "加密存在这台电脑上，只有您登录后能打开；建立业务后删除，30 天没有动过的自动删除。"
        layout.addWidget(label(words, "second", wrap=True))
        inner = QWidget()
        inner.setLayout(self._draft_list)
        layout.addWidget(scrolled(inner, "本机草稿"), 1)
        return box

    def display(self, catalogue: OpeningCatalogue) -> None:
        self._products = catalogue.products
        lpr = catalogue.lpr
        self.lpr.setText(_told(lpr))
        set_tone(self.lpr, None if lpr is not None and lpr.confirmed else Tone.CAUTION)
        self._show()
        self.text.setFocus()

    def _show(self) -> None:
        words = self.text.text().split()
        self.list.clear()
        for product in self._products:
            whole = product.title + "".join(one.title + one.words for one in product.limits)
            if all(word in whole.replace(",", "") or word in whole for word in words):
                item = QListWidgetItem(product.title)
                item.setData(Qt.ItemDataRole.UserRole, product)
                self.list.addItem(item)
        self.none.setVisible(not self.list.count() and bool(self._products))
        if self.list.count():
            self.list.setCurrentRow(0)
        self._show_limits()

    @property
    def product(self) -> ProductForm | None:
        item = self.list.currentItem()
        found = item.data(Qt.ItemDataRole.UserRole) if item is not None else None
        return found if isinstance(found, ProductForm) else None

    def _show_limits(self) -> None:
        clear(self._limits)
        product = self.product
        self.begin.setEnabled(product is not None and not product.refused)
        if product is None:
            self._limits.addStretch(1)
            return
        self._limits.addWidget(label(product.title, "title", wrap=True))
        if product.refused:
            refused = label(f"本机构不能办理：{product.refused}", wrap=True, name="opening.refused")
            set_tone(refused, Tone.STOP)
            self._limits.addWidget(refused)
        for one in product.limits:
            line = row(spacing=10)
            title = label(one.title, "second")
            title.setFixedWidth(64)
            line.addWidget(title, alignment=Qt.AlignmentFlag.AlignTop)
            line.addWidget(label(one.words, wrap=True), 1)
            self._limits.addLayout(line)
        self._limits.addStretch(1)

    def _choose(self) -> None:
        product = self.product
        if product is not None and not product.refused:
            self.chosen.emit(product)

    # --- drafts ---

    def show_drafts(self, drafts: Sequence[Draft]) -> None:
        self._drafts = drafts
        clear(self._draft_list)
        for number, draft in enumerate(drafts, 1):
            self._draft_list.addWidget(self._draft(draft, f"Ctrl+{number}" if number <= KEYED else ""))
        if not drafts:
            self._draft_list.addWidget(label("没有草稿", "second", name="opening.no_drafts"))
        self._draft_list.addStretch(1)

    def _draft(self, draft: Draft, key: str) -> QWidget:
        box = card()
        layout = column(box, 4, (12, 10, 12, 10))
        layout.addWidget(label(draft.label or "还没有填写姓名", "head", wrap=True))
        layout.addWidget(label(f"{draft.title}　{wording.day_and_time(draft.saved_at)}", "second", wrap=True))
        buttons = row(spacing=8)
        go = KeyButton("接着填写", key, name=f"opening.draft.{draft.draft_id}")
        go.setShortcut(key)
        go.setAccessibleName(f"接着填写{draft.label or draft.title}的草稿")
        go.clicked.connect(lambda: self.resumed.emit(draft))
        out = KeyButton("删除", name=f"opening.draft.{draft.draft_id}.out", quiet=True)
        out.setAccessibleName(f"删除{draft.label or draft.title}的草稿")
        out.clicked.connect(lambda: self.dropped.emit(draft.draft_id))
        buttons.addWidget(go)
        buttons.addWidget(out)
        buttons.addStretch(1)
        layout.addLayout(buttons)
        return box


def _told(lpr: LprView | None) -> str:
    if lpr is None:
        return "今天没有可用的 LPR，按 LPR 定价的产品不能建立，请管理员导入"
    if not lpr.confirmed:
        return f"{lpr.day} 的 LPR 还没有核对，按 LPR 定价的产品不能建立，请管理员导入这一天公布的报价"
    return f"LPR（{lpr.day} 公布）：一年期 {lpr.one_year}%，五年期以上 {lpr.five_year}%"


def scrolled(inner: QWidget, name: str) -> QScrollArea:
    """Only up and down."""
    area = QScrollArea()
    area.setWidgetResizable(True)
    area.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
    area.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Expanding)
    area.setWidget(inner)
    area.setAccessibleName(name)
    area.setFocusPolicy(Qt.FocusPolicy.NoFocus)
    return area
