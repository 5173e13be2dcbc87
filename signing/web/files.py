"""Answers that are files: their kind and their name."""

from urllib.parse import quote

from starlette.responses import Response


def image_kind(data: bytes) -> str:
    """The media type of a picture of ours, by its first bytes."""
    if data.startswith(b"\xff\xd8\xff"):
        return "image/jpeg"
    if data.startswith(b"RIFF") and data[8:12] == b"WEBP":
        return "image/webp"
    return "image/png"


def disposition(name: str, *, download: bool) -> str:
    """Content-Disposition with a Chinese name (RFC 6266, RFC 5987)."""
    return f"{'attachment' if download else 'inline'}; filename*=UTF-8''{quote(name, safe='')}"


def pdf_answer(data: bytes, name: str, *, download: bool = False) -> Response:
    headers = {"Content-Disposition": disposition(name, download=download)}
    return Response(data, media_type="application/pdf", headers=headers)
