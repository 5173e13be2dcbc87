"""Whose sound is mixed in: from the first step that can be heard until half a second after the last."""

from media.core.audible import LASTS, QUIET, Audible


def test_a_voice_is_in_from_its_first_step_and_stays_a_moment() -> None:
    audible = Audible()
    assert audible.now({"a": QUIET, "b": 0.0}, 1) == frozenset()
    assert audible.now({"a": 1.01 * QUIET, "b": 0.0}, 2) == {"a"}
    assert audible.now({"a": 0.0, "b": 0.5}, 2 + LASTS) == {"a", "b"}
    assert audible.now({"a": 0.0, "b": 0.0}, 3 + LASTS) == {"b"}


def test_only_those_who_are_there_are_named() -> None:
    audible = Audible()
    audible.now({"a": 0.5, "b": 0.5}, 1)
    assert audible.now({"b": 0.0}, 2) == {"b"}
    assert audible.now({"a": 0.0, "b": 0.0}, 3) == {"a", "b"}, "who was outside for a moment goes on"
