"""One look at a connection, from what the seat and the phone measured."""

from dataclasses import replace

import pytest

from media.core.phonestats import PhoneStats
from media.core.quality import ENDS, PLAYOUT, Cause, cause
from media.looking import FRESH, Looking
from media.peer import Measured
from media.rtc.outgoing import Sending

SEEN = Measured(14.8, 80.0, 0.0, 0.1, heard={"played": 96_000, "concealed": 0, "too_late": 0}, behind=0.05)
SENDING = Sending(500_000.0, 400_000.0, 0.0, 0.0, 82.0, 4.0, (640, 360))
TOLD = PhoneStats(pictures=14.0, frozen=0.1, concealed=0.02, waits=0.09, available=350_000.0, limit="bandwidth")


def test_both_ends_measurements_make_one_look() -> None:
    looking = Looking()
    looking.told(TOLD, 1.0)
    look = looking.look(SEEN, SENDING, True, 2.0)
    assert (look.up.pictures, look.up.rate, look.limit) == (14.8, 350_000.0, "bandwidth")
    assert look.up.delay == pytest.approx(0.04 + ENDS + 0.05)
    assert (look.down.pictures, look.down.frozen, look.down.concealed) == (14.0, 0.1, 0.02)
    assert look.down.delay == pytest.approx(0.04 + ENDS + 0.09)
    assert (look.down.rate, look.down.queue) == (500_000.0, 0.004)
    assert not look.still


def test_a_phone_that_tells_nothing_is_judged_by_what_the_seat_sends() -> None:
    look = Looking().look(SEEN, replace(SENDING, loss=0.2), True, 2.0)
    assert look.down.concealed == pytest.approx(0.04), "what is lost twice in a row"
    assert look.down.delay == pytest.approx(0.04 + ENDS + PLAYOUT)
    assert cause(look) is Cause.LOSSY


def test_what_the_phone_told_does_not_count_for_ever() -> None:
    looking = Looking()
    looking.told(TOLD, 1.0)
    assert looking.look(SEEN, SENDING, True, 0.9 + FRESH).limit == "bandwidth"
    assert looking.look(SEEN, SENDING, True, 1.1 + FRESH).limit == ""


def test_sound_is_counted_between_looks_and_begins_anew_with_another_voice() -> None:
    looking = Looking()
    looking.look(SEEN, SENDING, True, 0.0)
    more = replace(SEEN, heard={"played": 96_000 + 86_400, "concealed": 9_600, "too_late": 2})
    second = looking.look(more, SENDING, True, 2.0)
    assert second.up.concealed == pytest.approx(0.1)
    assert second.up.late == pytest.approx(0.02)
    fresh = looking.look(replace(SEEN, heard={"played": 9_000, "concealed": 1_000, "too_late": 0}), SENDING, True, 4.0)
    assert fresh.up.concealed == pytest.approx(0.1)
    quiet = looking.look(replace(SEEN, heard={"played": 9_000, "concealed": 1_000}), SENDING, True, 6.0)
    assert (quiet.up.concealed, quiet.up.late) == (0.0, 0.0)


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
    assert cause(looking.look(seen, sending, camera, 1.0)) is expected
