"""Declaring who stands at a customer's side."""

from collections.abc import Callable

from PySide6.QtCore import Qt
from PySide6.QtWidgets import QDialog, QFormLayout, QGridLayout, QHBoxLayout, QWidget

from desktop.model import helping
from desktop.seat.login import field
from desktop.widgets.closing import closing_row
from desktop.widgets.notice import Banner
from desktop.widgets.parts import KeyButton, column, label
from signing.wire.base import Tone
from signing.wire.helper import DeclareHelper, HelperView

RELATIONS = ("子女", "配偶", "亲属", "村干部", "邻居")


class HelperDialog(QDialog):
    """``declare(message)`` or ``dismiss()`` is called once; ``before`` is the helper there is. Esc goes back."""

    def __init__(
        self,
        customer: str,
        before: HelperView | None,
        declare: Callable[[DeclareHelper], None],
        dismiss: Callable[[], None],
        parent: QWidget,
    ) -> None:
        super().__init__(parent)
        self.setObjectName("helper")
        self.setWindowTitle("登记协助人")
        self.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        self.setMinimumWidth(480)
        self._declare, self._dismiss = declare, dismiss
        self.name = field("helper.name", "姓名", "")
        self.relation = field("helper.relation", "与客户的关系", "例如 子女、村干部")
        self.number = field("helper.number", "身份证号", "可以不填")
        self.phone = field("helper.phone", "手机号", "可以不填")
        for entry, length in ((self.name, 60), (self.relation, 20), (self.number, 18), (self.phone, 11)):
            entry.setMaxLength(length)
        self.banner = Banner("helper.banner")
        layout = column(self, 12, (20, 20, 20, 20))
        layout.addWidget(label(f"{customer}的协助人", "title"))
        rule = "协助人只帮忙操作手机，不签字、不代答；须本人回答的问题，请其离开画面。"
        layout.addWidget(label(rule, "second", wrap=True))
        if before is not None:
            layout.addWidget(label(f"现在登记的是{helping.words(before)}", wrap=True, name="helper.before"))
        layout.addWidget(self.banner)
        layout.addLayout(self._form())
        layout.addLayout(self._buttons(before))
        self.name.setFocus()

    def _form(self) -> QFormLayout:
        form = QFormLayout()
        form.setVerticalSpacing(10)
        form.addRow("姓名", self.name)
        form.addRow("与客户的关系", self.relation)
        common = QGridLayout()
        common.setSpacing(6)
        for number, word in enumerate(RELATIONS, 1):
            choice = KeyButton(word, f"Ctrl+{number}", name=f"helper.relation{number}", quiet=True)
            choice.setShortcut(f"Ctrl+{number}")
            choice.clicked.connect(lambda _=False, said=word: self.relation.setText(said))
            common.addWidget(choice, (number - 1) // 3, (number - 1) % 3)
        form.addRow("", common)
        form.addRow("身份证号", self.number)
        form.addRow("手机号", self.phone)
        return form

    def _buttons(self, before: HelperView | None) -> QHBoxLayout:
        self.gone = KeyButton("已离开，取消登记", "Ctrl+D", name="helper.dismiss")
        self.gone.setVisible(before is not None)
        self.gone.setShortcut("Ctrl+D")
        self.gone.clicked.connect(self._no_more)
        line, self.ok = closing_row(self, "helper", "登记", self._submit, before=self.gone)
        return line

    def _submit(self) -> None:
        name, relation = self.name.text().strip(), self.relation.text().strip()
        number, phone = self.number.text().strip(), self.phone.text().strip()
        if len(name) < 2 or not relation:
            self.banner.display(Tone.CAUTION, "请填写姓名和与客户的关系")
        elif len(number) not in (0, 18):
            self.banner.display(Tone.CAUTION, "身份证号是 18 位，也可以不填")
        elif len(phone) not in (0, 11) or (phone and not phone.isdigit()):
            self.banner.display(Tone.CAUTION, "手机号是 11 位数字，也可以不填")
        else:
            self.accept()
            self._declare(DeclareHelper.model_construct(name=name, relation=relation, id_number=number, phone=phone))

    def _no_more(self) -> None:
        self.accept()
        self._dismiss()
