"""What was opened lately: every list shows the same rows again and again, and deciphering takes longest."""

from collections import OrderedDict
from collections.abc import Callable
from dataclasses import dataclass, field
from threading import Lock
from typing import Generic, TypeVar

T = TypeVar("T")

LARGEST = 2048
"""Of cases, about 25 KB each in memory."""


@dataclass
class Shelf(Generic[T]):
    """Of one process, for any thread. A thing is known by its row: another version, or one changed byte, is another.

    A stored row is read each time, so what another service wrote is seen at once, and a row that somebody has tampered
    with is deciphered and refused, though its genuine version lies here.
    """

    largest: int = LARGEST
    _things: OrderedDict[tuple[str, int, int], T] = field(default_factory=OrderedDict)
    _lock: Lock = field(default_factory=Lock)

    def get(self, name: str, version: int, sealed: bytes, decipher: Callable[[], T]) -> T:
        key = (name, version, hash(bytes(sealed)))
        with self._lock:
            found = self._things.get(key)
            if found is not None:
                self._things.move_to_end(key)
                return found
        opened = decipher()
        with self._lock:
            self._things[key] = opened
            while len(self._things) > self.largest:
                self._things.popitem(last=False)
        return opened

    def __len__(self) -> int:
        return len(self._things)
