"""Keys at rest: key-encryption keys in a file, under the current one a data key for each case; keyed digests."""

import fcntl
import hashlib
import hmac
import secrets
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import UTC, datetime
from pathlib import Path
from urllib.parse import quote

import pyotp
from argon2 import PasswordHasher
from argon2.exceptions import Argon2Error, InvalidHashError

from signing.adapters import keyfile
from signing.adapters.keyfile import Kek, KeyFile
from signing.adapters.sealed import KEY_BYTES, Sealed, seal, seal_buffer, sync_folder, unseal
from signing.domain.errors import KeyMissing, OutsideError

__all__ = ["INDEX_VERSION", "KeyedSecrets", "Keyring", "Sealed", "seal", "seal_buffer", "sync_folder", "unseal"]

TOTP_SECONDS = 30
INDEX_VERSION = 1
"""Which key the keyed digests are made with. It is wrapped under the current key, and the same after a rotation."""


class Keyring:
    """What the key file opens. It is read again when another process has changed it, so that a rotation needs no stop.

    Raises ``OutsideError`` where the file is damaged.
    """

    def __init__(self, path: Path) -> None:
        self._path = path
        self._lock = threading.Lock()
        self._file = keyfile.load(path)
        self._seen = self._signature()
        self._index_key = self._file.service_key(keyfile.INDEX)
        self._root = self._file.service_key(keyfile.ROOT)

    def derive(self, purpose: str) -> bytes:
        """A key for ``purpose`` alone; the same after every rotation."""
        if purpose in self._file.service:
            return self._file.service_key(purpose)
        return keyfile.hkdf(self._root, purpose)

    def new_wrapped(self, case_id: str) -> tuple[str, bytes]:
        """The current key's identifier, and under it a fresh data key."""
        return self.wrap(case_id, secrets.token_bytes(KEY_BYTES))

    def wrap(self, case_id: str, key: bytes) -> tuple[str, bytes]:
        kek = self.current
        return kek.key_id, seal(kek.key, key, _context(case_id))

    def unwrap(self, case_id: str, kek_id: str, wrapped: bytes) -> bytes:
        """Raises ``KeyMissing`` where the key ``kek_id`` is not in the file."""
        kek = self._file.kek(kek_id) or self._fresh().kek(kek_id)
        if kek is None:
            raise KeyMissing(f"没有密钥 {kek_id}，打不开这笔业务", f"请从备份恢复 {self._path.name}")
        return unseal(kek.key, wrapped, _context(case_id))

    def digest(self, purpose: str, value: str) -> str:
        """HMAC-SHA-256 in hex, so that even six digits cannot be found by trying without the key."""
        return hmac.new(self._index_key, f"{purpose}\x00{value}".encode(), hashlib.sha256).hexdigest()

    @property
    def current(self) -> Kek:
        return self._fresh().current

    @property
    def keks(self) -> tuple[Kek, ...]:
        """Oldest first; the last is the current one."""
        return self._fresh().keks

    # --- rotation -------------------------------------------------------------------------------------------------

    def add_key(self) -> Kek:
        """A new current key, durable in the file before it is used."""
        self._change(lambda file: keyfile.with_new_key(file, secrets.token_bytes(KEY_BYTES), _now()))
        return self.current

    def retire_others(self) -> None:
        """Marks every key but the current one as out of use; they stay in the file for backups of before."""
        self._change(lambda file: keyfile.retired(file, _now()))

    def destroy(self, key_id: str) -> None:
        """Removes a retired key from the file for good. The caller has made sure that nothing needs it."""
        self._change(lambda file: keyfile.without(file, key_id))

    def _change(self, change: Callable[[KeyFile], KeyFile]) -> None:
        with self._alone():
            keyfile.replace_file(self._path, change(keyfile.parse(self._path.read_bytes())))
        self._fresh()

    @contextmanager
    def _alone(self) -> Iterator[None]:
        with self._path.with_name(f".{self._path.name}.lock").open("w") as file:
            fcntl.flock(file, fcntl.LOCK_EX)
            yield

    def _fresh(self) -> KeyFile:
        """The file as it is now; read only where it has changed."""
        if (now := self._signature()) != self._seen:
            with self._lock:
                self._file = keyfile.parse(self._path.read_bytes())
                self._seen = now
        return self._file

    def _signature(self) -> tuple[int, int, int]:
        try:
            there = self._path.stat()
        except OSError:
            raise OutsideError("密钥文件不见了", f"请从备份恢复 {self._path.name}，在此之前不要停止服务") from None
        return there.st_ino, there.st_mtime_ns, there.st_size


def _context(case_id: str) -> str:
    return f"data-key:{case_id}"


def _now() -> datetime:
    return datetime.now(UTC).replace(microsecond=0)


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
        tried = code.encode()  # text that is not ASCII would be an error, and no wrong code
        return next((step for step in steps if hmac.compare_digest(maker.generate_otp(step).encode(), tried)), None)

    def totp_uri(self, secret: str, account: str, issuer: str) -> str:
        """The issuer's name once: twice over, as percent signs, it makes the code too wide for a terminal."""
        uri = pyotp.TOTP(secret, interval=TOTP_SECONDS).provisioning_uri(name=account)
        return f"{uri}&issuer={quote(issuer)}"

    def password_matches(self, password_hash: str, password: str) -> bool:
        """An empty hash costs as much as a wrong password and never matches."""
        try:
            return self._hasher.verify(password_hash or self._nobody, password) and bool(password_hash)
        except (Argon2Error, InvalidHashError):
            return False
