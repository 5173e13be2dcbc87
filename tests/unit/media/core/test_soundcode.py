"""The known sound: found again behind a real Opus codec, late, stretched, concealed and cut."""

from fractions import Fraction

import av
import numpy as np
import pytest
from av.audio.codeccontext import AudioCodecContext

from media.core.mixing import BLOCK, RATE, Samples
from media.core.soundcode import (
    HOP_MS,
    PERIOD,
    SYMBOL,
    SYMBOL_MS,
    TONES,
    Listened,
    Sent,
    listen,
    row,
    said,
    symbol,
    thin,
    tones,
)  # fmt: skip

COUNT = 400
PACKETS = COUNT * SYMBOL // BLOCK


def spoken(first: int = 0) -> Samples:
    """COUNT symbols, cut to whole packets."""
    return said(first * SYMBOL, PACKETS * BLOCK)


def hear(samples: Samples, delay_ms: float = 120.0, first: int = 0) -> Listened:
    thinned = thin(samples)
    times = np.asarray(5000 + delay_ms + HOP_MS * np.arange(len(thinned) // 40), dtype=np.float64)
    sent = [Sent(number, 5000 + SYMBOL_MS * (number - first)) for number in range(first, first + COUNT - 5)]
    return listen(sent, thinned, times)


def missing(listened: Listened) -> float:
    return 1 - sum(listened.shares) / len(listened.shares)


def late(listened: Listened) -> list[float]:
    return [delay for delay in listened.delays if delay is not None]


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


def losing(samples: Samples, share: float, filling: str, shift: int) -> tuple[Samples, float]:
    """Packets of 20 ms gone, silent or concealed by the sound before; and the share that is gone."""
    gone = np.random.default_rng(shift).random(PACKETS - 1) < share
    gone[0] = False
    left = samples.copy()
    for number in map(int, np.flatnonzero(gone)):
        start = number * BLOCK + shift
        left[start : start + BLOCK] = 0 if filling == "silence" else left[start - BLOCK : start]
    return left, float(gone.mean())


def test_no_three_symbols_in_a_row_come_twice() -> None:
    whole = [*row(), *row()[:2]]
    triples = [tuple(whole[n : n + 3]) for n in range(PERIOD - 2)]
    assert len(row()) == PERIOD
    assert len(set(triples)) == len(triples)
    assert all(a != b for a, b in zip(row(), row()[1:], strict=False))


def test_each_tone_is_heard_as_itself() -> None:
    for number in range(40):
        heard = tones(thin(symbol(number)))
        assert TONES[heard[len(heard) // 2]] == TONES[row()[number]]


def test_the_row_can_be_cut_anywhere() -> None:
    whole = said(0, 5 * SYMBOL)
    assert (said(1000, 2000) == whole[1000:3000]).all()
    assert (said(2 * SYMBOL, SYMBOL) == symbol(2)).all()
    assert (said(PERIOD * SYMBOL, SYMBOL) == symbol(0)).all()


def test_silence_has_no_tone_and_too_little_has_none_at_all() -> None:
    assert set(tones(np.zeros(1600, dtype=np.int16))) == {-1}
    assert len(tones(np.zeros(10, dtype=np.int16))) == 0


def test_what_was_not_touched_is_whole_and_as_late_as_it_is() -> None:
    listened = hear(spoken())
    assert missing(listened) < 0.001
    assert np.median(late(listened)) == pytest.approx(120, abs=2)


@pytest.mark.parametrize("rate", [12_000, 16_000, 24_000, 32_000])
def test_opus_at_a_low_rate_loses_hardly_anything(rate: int) -> None:
    listened = hear(through_opus(spoken(), rate))
    assert missing(listened) <= (0.02 if rate < 24_000 else 0.005)
    assert np.median(late(listened)) == pytest.approx(126.5, abs=2)  # 6.5 ms are the codec's own


@pytest.mark.parametrize("filling", ["silence", "repeat"])
@pytest.mark.parametrize("share", [0.1, 0.3])
def test_a_lost_share_is_found_wherever_packets_cut_the_symbols(filling: str, share: float) -> None:
    sound = through_opus(spoken(), 32_000)
    ratios = []
    for shift in (0, 240, 480, 720):
        left, gone = losing(sound, share, filling, shift)
        ratios.append(missing(hear(left)) / gone)
    assert min(ratios) > 0.7, "concealment that guesses right is no loss, but most of it is wrong"
    assert max(ratios) < 1.1
    assert max(ratios) - min(ratios) < 0.2, "whoever sends, and however packets lie"


def test_nothing_is_heard_of_silence_of_noise_or_of_another_place() -> None:
    noise = np.random.default_rng(1).normal(0, 3000, PACKETS * BLOCK).astype(np.int16)
    assert missing(hear(np.zeros(PACKETS * BLOCK, dtype=np.int16))) == 1
    assert missing(hear(noise)) > 0.85
    assert missing(hear(spoken(first=1500))) > 0.9


def test_delay_that_grows_in_mid_call_is_followed() -> None:
    pause = np.zeros(RATE * 3 // 10, dtype=np.int16)
    samples = spoken()
    listened = hear(np.concatenate([samples[: 200 * SYMBOL], pause, samples[200 * SYMBOL :]]))
    assert missing(listened) < 0.02
    assert np.median([d for d in listened.delays[:190] if d is not None]) == pytest.approx(120, abs=2)
    assert np.median([d for d in listened.delays[210:] if d is not None]) == pytest.approx(420, abs=2)


def test_slow_stretching_is_no_loss() -> None:
    """A jitter buffer that grows plays a little slower."""
    samples = spoken()
    at = np.arange(0, len(samples) - 1, 0.985)
    stretched = np.interp(at, np.arange(len(samples)), samples).astype(np.int16)
    assert missing(hear(stretched)) < 0.05


def test_the_row_goes_on_over_its_end() -> None:
    assert missing(hear(spoken(first=PERIOD - 100), first=PERIOD - 100)) < 0.001


def test_no_delay_is_made_up_where_half_is_lost() -> None:
    """Concealed tones fit other places by chance; such a place must not count as heard late."""
    left, gone = losing(spoken(), 0.5, "repeat", 0)
    listened = hear(left)
    assert missing(listened) == pytest.approx(gone, abs=0.15)
    assert np.percentile(late(listened), 99) < 160
