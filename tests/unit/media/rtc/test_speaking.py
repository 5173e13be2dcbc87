"""Voices on their way out over two connections that share an encoder: numbers, redundant copies, long packets."""

from itertools import pairwise

from media.core.inherent import Window
from media.core.mixing import Samples
from media.core.red import blocks
from media.rtc.broadcast import Broadcast
from tests.unit.media.rtc.test_chorus import AGENT, BOTH, STEPS
from tests.unit.media.rtc.wire import OPUS, RED, Seat, seat


def speak(made: Seat, number: int, samples: Samples) -> None:
    """As the sound's clock does, one step after the other."""
    made.heard.speak(number, samples)()


async def test_each_has_its_own_numbers_and_copies_of_what_it_got_itself() -> None:
    broadcast = Broadcast()
    async with seat(broadcast) as one, seat(broadcast) as other:
        for made in (one, other):
            made.outgoing.rate.losses.window(Window(0.0, 100_000, 100.0, 4.0))
            speak(made, 0, AGENT[0])  # the next steps are for the path as it is now
        for number in range(1, STEPS):
            speak(one, number, AGENT[number])
            speak(other, number, BOTH[number] if number < 60 or number > STEPS - 20 else AGENT[number])
        voices = [made.wire.of(RED) for made in (one, other)]
        assert broadcast.chorus.made < 2 * STEPS - 50
    for voice in voices:
        assert len(voice) == STEPS - 1
        assert {(b.sequence_number - a.sequence_number) & 0xFFFF for a, b in pairwise(voice)} == {1}
        assert {(b.timestamp - a.timestamp) & 0xFFFFFFFF for a, b in pairwise(voice)} == {960}
        taken = [blocks(packet.payload) for packet in voice]
        assert [block[0].payload for block in taken[1:]] == [block[-1].payload for block in taken[:-1]]
    same = [a.payload == b.payload for a, b in zip(*voices, strict=True)]
    assert not any(same[:58])
    assert any(same)
    assert not any(same[-18:])


async def test_packets_of_40_ms_begin_together_whoever_comes_when() -> None:
    broadcast = Broadcast()
    async with seat(broadcast) as one, seat(broadcast) as other:
        for made in (one, other):
            made.outgoing.rate._by_delay = 40_000.0
        for number in range(STEPS):
            for made, begins in ((one, 0), (other, 3)):
                if number >= begins:
                    speak(made, number, AGENT[number])
        packets = one.wire.of(OPUS), other.wire.of(OPUS)
        assert broadcast.chorus.made < STEPS - 20, "they became one"
    for voice in packets:
        assert {(b.timestamp - a.timestamp) & 0xFFFFFFFF for a, b in pairwise(voice[5:20])} == {1920}
    assert packets[0][-1].payload == packets[1][-1].payload
