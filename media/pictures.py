"""YUV 4:2:0 pictures: making, converting, scaling, pasting. BT.601, limited range (16–235), as WebRTC decodes them."""

import cv2
import numpy as np
import numpy.typing as npt
from av import VideoFrame
from av.video.plane import VideoPlane

from media.core.layout import Box
from media.ports import Picture, Plane


def blank(width: int, height: int, captured_ns: int = 0) -> Picture:
    """An unfilled picture of even size in one block of memory, so that ``packed`` need not copy."""
    return from_flat(np.empty(width * height * 3 // 2, dtype=np.uint8), width, height, captured_ns)


def from_flat(flat: Plane, width: int, height: int, captured_ns: int) -> Picture:
    """Views on a block of shape (width · height · 3 / 2,)."""
    full, quarter = width * height, width * height // 4
    half = (height // 2, width // 2)
    return Picture(
        y=flat[:full].reshape(height, width),
        u=flat[full : full + quarter].reshape(half),
        v=flat[full + quarter :].reshape(half),
        captured_ns=captured_ns,
    )


def packed(picture: Picture) -> Plane:
    """The picture as one array of shape (height · 3 / 2, width), copied."""
    flat = np.concatenate([picture.y.ravel(), picture.u.ravel(), picture.v.ravel()])
    return flat.reshape(picture.height * 3 // 2, picture.width)


def copied(picture: Picture, captured_ns: int) -> Picture:
    """The same picture in fresh memory."""
    flat = packed(picture).ravel()
    return from_flat(flat, picture.width, picture.height, captured_ns)


def from_rgb(rgb: npt.NDArray[np.uint8], captured_ns: int = 0) -> Picture:
    """From an (height, width, 3) array of even size."""
    height, width = rgb.shape[:2]
    flat = np.asarray(cv2.cvtColor(rgb, cv2.COLOR_RGB2YUV_I420), dtype=np.uint8).ravel()
    return from_flat(flat, width, height, captured_ns)


def to_rgb(picture: Picture) -> npt.NDArray[np.uint8]:
    """An (height, width, 3) array."""
    return np.asarray(cv2.cvtColor(packed(picture), cv2.COLOR_YUV2RGB_I420), dtype=np.uint8)


def from_frame(frame: VideoFrame, captured_ns: int) -> Picture:
    """Looks at the memory of a decoded frame, which it keeps; another pixel format is converted, an odd edge cut off.

    Whoever hands the frame over writes into it no more.
    """
    if frame.format.name not in ("yuv420p", "yuvj420p"):
        frame = frame.reformat(format="yuv420p")
    width, height = frame.width // 2 * 2, frame.height // 2 * 2
    sizes = ((width, height), (width // 2, height // 2), (width // 2, height // 2))
    y, u, v = (_visible(plane, *size) for plane, size in zip(frame.planes, sizes, strict=True))
    return Picture(y, u, v, captured_ns)


def _visible(plane: VideoPlane, width: int, height: int) -> Plane:
    """Without what stands at the end of each row."""
    rows = np.frombuffer(plane, dtype=np.uint8).reshape(-1, plane.line_size)  # type: ignore[call-overload]
    seen: Plane = rows[:height, :width]
    seen.flags.writeable = False
    return seen


def to_frame(picture: Picture) -> VideoFrame:
    """A frame for an encoder, over the picture's own memory where that is one block, as of a composed one."""
    whole = _block(picture)
    if whole is None:
        return VideoFrame.from_ndarray(packed(picture), format="yuv420p")
    return VideoFrame.from_numpy_buffer(whole, format="yuv420p")


def _block(picture: Picture) -> Plane | None:
    """The array that ``from_flat`` made a picture of, as ``packed`` would give it; None where it was made otherwise."""
    base, planes = picture.y.base, (picture.y, picture.u, picture.v)
    if not isinstance(base, np.ndarray) or not base.flags.c_contiguous or base.size != picture.y.size * 3 // 2:
        return None
    if picture.width % 8 or picture.height % 4:  # PyAV would take the rows of its planes for longer or fewer
        return None
    at = base.ctypes.data
    for plane in planes:
        if plane.base is not base or plane.ctypes.data != at or not plane.flags.c_contiguous:
            return None
        at += plane.size
    return base.reshape(picture.height * 3 // 2, picture.width)


def scaled(picture: Picture, width: int, height: int) -> Picture:
    """Resized plane by plane; the shape is not kept, see ``layout.fit``."""
    if (picture.width, picture.height) == (width, height):
        return picture
    target = blank(width, height, picture.captured_ns)
    paste(target, picture, Box(0, 0, width, height))
    return target


def paste(canvas: Picture, picture: Picture, box: Box) -> None:
    """Scales ``picture`` into ``box`` of ``canvas``; the box is even and inside."""
    _resize(picture.y, canvas.y, box.x, box.y, box.width, box.height)
    for source, target in ((picture.u, canvas.u), (picture.v, canvas.v)):
        _resize(source, target, box.x // 2, box.y // 2, box.width // 2, box.height // 2)


def _resize(source: Plane, target: Plane, x: int, y: int, width: int, height: int) -> None:
    area = target[y : y + height, x : x + width]
    if source.shape == area.shape:
        area[:] = source
    else:
        cv2.resize(source, (width, height), dst=area, interpolation=cv2.INTER_LINEAR)
