"""A composite recording of 640 × 480 at 15 pictures a second, in processors a channel, beside a published figure."""

import subprocess
from collections.abc import Callable, Iterator
from itertools import cycle
from pathlib import Path

import av
import numpy as np
from av import AudioFrame, VideoFrame

from desktop.bench.recording import janus
from desktop.bench.recording.footage import CLOCK, PICTURES, Footage, stage
from desktop.bench.recording.seat import refuse_too_few
from desktop.bench.recording.sides import Used, apart, ffmpeg
from desktop.bench.recording.takes import recorder
from media.compositor import Compositor, Header, TileState, TileView
from media.core.mixing import BLOCK, RATE, Samples, mix, silence
from media.core.timeline import SECOND
from media.decoded import frames, wave
from media.errors import Unavailable
from media.lab.wholeseat import Setting, loaded
from media.pictures import from_frame
from media.ports import Picture
from signing.commandline.bench.table import NotMeasured, Row, at_most

SIZE = (640, 480)
RECEIVED = (640, 360)
PEOPLE = 2
PUBLISHED = 0.17
"""vCPU a channel that Agora publishes for its On-Premise Recording in composite mode at this size and rate; nothing of
theirs can be run here."""


CHANNEL = Setting(1, stage=SIZE, sent=SIZE, back=False)


def rows(folder: Path, seconds: float, told: Callable[[str], None]) -> list[Row]:
    return [from_files(folder, seconds, told), from_the_line(folder, seconds, told)]


def from_files(folder: Path, seconds: float, told: Callable[[str], None]) -> Row:
    """What came of two people, composed and recorded."""
    footage = stage(folder, min(seconds, 6.0), RECEIVED, people=1)
    received = received_as(footage, folder / "received.webm")
    used = apart(composed, received, seconds, folder / "composite.mp4") / seconds
    told(f"合成录像 640×480：每路 {used:.3f} vCPU（声网公布 {PUBLISHED}）")
    goal = f"合成录像 640×480、15 帧、{PEOPLE} 人（参照：声网公布的数字）"
    return at_most(goal, used, PUBLISHED, 1.0, "vCPU/路")


def from_the_line(folder: Path, seconds: float, told: Callable[[str], None]) -> Row:
    """A channel from WebRTC to one file of the agent and a customer, which we make and check while the call goes on and
    theirs after it."""
    try:
        used = loaded(CHANNEL, seconds)
    except Unavailable as error:
        raise NotMeasured(str(error)) from error
    refuse_too_few(used)
    told(f"本系统：每路 {used.cores:.3f} vCPU，其中边录边查 {used.checking:.3f}")
    kept, made = janus.share(folder, CHANNEL, seconds) if janus.installed() else (0.0, 0.0)
    told(f"Janus 收录 {kept:.3f} vCPU，janus-pp-rec 和 ffmpeg 合成 {made:.3f} vCPU" if made else janus.MISSING)
    return beside_janus(used.cores, kept + made)


def beside_janus(ours: float, theirs: float) -> Row:
    """``theirs`` is zero where there is no Janus, which the row then says."""
    goal = "一路 640×480 从 WebRTC 到合成文件，边录边查（参照：Janus、janus-pp-rec，再用 ffmpeg 合成）"
    if not theirs:
        return Row(goal, ours, "vCPU/路", "没有安装 janus，未比较")
    return at_most(goal, ours, theirs, 1.0, "vCPU/路")


def received_as(footage: Footage, path: Path) -> Path:
    """What a phone would send of it: VP8 at half a megabit, Opus."""
    width, height = footage.size
    subprocess.run(
        [
            ffmpeg(), "-nostdin", "-y", "-v", "error", "-f", "rawvideo", "-pix_fmt", "yuv420p",
            "-s", f"{width}x{height}", "-r", str(PICTURES), "-i", footage.pictures, "-f", "s16le", "-ar", str(RATE),
            "-ac", "1", "-i", footage.sound, "-c:v", "libvpx", "-deadline", "realtime", "-cpu-used", "8",
            "-b:v", "500k", "-c:a", "libopus", "-b:a", "32k", path,
        ],
        check=True,
    )  # fmt: skip
    return path


def composed(received: Path, seconds: float, path: Path) -> float:
    """Processor time of decoding what came of two people, composing, mixing and recording it, as fast as it goes."""
    compositor, recording = Compositor(*SIZE), recorder(path, SIZE, [])
    with Used() as used:
        people = [_Person(received) for _ in range(PEOPLE)]
        for number in range(round(seconds * PICTURES)):
            pictures = [person.picture() for person in people]
            views = [TileView("当事人", "", TileState.LIVE, picture) for picture in pictures]
            header = Header("07号席", "2026-00318", CLOCK.format(number // PICTURES % 60), recording=True)
            now = -(-number * SECOND // PICTURES)
            recording.show(compositor.compose(header, views, now), now, present=True)
            begin, end = (at * RATE // PICTURES // BLOCK * BLOCK for at in (number, number + 1))
            for at in range(begin, end, BLOCK):
                recording.hear(mix([person.samples() for person in people]), -(-at * SECOND // RATE))
            recording.drain()
        recording.stop(round(seconds * SECOND))
    return used.seconds


class _Person:
    """Decodes a received file over and over, pictures and sound in their own time."""

    def __init__(self, path: Path) -> None:
        self._frames = _again(path)
        self._pictures: list[Picture] = []
        self._sound: Samples = silence(0)

    def picture(self) -> Picture:
        while not self._pictures:
            self._take()
        return self._pictures.pop(0)

    def samples(self) -> Samples:
        while len(self._sound) < BLOCK:
            self._take()
        step, self._sound = self._sound[:BLOCK], self._sound[BLOCK:]
        return step

    def _take(self) -> None:
        frame = next(self._frames)
        if isinstance(frame, VideoFrame):
            self._pictures.append(from_frame(frame, 0))
        else:
            samples: Samples = (wave(frame) * 32767).astype("int16")
            self._sound = np.concatenate([self._sound, samples])


def _again(path: Path) -> Iterator[VideoFrame | AudioFrame]:
    for source in cycle([path]):
        with av.open(source) as container:
            yield from (frame for frame in frames(container) if frame is not None)
