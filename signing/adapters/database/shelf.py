"""Cases that were opened lately: every list shows the same ones again and again, and deciphering takes longest."""

from collections import OrderedDict
from collections.abc import Callable
from dataclasses import dataclass, field
from threading import Lock

from signing.domain.case import Case

LARGEST = 2048
"""About 25 KB each in memory."""


@dataclass
class Shelf:
    """Of one process, for any thread. A case is known by its row: another version, or one changed byte, is another.

    A stored row is read each time, so what another service wrote is seen at once, and a row that somebody has tampered
    with is deciphered and refused, though its genuine version lies here.
    """

    largest: int = LARGEST
    _cases: OrderedDict[tuple[str, int, int], Case] = field(default_factory=OrderedDict)
    _lock: Lock = field(default_factory=Lock)

    def get(self, case_id: str, version: int, sealed: bytes, decipher: Callable[[], Case]) -> Case:
        key = (case_id, version, hash(bytes(sealed)))
        with self._lock:
            found = self._cases.get(key)
            if found is not None:
                self._cases.move_to_end(key)
                return found
        case = decipher()
        with self._lock:
            self._cases[key] = case
            while len(self._cases) > self.largest:
                self._cases.popitem(last=False)
        return case

    def __len__(self) -> int:
        return len(self._cases)
