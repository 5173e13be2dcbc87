"""A big body on its way in: streamed to a private file that nobody but this process, while it lives, can read."""

import asyncio
import os
import secrets
import tempfile
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path

from cryptography.hazmat.primitives.ciphers import Cipher, CipherContext
from cryptography.hazmat.primitives.ciphers.algorithms import AES
from cryptography.hazmat.primitives.ciphers.modes import CTR
from starlette.requests import Request

PREFIX = "upload-"
_CHUNK = 1 << 20


@dataclass(frozen=True)
class Spooled:
    """``path`` holds cipher text (AES-256-CTR) whose key is in memory only: what a crash leaves is noise.

    No tag: whoever reads it compares the digest that was promised.
    """

    path: Path
    _key: bytes = field(repr=False)
    _nonce: bytes = field(repr=False)

    def read(self) -> bytes:
        return b"".join(self._chunks())

    def _chunks(self) -> Iterator[bytes]:
        cipher = _cipher(self._key, self._nonce).decryptor()
        with self.path.open("rb") as file:
            while chunk := file.read(_CHUNK):
                yield cipher.update(chunk)

    def remove(self) -> None:
        self.path.unlink(missing_ok=True)


async def spool(request: Request, folder: Path) -> Spooled:
    """Streams the body into a fresh private file in ``folder``; the caller removes it."""
    descriptor, name = await asyncio.to_thread(tempfile.mkstemp, dir=folder, prefix=PREFIX)
    spooled = Spooled(Path(name), secrets.token_bytes(32), secrets.token_bytes(16))
    cipher = _cipher(spooled._key, spooled._nonce).encryptor()
    try:
        with os.fdopen(descriptor, "wb") as file:
            async for chunk in request.stream():
                await asyncio.to_thread(_write, file.fileno(), cipher, chunk)
    except BaseException:
        await asyncio.shield(asyncio.to_thread(spooled.remove))
        raise
    return spooled


def _write(descriptor: int, cipher: CipherContext, chunk: bytes) -> None:
    left = memoryview(cipher.update(chunk))
    while left:
        left = left[os.write(descriptor, left) :]


def _cipher(key: bytes, nonce: bytes) -> Cipher[CTR]:
    return Cipher(AES(key), CTR(nonce))
