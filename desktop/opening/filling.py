"""The middle page: the form with its live rules, and beside it what is to be done, the papers and the plan."""

from collections.abc import Iterator

from pydantic import ValidationError
from PySide6.QtCore import Qt, QTimer, Signal
from PySide6.QtWidgets import QScrollArea, QSplitter, QWidget

from desktop.bridge import Trouble
from desktop.opening import form as model
from desktop.opening.beside import Beside, Todo
from desktop.opening.desk import OpeningDesk
from desktop.opening.form import Typed
from desktop.opening.groups import FormView
from desktop.opening.picker import scrolled
from desktop.opening.roster import RosterDialog
from desktop.widgets.parts import KeyButton, column, label, row, set_tone
from signing.wire.base import Tone
from signing.wire.opening import DraftChecked, DraftProblem, KnownPerson, ProductForm
from signing.wire.staff import NewCase

DRAW_MS = 1200
GOOD = "各项都已填写，没有查出问题，可以建立业务"
_ORDER = {Tone.STOP: 0, Tone.NOTICE: 1, Tone.CAUTION: 2, Tone.GOOD: 3}


class FillingPage(QWidget):
    """``back``: to the products. ``locked``: why a case cannot be opened now, though it can be prepared."""

    back = Signal()

    def __init__(self, desk: OpeningDesk) -> None:
        super().__init__()
        self._desk = desk
        self._form: ProductForm | None = None
        self._checked: DraftChecked | None = None
        self._locked, self._opening = "", False
        self._stale = True
        """Something was typed since the rules were asked."""
        self.view: FormView | None = None
        self.title = label("", "title", name="opening.title")
        self.beside = Beside()
        self.sentence = label("", wrap=True, name="opening.sentence")
        self.ok = KeyButton("建立业务", "Ctrl+Return", name="opening.ok")
        self.ok.setShortcut("Ctrl+Return")
        self.ok.set_primary(True)
        self._area: QScrollArea | None = None
        self._split = QSplitter(Qt.Orientation.Horizontal)
        self._split.setChildrenCollapsible(False)
        self._place = QWidget()
        self._place.setMinimumWidth(520)
        column(self._place)
        self._split.addWidget(self._place)
        self.beside.setMinimumWidth(420)
        self._split.addWidget(self.beside)
        self._split.setStretchFactor(0, 11)
        self._split.setStretchFactor(1, 10)
        self._draw = QTimer(self)
        self._draw.setSingleShot(True)
        self._draw.setInterval(DRAW_MS)
        self._arrange()
        self._draw.timeout.connect(self._ask_for_papers)
        self.beside.wanted.connect(self._draw.start)
        self.beside.gone_to.connect(self.go_to)
        self.ok.clicked.connect(self._open)
        desk.checked.connect(self._show_checked)
        desk.drawn.connect(self.beside.show_papers)
        desk.undrawn.connect(self.beside.no_papers)
        desk.refused.connect(self._refused)

    def _arrange(self) -> None:
        self.other = KeyButton("换产品", "Ctrl+B", name="opening.back", quiet=True)
        self.other.clicked.connect(self.back)
        self.other.setShortcut("Ctrl+B")
        head = row(spacing=12)
        head.addWidget(self.title, 1)
        head.addWidget(label("边填边存为本机加密草稿", "second"))
        head.addWidget(self.other)
        foot = row(spacing=12)
        foot.addWidget(self.sentence, 1)
        foot.addWidget(self.ok)
        layout = column(self, 8)
        layout.addLayout(head)
        layout.addWidget(self._split, 1)
        layout.addLayout(foot)

    @property
    def typed(self) -> Typed | None:
        return self.view.typed if self.view is not None else None

    def begin(self, form: ProductForm, typed: Typed, draft_id: str = "") -> None:
        self._form, self._checked, self._stale = form, None, True
        self._set_opening(False)
        self.title.setText(form.title)
        self.view = FormView(form, typed)
        self.view.changed.connect(self._changed)
        self.view.person_wanted.connect(self._find)
        layout = self._place.layout()
        assert layout is not None
        if self._area is not None:
            layout.removeWidget(self._area)
            self._area.deleteLater()
        self._area = scrolled(self.view, "业务要素和当事人")
        layout.addWidget(self._area)
        self._split.setSizes([self.width() * 11 // 21, self.width() * 10 // 21])
        self.beside.setTabVisible(2, any(group.key == "" and group.title == "借款要素" for group in form.groups))
        self.beside.setCurrentIndex(0)
        self._desk.begin(form, typed, draft_id)
        self._show()
        first = next((row for card in self.view.cards.values() for row in card.rows.values()), None)
        if first is not None:
            first.editor.setFocus()

    def leave(self) -> None:
        """The case is opened."""
        self._set_opening(False)

    def stop(self) -> None:
        """No papers are asked for any more."""
        self._draw.stop()

    def lock(self, why: str) -> None:
        """Empty: a case can be opened."""
        self._locked = why
        self._show_sentence()

    # --- live rules ---

    def _changed(self, typed: Typed) -> None:
        self._stale = True
        self._desk.typed(typed)
        self.beside.outdate()
        self._show()

    def _show_checked(self, checked: DraftChecked) -> None:
        self._checked, self._stale = checked, False
        self._show()

    def _show(self) -> None:
        if self.view is None or self._form is None:
            return
        problems = self._problems()
        self._tell_fields(problems)
        self._tell_cards(problems)
        self.beside.show_todo(list(self._todo(problems)), GOOD)
        self._show_sentence()

    def _problems(self) -> list[DraftProblem]:
        return list(self._checked.problems) if self._checked is not None else []

    def _tell_fields(self, problems: list[DraftProblem]) -> None:
        assert self.view is not None
        notes = list(self._checked.notes) if self._checked is not None else []
        for card in self.view.cards.values():
            for path, line in card.rows.items():
                own = sorted((one for one in problems if one.path == path), key=lambda one: _ORDER[one.tone])
                told = (own[0].tone, _sentence(own[0])) if own and own[0].tone is not Tone.NOTICE else None
                line.tell(told, "；".join(note.text for note in notes if note.path == path))

    def _tell_cards(self, problems: list[DraftProblem]) -> None:
        assert self.view is not None
        notes = {note.path: note.text for note in self._checked.notes} if self._checked is not None else {}
        for key, card in self.view.cards.items():
            group = key.split(".")[0] if key.endswith(".0") else key
            own = [one for one in problems if one.path in (key, group) and one.tone is not Tone.NOTICE]
            if own:
                card.tell(own[0].tone, _sentence(own[0]))
            else:
                card.tell(None, notes.get(group, "") if key.endswith(".0") else "")

    def _todo(self, problems: list[DraftProblem]) -> Iterator[Todo]:
        """What is wrong, then what is missing, then what is worth a thought."""
        assert self._form is not None
        assert self.view is not None
        typed = self.view.typed
        local = model.wrong(self._form, typed)
        for path, words in local.items():
            yield Todo(Tone.STOP, f"{model.title_of(self._form, typed, path)}：{words}", "", path)
        told = sorted((one for one in problems if one.path not in local), key=lambda one: _ORDER[one.tone])
        yield from (self._as_todo(one) for one in told if one.tone is Tone.STOP)
        yield from (Todo(Tone.NOTICE, f"还没有填写{one.title}", "", one.path) for one in self._missing())
        yield from (self._as_todo(one) for one in told if one.tone is Tone.NOTICE and one.rule != "shape")
        yield from (self._as_todo(one) for one in told if one.tone is Tone.CAUTION)

    def _missing(self) -> list[model.Asked]:
        assert self._form is not None
        assert self.view is not None
        return model.missing(self._form, self.view.typed)

    def _as_todo(self, one: DraftProblem) -> Todo:
        assert self._form is not None
        assert self.view is not None
        title = model.title_of(self._form, self.view.typed, one.path)
        said = f"{title}：{one.text}" if title and not one.text.startswith(title) else one.text
        return Todo(one.tone, said, one.hint, one.path if self.view.row_at(one.path) else "")

    # --- opening it ---

    def _is_ready(self) -> bool:
        if self._form is None or self.view is None or self._checked is None or self._opening or self._stale:
            return False
        return self._checked.ready and not self._missing() and not model.wrong(self._form, self.view.typed)

    def _show_sentence(self) -> None:
        if self._form is None or self.view is None:
            return
        wrong = sum(one.tone is Tone.STOP for one in self._todo(self._problems()))
        missing, ready = len(self._missing()), self._is_ready()
        cautions = sum(one.tone is Tone.CAUTION for one in self._problems())
        if self._opening:
            tone, words = Tone.NOTICE, "正在建立业务、生成文书…"
        elif self._locked:
            tone, words = Tone.CAUTION, self._locked
        elif wrong:
            tone, words = Tone.STOP, f"有 {wrong} 处要改正，原因写在各项下面"
        elif missing:
            tone, words = Tone.NOTICE, f"还差 {missing} 项没有填写"
        elif not ready:
            tone, words = Tone.NOTICE, "正在核对…" if self._stale else "右侧“核对”里还有要补的"
        elif cautions:
            tone, words = Tone.CAUTION, f"可以建立业务；有 {cautions} 项须主管留意，见右侧“核对”"
        else:
            tone, words = Tone.GOOD, "可以建立业务"
        self.sentence.setText(words)
        set_tone(self.sentence, tone)
        self.ok.setEnabled(ready and not self._locked)

    def _open(self) -> None:
        if self._form is None or self.view is None or not self._is_ready() or self._locked:
            return
        try:
            message = NewCase.model_validate(model.body(self._form, self.view.typed))
        except ValidationError:
            self.sentence.setText("内容还不完整，请按右侧“核对”补充")
            set_tone(self.sentence, Tone.STOP)
            return
        self._set_opening(True)
        self._show_sentence()
        self._desk.open_case(message)

    @property
    def opening(self) -> bool:
        """A case is on its way: what would be typed now would not be in it."""
        return self._opening

    def _set_opening(self, on: bool) -> None:
        self._opening = on
        self._place.setEnabled(not on)
        self.other.setEnabled(not on)

    def _refused(self, trouble: Trouble) -> None:
        """What stood against it since the last look; nothing typed is lost."""
        self._set_opening(False)
        self._show_sentence()
        self.sentence.setText(trouble.text)
        set_tone(self.sentence, Tone.STOP)

    # --- papers and people ---

    def _ask_for_papers(self) -> None:
        if self._form is None or self.view is None:
            return
        if self._missing() or model.wrong(self._form, self.view.typed):
            self.beside.no_papers("填写完整后可以预览文书；还差的见“核对”")
            return
        self.beside.waiting()
        self._desk.draw()

    def _find(self, entry: int) -> None:
        view = self.view

        def fill(person: KnownPerson) -> None:
            if view is None or view is not self.view:
                return
            keys = ("name", "id_number", "phone", "address", "dialect")
            view.fill(entry, {key: getattr(person, key) for key in keys})
            self.sentence.setText(f"已填入，请与客户核对：{person.told}")

        RosterDialog(self._desk, fill, self.window()).open()

    def go_to(self, path: str) -> None:
        """The hand goes to a field, wherever it has scrolled to."""
        line = self.view.row_at(path) if self.view is not None else None
        if line is not None and self._area is not None:
            self._area.ensureWidgetVisible(line, 0, 80)
            line.editor.setFocus()


def _sentence(one: DraftProblem) -> str:
    return f"{one.text}。{one.hint}" if one.hint else one.text
