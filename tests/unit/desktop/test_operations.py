"""业务操作: what the menu offers of a case and why not, what its dialogs send, and what the agent is told."""

from collections.abc import Callable, Sequence
from datetime import timedelta

import pytest
from PySide6.QtCore import QCoreApplication, QEvent
from PySide6.QtGui import QGuiApplication
from PySide6.QtWidgets import QDialog, QLabel, QLineEdit, QPlainTextEdit, QPushButton
from pytestqt.qtbot import QtBot

from desktop.bridge import Trouble
from desktop.model import operations, terms
from desktop.model import workspace as w
from desktop.model.actions import Act, next_action, outcome
from desktop.model.news import news
from desktop.seat.casepanel import until_words
from desktop.seat.find import FindDialog
from desktop.seat.invitation import InvitationDialog
from desktop.seat.operations import Operations
from desktop.seat.terms import TermsDialog
from desktop.seat.workspace import SeatWorkspace
from signing.wire.base import Message, Tone
from signing.wire.call import Outcome
from signing.wire.case import CaseView, PartyState, Phase, StepKey
from signing.wire.lifecycle import ChangeTerms, FoundCase, Operation, RecordRefusal, WithdrawCase
from signing.wire.staff import AbortCase, Invitation, Presence
from tests.unit.desktop import views

LOAN = {"repayment_method": "interest_first", "purpose": "购买茶苗", "account_masked": "6217****0000"}


@pytest.fixture
def sent(workspace: SeatWorkspace, monkeypatch: pytest.MonkeyPatch) -> list[tuple[str, Message | None]]:
    """What would have gone to the service."""
    taken: list[tuple[str, Message | None]] = []
    monkeypatch.setattr(workspace.desk, "of_case", lambda what, tail, body=None: taken.append((tail, body)))
    monkeypatch.setattr(
        workspace.desk,
        "ask_of_case",
        lambda what, tail, kind, show, body=None, refused=None: taken.append((tail, body)),
    )
    return taken


def state(about: CaseView, presence: Presence = Presence.ON_CALL) -> w.State:
    talk = views.call("c1", views.place("p1"), views.place("p2")) if presence is Presence.ON_CALL else None
    return w.State(view=views.view(presence, talk=talk, about=about), focus="p1")


def case(**changes: object) -> CaseView:
    about = views.case(StepKey.IDENTITY, others=[views.party("p2")])
    return about.model_copy(update=LOAN | changes)


def dialog(workspace: SeatWorkspace, name: str) -> QDialog:
    found = workspace.window().findChild(QDialog, name)
    assert isinstance(found, QDialog), name
    return found


# --- what there is to do --------------------------------------------------------------------------------------------


def test_every_operation_is_listed_and_what_is_locked_says_why() -> None:
    assert operations.choices(w.State()) == []
    locked = {"change_terms": "已有当事人签署，签过的内容不能再改"}
    found = operations.choices(state(case(locked=locked)))
    assert [one.operation for one in found] == list(operations.TITLES)
    assert set(operations.TITLES) == set(Operation)
    assert found[0].locked == locked["change_terms"]
    assert "王*国" in found[1].title
    assert [one.locked for one in found[1:]] == [""] * 4


@pytest.mark.parametrize(("reached", "words"), [(PartyState.SIGNED, "已签署完毕"), (PartyState.REFUSED, "已登记拒绝")])
def test_a_party_who_is_through_or_gone_has_no_refusal_left(reached: PartyState, words: str) -> None:
    about = case(parties=[views.party(state=reached), views.party("p2")])
    refuse = next(one for one in operations.choices(state(about)) if one.operation is Operation.REFUSE)
    assert refuse.locked == words


def test_the_menu_shows_it_all(workspace: SeatWorkspace) -> None:
    workspace.desk.state = state(case(locked={"withdraw": "已开始用印，请等待用印和归档完成"}))
    workspace.display()
    button = workspace.findChild(Operations)
    assert isinstance(button, Operations)
    assert button.isVisible()
    assert button.key == "O"
    menu = button.menu_now()
    shown = [action for action in menu.actions() if not action.isSeparator()]
    assert [action.isEnabled() for action in shown] == [True, True, True, False, True]
    assert "已开始用印" in shown[3].text()
    menu.deleteLater()


def press(workspace: SeatWorkspace, operation: Operation) -> None:
    button = workspace.findChild(Operations)
    assert isinstance(button, Operations)
    menu = button.menu_now()
    next(one for one in menu.actions() if one.objectName() == f"operations.{operation.value}").trigger()
    menu.deleteLater()


@pytest.mark.parametrize(
    ("operation", "tail", "kind"),
    [
        (Operation.REFUSE, "parties/p1/refusal", RecordRefusal),
        (Operation.WITHDRAW, "withdraw", WithdrawCase),
        (Operation.ABORT, "abort", AbortCase),
    ],
)
def test_an_end_is_asked_for_with_its_reason(
    workspace: SeatWorkspace,
    sent: list[tuple[str, Message | None]],
    operation: Operation,
    tail: str,
    kind: type[Message],
) -> None:
    workspace.desk.state = state(case())
    workspace.display()
    press(workspace, operation)
    asked = dialog(workspace, "reason")
    ok, text = asked.findChild(QPushButton, "reason.ok"), asked.findChild(QPlainTextEdit, "reason.text")
    assert isinstance(ok, QPushButton)
    assert isinstance(text, QPlainTextEdit)
    assert not ok.isEnabled()
    text.setPlainText(operations.REASONS[operation][0])
    ok.click()
    assert sent == [(tail, kind(reason=operations.REASONS[operation][0]))]  # type: ignore[call-arg]


def test_a_link_is_asked_for_and_shown_once(workspace: SeatWorkspace, sent: list[tuple[str, Message | None]]) -> None:
    workspace.desk.state = state(case())
    workspace.display()
    press(workspace, Operation.INVITE)
    assert sent == [("parties/p1/link", None)]
    url = "https://signing.example/s#abcdefghijklmnopqrstuvwxyz"
    until = views.NOW + timedelta(hours=72)
    shown = InvitationDialog(
        [Invitation(party_id="p1", name_masked="王*国", url=url, expires_at=until)], workspace.window()
    )
    shown.open()
    field = shown.findChild(QLineEdit, "invitation.url1")
    copy = shown.findChild(QPushButton, "invitation.copy1")
    assert isinstance(field, QLineEdit)
    assert isinstance(copy, QPushButton)
    assert field.text() == url
    copy.click()
    assert QGuiApplication.clipboard().text() == url
    assert any(label.pixmap() and not label.pixmap().isNull() for label in shown.findChildren(QLabel))
    shown.accept()


# --- other terms ----------------------------------------------------------------------------------------------------


def typed(**facts: object) -> terms.Typed:
    return terms.Typed("客户少借一些", **facts)  # type: ignore[arg-type]


def test_only_what_differs_is_sent() -> None:
    about = case()
    same = terms.present(about)
    message = terms.change(about, typed(terms=same | {"amount": "90000.00", "account": ""}))
    assert message == ChangeTerms(reason="客户少借一些", amount="90000.00")
    people = {"p1": {"name": "", "phone": " 13900139000 "}, "p2": {"name": "", "phone": ""}}
    new = {
        "role": "guarantor",
        "name": "赵小草",
        "id_number": "11010519491231002X",
        "phone": "13800138033",
        "address": "",
    }
    message = terms.change(about, typed(corrected=people, added=[new], removed=["p2"]))
    assert [(one.party_id, one.phone, one.name) for one in message.corrected] == [("p1", "13900139000", None)]
    assert message.added[0].name == "赵小草"
    assert message.removed == ["p2"]


@pytest.mark.parametrize(
    ("facts", "words"),
    [
        ({}, "没有任何变更"),
        ({"terms": {"amount": "9万"}}, "金额"),
        ({"terms": {"term_months": "0"}}, "期限"),
        ({"corrected": {"p1": {"phone": "123"}}}, "手机号"),
        ({"added": [{"role": "guarantor", "name": "赵小草", "id_number": "1", "phone": "13800138033"}]}, "身份证号"),
    ],
)
def test_what_cannot_be_right_is_said_by_its_name(facts: dict[str, object], words: str) -> None:
    with pytest.raises(terms.NotRight, match=words):
        terms.change(case(), typed(**facts))


def test_the_form_sends_and_stays_open_with_a_refusal(workspace: SeatWorkspace, qtbot: QtBot) -> None:
    taken: list[ChangeTerms] = []
    answers: list[object] = []

    def send(message: ChangeTerms, refused: object, done: object) -> None:
        taken.append(message)
        answers[:] = [refused, done]

    form = TermsDialog(case(), send, workspace.window())
    form.open()
    assert not form.ok.isEnabled(), "a reason is needed"
    amount = form.terms["amount"]
    assert isinstance(amount, QLineEdit)
    assert amount.text() == "180000.00"
    form.reason.setText("客户少借一些")
    form.ok.click()
    assert form.error.text() == "没有任何变更"
    amount.setText("90000.00")
    form.people["p2"].out.setChecked(True)
    form.ok.click()
    assert taken == [ChangeTerms(reason="客户少借一些", amount="90000.00", removed=["p2"])]
    assert not form.ok.isEnabled(), "not twice"
    refused, done = answers
    refused(Trouble("保证人须至少 2 名", "请补充当事人"))  # type: ignore[operator]
    assert "保证人须至少 2 名" in form.error.text()
    assert form.isVisible()
    assert form.ok.isEnabled()
    add = form.findChild(QPushButton, "terms.add")
    assert isinstance(add, QPushButton)
    add.click()
    assert len(form.added) == 1
    done()  # type: ignore[operator]
    assert not form.isVisible()
    assert refused(Trouble("保证人须至少 2 名")) is False, "whoever closed it is told elsewhere"  # type: ignore[operator]
    QCoreApplication.sendPostedEvents(None, QEvent.Type.DeferredDelete)
    assert refused(Trouble("保证人须至少 2 名")) is False  # type: ignore[operator]
    done()  # type: ignore[operator]


# --- what is told ---------------------------------------------------------------------------------------------------


def test_the_panel_says_until_when_and_how_it_ended() -> None:
    assert until_words(case(expires_at=views.NOW)).startswith("签署期限 2026-11-24")
    assert until_words(case()) == ""
    assert until_words(case(phase=Phase.WITHDRAWN, abort_reason="审批撤销")) == "已撤回：审批撤销"


def test_a_refusal_and_other_terms_are_told_and_the_line_is_shown_again() -> None:
    before = views.view(Presence.ON_CALL, talk=views.call(), about=case())
    gone = views.view(
        Presence.ON_CALL,
        talk=views.call(),
        about=case(phase=Phase.STOPPED, parties=[views.party(state=PartyState.REFUSED), views.party("p2")]),
    )
    assert [said.tone for said in news(before, gone)] == [Tone.STOP]
    other = case(documents=[views.document().model_copy(update={"document_id": "d2"})])
    changed = views.view(Presence.ON_CALL, talk=views.call(), about=other)
    assert any("业务条款已变更" in said.text for said in news(before, changed))
    shown = w.State(view=before, shown_line=("k1", "p1", 1))
    after, _ = w.reduce(shown, w.Pushed(changed, views.NOW))
    assert after.shown_line is None
    ended = views.view(Presence.WRAP_UP, about=case(phase=Phase.WITHDRAWN, documents=[]))
    assert not list(news(before, ended)), "void papers of an ended case are no change of terms"


@pytest.mark.parametrize("phase", [Phase.STOPPED, Phase.REFUSED, Phase.WITHDRAWN, Phase.EXPIRED, Phase.ABORTED])
def test_after_the_call_an_ended_or_stopped_case_leads_to_the_end_of_wrap_up(phase: Phase) -> None:
    parties = [views.party(state=PartyState.REFUSED), views.party("p2")]
    after = state(case(phase=phase, parties=parties), Presence.WRAP_UP)
    step = next_action(after)
    assert step.act is Act.FINISH
    assert ("业务操作" in step.sentence) is (phase is Phase.STOPPED)
    assert outcome(after) is Outcome.REFUSED


# --- a case that nobody talks about ---------------------------------------------------------------------------------


def test_a_case_is_found_and_put_on_the_desk(workspace: SeatWorkspace, qtbot: QtBot) -> None:
    asked: list[str] = []
    taken: list[str] = []
    row = FoundCase(
        case_id="k9", case_no="PQ202611260001", product_title="多人担保贷款", parties=["借款人王*国", "保证人李*梅"],
        phase=Phase.STOPPED, opened_at=views.NOW, expires_at=views.NOW,
    )  # fmt: skip

    def search(text: str, show: Callable[[Sequence[FoundCase]], None]) -> None:
        asked.append(text)
        show([row])

    form = FindDialog(search, taken.append, workspace.window())
    form.open()
    assert not form.ok.isEnabled()
    form.text.setText("李四")
    qtbot.waitUntil(lambda: asked == ["李四"])
    words = form.rows.item(0).text()
    assert "保证人李*梅" in words
    assert "客户拒绝" in words
    form.show_cases([])
    assert form.none.isVisible()
    form.show_cases([row])
    form.ok.click()
    assert taken == ["k9"]


def test_it_can_be_looked_for_only_at_a_free_desk(workspace: SeatWorkspace) -> None:
    workspace.desk.state = state(case())
    workspace.display()
    assert not workspace.queue.look_up.isEnabled()
    workspace.desk.state = w.State(view=views.view(Presence.AWAY))
    workspace.display()
    assert workspace.queue.look_up.isEnabled()
    assert workspace.queue.look_up.key == "F3"
