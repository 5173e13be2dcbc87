"""Encryption on the seat: AES-256-GCM (NIST SP 800-38D), each cipher text bound to the place it belongs to.

A recording has a key of its own, made here and never written down as it is. On disk it lies under the spool key of its
call, which only the service can derive and gives to the seat of the call alone. So a recording begins without asking
anybody, and what a crash leaves is opened once the service is asked.
"""

import secrets

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM

from media.errors import BrokenRecording

KEY_BYTES = 32
NONCE_BYTES = 12


def new_key() -> bytes:
    """A fresh key for one recording."""
    return secrets.token_bytes(KEY_BYTES)


def seal(key: bytes, data: bytes, place: bytes) -> bytes:
    """Nonce, cipher text and tag. ``place`` is what the tag binds besides."""
    nonce = secrets.token_bytes(NONCE_BYTES)
    return nonce + AESGCM(key).encrypt(nonce, data, place)


def unseal(key: bytes, sealed: bytes, place: bytes) -> bytes:
    """Raises ``BrokenRecording`` where the bytes, the key or the place are not those of ``seal``."""
    try:
        return AESGCM(key).decrypt(sealed[:NONCE_BYTES], sealed[NONCE_BYTES:], place)
    except (InvalidTag, ValueError):
        raise BrokenRecording("本机的录像内容打不开：被改动过，或者密钥不对") from None


def wrap(spool_key: bytes, key: bytes, name: str) -> str:
    """The recording's key as it may lie on disk, in hexadecimal. ``name`` is the recording's in the spool."""
    return seal(spool_key, key, b"pingqian key 1\0" + name.encode()).hex()


def unwrap(spool_key: bytes, wrapped: str, name: str) -> bytes:
    """Raises ``BrokenRecording``."""
    try:
        sealed = bytes.fromhex(wrapped)
    except ValueError:
        raise BrokenRecording("本机录像的密钥记录已损坏") from None
    return unseal(spool_key, sealed, b"pingqian key 1\0" + name.encode())
