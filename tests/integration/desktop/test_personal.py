"""The agent's and the auditor's window over the real service: a masked number is shown, and the look is on record."""

import json
import sqlite3
from collections.abc import Iterator
from pathlib import Path

import pytest
from PySide6.QtWidgets import QApplication, QDialog, QLabel, QListWidget
from pytestqt.qtbot import QtBot

from desktop.audit.workspace import AuditWorkspace
from signing.domain.masking import mask_id_number, mask_phone
from tests.integration.desktop.office import Service, service
from tests.integration.desktop.test_joint import give_reason, window
from tests.integration.desktop.test_journey import Hands
from tests.integration.web.running import BORROWER


@pytest.fixture
def office(tmp_path: Path) -> Iterator[Service]:
    with service(tmp_path / "service") as running:
        yield running


def text_of(hands: Hands, name: str) -> str:
    found = hands.window.findChild(QLabel, name)
    return found.text() if found is not None else ""


def chained(data: Path) -> str:
    """Every row of the event chain, as text."""
    with sqlite3.connect(data / "pingqian.db", timeout=15) as database:
        return json.dumps([[str(value) for value in row] for row in database.execute("SELECT * FROM event")])


def off_the_desk(data: Path) -> None:
    with sqlite3.connect(data / "pingqian.db", timeout=15) as database:
        database.execute("UPDATE seat SET case_id = NULL")


def unwritable(data: Path, full: bool) -> None:
    """A disk that takes no more events."""
    made = "CREATE TRIGGER full BEFORE INSERT ON event BEGIN SELECT RAISE(ABORT, 'full'); END"
    with sqlite3.connect(data / "pingqian.db", timeout=15) as database:
        database.execute(made if full else "DROP TRIGGER full")


@pytest.mark.timeout(480)
def test_the_agent_sees_at_a_key_and_the_auditor_for_a_reason(office: Service, qtbot: QtBot, tmp_path: Path) -> None:
    office.open_case()
    application, hands = window(office, tmp_path / "desktop", qtbot)
    try:
        _at_the_seat(hands, tmp_path)
        _told_in_words_what_went_wrong(hands, tmp_path)
        _refused_once_the_case_is_off_the_desk(hands, tmp_path)
        application.window.log_out()
        _as_auditor(hands, tmp_path)
    finally:
        application.close()
        QApplication.processEvents()
    kept = chained(tmp_path / "service")
    assert kept.count("personal.revealed") == 2
    assert BORROWER.id_number not in kept
    assert BORROWER.phone not in kept


def _at_the_seat(hands: Hands, tmp_path: Path) -> None:
    hands.log_in("zhang")
    hands.press("queue.find")
    hands.press("find.ok")
    hands.until(lambda: hands.ready("party.id_number.reveal"))
    assert text_of(hands, "party.id_number") == mask_id_number(BORROWER.id_number)
    hands.press("party.id_number.reveal")
    hands.until(lambda: text_of(hands, "party.id_number") == BORROWER.id_number)
    assert text_of(hands, "party.phone") == mask_phone(BORROWER.phone)
    hands.window.grab().save(str(tmp_path / "seat.png"))
    hands.press("party.id_number.reveal")
    assert text_of(hands, "party.id_number") == mask_id_number(BORROWER.id_number)


def _told_in_words_what_went_wrong(hands: Hands, tmp_path: Path) -> None:
    """The look cannot be put on record, so nothing is shown."""
    unwritable(tmp_path / "service", True)
    hands.press("party.phone.reveal")
    hands.until(lambda: "请稍后重试" in text_of(hands, "toast.text"))
    hands.window.grab().save(str(tmp_path / "failed.png"))
    assert text_of(hands, "party.phone") == mask_phone(BORROWER.phone)
    unwritable(tmp_path / "service", False)


def _refused_once_the_case_is_off_the_desk(hands: Hands, tmp_path: Path) -> None:
    """As when another window has put it away and this one has not heard."""
    off_the_desk(tmp_path / "service")
    hands.press("party.phone.reveal")
    hands.until(lambda: "请填写查看原因" in text_of(hands, "toast.text"))
    assert text_of(hands, "party.phone") == mask_phone(BORROWER.phone)
    hands.window.grab().save(str(tmp_path / "refused.png"))


def _as_auditor(hands: Hands, tmp_path: Path) -> None:
    hands.log_in("lin")
    hands.until(lambda: hands.window.findChild(QListWidget, "audit.list"))
    sessions = hands.window.findChild(QListWidget, "audit.list")
    assert sessions is not None
    hands.until(lambda: sessions.count() == 1)
    sessions.setCurrentRow(0)
    hands.press("audit.personal.phone.reveal")
    hands.until(lambda: hands.window.findChild(QDialog, "reason"))
    assert not hands.ready("reason.ok"), "no look without a reason"
    give_reason(hands, "核对回访号码")
    hands.until(lambda: text_of(hands, "audit.personal.phone") == BORROWER.phone)
    assert text_of(hands, "audit.personal.id_number") == mask_id_number(BORROWER.id_number)
    hands.window.grab().save(str(tmp_path / "audit.png"))
    _told_to_who_opens_it_again(hands)


def _told_to_who_opens_it_again(hands: Hands) -> None:
    audit = hands.window.findChild(AuditWorkspace, "workspace.audit")
    assert audit is not None
    assert audit._case is not None
    audit.open_case(audit._case.case.case_id)
    wanted = ["查看借款人王*兰的证件号", "查看借款人王*兰的手机号"]
    hands.until(lambda: looks_of(audit) == wanted)
    hands.until(lambda: text_of(hands, "audit.personal.phone") == BORROWER.phone)


def looks_of(audit: AuditWorkspace) -> list[str]:
    events = audit._case.events if audit._case else []
    return [event.title for event in events if event.type == "personal.revealed"]
