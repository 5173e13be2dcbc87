"""The recording's sound as the coder that was chosen makes it."""

import io
from datetime import UTC, datetime
from fractions import Fraction

import av
import numpy as np
from av import AudioFrame

from media.core.mixing import RATE, Samples
from media.encoding import AAC_FRAME, Encoder
from media.standin import beeps
from tests.unit.media.sample import SIZE, picture

SECONDS = 2


def test_sound_is_encoded_by_the_cheaper_coder() -> None:
    """Which keeps more of a voice at this rate, see ``SOUND_OPTIONS``; FFmpeg would take the other one by itself."""
    parts = list[bytes]()
    encoder = Encoder(lambda data, seconds: parts.append(data), *SIZE, 15, datetime.now(UTC))
    heard = beeps(0, SECONDS * RATE)
    for number in range(SECONDS * 15):
        encoder.picture(picture(number), number)
    encoder.sound(heard, 0)
    encoder.close()
    with av.open(io.BytesIO(b"".join(parts)), "r") as container:
        found = [bytes(packet) for packet in container.demux(audio=0) if packet.size]
    common = slice(1, len(heard) // AAC_FRAME - 2)
    assert found[common] == _encoded(heard, "fast")[common]
    assert found[common] != _encoded(heard, "twoloop")[common]


def _encoded(samples: Samples, coder: str) -> list[bytes]:
    with av.open(io.BytesIO(), "w", format="mp4") as container:
        stream = container.add_stream("aac", rate=RATE, options={"aac_coder": coder})
        stream.codec_context.layout, stream.codec_context.bit_rate = "mono", 64_000
        packets = []
        for start in range(0, len(samples) // AAC_FRAME * AAC_FRAME, AAC_FRAME):
            wave = samples[start : start + AAC_FRAME].astype(np.float32).reshape(1, -1) / 32768
            frame = AudioFrame.from_ndarray(wave, format="fltp", layout="mono")
            frame.sample_rate, frame.pts, frame.time_base = RATE, start, Fraction(1, RATE)
            packets += [packet for packet in stream.encode(frame) if packet.pts is not None and packet.pts >= 0]
        return [bytes(packet) for packet in packets]
