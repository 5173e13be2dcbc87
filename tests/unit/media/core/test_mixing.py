"""Mixing of voices."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from media.core.mixing import BLOCK, Samples, level, levels, limit, mix, mixes, silence, to_mono


def _flat(value: int) -> Samples:
    return np.full(BLOCK, value, dtype=np.int16)


def test_quiet_voices_are_added_exactly() -> None:
    assert np.array_equal(mix([_flat(1000), _flat(-300), _flat(7)]), _flat(707))


def test_nobody_is_silence_and_one_is_untouched() -> None:
    assert np.array_equal(mix([]), silence())
    assert np.array_equal(mix([_flat(32_767)]), _flat(32_767))


@given(st.lists(st.integers(-32_768, 32_767), min_size=2, max_size=6))
def test_loud_sums_never_wrap(values: list[int]) -> None:
    mixed = int(mix([_flat(value) for value in values])[0])
    total = sum(values)
    assert mixed * total >= 0 or abs(total) < 2
    assert abs(mixed) <= abs(total)
    if abs(total) <= 24_000:
        assert mixed == total


def test_limiting_is_monotonic() -> None:
    sums = np.arange(-120_000, 120_000, 50, dtype=np.int32)
    assert (np.diff(limit(sums).astype(np.int32)) >= 0).all()


def test_each_hears_everyone_but_themselves() -> None:
    everyone, ours, heard = mixes(_flat(1), {"a": _flat(10), "b": _flat(100), "c": _flat(1000)})
    assert int(everyone[0]) == 1111
    assert int(ours[0]) == 1110
    assert {party: int(samples[0]) for party, samples in heard.items()} == {"a": 1101, "b": 1011, "c": 111}


def test_a_single_customer_hears_the_agent_alone() -> None:
    everyone, ours, heard = mixes(_flat(32_000), {"a": _flat(30_000)})
    assert np.array_equal(heard["a"], _flat(32_000)), "a single voice is untouched, however loud"
    assert np.array_equal(ours, _flat(30_000)), "and so is what the agent hears"
    assert np.array_equal(everyone, mix([_flat(32_000), _flat(30_000)]))


@given(st.lists(st.integers(-32768, 32767), min_size=2, max_size=8), st.booleans())
def test_a_single_customer_is_mixed_as_one_of_several(values: list[int], audible: bool) -> None:
    half = len(values) // 2
    agent, voice = np.array(values[:half], dtype=np.int16), np.array(values[-half:], dtype=np.int16)
    alone = mixes(agent, {"a": voice}, {"a"} if audible else set())
    among = mixes(agent, {"a": voice, "b": silence(half)}, {"a"} if audible else set())
    assert (alone.everyone == among.everyone).all()
    assert (alone.agent == voice).all()
    assert (alone.each["a"] == among.each["a"]).all()


def test_an_agent_alone_is_untouched() -> None:
    everyone, ours, heard = mixes(_flat(32_000), {})
    assert np.array_equal(everyone, _flat(32_000))
    assert not ours.any()
    assert heard == {}


@given(st.lists(st.integers(-32_768, 32_767), min_size=3, max_size=6))
def test_what_each_hears_is_the_mix_of_the_others(values: list[int]) -> None:
    agent, *voices = (np.array([value, -value // 2, 7], dtype=np.int16) for value in values)
    parties = {str(place): voice for place, voice in enumerate(voices)}
    everyone, ours, heard = mixes(agent, parties)
    assert np.array_equal(ours, mix(voices))
    assert np.array_equal(everyone, mix([agent, *voices]))
    for party in parties:
        others = [voice for other, voice in parties.items() if other != party]
        assert np.array_equal(heard[party], mix([agent, *others]))


def test_who_is_not_audible_is_in_nobodys_ear_but_the_agents() -> None:
    voices = {"a": _flat(10), "b": _flat(100), "c": _flat(1000)}
    everyone, ours, heard = mixes(_flat(1), voices, {"b"})
    assert (int(everyone[0]), int(ours[0])) == (1111, 1110), "the recording and the agent leave nobody out"
    assert {party: int(samples[0]) for party, samples in heard.items()} == {"a": 101, "b": 1, "c": 101}
    assert heard["a"] is heard["c"], "who hears the same gets the same, to be encoded once"
    heard = mixes(_flat(1), voices, {"b", "c"}).each
    assert {party: int(samples[0]) for party, samples in heard.items()} == {"a": 1101, "b": 1001, "c": 101}


def test_an_agent_before_quiet_people_is_untouched() -> None:
    agent = _flat(32_000)
    heard = mixes(agent, {"a": _flat(10), "b": _flat(10)}, ()).each
    assert heard["a"] is agent
    assert heard["b"] is agent


def test_only_what_is_too_loud_is_pressed() -> None:
    sums = np.array([24_000, 24_001, -24_001, 60_000, -200_000, 5], dtype=np.int32)
    assert limit(sums).tolist() == [24_000, 24_000, -24_000, 32_762, -32_767, 5]


def test_levels_of_some_voices_are_those_of_each() -> None:
    voices = [_flat(100), _flat(-20_000), silence()]
    assert levels(voices) == pytest.approx([level(voice) for voice in voices])
    assert levels([]) == []
    assert levels([silence(0), silence(0)]) == [0, 0]


def test_levels() -> None:
    assert level(silence()) == 0
    assert level(silence(0)) == 0
    assert level(_flat(-32_768)) == pytest.approx(1)
    tone = (10_000 * np.sin(np.arange(48_000) * 2 * np.pi * 440 / 48_000)).astype(np.int16)
    assert level(tone) == pytest.approx(10_000 / 32_768 / np.sqrt(2), rel=0.01)


def test_stereo_becomes_its_mean() -> None:
    assert to_mono(np.array([100, 300, -10, 10], dtype=np.int16), 2).tolist() == [200, 0]
    loud = np.array([32_767, 32_767], dtype=np.int16)
    assert to_mono(loud, 2).tolist() == [32_767]
    assert to_mono(loud, 1) is loud
