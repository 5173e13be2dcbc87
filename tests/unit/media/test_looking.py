"""One look at a connection, from what the seat and the phone measured."""

from dataclasses import replace

import pytest

from media.core.phonestats import PhoneStats
from media.core.quality import ENDS, PLAYOUT, Cause, cause, mark
from media.looking import FRESH, Looking
from media.peer import Measured
from media.rtc.outgoing import Sending

SEEN = Measured(14.8, 80.0, 0.0, 0.1, heard={"played": 96_000, "concealed": 0, "too_late": 0}, behind=0.05)
SENDING = Sending(500_000.0, 400_000.0, 0.0, 0.0, 82.0, 4.0, (640, 360))
TOLD = PhoneStats(pictures=14.0, frozen=0.1, concealed=0.02, waits=0.09, available=350_000.0, limit="bandwidth")


def test_both_ends_measurements_make_one_look() -> None:
    looking = Looking()
    looking.told(TOLD, 1.0)
    looks = looking.look(SEEN, SENDING, True, 2.0)
    look = looks.both
    assert looks.told == TOLD
    assert (look.up.pictures, look.available, look.limit) == (14.8, 350_000.0, "bandwidth")
    assert look.up.rate is None, "what the phone says it has is in no mark"
    assert look.up.delay == pytest.approx(0.04 + ENDS + 0.05)
    assert (look.down.pictures, look.down.frozen, look.down.concealed) == (14.0, 0.1, 0.02)
    assert look.down.delay == pytest.approx(0.04 + ENDS + 0.09)
    assert (look.down.rate, look.down.queue) == (500_000.0, 0.004)
    assert not look.still


def test_a_phone_that_tells_nothing_is_judged_by_what_the_seat_sends() -> None:
    looks = Looking().look(SEEN, replace(SENDING, loss=0.2), True, 2.0)
    look = looks.both
    assert (looks.own, looks.told) == (look, None)
    assert look.down.concealed == pytest.approx(0.04), "what is lost twice in a row"
    assert look.down.delay == pytest.approx(0.04 + ENDS + PLAYOUT)
    assert cause(look) is Cause.LOSSY


def test_what_the_phone_told_does_not_count_for_ever() -> None:
    looking = Looking()
    looking.told(TOLD, 1.0)
    assert looking.look(SEEN, SENDING, True, 0.9 + FRESH).both.limit == "bandwidth"
    late = looking.look(SEEN, SENDING, True, 1.1 + FRESH)
    assert (late.both.limit, late.told) == ("", None)


def test_nothing_that_the_phone_tells_is_in_what_the_seat_measured() -> None:
    """A page that tells twice a second that it heard and saw nothing, and that it has no rate."""
    claim = PhoneStats(0.0, 0.0, frozen=1.0, concealed=1.0, lost=1.0, waits=20.0, available=0.0, limit="bandwidth")
    alone, looking = Looking().look(SEEN, SENDING, True, 2.0), Looking()
    looking.told(replace(claim, hidden=True), 1.0)
    looks = looking.look(SEEN, SENDING, True, 2.0)
    assert looks.own == alone.own
    assert (mark(looks.own) > 4, cause(looks.own)) == (True, Cause.FINE)
    assert (looks.both.down.concealed, looks.both.down.frozen, looks.both.down.delay > 20) == (1.0, 1.0, True)
    assert mark(looks.both) == 1.0


def test_what_the_phone_says_it_has_for_sending_names_the_cause_and_is_in_no_mark() -> None:
    looking, fine = Looking(), PhoneStats(pictures=15.0, waits=0.06)
    looking.told(fine, 1.0)
    without = looking.look(SEEN, SENDING, True, 2.0)
    looking.told(replace(fine, available=20_000.0, limit="bandwidth"), 3.0)
    thin = looking.look(SEEN, SENDING, True, 4.0)
    assert cause(thin.both) is Cause.UPLINK_THIN
    assert mark(thin.both) == mark(without.both)
    assert cause(thin.own) is Cause.FINE


def test_on_a_line_on_which_nothing_comes_nothing_counts_that_the_phone_told_before() -> None:
    looking = Looking()
    looking.told(TOLD, 1.0)
    looks = looking.look(replace(SEEN, silent=True), SENDING, True, 2.0)
    assert (looks.told, looks.both) == (None, looks.own)


def test_sound_is_counted_between_looks_and_begins_anew_with_another_voice() -> None:
    looking = Looking()
    looking.look(SEEN, SENDING, True, 0.0)
    more = replace(SEEN, heard={"played": 96_000 + 86_400, "concealed": 9_600, "too_late": 2})
    second = looking.look(more, SENDING, True, 2.0)
    assert second.own.up.concealed == pytest.approx(0.1)
    assert second.own.up.late == pytest.approx(0.02)
    fresh = looking.look(replace(SEEN, heard={"played": 9_000, "concealed": 1_000, "too_late": 0}), SENDING, True, 4.0)
    assert fresh.own.up.concealed == pytest.approx(0.1)
    quiet = looking.look(replace(SEEN, heard={"played": 9_000, "concealed": 1_000}), SENDING, True, 6.0)
    assert (quiet.own.up.concealed, quiet.own.up.late) == (0.0, 0.0)


@pytest.mark.parametrize(
    ("seen", "sending", "camera", "hidden", "expected"),
    [
        (SEEN, SENDING, True, False, Cause.FINE),
        (SEEN, SENDING, False, False, Cause.CAMERA_OFF),
        (replace(SEEN, pictures_per_second=0.0, frozen=1.0), SENDING, True, True, Cause.CAMERA_OFF),
        (SEEN, replace(SENDING, picture=None, target=52_000.0), True, False, Cause.DOWNLINK_THIN),
        (SEEN, replace(SENDING, picture=None), True, False, Cause.FINE),
        (replace(SEEN, silent=True), SENDING, True, False, Cause.BROKEN),
        (replace(SEEN, loss_percent=21.0, frozen=0.2), SENDING, True, False, Cause.LOSSY),
    ],
)
def test_what_is_wrong(seen: Measured, sending: Sending, camera: bool, hidden: bool, expected: Cause) -> None:
    looking = Looking()
    looking.told(PhoneStats(pictures=15.0, hidden=hidden), 0.0)
    assert cause(looking.look(seen, sending, camera, 1.0).both) is expected
