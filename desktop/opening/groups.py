"""The groups of a form, one card each; lists have a card an entry, which can be added and taken out."""

from collections.abc import Callable, Iterator
from itertools import pairwise

from PySide6.QtCore import Qt, Signal
from PySide6.QtWidgets import QApplication, QFrame, QGridLayout, QWidget

from desktop.opening import form as model
from desktop.opening.fields import FieldRow, is_wide
from desktop.opening.form import PEOPLE, Asked, Typed
from desktop.widgets.asking import question, warn_first
from desktop.widgets.parts import KeyButton, column, label, row, set_tone
from signing.wire.base import Tone
from signing.wire.opening import FormGroup, ProductForm

COLUMNS = 2
HELPER = "helper."


class Card(QFrame):
    """The fields of one group, or of one entry of a list. ``typed(path, text)``; ``asked`` shows what is asked now."""

    typed = Signal(str, str)

    def __init__(self, title: str, asked: list[Asked], typed: Typed, head: list[QWidget], parent: QWidget) -> None:
        super().__init__(parent)
        self.setProperty("card", True)
        self.rows: dict[str, FieldRow] = {}
        self.line = label("", wrap=True)
        layout = column(self, 8, (14, 12, 14, 12))
        top = row(spacing=8)
        top.addWidget(label(title, "head"))
        top.addStretch(1)
        for widget in head:
            top.addWidget(widget)
        layout.addLayout(top)
        self.grid = QGridLayout()
        self.grid.setHorizontalSpacing(14)
        self.grid.setVerticalSpacing(8)
        for place in range(COLUMNS):
            self.grid.setColumnStretch(place, 1)
        layout.addLayout(self.grid)
        layout.addWidget(self.line)
        self.line.hide()
        for one in asked:
            made = FieldRow(one, typed.value(one.path), self)
            made.changed.connect(self.typed)
            self.rows[one.path] = made

    def arrange(self, typed: Typed) -> None:
        """Only what is asked now has a place; what is not asked keeps its text."""
        place = 0
        for made in self.rows.values():
            self.grid.removeWidget(made)
            asked = model.is_asked(made.asked.field, typed, made.asked.at)
            made.setVisible(asked)
            if not asked:
                continue
            wide = is_wide(made.asked.field)
            place += place % COLUMNS if wide else 0
            self.grid.addWidget(made, place // COLUMNS, place % COLUMNS, 1, COLUMNS if wide else 1)
            place += COLUMNS if wide else 1
        self.setVisible(place > 0)

    def tell(self, tone: Tone | None, words: str) -> None:
        """Of the group as a whole."""
        self.line.setText(words)
        set_tone(self.line, tone)
        self.line.setVisible(bool(words))


class FormView(QWidget):
    """All cards of a product's form. ``changed(Typed)`` after every stroke; ``person_wanted(int)``: look one up.

    People and lots come and go by rebuilding the cards from what is typed.
    """

    changed = Signal(object)
    person_wanted = Signal(int)

    def __init__(self, form: ProductForm, typed: Typed) -> None:
        super().__init__()
        self.form, self.typed = form, typed
        self.cards: dict[str, Card] = {}
        self._layout = column(self, 10, (0, 0, 8, 0))
        self._build()

    def _build(self) -> None:
        while (item := self._layout.takeAt(0)) is not None:
            widget = item.widget()
            if widget is not None:
                widget.hide()
                widget.deleteLater()
        self.cards = {}
        for group in model.groups(self.form):
            for made in self._of_group(group):
                self._layout.addWidget(made)
                if isinstance(made, Card):
                    made.arrange(self.typed)
        self._layout.addStretch(1)

    def _of_group(self, group: FormGroup) -> Iterator[QWidget]:
        if not group.many:
            title = group.title if group.required else f"{group.title}　没有的不填"
            yield self._card(group.key or "terms", title, group, None, [])
            return
        for entry in range(self.typed.count(group.key)):
            yield self._card(
                f"{group.key}.{entry}", self._entry_title(group, entry), group, entry, self._head(group, entry)
            )
        yield self._adding(group)

    def _entry_title(self, group: FormGroup, entry: int) -> str:
        unit = "位" if group.key == PEOPLE else "项"
        total = self.typed.count(group.key)
        return f"{group.title} {entry + 1}" if total == 1 else f"{group.title} {entry + 1}（共 {total} {unit}）"

    def _head(self, group: FormGroup, entry: int) -> list[QWidget]:
        out = KeyButton("去掉", name=f"{group.key}.{entry}.out", quiet=True)
        out.setAccessibleName(f"去掉第 {entry + 1} {'位' if group.key == PEOPLE else '项'}{group.title}")
        out.clicked.connect(lambda: self._remove(group.key, entry))
        if group.key != PEOPLE:
            return [out]
        find = KeyButton("查名册、老客户", name=f"{group.key}.{entry}.find", quiet=True)
        find.setAccessibleName(f"为第 {entry + 1} 位当事人查名册、老客户")
        find.clicked.connect(lambda: self.person_wanted.emit(entry))
        return [find, out]

    def _card(self, key: str, title: str, group: FormGroup, entry: int | None, head: list[QWidget]) -> Card:
        place = model.at(group, entry)
        asked = [Asked(f"{place}{one.key}", place, group, one, entry) for one in group.fields]
        made = Card(title, asked, self.typed, head, self)
        made.typed.connect(self._type)
        self.cards[key] = made
        return made

    def _adding(self, group: FormGroup) -> QWidget:
        box = QWidget()
        line = row(box, 8)
        if group.key == PEOPLE:
            for role, title in model.addable(self.form, self.typed):
                line.addWidget(self._add_button(f"添加{title}", f"{PEOPLE}.add.{role}", self._adder(PEOPLE, role=role)))
        else:
            line.addWidget(self._add_button(f"添加{group.title}", f"{group.key}.add", self._adder(group.key)))
        line.addStretch(1)
        return box

    def _add_button(self, words: str, name: str, act: Callable[[], None]) -> KeyButton:
        made = KeyButton(words, name=name)
        made.clicked.connect(lambda: act())
        return made

    def _adder(self, key: str, **values: str) -> Callable[[], None]:
        def add() -> None:
            number = self.typed.count(key)
            self._become(model.added(self.form, self.typed, key, **values))
            lines = self.cards[f"{key}.{number}"].rows.values()
            next(line for line in lines if not line.text).editor.setFocus()

        return add

    def _remove(self, key: str, entry: int) -> None:
        """What was typed of somebody cannot be brought back: one wrong key must not cost it."""
        if not self.typed.holds(f"{key}.{entry}."):
            self._take_out(key, entry)
            return
        name = self.typed.value(f"{key}.{entry}.name").strip()
        words = f"{f'{name}已填写' if name else '这里已填写'}的内容会一起去掉，不能恢复。"
        box = question(self, "opening.take_out", "去掉这一项", words)
        warn_first(box, "去掉", lambda: self._take_out(key, entry), "留着")

    def _take_out(self, key: str, entry: int) -> None:
        self._become(model.removed(self.typed, key, entry))

    def advance(self) -> bool:
        """From a field to the next one, past the buttons between them; False where there is none or it is in none."""
        editors = [line.editor for card in self.cards.values() for line in card.rows.values() if line.isVisible()]
        here = QApplication.focusWidget()
        following = dict(pairwise(editors)).get(here) if here is not None else None
        if following is None:
            return False
        following.setFocus(Qt.FocusReason.TabFocusReason)
        return True

    def _become(self, typed: Typed) -> None:
        self.typed = typed
        self._build()
        self.changed.emit(typed)

    def _type(self, path: str, text: str) -> None:
        before = self.typed
        self.typed = model.put(self.typed, path, text)
        self._rearrange(before)
        self.changed.emit(self.typed)

    def _rearrange(self, before: Typed) -> None:
        for made in self.cards.values():
            for line in made.rows.values():
                one = line.asked
                if model.is_asked(one.field, before, one.at) != model.is_asked(one.field, self.typed, one.at):
                    made.arrange(self.typed)
                    break

    def fill(self, entry: int, texts: dict[str, str]) -> None:
        """Into a person's fields, those that are known."""
        for key, text in texts.items():
            made = self.cards[f"{PEOPLE}.{entry}"].rows.get(f"{PEOPLE}.{entry}.{key}")
            if made is not None and text:
                made.write(text)

    def row_at(self, path: str) -> FieldRow | None:
        return next((card.rows[path] for card in self.cards.values() if path in card.rows), None)

    def card_at(self, path: str) -> Card | None:
        """Of a group or an entry; a list by its first entry."""
        return self.cards.get(path) or self.cards.get(f"{path}.0")
