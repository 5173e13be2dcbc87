"""What we read from session descriptions (RFC 8866) ourselves."""

import re

from media.errors import Unavailable

_FINGERPRINT = re.compile(r"^a=fingerprint:(\S+) ([0-9A-Fa-f:]{47,})\s*$", re.MULTILINE)


def fingerprint(sdp: str) -> str:
    """The DTLS fingerprint as ``sha-256 AB:CD:…`` (RFC 8122), SHA-256 preferred; raises ``Unavailable`` without one."""
    found = {kind.lower(): value.upper() for kind, value in _FINGERPRINT.findall(sdp)}
    for kind in ("sha-256", *found):
        if kind in found:
            return f"{kind} {found[kind]}"
    raise Unavailable("客户手机发来的连接信息不完整，请让客户刷新页面")


def sends(sdp: str, kind: str) -> bool:
    """Whether the description's author means to send media of ``kind`` (``audio`` or ``video``)."""
    sections = re.split(r"^m=", sdp, flags=re.MULTILINE)[1:]
    for section in sections:
        if section.startswith(kind + " ") and not section.startswith(kind + " 0 "):
            return not re.search(r"^a=(recvonly|inactive)\s*$", section, re.MULTILINE)
    return False
