"""RFC 2198, byte by byte, and when it is worth it."""

import pytest

from media.core.redundancy import Redundancy, copies, pack


def test_pack_as_the_rfc_draws_it() -> None:
    packed = pack(111, b"new", [(1920, b"older"), (960, b"old")])
    first = (1 << 31 | 111 << 24 | 1920 << 10 | 5).to_bytes(4, "big")
    second = (1 << 31 | 111 << 24 | 960 << 10 | 3).to_bytes(4, "big")
    assert packed == first + second + bytes([111]) + b"older" + b"old" + b"new"


@pytest.mark.parametrize("earlier", [(0, b"x"), (1 << 14, b"x"), (960, bytes(1024))])
def test_what_does_not_fit(earlier: tuple[int, bytes]) -> None:
    with pytest.raises(ValueError, match="does not fit"):
        pack(111, b"new", [earlier])


def test_the_last_packets_ride_along() -> None:
    voice = Redundancy()
    assert voice.wrap(111, 0, b"a", 2) == pack(111, b"a", [])
    assert voice.wrap(111, 960, b"b", 2) == pack(111, b"b", [(960, b"a")])
    assert voice.wrap(111, 1920, b"c", 2) == pack(111, b"c", [(1920, b"a"), (960, b"b")])
    assert voice.wrap(111, 2880, b"d", 1) == pack(111, b"d", [(960, b"c")])
    assert voice.wrap(111, 3840, b"e", 0) == pack(111, b"e", [])


def test_what_is_far_back_stays_behind() -> None:
    voice = Redundancy()
    voice.wrap(111, 0, b"a", 2)
    assert voice.wrap(111, 48_000, b"b", 2) == pack(111, b"b", [])


@pytest.mark.parametrize(
    ("loss", "rate", "count"), [(0.0, 500e3, 0), (0.03, 500e3, 1), (0.2, 500e3, 2), (0.2, 130e3, 1), (0.2, 90e3, 0)]
)
def test_copies(loss: float, rate: float, count: int) -> None:
    assert copies(loss, rate) == count
