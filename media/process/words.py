"""Commands and events as JSON and back: nothing that is read is ever executed, as a pickle would be.

A field's type says how it is written: times as ISO 8601, paths as text, bytes as base64, tuples as lists, planes of
pictures as shape and base64.
"""

import base64
import json
import types
from collections.abc import Mapping
from dataclasses import fields, is_dataclass
from datetime import datetime
from enum import Enum
from functools import cache
from pathlib import PurePath
from typing import Any, Union, get_args, get_origin, get_type_hints

import numpy as np
import numpy.typing as npt

from media import ports

KINDS: Mapping[str, type] = {kind.__name__: kind for kind in (*get_args(ports.Command), *get_args(ports.Event))}
_NAMED = frozenset(KINDS.values())


class Garbled(ValueError):
    """Raised where what came is no command and no event of this version."""


def write(thing: ports.Command | ports.Event) -> dict[str, Any]:
    """A value that ``json`` takes."""
    return {"type": type(thing).__name__, "data": _fields(thing)}


def read(told: Mapping[str, Any]) -> Any:
    """The command or event; raises ``Garbled``."""
    try:
        return _record(KINDS[told["type"]], told["data"])
    except (KeyError, TypeError, ValueError, AttributeError) as error:
        raise Garbled(f"{type(error).__name__} in a message") from error


def pack(message: Mapping[str, Any]) -> bytes:
    """A whole message."""
    return json.dumps(message, ensure_ascii=False, separators=(",", ":")).encode()


def unpack(data: bytes) -> dict[str, Any]:
    """A whole message; raises ``Garbled``."""
    try:
        message = json.loads(data)
    except ValueError as error:
        raise Garbled("no JSON in a message") from error
    if not isinstance(message, dict):
        raise Garbled("a message that is no object")
    return message


def plain(value: Any) -> Any:
    """What ``json`` takes in place of a value; a command or event says which it is wherever it stands."""
    if type(value) in _NAMED:
        return write(value)
    if is_dataclass(value) and not isinstance(value, type):
        return _fields(value)
    match value:
        case Enum():
            return value.value
        case datetime():
            return value.isoformat()
        case PurePath():
            return str(value)
        case bytes():
            return base64.b64encode(value).decode()
        case np.ndarray():
            return {"shape": list(value.shape), "data": plain(value.astype(np.uint8, copy=False).tobytes())}
        case tuple() | list():
            return [plain(item) for item in value]
    return value


def _fields(value: Any) -> dict[str, Any]:
    return {field.name: plain(getattr(value, field.name)) for field in fields(value)}


def rich(kind: Any, value: Any) -> Any:
    """A value of type ``kind``; raises KeyError, TypeError or ValueError."""
    origin = get_origin(kind)
    if origin in (Union, types.UnionType):
        return _any_of(get_args(kind), value)
    if origin is tuple:
        return _row(get_args(kind), value)
    if origin is np.ndarray:
        return _plane(value)
    if kind in _NAMED:
        return read(value)
    if is_dataclass(kind):
        return _record(kind, value)
    return _single(kind, value)


def _any_of(kinds: tuple[Any, ...], value: Any) -> Any:
    """One of several commands or events, or one type or None."""
    if value is None and type(None) in kinds:
        return None
    first, *_ = (kind for kind in kinds if kind is not type(None))
    return rich(first, value)


def _row(kinds: tuple[Any, ...], value: Any) -> tuple[Any, ...]:
    if not isinstance(value, list):
        raise TypeError("no list")
    if len(kinds) == 2 and kinds[1] is Ellipsis:
        return tuple(rich(kinds[0], item) for item in value)
    return tuple(rich(kind, item) for kind, item in zip(kinds, value, strict=True))


def _plane(value: Any) -> npt.NDArray[np.uint8]:
    """Read-only, as a picture's planes are."""
    return np.frombuffer(rich(bytes, value["data"]), dtype=np.uint8).reshape(
        [rich(int, edge) for edge in value["shape"]]
    )


def _record(kind: Any, value: Any) -> Any:
    if not isinstance(value, dict):
        raise TypeError("no object")
    hints = _hints(kind)
    return kind(**{name: rich(hints[name], item) for name, item in value.items()})


@cache
def _hints(kind: type) -> dict[str, Any]:
    return get_type_hints(kind)


def _single(kind: Any, value: Any) -> Any:
    if kind is float and type(value) in (int, float):
        return float(value)
    if kind in (int, str, bool):
        if type(value) is not kind:
            raise TypeError(f"no {kind.__name__}")
        return value
    if not isinstance(value, str) and not issubclass(kind, Enum):
        raise TypeError("no text")
    if kind is bytes:
        return base64.b64decode(value, validate=True)
    if kind is datetime:
        return datetime.fromisoformat(value)
    if issubclass(kind, Enum | PurePath):
        return kind(value)
    raise TypeError(f"no way to read {kind}")
