"""Every command and event survives the way to the other process, and nothing else is taken for one."""

import json
import types
from dataclasses import fields, is_dataclass
from datetime import UTC, datetime
from enum import Enum
from pathlib import Path
from typing import Any, Union, get_args, get_origin, get_type_hints

import numpy as np
import pytest

from media import ports
from media.process import words

MOMENT = datetime(2026, 3, 18, 9, 30, 15, 250_000, tzinfo=UTC)
SINGLES: dict[Any, Any] = {
    str: "王*国 · “借款人”\n",
    int: 7,
    float: 0.125,
    bool: True,
    bytes: bytes(range(256)),
    datetime: MOMENT,
    Path: Path("/数据/录像/recording.mp4"),
}


def sample(kind: Any, depth: int = 0) -> Any:
    """A value of a type, with every part of it filled as far as it goes."""
    if kind in SINGLES:
        return SINGLES[kind]
    origin, arguments = get_origin(kind), get_args(kind)
    if origin in (Union, types.UnionType):
        wanted = [one for one in arguments if one is not type(None)]
        return None if depth > 3 else sample(wanted[0], depth + 1)
    if origin is tuple:
        parts = arguments[:1] * 2 if arguments[-1] is Ellipsis else arguments
        return tuple(sample(part, depth + 1) for part in parts)
    if origin is np.ndarray:
        return np.arange(8, dtype=np.uint8).reshape(2, 4)
    if is_dataclass(kind):
        hints = get_type_hints(kind)
        return kind(**{field.name: sample(hints[field.name], depth + 1) for field in fields(kind)})  # type: ignore[operator]
    assert issubclass(kind, Enum)
    return list(kind)[-1]


def alike(one: Any, other: Any) -> bool:
    """Equal, also where arrays are inside."""
    if is_dataclass(other):
        return type(one) is type(other) and all(
            alike(getattr(one, f.name), getattr(other, f.name)) for f in fields(other)
        )
    if isinstance(other, tuple):
        return len(one) == len(other) and all(map(alike, one, other))
    return bool(np.array_equal(one, other)) if isinstance(other, np.ndarray) else bool(one == other)


@pytest.mark.parametrize("name", sorted(words.KINDS))
def test_each_kind_comes_through_as_it_was(name: str) -> None:
    thing = sample(words.KINDS[name])
    told = words.unpack(words.pack(words.write(thing)))
    assert told["type"] == name
    assert alike(words.read(told), thing)


def test_all_of_the_boundary_is_known() -> None:
    assert set(words.KINDS.values()) == {*get_args(ports.Command), *get_args(ports.Event)}


def test_a_picture_comes_through() -> None:
    y, u, v = (np.arange(n, dtype=np.uint8).reshape(2, -1) for n in (16, 4, 4))
    sent = ports.Picture(y, u, v, captured_ns=7)
    got = words.rich(ports.Picture, json.loads(json.dumps(words.plain(sent))))
    assert alike(got, sent)
    assert not got.y.flags.writeable


def test_options_come_through() -> None:
    options = ports.EngineOptions(640, 360, 8, False, Path("a.y4m"), None, Path("h.wav"))
    assert words.rich(ports.EngineOptions, json.loads(json.dumps(words.plain(options)))) == options


def test_nothing_is_made_that_is_no_command_and_no_event() -> None:
    good = words.write(ports.SetMuted("c1", True))
    for bad in (
        {**good, "type": "Popen"},
        {**good, "type": "EngineOptions"},
        {"data": good["data"]},
        {**good, "data": {"call_id": "c1", "muted": "yes"}},
        {**good, "data": {"call_id": "c1"}},
        {**good, "data": {"call_id": "c1", "muted": True, "more": 1}},
        {**good, "data": ["c1", True]},
    ):
        with pytest.raises(words.Garbled):
            words.read(bad)


def test_what_is_no_object_is_no_message() -> None:
    for bad in (b"", b"[]", b"7", b"\x80\x04K\x07.", b'{"kind":'):
        with pytest.raises(words.Garbled):
            words.unpack(bad)
