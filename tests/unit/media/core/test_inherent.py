"""Loss of the path and loss by too much are told apart."""

import random

import pytest

from media.core.inherent import Belief, LossModel, Window, believe


def windows(rates: list[float], loses: float, carries: float = 1e9, seed: int = 4) -> list[Window]:
    chance = random.Random(seed)
    made = []
    for place, rate in enumerate(rates):
        gone = 1 - (1 - loses) * min(1.0, carries / rate)
        lost = sum(chance.random() < gone for _ in range(40))
        made.append(Window(place * 0.5, rate, 40, lost))
    return made


STEADY = [400e3] * 20
VARIED = [300e3, 500e3, 350e3, 250e3, 450e3, 280e3] * 4


@pytest.mark.parametrize("share", [0.05, 0.1, 0.2])
def test_a_lossy_radio_has_no_bandwidth(share: float) -> None:
    belief = believe(windows(VARIED, share))
    assert belief.bandwidth is None
    assert belief.share == pytest.approx(share, abs=0.5 * share)


def test_a_policer_is_found() -> None:
    belief = believe(windows(VARIED, 0.0, carries=320e3))
    assert belief.bandwidth == pytest.approx(320e3, rel=0.12)
    assert belief.share <= 0.02


def test_both_at_once() -> None:
    belief = believe(windows(VARIED, 0.08, carries=300e3))
    assert belief.bandwidth == pytest.approx(300e3, rel=0.15)
    assert belief.share == pytest.approx(0.08, abs=0.05)


def test_a_clean_path() -> None:
    assert believe(windows(VARIED, 0.0)) == Belief(0.0, None, False)


def test_one_rate_cannot_tell() -> None:
    assert believe(windows(STEADY, 0.2)).unsure


def test_a_dip_tells() -> None:
    dipped = [*STEADY, 240e3, 240e3, 240e3]
    lossy = believe(windows(dipped, 0.25))
    assert lossy.bandwidth is None
    assert not lossy.unsure
    assert believe(windows(dipped, 0.0, carries=300e3)).bandwidth is not None


def test_little_is_no_evidence() -> None:
    assert believe(windows([400e3, 300e3], 0.5)) == Belief()


def test_what_is_old_is_forgotten() -> None:
    old = windows(VARIED, 0.0, carries=300e3)
    new = [Window(200 + each.end, 900e3, 40, 0) for each in old]
    assert believe([*old, *new]).bandwidth is None


def test_packets_make_windows() -> None:
    model = LossModel()
    closed = [model.add(step * 0.02, 500, lost=step % 10 == 0) for step in range(200)]
    assert sum(closed) == 7
    assert model.share() == pytest.approx(0.1, abs=0.04)


def test_bytes_count_and_not_packets() -> None:
    """A policer that lets voice pass and drops every second packet of the picture drops half of what is sent."""
    model = LossModel()
    for step in range(400):
        model.add(step * 0.01, 60, lost=False)
        model.add(step * 0.01, 1200, lost=step % 2 == 0)
    assert model.share() == pytest.approx(0.48, abs=0.05)


def test_no_packets_no_share() -> None:
    model = LossModel()
    assert model.belief == Belief()
    model.add(0.0, 100, lost=True)
    assert model.belief == Belief()
