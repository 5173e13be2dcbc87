"""Opus as libopus and as FFmpeg speak it, and a voice on its way through a ``Hearing``."""

import threading
import time

import av
import numpy as np
import pytest

from media.core.mixing import BLOCK, RATE, Samples, level
from media.core.playout import Decoder
from media.hearing import Hearing
from media.opus import OpusDecoder, PlainOpusDecoder, library, opus_decoder
from tests.integration.media.sound import strength


def encoded(packets: int, pitch: float = 200, in_band: bool = True) -> list[bytes]:
    """A voice-like sound as Opus packets of 20 ms."""
    encoder = av.CodecContext.create("libopus", "w")
    assert isinstance(encoder, av.AudioCodecContext)
    encoder.bit_rate, encoder.sample_rate, encoder.format, encoder.layout = 32_000, RATE, "s16", "mono"
    encoder.options = {"application": "voip", "fec": str(int(in_band)), "packet_loss": "20"}
    at = np.arange(packets * BLOCK) / RATE
    wave = 8000 * np.sin(2 * np.pi * pitch * at) * (1 + np.sin(2 * np.pi * 3 * at)) / 2
    out: list[bytes] = []
    for number in range(packets):
        samples = wave[number * BLOCK : (number + 1) * BLOCK].astype(np.int16)
        frame = av.AudioFrame.from_ndarray(samples.reshape(1, -1), format="s16", layout="mono")
        frame.sample_rate, frame.pts = RATE, number * BLOCK
        out += [bytes(packet) for packet in encoder.encode(frame)]
    return out


def libopus() -> OpusDecoder:
    lib = library()
    assert lib is not None, "PyAV's wheel brings libopus along"
    return OpusDecoder(lib)


@pytest.mark.parametrize("make", [libopus, PlainOpusDecoder])
def test_both_decoders_hear_and_conceal(make: type[Decoder]) -> None:
    decoder = make()
    heard = np.concatenate([decoder.decode(packet) for packet in encoded(30)])
    assert len(heard) == pytest.approx(30 * BLOCK, abs=BLOCK)
    assert strength(heard[5 * BLOCK :], 200) > 0.4
    gap = decoder.conceal(BLOCK)
    assert len(gap) == BLOCK
    assert level(gap) > 0.3 * level(heard[-BLOCK:]), "it goes on"
    for _ in range(15):
        last = decoder.conceal(BLOCK)
    assert level(last) < 0.3 * level(gap), "and fades"


@pytest.mark.parametrize("make", [libopus, PlainOpusDecoder])
@pytest.mark.parametrize("rubbish", [b"", b"\xff\xff\xff", bytes(3)])
def test_rubbish_is_sound_of_some_length(make: type[Decoder], rubbish: bytes) -> None:
    assert len(make().decode(rubbish)) >= BLOCK // 8


def test_the_best_decoder_is_taken() -> None:
    assert isinstance(opus_decoder(), OpusDecoder)


def test_a_lost_packet_is_nearer_to_the_truth_from_its_copy() -> None:
    packets = encoded(40)
    truth, copied, concealed = libopus(), libopus(), libopus()
    for packet in packets[:20]:
        for decoder in (truth, copied, concealed):
            decoder.decode(packet)
    true = truth.decode(packets[20]).astype(np.float64)
    copy = copied.recover(packets[21], BLOCK)
    assert copy is not None
    assert strength(copy, 200) > 0.3
    assert np.abs(copy - true).mean() < 2000
    assert libopus().recover(encoded(5, in_band=False)[2], BLOCK) is None
    assert concealed.recover(b"", BLOCK) is None


def feed(hearing: Hearing, packets: list[bytes], first: int = 0) -> None:
    for number, packet in enumerate(packets):
        hearing.put((first + number) * BLOCK, packet, time.monotonic())
        time.sleep(0.02)


def test_a_voice_goes_in_on_one_thread_and_out_on_another() -> None:
    hearing, taken, done = Hearing(), list[Samples](), threading.Event()

    def clock() -> None:
        while not done.wait(0.02):
            taken.append(hearing.take())

    reader = threading.Thread(target=clock)
    reader.start()
    feed(hearing, encoded(60))
    behind, heard = hearing.behind, hearing.heard
    done.set()
    reader.join()
    assert strength(np.concatenate(taken[-30:]), 200) > 0.3
    assert behind is not None
    assert behind < 0.3
    assert heard is not None
    assert 0 < heard[0] < 61 * BLOCK
    assert hearing.loudness() > 0.02
    assert hearing.loudness() == 0.0
    assert hearing.counts["played"] > 40 * BLOCK


def test_nothing_is_silence() -> None:
    hearing = Hearing()
    assert not hearing.take().any()
    assert hearing.behind is None
    assert hearing.heard is None
