"""What a phone has the strength to keep beside its call, and what the record hears of it."""

import json

import pytest

from tests.unit.web_phone.script import Module

FINE = {"limit": "none", "coding": 0.1, "lateMs": 3}
TOO_MUCH = [
    {"limit": "cpu", "coding": 0.1, "lateMs": 3},
    {"limit": "none", "coding": 0.8, "lateMs": 3},
    {"limit": "bandwidth", "coding": 0.1, "lateMs": 1500},
]


class Strain:
    def __init__(self, records: str = "true") -> None:
        self._module = Module("strain.js")
        self._module.run(f"var strain = m.createStrain({records})")

    def look(self, figures: dict[str, object] = FINE, times: int = 1) -> object:
        return [self.say(f"look({json.dumps(figures)})") for _ in range(times)][-1]

    def say(self, script: str) -> object:
        return self._module.run(f"strain.{script}")


@pytest.fixture
def strain() -> Strain:
    return Strain()


def test_the_call_begins_with_the_sound_alone_and_goes_on_with_the_picture(strain: Strain) -> None:
    assert strain.say("keeps()") == "sound"
    assert [strain.look() for _ in range(3)] == ["sound", "whole", "whole"]
    strain.look(times=4)
    assert [strain.say("news()") for _ in range(2)] == ["whole", None], "a page before this one may have said less"


@pytest.mark.parametrize("bad", TOO_MUCH, ids=["limited", "coding", "late"])
def test_who_falls_behind_again_and_again_keeps_the_sound_and_never_less(
    strain: Strain, bad: dict[str, object]
) -> None:
    strain.look(times=5)
    assert strain.look(bad, 2) == "whole"
    strain.look()
    assert strain.look(bad, 2) == "whole", "one good moment between is enough"
    assert strain.look(bad) == "sound"
    assert strain.look(bad, 50) == "sound", "the sound is no trouble to the pictures"


def test_what_a_browser_does_not_tell_is_no_fault(strain: Strain) -> None:
    assert strain.look({"coding": None, "lateMs": 0}, 10) == "whole"


def test_after_a_fall_there_is_more_only_after_long_and_next_time_twice_as_long(strain: Strain) -> None:
    strain.look(times=5)
    strain.look(TOO_MUCH[0], 3)
    assert strain.look(times=29) == "sound"
    assert strain.look() == "whole"
    strain.look(TOO_MUCH[0], 3)
    assert strain.look(times=59) == "sound"
    assert strain.look() == "whole"


def test_a_piece_that_is_late_costs_one_step_and_only_once(strain: Strain) -> None:
    strain.look(times=5)
    strain.say("late('whole')")
    assert strain.look() == "sound"
    strain.say("late('whole')")
    assert strain.look() == "sound", "begun before the fall"
    strain.say("late('sound')")
    assert strain.look() == "stills"
    strain.say("late('stills')")
    assert strain.look() == "stills"
    assert strain.look(times=59) == "sound", "nothing is recorded then that could be late"


def test_the_record_hears_once_of_what_lasts(strain: Strain) -> None:
    strain.look(times=5)
    strain.look(TOO_MUCH[0], 3)
    assert strain.say("news()") is None, "not yet"
    strain.look(TOO_MUCH[0], 5)
    assert [strain.say("news()"), strain.say("news()")] == ["sound", None]
    strain.say("unsaid()")
    assert [strain.say("news()"), strain.say("news()")] == ["sound", None]
    strain.look(times=40)
    assert strain.say("news()") == "whole"
    strain.say("anew()")
    strain.look(times=5)
    assert strain.say("news()") == "whole", "of another call it is said again"


def test_one_piece_that_could_not_be_laid_down_is_no_full_phone(strain: Strain) -> None:
    strain.look(times=5)
    assert [strain.say("refused('AbortError')") for _ in range(2)] == [False, False]
    strain.say("laid()")
    assert [strain.say("refused('AbortError')") for _ in range(2)] == [False, False]
    assert strain.say("keeps()") == "whole"
    assert strain.say("refused('UnknownError')") is True
    assert (strain.say("keeps()"), strain.say("news()")) == ("nothing", "nothing")


def test_a_browser_that_says_itself_that_it_is_full_is_believed_at_once(strain: Strain) -> None:
    strain.look(times=5)
    assert strain.say("refused('QuotaExceededError')") is True
    assert strain.say("keeps()") == "nothing"


def test_a_place_that_is_found_later_is_said_too_once_it_lasts(strain: Strain) -> None:
    strain.say("place(false)")
    strain.say("late('nothing')")
    assert (strain.look(), strain.say("news()")) == ("nothing", "nothing")
    strain.say("place(false)")
    assert strain.say("news()") is None
    strain.say("place(true)")
    strain.look(times=8)
    assert (strain.say("keeps()"), strain.say("news()")) == ("whole", "whole")


def test_without_room_nothing_is_kept_and_that_is_said_at_once(strain: Strain) -> None:
    strain.look(times=5)
    strain.say("place(false)")
    assert strain.look(times=2) == "nothing"
    assert strain.say("news()") == "nothing"


def test_a_browser_that_records_nothing_keeps_stills() -> None:
    strain = Strain("false")
    assert strain.look(times=50) == "stills"
    assert strain.say("news()") == "stills"


def test_what_was_not_heard_in_one_call_is_said_in_the_next(strain: Strain) -> None:
    strain.look(times=5)
    strain.look(TOO_MUCH[0], 8)
    assert strain.say("news()") == "sound"
    strain.look(times=40)
    assert strain.say("news()") == "whole"
    strain.say("anew()")  # another call, and what was said of the one before never arrived
    strain.say("unsaid()")
    strain.look(TOO_MUCH[0], 8)
    assert strain.say("news()") == "sound"
