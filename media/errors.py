"""What can go wrong in the media engine, grouped by whose fault it is.

MediaError
├── CommandRefused   the caller asked for what the call's state does not allow
├── Unavailable      a device, a font or a connection outside of us is missing or broke
└── BrokenRecording  a file is not what its segment chain says, or is no recording at all

Messages are simple Chinese: they reach the agent.
"""


class MediaError(Exception):
    """Base of this package's errors."""


class CommandRefused(MediaError):
    """Raised when a command does not fit the state of its call; nothing has changed."""


class Unavailable(MediaError):
    """Raised when something outside of us is missing: a device, a font, a usable offer."""


class BrokenRecording(MediaError):
    """Raised when a recording cannot be read as one."""
