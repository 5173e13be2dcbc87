"""What comes over the channel comes from outside; what goes out must be readable there."""

import json
import math

import pytest

from media.core.messages import LONGEST, line, parse, pong


def test_what_is_written_is_read_again() -> None:
    message = {"kind": "quality", "loss": 0.02, "words": "网络不稳", "none": None}
    assert parse(line(message)) == message
    assert "\n" not in line({"kind": "a", "text": "two\nlines"}), "one message is one line"


@pytest.mark.parametrize(
    "text",
    [
        "",
        "ping",
        "[]",
        "null",
        '"ping"',
        "{}",
        '{"kind": 1}',
        '{"kind": null}',
        '{"n": 1}',
        '{"kind": "ping"',
        b'{"kind": "ping"}',
        "[" * 4000,
        '{"kind": "long", "text": "' + "x" * LONGEST + '"}',
    ],
)
def test_what_is_no_message_is_passed_over(text: str | bytes) -> None:
    assert parse(text) is None


def test_the_longest_is_still_read() -> None:
    frame = json.dumps({"kind": "long", "text": ""})
    assert parse(json.dumps({"kind": "long", "text": "x" * (LONGEST - len(frame))})) is not None
    assert parse(json.dumps({"kind": "long", "text": "x" * (LONGEST - len(frame) + 1)})) is None


@pytest.mark.parametrize(
    "message", [{}, {"kind": 1}, {"kind": "long", "text": "x" * LONGEST}, {"kind": "not", "a": math.nan}]
)
def test_nothing_leaves_that_nobody_would_read(message: dict[str, object]) -> None:
    with pytest.raises(ValueError, match=r"not a message|not JSON compliant"):
        line(message)


def test_a_heartbeat_is_answered_with_its_number() -> None:
    assert pong({"kind": "ping", "n": 7, "more": "x"}) == {"kind": "pong", "n": 7}
    assert pong({"kind": "ping", "n": 0}) == {"kind": "pong", "n": 0}


@pytest.mark.parametrize("n", [None, True, -1, 1.0, math.inf, math.nan, 10**400, 2**53 + 1, "1", "\ud800", [], {}])
def test_a_heartbeat_without_a_number_is_not_answered(n: object) -> None:
    assert pong({"kind": "ping", "n": n}) is None
    assert pong({"kind": "ping"}) is None
