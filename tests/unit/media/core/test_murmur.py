"""A dead microphone is told from a person who says nothing."""

import numpy as np
import pytest

from media.core.budget import Voice
from media.core.mixing import BLOCK, RATE, Samples, level
from media.core.murmur import GONE_AFTER, MOST, NEVER_AFTER, Murmur, Sound
from media.core.playout import VoicePlayout
from media.opus import opus_decoder
from media.opusencoder import voice_encoder
from tests.unit.media.room import samples, speech

VOICE, NOTHING = 0.05, 0.0
STEP = 0.5


class Looks:
    """Looks half a second apart."""

    def __init__(self) -> None:
        self.murmur, self.now = Murmur(), 100.0

    def see(self, loudness: float, seconds: float = STEP) -> list[Sound]:
        told = []
        for _ in range(round(seconds / STEP)):
            self.now += STEP
            told.append(self.murmur.look(loudness, self.now))
        return told


@pytest.fixture
def looks() -> Looks:
    return Looks()


def test_a_microphone_that_never_gave_anything_is_told_after_seconds(looks: Looks) -> None:
    told = looks.see(NOTHING, 6)
    assert told.index(Sound.NEVER) == NEVER_AFTER / STEP
    assert set(told[told.index(Sound.NEVER) :]) == {Sound.NEVER}
    assert looks.see(VOICE) == [Sound.THERE]


def test_one_that_dies_after_it_was_heard_is_told_until_it_is_heard_again(looks: Looks) -> None:
    looks.see(VOICE, 20)
    told = looks.see(NOTHING, 20)
    assert told.index(Sound.GONE) == GONE_AFTER / STEP
    assert set(told[told.index(Sound.GONE) :]) == {Sound.GONE}
    assert (told.index(Sound.GONE) + 1) * STEP <= 5, "as soon as a black picture"
    assert looks.see(VOICE) == [Sound.THERE]


def test_who_cuts_off_a_quiet_room_is_told_once_and_then_waited_for(looks: Looks) -> None:
    """A phone whose own noise gate gives digital silence while its owner listens."""
    for _ in range(6):
        looks.see(VOICE, 4)
        told = looks.see(NOTHING, 12)
    assert set(told) == {Sound.THERE}
    assert Sound.GONE in looks.see(NOTHING, MOST + STEP), "but not for ever"


def test_a_short_silence_teaches_too(looks: Looks) -> None:
    looks.see(VOICE, 4)
    assert set(looks.see(NOTHING, 3.5)) == {Sound.THERE}
    looks.see(VOICE, 4)
    assert set(looks.see(NOTHING, 6.5)) == {Sound.THERE}


def test_another_connection_is_another_microphone_and_a_pause_counts_for_nothing(looks: Looks) -> None:
    looks.see(VOICE, 4)
    looks.see(NOTHING, 20)
    looks.murmur.begin()
    assert looks.murmur.sound is Sound.THERE
    assert looks.see(NOTHING, 4)[-1] is Sound.NEVER
    looks.murmur.pause()
    assert looks.murmur.sound is Sound.THERE
    assert looks.see(NOTHING, 4)[-1] is Sound.NEVER


def seen(tail: Samples | None, spoken: Voice) -> list[Sound]:
    """Two seconds of speech and then ``tail`` (None: no packet more) through Opus and the seat's own playing out."""
    voice, count = samples(speech(2, 180, seed=1)), 12 * RATE
    encoder, playout, murmur = voice_encoder(), VoicePlayout(opus_decoder()), Murmur()
    said = voice if tail is None else np.concatenate([voice, np.tile(tail, 5)])
    told, taken = [], list[Samples]()
    for number in range(count // BLOCK):
        now, step = number / 50, said[number * BLOCK : (number + 1) * BLOCK]
        if len(step) == BLOCK and (packet := encoder.encode(step, spoken, 0.0)):
            playout.insert(number * BLOCK, packet, now)
        taken.append(playout.take(BLOCK, now))
        if (number + 1) % 25 == 0:
            told.append(murmur.look(level(np.concatenate(taken)), now))
            taken = []
    return told


NOISE = np.random.default_rng(3).normal(size=2 * RATE)
DIGITAL = np.zeros(2 * RATE, np.int16)
FAINT = np.round(NOISE).astype(np.int16)
"""A room of -90 dB: one step of sixteen bits."""
ROOM = (30 * NOISE).astype(np.int16)


PLAIN, THIN, DTX = Voice(32_000, 20), Voice(12_000, 20), Voice(32_000, 20, quiet=True)
CASES = [(PLAIN, None, True), (THIN, DIGITAL, True), (DTX, DIGITAL, True), (PLAIN, FAINT, False), (DTX, ROOM, False)]


@pytest.mark.parametrize(("spoken", "tail", "dead"), CASES)
def test_behind_opus_digital_silence_is_a_dead_microphone_and_a_quiet_room_is_none(
    spoken: Voice, tail: Samples | None, dead: bool
) -> None:
    """With DTX, too, where the decoder makes the room's noise out of what it heard before."""
    told = seen(tail, spoken)
    assert set(told[:4]) == {Sound.THERE}
    assert (told[-1] is Sound.GONE) is dead
    assert Sound.NEVER not in told
