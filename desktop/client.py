"""The service over HTTP, typed by the wire messages. Runs on the bridge's loop."""

import asyncio
import ssl
from collections.abc import Callable
from pathlib import Path
from typing import TypeVar
from urllib.parse import urlsplit

import httpx
from pydantic import BaseModel, ValidationError

from desktop.bridge import Trouble
from signing.wire.accounts import BeginTotp, ChangePassword, TakeAccount, TotpEnrolment
from signing.wire.base import ErrorBody, Message
from signing.wire.staff import LoggedIn, LogIn

M = TypeVar("M", bound=BaseModel)
Progress = Callable[[int, int], None]
"""(bytes done, bytes in all; 0 where unknown), called on the bridge's loop."""

CHUNK = 256 * 1024
TIMEOUT = httpx.Timeout(20.0, connect=5.0)
STRANGER = "请检查网络，例如是否要先在浏览器里登录上网，然后重试"
AGAIN = "请检查网络后重试"
SLOW = httpx.Timeout(300.0, connect=5.0)
BROKEN = (httpx.RequestError, ssl.SSLError)
"""What comes of a connection that fails. httpx lets through what TLS says of one that was up already."""


def unreachable(server: str, error: Exception, hint: str = AGAIN) -> Trouble:
    """What a person is told when nobody answers at ``server``, or somebody whom this machine does not trust.

    ``hint`` is for an answer that is late: the request itself has arrived.
    """
    where = urlsplit(server).netloc or server
    if _distrusted(error):
        hint = "请先核对本机的日期和时间，再请管理员核对服务的地址和证书，然后重试"
        return Trouble(f"不能确认对方就是本社的服务（{where}），没有发出任何内容", hint, code="unreachable")
    if isinstance(error, httpx.ReadTimeout):
        return Trouble(f"服务（{where}）没有及时答复", hint, code="unreachable")
    return Trouble(f"连不上服务（{where}）", "请检查网络，或请管理员确认服务已启动，然后重试", code="unreachable")


def _distrusted(error: Exception) -> bool:
    """Whether the handshake of TLS failed, over whatever the libraries have wrapped it in.

    Who merely breaks it off, as a service does that ends, has not shown who they are.
    """
    cause: BaseException | None = error if isinstance(error, httpx.ConnectError) else None
    while cause is not None:
        if isinstance(cause, ssl.SSLError):
            return not isinstance(cause, ssl.SSLEOFError | ssl.SSLZeroReturnError)
        cause = cause.__cause__ or cause.__context__
    return False


def tls(server: str, ca: Path | None) -> ssl.SSLContext | None:
    """The context for an ``https`` server, trusting ``ca`` beside the system's authorities."""
    if not server.startswith("https"):
        return None
    context = ssl.create_default_context()
    if ca is not None:
        context.load_verify_locations(cafile=ca)
    return context


class Client:
    """One per window. ``token`` is set by ``log_in`` and sent as the bearer of every request."""

    def __init__(self, server: str, ca: Path | None = None) -> None:
        self.server = server.rstrip("/")
        self.context = tls(server, ca)
        self.token = ""
        verify = self.context if self.context is not None else True
        self._http = httpx.AsyncClient(base_url=self.server, timeout=TIMEOUT, verify=verify, trust_env=False)

    async def close(self) -> None:
        await self._http.aclose()

    async def log_in(self, username: str, password: str, code: str = "") -> LoggedIn:
        wanted = LogIn(username=username, password=password, code=code)
        answer = await self.post("/api/staff/login", wanted, LoggedIn)
        self.token = answer.token
        return answer

    async def begin_totp(self, username: str, password: str) -> TotpEnrolment:
        return await self.post("/api/staff/totp", BeginTotp(username=username, password=password), TotpEnrolment)

    async def take_account(self, username: str, password: str, code: str, new: str) -> None:
        """A confirmed account, by its owner: from here on ``new`` is its password."""
        await self.send("/api/staff/take", TakeAccount(username=username, password=password, code=code, new=new))

    async def change_password(self, old: str, new: str) -> None:
        await self.send("/api/staff/password", ChangePassword(old=old, new=new))

    async def log_out(self) -> None:
        try:
            await self.send("/api/staff/logout")
        finally:
            self.token = ""

    async def get(self, path: str, kind: type[M], **query: str) -> M:
        return read(kind, await self._request("GET", path, params=query or None))

    async def post(
        self, path: str, body: Message | None, kind: type[M], limit: httpx.Timeout = TIMEOUT, once: str = ""
    ) -> M:
        """``once``: a key under which the service does it once, however often it is asked."""
        headers = {"Idempotency-Key": once} if once else None
        return read(kind, await self._request("POST", path, body=body, headers=headers, limit=limit))

    async def send(
        self, path: str, body: Message | None = None, limit: httpx.Timeout = TIMEOUT, method: str = "POST"
    ) -> None:
        """A command whose answer is only yes or no."""
        await self._request(method, path, body=body, limit=limit)

    async def post_bytes(self, path: str, content: bytes, kind: type[M], headers: dict[str, str]) -> M:
        return read(kind, await self._request("POST", path, content=content, headers=headers, limit=SLOW))

    async def post_for_bytes(self, path: str, body: Message, header: str) -> tuple[bytes, str]:
        """A command whose answer is a file; with one of the answer's headers, empty where it has none such."""
        answer = await self._request("POST", path, body=body, limit=SLOW)
        return answer.content, answer.headers.get(header, "")

    async def get_bytes(self, path: str) -> bytes:
        return (await self._request("GET", path, limit=SLOW)).content

    async def put_bytes(self, path: str, content: bytes, kind: type[M], headers: dict[str, str]) -> M:
        return read(kind, await self._request("PUT", path, content=content, headers=headers, limit=SLOW))

    async def download(self, path: str, target: Path, progress: Progress) -> None:
        """Streams an answer into ``target``, which must not be trusted before this returns."""
        try:
            async with self._http.stream("GET", path, headers=self._bearer(), timeout=SLOW) as answer:
                if not _is_the_services(answer):
                    await answer.aread()
                    raise refusal(answer)
                await _write_chunks(answer, target, progress)
        except BROKEN as error:
            raise unreachable(self.server, error) from error

    async def _request(
        self,
        method: str,
        path: str,
        *,
        body: Message | None = None,
        content: bytes | None = None,
        params: dict[str, str] | None = None,
        headers: dict[str, str] | None = None,
        limit: httpx.Timeout = TIMEOUT,
    ) -> httpx.Response:
        sent = self._bearer() | (headers or {})
        if body is not None:
            content = body.model_dump_json().encode()
            sent["Content-Type"] = "application/json"
        try:
            answer = await self._http.request(method, path, content=content, params=params, headers=sent, timeout=limit)
        except BROKEN as error:
            raise unreachable(self.server, error, _late(method, path)) from error
        if not _is_the_services(answer):
            raise refusal(answer)
        return answer

    def _bearer(self) -> dict[str, str]:
        return {"Authorization": f"Bearer {self.token}"} if self.token else {}


def _late(method: str, path: str) -> str:
    """What to do about an answer that does not come: what was asked for may be done by now, where it does anything."""
    if path in ("/api/staff/login", "/api/staff/totp"):
        return f"还没有登录，{AGAIN}"
    return AGAIN if method == "GET" else f"{AGAIN}；这一步也可能已经办成"


def read(kind: type[M], answer: httpx.Response) -> M:
    """Raises ``Trouble`` where the service speaks another version of the wire."""
    try:
        return kind.model_validate_json(answer.content)
    except ValidationError as error:
        raise Trouble("服务的回复无法识别", "客户端与服务的版本可能不一致，请联系管理员", code="version") from error


def _is_the_services(answer: httpx.Response) -> bool:
    """A page or another address in place of an answer comes from what stands between, such as a network's log-in."""
    kind = answer.headers.get("Content-Type", "")
    return answer.is_success and not kind.startswith("text/html")


def refusal(answer: httpx.Response) -> Trouble:
    """A refused request in the service's own words, or in ours where something else answered."""
    if answer.is_redirect or answer.is_success:
        return Trouble("答话的不是业务服务", STRANGER, code="unreachable")
    try:
        body = ErrorBody.model_validate_json(answer.content)
    except ValidationError:
        return Trouble(
            f"服务没有完成请求（HTTP {answer.status_code}）", "请稍后重试", code=f"http.{answer.status_code}"
        )
    return Trouble(body.message, body.hint, code=body.code)


async def _write_chunks(answer: httpx.Response, target: Path, progress: Progress) -> None:
    size = int(answer.headers.get("Content-Length", 0))
    done = 0
    with target.open("wb") as file:
        async for chunk in answer.aiter_bytes(CHUNK):
            await asyncio.to_thread(file.write, chunk)
            done += len(chunk)
            progress(done, size)
