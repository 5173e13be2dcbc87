"""业务操作: one calm menu for what is done to a case as a whole; what cannot be done now says why."""

from collections.abc import Callable, Mapping
from functools import partial

from PySide6.QtCore import QPoint
from PySide6.QtWidgets import QMenu, QWidget

from desktop.bridge import Trouble
from desktop.model import operations as model
from desktop.model import party as parties
from desktop.model.operations import Choice
from desktop.model.state import State
from desktop.seat.desk import Desk
from desktop.seat.invitation import InvitationDialog
from desktop.seat.reason import ReasonDialog
from desktop.seat.terms import TermsDialog
from desktop.widgets.parts import KeyButton
from signing.wire.base import Message, Tone
from signing.wire.call import Reason
from signing.wire.lifecycle import ChangeTerms, Operation, RecordRefusal, WithdrawCase
from signing.wire.staff import AbortCase, CaseOpened, Invitation

KEY = "O"
_EXPLAINED: Mapping[Operation, tuple[str, str]] = {
    Operation.REFUSE: (
        "登记后对方离开通话，手机上会看到“办理到此结束”；业务停住，由您终止，或者变更后由其他人继续。",
        "登记拒绝",
    ),
    Operation.WITHDRAW: (
        "由本机构收回这笔业务：文书全部作废，链接失效，通话结束，每位当事人的手机上都会说明。不能恢复。",
        "撤回业务",
    ),
    Operation.ABORT: (
        "办理中发生的情况使业务不能继续：文书全部作废，链接失效，通话结束。不能恢复。",
        "终止业务",
    ),
}


class Operations(KeyButton):
    """The button and what it opens. Dialogs belong to the window."""

    def __init__(self, desk: Desk, parent: QWidget | None = None) -> None:
        super().__init__("业务操作", KEY, name="case.operations")
        if parent is not None:
            self.setParent(parent)
        self._desk = desk
        self.clicked.connect(self.open_menu)

    def display(self, state: State) -> None:
        self.setVisible(state.case is not None)
        self.setEnabled(not state.busy)

    def open_menu(self) -> None:
        menu = self.menu_now()
        menu.popup(self.mapToGlobal(QPoint(0, self.height())))

    def menu_now(self) -> QMenu:
        """Made anew each time: what is locked says why, beside its name."""
        menu = QMenu(self)
        menu.setObjectName("operations.menu")
        menu.aboutToHide.connect(menu.deleteLater)
        for number, choice in enumerate(model.choices(self._desk.state), 1):
            if choice.operation is Operation.WITHDRAW:
                menu.addSeparator()
            words = f"&{number}  {choice.title}" + (f"（{choice.locked}）" if choice.locked else "")
            action = menu.addAction(words)
            action.setObjectName(f"operations.{choice.operation.value}")
            action.setEnabled(not choice.locked)
            action.triggered.connect(partial(self._begin, choice))
        return menu

    def _begin(self, choice: Choice, _checked: bool = False) -> None:
        case, party = self._desk.state.case, self._desk.state.party
        if case is None or party is None:
            return
        match choice.operation:
            case Operation.CHANGE_TERMS:
                TermsDialog(case, self._change, self.window()).open()
            case Operation.INVITE:
                tail = f"parties/{party.party_id}/link"
                self._desk.ask_of_case("invite", tail, Invitation, self._show_one)
            case Operation.REFUSE:
                tail = f"parties/{party.party_id}/refusal"
                send = partial(self._send, "refuse", tail, RecordRefusal)
                self._ask(choice.operation, f"登记拒绝：{parties.label(party)}", send)
            case Operation.WITHDRAW:
                self._ask(
                    choice.operation,
                    f"撤回业务 {case.case_no}",
                    partial(self._send, "withdraw", "withdraw", WithdrawCase),
                )
            case Operation.ABORT:
                self._ask(
                    choice.operation, f"终止业务 {case.case_no}", partial(self._send, "abort", "abort", AbortCase)
                )

    def _ask(self, operation: Operation, title: str, send: Callable[[str], None]) -> None:
        question, button = _EXPLAINED[operation]
        ReasonDialog(title, question, model.REASONS[operation], button, send, self.window()).open()

    def _send(self, what: str, tail: str, kind: Callable[..., Message], reason: Reason) -> None:
        self._desk.of_case(what, tail, kind(reason=reason))

    def _change(self, message: ChangeTerms, refused: Callable[[Trouble], bool], done: Callable[[], None]) -> None:
        def changed(opened: CaseOpened) -> None:
            done()
            if opened.invitations:
                self._show(opened.invitations)

        def told(trouble: Trouble) -> None:
            if not refused(trouble):
                self._desk.said.emit(Tone.STOP, f"变更没有办成：{trouble.text}")

        self._desk.ask_of_case("terms", "terms", CaseOpened, changed, message, told)

    def _show_one(self, invitation: Invitation) -> None:
        self._show([invitation])

    def _show(self, invitations: list[Invitation]) -> None:
        InvitationDialog(invitations, self.window()).open()
