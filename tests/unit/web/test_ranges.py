"""Byte ranges (RFC 9110, section 14)."""

import pytest
from starlette.exceptions import HTTPException

from signing.web.ranges import parse_range, ranged


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


def test_a_part_says_where_it_is_from() -> None:
    answer = ranged(bytes(range(100)), "bytes=10-19", "video/mp4")
    assert answer.status_code == 206
    assert bytes(answer.body) == bytes(range(10, 20))
    assert answer.headers["content-range"] == "bytes 10-19/100"
    assert answer.headers["content-length"] == "10"


def test_the_whole_is_the_answer_to_no_range() -> None:
    answer = ranged(b"abc", None, "video/mp4")
    assert (answer.status_code, bytes(answer.body)) == (200, b"abc")
    assert answer.headers["accept-ranges"] == "bytes"
