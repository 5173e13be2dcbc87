"""The file that opens everything: key-encryption keys by identifier, and the service's own keys wrapped under them.

``keyring.json``, mode 0600: ``{"format": 1, "keys": [{"id", "key", "made_at", "retired_at"}], "service": {NAME:
{"kek", "wrapped"}}}``, keys and wrapped keys in hexadecimal. The last key of the list is the current one. The first
version kept one key of 32 bytes as ``kek.bin``; ``load`` turns that into a keyring whose first key it is.
"""

import json
import os
import secrets
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime
from pathlib import Path

from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.kdf.hkdf import HKDF

from signing.adapters.sealed import KEY_BYTES, seal, sync_folder, unseal
from signing.domain.errors import InputError, OutsideError, TamperError
from signing.domain.whynot import why

NAME, OLD_NAME = "keyring.json", "kek.bin"
FIRST_ID = "k1"
"""The first version's key, and what rows of before there were identifiers are wrapped under."""
_TRACES = ("pingqian.db", "database.url", "objects.url", "blobs")
"""What a folder that a service has had holds besides its keys."""
INDEX, ROOT = "index.1", "root"
"""Service keys: of the keyed digests by their version, and what the others are derived from."""
_DERIVED_BEFORE = {INDEX: "digests", **{name: name for name in ("roster", "lists", "totp", "stand-in-messages")}}
"""Service key → what the first version derived it from its one key for."""


@dataclass(frozen=True)
class Kek:
    """``retired_at``: since when nothing is wrapped under it any more."""

    key_id: str
    key: bytes = field(repr=False)
    made_at: datetime
    retired_at: datetime | None = None


@dataclass(frozen=True)
class Wrapped:
    kek_id: str
    wrapped: bytes


@dataclass(frozen=True)
class KeyFile:
    keks: tuple[Kek, ...]
    service: Mapping[str, Wrapped]

    @property
    def current(self) -> Kek:
        return self.keks[-1]

    def kek(self, key_id: str) -> Kek | None:
        return next((kek for kek in self.keks if kek.key_id == key_id), None)

    def service_key(self, name: str) -> bytes:
        """Raises ``KeyError``; ``TamperError`` where the file was altered."""
        entry = self.service[name]
        kek = self.kek(entry.kek_id)
        if kek is None:
            raise TamperError("密钥文件不完整", f"请从备份恢复 {NAME}")
        return unseal(kek.key, entry.wrapped, _context(name))


def hkdf(key: bytes, purpose: str) -> bytes:
    """A key for ``purpose`` alone (HKDF-SHA-256, RFC 5869)."""
    return HKDF(hashes.SHA256(), KEY_BYTES, salt=None, info=purpose.encode()).derive(key)


def fresh(now: datetime) -> KeyFile:
    key = secrets.token_bytes(KEY_BYTES)
    kek = Kek(_id(1, key), key, now)
    return KeyFile((kek,), {name: _wrap(kek, name, secrets.token_bytes(KEY_BYTES)) for name in (ROOT, INDEX)})


def with_new_key(file: KeyFile, key: bytes, now: datetime) -> KeyFile:
    """``key`` becomes the current one, and the service's own keys are wrapped under it at once."""
    number = 1 + max(int(kek.key_id.partition("-")[0][1:]) for kek in file.keks)
    kek = Kek(_id(number, key), key, now)
    return KeyFile((*file.keks, kek), {name: _wrap(kek, name, file.service_key(name)) for name in file.service})


def _id(number: int, key: bytes) -> str:
    """Not to be taken for another folder's key of the same number."""
    digest = hashes.Hash(hashes.SHA256())
    digest.update(key)
    return f"k{number}-{digest.finalize().hex()[:6]}"


def retired(file: KeyFile, now: datetime) -> KeyFile:
    """Every key but the current one is marked as out of use."""
    older = (kek if kek.retired_at else replace(kek, retired_at=now) for kek in file.keks[:-1])
    return replace(file, keks=(*older, file.current))


def without(file: KeyFile, key_id: str) -> KeyFile:
    return replace(file, keks=tuple(kek for kek in file.keks if kek.key_id != key_id))


def _wrap(kek: Kek, name: str, key: bytes) -> Wrapped:
    return Wrapped(kek.key_id, seal(kek.key, key, _context(name)))


def _context(name: str) -> str:
    return f"service-key:{name}"


# --- the file -----------------------------------------------------------------------------------------------------


@contextmanager
def _entered(folder: Path) -> Iterator[None]:
    """Raises ``InputError`` where the machine does not let us look into the folder."""
    try:
        yield
    except PermissionError as error:
        raise InputError(f"数据目录 {folder} 不能读取（{why(error)}）", AS_THE_SERVICE) from None
    except OSError as error:
        raise InputError(f"数据目录 {folder} 不能读取（{why(error)}）", "请用 --data 指定服务的数据目录") from None


AS_THE_SERVICE = "请用运行服务的用户执行，例如 sudo -u pingqian pingqian …"


def exists(folder: Path) -> bool:
    """Whether a service has had this folder, be it one of the first version. Raises ``InputError``."""
    with _entered(folder):
        return (folder / NAME).exists() or (folder / OLD_NAME).exists()


def has_data(folder: Path) -> bool:
    """Whether a service has had this folder, be its keys lost or not. Raises ``InputError``."""
    with _entered(folder):
        return exists(folder) or any(_holds(folder / name) for name in _TRACES)


def _holds(path: Path) -> bool:
    return any(path.iterdir()) if path.is_dir() else path.exists()


def require(folder: Path) -> None:
    """Raises ``OutsideError`` where the keys of a folder that holds data are gone: new ones would open none of it."""
    if has_data(folder) and not exists(folder):
        raise missing(f"{folder} 里有服务的数据，但")


def missing(where: str) -> OutsideError:
    return OutsideError(f"{where} {NAME} 缺失", f"请从备份恢复 {NAME}；没有它，姓名、影像和录像都打不开")


def load(path: Path) -> KeyFile:
    """What is there; made at the first start, and made from an older ``kek.bin``. Raises ``OutsideError``."""
    path.parent.mkdir(parents=True, exist_ok=True)
    old = path.with_name(OLD_NAME)
    if not path.exists():
        _create(path, _from_old(old) if old.exists() else fresh(_now()))
    if old != path and old.exists():
        _drop_old(old, path)
    with _entered(path.parent):
        return parse(path.read_bytes())


def _from_old(old: Path) -> KeyFile:
    """The same service keys as before, so that digests and rows of before are found and opened."""
    key = old.read_bytes()
    if len(key) != KEY_BYTES:
        raise OutsideError("密钥文件长度不对，无法启动", f"请从备份恢复 {old.name}")
    kek = Kek(FIRST_ID, key, datetime.fromtimestamp(int(old.stat().st_mtime), UTC))
    service = {name: _wrap(kek, name, hkdf(key, purpose)) for name, purpose in _DERIVED_BEFORE.items()}
    return KeyFile((kek,), {**service, ROOT: _wrap(kek, ROOT, hkdf(key, ROOT))})


def _drop_old(old: Path, path: Path) -> None:
    """Once the keyring is durable and comes of this key, be it in there still or destroyed since."""
    file = parse(path.read_bytes())
    if file.service_key(ROOT) != hkdf(old.read_bytes(), ROOT):
        raise OutsideError(f"{old.name} 与 {path.name} 里的密钥不同", "请只留下属于这个数据目录的那一个")
    old.unlink()
    sync_folder(path.parent)


def parse(data: bytes) -> KeyFile:
    try:
        read = json.loads(data)
        if read["format"] != 1 or not read["keys"]:
            raise ValueError("format")
        service = {
            name: Wrapped(entry["kek"], bytes.fromhex(entry["wrapped"])) for name, entry in read["service"].items()
        }
        return KeyFile(tuple(_kek(entry) for entry in read["keys"]), service)
    except (ValueError, KeyError, TypeError):
        raise OutsideError("密钥文件已损坏，无法启动", f"请从备份恢复 {NAME}") from None


def _kek(entry: Mapping[str, str | None]) -> Kek:
    key, retired_at = bytes.fromhex(str(entry["key"])), entry["retired_at"]
    if len(key) != KEY_BYTES:
        raise ValueError("key")
    at = None if retired_at is None else datetime.fromisoformat(retired_at)
    return Kek(str(entry["id"]), key, datetime.fromisoformat(str(entry["made_at"])), at)


def write(file: KeyFile) -> bytes:
    keys = [
        {
            "id": kek.key_id,
            "key": kek.key.hex(),
            "made_at": kek.made_at.isoformat(),
            "retired_at": kek.retired_at.isoformat() if kek.retired_at else None,
        }
        for kek in file.keks
    ]
    service = {name: {"kek": one.kek_id, "wrapped": one.wrapped.hex()} for name, one in file.service.items()}
    return json.dumps({"format": 1, "keys": keys, "service": service}, indent=1).encode() + b"\n"


def _create(path: Path, file: KeyFile) -> None:
    """Complete and durable before it has its name; an older file is never replaced."""
    partial = _written(path, file)
    try:
        os.link(partial, path)
    except FileExistsError:
        pass  # another process was first; its keys are the ones
    finally:
        partial.unlink()
    sync_folder(path.parent)


def replace_file(path: Path, file: KeyFile) -> None:
    """At any moment the name stands for the whole old file or the whole new one."""
    _written(path, file).replace(path)
    sync_folder(path.parent)


def _written(path: Path, file: KeyFile) -> Path:
    partial = path.with_name(f".{path.name}.{secrets.token_hex(6)}")
    handle = os.open(partial, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    try:
        os.write(handle, write(file))
        os.fsync(handle)
    finally:
        os.close(handle)
    return partial


def _now() -> datetime:
    return datetime.now(UTC).replace(microsecond=0)
