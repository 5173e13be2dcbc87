"""Where a data folder's blobs lie: in the folder itself, or in the bucket that its file ``objects.url`` names."""

import os
import secrets
from collections.abc import Callable, Iterator, Mapping
from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING

from signing.adapters.blobs import FolderObjects, Objects, SealedBlobs
from signing.adapters.sealed import Sealed
from signing.domain.errors import InputError
from signing.domain.whynot import why

if TYPE_CHECKING:
    from signing.adapters.object_store import S3Objects

FOLDER = "blobs"
RECORD = "objects.url"
CREDENTIALS = "objects.env"
"""In the data folder, where neither ``--objects-file`` nor the environment says otherwise."""


def open_blobs(data: Path, url: str, credentials: Path | None, key_of: Callable[[str], bytes]) -> SealedBlobs:
    """The data folder's blobs. ``url`` is kept at the first use, so that every command finds the same place.

    Raises ``InputError`` where ``url`` is another place than the one that already holds this folder's blobs.
    """
    there = recorded(data)
    if url and url.rstrip("/") != there:
        _require_new(data, there, url)
        objects = open_objects(url, data, credentials)
        record(data, url)
        return SealedBlobs(objects, key_of)
    if not there:
        return SealedBlobs(FolderObjects(data / FOLDER), key_of)
    return SealedBlobs(LaterObjects(lambda: open_objects(there, data, credentials)), key_of)


def folders(data: Path) -> list[Path]:
    """The folders of this machine that the service writes to: the data folder, and the blobs' where that is another."""
    there = recorded(data)
    return [data, Path(there)] if there and "://" not in there else [data]


def open_objects(url: str, data: Path, credentials: Path | None = None) -> Objects:
    """``s3://bucket/prefix``, or a folder's path. Raises ``InputError``."""
    return open_s3(url, data, credentials) if "://" in url else _folder(Path(url))


def open_source(url: str, data: Path, credentials: Path | None = None) -> Objects:
    """As ``open_objects``, of what is there already. Raises ``InputError``; makes nothing."""
    if "://" not in url and not Path(url).is_dir():
        raise InputError(f"没有目录 {url}，没有可复制的文件", "请检查 --from")
    objects = open_objects(url, data, credentials)
    if next(iter(objects.names()), None) is None:
        raise InputError(f"{url} 里没有文件，没有可复制的", "请检查 --from")
    return objects


def _folder(path: Path) -> FolderObjects:
    try:
        return FolderObjects(path)
    except OSError as error:
        why = "已有同名的文件" if isinstance(error, FileExistsError | NotADirectoryError) else "没有权限或磁盘有问题"
        raise InputError(f"{path} 不能用作目录（{why}）", "请换一个目录") from None


class LaterObjects:
    """The recorded bucket, reached at the first use: who only stops a queue needs no key of the store."""

    def __init__(self, opened: Callable[[], Objects]) -> None:
        self.opened = cache(opened)

    def has(self, name: str) -> bool:
        return self.opened().has(name)

    def put(self, name: str, sealed: Sealed) -> None:
        self.opened().put(name, sealed)

    def get(self, name: str) -> Sealed:
        return self.opened().get(name)

    def names(self) -> Iterator[str]:
        return self.opened().names()


def require_reachable(blobs: object) -> None:
    """What a service does at its start. Raises ``InputError`` where the keys of the store are lacking."""
    if isinstance(blobs, SealedBlobs) and isinstance(blobs.objects, LaterObjects):
        blobs.objects.opened()


def open_s3(url: str, data: Path, credentials: Path | None = None) -> "S3Objects":
    """Raises ``InputError``."""
    from signing.adapters.object_store import S3Objects, access_from

    return S3Objects(url, access_from(credential_values(data, credentials), how_to_give(data)))


def how_to_give(data: Path) -> str:
    """Where every command finds the store's keys."""
    return f"把密钥文件存为 {data / CREDENTIALS}（chmod 600），或用环境变量 PINGQIAN_OBJECTS_FILE 指出它在哪里"


def credential_values(data: Path, named: Path | None, environment: Mapping[str, str] = os.environ) -> dict[str, str]:
    """The environment, and over it the ``NAME=VALUE`` lines of the file that is named there or here, if any."""
    said = environment.get("PINGQIAN_OBJECTS_FILE", "")
    given = named or (Path(said) if said else None)
    path = given or data / CREDENTIALS
    if given is None and not path.exists():
        return dict(environment)
    return {**environment, **_lines(path)}


def _lines(path: Path) -> dict[str, str]:
    try:
        if os.name != "nt" and path.stat().st_mode & 0o077:
            raise InputError(f"密钥文件 {path.name} 其他用户也能读", f"请运行 chmod 600 {path}")
        lines = path.read_text(encoding="utf-8").splitlines()
    except OSError as error:
        raise InputError(f"读不了密钥文件 {path}（{why(error)}）", "请检查路径和权限") from None
    pairs = [line.partition("=") for line in map(str.strip, lines) if line and not line.startswith("#")]
    return {name.strip(): value.strip().strip("\"'") for name, _, value in pairs}


def recorded(data: Path) -> str:
    """The bucket's address without its last slash; empty where the blobs lie in the folder."""
    path = data / RECORD
    return path.read_text(encoding="utf-8").strip().rstrip("/") if path.exists() else ""


def record(data: Path, url: str) -> None:
    """Complete before it has its name."""
    partial = data / f".{RECORD}.{secrets.token_hex(4)}"
    with partial.open("x", encoding="utf-8") as stream:
        stream.write(url.rstrip("/") + "\n")
        stream.flush()
        os.fsync(stream.fileno())
    partial.replace(data / RECORD)


def _require_new(data: Path, there: str, url: str) -> None:
    if there:
        raise InputError(f"这个数据目录的文件在 {there}，不在 {url}", _HOW_TO_MOVE)
    folder = data / FOLDER
    if folder.exists() and next(FolderObjects(folder).names(), None) is not None:
        raise InputError("这个数据目录里已有文件，不能直接改用对象存储", _HOW_TO_MOVE)


_HOW_TO_MOVE = "请先停止服务，用 pingqian blobs copy --to 地址 --switch 搬迁并核对"
