"""The WebSockets: Hello, heartbeat, the newest view after every change, signalling between two ends of a call."""

import asyncio
import contextlib
from collections.abc import Awaitable, Callable, Mapping
from typing import Protocol
from urllib.parse import urlsplit

from fastapi import WebSocket
from pydantic import ValidationError
from starlette.websockets import WebSocketDisconnect, WebSocketState

from signing.domain.errors import InputError, LoggedOut, NotLoggedIn, SigningError
from signing.service.one_of_many import stops_all
from signing.web.errors import as_error_body
from signing.web.hub import GoneReason, Hub, Link, Overflow
from signing.wire.board import BoardView
from signing.wire.phone import PhoneView
from signing.wire.signal import Hello, Lead, Ping, Pong, Refused, Sdp, client_frame
from signing.wire.staff import SeatView

View = SeatView | PhoneView | BoardView

HELLO_SECONDS = 5.0
HEARTBEAT_SECONDS = 15.0
COALESCE_SECONDS = 0.05
"""Changes within this time of a view are shown together in the next."""
AGAIN_SECONDS = 1.0
MAX_REFUSALS = 20

POLICY, NORMAL, AWAY = 1008, 1000, 1001


_WHY_GONE: Mapping[str, GoneReason] = {"other_device": "other_device", "session_ended": "ended"}


class Side(Protocol):
    """One end of a socket after its Hello: a seat or a party."""

    link: Link

    async def view(self) -> View:
        """The whole display; sets ``link.topics`` to what it shows. Raises ``NotLoggedIn`` once the session ended."""
        ...

    async def moved(self) -> View:
        """As ``view``, where only others in the queue have changed."""
        ...

    async def relay(self, frame: Sdp) -> None:
        """Hands an SDP to the other end of the call. Raises ``ConflictError``, ``InputError``."""
        ...

    async def lead(self, frame: Lead) -> None:
        """Hands to a phone where its agent leads. Raises ``ConflictError``, ``InputError``."""
        ...


Admit = Callable[[str], Awaitable[Side]]


def same_origin(socket: WebSocket, allowed: str) -> bool:
    """True without an Origin (no browser), or where it is the host asked for, or that of ``allowed`` (a URL)."""
    origin = socket.headers.get("origin")
    if origin is None:
        return True
    host = urlsplit(origin).netloc.lower()
    return bool(host) and host in (socket.headers.get("host", "").lower(), urlsplit(allowed).netloc.lower())


async def serve(socket: WebSocket, hub: Hub, admit: Admit, now: Callable[[], Pong]) -> None:
    """Runs one socket to its end. ``now`` makes an empty Pong on the service's clock."""
    await socket.accept()
    side = await _hello(socket, admit)
    if side is None:
        return
    hub.join(side.link)
    try:
        await _both(socket, side, now)
    finally:
        hub.part(side.link)


async def _hello(socket: WebSocket, admit: Admit) -> Side | None:
    try:
        async with asyncio.timeout(HELLO_SECONDS):
            frame = client_frame.validate_json(await socket.receive_text())
        if not isinstance(frame, Hello):
            raise InputError("第一条消息应为登录", "请重新连接")
        return await admit(frame.token)
    except (WebSocketDisconnect, KeyError):
        await _close(socket, POLICY)
    except TimeoutError:
        await _close(socket, POLICY)
    except (ValidationError, SigningError) as error:
        await _refuse_and_close(socket, error)
    return None


async def _refuse_and_close(socket: WebSocket, error: Exception) -> None:
    with contextlib.suppress(WebSocketDisconnect, RuntimeError):
        await socket.send_text(Refused(error=as_error_body(error)).model_dump_json())
    await _close(socket, POLICY)


async def _both(socket: WebSocket, side: Side, now: Callable[[], Pong]) -> None:
    """Reads and writes until either ends; the other is cancelled and awaited."""
    tasks = [
        asyncio.create_task(_read(socket, side, now), name=f"ws-read {side.link.key}"),
        asyncio.create_task(_write(socket, side), name=f"ws-write {side.link.key}"),
    ]
    try:
        await asyncio.wait(tasks, return_when=asyncio.FIRST_COMPLETED)
    finally:
        for task in tasks:
            task.cancel()
        ended = await asyncio.gather(*tasks, return_exceptions=True)
    code = AWAY if any(isinstance(result, TimeoutError | Overflow) for result in ended) else NORMAL
    await _close(socket, code)
    for result in ended:
        if isinstance(result, Exception) and not isinstance(result, _EXPECTED):
            as_error_body(result)


_EXPECTED = (WebSocketDisconnect, TimeoutError, Overflow)


async def _read(socket: WebSocket, side: Side, now: Callable[[], Pong]) -> None:
    """Raises ``TimeoutError`` where no Ping came in time, ``WebSocketDisconnect`` where the client left."""
    loop = asyncio.get_running_loop()
    deadline = loop.time() + HEARTBEAT_SECONDS
    refusals = 0
    while refusals < MAX_REFUSALS:
        async with asyncio.timeout_at(deadline):
            message = await socket.receive()
        if message["type"] == "websocket.disconnect":
            raise WebSocketDisconnect(message.get("code", NORMAL))
        try:
            frame = client_frame.validate_json(message.get("text") or message.get("bytes") or b"")
            if isinstance(frame, Ping):
                deadline = loop.time() + HEARTBEAT_SECONDS
                side.link.says(frozenset(frame.carries), loop.time())
                side.link.send(now().model_copy(update={"n": frame.n}))
            elif isinstance(frame, Sdp):
                await side.relay(frame)
            elif isinstance(frame, Lead):
                await side.lead(frame)
            else:
                raise InputError("已经登录过了", "无需重复登录")
        except (ValidationError, SigningError) as error:
            refusals += 1
            side.link.send(Refused(error=as_error_body(error)))
        if side.link.overflowed:
            raise Overflow(side.link.key)


async def _write(socket: WebSocket, side: Side) -> None:
    """Sends the view where it is stale and has changed, then what waits; ends after ``Gone``."""
    shown: View | None = None
    link = side.link
    link.touch()
    while True:
        frames = await link.wait()
        if (link.stale or link.moved) and link.gone is None:
            shown = await _show(socket, side, shown)
        for frame in frames:
            await socket.send_text(frame.model_dump_json())
        if link.gone is not None:
            await socket.send_text(link.gone.model_dump_json())
            return
        await asyncio.sleep(COALESCE_SECONDS)


async def _show(socket: WebSocket, side: Side, shown: View | None) -> View | None:
    link = side.link
    whole, subscribed = link.stale or shown is None, (link.topics, link.crowd)
    link.stale = link.moved = False
    try:
        view = await (side.view() if whole else side.moved())
    except NotLoggedIn as over:
        link.leave("logged_out" if isinstance(over, LoggedOut) else _WHY_GONE.get(over.code, "expired"))
        return shown
    except SigningError as error:
        if not stops_all(error):
            await socket.send_text(Refused(error=as_error_body(error)).model_dump_json())
            raise
        # The database is away: what was shown last stays, and nobody has to connect anew for it.
        await asyncio.sleep(AGAIN_SECONDS)
        link.touch()
        return shown
    if (link.topics, link.crowd) != subscribed:
        # What it shows is new: a change of it may have come between the look and the subscription.
        link.touch()
    if shown is None or view != shown.model_copy(update={"server_time": view.server_time}):
        await socket.send_text(view.model_dump_json())
    return view


async def _close(socket: WebSocket, code: int) -> None:
    if socket.application_state is WebSocketState.CONNECTED and socket.client_state is WebSocketState.CONNECTED:
        with contextlib.suppress(RuntimeError, WebSocketDisconnect):
            await socket.close(code)
