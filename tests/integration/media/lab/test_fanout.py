"""Calls for the figure of fan-out: real connections between two processes, ours and aiortc's own."""

import pytest

from media.errors import Unavailable
from media.lab.fanout import Kind, _serve_customers, _serve_seat, load
from media.lab.process import Process
from media.lab.scene import RATE


@pytest.mark.parametrize(("kind", "voices"), [(Kind.OURS, True), (Kind.AIORTC, False)])
def test_a_load(kind: Kind, voices: bool) -> None:
    found = load(kind, 2, 3.0, voices)
    assert found.customers == 2
    assert 0.0 < found.cores < 2.0
    assert 0.0 < found.pictures < 2 * RATE
    assert found.late_ms > 0.0
    assert found.encodings in ((1, 2) if kind is Kind.OURS else (0,))


def test_a_process_that_fails_says_so() -> None:
    with Process(_serve_customers) as there, pytest.raises(Unavailable, match="TypeError"):
        there.ask("many")


def test_a_description_that_cannot_be_used_is_told() -> None:
    with Process(_serve_seat, Kind.OURS, False) as seat, pytest.raises(Unavailable):
        seat.ask(["v=0"])
