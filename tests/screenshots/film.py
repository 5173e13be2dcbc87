"""A small real recording for the auditor's player: what the stage of a call shows, in a file that Qt plays."""

from collections.abc import Sequence
from fractions import Fraction
from pathlib import Path

import av

from media import ports
from media.pictures import to_rgb

RATE = 10


def write(target: Path, pictures: Sequence[ports.Picture]) -> None:
    """One picture a tenth of a second, H.264 in MP4."""
    with av.open(str(target), "w", format="mp4") as container:
        video = container.add_stream("libx264", rate=RATE, options={"preset": "ultrafast", "g": "10", "bf": "0"})
        video.width, video.height, video.pix_fmt = pictures[0].width, pictures[0].height, "yuv420p"
        for number, picture in enumerate(pictures):
            frame = av.VideoFrame.from_ndarray(to_rgb(picture), format="rgb24")
            frame.pts, frame.time_base = number, Fraction(1, RATE)
            container.mux(video.encode(frame))
        container.mux(video.encode(None))
