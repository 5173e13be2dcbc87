"""The form on the screen: fields that come and go, what is told in place, people added, the keyboard, every name."""

import os
from pathlib import Path

import pytest
from PySide6.QtCore import Qt
from PySide6.QtWidgets import (
    QAbstractButton,
    QApplication,
    QComboBox,
    QLineEdit,
    QListWidget,
    QMessageBox,
    QPlainTextEdit,
    QWidget,
)
from pytestqt.qtbot import QtBot

from desktop.opening import form as model
from desktop.opening.beside import Beside, Todo
from desktop.opening.form import Typed
from desktop.opening.groups import FormView
from desktop.opening.picker import Picker
from desktop.widgets import theme
from signing.wire.base import Tone
from signing.wire.case import Stated
from signing.wire.opening import OpeningCatalogue
from tests.unit.desktop.opening.forms import FORM, NUMBER


@pytest.fixture
def view(qtbot: QtBot, qapp: QApplication) -> FormView:
    theme.apply(qapp, "light")
    made = FormView(FORM, model.begun(FORM))
    qtbot.addWidget(made)
    made.resize(700, 1400)
    made.show()
    qtbot.waitExposed(made)
    return made


def keep(widget: QWidget, name: str) -> None:
    """A picture to look at, where a folder for it is given."""
    if folder := os.environ.get("SCREENS"):
        widget.grab().save(str(Path(folder) / f"{name}.png"))


def editor(view: FormView, path: str) -> QLineEdit:
    line = view.row_at(path)
    assert line is not None
    assert isinstance(line.editor, QLineEdit)
    return line.editor


def type_into(qtbot: QtBot, view: FormView, path: str, text: str) -> None:
    qtbot.keyClicks(editor(view, path), text)  # type: ignore[no-untyped-call]


def shown(view: FormView, path: str) -> bool:
    line = view.row_at(path)
    return line is not None and line.isVisible()


def test_every_stroke_is_told(view: FormView, qtbot: QtBot) -> None:
    told: list[Typed] = []
    view.changed.connect(told.append)
    type_into(qtbot, view, "amount", "18")
    assert [one.value("amount") for one in told] == ["1", "18"]


def test_a_fault_is_told_once_the_hand_has_left_and_goes_as_it_is_put_right(view: FormView, qtbot: QtBot) -> None:
    line = view.row_at("parties.0.phone")
    assert line is not None
    editor(view, "parties.0.phone").setFocus()
    type_into(qtbot, view, "parties.0.phone", "1380013")
    assert not line.line.isVisible(), "not while it is still being typed"
    qtbot.keyClick(line.editor, Qt.Key.Key_Tab)  # type: ignore[no-untyped-call]
    assert "11 位" in line.line.text()
    assert line.line.property("tone") == "stop"
    assert line.editor.accessibleDescription() == line.line.text()
    type_into(qtbot, view, "parties.0.phone", "8000")
    assert line.line.text() == ""


def test_a_number_says_whose_it_may_be_until_the_service_knows_more(view: FormView, qtbot: QtBot) -> None:
    line = view.row_at("parties.0.id_number")
    assert line is not None
    type_into(qtbot, view, "parties.0.id_number", NUMBER.lower())
    assert line.line.text() == "1949 年 12 月 31 日生，女"
    line.tell(None, "76 周岁，老年客户，排队优先")
    assert line.line.text() == "76 周岁，老年客户，排队优先"
    line.tell((Tone.STOP, "借款人不在整村授信名册中。请先完成建档授信"), "76 周岁")
    assert line.line.text().startswith("借款人不在")
    line.write(f"{NUMBER[:-1]}1")
    assert "校验不通过" in line.line.text(), "what can be seen at once comes first"


def test_fields_come_and_go_with_what_was_answered(view: FormView) -> None:
    assert not view.cards["particulars.business"].isVisible()
    kind = view.row_at("particulars.borrower_kind")
    assert kind is not None
    kind.write("cooperative")
    assert view.cards["particulars.business"].isVisible()
    assert shown(view, "particulars.business.name")
    kind.write("person")
    assert not view.cards["particulars.business"].isVisible()


def test_people_are_added_in_their_role_and_taken_out(view: FormView, qtbot: QtBot) -> None:
    for number in (1, 2):
        button = view.findChild(QAbstractButton, "parties.add.guarantor")
        assert isinstance(button, QAbstractButton)
        button.click()
        qtbot.wait(1)
        view.row_at(f"parties.{number}.name").write(f"保证人{number}")  # type: ignore[union-attr]
        assert QApplication.focusWidget() is view.row_at(f"parties.{number}.name").editor  # type: ignore[union-attr]
    assert view.findChild(QAbstractButton, "parties.add.guarantor") is None, "no third"
    assert shown(view, "parties.1.share_percent")
    assert not shown(view, "parties.0.share_percent")
    out = view.findChild(QAbstractButton, "parties.1.out")
    assert isinstance(out, QAbstractButton)
    out.click()
    (asked,) = view.findChildren(QMessageBox)
    assert view.typed.count("parties") == 3, "what was typed of somebody goes by one key"
    assert "保证人1" in asked.informativeText()
    qtbot.keyClick(asked, Qt.Key.Key_Return)  # type: ignore[no-untyped-call]
    assert view.typed.count("parties") == 3, "the key that is pressed by habit keeps it"
    out.click()
    asked = next(box for box in view.findChildren(QMessageBox) if box.isVisible())
    next(one for one in asked.buttons() if one.text() == "去掉").click()
    qtbot.wait(1)
    assert view.typed.count("parties") == 2
    assert editor(view, "parties.1.name").text() == "保证人2"


def test_of_whom_nothing_is_typed_goes_without_a_question(view: FormView, qtbot: QtBot) -> None:
    button = view.findChild(QAbstractButton, "parties.add.guarantor")
    assert isinstance(button, QAbstractButton)
    button.click()
    qtbot.wait(1)
    out = view.findChild(QAbstractButton, "parties.1.out")
    assert isinstance(out, QAbstractButton)
    out.click()
    assert view.findChildren(QMessageBox) == []
    assert view.typed.count("parties") == 1


def test_from_field_to_field_no_button_between_gets_the_hand(view: FormView) -> None:
    wanted = [one.path for one in model.fields(FORM, view.typed)]
    first = view.row_at(wanted[0])
    assert first is not None
    first.editor.setFocus()
    walked = [wanted[0]]
    while view.advance():
        focused = QApplication.focusWidget()
        assert focused is not None
        walked.append(focused.objectName())
    assert walked == wanted


def test_a_known_person_is_filled_in_and_what_is_not_known_stays(view: FormView) -> None:
    view.row_at("parties.0.phone").write("13900139000")  # type: ignore[union-attr]
    view.fill(0, {"name": "王秀兰", "id_number": NUMBER, "phone": "", "nothing": "x"})
    assert view.typed.value("parties.0.name") == "王秀兰"
    assert view.typed.value("parties.0.phone") == "13900139000"


def test_tab_goes_through_every_field_in_the_order_of_the_form(view: FormView, qtbot: QtBot) -> None:
    first = view.row_at("amount")
    assert first is not None
    first.editor.setFocus()
    walked = []
    for _ in range(60):
        focused = QApplication.focusWidget()
        if focused is None or (focused.objectName() in walked and focused.objectName()):
            break
        walked.append(focused.objectName())
        qtbot.keyClick(focused, Qt.Key.Key_Tab)  # type: ignore[no-untyped-call]
    wanted = [one.path for one in model.fields(FORM, view.typed)]
    assert [name for name in walked if name in wanted] == wanted


def test_whatever_can_be_used_has_a_name_for_the_ear(view: FormView) -> None:
    parts = (QLineEdit, QPlainTextEdit, QComboBox, QAbstractButton)
    nameless = [
        one.objectName() for kind in parts for one in view.findChildren(kind)
        if one.isVisible() and not (one.accessibleName() or (isinstance(one, QAbstractButton) and one.text()))
    ]  # fmt: skip
    assert nameless == []
    assert view.row_at("parties.0.phone").editor.accessibleName() == "第 1 位当事人的手机号"  # type: ignore[union-attr]


def test_no_word_of_a_button_or_choice_is_cut_off(view: FormView) -> None:
    for one in [*view.findChildren(QAbstractButton), *view.findChildren(QComboBox)]:
        if one.isVisible():
            assert one.height() >= one.sizeHint().height(), one.objectName()
    for line in view.findChildren(QLineEdit):
        if line.isVisible():
            assert line.height() >= line.sizeHint().height(), line.objectName()
    keep(view, "opening-form-unit")


# --- beside it --------------------------------------------------------------------------------------------------------


def test_what_is_to_be_done_leads_to_its_field(qtbot: QtBot) -> None:
    made = Beside()
    qtbot.addWidget(made)
    made.show()
    gone: list[str] = []
    made.gone_to.connect(gone.append)
    made.show_todo([Todo(Tone.STOP, "金额须在 1 至 3 元之间", "请修改金额", "amount")], "好")
    assert made.tabText(0) == "核对 1"
    go = next(one for one in made.findChildren(QAbstractButton) if one.text() == "去填写")
    go.click()
    assert gone == ["amount"]
    made.show_todo([], "可以建立业务")
    assert made.tabText(0) == "核对 ✓"


def test_papers_are_asked_for_only_while_they_are_looked_at(qtbot: QtBot) -> None:
    made = Beside()
    qtbot.addWidget(made)
    asked: list[bool] = []
    made.wanted.connect(lambda: asked.append(True))
    made.outdate()
    assert asked == []
    made.setCurrentIndex(1)
    assert asked == [True]
    made.outdate()
    assert asked == [True, True]


# --- products ---------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(("confirmed", "said"), [(True, "一年期 3.00%，五年期以上 3.50%"), (False, "还没有核对")])
def test_an_lpr_that_nobody_confirmed_is_not_shown_as_todays(qtbot: QtBot, confirmed: bool, said: str) -> None:
    made = Picker()
    qtbot.addWidget(made)
    lpr = {"day": "2026-11-20", "one_year": "3.00", "five_year": "3.50", "confirmed": confirmed}
    today = {"institution": "示范", "today": "2026-11-27", "parties_most": 8, "lpr": lpr, "products": [FORM]}
    made.display(OpeningCatalogue.model_validate(today))
    assert said in made.lpr.text()
    assert ("3.00%" in made.lpr.text()) is confirmed
    assert ("请管理员导入" in made.lpr.text()) is not confirmed


def test_products_are_found_by_name_and_by_their_limits(qtbot: QtBot) -> None:
    made = Picker()
    qtbot.addWidget(made)
    other = FORM.model_copy(
        update={"product_id": "other", "title": "别的贷款", "limits": [Stated(title="金额", words="至多 300,000 元")]}
    )
    refused = FORM.model_copy(update={"product_id": "no", "title": "他行贷款", "refused": "只由大型商业银行办理"})
    today = {"institution": "示范", "today": "2026-11-27", "parties_most": 8}
    made.display(OpeningCatalogue.model_validate({**today, "products": [FORM, other, refused]}))
    assert "没有可用的 LPR" in made.lpr.text()
    chosen: list[str] = []
    made.chosen.connect(lambda form: chosen.append(form.product_id))
    made.text.setText("300000")
    assert [made.list.item(n).text() for n in range(made.list.count())] == ["别的贷款"]
    qtbot.keyClick(made.text, Qt.Key.Key_Return)  # type: ignore[no-untyped-call]
    assert chosen == ["other"]
    made.text.setText("他行")
    assert not made.begin.isEnabled()
    qtbot.keyClick(made.text, Qt.Key.Key_Return)  # type: ignore[no-untyped-call]
    assert chosen == ["other"]
    made.text.setText("没有的")
    assert made.list.count() == 0
    assert isinstance(made.list, QListWidget)
