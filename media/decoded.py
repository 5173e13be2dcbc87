"""What a decoder gives of a recording, for who reads a whole one back and who checks one while it runs.

Imports PyAV and numpy only, so that the service can use it too.
"""

from collections.abc import Iterator

import av
import numpy as np
import numpy.typing as npt
from av import AudioFrame, VideoFrame
from av.container import InputContainer

Luma = npt.NDArray[np.uint8]
Wave = npt.NDArray[np.float64]


def frames(container: InputContainer) -> Iterator[VideoFrame | AudioFrame | None]:
    """Of the first video and the first audio track, in the order of the file; None for each packet without sense."""
    wanted = [*container.streams.video[:1], *container.streams.audio[:1]]
    for packet in container.demux(wanted) if wanted else ():
        try:
            for frame in packet.decode():
                if isinstance(frame, VideoFrame | AudioFrame):
                    yield frame
        except av.FFmpegError:
            yield None


def luma(frame: VideoFrame) -> Luma:
    """The Y plane of shape (height, width), valid as long as the frame."""
    plane = frame.planes[0]
    rows = np.frombuffer(plane, np.uint8).reshape(-1, plane.line_size)  # type: ignore[call-overload]
    return np.asarray(rows[: frame.height, : frame.width], dtype=np.uint8)


def wave(frame: AudioFrame) -> Wave:
    """The samples of the first channel, −1…1."""
    samples: Wave = frame.to_ndarray().astype(np.float64)[0]
    return samples / 32768.0 if frame.format.name.startswith("s16") else samples


def level(samples: Wave) -> float:
    """Root mean square."""
    return float(np.sqrt(np.mean(np.square(samples)))) if samples.size else 0.0


def picture_end(frame: VideoFrame, step: float) -> float:
    """Pictures may last longer than others; ``step`` seconds where the file does not say how long."""
    lasts = float(frame.duration * frame.time_base) if frame.duration and frame.time_base else step
    return (frame.time or 0.0) + lasts


def step_of(container: InputContainer) -> float:
    """Seconds from one picture to the next, on average; zero where that is not known."""
    rate = container.streams.video[0].average_rate if container.streams.video else None
    return float(1 / rate) if rate else 0.0
