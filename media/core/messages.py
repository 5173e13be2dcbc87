"""What goes over the channel beside picture and sound: JSON objects, one a message, that say what ``kind`` they are.

Nothing in it is sent again: each message tells how things stand, and the next one tells it anew.
"""

import json
from collections.abc import Mapping
from typing import Any

LONGEST = 4096
"""Characters; more is not read."""
MOST_BEATS = 2**53
"""JavaScript counts no further."""
PING, PONG, SILENT = "ping", "pong", "silent"
"""A heartbeat and its answer with the same ``n``; nothing has come for ``seconds``."""

Message = dict[str, Any]


def parse(text: str | bytes) -> Message | None:
    """The message, or None for what is none: it comes from outside."""
    if not isinstance(text, str) or len(text) > LONGEST:
        return None
    try:
        found = json.loads(text)
    except (ValueError, RecursionError):
        return None
    return found if isinstance(found, dict) and isinstance(found.get("kind"), str) else None


def line(message: Mapping[str, Any]) -> str:
    """As it goes out; raises ``ValueError`` for one that nobody would read."""
    text = json.dumps(message, ensure_ascii=False, separators=(",", ":"), allow_nan=False)
    if len(text) > LONGEST or not isinstance(message.get("kind"), str):
        raise ValueError(f"not a message for the channel: {text[:40]}")
    return text


def pong(ping: Message) -> Message | None:
    """The answer to a heartbeat; None for one that carries no number such as the page counts with."""
    n = ping.get("n")
    if isinstance(n, bool) or not isinstance(n, int) or not 0 <= n <= MOST_BEATS:
        return None
    return {"kind": PONG, "n": n}
