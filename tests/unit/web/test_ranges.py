"""Byte ranges (RFC 9110, section 14)."""

from collections.abc import Iterator

import pytest
from starlette.exceptions import HTTPException
from starlette.responses import Response, StreamingResponse

from signing.domain.errors import TamperError
from signing.web.ranges import Part, parse_range, ranged


@pytest.mark.parametrize(
    ("header", "expected"),
    [
        (None, None),
        ("bytes=0-9", (0, 9)),
        ("bytes=90-", (90, 99)),
        ("bytes=90-1000", (90, 99)),
        ("bytes=-10", (90, 99)),
        ("bytes=-1000", (0, 99)),
        ("bytes=9-3", None),
        ("bytes=-", None),
        ("items=0-9", None),
        ("bytes=0-1,5-6", None),
    ],
)
def test_a_range_names_its_first_and_last_byte(header: str | None, expected: tuple[int, int] | None) -> None:
    assert parse_range(header, 100) == expected


@pytest.mark.parametrize(("header", "size"), [("bytes=100-", 100), ("bytes=-0", 100), ("bytes=0-", 0)])
def test_a_range_outside_is_refused_with_the_size(header: str, size: int) -> None:
    with pytest.raises(HTTPException) as refused:
        parse_range(header, size)
    assert refused.value.status_code == 416
    assert refused.value.headers == {"Content-Range": f"bytes */{size}"}


def in_pieces(data: bytes, size: int = 7) -> Part:
    """Of ``data``, as it lies in segments."""

    def part(start: int, stop: int) -> Iterator[bytes]:
        for begin in range(start, stop, size):
            yield data[begin : min(begin + size, stop)]

    return part


async def body_of(answer: Response) -> bytes:
    assert isinstance(answer, StreamingResponse)
    return b"".join([bytes(piece) async for piece in answer.body_iterator])  # type: ignore[arg-type]


async def test_a_part_says_where_it_is_from() -> None:
    answer = ranged(100, in_pieces(bytes(range(100))), "bytes=10-19", "video/mp4")
    assert answer.status_code == 206
    assert await body_of(answer) == bytes(range(10, 20))
    assert answer.headers["content-range"] == "bytes 10-19/100"
    assert answer.headers["content-length"] == "10"


async def test_the_whole_is_the_answer_to_no_range() -> None:
    answer = ranged(300, in_pieces(b"abc" * 100), None, "video/mp4")
    assert (answer.status_code, await body_of(answer)) == (200, b"abc" * 100)
    assert (answer.headers["accept-ranges"], answer.headers["content-length"]) == ("bytes", "300")


def test_what_cannot_be_read_is_refused_before_anything_is_sent() -> None:
    def part(start: int, stop: int) -> Iterator[bytes]:
        raise TamperError("x")
        yield b""

    with pytest.raises(TamperError):
        ranged(10, part, None, "video/mp4")
