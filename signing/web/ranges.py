"""One byte range of a file held in memory (RFC 9110, section 14). Several ranges are answered with the whole."""

import re
from collections.abc import Mapping

from starlette.exceptions import HTTPException
from starlette.responses import Response

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


def ranged(data: bytes, header: str | None, media_type: str, headers: Mapping[str, str] | None = None) -> Response:
    """``data`` or the part of it that ``header`` asks for."""
    fixed = {"Accept-Ranges": "bytes", **(headers or {})}
    part = parse_range(header, len(data))
    if part is None:
        return Response(data, media_type=media_type, headers=fixed)
    start, end = part
    fixed["Content-Range"] = f"bytes {start}-{end}/{len(data)}"
    return Response(data[start : end + 1], 206, media_type=media_type, headers=fixed)
