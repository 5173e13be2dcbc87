"""Blobs: named by the digest of their plain bytes, encrypted for their case, never overwritten; wherever they lie."""

import errno
import hashlib
import os
import secrets
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Protocol

from signing.adapters.keys import Sealed, seal_buffer, sync_folder, unseal
from signing.domain.errors import NotFound, OutsideError, StorageFull, TamperError


class Objects(Protocol):
    """Where sealed bytes lie, by a name such as ``case_1/0f/0f3a…``. Every failure outside is an ``OutsideError``."""

    def has(self, name: str) -> bool: ...

    def put(self, name: str, sealed: Sealed) -> None:
        """Whole and durable when it returns. A name that is there keeps what it has."""
        ...

    def get(self, name: str) -> Sealed:
        """Raises ``NotFound``."""
        ...

    def names(self) -> Iterator[str]: ...


class SealedBlobs:
    """``Blobs`` over ``objects``. ``key_of`` gives a case's data key, making it at the first use."""

    def __init__(self, objects: Objects, key_of: Callable[[str], bytes]) -> None:
        self.objects = objects
        self.key_of = key_of

    def put(self, case_id: str, data: bytes) -> str:
        """Raises ``OutsideError`` where what keeps the bytes refuses or does not answer."""
        digest = hashlib.sha256(data).hexdigest()
        name = _name(case_id, digest)
        if not self.objects.has(name):
            self.objects.put(name, seal_buffer(self.key_of(case_id), data, _context(case_id, digest)))
        return digest

    def get(self, case_id: str, sha256: str) -> bytes:
        return self.opened(case_id, sha256, self.objects.get(_name(case_id, sha256)))

    def opened(self, case_id: str, sha256: str, sealed: Sealed) -> bytes:
        """The plain bytes. Raises ``TamperError`` where they are not those that were put."""
        data = unseal(self.key_of(case_id), sealed, _context(case_id, sha256))
        if hashlib.sha256(data).hexdigest() != sha256:
            raise TamperError("存储的数据与写入时不一致", "请停止使用这份记录，并联系管理员核查")
        return data


class FolderBlobs(SealedBlobs):
    """In a local folder."""

    def __init__(self, folder: Path, key_of: Callable[[str], bytes]) -> None:
        super().__init__(FolderObjects(folder), key_of)


class FolderObjects:
    """``Objects`` as files, each synced together with the folders that name it."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        folder.mkdir(parents=True, exist_ok=True)

    def has(self, name: str) -> bool:
        return (self._folder / name).exists()

    def put(self, name: str, sealed: Sealed) -> None:
        try:
            _write_durably(self._folder / name, sealed)
        except OSError as error:
            if error.errno in (errno.ENOSPC, errno.EDQUOT):
                raise StorageFull from error
            raise OutsideError("文件没有写入成功", "请检查服务器磁盘空间后重试") from error

    def get(self, name: str) -> Sealed:
        try:
            return (self._folder / name).read_bytes()
        except FileNotFoundError:
            raise NotFound("没有找到这份文件") from None
        except OSError as error:
            raise OutsideError("文件没有读出来", "请检查服务器磁盘后重试") from error

    def names(self) -> Iterator[str]:
        """Without what a killed writer left half-written."""
        for path in sorted(self._folder.rglob("*")):
            if path.is_file() and not path.name.startswith("."):
                yield path.relative_to(self._folder).as_posix()


def place_of(name: str) -> tuple[str, str]:
    """(case_id, digest) of an object's name. Raises ``NotFound`` for a name that none of ours has."""
    case_id, digest = name.partition("/")[0], name.rpartition("/")[2]
    if name != _name(case_id, digest):
        raise NotFound("没有找到这份文件")
    return case_id, digest


def _name(case_id: str, digest: str) -> str:
    if not case_id.replace("_", "").replace("-", "").isalnum() or not digest.isalnum():
        raise NotFound("没有找到这份文件")
    return f"{case_id}/{digest[:2]}/{digest}"


def _context(case_id: str, digest: str) -> str:
    return f"blob:{case_id}:{digest}"


def _write_durably(path: Path, data: Sealed) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    partial = path.with_name(f".{path.name}.{secrets.token_hex(8)}")
    try:
        with partial.open("xb") as stream:
            stream.write(data)
            stream.flush()
            os.fsync(stream.fileno())
        _name_once(partial, path)
    finally:
        partial.unlink(missing_ok=True)
    for folder in (path.parent, path.parent.parent, path.parent.parent.parent):
        sync_folder(folder)


def _name_once(partial: Path, path: Path) -> None:
    """Another writer of the same bytes may have been first; what is there stays."""
    try:
        path.hardlink_to(partial)
    except FileExistsError:
        pass
    except OSError:
        partial.replace(path)  # a file system without hard links
