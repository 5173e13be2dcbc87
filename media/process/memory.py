"""A piece of memory that two processes share.

On Linux a memfd, handed over as a descriptor: it has no name that anybody could guess or that a crash could leave
behind, and is sealed, so that it can never shrink under a reader. On Windows a section under a random name, which
goes with its last handle.
"""

import mmap
import os
import secrets
import sys
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from media.process.channel import Channel

Bytes = npt.NDArray[np.uint8]


@dataclass(frozen=True)
class Segment:
    """``data``: all of its bytes. It lives as long as an array over it. ``handle``: to hand it over with."""

    data: Bytes
    handle: int | str

    @property
    def size(self) -> int:
        return int(self.data.size)

    def again(self) -> "Segment":
        """The same memory with a handle of its own."""
        return Segment(self.data, os.dup(self.handle) if isinstance(self.handle, int) else self.handle)

    def forget(self) -> None:
        """It can be handed over no more; what is mapped stays."""
        if isinstance(self.handle, int):
            os.close(self.handle)


def create(size: int) -> Segment:
    """All zeros. Raises OSError where there is no memory."""
    if sys.platform == "win32":
        name = f"pingqian-{secrets.token_hex(16)}"
        return Segment(_windows(size, name), name)
    descriptor = _sealed(size)
    try:
        return Segment(np.frombuffer(mmap.mmap(descriptor, size), dtype=np.uint8), descriptor)
    except BaseException:
        os.close(descriptor)
        raise


def offer(channel: Channel, message: bytes, segment: Segment) -> None:
    """Sends ``message``, in which the segment's name and size stand, and the segment behind it."""
    if isinstance(segment.handle, int):
        channel.send_with(message, segment.handle)
    else:
        channel.send(message)


def take(channel: Channel, name: str, size: int) -> Bytes:
    """To read: the memory that was offered with the message just received. Raises OSError or ValueError."""
    if sys.platform == "win32":
        return _windows(size, name)
    descriptor = channel.receive_descriptor()
    try:
        if os.fstat(descriptor).st_size < size:
            raise ValueError("a segment smaller than was said")
        return np.frombuffer(mmap.mmap(descriptor, size, access=mmap.ACCESS_READ), dtype=np.uint8)
    finally:
        os.close(descriptor)


def name_of(segment: Segment) -> str:
    """What is to stand in the message."""
    return segment.handle if isinstance(segment.handle, str) else ""


if sys.platform == "win32":

    def _windows(size: int, name: str) -> Bytes:
        return np.frombuffer(mmap.mmap(-1, size, tagname=name), dtype=np.uint8)

else:

    def _sealed(size: int) -> int:
        """The pages are there before anybody writes, so that a full memory is an error here and no signal later."""
        import fcntl

        descriptor = os.memfd_create("pingqian", os.MFD_CLOEXEC | os.MFD_ALLOW_SEALING)
        try:
            os.posix_fallocate(descriptor, 0, size)
            fcntl.fcntl(descriptor, fcntl.F_ADD_SEALS, fcntl.F_SEAL_SHRINK | fcntl.F_SEAL_GROW | fcntl.F_SEAL_SEAL)
        except BaseException:
            os.close(descriptor)
            raise
        return descriptor
