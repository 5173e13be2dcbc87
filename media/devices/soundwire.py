"""Between the engine and the process of its sound devices: blocks of sound both ways, news in JSON one way."""

import json
import struct
from dataclasses import dataclass
from typing import Any, BinaryIO

import numpy as np

from media.core.devices import Device, Kind
from media.core.mixing import BLOCK, Samples

SIZE = 2 * BLOCK
"""Bytes of a block: 20 ms, mono, int16 of this machine."""
_HEAD = struct.Struct("=BI")
_SOUND, _NEWS = 0, 1
_LONGEST = 100_000


@dataclass(frozen=True)
class Order:
    """What the process is to open. ``clean``: noise and level are taken care of; ``echo``: echo too."""

    microphone: Device | None = None
    loudspeaker: Device | None = None
    clean: bool = False
    echo: bool = False

    def device(self, kind: Kind) -> Device | None:
        return self.microphone if kind is Kind.MICROPHONE else self.loudspeaker

    def text(self) -> str:
        """For the command line."""
        devices = [[d.kind, d.key, d.name, d.address] if d else None for d in (self.microphone, self.loudspeaker)]
        return json.dumps([*devices, self.clean, self.echo])

    @classmethod
    def read(cls, text: str) -> "Order":
        """The opposite of ``text``."""
        *rows, clean, echo = json.loads(text)
        microphone, loudspeaker = (Device(Kind(row[0]), *row[1:]) if row else None for row in rows)
        return cls(microphone, loudspeaker, bool(clean), bool(echo))


@dataclass(frozen=True)
class News:
    """``opened``: all that could be opened is; ``refused`` and ``lost``: a kind of device, which is not there (now).

    ``unclean``: the voice goes on without processing, and why. ``sound``: how the microphone stands from now on.
    """

    opened: bool = False
    refused: str = ""
    lost: str = ""
    unclean: str = ""
    message: str = ""
    sound: str = ""


def read_block(source: BinaryIO) -> Samples | None:
    """None at the end."""
    data = source.read(SIZE)
    return np.frombuffer(data, dtype=np.int16) if len(data) == SIZE else None


def write_block(target: BinaryIO, samples: Samples) -> None:
    """To the process: blocks alone."""
    target.write(samples.tobytes())
    target.flush()


def write_sound(target: BinaryIO, samples: Samples) -> None:
    """From the process: a block."""
    target.write(_HEAD.pack(_SOUND, SIZE) + samples.tobytes())
    target.flush()


def write_news(target: BinaryIO, news: News) -> None:
    """From the process: a word."""
    body = json.dumps(news.__dict__).encode()
    target.write(_HEAD.pack(_NEWS, len(body)) + body)
    target.flush()


def read_message(source: BinaryIO) -> Samples | News | None:
    """What the process said; None at its end, or where it says what nobody understands."""
    head = source.read(_HEAD.size)
    if len(head) < _HEAD.size:
        return None
    kind, size = _HEAD.unpack(head)
    if size > _LONGEST:
        return None
    body = source.read(size)
    if len(body) < size:
        return None
    if kind == _SOUND:
        return np.frombuffer(body, dtype=np.int16)
    return _news(json.loads(body))


def _news(fields: dict[str, Any]) -> News:
    return News(**fields)
