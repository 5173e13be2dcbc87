"""What can go wrong in the media engine, grouped by whose fault it is.

MediaError
├── CommandRefused   the caller asked for what the call's state does not allow
├── Unavailable      a device, a font or a connection outside of us is missing or broke
└── BrokenRecording  a file is not what its segment chain says, or is no recording at all

Messages are simple Chinese: they reach the agent.
"""

import errno


class MediaError(Exception):
    """Base of this package's errors."""


class CommandRefused(MediaError):
    """Raised when a command does not fit the state of its call; nothing has changed."""


class Unavailable(MediaError):
    """Raised when something outside of us is missing: a device, a font, a usable offer."""


class BrokenRecording(MediaError):
    """Raised when a recording cannot be read as one."""


_WORDS = {
    errno.EEXIST: "这个文件已经存在，不会覆盖",
    errno.ENOENT: "文件夹不存在",
    errno.ENOSPC: "磁盘已满，请先腾出空间",
    errno.EACCES: "没有写入权限",
    errno.EPERM: "没有写入权限",
    errno.EROFS: "磁盘是只读的",
    errno.EIO: "磁盘读写出错，请更换磁盘",
}


def explain(error: OSError) -> str:
    """What a failing disk or device means, in Chinese for the agent."""
    return _WORDS.get(error.errno or 0, "磁盘或设备出错，请检查后重试")
