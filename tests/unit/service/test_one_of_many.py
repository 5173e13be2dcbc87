"""What is logged of things that are met again every moment."""

from signing.service.one_of_many import Rarely


def test_a_thing_is_said_once_in_its_time() -> None:
    rarely = Rarely(60, kept=10)
    assert [rarely.may_say("a", now) for now in (0.0, 1.0, 59.0, 60.0, 61.0)] == [True, False, False, True, False]
    assert rarely.may_say("b", 61.0)


def test_what_is_kept_is_bounded_and_the_oldest_goes_first() -> None:
    rarely = Rarely(60, kept=2)
    assert all(rarely.may_say(what, 0.0) for what in "abc")
    assert not rarely.may_say("b", 1.0)
    assert rarely.may_say("a", 1.0), "forgotten, and said again"
