"""Other terms before the first signature: a form that shows what is, and sends only what differs."""

from collections.abc import Callable

from PySide6.QtCore import Qt
from PySide6.QtWidgets import QCheckBox, QDialog, QGridLayout, QHBoxLayout, QLineEdit, QScrollArea, QWidget
from shiboken6 import isValid

from desktop.bridge import Trouble
from desktop.model import terms as model
from desktop.widgets.closing import closing_row
from desktop.widgets.parts import Choice, KeyButton, column, label, row, rule, set_tone
from signing.wire.base import Tone
from signing.wire.case import CaseView, PartyView, Role
from signing.wire.lifecycle import ChangeTerms

Send = Callable[[ChangeTerms, Callable[[Trouble], bool], Callable[[], None]], object]
"""(message, told of a refusal and whether it was shown, told of success)."""

EXPLAINED = "只改需要改的。变更后文书重新生成，原文书作废，每位当事人都要重新听告知、重新阅读；身份核验和各项同意保留。"
_PERSON = ("name", "id_number", "phone")
_LONGEST = {"name": 60, "id_number": 18, "phone": 11, "share_percent": 6}


class TermsDialog(QDialog):
    """Closes once the service has taken the change; a refusal stays in the form, with what was typed."""

    def __init__(self, case: CaseView, send: Send, parent: QWidget) -> None:
        super().__init__(parent)
        self.setObjectName("terms")
        self.setWindowTitle("变更业务要素")
        self.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        self.setMinimumSize(880, 540)
        self.resize(880, min(640, parent.window().height()))
        self._case, self._send = case, send
        self.terms: dict[str, QLineEdit | Choice] = {}
        self.people: dict[str, PersonRow] = {}
        self.added: list[PersonRow] = []
        self.error = label("", wrap=True, name="terms.error")
        set_tone(self.error, Tone.STOP)
        self.reason = _line("terms.reason", "变更的原因", "例如：客户少借一些；换一位保证人", 500)
        self._people = column(spacing=6)
        layout = column(self, 10, (20, 20, 20, 20))
        layout.addWidget(label("变更业务要素", "title"))
        layout.addWidget(label(EXPLAINED, "second", wrap=True))
        layout.addWidget(self._body(), 1)
        layout.addWidget(label("变更的原因", "head"))
        layout.addWidget(self.reason)
        layout.addWidget(self.error)
        layout.addLayout(self._buttons())
        self.error.hide()
        self.reason.textChanged.connect(lambda _: self._check())
        self._check()
        next(iter(self.terms.values()), self.reason).setFocus()

    def _body(self) -> QScrollArea:
        inner = QWidget()
        body = column(inner, 8, (0, 0, 8, 0))
        if self._case.amount:
            body.addLayout(self._loan())
            body.addWidget(rule())
        head = row()
        head.addWidget(label("当事人", "head"))
        head.addStretch(1)
        add = KeyButton("新增当事人", "Ctrl+N", name="terms.add")
        add.setShortcut("Ctrl+N")
        add.clicked.connect(self._add)
        head.addWidget(add)
        body.addLayout(head)
        body.addLayout(self._people)
        body.addStretch(1)
        for number, party in enumerate(self._case.parties, 1):
            self.people[party.party_id] = PersonRow(number, party)
            self._people.addWidget(self.people[party.party_id])
        area = self._area = QScrollArea()
        area.setWidgetResizable(True)
        area.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        area.setWidget(inner)
        area.setFocusPolicy(Qt.FocusPolicy.NoFocus)
        area.setAccessibleName("业务要素和当事人")
        return area

    def _loan(self) -> QGridLayout:
        grid = QGridLayout()
        grid.setHorizontalSpacing(12)
        for number, key in enumerate(
            ("amount", "annual_rate_percent", "term_months", "repayment_method", "purpose", "account")
        ):
            place, column_ = divmod(number, 3)
            grid.addWidget(label(model.FIELDS[key], "second"), place * 2, column_)
            self.terms[key] = self._field(key)
            grid.addWidget(self.terms[key], place * 2 + 1, column_)
        return grid

    def _field(self, key: str) -> QLineEdit | Choice:
        now = model.present(self._case).get(key, "")
        if key == "repayment_method":
            methods = Choice()
            methods.setObjectName("terms.repayment_method")
            methods.setAccessibleName(model.FIELDS[key])
            for value, title in model.METHODS.items():
                methods.addItem(title, value)
            methods.setCurrentIndex(max(0, methods.findData(now)))
            return methods
        field = _line(f"terms.{key}", model.FIELDS[key], self._case.account_masked if key == "account" else "", 100)
        field.setText(now)
        return field

    def _add(self) -> None:
        made = PersonRow(len(self.people) + len(self.added) + 1, None)
        self.added.append(made)
        bar = self._area.verticalScrollBar()  # the new one is the last, and there once the rows have their places
        bar.rangeChanged.connect(lambda _, most: bar.setValue(most), Qt.ConnectionType.SingleShotConnection)
        self._people.addWidget(made)
        made.fields["name"].setFocus()

    def _buttons(self) -> QHBoxLayout:
        line, self.ok = closing_row(self, "terms", "变更并重新生成文书", self._ok)
        return line

    def typed(self) -> model.Typed:
        terms = {
            key: str(field.currentData()) if isinstance(field, Choice) else field.text()
            for key, field in self.terms.items()
        }
        return model.Typed(
            self.reason.text(),
            terms,
            {key: made.texts() for key, made in self.people.items()},
            [made.texts() for made in self.added if not made.is_out()],
            [key for key, made in self.people.items() if made.is_out()],
        )

    def _check(self) -> None:
        self.ok.setEnabled(len(self.reason.text().strip()) >= 2)

    def _ok(self) -> None:
        try:
            message = model.change(self._case, self.typed())
        except model.NotRight as wrong:
            self._say(str(wrong))
            return
        self.error.hide()
        self.ok.setEnabled(False)
        self.ok.setText("正在重新生成文书…")
        self._send(message, self._refused, self._changed)

    def _changed(self) -> None:
        if isValid(self):
            self.accept()

    def _refused(self, trouble: Trouble) -> bool:
        """False where the dialog was closed meanwhile, and shows nothing any more."""
        if not (isValid(self) and self.isVisible()):
            return False
        self.ok.setText("变更并重新生成文书")
        self._check()
        self._say(trouble.text)
        return True

    def _say(self, words: str) -> None:
        self.error.setText(words)
        self.error.show()


class PersonRow(QWidget):
    """A party to be put right or taken out; without one, somebody new. Masked facts stand where nothing is typed."""

    def __init__(self, number: int, party: PartyView | None) -> None:
        super().__init__()
        name = f"terms.party{number}"
        self.setObjectName(name)
        self.fields: dict[str, QLineEdit] = {}
        self.role: Choice | None = None
        self.out = QCheckBox("去掉")
        self.out.setObjectName(f"{name}.out")
        self.out.setFocusPolicy(Qt.FocusPolicy.TabFocus)
        whole, line = column(self, 6), row(spacing=8)
        whole.addLayout(line)
        if party is None:
            self.role = _roles(f"{name}.role")
            line.addWidget(self.role)
        else:
            title = label(party.role_title, "head")
            title.setFixedWidth(84)
            line.addWidget(title)
        masked = {} if party is None else _masked(party)
        keys = (*_PERSON, "address") if party is None else _PERSON
        if party is not None and party.role is Role.GUARANTOR:
            keys = (*keys, "share_percent")
        for key in keys:
            hint = masked.get(key) or model.FIELDS[key]
            self.fields[key] = _line(f"{name}.{key}", model.FIELDS[key], hint, _LONGEST.get(key, 200))
            if key != "address":
                line.addWidget(self.fields[key], 2 if key == "id_number" else 1)
        line.addWidget(self.out)
        if party is None:  # an address is long
            whole.addWidget(self.fields["address"])
        self.out.toggled.connect(self._grey)

    def _grey(self, out: bool) -> None:
        for field in self.fields.values():
            field.setEnabled(not out)

    def is_out(self) -> bool:
        return self.out.isChecked()

    def texts(self) -> dict[str, str]:
        typed = {key: field.text() for key, field in self.fields.items()}
        return typed if self.role is None else {"role": str(self.role.currentData()), **typed}


def _masked(party: PartyView) -> dict[str, str]:
    share = f"份额 {party.share_percent}%" if party.share_percent else ""
    return {
        "name": party.name_masked,
        "id_number": party.id_number_masked,
        "phone": party.phone_masked,
        "share_percent": share,
    }


def _roles(name: str) -> Choice:
    roles = Choice()
    roles.setObjectName(name)
    roles.setAccessibleName("角色")
    for role, title in model.ROLES.items():
        roles.addItem(title, role.value)
    roles.setCurrentIndex(roles.findData(Role.CO_BORROWER.value))
    return roles


def _line(name: str, title: str, hint: str, longest: int) -> QLineEdit:
    made = QLineEdit()
    made.setObjectName(name)
    made.setAccessibleName(title)
    made.setPlaceholderText(hint)
    made.setMaxLength(longest)
    return made
