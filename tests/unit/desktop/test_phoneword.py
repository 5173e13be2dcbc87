"""What the phone told goes on record beside what the seat measured, never among it."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest
from pydantic import ValidationError

from desktop.model.phoneword import added, message_of
from desktop.model.qualitylog import Log, closed, noted
from media.core.phonestats import PhoneStats
from media.core.quality import Cause, Judgement, Look, Way
from signing.wire.quality import LineTold, ReportQuality

NOW = datetime(2026, 11, 26, 2, 10, tzinfo=UTC)
WAY = Way(pictures=15.0, delay=0.12)
OWN = Judgement(4.3, 4, Cause.FINE, Look(WAY, WAY))
CLAIM = PhoneStats(pictures=2.0, frozen=1.0, concealed=1.0, waits=0.3)
CLAIMED = Judgement(
    1.2, 1, Cause.UNSTEADY, Look(WAY, replace(WAY, frozen=1.0, concealed=1.0, delay=0.4)), OWN, CLAIM
)  # fmt: skip
TOLD_WELL = replace(OWN, own=OWN, told=PhoneStats(pictures=15.0, waits=0.06))


def recorded(*judged: Judgement) -> ReportQuality:
    log = Log()
    for number, one in enumerate(judged):
        log, _ = noted(log, "p1", one, 90.0, NOW + timedelta(seconds=2 * number))
    (report,) = closed(log)[1]
    return report.message


def test_a_page_that_tells_that_it_heard_nothing_leaves_the_seats_word_as_it_is() -> None:
    claimed, plain = recorded(*[CLAIMED] * 5), recorded(*[OWN] * 5)
    assert claimed.model_copy(update={"told_by_phone": None}) == plain
    assert (claimed.bars, claimed.cause, claimed.mean) == (4, "fine", 4.3)
    told = claimed.told_by_phone
    assert told is not None
    assert (told.bars, told.cause, told.mean, told.least) == (1, "unsteady", 1.2, 1.2)
    assert (told.concealed_down, told.frozen_down, told.pictures_down, told.waits_ms) == (1.0, 1.0, 2.0, 300.0)


def test_a_claim_closes_no_stretch_since_it_is_no_change_of_the_seats_word() -> None:
    log, reports = Log(), 0
    for number in range(25):
        log, more = noted(log, "p1", CLAIMED if number % 2 else TOLD_WELL, None, NOW + timedelta(seconds=2 * number))
        reports += len(more)
    assert reports == 0


def test_of_what_was_told_the_worst_is_kept_and_the_marks_are_of_the_looks_in_which_it_was() -> None:
    told = recorded(TOLD_WELL, OWN, CLAIMED, TOLD_WELL).told_by_phone
    assert told is not None
    assert told.mean == pytest.approx((4.3 + 1.2 + 4.3) / 3, abs=0.01)
    assert (told.bars, told.pictures_down, told.waits_ms) == (1, 2.0, 300.0)


def test_where_the_phone_told_nothing_nothing_is_said_of_it() -> None:
    assert recorded(OWN, OWN, OWN).told_by_phone is None
    assert message_of(None) is None
    assert added(None, OWN) is None


def test_what_the_phone_left_out_stays_unknown() -> None:
    told = recorded(*[replace(CLAIMED, told=PhoneStats())] * 3).told_by_phone
    assert told is not None
    assert (told.pictures_down, told.waits_ms) == (None, None)


def test_after_a_break_what_is_told_has_the_word_of_the_look_and_not_that_of_the_break() -> None:
    still = replace(CLAIMED, bars=0, cause=Cause.BROKEN)
    told = recorded(still, still, still).told_by_phone
    assert told is not None
    assert told.bars == 1


@pytest.mark.parametrize("change", [{"bars": 0}, {"bars": 5}, {"concealed_down": 1.1}, {"least": 0.5}, {"more": 1}])
def test_a_claim_that_cannot_be_is_no_message(change: dict[str, float]) -> None:
    well: dict[str, object] = {"bars": 1, "cause": "unsteady", "mean": 2.0, "least": 1.0, "concealed_down": 1.0}
    assert LineTold.model_validate(well).bars == 1
    with pytest.raises(ValidationError):
        LineTold.model_validate(well | change)
