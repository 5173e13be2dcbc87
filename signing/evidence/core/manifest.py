"""The two manifests of a package (ETSI EN 319 162-1, A.4): which entry has which digest, and who signs that.

A manifest is accepted only as ``write_manifest`` would have written it.
"""

import base64
import hashlib
import re
from collections.abc import Mapping
from dataclasses import dataclass

from signing.domain.readable import Readable, chunks_of

MANIFEST, SIGNATURE = "META-INF/ASiCManifest001.xml", "META-INF/signature001.p7s"
ARCHIVE, TIMESTAMP = "META-INF/ASiCArchiveManifest001.xml", "META-INF/timestamp001.tst"
CLOSING = (MANIFEST, SIGNATURE, ARCHIVE, TIMESTAMP)
"""The last entries of every package, in this order."""

SIGNATURE_TYPE, TOKEN_TYPE = "application/pkcs7-signature", "application/vnd.etsi.timestamp-token"
MEDIA_TYPES = {
    "json": "application/json",
    "jsonl": "application/jsonl",
    "pdf": "application/pdf",
    "mp4": "video/mp4",
    "mkv": "video/x-matroska",
    "jpg": "image/jpeg",
    "png": "image/png",
    "pem": "application/x-pem-file",
    "crl": "application/pkix-crl",
    "md": "text/markdown",
    "py": "text/x-python",
    "xml": "text/xml",
    "p7s": SIGNATURE_TYPE,
}
_HEAD = (
    '<?xml version="1.0" encoding="UTF-8"?>\n'
    '<asic:ASiCManifest xmlns:asic="http://uri.etsi.org/02918/v1.2.1#" xmlns:ds="http://www.w3.org/2000/09/xmldsig#">\n'
)
_REFERENCE = '  <asic:SigReference URI="{uri}" MimeType="{media_type}"/>\n'
_OBJECT = (
    '  <asic:DataObjectReference URI="{uri}" MimeType="{media_type}">\n'
    '    <ds:DigestMethod Algorithm="http://www.w3.org/2001/04/xmlenc#sha256"/>\n'
    "    <ds:DigestValue>{digest}</ds:DigestValue>\n"
    "  </asic:DataObjectReference>\n"
)
_FOOT = "</asic:ASiCManifest>\n"
_OBJECT_PATTERN = re.compile(r'<asic:DataObjectReference URI="([^"]+)" [^>]+>.*?<ds:DigestValue>([^<]+)<', re.DOTALL)


@dataclass(frozen=True)
class Manifest:
    """``digests`` maps an entry's name to its SHA-256, in the order of the package."""

    signature: str
    digests: Mapping[str, bytes]


def sha256_of(data: Readable) -> bytes:
    whole = hashlib.sha256()
    for chunk in chunks_of(data):
        whole.update(chunk)
    return whole.digest()


def media_type(name: str) -> str:
    return MEDIA_TYPES.get(name.rpartition(".")[2], "application/octet-stream")


def write_manifest(manifest: Manifest) -> bytes:
    """Names must be safe ones (``is_safe_name``): nothing needs escaping then."""
    kind = TOKEN_TYPE if manifest.signature == TIMESTAMP else SIGNATURE_TYPE
    reference = _REFERENCE.format(uri=manifest.signature, media_type=kind)
    objects = (
        _OBJECT.format(uri=name, media_type=media_type(name), digest=base64.b64encode(digest).decode())
        for name, digest in manifest.digests.items()
    )
    return (_HEAD + reference + "".join(objects) + _FOOT).encode()


def read_manifest(data: bytes, signature: str) -> Manifest:
    """Raises ``ValueError`` for any other bytes than ``write_manifest`` makes for this ``signature``."""
    pairs = _OBJECT_PATTERN.findall(data.decode("utf-8"))
    manifest = Manifest(signature, {name: base64.b64decode(digest, validate=True) for name, digest in pairs})
    if any(len(digest) != 32 for digest in manifest.digests.values()) or write_manifest(manifest) != data:
        raise ValueError("not as written")
    return manifest
