"""Calls for the figure of fan-out: real connections between two processes, ours and aiortc's own."""

import pytest

from media.errors import Unavailable
from media.lab.fanout import PAUSE, TURN, Kind, Talk, Talkers, _serve_customers, _serve_seat, load
from media.lab.process import Process
from media.lab.scene import RATE


@pytest.mark.parametrize(("kind", "talk"), [(Kind.OURS, Talk.TURNS), (Kind.AIORTC, Talk.NOBODY)])
def test_a_load(kind: Kind, talk: Talk) -> None:
    found = load(kind, 2, 3.0, talk)
    assert found.customers == 2
    assert 0.0 < found.cores < 2.0
    assert 0.0 < found.pictures < 2 * RATE
    assert found.late_ms > 0.0
    assert found.encodings in ((1, 2) if kind is Kind.OURS else (0,))


def test_in_turns_all_but_who_speaks_hear_the_same_and_all_at_once_nobody_does() -> None:
    turns, together = Talkers(Talk.TURNS, 3), Talkers(Talk.ALL, 3)
    steps = [(turns.step(number), together.step(number)) for number in range(2 * TURN - PAUSE)]
    assert {len({id(samples) for samples in heard}) for heard, _ in steps[:TURN]} == {1}, "the agent's turn"
    assert {len({id(samples) for samples in heard}) for heard, _ in steps[TURN:]} == {2}
    assert {len({samples.tobytes() for samples in heard}) for _, heard in steps} == {3}


def test_a_process_that_fails_says_so() -> None:
    with Process(_serve_customers) as there, pytest.raises(Unavailable, match="TypeError"):
        there.ask("many")


def test_a_description_that_cannot_be_used_is_told() -> None:
    with Process(_serve_seat, Kind.OURS, Talk.NOBODY) as seat, pytest.raises(Unavailable):
        seat.ask(["v=0"])
