"""The known sound: found again behind a real Opus codec, late, stretched, concealed and cut."""

from fractions import Fraction

import av
import numpy as np
import pytest
from av.audio.codeccontext import AudioCodecContext

from media.core.mixing import BLOCK, RATE, Samples
from media.core.soundcode import PERIOD, TONES, Sent, listen, row, symbol, thin, tones

COUNT = 300


def said(count: int = COUNT, first: int = 0) -> Samples:
    return np.concatenate([symbol(number) for number in range(first, first + count)])


def sent(count: int = COUNT, first: int = 0) -> list[Sent]:
    return [Sent(number, 5000 + 20.0 * (number - first)) for number in range(first, first + count)]


def hear(samples: Samples, delay_ms: float = 120.0, first: int = 0) -> list[float | None]:
    thinned = thin(samples)
    times = np.asarray(5000 + delay_ms + 5.0 * np.arange(len(thinned) // 80), dtype=np.float64)
    return list(listen(sent(COUNT, first), thinned, times).delays)


def missing(delays: list[float | None]) -> float:
    return sum(delay is None for delay in delays) / len(delays)


def known(delays: list[float | None]) -> list[float]:
    return [delay for delay in delays if delay is not None]


def through_opus(samples: Samples, rate: int) -> Samples:
    encoder, decoder = av.CodecContext.create("libopus", "w"), av.CodecContext.create("libopus", "r")
    assert isinstance(encoder, AudioCodecContext)
    assert isinstance(decoder, AudioCodecContext)
    encoder.sample_rate, encoder.layout, encoder.format = RATE, "mono", "s16"
    encoder.bit_rate, encoder.options = rate, {"application": "voip"}
    decoder.sample_rate, decoder.layout = RATE, "mono"
    out: list[Samples] = []
    for number in range(len(samples) // BLOCK):
        block = samples[number * BLOCK : (number + 1) * BLOCK].reshape(1, -1)
        frame = av.AudioFrame.from_ndarray(block, format="s16", layout="mono")
        frame.sample_rate, frame.pts, frame.time_base = RATE, number * BLOCK, Fraction(1, RATE)
        out += [sixteen(decoded) for packet in encoder.encode(frame) for decoded in decoder.decode(packet)]
    return np.concatenate(out)


def sixteen(frame: av.AudioFrame) -> Samples:
    values = frame.to_ndarray().ravel()
    scale = 1.0 if values.dtype == np.int16 else 32767.0
    return (values.astype(np.float64) * scale).astype(np.int16)


def test_no_three_symbols_in_a_row_come_twice() -> None:
    whole = [*row(), *row()[:2]]
    triples = [tuple(whole[n : n + 3]) for n in range(PERIOD - 2)]
    assert len(row()) == PERIOD
    assert len(set(triples)) == len(triples)
    assert all(a != b for a, b in zip(row(), row()[1:], strict=False))


def test_each_tone_is_heard_as_itself() -> None:
    for number in range(40):
        heard = tones(thin(symbol(number)))
        assert TONES[heard[0]] == TONES[row()[number]]


def test_silence_has_no_tone_and_too_little_has_none_at_all() -> None:
    assert set(tones(np.zeros(1600, dtype=np.int16))) == {-1}
    assert len(tones(np.zeros(10, dtype=np.int16))) == 0


def test_what_was_not_touched_is_whole_and_as_late_as_it_is() -> None:
    delays = hear(said())
    assert missing(delays) == 0
    assert np.median(known(delays)) == pytest.approx(120, abs=3)


@pytest.mark.parametrize("rate", [12_000, 16_000, 32_000])
def test_opus_at_a_low_rate_loses_no_symbol(rate: int) -> None:
    delays = hear(through_opus(said(), rate))
    assert missing(delays) <= 0.02
    assert np.median(known(delays)) == pytest.approx(126, abs=8)  # 6.5 ms are the codec's own


@pytest.mark.parametrize("filling", ["silence", "repeat"])
def test_a_lost_share_is_found_whether_silent_or_concealed(filling: str) -> None:
    samples, gone = through_opus(said(), 32_000), np.random.default_rng(3).random(COUNT) < 0.15
    shift = 312
    for number in map(int, np.flatnonzero(gone[:-1])):
        place = slice(number * BLOCK + shift, (number + 1) * BLOCK + shift)
        before = slice(max(0, place.start - BLOCK), max(0, place.start - BLOCK) + BLOCK)
        samples[place] = 0 if filling == "silence" else samples[before]
    assert missing(hear(samples)) == pytest.approx(gone.mean(), abs=0.04)


def test_nothing_is_heard_of_silence_of_noise_or_of_another_place() -> None:
    noise = np.random.default_rng(1).normal(0, 3000, COUNT * BLOCK).astype(np.int16)
    assert missing(hear(np.zeros(COUNT * BLOCK, dtype=np.int16))) == 1
    assert missing(hear(noise)) > 0.9
    assert missing(hear(said(first=1500))) > 0.9


def test_delay_that_grows_in_mid_call_is_followed() -> None:
    pause = np.zeros(RATE * 3 // 10, dtype=np.int16)
    samples = said()
    delays = hear(np.concatenate([samples[: 150 * BLOCK], pause, samples[150 * BLOCK :]]))
    assert missing(delays) < 0.02
    assert np.median(known(delays[:140])) == pytest.approx(120, abs=3)
    assert np.median(known(delays[160:])) == pytest.approx(420, abs=3)


def test_slow_stretching_is_no_loss() -> None:
    """A jitter buffer that grows plays a little slower."""
    samples = said()
    at = np.arange(0, len(samples) - 1, 0.985)
    stretched = np.interp(at, np.arange(len(samples)), samples).astype(np.int16)
    assert missing(hear(stretched)) < 0.05


def test_the_row_goes_on_over_its_end() -> None:
    assert missing(hear(said(first=PERIOD - 100), first=PERIOD - 100)) == 0


def test_no_delay_is_made_up_where_half_is_lost() -> None:
    """Concealed tones fit other places by chance; such a place must not count as heard late."""
    samples, gone = said(), np.random.default_rng(5).random(COUNT) < 0.5
    for number in map(int, np.flatnonzero(gone)[1:]):
        samples[number * BLOCK : (number + 1) * BLOCK] = samples[(number - 1) * BLOCK : number * BLOCK]
    delays = hear(samples)
    assert missing(delays) == pytest.approx(gone.mean(), abs=0.08)
    assert np.percentile(known(delays), 99) < 160
