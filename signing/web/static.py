"""The customer's page from memory: read once, compressed once, every path known beforehand."""

import gzip
import hashlib
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path

from starlette.requests import Request
from starlette.responses import Response

_KINDS = {
    ".css": "text/css; charset=utf-8",
    ".html": "text/html; charset=utf-8",
    ".js": "text/javascript; charset=utf-8",
    ".json": "application/json",
    ".svg": "image/svg+xml",
    ".webmanifest": "application/manifest+json",
    ".png": "image/png",
    ".mp3": "audio/mpeg",
    ".wav": "audio/wav",
}


@dataclass(frozen=True)
class Asset:
    data: bytes
    packed: bytes
    kind: str
    etag: str


def load(folder: Path) -> Mapping[str, Asset]:
    """Every servable file below ``folder`` by its path there."""
    return dict(_found(folder))


def _found(folder: Path) -> Iterator[tuple[str, Asset]]:
    for path in sorted(folder.rglob("*")):
        if path.is_file() and path.suffix in _KINDS:
            data = path.read_bytes()
            etag = f'"{hashlib.sha256(data).hexdigest()[:20]}"'
            packed = gzip.compress(data, 9, mtime=0)
            yield path.relative_to(folder).as_posix(), Asset(data, packed, _KINDS[path.suffix], etag)


def answer(asset: Asset, request: Request) -> Response:
    """Asked again each time and answered 304 where nothing changed, so that a fix reaches every phone at once."""
    headers = {"ETag": asset.etag, "Cache-Control": "no-cache", "Vary": "Accept-Encoding"}
    if asset.etag in request.headers.get("if-none-match", ""):
        return Response(status_code=304, headers=headers)
    if "gzip" in request.headers.get("accept-encoding", "") and len(asset.packed) < len(asset.data):
        return Response(asset.packed, media_type=asset.kind, headers={**headers, "Content-Encoding": "gzip"})
    return Response(asset.data, media_type=asset.kind, headers=headers)
