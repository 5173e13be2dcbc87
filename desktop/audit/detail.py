"""The head of a session: what it is, whose it is, the verdict in words, and the two things to do with it."""

from PySide6.QtWidgets import QFrame, QWidget

from desktop.audit.verdict import VerdictBar
from desktop.model import party as parties
from desktop.model import wording
from desktop.widgets.parts import Choice, KeyButton, column, label, row, set_tone
from desktop.widgets.personal import PersonalBox
from signing.wire.audit import AuditCase, VerificationReport
from signing.wire.base import Tone
from signing.wire.case import CaseView, Personal, RecordingState

REVEAL_KEYS = {Personal.ID_NUMBER: "Ctrl+I", Personal.PHONE: "Ctrl+N"}


class CaseHead(QFrame):
    """``display`` a case; then ``checking``, ``show_report`` or ``not_checked``."""

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setProperty("card", True)
        self.verdict = VerdictBar()
        self.verify = KeyButton("核验", "Ctrl+E", icon="shield", name="audit.verify")
        self.verify.set_primary(True)
        self.export = KeyButton("导出证据包", "Ctrl+S", icon="save", name="audit.export")
        self._title = label("", "title", name="audit.title")
        self._facts = label("", "second", wrap=True, name="audit.facts")
        self._stated = label("", "second", wrap=True, name="audit.particulars")
        self.party = Choice()
        self.party.setObjectName("audit.party")
        self.party.setAccessibleName("选择当事人")
        self.personal = PersonalBox(REVEAL_KEYS, "audit.personal", across=True)
        self._case: CaseView | None = None
        self._stand_ins = label("", "second", wrap=True, name="audit.stand_ins")
        self._look = label("", "second", wrap=True, name="audit.look")
        for caution in (self._stand_ins, self._look):
            set_tone(caution, Tone.CAUTION)
        self.party.currentIndexChanged.connect(lambda _: self._turn())
        layout = column(self, 6, (14, 10, 14, 10))
        head = row(spacing=10)
        head.addWidget(self._title)
        head.addWidget(self.verdict, 1)
        head.addWidget(self.export)
        head.addWidget(self.verify)
        layout.addLayout(head)
        layout.addWidget(self._facts)
        layout.addWidget(self._stated)
        people = row(spacing=16)
        people.addWidget(self.party)
        people.addWidget(self.personal)
        people.addStretch(1)
        layout.addLayout(people)
        layout.addWidget(self._look)
        layout.addWidget(self._stand_ins)

    def display(self, audit: AuditCase) -> None:
        case = audit.case
        who = "、".join(f"{party.name_masked}（{party.role_title}）" for party in case.parties)
        self._title.setText(case.case_no)
        self._offer_parties(case)
        agent = f"坐席 {audit.agent}" if audit.agent else ""
        facts = (case.product_title, wording.money(case.amount), who, agent, wording.PHASES[case.phase])
        self._facts.setText(" · ".join(filter(None, facts)))
        self._stated.setText(wording.stated(case).replace("\n", "　"))
        self._stated.setVisible(bool(case.particulars))
        self._stand_ins.setText(wording.stand_ins(case.stand_ins))
        self._stand_ins.setVisible(bool(case.stand_ins))
        look = wording.to_look_at(case.recordings)
        whole = all(one.state is RecordingState.VERIFIED for one in case.recordings)
        self._look.setText(f"录像没有损坏，但{look}" if look and whole else look)
        self._look.setVisible(bool(look))
        self.verdict.forget()
        self.verify.setEnabled(True)
        self.export.setEnabled(case.package is not None)
        self.export.setToolTip("" if case.package else "证据包在用印后生成")

    def _offer_parties(self, case: CaseView) -> None:
        self.party.blockSignals(True)
        self.party.clear()
        for party in case.parties:
            self.party.addItem(parties.label(party), party.party_id)
        self.party.blockSignals(False)
        self._case = case
        self._turn()

    def _turn(self) -> None:
        """To the party that is chosen: theirs are the numbers beside."""
        if self._case is not None:
            chosen = (party for party in self._case.parties if party.party_id == self.party.currentData())
            self.personal.display(self._case.case_id, next(chosen, None))

    def checking(self) -> None:
        self.verify.setEnabled(False)
        self.verdict.say("正在核验…")

    def show_report(self, report: VerificationReport) -> None:
        self.verify.setEnabled(True)
        self.verdict.display(report)

    def not_checked(self, why: str) -> None:
        self.verify.setEnabled(True)
        self.verdict.say(f"没有核验成：{why}", Tone.CAUTION)
