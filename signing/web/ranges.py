"""One byte range of a file (RFC 9110, section 14). Several ranges are answered with the whole."""

import re
from collections.abc import Callable, Iterator, Mapping
from itertools import chain

from starlette.exceptions import HTTPException
from starlette.responses import Response, StreamingResponse

Part = Callable[[int, int], Iterator[bytes]]
_ONE = re.compile(r"bytes=(\d*)-(\d*)")


def parse_range(header: str | None, size: int) -> tuple[int, int] | None:
    """First and last byte, both included; None where the whole is meant. Raises ``HTTPException`` 416."""
    match = _ONE.fullmatch(header.strip()) if header else None
    if match is None or match.groups() == ("", ""):
        return None
    first, last = match.groups()
    if first == "":
        start, end = max(0, size - int(last)), size - 1
        satisfiable = int(last) > 0 and size > 0
    else:
        start, end = int(first), min(int(last) if last else size - 1, size - 1)
        if last and int(last) < start:
            return None
        satisfiable = start < size
    if not satisfiable:
        raise HTTPException(416, headers={"Content-Range": f"bytes */{size}"})
    return start, end


def ranged(
    size: int, part: Part, header: str | None, media_type: str, headers: Mapping[str, str] | None = None
) -> Response:
    """The whole of ``size`` bytes, or what ``header`` asks for of them. ``part(start, stop)`` gives bytes in pieces;
    the first is read here, so that what cannot be read is refused and not cut off."""
    fixed = {"Accept-Ranges": "bytes", **(headers or {})}
    wanted = parse_range(header, size)
    start, end = wanted or (0, size - 1)
    fixed["Content-Length"] = str(end + 1 - start)
    if wanted is not None:
        fixed["Content-Range"] = f"bytes {start}-{end}/{size}"
    pieces = part(start, end + 1)
    first = next(pieces, b"")
    return StreamingResponse(chain((first,), pieces), 206 if wanted else 200, media_type=media_type, headers=fixed)
