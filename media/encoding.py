"""Composed pictures and mixed voices into a fragmented MP4: H.264 and AAC on one clock, counted from file time zero.

Pictures may be left out: the one before then simply lasts longer. A repeated picture costs nearly as much to encode as
a new one (9.5 against 11.5 ms at 720p), so repeating what is missing would keep a late encoder late for ever.
"""

from collections.abc import Callable, Iterable
from datetime import datetime
from fractions import Fraction

import av
import numpy as np
from av import AudioFrame, VideoFrame
from av.audio.stream import AudioStream
from av.codec.context import Flags
from av.packet import Packet
from av.video.codeccontext import VideoCodecContext
from av.video.frame import PictureType
from av.video.stream import VideoStream

from media.core.fragment import Fragments, length_prefixed
from media.core.mixing import RATE, Samples, silence
from media.pictures import to_frame
from media.ports import Picture

AAC_FRAME = 1024
MUXER_OPTIONS = {"movflags": "frag_keyframe+empty_moov+default_base_moof+skip_trailer"}
"""FFmpeg writes the header alone; the fragments are ``media.core.fragment``."""
ENCODER_OPTIONS = {"preset": "veryfast", "tune": "zerolatency", "crf": "23", "maxrate": "2M", "bufsize": "2M"}
LIGHT = {**ENCODER_OPTIONS, "preset": "ultrafast", "x264-params": "cabac=1:8x8dct=1:weightp=1"}
"""Half of the work a picture. Its three settings keep the parameter sets those of ENCODER_OPTIONS: a file has one."""
SOUND_OPTIONS = {"aac_coder": "fast"}
"""A third of the work of FFmpeg's own choice, and on speech at 64 kbit/s nearer to what was said: half as much of the
noise of coding stands out of what masks it."""
FRUGAL = {"maxrate": "300k", "bufsize": "300k"}
"""Less room for pictures in motion, for a disk that is almost full. ``crf`` stays: the parameter sets hold it."""
LONGEST = 0.2
"""Seconds that one picture may last: a hole of more than that is filled with repetitions this far apart."""
BT601 = 6
"""SMPTE 170M in the tables of ISO/IEC 23091-2; a player would take an unmarked 720p picture for BT.709."""


class Encoder:
    """Pictures come by number, samples by position; what is skipped is filled: pictures last longer, sound is silent.

    Each second of file time begins with a key picture and is a fragment. ``store`` takes the header, then each of them
    with its start in seconds, as soon as its last picture is encoded.
    """

    def __init__(
        self, store: Callable[[bytes, float], object], width: int, height: int, rate: int, started_at: datetime
    ) -> None:
        self._rate = rate
        self._longest = max(1, int(rate * LONGEST))
        head = _Head()
        self._container = av.open(head, "w", format="mp4", options=MUXER_OPTIONS)
        self._container.metadata["comment"] = started_at.isoformat(timespec="milliseconds")
        self._video = self._add_video(width, height)
        self._context: VideoCodecContext = self._video.codec_context
        self._audio = self._add_audio()
        self._container.start_encoding()
        self._fragments = Fragments(bytes(head.data), rate, store)
        self._light, self._wanted = False, dict[str, str]()
        self._settings = self._light, self._wanted
        """As the encoder that works was made."""
        self._last: VideoFrame | None = None
        self._key_second = -1
        self._waiting: list[Samples] = []
        self._waiting_samples = 0
        self._encoded_samples = 0
        self.pictures = 0
        """Number after the last picture written."""
        self.filled_samples = 0

    def _add_video(self, width: int, height: int) -> VideoStream:
        stream = self._container.add_stream("libx264", rate=self._rate, options=dict(ENCODER_OPTIONS))
        stream.width, stream.height, stream.pix_fmt = width, height, "yuv420p"
        self._set_up(stream.codec_context)
        return stream

    def _set_up(self, context: VideoCodecContext) -> None:
        context.gop_size, context.max_b_frames, context.thread_count = 2 * self._rate, 0, 1
        context.time_base = Fraction(1, self._rate)
        context.color_primaries = context.color_trc = context.colorspace = BT601
        context.color_range = 1

    def lighten(self) -> bool:
        """Goes on with less work a picture, from a key picture; False where that cannot be done in the same file."""
        self._light = True
        self._key_second = -1
        return self._turn()

    def spare(self, frugal: bool) -> None:
        """From the next second on the pictures take less room, or as much as before."""
        self._wanted = FRUGAL if frugal else {}

    def _turn(self) -> bool:
        """Another encoder for the same file, with the settings that are wanted now; before a key picture."""
        context = VideoCodecContext.create("libx264", "w")
        own = self._video.codec_context
        context.width, context.height, context.pix_fmt = own.width, own.height, "yuv420p"
        level = level_of(bytes(own.extradata or b""))
        context.framerate = Fraction(self._rate)
        context.options = {**(LIGHT if self._light else ENCODER_OPTIONS), **self._wanted, "level": level}
        self._set_up(context)
        context.flags |= Flags.global_header
        context.open()
        self._settings = self._light, self._wanted
        if context.extradata != own.extradata:
            return False
        self._seen(self._context.encode(None))
        self._context = context
        return True

    def _add_audio(self) -> AudioStream:
        stream = self._container.add_stream("aac", rate=RATE, options=dict(SOUND_OPTIONS))
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
            self._encode(frame, 0)
        self._span(number)
        self._last = frame
        if number >= self.pictures:
            self._encode(frame, number)

    def fill_pictures(self, until: int) -> None:
        """Lets the last picture last until ``until``, which is then the next number."""
        self._span(until - 1)
        if self._last is not None and self.pictures < until:
            self._encode(self._last, until - 1)

    def _span(self, number: int) -> None:
        """Repeats the last picture now and then before ``number``, where that is far."""
        while self._last is not None and number - self.pictures >= self._longest:
            self._encode(self._last, self.pictures + self._longest - 1)

    def _encode(self, frame: VideoFrame, number: int) -> None:
        frame.pts, frame.time_base = number, Fraction(1, self._rate)
        second = number // self._rate
        if second != self._key_second and self._settings != (self._light, self._wanted):
            self._turn()
        frame.pict_type = PictureType.NONE if second == self._key_second else PictureType.I
        self._key_second = second
        self.pictures = number + 1
        self._seen(self._context.encode(frame))

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
        self._heard(self._audio.encode(frame))

    def _seen(self, packets: "Iterable[Packet[VideoStream]]") -> None:
        for packet in packets:
            if packet.pts is not None:
                self._fragments.picture(packet.pts, length_prefixed(bytes(packet)), packet.is_keyframe)

    def _heard(self, packets: "Iterable[Packet[AudioStream]]") -> None:
        for packet in packets:
            # the encoder's priming packet lies before zero; written, it would shift the whole file
            if packet.pts is not None and packet.pts >= 0:
                self._fragments.sound(packet.pts, bytes(packet), packet.duration or AAC_FRAME)

    def close(self) -> None:
        """Pads the sound to the length of the picture, flushes both and ends the last fragment."""
        end = self.pictures * RATE // self._rate
        self.fill_sound(end)
        if self._waiting_samples:
            self._encode_sound(np.concatenate(self._waiting))
            self._waiting, self._waiting_samples = [], 0
        self._seen(self._context.encode(None))
        self._heard(self._audio.encode(None))
        self._fragments.end(self.pictures)
        self._container.close()


def level_of(extradata: bytes) -> str:
    """The level in H.264 parameter sets with start codes, as x264 takes it: it would choose one by the bit rate."""
    sps = extradata.partition(b"\0\0\1")[2]
    return str(sps[3]) if len(sps) > 3 else ""


class _Head:
    """What FFmpeg's muxer writes before the first sample."""

    def __init__(self) -> None:
        self.data = bytearray()

    def write(self, data: bytes) -> int:
        self.data += data
        return len(data)
