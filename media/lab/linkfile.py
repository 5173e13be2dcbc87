"""Link files: a network to measure over, written in TOML. The format is described in ARCHITECTURE.md, "Link files"."""

import math
import tomllib
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from media.core.link import Burst, Policer, Shape, Trace, parse_trace
from media.errors import Unavailable

FOLDER = Path(__file__).parent / "links"
BOTH, DIRECTIONS = "both", ("phone_to_seat", "seat_to_phone")


@dataclass(frozen=True)
class LinkFile:
    """``up`` is phone to seat, ``down`` seat to phone. ``title`` is what people read.

    ``moves``: seconds at which the phone changes its network, so that what is open is dead and it must connect anew.
    """

    name: str
    title: str
    up: Shape
    down: Shape
    moves: tuple[float, ...] = ()

    @property
    def dark(self) -> tuple[tuple[float, float], ...]:
        """When nothing passes in one direction at least, and so no signalling either."""
        return (*self.up.blackouts, *self.down.blackouts)

    @property
    def upset(self) -> float | None:
        """When the last interruption is over: black-out or move; None without one."""
        return max([*self.moves, *(until for _, until in self.dark)], default=None)


def built_in() -> list[str]:
    """Names of the links that come with the package."""
    return sorted(path.stem for path in FOLDER.glob("*.toml"))


def load(name: str) -> LinkFile:
    """A built-in link by name, or a file by its path; raises ``Unavailable`` with what is wrong with it."""
    path = FOLDER / f"{name}.toml" if name in built_in() else Path(name)
    if not path.is_file():
        raise Unavailable(f"没有名为“{name}”的链路，也没有这个文件。自带的链路有：{'、'.join(built_in())}")
    try:
        text = path.read_text(encoding="utf-8")
        return parse(path.stem, tomllib.loads(text), path.parent)
    except (UnicodeDecodeError, tomllib.TOMLDecodeError) as error:
        raise Unavailable(f"链路文件 {path.name} 不是正确的 TOML：{error}") from error
    except ValueError as error:
        raise Unavailable(f"链路文件 {path.name}：{error}") from error


def parse(name: str, written: Mapping[str, Any], folder: Path) -> LinkFile:
    """A link from the tables of its file; raises ValueError, in Chinese, for what cannot be."""
    _known(written, {"title", "moves", BOTH, *DIRECTIONS}, "文件")
    title = written.get("title", name)
    if not isinstance(title, str):
        raise ValueError("title 应当是文字")
    up, down = (_shape({**_table(written, BOTH), **_table(written, way)}, folder) for way in DIRECTIONS)
    return LinkFile(name, title, up, down, _moves(written.get("moves", [])))


def _table(written: Mapping[str, Any], key: str) -> Mapping[str, Any]:
    table = written.get(key, {})
    if not isinstance(table, dict):
        raise ValueError(f"{key} 应当是一个表，写成 [{key}]")
    return table


def _known(written: Mapping[str, Any], keys: set[str], where: str) -> None:
    for key in written:
        if key not in keys:
            raise ValueError(f"{where}里的 {key} 不认识；可以写的有：{'、'.join(sorted(keys))}")


_READERS: Mapping[str, Callable[[Any, str, Path], Any]] = {
    "delay_ms": lambda value, key, folder: number(value, key),
    "jitter_ms": lambda value, key, folder: number(value, key),
    "loss": lambda value, key, folder: share(value, key),
    "burst": lambda value, key, folder: _burst(value),
    "rate_kbps": lambda value, key, folder: positive(value, key),
    "rate_trace": lambda value, key, folder: _trace(value, folder),
    "queue_ms": lambda value, key, folder: number(value, key),
    "queue_bytes": lambda value, key, folder: int(positive(value, key)),
    "policer": lambda value, key, folder: _policer(value),
    "reorder": lambda value, key, folder: share(value, key),
    "reorder_ms": lambda value, key, folder: number(value, key),
    "blackouts": lambda value, key, folder: _blackouts(value),
}


def _shape(written: Mapping[str, Any], folder: Path) -> Shape:
    _known(written, set(_READERS), "方向")
    if "rate_kbps" in written and "rate_trace" in written:
        raise ValueError("rate_kbps 和 rate_trace 只能写一个")
    values = {key: _READERS[key](value, key, folder) for key, value in written.items()}
    rate = values.pop("rate_kbps", None) or values.pop("rate_trace", None)
    bounded = values.keys() & {"queue_ms", "queue_bytes"}
    if rate is None and bounded:
        raise ValueError("没有 rate_kbps 或 rate_trace，就没有队列，queue_ms 和 queue_bytes 不起作用")
    if rate is not None and not bounded:
        raise ValueError("限速的链路要写明队列有多长：queue_ms 或 queue_bytes")
    return Shape(rate=rate, **values)


def number(value: Any, key: str) -> float:
    """Not negative, finite."""
    if isinstance(value, bool) or not isinstance(value, int | float) or not math.isfinite(value) or value < 0:
        raise ValueError(f"{key} 应当是不小于零的数，不能是 {value!r}")
    return float(value)


def positive(value: Any, key: str) -> float:
    if number(value, key) == 0:
        raise ValueError(f"{key} 应当大于零")
    return float(value)


def share(value: Any, key: str) -> float:
    """0…1; somebody who writes 5 for five per cent is told."""
    if number(value, key) > 1:
        raise ValueError(f"{key} 是 0 到 1 之间的比例（百分之五写成 0.05），不能是 {value!r}")
    return float(value)


def _inner(value: Any, key: str, needed: set[str], optional: set[str]) -> Mapping[str, Any]:
    if not isinstance(value, dict) or needed - value.keys():
        raise ValueError(f"{key} 应当是一个表，其中有 {'、'.join(sorted(needed))}")
    _known(value, needed | optional, f" {key} ")
    return value


def _burst(value: Any) -> Burst:
    table = _inner(value, "burst", {"enter", "leave"}, {"loss"})
    enter, leave, loss = (share(table.get(key, 1.0), f"burst.{key}") for key in ("enter", "leave", "loss"))
    if leave == 0:
        raise ValueError("burst.leave 为零就再也不会恢复；要断开请写 blackouts")
    return Burst(enter, leave, loss)


def _policer(value: Any) -> Policer:
    table = _inner(value, "policer", {"kbps", "bucket_bytes"}, set())
    bucket = positive(table["bucket_bytes"], "policer.bucket_bytes")
    if bucket < 1500:
        raise ValueError("policer.bucket_bytes 至少 1500，否则大的数据包永远过不去")
    return Policer(positive(table["kbps"], "policer.kbps"), int(bucket))


def _blackouts(value: Any) -> tuple[tuple[float, float], ...]:
    if not isinstance(value, list) or not all(isinstance(pair, list) and len(pair) == 2 for pair in value):
        raise ValueError("blackouts 应当是若干对开始与结束的秒数，如 [[10, 20]]")
    pairs = tuple((number(start, "blackouts"), number(end, "blackouts")) for start, end in value)
    if any(end <= start for start, end in pairs):
        raise ValueError("blackouts 里结束要晚于开始")
    return pairs


def _moves(value: Any) -> tuple[float, ...]:
    if not isinstance(value, list):
        raise ValueError("moves 应当是若干个秒数，写成 [10, 20]")
    return tuple(number(moment, "moves") for moment in value)


def _trace(value: Any, folder: Path) -> Trace:
    if not isinstance(value, str):
        raise ValueError("rate_trace 应当是速率文件的名字")
    path = folder / value
    try:
        return parse_trace(path.read_text(encoding="utf-8").splitlines())
    except (OSError, UnicodeDecodeError) as error:
        raise ValueError(f"速率文件 {value} 读不出来") from error
    except ValueError as error:
        raise ValueError(f"速率文件 {value} {error}") from error
