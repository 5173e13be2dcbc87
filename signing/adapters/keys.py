"""Keys at rest: one key-encryption key in a file, under it a data key for each case. AES-256-GCM, HMAC-SHA-256."""

import hashlib
import hmac
import os
import secrets
from datetime import datetime
from pathlib import Path

import pyotp
from argon2 import PasswordHasher
from argon2.exceptions import Argon2Error, InvalidHashError
from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from cryptography.hazmat.primitives.kdf.hkdf import HKDF

from signing.domain.errors import OutsideError, TamperError

KEY_BYTES = 32
TOTP_SECONDS = 30
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


class Keyring:
    """The key-encryption key, and what is derived from it. Its file is made at the first start, mode 0600."""

    def __init__(self, path: Path) -> None:
        self._kek = _load_or_create(path)
        self._hmac_key = self.derive("digests")

    def derive(self, purpose: str) -> bytes:
        """A key for ``purpose`` alone (HKDF-SHA-256, RFC 5869)."""
        return HKDF(hashes.SHA256(), KEY_BYTES, salt=None, info=purpose.encode()).derive(self._kek)

    def new_wrapped(self, case_id: str) -> bytes:
        """A fresh data key, wrapped."""
        return seal(self._kek, secrets.token_bytes(KEY_BYTES), f"data-key:{case_id}")

    def unwrap(self, case_id: str, wrapped: bytes) -> bytes:
        return unseal(self._kek, wrapped, f"data-key:{case_id}")

    def digest(self, purpose: str, value: str) -> str:
        """HMAC-SHA-256 in hex, so that even six digits cannot be found by trying without the key."""
        return hmac.new(self._hmac_key, f"{purpose}\x00{value}".encode(), hashlib.sha256).hexdigest()


def _load_or_create(path: Path) -> bytes:
    path.parent.mkdir(parents=True, exist_ok=True)
    if not path.exists():
        _create(path, secrets.token_bytes(KEY_BYTES))
    key = path.read_bytes()
    if len(key) != KEY_BYTES:
        raise OutsideError("密钥文件长度不对，无法启动", f"请从备份恢复 {path.name}")
    return key


def _create(path: Path, key: bytes) -> None:
    """Complete and durable before it has its name; an older file is never replaced."""
    partial = path.with_name(f".{path.name}.{os.getpid()}")
    handle = os.open(partial, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    try:
        os.write(handle, key)
        os.fsync(handle)
    finally:
        os.close(handle)
    try:
        os.link(partial, path)
    except FileExistsError:
        pass  # another process was first; its key is the one
    finally:
        partial.unlink()
    sync_folder(path.parent)


def sync_folder(folder: Path) -> None:
    """Makes names in ``folder`` durable. Windows has no such call and needs none."""
    if os.name == "nt":
        return
    handle = os.open(folder, os.O_RDONLY)
    try:
        os.fsync(handle)
    finally:
        os.close(handle)


class KeyedSecrets:
    """``Secrets``: keyed digests, and argon2id for passwords (OWASP's first choice: 19 MiB, 2 passes, 1 lane)."""

    def __init__(self, keyring: Keyring) -> None:
        self._keyring = keyring
        self._hasher = PasswordHasher(time_cost=2, memory_cost=19_456, parallelism=1)
        self._nobody = self._hasher.hash(secrets.token_hex(16))

    def digest(self, purpose: str, value: str) -> str:
        return self._keyring.digest(purpose, value)

    def hash_password(self, password: str) -> str:
        return self._hasher.hash(password)

    def new_totp(self) -> str:
        return pyotp.random_base32()

    def totp_step(self, secret: str, code: str, at: datetime) -> int | None:
        now = int(at.timestamp()) // TOTP_SECONDS
        maker = pyotp.TOTP(secret, interval=TOTP_SECONDS)
        steps = (now, now - 1, now + 1)
        return next((step for step in steps if hmac.compare_digest(maker.generate_otp(step), code)), None)

    def totp_uri(self, secret: str, account: str, issuer: str) -> str:
        return pyotp.TOTP(secret, interval=TOTP_SECONDS).provisioning_uri(name=account, issuer_name=issuer)

    def password_matches(self, password_hash: str, password: str) -> bool:
        """An empty hash costs as much as a wrong password and never matches."""
        try:
            return self._hasher.verify(password_hash or self._nobody, password) and bool(password_hash)
        except (Argon2Error, InvalidHashError):
            return False
