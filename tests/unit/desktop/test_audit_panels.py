"""The auditor's panels: the verdict in words, events on the clock, marks on the line."""

from datetime import timedelta

import pytest
from PySide6.QtCore import QPoint, Qt
from PySide6.QtGui import QImage
from PySide6.QtWidgets import QLabel
from pytestqt.qtbot import QtBot

from desktop.audit.detail import CaseHead
from desktop.audit.events import EventList, lanes
from desktop.audit.sessions import SessionsPanel
from desktop.audit.timeline import LEFT, Lane, Timeline
from desktop.audit.verdict import ItemList, headline, in_words
from desktop.model import replay
from signing.wire.audit import EventRow, SessionList, SessionRow, Verdict, VerificationReport, VerifiedItem
from signing.wire.base import Tone
from signing.wire.case import Phase, RecordingState
from tests.unit.desktop import views


def report(verdict: Verdict, text: str, bad: int = 0) -> VerificationReport:
    items = [VerifiedItem(name=f"项{n}", ok=n >= bad, detail="说明") for n in range(3)]
    return VerificationReport(
        verdict=verdict,
        headline=text,
        items=items,
        signatures=3,
        timestamps=2,
        checked_at=views.NOW,
        not_checked=["吊销"],
    )


@pytest.mark.parametrize("verdict", list(Verdict))
def test_only_valid_is_green(verdict: Verdict) -> None:
    assert (headline(report(verdict, ""))[1] is Tone.GOOD) is (verdict is Verdict.VALID)


def test_the_badge_names_what_was_altered(qtbot: QtBot) -> None:
    head = CaseHead()
    qtbot.addWidget(head)
    head.display(views.audit_case())
    assert head.verdict.badge.text == "尚未核验"
    head.show_report(report(Verdict.ALTERED, "documents/借款合同.pdf", bad=1))
    assert head.verdict.badge.text == "已被改动\uff1adocuments/借款合同.pdf"
    head.display(views.audit_case())
    assert head.verdict.badge.text == "尚未核验"


def facts(head: CaseHead) -> str:
    found = head.findChild(QLabel, "audit.facts")
    assert isinstance(found, QLabel)
    return found.text()


def test_what_a_case_has_not_leaves_no_gap_in_its_head(qtbot: QtBot) -> None:
    head, audit = CaseHead(), views.audit_case()
    qtbot.addWidget(head)
    head.display(audit)
    assert "坐席 张敏" in facts(head)
    assert "（借款人）" in facts(head)
    bare = audit.case.model_copy(update={"amount": ""})
    head.display(audit.model_copy(update={"case": bare, "agent": ""}))
    assert "¥" not in facts(head)
    assert "坐席" not in facts(head)
    assert " ·  · " not in facts(head)


def test_a_title_takes_as_many_lines_as_it_is_drawn_in(qtbot: QtBot) -> None:
    panel = EventList()
    qtbot.addWidget(panel)
    titles = ("建立业务", "同意" * 13, "同意" * 40)
    events = [views.event(number, None).model_copy(update={"title": one}) for number, one in enumerate(titles, 1)]
    panel.display(events, ())
    one, two, many = (panel.item(row).sizeHint().height() for row in range(3))
    assert one == 56
    assert one < two < many


def test_bad_items_come_first_and_the_unchecked_are_listed(qtbot: QtBot) -> None:
    panel = ItemList()
    qtbot.addWidget(panel)
    panel.display(report(Verdict.ALTERED, "x", bad=1))
    assert panel.list.count() == 4
    first, last = panel.list.itemWidget(panel.list.item(0)), panel.list.itemWidget(panel.list.item(3))
    assert first is not None
    assert last is not None
    assert first.toolTip().startswith("项0")
    assert "吊销" in last.toolTip()


def test_a_paper_is_told_by_its_title_and_its_signers() -> None:
    case = views.audit_case().case
    paper = case.documents[0]
    file = f"documents/{paper.document_id}.pdf"
    said = report(Verdict.ALTERED, f"已被改动：{file}", bad=1)
    bad = said.items[0].model_copy(update={"name": file, "detail": "摘要与清单不符"})
    told = in_words(said.model_copy(update={"items": [bad, *said.items[1:]]}), case)
    signer = next(one.name_masked for one in case.parties if one.party_id == paper.signers[0])
    assert told.headline == f"已被改动：《{paper.title}》（{signer}）"
    assert told.items[0].name == f"《{paper.title}》（{signer}）"
    assert told.items[0].detail == f"摘要与清单不符 · {file}", "for a court the file counts"
    assert told.items[1:] == said.items[1:]


def test_a_click_on_an_event_goes_there_and_playing_marks_it(qtbot: QtBot) -> None:
    panel = EventList()
    qtbot.addWidget(panel)
    panel.display([views.event(1, None, None), views.event(2, 1.5), views.event(3, 4.0), views.event(4, 2.0, "r2")], ())
    panel.follow_recording("r1")
    sought: list[tuple[str, float]] = []
    panel.sought.connect(lambda *place: sought.append(place))
    for row in range(4):
        panel.itemClicked.emit(panel.item(row))
    assert sought == [("r1", 1.5), ("r1", 4.0), ("r2", 2.0)]
    panel.follow(4.2)
    assert panel.currentRow() == 2
    panel.follow(1.6)
    assert panel.currentRow() == 1
    panel.follow_recording("r2")
    panel.follow(4.2)
    assert panel.currentRow() == 3
    assert len(sought) == 3


def test_the_heads_of_an_hour_are_one_line_that_opens_and_closes(qtbot: QtBot) -> None:
    panel = EventList()
    qtbot.addWidget(panel)
    panel.resize(404, 600)
    panel.show()
    heads = [views.head(number, 10.0 * number) for number in range(2, 362)]
    panel.display([views.event(1, 1.0), *heads, views.event(400, 3605.0)], ())
    panel.follow_recording("r1")
    assert panel.count() == 3
    assert words(panel, 1) == ["00:20", "录像链值上链 360 次，00:20 至 1:00:10", "单击展开每一次"]
    panel.follow(95.0)
    assert panel.currentRow() == 0, "a line that is closed is not where the recording is"
    sought: list[tuple[str, float]] = []
    panel.sought.connect(lambda *place: sought.append(place))
    panel.itemClicked.emit(panel.item(1))
    assert panel.count() == 363
    assert sought == []
    assert words(panel, 1)[2] == "单击收起"
    assert words(panel, 9)[:2] == ["01:30", "第9件事"]
    panel.follow(95.0)
    assert panel.currentRow() == 9
    panel.itemClicked.emit(panel.item(5))
    assert sought == [("r1", 50.0)]
    panel.setCurrentRow(1)
    qtbot.keyClick(panel, Qt.Key.Key_Return)  # type: ignore[no-untyped-call]
    assert panel.count() == 3
    assert "已收起" in panel.item(1).data(Qt.ItemDataRole.AccessibleTextRole)
    panel.itemClicked.emit(panel.item(2))
    assert sought[-1] == ("r1", 3605.0)


def test_each_recordings_heads_open_alone(qtbot: QtBot) -> None:
    panel = EventList()
    qtbot.addWidget(panel)
    panel.display([views.head(n, 10.0 * n, f"r{1 + n % 2}") for n in range(1, 9)], ())
    assert panel.count() == 2
    panel.itemClicked.emit(panel.item(1))
    panel.itemClicked.emit(panel.item(0))
    assert panel.count() == 10
    panel.itemClicked.emit(panel.item(5))
    assert panel.count() == 6
    assert words(panel, 4)[1] == "第7件事"


def words(panel: EventList, row: int) -> list[str]:
    line = panel.itemWidget(panel.item(row))
    assert line is not None
    return [one.text() for one in line.findChildren(QLabel)]


def test_the_line_seeks_by_mouse_and_by_key(qtbot: QtBot) -> None:
    line = Timeline()
    qtbot.addWidget(line)
    line.resize(LEFT + 108, 60)
    line.display_lanes([Lane("身份", (1.0,)), Lane("告知", ())])
    line.display_time(50.0, 100.0)
    sought: list[float] = []
    line.sought.connect(sought.append)
    qtbot.mousePress(line, Qt.MouseButton.LeftButton, pos=QPoint(LEFT + 25, 6))  # type: ignore[no-untyped-call]
    qtbot.keyClick(line, Qt.Key.Key_Right)  # type: ignore[no-untyped-call]
    assert sought == [pytest.approx(25.0), 55.0]


def test_the_list_keeps_the_chosen_case_while_searching(qtbot: QtBot) -> None:
    panel = SessionsPanel()
    qtbot.addWidget(panel)
    rows = [
        SessionRow(
            case_id=f"k{n}", case_no=f"2026-{n}", product_title="贷款", amount="1.00", parties=["王*国"], agent="张敏",
            phase=Phase.CLOSED, opened_at=views.NOW + timedelta(hours=n),
        )
        for n in range(3)
    ]  # fmt: skip
    panel.display(SessionList(rows=rows, total=3))
    chosen: list[str] = []
    panel.chosen.connect(chosen.append)
    panel.list.setCurrentRow(2)
    panel.display(SessionList(rows=rows[1:], total=2))
    assert chosen == ["k2"]
    assert panel.list.currentRow() == 1
    panel.stop()


def sessions(first: int, number: int) -> list[SessionRow]:
    return [
        SessionRow(
            case_id=f"k{n}", case_no=f"PQ20261124{n:04}", product_title="贷款", amount="1.00", parties=["王*国"],
            agent="张敏", phase=Phase.CLOSED, opened_at=views.NOW,
        )
        for n in range(first, first + number)
    ]  # fmt: skip


def test_of_many_parties_the_names_give_way_and_the_amount_stays(qtbot: QtBot) -> None:
    panel = SessionsPanel()
    qtbot.addWidget(panel)
    panel.show()
    (row,) = sessions(1, 1)
    many = row.model_copy(update={"parties": ["王*兰", "丁*山", "王*田", "丁*兰"] * 2, "amount": "180000.00"})
    panel.display(
        SessionList(rows=[many, row.model_copy(update={"case_id": "k2", "amount": "", "agent": ""})], total=2)
    )
    first, second = (panel.list.itemWidget(panel.list.item(at)) for at in (0, 1))
    assert first is not None
    assert second is not None
    texts = {one.text(): one for one in first.findChildren(QLabel)}
    amount, line = texts["¥180,000.00"], first.rect()
    assert amount.geometry().right() <= line.right()
    assert amount.width() >= amount.sizeHint().width(), "not cut"
    assert not any(one.text().endswith(" · ") for one in second.findChildren(QLabel))


def test_the_list_grows_where_somebody_scrolls_to_its_end_and_says_honestly_how_many_there_are(qtbot: QtBot) -> None:
    panel = SessionsPanel()
    qtbot.addWidget(panel)
    panel.resize(304, 600)
    panel.show()
    asked: list[str] = []
    panel.ended.connect(asked.append)
    panel.display(SessionList(rows=sessions(0, 50), total=1000, total_is_least=True, after="p2"))
    assert panel._count.text() == "超过 1000 笔，已显示 50 笔，下滑继续"
    assert asked == []
    bar = panel.list.verticalScrollBar()
    qtbot.waitUntil(lambda: bar.maximum() > 0)
    bar.setValue(bar.maximum())
    bar.setValue(bar.maximum() - 1)
    bar.setValue(bar.maximum())
    assert asked == ["p2"], "once, however one scrolls"
    panel.extend(SessionList(rows=sessions(50, 3), total=53))
    assert panel.list.count() == 53
    bar.setValue(bar.maximum())
    assert asked == ["p2"], "the last page is the last"
    panel.display(SessionList(rows=sessions(0, 2), total=2))
    assert panel._count.text() == "共 2 笔"
    panel.display(SessionList(rows=[], total=0))
    assert panel._count.text() == "没有符合条件的业务"
    panel.fail()
    assert panel._count.text() == "没有取到，请稍后再搜", "which is not: there are none"
    panel.display(SessionList(rows=sessions(0, 2), total=2))
    panel.fail()
    assert panel._count.text() == "没有取到，上面是以前的结果"
    panel.display(SessionList(rows=sessions(0, 50), total=53, after="p2"))
    asked.clear()
    bar.setValue(bar.maximum())
    panel.fail("p2")
    assert panel._count.text() == "共 53 笔，后面的没有取到，下滑再试"
    bar.setValue(bar.minimum())
    bar.setValue(bar.maximum())
    assert asked == ["p2", "p2"], "what was not there is asked for again"
    panel.stop()
    panel.close()


def test_a_recording_that_never_arrived_is_not_offered() -> None:
    case = views.audit_case()
    waiting = views.recording(RecordingState.FINISHED)
    only = case.case.model_copy(update={"recordings": [waiting]})
    assert replay.first_choice(replay.parts(case.model_copy(update={"case": only}))) is None
    assert replay.first_choice(replay.parts(case)) is not None


def measured(seq: int, begin: float, end: float, bars: int, recording_id: str | None = "r1") -> EventRow:
    since, until = (views.NOW + timedelta(seconds=at) for at in (begin, end))
    body = {"since": since.isoformat(), "until": until.isoformat(), "bars": bars}
    return views.event(seq, None, recording_id, "call.quality").model_copy(update={"body": body})


def test_the_network_has_a_lane_of_stretches_by_the_time_of_measuring() -> None:
    events = [
        views.event(1, 2.0),
        measured(2, -40, 10, 4),
        measured(3, 10, 60, 1),
        measured(4, 60, 90, 2, None),  # came after the recording's end
        measured(5, -90, -40, 4),  # before it began
    ]
    line, *others = lanes(events, "r1", views.NOW)
    assert line.title == "网络"
    assert [(span.begin, span.end, span.bars, span.tone) for span in line.spans] == [
        (0.0, 10.0, 4, Tone.GOOD), (60.0, 90.0, 2, Tone.CAUTION), (10.0, 60.0, 1, Tone.STOP),
    ]  # fmt: skip
    assert [lane.seconds for lane in others if lane.seconds] == [(2.0,)], "a stretch is no mark besides"


def test_a_stretch_with_breaks_in_it_is_no_break_and_not_plainly_good() -> None:
    event = measured(1, 0, 300, 4)
    assert isinstance(event.body, dict)
    with_breaks = event.model_copy(update={"body": {**event.body, "broken_seconds": 4.0}})
    line, *_ = lanes([with_breaks], "r1", views.NOW)
    assert [(span.bars, span.tone) for span in line.spans] == [(4, Tone.CAUTION)]


def test_a_bad_stretch_is_seen_on_the_line(qtbot: QtBot) -> None:
    def drawn(*stretches: EventRow) -> QImage:
        line = Timeline()
        qtbot.addWidget(line)
        line.resize(LEFT + 208, 60)
        line.display_lanes(lanes([measured(9, 0, 100, 4), *stretches], "r1", views.NOW))
        line.display_time(0.0, 100.0)
        return line.grab().toImage()

    well, badly = drawn(), drawn(measured(2, 40, 60, 1), measured(3, 150, 900, 0))
    rows = range(well.height())
    changed = [x for x in range(well.width()) if any(well.pixel(x, y) != badly.pixel(x, y) for y in rows)]
    assert changed
    assert min(changed) >= LEFT + 75
    assert max(changed) <= LEFT + 125
