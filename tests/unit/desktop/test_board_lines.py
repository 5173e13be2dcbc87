"""The customers' lines on the board: in words, by the worst of a call, and what is old is said to be."""

from datetime import timedelta

import pytest

from desktop.board import rows
from desktop.board.lines import STALE, line_words, worst
from desktop.board.workspace import BoardWorkspace
from desktop.model import board as b
from desktop.model.wording import utc_now
from signing.wire.base import Tone
from signing.wire.board import BoardCall, BoardLine, BoardParty
from signing.wire.call import CallPartyState
from signing.wire.case import PartyState
from signing.wire.quality import LineCause
from tests.unit.desktop import views
from tests.unit.desktop.test_board_panels import put

NOW = views.NOW


def line(bars: int, cause: LineCause = LineCause.FINE, ago: float = 0) -> BoardLine:
    return BoardLine(bars=bars, cause=cause, told_at=NOW - timedelta(seconds=ago))


def call(*lines: BoardLine | None, state: CallPartyState = CallPartyState.LIVE) -> BoardCall:
    parties = [
        BoardParty(
            place=views.place(f"p{number}", state=state).model_copy(update={"label": f"保证人{number}"}),
            progress=PartyState.READY, progress_title="设备就绪", line=one,
        )
        for number, one in enumerate(lines)
    ]  # fmt: skip
    return views.board_call().model_copy(update={"parties": parties})


@pytest.mark.parametrize(
    ("told", "words", "tone"),
    [
        (line(4), "线路良好", Tone.GOOD),
        (line(2, LineCause.UPLINK_THIN), "线路一般 · 上行弱", Tone.CAUTION),
        (line(1, LineCause.LOSSY), "线路很差 · 丢包", Tone.STOP),
        (line(0, LineCause.BROKEN), "线路中断", Tone.STOP),
        (line(4, ago=STALE), "线路良好", Tone.GOOD),
        (line(4, ago=STALE + 5), "线路不详（01:05 没有消息）", None),
    ],
)
def test_a_line_is_said_in_words_and_an_old_one_is_not_passed_off_as_how_it_is(
    told: BoardLine, words: str, tone: Tone | None
) -> None:
    assert line_words(told, NOW) == (words, tone)


def test_a_call_shows_its_worst_line_and_whose_it_is() -> None:
    assert worst(call(line(4), line(1, LineCause.LOSSY)), NOW) == ("线路很差 · 丢包（保证人1）", Tone.STOP)
    assert worst(call(line(4), line(4)), NOW) == ("线路良好", Tone.GOOD)
    assert worst(call(line(1, LineCause.LOSSY)), NOW) == ("线路很差 · 丢包", Tone.STOP), "there is only one"
    assert worst(call(line(1, ago=300), line(4)), NOW) == ("线路良好", Tone.GOOD)
    assert worst(call(line(1, ago=300), None), NOW) == ("线路不详", None)
    assert worst(call(None, None), NOW) == ("", None)
    assert worst(call(line(0), state=CallPartyState.HELD), NOW) == ("", None), "who waits has no line to be judged"


def test_the_rows_carry_word_icon_and_tone() -> None:
    bad = call(line(4), line(2, LineCause.UPLINK_THIN))
    row = rows.call_row(bad, NOW)
    assert "线路一般 · 上行弱（保证人1）" in row.words
    assert (row.tone, row.icon) == (Tone.CAUTION, "signal")
    assert rows.call_row(call(line(0, LineCause.BROKEN)), NOW).icon == "warn"
    party = rows.party_row(bad.parties[1], NOW)
    assert party.words == "设备就绪 · 线路一般 · 上行弱"
    absent = bad.parties[1].model_copy(update={"place": bad.parties[1].place.model_copy(update={"online": False})})
    assert rows.party_row(absent, NOW).words == "设备就绪 · 手机不在线 · 线路一般 · 上行弱"
    assert (party.tone, party.icon) == (Tone.CAUTION, "signal")
    held = call(line(1), state=CallPartyState.HELD).parties[0]
    assert "线路" not in rows.party_row(held, NOW).words


def test_a_line_grows_old_on_the_board_by_itself(board: BoardWorkspace) -> None:
    view = views.board([call(line(4))])
    put(board, b.State(view=view, clock_offset=(NOW - utc_now()).total_seconds()))
    assert "线路良好" in board.calls.rows.item(0).text()
    assert "线路良好" in board.parties.rows.item(0).text()
    put(board, b.State(view=view, clock_offset=(NOW - utc_now()).total_seconds() + STALE + 10))
    assert "线路不详" in board.calls.rows.item(0).text()
    assert "没有消息" in board.parties.rows.item(0).text()
