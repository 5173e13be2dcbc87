"""What we read from session descriptions (RFC 8866) ourselves."""

import re

from media.errors import Unavailable

_FINGERPRINT = re.compile(r"a=fingerprint:(\S+)\s+([0-9A-Fa-f]{2}(?::[0-9A-Fa-f]{2}){31,63})\s*")
CHECKED = ("sha-256", "sha-384", "sha-512")
"""Kinds that DTLS is held to; the first that is there is what we tell of."""


def fingerprint(sdp: str) -> str:
    """The DTLS fingerprint as ``sha-256 AB:CD:…`` (RFC 8122), SHA-256 preferred.

    Raises ``Unavailable`` without one, and where its parts name different ones: all media share a connection, which is
    held to one part's alone, and another could be an invented one.
    """
    parts = [found for found in map(_fingerprints, _parts(sdp)) if found]
    if any(part != parts[0] for part in parts):
        raise Unavailable("客户手机发来的连接信息前后不一致，为安全起见没有接通，请让客户刷新页面")
    for kind in CHECKED if parts else ():
        values = [value for named, value in parts[0] if named == kind]
        if len(values) == 1:
            return f"{kind} {values[0]}"
    raise Unavailable("客户手机发来的连接信息不完整，请让客户刷新页面")


def _parts(sdp: str) -> list[list[str]]:
    """The lines of the session and of each of its media, split as aiortc splits them."""
    parts: list[list[str]] = [[]]
    for line in sdp.splitlines():
        if line.startswith("m="):
            parts.append([])
        parts[-1].append(line)
    return parts


def _fingerprints(part: list[str]) -> set[tuple[str, str]]:
    """(kind, value) of each; one that cannot be read counts as a kind of its own."""
    lines = [line for line in part if line.startswith("a=fingerprint")]
    found = [_FINGERPRINT.fullmatch(line) for line in lines]
    return {
        (match[1].lower(), match[2].upper()) if match else ("", line) for line, match in zip(lines, found, strict=True)
    }


def sends(sdp: str, kind: str) -> bool:
    """Whether the description's author means to send media of ``kind`` (``audio`` or ``video``)."""
    return _goes(sdp, kind, unless="recvonly|inactive")


def takes(sdp: str, kind: str) -> bool:
    """Whether the description's author means to be sent media of ``kind``."""
    return _goes(sdp, kind, unless="sendonly|inactive")


def _goes(sdp: str, kind: str, unless: str) -> bool:
    sections = re.split(r"^m=", sdp, flags=re.MULTILINE)[1:]
    for section in sections:
        if section.startswith(kind + " ") and not section.startswith(kind + " 0 "):
            return not re.search(rf"^a=({unless})\s*$", section, re.MULTILINE)
    return False
