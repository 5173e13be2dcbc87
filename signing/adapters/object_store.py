"""Blobs in a bucket of an S3-compatible store; the only importer of obstore.

Only sealed bytes leave the process. Where the store knows conditional writes (``If-None-Match: *``, RFC 9110 13.1.2) it
is the store that refuses a second one; where it does not, nothing is written before the name was looked for, and what
two writers could write at the same moment are the same bytes for the same key.
"""

import logging
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from datetime import timedelta
from functools import partial
from typing import TYPE_CHECKING, TypeVar
from urllib.parse import urlsplit

import obstore
from obstore import exceptions
from obstore.store import S3Store

from signing.adapters.keys import Sealed
from signing.domain.errors import InputError, NotFound, OutsideError, TamperError
from signing.domain.whynot import why

if TYPE_CHECKING:
    from obstore.store import ClientConfig, RetryConfig, S3Config

T = TypeVar("T")
_LOG = logging.getLogger(__name__)
LARGE_BYTES = 8 << 20
"""From here on a request has the patience for a whole recording over a slow line."""


@dataclass(frozen=True)
class Patience:
    """``request``: how long one try may take. No further try begins after ``within``."""

    request: timedelta = timedelta(seconds=30)
    connect: timedelta = timedelta(seconds=5)
    tries: int = 5
    within: timedelta = timedelta(seconds=45)


LARGE = Patience(request=timedelta(minutes=15), tries=3, within=timedelta(minutes=4))


@dataclass(frozen=True)
class Access:
    """How the store is reached; from the environment or a file, by the names that every S3 tool uses."""

    key_id: str
    secret: str
    region: str
    endpoint: str
    session_token: str
    root_certificate: str

    def __repr__(self) -> str:
        """Without what opens the store."""
        return f"Access(endpoint={self.endpoint!r}, region={self.region!r})"


def access_from(values: Mapping[str, str], how: str = "") -> Access:
    """Reads ``AWS_ACCESS_KEY_ID``, ``AWS_SECRET_ACCESS_KEY``, ``AWS_REGION``, ``AWS_ENDPOINT_URL``,
    ``AWS_SESSION_TOKEN`` and ``AWS_CA_BUNDLE`` (a path). Raises ``InputError`` where the first two are missing; it also
    says ``how`` else they may be given."""
    key_id, secret = values.get("AWS_ACCESS_KEY_ID", ""), values.get("AWS_SECRET_ACCESS_KEY", "")
    if not key_id or not secret:
        hint = "请在环境变量或密钥文件里给出 AWS_ACCESS_KEY_ID 和 AWS_SECRET_ACCESS_KEY"
        raise InputError("没有对象存储的访问密钥", f"{hint}；{how}" if how else hint)
    return Access(
        key_id,
        secret,
        values.get("AWS_REGION") or values.get("AWS_DEFAULT_REGION") or "us-east-1",
        values.get("AWS_ENDPOINT_URL_S3") or values.get("AWS_ENDPOINT_URL") or values.get("AWS_ENDPOINT") or "",
        values.get("AWS_SESSION_TOKEN", ""),
        values.get("AWS_CA_BUNDLE", ""),
    )


def split_url(url: str) -> tuple[str, str]:
    """``s3://bucket/some/prefix`` → bucket and prefix. Raises ``InputError``."""
    parts = urlsplit(url)
    if parts.scheme != "s3" or not parts.netloc or parts.query or parts.fragment or "@" in parts.netloc:
        raise InputError(f"不认识的对象存储地址 {parts.scheme}://{parts.hostname or ''}", "请写成 s3://存储桶/前缀")
    return parts.netloc, parts.path.strip("/")


class S3Objects:
    """``Objects`` under a prefix of a bucket."""

    def __init__(self, url: str, access: Access, patience: Patience = Patience(), large: Patience = LARGE) -> None:
        bucket, prefix = split_url(url)
        self._small = _client(bucket, prefix, access, patience)
        self._large = _client(bucket, prefix, access, large)

    def has(self, name: str) -> bool:
        return self._size(name) is not None

    def put(self, name: str, sealed: Sealed) -> None:
        """An answer that was lost on the way makes the next try find the name: then it must be there whole."""
        store = self._large if len(sealed) >= LARGE_BYTES else self._small
        try:
            _asked(partial(obstore.put, store, name, sealed, mode="create", use_multipart=False))
        except exceptions.AlreadyExistsError:
            _require_whole(self._size(name), len(sealed))
        except exceptions.NotSupportedError:
            if not self.has(name):
                _asked(partial(obstore.put, store, name, sealed, use_multipart=False))

    def get(self, name: str) -> Sealed:
        try:
            return _asked(partial(_fetch, self._large, name))
        except FileNotFoundError:
            raise NotFound("没有找到这份文件") from None

    def names(self) -> Iterator[str]:
        pages = iter(obstore.list(self._small))
        while (page := _asked(partial(next, pages, None))) is not None:
            for meta in page:
                yield meta["path"]

    def refuses_overwriting(self, name: str) -> bool:
        """Puts something under the fresh ``name``, something else over it, looks which is there, and removes it.

        Raises ``OutsideError`` where the store does not give back what it was given.
        """
        self.put(name, b"first")
        before = bytes(self.get(name))
        self.put(name, b"other")
        after = bytes(self.get(name))
        _asked(partial(obstore.delete, self._small, name))
        if before != b"first" or after not in (b"first", b"other"):
            raise OutsideError("对象存储读回的内容与写入的不同", "请换用兼容 S3 的对象存储")
        return after == b"first"

    def _size(self, name: str) -> int | None:
        try:
            return int(_asked(partial(obstore.head, self._small, name))["size"])
        except FileNotFoundError:
            return None


def _fetch(store: S3Store, name: str) -> Sealed:
    found = obstore.get(store, name)
    body = memoryview(found.bytes())
    if len(body) != found.meta["size"]:
        raise exceptions.GenericError("the body ended early")
    return body


def _require_whole(found: int | None, wanted: int) -> None:
    if found is None:
        raise OutsideError("对象存储没有保存成功", "请稍后重试；若持续出现请联系管理员检查对象存储")
    if found != wanted:
        raise TamperError("对象存储里的文件与要写入的不一致", "请停止使用这份记录，并联系管理员核查")


def _client(bucket: str, prefix: str, access: Access, patience: Patience) -> S3Store:
    client: ClientConfig = {
        "timeout": patience.request,
        "connect_timeout": patience.connect,
        "allow_http": access.endpoint.startswith("http://"),
    }
    if access.root_certificate:
        client["root_certificate"] = _pem(access.root_certificate)
    config: S3Config = {
        "access_key_id": access.key_id,
        "secret_access_key": access.secret,
        "region": access.region,
    }
    if access.endpoint:
        config["endpoint"] = access.endpoint
    if access.session_token:
        config["session_token"] = access.session_token
    retry: RetryConfig = {
        "max_retries": patience.tries - 1,
        "retry_timeout": patience.within,
        "backoff": {"init_backoff": timedelta(milliseconds=200), "max_backoff": timedelta(seconds=5), "base": 2},
    }
    return S3Store(bucket, prefix=prefix or None, config=config, client_options=client, retry_config=retry)


def _pem(path: str) -> bytes:
    try:
        with open(path, "rb") as stream:  # noqa: PTH123 - a name from the environment
            return stream.read()
    except OSError as error:
        raise InputError(f"读不了根证书文件 {path}（{why(error)}）", "请检查 AWS_CA_BUNDLE") from None


def _asked(act: Callable[[], T]) -> T:
    """What the store answered; a failure in words, with its kind and first line in the log and never a credential."""
    try:
        return act()
    except (exceptions.AlreadyExistsError, exceptions.NotSupportedError):
        raise
    except (exceptions.UnauthenticatedError, exceptions.PermissionDeniedError, PermissionError) as error:
        _tell(error)
        raise OutsideError("对象存储拒绝了访问", "请联系管理员检查访问密钥和存储桶权限") from None
    except (exceptions.NotFoundError, FileNotFoundError) as error:
        if "NoSuchBucket" in str(error):
            raise OutsideError("对象存储里没有这个存储桶", "请联系管理员检查 --objects 的地址") from None
        raise FileNotFoundError from None
    except exceptions.BaseError as error:
        if " 501 " in str(error):
            raise exceptions.NotSupportedError(str(error)) from None
        _tell(error)
        raise OutsideError("对象存储没有回应或回应不完整", "请稍后重试；若持续出现请联系管理员检查对象存储") from None


def _tell(error: Exception) -> None:
    _LOG.warning("object store: %s: %s", type(error).__name__, str(error).partition("\n")[0][:300])
