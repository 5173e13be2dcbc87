"""Bytes at rest: AES-256-GCM under a key, bound to what they are. And names in folders that outlive a power cut."""

import os
import secrets
from pathlib import Path

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM

from signing.domain.errors import TamperError

KEY_BYTES = 32
_NONCE_BYTES = 12
_TAG_BYTES = 16

Sealed = bytes | bytearray | memoryview
"""Bytes as they lie outside; big ones are not copied just to change their type."""


def seal(key: bytes, data: bytes, context: str) -> bytes:
    """Nonce, then cipher text and tag; ``context`` says what and whose it is and is bound by the tag."""
    nonce = secrets.token_bytes(_NONCE_BYTES)
    return nonce + AESGCM(key).encrypt(nonce, data, context.encode())


def seal_buffer(key: bytes, data: Sealed, context: str) -> bytearray:
    """As ``seal``, encrypted straight into its place: a recording is in memory twice and no third time."""
    nonce = secrets.token_bytes(_NONCE_BYTES)
    sealed = bytearray(_NONCE_BYTES + len(data) + _TAG_BYTES)
    sealed[:_NONCE_BYTES] = nonce
    AESGCM(key).encrypt_into(nonce, data, context.encode(), memoryview(sealed)[_NONCE_BYTES:])
    return sealed


def unseal(key: bytes, sealed: Sealed, context: str) -> bytes:
    """Raises ``TamperError`` where the bytes, the key or the context are not those of ``seal``."""
    view = memoryview(sealed)
    try:
        return AESGCM(key).decrypt(view[:_NONCE_BYTES], view[_NONCE_BYTES:], context.encode())
    except (InvalidTag, ValueError):
        raise TamperError("存储的数据与写入时不一致", "请停止使用这份记录，并联系管理员核查") from None


def sync_folder(folder: Path) -> None:
    """Makes names in ``folder`` durable. Windows has no such call and needs none."""
    if os.name == "nt":
        return
    handle = os.open(folder, os.O_RDONLY)
    try:
        os.fsync(handle)
    finally:
        os.close(handle)
