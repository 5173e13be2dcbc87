"""Blobs in a local folder: named by the digest of their plain bytes, encrypted for their case, never overwritten."""

import hashlib
import os
import secrets
from collections.abc import Callable
from pathlib import Path

from signing.adapters.keys import seal, sync_folder, unseal
from signing.domain.errors import NotFound, OutsideError, TamperError


class FolderBlobs:
    """``Blobs``. ``key_of`` gives a case's data key, making it at the first use."""

    def __init__(self, folder: Path, key_of: Callable[[str], bytes]) -> None:
        self._folder = folder
        self._key_of = key_of
        folder.mkdir(parents=True, exist_ok=True)

    def put(self, case_id: str, data: bytes) -> str:
        """Raises ``OutsideError`` where the disk refuses."""
        digest = hashlib.sha256(data).hexdigest()
        path = self._path(case_id, digest)
        if path.exists():
            return digest
        sealed = seal(self._key_of(case_id), data, _context(case_id, digest))
        try:
            _write_durably(path, sealed)
        except OSError as error:
            raise OutsideError("文件没有写入成功", "请检查服务器磁盘空间后重试") from error
        return digest

    def get(self, case_id: str, sha256: str) -> bytes:
        path = self._path(case_id, sha256)
        try:
            sealed = path.read_bytes()
        except FileNotFoundError:
            raise NotFound("没有找到这份文件") from None
        data = unseal(self._key_of(case_id), sealed, _context(case_id, sha256))
        if hashlib.sha256(data).hexdigest() != sha256:
            raise TamperError("存储的数据与写入时不一致", "请停止使用这份记录，并联系管理员核查")
        return data

    def _path(self, case_id: str, digest: str) -> Path:
        if not case_id.replace("_", "").replace("-", "").isalnum() or not digest.isalnum():
            raise NotFound("没有找到这份文件")
        return self._folder / case_id / digest[:2] / digest


def _context(case_id: str, digest: str) -> str:
    return f"blob:{case_id}:{digest}"


def _write_durably(path: Path, data: bytes) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    partial = path.with_name(f".{path.name}.{secrets.token_hex(8)}")
    try:
        with partial.open("xb") as stream:
            stream.write(data)
            stream.flush()
            os.fsync(stream.fileno())
        partial.replace(path)
    finally:
        partial.unlink(missing_ok=True)
    for folder in (path.parent, path.parent.parent, path.parent.parent.parent):
        sync_folder(folder)
