"""Our Opus against FFmpeg's decoder: pitch, rate, silence, and a rate that changes while it goes."""

from collections.abc import Callable

import av
import numpy as np
import pytest
from av.audio.codeccontext import AudioCodecContext

from media.core.budget import Voice
from media.core.mixing import BLOCK, RATE, Samples, silence
from media.opusencoder import OpusEncoder, PlainOpusEncoder, VoiceEncoder, voice_encoder

NORMAL = Voice(24_000, 20)
ENCODERS: list[Callable[[], VoiceEncoder]] = [voice_encoder, PlainOpusEncoder]


def tone(number: int, count: int = BLOCK, pitch: float = 440.0) -> Samples:
    at = np.arange(number * count, (number + 1) * count) / RATE
    samples: Samples = (8000 * np.sin(2 * np.pi * pitch * at)).astype(np.int16)
    return samples


def decoded(packets: list[bytes]) -> Samples:
    codec = av.CodecContext.create("opus", "r")
    assert isinstance(codec, AudioCodecContext)
    parts = [frame.to_ndarray() for packet in packets if packet for frame in codec.decode(av.Packet(packet))]
    joined = np.concatenate(parts, axis=1)[0]
    scaled: Samples = (joined * 32767 if joined.dtype.kind == "f" else joined).astype(np.int16)
    return scaled


def pitch(samples: Samples) -> float:
    strength = np.abs(np.fft.rfft(samples * np.hanning(len(samples))))
    return float(strength.argmax() * RATE / len(samples))


def test_this_computer_calls_libopus() -> None:
    assert isinstance(voice_encoder(), OpusEncoder)


@pytest.mark.parametrize("make", ENCODERS)
def test_what_was_said_is_heard(make: Callable[[], VoiceEncoder]) -> None:
    encoder = make()
    heard = decoded([encoder.encode(tone(number), NORMAL, 0.0) for number in range(50)])
    assert len(heard) == pytest.approx(RATE, abs=2 * BLOCK)
    assert pitch(heard[RATE // 4 :]) == pytest.approx(440, abs=3)


def speech(seconds: int) -> list[Samples]:
    """Noise in syllables: it needs every bit it is given."""
    chance = np.random.default_rng(5)
    noise = chance.normal(0, 4000, RATE * seconds) * (1 + np.sin(np.arange(RATE * seconds) / 2000))
    return list(np.clip(noise, -32000, 32000).astype(np.int16).reshape(-1, BLOCK))


def rate(packets: list[bytes]) -> float:
    return sum(map(len, packets)) * 8 * 50 / len(packets)


def test_the_rate_follows_at_once() -> None:
    encoder = voice_encoder()
    steps = speech(4)
    high = rate([encoder.encode(step, Voice(32_000, 20), 0.0) for step in steps[:100]])
    low = rate([encoder.encode(step, Voice(16_000, 20), 0.0) for step in steps[100:]])
    assert high == pytest.approx(32_000, rel=0.2)
    assert low == pytest.approx(16_000, rel=0.2)


def test_a_longer_frame() -> None:
    encoder = voice_encoder()
    assert encoder.flexible
    packets = [encoder.encode(tone(number, 2 * BLOCK), Voice(16_000, 40), 0.0) for number in range(25)]
    assert len(decoded(packets)) == pytest.approx(RATE, abs=2 * BLOCK)


def test_silence_is_left_out_where_it_is_wanted() -> None:
    encoder = voice_encoder()
    spare = [encoder.encode(silence(), Voice(16_000, 20, quiet=True), 0.0) for _ in range(100)]
    assert sum(not packet for packet in spare) > 60
    encoder = voice_encoder()
    assert all(encoder.encode(silence(), NORMAL, 0.0) for _ in range(100))


def test_a_voice_after_silence_is_sent() -> None:
    encoder = voice_encoder()
    quiet = Voice(16_000, 20, quiet=True)
    for _ in range(100):
        encoder.encode(silence(), quiet, 0.0)
    assert all(encoder.encode(tone(number), quiet, 0.0) for number in range(10))


def test_loss_changes_the_packets() -> None:
    """With loss to guard against a packet carries the one before at a lower rate: the same sound, other bytes."""
    plain, guarded = voice_encoder(), voice_encoder()
    steps = speech(2)
    one = [plain.encode(step, NORMAL, 0.0) for step in steps]
    other = [guarded.encode(step, NORMAL, 0.2) for step in steps]
    assert one[50:] != other[50:]


def test_a_frame_of_no_length() -> None:
    with pytest.raises(ValueError, match="no frame of 7"):
        voice_encoder().encode(silence(7), NORMAL, 0.0)
