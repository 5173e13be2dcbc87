"""Long files piece by piece: the same bytes as if they were whole."""

import random
from typing import Any

import pytest

from signing.domain import readable
from signing.domain.readable import Joined, Readable, View, chunks_of, whole_of

TEXT = bytes(range(200))


class Counting:
    """Bytes that note how many were asked for at once."""

    def __init__(self, data: bytes) -> None:
        self._data, self.most = data, 0

    def __len__(self) -> int:
        return len(self._data)

    def __getitem__(self, wanted: "slice[Any, Any, Any]", /) -> bytes:
        found = self._data[wanted]
        self.most = max(self.most, len(found))
        return found


def shapes() -> list[Readable]:
    """The same text in other shapes."""
    parts: list[Readable] = [TEXT[:1], b"", TEXT[1:90], View(TEXT, 90, 130), Joined([TEXT[130:150], TEXT[150:]])]
    return [
        TEXT,
        memoryview(TEXT),
        View(b"ab" + TEXT + b"c", 2, 202),
        Joined(parts),
        Joined([View(Joined(parts), 0, 999)]),
    ]


@pytest.mark.parametrize("shape", range(len(shapes())))
def test_every_slice_is_that_of_the_bytes(shape: int) -> None:
    data, chance = shapes()[shape], random.Random(shape)
    assert len(data) == len(TEXT)
    assert whole_of(data) == TEXT
    for _ in range(500):
        start, stop = (chance.choice([None, chance.randint(-250, 250)]) for _ in "ab")
        assert bytes(data[start:stop]) == TEXT[start:stop], (start, stop)


@pytest.mark.parametrize("data", [Joined([]), Joined([b""]), View(TEXT, 5, 5), View(TEXT, 9, 3), View(TEXT, 500, 900)])
def test_nothing_is_nothing(data: Readable) -> None:
    assert len(data) == 0
    assert bytes(data[:]) == b""
    assert list(chunks_of(data)) == []


def test_only_a_chunk_is_asked_for_at_a_time(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(readable, "CHUNK", 16)
    long = Counting(TEXT)
    assert b"".join(chunks_of(Joined([View(long, 0, 150), View(long, 150, 200)]))) == TEXT
    assert b"".join(chunks_of(long, 20, 90)) == TEXT[20:90]
    assert b"".join(chunks_of(long, 190, 900)) == TEXT[190:]
    assert long.most == 16
