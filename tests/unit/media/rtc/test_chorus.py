"""Voices that are encoded once for all who hear the same: to the byte as by an encoder of one's own, and unheard where
two become one, by what a decoder makes of it."""

from dataclasses import replace

import numpy as np
import pytest

from media.core.budget import Voice
from media.core.mixing import BLOCK, RATE, Samples
from media.opus import opus_decoder
from media.opusencoder import PlainOpusEncoder, VoiceEncoder, voice_encoder
from media.rtc.chorus import LONG, PAUSE, Chorus, Manner, Share, Step, guarded

MANNER = Manner(Voice(32_000, 20), 0.0)
STEPS = 300


def talk(seed: int, pitch: float, room: float = 30.0) -> list[Samples]:
    """STEPS of syllables in words with pauses between, over the noise of a room."""
    at = np.arange(STEPS * BLOCK) / RATE
    phase = 2 * np.pi * np.cumsum(pitch + 30 * np.sin(4 * at + seed)) / RATE
    voiced = sum(np.sin(number * phase) / number for number in range(1, 25))
    loud = np.clip(np.sin(16 * at), 0, 1) * (np.sin(3.2 * at + seed) > -0.3)
    wave = 5000 * voiced * loud + np.random.default_rng(seed).normal(0, room, len(at))
    return list(np.clip(wave, -32_000, 32_000).astype(np.int16).reshape(-1, BLOCK))


AGENT, OTHER = talk(1, 120), talk(9, 210)
BOTH = [one + other for one, other in zip(AGENT, OTHER, strict=True)]


def say(share: Share, number: int, samples: Samples, manner: Manner = MANNER) -> bytes:
    share.settle(manner)
    return share.encode(Step(number * BLOCK, samples))


def own(steps: list[Samples], encoder: VoiceEncoder | None = None, manner: Manner = MANNER) -> list[bytes]:
    encoder = encoder or voice_encoder()
    return [encoder.encode(step, manner.spoken, manner.loss) for step in steps]


def together(chorus: Chorus, shares: list[Share], until: int) -> list[bytes]:
    """All hear the agent, whose first pause makes them share. → the packets of each step, which are the last one's."""
    last: list[bytes] = []
    for number in range(until):
        last = [say(share, number, AGENT[number]) for share in shares]
    made = chorus.made
    assert {*last} == {last[0]}
    for share in shares:
        say(share, until, AGENT[until])
    assert chorus.made == made + 1, "they share"
    return last


def test_who_hears_the_same_shares_after_a_pause() -> None:
    chorus = Chorus()
    together(chorus, [Share(chorus) for _ in range(4)], STEPS - 10)
    assert chorus.made < 2 * STEPS


@pytest.mark.parametrize("first", [True, False], ids=["who is asked first leaves", "who is asked last leaves"])
def test_who_leaves_goes_on_as_if_they_had_never_shared(first: bool) -> None:
    chorus = Chorus()
    stays, leaves = Share(chorus), Share(chorus)
    order = [leaves, stays] if first else [stays, leaves]
    together(chorus, order, STEPS // 2)
    start = STEPS // 2 + 1
    got: dict[Share, list[bytes]] = {stays: [], leaves: []}
    for number in range(start, STEPS):
        for share in order:
            got[share].append(say(share, number, (AGENT if share is stays else BOTH)[number]))
    assert got[stays] == own(AGENT)[start:]
    assert got[leaves] == own([*AGENT[:start], *BOTH[start:]])[start:]


def test_those_who_leave_together_stay_together() -> None:
    chorus = Chorus()
    shares = [Share(chorus) for _ in range(5)]
    together(chorus, shares, STEPS // 2)
    made = chorus.made
    for number in range(STEPS // 2 + 1, STEPS // 2 + 11):
        heard = [say(share, number, BOTH[number] if share in shares[1:4] else AGENT[number]) for share in shares]
        assert heard[1] == heard[2] == heard[3]
        assert heard[0] == heard[4] != heard[1]
    assert chorus.made == made + 20


def test_a_path_that_changes_alone_goes_on_as_if_it_had_never_shared() -> None:
    chorus = Chorus()
    stays, leaves = Share(chorus), Share(chorus)
    thin = Manner(Voice(16_000, 20), 0.1)
    together(chorus, [leaves, stays], STEPS // 2)
    start = STEPS // 2 + 1
    got = [
        (say(leaves, number, AGENT[number], thin), say(stays, number, AGENT[number])) for number in range(start, STEPS)
    ]
    encoder = voice_encoder()
    own(AGENT[:start], encoder)
    assert [packet for packet, _ in got] == own(AGENT[start:], encoder, thin)
    assert [packet for _, packet in got] == own(AGENT)[start:]


def test_who_was_away_goes_on_and_later_shares_again() -> None:
    chorus = Chorus()
    stays, away = Share(chorus), Share(chorus)
    together(chorus, [stays, away], STEPS // 2)
    made = 0
    for number in range(STEPS // 2 + 1, STEPS):
        made = chorus.made
        packets = {say(share, number, AGENT[number]) for share in (stays, away) if share is stays or number % 100 > 10}
    assert len(packets) == 1
    assert chorus.made == made + 1


def error(one: Samples, other: Samples) -> float:
    return float(np.sqrt(np.mean((one.astype(float) - other) ** 2)))


@pytest.mark.parametrize("room", [0.0, 3.0, 30.0])
@pytest.mark.parametrize("bits", [32_000, 16_000])
def test_two_become_one_unheard(bits: int, room: float) -> None:
    """Beside a listener who heard the agent all along: never further from it than the room's own noise."""
    manner, agent, other = Manner(Voice(bits, 20), 0.0), talk(1, 120, room), talk(9, 210, room)
    chorus = Chorus()
    listener, speaker = Share(chorus), Share(chorus)
    decoders, became = (opus_decoder(), opus_decoder()), None
    for number in range(STEPS):
        mixed = agent[number] + other[number] if number < 60 else agent[number]
        packets = say(listener, number, agent[number], manner), say(speaker, number, mixed, manner)
        heard = [decoder.decode(packet) for decoder, packet in zip(decoders, packets, strict=True)]
        if number > 60 + LONG - PAUSE and packets[0] == packets[1]:
            became = became or number
            assert error(*heard) <= room + 1.0
    assert became is not None
    assert became >= 60 + LONG


def test_nobody_joins_in_the_middle_of_a_word() -> None:
    chorus, tone = Chorus(), [step + 1000 for step in AGENT]
    shares = [Share(chorus) for _ in range(2)]
    say(shares[0], 0, OTHER[0])
    say(shares[1], 0, tone[0])
    for number in range(1, STEPS):
        for share in shares:
            say(share, number, tone[number])
    assert chorus.made == 2 * STEPS


def test_an_encoder_that_cannot_be_copied_is_not_shared() -> None:
    chorus = Chorus(PlainOpusEncoder)
    shares = [Share(chorus), Share(chorus)]
    for number in range(STEPS):
        manner = replace(MANNER, loss=0.01 * (number % 3))
        assert len({say(share, number, AGENT[number], manner) for share in shares}) == 1
    assert chorus.made == 2 * STEPS
    assert not shares[0].flexible


def test_what_cannot_be_encoded_is_told_to_each_and_ends_nothing() -> None:
    chorus = Chorus()
    shares = [Share(chorus), Share(chorus)]
    together(chorus, shares, STEPS // 2)
    for share in shares:
        with pytest.raises(ValueError, match="no frame of 7"):
            say(share, STEPS // 2 + 1, AGENT[0][:7])
    assert all(say(share, STEPS // 2 + 2, AGENT[0]) for share in shares)


def test_loss_in_steps() -> None:
    assert [guarded(loss) for loss in (-0.1, 0.0, 0.004, 0.019, 0.02, 0.5)] == [0.0, 0.0, 0.0, 0.01, 0.02, 0.3]
