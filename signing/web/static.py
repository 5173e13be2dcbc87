"""The customer's page from memory: read once, compressed once, every path known beforehand.

Its files stand under a folder named after all of them together (``v-DIGEST/app.js``), so that a phone keeps them for
good and asks for the page alone; modules name each other relatively and need not know. A page that was opened before
an upgrade still finds what it fetches late.
"""

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
FOR_GOOD = "public, max-age=31536000, immutable"
ASK_AGAIN = "no-cache"


@dataclass(frozen=True)
class Asset:
    data: bytes
    packed: bytes
    kind: str
    etag: str


def asset_of(data: bytes, kind: str) -> Asset:
    """Sound is compressed already."""
    if kind.startswith("audio/"):
        return Asset(data, data, kind, f'"{hashlib.sha256(data).hexdigest()[:20]}"')
    return Asset(data, gzip.compress(data, 9, mtime=0), kind, f'"{hashlib.sha256(data).hexdigest()[:20]}"')


def load(folder: Path) -> Mapping[str, Asset]:
    """Every servable file below ``folder`` by its path there."""
    return dict(_found(folder))


def _found(folder: Path) -> Iterator[tuple[str, Asset]]:
    for path in sorted(folder.rglob("*")):
        if path.is_file() and path.suffix in _KINDS:
            yield path.relative_to(folder).as_posix(), asset_of(path.read_bytes(), _KINDS[path.suffix])


def version_of(assets: Mapping[str, Asset]) -> str:
    """The folder's name: another as soon as any file is another."""
    together = "".join(f"{path} {asset.etag}\n" for path, asset in sorted(assets.items()))
    return f"v-{hashlib.sha256(together.encode()).hexdigest()[:12]}"


def answer(asset: Asset, request: Request, *, keep: str = ASK_AGAIN) -> Response:
    """By default asked again each time and answered 304 where nothing changed, so that a fix reaches every phone."""
    headers = {"ETag": asset.etag, "Cache-Control": keep, "Vary": "Accept-Encoding"}
    if asset.etag in request.headers.get("if-none-match", ""):
        return Response(status_code=304, headers=headers)
    if "gzip" in request.headers.get("accept-encoding", "") and len(asset.packed) < len(asset.data):
        return Response(asset.packed, media_type=asset.kind, headers={**headers, "Content-Encoding": "gzip"})
    return Response(asset.data, media_type=asset.kind, headers=headers)
