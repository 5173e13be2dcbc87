"""A masked number is shown in place for half a minute: the model, the box with its buttons, and both workspaces."""

import json
import threading
from collections.abc import Iterator
from dataclasses import dataclass, field, replace
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

import pytest
from PySide6.QtCore import Qt
from PySide6.QtWidgets import QDialog, QPlainTextEdit, QPushButton
from pytestqt.qtbot import QtBot

from desktop.audit.workspace import AuditWorkspace
from desktop.bridge import Bridge, Trouble
from desktop.client import Client
from desktop.model import revealing
from desktop.model import workspace as w
from desktop.model.revealing import Looks, Place
from desktop.seat.parties import REVEAL_KEYS
from desktop.seat.workspace import SeatWorkspace
from desktop.widgets.personal import PersonalBox
from signing.wire.audit import SessionList, Verdict
from signing.wire.base import ErrorBody, Message
from signing.wire.case import PartyState, Personal, Reveal, Revealed, StepKey
from signing.wire.staff import Presence
from tests.unit.desktop import views
from tests.unit.desktop.test_audit_panels import report
from tests.unit.desktop.test_seat_panels import named, show, text_of

ID, PHONE = Personal.ID_NUMBER, Personal.PHONE
NUMBER, MOBILE = "11010519491231002X", "13800138000"
MASKED_ID, MASKED_PHONE = "110***02X", "138****8000"


def looks(party_id: str = "p1", case_id: str = "k1") -> Looks:
    return revealing.turn(Looks(), revealing.subject(case_id, views.party(party_id)))


# --- the model ----------------------------------------------------------------------------------------------------


def test_what_is_revealed_stands_in_place_of_its_mask_and_of_no_other() -> None:
    before = looks()
    assert (before.text(ID), before.text(PHONE)) == (MASKED_ID, MASKED_PHONE)
    after = revealing.reveal(before, Place("k1", "p1", ID), NUMBER, 100.0)
    assert (after.text(ID), after.text(PHONE)) == (NUMBER, MASKED_PHONE)
    assert revealing.hide(after, ID) == before
    assert revealing.hide(after, PHONE) == after


def test_after_thirty_seconds_the_mask_is_back() -> None:
    shown = revealing.reveal(looks(), Place("k1", "p1", ID), NUMBER, 100.0)
    shown = revealing.reveal(shown, Place("k1", "p1", PHONE), MOBILE, 110.0)
    assert revealing.SECONDS == 30
    assert revealing.wait(shown, 110.0) == 20.0
    assert revealing.passed(shown, 129.9) == shown
    later = revealing.passed(shown, 130.0)
    assert (later.text(ID), later.text(PHONE)) == (MASKED_ID, MOBILE)
    assert revealing.wait(later, 130.0) == 10.0
    assert revealing.wait(later, 150.0) == 0.0
    assert revealing.passed(later, 140.0) == looks()
    assert revealing.wait(looks(), 0.0) is None


def test_asking_again_begins_the_time_again() -> None:
    place = Place("k1", "p1", ID)
    shown = revealing.reveal(revealing.reveal(looks(), place, NUMBER, 100.0), place, NUMBER, 120.0)
    assert len(shown.values) == 1
    assert revealing.wait(shown, 120.0) == 30.0


@pytest.mark.parametrize("place", [Place("k1", "p2", ID), Place("k2", "p1", ID)])
def test_an_answer_about_somebody_else_is_dropped(place: Place) -> None:
    assert revealing.reveal(looks(), place, NUMBER, 0.0) == looks()
    assert revealing.reveal(Looks(), place, NUMBER, 0.0) == Looks()


def test_turning_to_another_party_case_or_number_forgets() -> None:
    shown = revealing.reveal(looks(), Place("k1", "p1", ID), NUMBER, 0.0)
    assert revealing.turn(shown, shown.subject) == shown
    corrected = views.party("p1").model_copy(update={"id_number_masked": "350***019"})
    others = (
        revealing.subject("k1", views.party("p2")),
        revealing.subject("k2", views.party("p1")),
        revealing.subject("k1", corrected),
        None,
    )
    for other in others:
        turned = revealing.turn(shown, other)
        assert turned == Looks(other)
        assert NUMBER not in {turned.text(ID), turned.text(PHONE)}
    assert Looks().text(ID) == ""
    assert Looks().place(ID) is None


def test_progress_of_the_same_party_forgets_nothing() -> None:
    shown = revealing.reveal(looks(), Place("k1", "p1", ID), NUMBER, 0.0)
    further = revealing.subject("k1", views.party("p1", PartyState.SIGNED))
    assert revealing.turn(shown, further) == shown


def test_a_place_says_where_and_what_is_asked() -> None:
    place = Place("k1", "p1", PHONE)
    assert place.tail == "parties/p1/reveal"
    assert place.message("回访客户") == Reveal(what=PHONE, reason="回访客户")
    assert revealing.title(looks(), PHONE) == "借款人 王*国的手机号"
    assert set(revealing.TITLES) == set(Personal)


def test_the_value_is_in_no_log_line() -> None:
    shown = revealing.reveal(looks(), Place("k1", "p1", ID), NUMBER, 0.0)
    assert NUMBER not in repr(shown)


# --- the box ------------------------------------------------------------------------------------------------------


def make_box(qtbot: QtBot, seconds: float = revealing.SECONDS) -> tuple[PersonalBox, list[Place]]:
    box, asked = PersonalBox(REVEAL_KEYS, "box", seconds=seconds), list[Place]()
    qtbot.addWidget(box)
    box.asked.connect(asked.append)
    box.display("k1", views.party())
    return box, asked


def words(box: PersonalBox) -> list[tuple[str, str]]:
    return [(line.value.text(), line.button.text()) for line in box.lines.values()]


MASKED = [(MASKED_ID, "显示"), (MASKED_PHONE, "显示")]


def test_a_press_asks_and_the_answer_is_shown_until_it_is_hidden(qtbot: QtBot) -> None:
    box, asked = make_box(qtbot)
    assert words(box) == MASKED
    box.lines[PHONE].button.click()
    assert asked == [Place("k1", "p1", PHONE)]
    assert words(box) == MASKED, "nothing before the service has answered"
    box.reveal(asked[0], MOBILE)
    assert words(box) == [MASKED[0], (MOBILE, "隐藏")]
    assert 29_000 < box._timer.remainingTime() <= 30_000
    box.lines[PHONE].button.click()
    assert words(box) == MASKED
    assert len(asked) == 1, "hiding asks nobody"
    assert not box._timer.isActive()


def test_the_mask_comes_back_by_itself(qtbot: QtBot) -> None:
    box, _ = make_box(qtbot, seconds=0.3)
    box.reveal(Place("k1", "p1", ID), NUMBER)
    assert words(box)[0] == (NUMBER, "隐藏")
    qtbot.waitUntil(lambda: words(box) == MASKED, timeout=3000)
    assert not box._timer.isActive()


def test_each_value_has_its_own_time(qtbot: QtBot) -> None:
    box, _ = make_box(qtbot, seconds=0.8)
    box.reveal(Place("k1", "p1", ID), NUMBER)
    qtbot.wait(400)
    box.reveal(Place("k1", "p1", PHONE), MOBILE)
    qtbot.waitUntil(lambda: words(box)[0] == MASKED[0], timeout=3000)
    assert words(box)[1] == (MOBILE, "隐藏")
    qtbot.waitUntil(lambda: words(box) == MASKED, timeout=3000)


def test_who_cannot_see_it_hears_whose_number_it_is_and_which_key(qtbot: QtBot) -> None:
    box, _ = make_box(qtbot)
    button = box.lines[ID].button
    assert (button.accessibleName(), button.accessibleDescription()) == ("显示借款人 王*国的证件号", "按键 I")
    assert "30 秒" in button.toolTip()
    assert "写入记录" in button.toolTip()
    assert box.lines[ID].value.accessibleName() == f"借款人 王*国的证件号 {MASKED_ID}"
    box.reveal(Place("k1", "p1", ID), NUMBER)
    assert button.accessibleName() == "隐藏借款人 王*国的证件号"
    assert box.lines[ID].value.accessibleName() == f"借款人 王*国的证件号 {NUMBER}"
    box.forget()


def test_while_something_is_under_way_nothing_can_be_asked_but_it_can_be_hidden(qtbot: QtBot) -> None:
    box, asked = make_box(qtbot)
    box.reveal(Place("k1", "p1", ID), NUMBER)
    box.set_waiting(True)
    box.lines[PHONE].button.click()
    assert asked == []
    box.lines[ID].button.click()
    assert words(box) == MASKED
    box.set_waiting(False)
    box.lines[PHONE].button.click()
    assert asked == [Place("k1", "p1", PHONE)]


def test_forgotten_is_forgotten_and_a_late_answer_shows_nothing(qtbot: QtBot) -> None:
    box, asked = make_box(qtbot)
    box.reveal(Place("k1", "p1", ID), NUMBER)
    box.forget()
    assert not box._timer.isActive()
    box.reveal(Place("k1", "p1", PHONE), MOBILE)
    box.lines[PHONE].button.click()
    assert asked == []
    assert [text for text, _ in words(box)] == ["", ""]


# --- the seat -----------------------------------------------------------------------------------------------------


def at_the_seat() -> w.State:
    talk = views.call("c1", views.place("p1"), views.place("p2"))
    about = views.case(StepKey.IDENTITY, others=[views.party("p2")])
    return w.State(view=views.view(Presence.ON_CALL, talk=talk, about=about))


@pytest.fixture
def asked(workspace: SeatWorkspace, monkeypatch: pytest.MonkeyPatch) -> list[tuple[str, Message | None]]:
    """What would have gone to the service, which answers with the number at once."""
    taken: list[tuple[str, Message | None]] = []

    def ask(what: str, tail: str, kind: type[Message], show: object, body: Message | None = None) -> None:
        taken.append((tail, body))
        assert callable(show)
        assert isinstance(body, Reveal)
        show(Revealed(what=body.what, value={ID: NUMBER, PHONE: MOBILE}[body.what]))

    monkeypatch.setattr(workspace.desk, "ask_of_case", ask)
    return taken


@pytest.mark.parametrize(
    ("key", "what", "value"), [(Qt.Key.Key_I, ID, NUMBER), (Qt.Key.Key_N, PHONE, MOBILE)], ids=["id", "phone"]
)
def test_the_printed_key_shows_without_a_reason_and_hides(
    workspace: SeatWorkspace,
    asked: list[tuple[str, Message | None]],
    qtbot: QtBot,
    key: Qt.Key,
    what: Personal,
    value: str,
) -> None:
    show(workspace, at_the_seat())
    masked = text_of(workspace, f"party.{what.value}")
    assert named(workspace, f"party.{what.value}.reveal").isVisible()
    qtbot.keyClick(workspace, key)  # type: ignore[no-untyped-call]
    assert asked == [("parties/p1/reveal", Reveal(what=what))]
    assert text_of(workspace, f"party.{what.value}") == value
    qtbot.keyClick(workspace, key)  # type: ignore[no-untyped-call]
    assert text_of(workspace, f"party.{what.value}") == masked
    assert len(asked) == 1


def test_it_stays_while_the_party_moves_on_and_goes_when_the_agent_turns_to_another(
    workspace: SeatWorkspace, asked: list[tuple[str, Message | None]]
) -> None:
    state = at_the_seat()
    show(workspace, state)
    named(workspace, "party.id_number.reveal").click()
    assert state.view is not None
    further = views.case(StepKey.DISCLOSURE, others=[views.party("p2", PartyState.IDENTIFIED)])
    show(workspace, replace(state, view=state.view.model_copy(update={"case": further})))
    assert text_of(workspace, "party.id_number") == NUMBER
    show(workspace, replace(state, focus="p2"))
    assert text_of(workspace, "party.id_number") == MASKED_ID
    named(workspace, "party.phone.reveal").click()
    assert asked[-1][0] == "parties/p2/reveal"
    show(workspace, state)
    assert text_of(workspace, "party.phone") == MASKED_PHONE


def test_with_the_case_gone_from_the_desk_nothing_is_left(
    workspace: SeatWorkspace, asked: list[tuple[str, Message | None]]
) -> None:
    show(workspace, at_the_seat())
    named(workspace, "party.id_number.reveal").click()
    show(workspace, w.State(view=views.view()))
    assert not named(workspace, "party.id_number.reveal").isVisible()
    show(workspace, at_the_seat())
    assert text_of(workspace, "party.id_number") == MASKED_ID


# --- the auditor --------------------------------------------------------------------------------------------------


@dataclass
class Office:
    """A service over a socket that answers every look with ``status`` and ``answer``."""

    url: str = ""
    status: int = 200
    answer: Message = field(default_factory=lambda: Revealed(what=PHONE, value=MOBILE))
    asked: list[tuple[str, dict[str, object]]] = field(default_factory=list)


@pytest.fixture
def office() -> Iterator[Office]:
    made = Office()

    class Handler(BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            body = json.loads(self.rfile.read(int(self.headers.get("Content-Length", 0))))
            answer: Message = SessionList(rows=[], total=0)
            if looked := self.path.endswith("/reveal"):
                made.asked.append((self.path, body))
                answer = made.answer
            content = answer.model_dump_json().encode()
            self.send_response(made.status if looked else 200)
            self.send_header("Content-Length", str(len(content)))
            self.end_headers()
            self.wfile.write(content)

        def log_message(self, *_: object) -> None:
            """Quiet."""

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    thread = threading.Thread(target=server.serve_forever)
    thread.start()
    made.url = f"http://127.0.0.1:{server.server_port}"
    yield made
    server.shutdown()
    thread.join()
    server.server_close()


@pytest.fixture
def audit(qtbot: QtBot, office: Office, tmp_path: Path) -> Iterator[AuditWorkspace]:
    bridge, client = Bridge(), Client(office.url)
    made = AuditWorkspace(bridge, client, tmp_path)
    qtbot.addWidget(made)
    made.resize(1366, 700)
    made.show()
    case = views.audit_case(views.event(1, None, None))
    others = [*case.case.parties, views.party("p2")]
    parted = case.case.model_copy(update={"parties": others, "recordings": []})
    made._show(case.model_copy(update={"case": parted}))
    yield made
    made.stop()
    made.close()
    bridge.finish(client.close())
    bridge.close()


def dialog_of(audit: AuditWorkspace) -> tuple[QDialog, QPlainTextEdit, QPushButton]:
    dialog = audit.window().findChild(QDialog, "reason")
    assert isinstance(dialog, QDialog)
    text, ok = dialog.findChild(QPlainTextEdit, "reason.text"), dialog.findChild(QPushButton, "reason.ok")
    assert isinstance(text, QPlainTextEdit)
    assert isinstance(ok, QPushButton)
    return dialog, text, ok


def ask(audit: AuditWorkspace, what: Personal, reason: str) -> None:
    audit.head.personal.lines[what].button.click()
    _, text, ok = dialog_of(audit)
    text.setPlainText(reason)
    ok.click()


def test_an_auditor_gives_a_reason_before_anything_is_sent(audit: AuditWorkspace, office: Office, qtbot: QtBot) -> None:
    box = audit.head.personal
    assert words(box) == MASKED
    audit.activateWindow()
    qtbot.keyClick(audit, Qt.Key.Key_N, Qt.KeyboardModifier.ControlModifier)  # type: ignore[no-untyped-call]
    dialog, text, ok = dialog_of(audit)
    assert dialog.windowTitle() == "查看借款人 王*国的手机号"
    for empty in ("", "   ", "x", " \n "):
        text.setPlainText(empty)
        assert not ok.isEnabled()
        ok.click()
    assert dialog.isVisible()
    assert office.asked == []
    text.setPlainText(" 回访客户 ")
    ok.click()
    qtbot.waitUntil(lambda: words(box) == [MASKED[0], (MOBILE, "隐藏")], timeout=5000)
    assert office.asked == [("/api/cases/k1/parties/p1/reveal", {"what": "phone", "reason": "回访客户"})]
    box.lines[PHONE].button.click()
    assert words(box) == MASKED


def test_going_back_from_the_reason_sends_nothing(audit: AuditWorkspace, office: Office, qtbot: QtBot) -> None:
    audit.head.personal.lines[ID].button.click()
    dialog, text, _ = dialog_of(audit)
    text.setPlainText("核对证件")
    dialog.reject()
    qtbot.wait(100)
    assert office.asked == []
    assert words(audit.head.personal) == MASKED


def test_a_refusal_is_told_in_words_and_can_be_tried_again(audit: AuditWorkspace, office: Office, qtbot: QtBot) -> None:
    said: list[str] = []
    audit.said.connect(lambda _, text: said.append(text))
    office.status = 403
    office.answer = ErrorBody(code="forbidden", message="您不能查看这一项", hint="请联系管理员")
    ask(audit, PHONE, "回访客户")
    qtbot.waitUntil(lambda: said == ["您不能查看这一项。请联系管理员"], timeout=5000)
    assert words(audit.head.personal) == MASKED
    office.status, office.answer = 200, Revealed(what=PHONE, value=MOBILE)
    ask(audit, PHONE, "回访客户")
    qtbot.waitUntil(lambda: words(audit.head.personal)[1] == (MOBILE, "隐藏"), timeout=5000)


def test_with_no_service_it_is_said_so(audit: AuditWorkspace, qtbot: QtBot) -> None:
    said: list[str] = []
    audit.said.connect(lambda _, text: said.append(text))
    audit._client._http.base_url = "http://127.0.0.1:9"
    ask(audit, ID, "核对证件")
    qtbot.waitUntil(lambda: bool(said), timeout=8000)
    assert said[0].startswith("连不上服务")
    assert words(audit.head.personal) == MASKED


def test_each_party_of_the_case_has_numbers_of_their_own(audit: AuditWorkspace, office: Office, qtbot: QtBot) -> None:
    choice = audit.head.party
    assert [choice.itemText(n) for n in range(choice.count())] == ["借款人 王*国", "保证人 李*梅"]
    ask(audit, PHONE, "回访客户")
    qtbot.waitUntil(lambda: words(audit.head.personal)[1][0] == MOBILE, timeout=5000)
    choice.setCurrentIndex(1)
    assert words(audit.head.personal) == MASKED
    ask(audit, PHONE, "回访客户")
    qtbot.waitUntil(lambda: len(office.asked) == 2, timeout=5000)
    assert office.asked[1][0] == "/api/cases/k1/parties/p2/reveal"


def test_opening_another_case_masks_again(audit: AuditWorkspace) -> None:
    audit.head.personal.reveal(Place("k1", "p1", ID), NUMBER)
    assert words(audit.head.personal)[0] == (NUMBER, "隐藏")
    other = views.audit_case().case.model_copy(update={"case_id": "k2", "recordings": []})
    audit._show(views.audit_case().model_copy(update={"case": other}))
    assert words(audit.head.personal) == MASKED


def test_a_verdict_that_comes_late_is_not_put_over_another_case(audit: AuditWorkspace) -> None:
    shown = audit._case
    assert shown is not None
    other = shown.case.model_copy(update={"case_id": "another"})
    before = audit.head.verdict.badge.text
    audit._verified(other, report(Verdict.VALID, "有效"))
    audit._not_verified(other, Trouble("没有核验完", "请重试"))
    assert audit.head.verdict.badge.text == before
    audit._verified(shown.case, report(Verdict.VALID, "有效"))
    assert audit.head.verdict.badge.text != before
