"""What a product asks for beside the terms is before the agent in the call, and before the auditor afterwards."""

from PySide6.QtWidgets import QLabel, QWidget
from pytestqt.qtbot import QtBot

from desktop.audit.detail import CaseHead
from desktop.model import workspace as w
from desktop.seat.workspace import SeatWorkspace
from signing.wire.case import CaseView, Stated
from signing.wire.staff import Presence
from tests.unit.desktop import views
from tests.unit.desktop.test_seat_panels import show

GIVEN = [
    Stated(title="合作模式", words="抵押加收储（示范县林权收储有限公司）"),
    Stated(title="保证方式", words="一般保证"),
    Stated(title="循环期限", words="36 个月"),
]


def stated(*given: Stated) -> CaseView:
    return views.case().model_copy(update={"particulars": list(given)})


def words(parent: QWidget, name: str) -> QLabel:
    found = parent.findChild(QLabel, name)
    assert isinstance(found, QLabel)
    return found


def test_the_agent_sees_them_under_the_terms(workspace: SeatWorkspace) -> None:
    line = words(workspace, "case.particulars")

    def display(case: CaseView) -> None:
        show(workspace, w.State(view=views.view(Presence.ON_CALL, talk=views.call(), about=case)))

    display(stated(*GIVEN))
    assert line.isVisible()
    assert line.text().split("\n") == [
        "合作模式：抵押加收储（示范县林权收储有限公司）",
        "保证方式：一般保证",
        "循环期限：36 个月",
    ]
    assert line.height() >= line.heightForWidth(line.width()), "all of it"
    display(stated())
    assert not line.isVisible(), "of a product that asks for nothing more"


def test_the_auditor_sees_them_in_the_head_of_the_case(qtbot: QtBot) -> None:
    head = CaseHead()
    qtbot.addWidget(head)
    head.show()
    audit = views.audit_case()
    head.display(audit.model_copy(update={"case": stated(*GIVEN)}))
    line = words(head, "audit.particulars")
    assert line.isVisible()
    assert "保证方式：一般保证" in line.text()
    head.display(audit)
    assert not line.isVisible()
