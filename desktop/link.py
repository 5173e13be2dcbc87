"""The seat's or the board's socket: whole views in, SDP both ways, reconnecting by itself with a growing pause."""

import asyncio
import contextlib
import random
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any
from urllib.parse import urlsplit, urlunsplit

from pydantic import TypeAdapter, ValidationError
from websockets.asyncio.client import ClientConnection, connect
from websockets.exceptions import ConnectionClosed, WebSocketException

from desktop.client import Client
from signing.wire.board import BoardView
from signing.wire.signal import Gone, Hello, Lead, Ping, Pong, Refused, Sdp, board_push, seat_push
from signing.wire.staff import SeatView

PING_SECONDS = 2.0
SILENCE_SECONDS = 6.0
"""Where the seat's network has changed nobody says so, and customers wait meanwhile."""
LONGEST_PAUSE = 15.0
Push = SeatView | BoardView | Pong | Sdp | Refused | Gone


@dataclass(frozen=True)
class LinkUp:
    """The socket is open and the first view is on its way."""


@dataclass(frozen=True)
class LinkDown:
    """``retry_seconds`` is None where reconnecting is pointless (logged out, replaced, session expired)."""

    message: str
    retry_seconds: float | None


Listener = Callable[[Push | LinkUp | LinkDown], None]

GONE_TEXTS = {
    "replaced": "此账号已在另一台电脑登录，本窗口不再接收业务",
    "logged_out": "您已退出登录",
    "expired": "登录已过期，请重新登录",
    "ended": "这次登录已被结束，请重新登录；有疑问请联系管理员",
}


def pause(attempt: int, jitter: float) -> float:
    """Seconds before attempt number ``attempt`` (from 1): 0.5, 1, 2 … 15, less up to a quarter by ``jitter`` 0…1."""
    return float(min(LONGEST_PAUSE, 0.5 * 2 ** min(attempt - 1, 10)) * (1 - 0.25 * jitter))


class PushLink:
    """``run`` until cancelled; ``listener`` is called on the loop and must return at once."""

    def __init__(
        self,
        client: Client,
        listener: Listener,
        path: str,
        frames: TypeAdapter[Any],
        carries: Callable[[], list[str]] = list,
    ) -> None:
        self._client = client
        self._carries = carries
        self._path = path
        self._frames = frames
        self._listener = listener
        self._socket: ClientConnection | None = None
        self._attempt = 0

    async def run(self) -> None:
        while True:
            final = await self._once()
            if final:
                self._listener(LinkDown(final, None))
                return
            self._attempt += 1
            seconds = pause(self._attempt, random.random())  # noqa: S311 - only spreads reconnects
            self._listener(LinkDown("与服务的连接中断", seconds))
            await asyncio.sleep(seconds)

    async def send(self, frame: Sdp | Lead) -> bool:
        """False where there is no connection to send on; the phone then offers again."""
        if self._socket is None:
            return False
        try:
            await self._socket.send(frame.model_dump_json())
        except ConnectionClosed:
            return False
        return True

    async def _once(self) -> str:
        """One connection until it ends. Returns a final reason, or nothing where reconnecting may help."""
        try:
            async with connect(
                self._url(), ssl=self._client.context, proxy=None, ping_interval=None, max_size=4 * 1024 * 1024,
                open_timeout=6, close_timeout=2,
            ) as socket:  # fmt: skip
                await socket.send(Hello(token=self._client.token).model_dump_json())
                return await self._converse(socket)
        except (OSError, WebSocketException, TimeoutError):
            return ""
        finally:
            self._socket = None

    async def _converse(self, socket: ClientConnection) -> str:
        self._socket = socket
        pinging = asyncio.create_task(self._ping(socket))
        try:
            return await self._listen(socket)
        finally:
            pinging.cancel()
            with contextlib.suppress(asyncio.CancelledError, ConnectionClosed):
                await pinging

    async def _listen(self, socket: ClientConnection) -> str:
        first = True
        while True:
            text = await asyncio.wait_for(socket.recv(), SILENCE_SECONDS)
            try:
                push: Push = self._frames.validate_json(text)
            except ValidationError:
                return "服务的消息无法识别，客户端与服务的版本可能不一致，请联系管理员"
            if isinstance(push, Gone):
                return GONE_TEXTS.get(push.reason, "")
            if first and isinstance(push, Refused):
                return push.error.message
            if first:
                self._attempt = 0
                self._listener(LinkUp())
                first = False
            self._listener(push)

    async def _ping(self, socket: ClientConnection) -> None:
        number = 0
        while True:
            await asyncio.sleep(PING_SECONDS)
            ping = Ping(n=number, carries=self._carries())
            # a service from before there were `carries` refuses them, even none
            await socket.send(ping.model_dump_json(exclude=None if ping.carries else {"carries"}))
            number += 1

    def _url(self) -> str:
        parts = urlsplit(self._client.server)
        scheme = "wss" if parts.scheme == "https" else "ws"
        return urlunsplit((scheme, parts.netloc, parts.path + self._path, "", ""))


def seat_link(client: Client, listener: Listener, carries: Callable[[], list[str]] = list) -> PushLink:
    """``carries``: the parties whose picture or sound comes; told with each heartbeat."""
    return PushLink(client, listener, "/api/seat/ws", seat_push, carries)


def board_link(client: Client, listener: Listener) -> PushLink:
    return PushLink(client, listener, "/api/board/ws", board_push)
