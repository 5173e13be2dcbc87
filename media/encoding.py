"""Composed pictures and mixed voices into a fragmented MP4: H.264 and AAC on one clock, counted from file time zero."""

from collections.abc import Iterable
from datetime import datetime
from fractions import Fraction

import av
import numpy as np
from av import AudioFrame, VideoFrame
from av.audio.stream import AudioStream
from av.packet import Packet
from av.video.stream import VideoStream

from media.core.mixing import RATE, Samples, silence
from media.fragments import FragmentSink
from media.pictures import to_frame
from media.ports import Picture

AAC_FRAME = 1024
MUXER_OPTIONS = {
    "movflags": "frag_keyframe+empty_moov+default_base_moof+skip_trailer",
    "frag_duration": "1000000",
    "flush_packets": "1",
}
ENCODER_OPTIONS = {"preset": "veryfast", "tune": "zerolatency", "crf": "23", "maxrate": "2M", "bufsize": "2M"}
BT601 = 6
"""SMPTE 170M in the tables of ISO/IEC 23091-2; a player would take an unmarked 720p picture for BT.709."""


class Encoder:
    """Pictures come by number, samples by position; what is skipped is filled: pictures repeated, sound silent."""

    def __init__(self, sink: FragmentSink, width: int, height: int, rate: int, started_at: datetime) -> None:
        self._rate = rate
        self._container = av.open(sink, "w", format="mp4", options=MUXER_OPTIONS)
        self._container.metadata["comment"] = started_at.isoformat(timespec="milliseconds")
        self._video = self._add_video(width, height)
        self._audio = self._add_audio()
        self._last: VideoFrame | None = None
        self._waiting: list[Samples] = []
        self._waiting_samples = 0
        self._encoded_samples = 0
        self.pictures = 0
        self.filled_pictures = 0
        self.filled_samples = 0

    def _add_video(self, width: int, height: int) -> VideoStream:
        stream = self._container.add_stream("libx264", rate=self._rate, options=dict(ENCODER_OPTIONS))
        stream.width, stream.height, stream.pix_fmt = width, height, "yuv420p"
        context = stream.codec_context
        context.gop_size, context.max_b_frames, context.thread_count = self._rate, 0, 1
        context.time_base = Fraction(1, self._rate)
        context.color_primaries = context.color_trc = context.colorspace = BT601
        context.color_range = 1
        return stream

    def _add_audio(self) -> AudioStream:
        stream = self._container.add_stream("aac", rate=RATE)
        stream.codec_context.layout = "mono"
        stream.codec_context.bit_rate = 64_000
        return stream

    @property
    def seconds(self) -> float:
        """Length of the picture so far."""
        return self.pictures / self._rate

    @property
    def samples(self) -> int:
        """Position after the last sample taken."""
        return self._encoded_samples + self._waiting_samples

    def picture(self, picture: Picture, number: int) -> None:
        """The picture number ``number``; one that is already written is passed over."""
        if number < self.pictures:
            return
        frame = to_frame(picture)
        if self._last is None:
            self._last = frame
        self.fill_pictures(number)
        self._last = frame
        self._encode(frame)

    def fill_pictures(self, until: int) -> None:
        """Repeats the last picture so that ``until`` is the next number."""
        while self._last is not None and self.pictures < until:
            self._encode(self._last)
            self.filled_pictures += 1

    def _encode(self, frame: VideoFrame) -> None:
        frame.pts, frame.time_base = self.pictures, Fraction(1, self._rate)
        self.pictures += 1
        self._mux(self._video.encode(frame))

    def sound(self, samples: Samples, position: int) -> None:
        """Samples that start at ``position``; an overlap is cut off, a hole becomes silence."""
        behind = self.samples - position
        if behind >= len(samples):
            return
        if behind < 0:
            self.fill_sound(position)
            behind = 0
        self._take(samples[behind:])

    def fill_sound(self, until: int) -> None:
        """Silence so that ``until`` is the next position."""
        missing = until - self.samples
        if missing > 0:
            self.filled_samples += missing
            self._take(silence(missing))

    def _take(self, samples: Samples) -> None:
        self._waiting.append(samples)
        self._waiting_samples += len(samples)
        if self._waiting_samples < AAC_FRAME:
            return
        block = np.concatenate(self._waiting)
        whole = len(block) // AAC_FRAME * AAC_FRAME
        for start in range(0, whole, AAC_FRAME):
            self._encode_sound(block[start : start + AAC_FRAME])
        self._waiting, self._waiting_samples = [block[whole:]], len(block) - whole

    def _encode_sound(self, block: Samples) -> None:
        planar = (block.astype(np.float32) / 32768.0).reshape(1, -1)
        frame = AudioFrame.from_ndarray(planar, format="fltp", layout="mono")
        frame.sample_rate, frame.pts, frame.time_base = RATE, self._encoded_samples, Fraction(1, RATE)
        self._encoded_samples += len(block)
        self._mux(self._audio.encode(frame))

    def _mux(self, packets: "Iterable[Packet[AudioStream] | Packet[VideoStream]]") -> None:
        for packet in packets:
            # the encoder's priming packet lies before zero; written, it would shift the whole file
            if packet.pts is not None and packet.pts >= 0:
                self._container.mux(packet)

    def close(self) -> None:
        """Pads the sound to the length of the picture, flushes both and ends the last fragment."""
        end = self.pictures * RATE // self._rate
        self.fill_sound(end)
        if self._waiting_samples:
            self._encode_sound(np.concatenate(self._waiting))
            self._waiting, self._waiting_samples = [], 0
        self._mux(self._video.encode(None))
        self._mux(self._audio.encode(None))
        self._container.close()
