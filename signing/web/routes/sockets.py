"""``/api/seat/ws``, ``/api/board/ws`` and ``/api/phone/ws``."""

from functools import partial

from fastapi import APIRouter, WebSocket

from signing.domain.errors import TooMany
from signing.web.context import Web, address_of, web_of
from signing.web.sides import admit_board, admit_phone, admit_seat
from signing.web.sockets import POLICY, Admit, same_origin, serve
from signing.wire.signal import Pong

router = APIRouter()


@router.websocket("/api/seat/ws")
async def seat_socket(socket: WebSocket) -> None:
    await _serve(socket, web_of(socket), partial(admit_seat, web_of(socket)))


@router.websocket("/api/board/ws")
async def board_socket(socket: WebSocket) -> None:
    await _serve(socket, web_of(socket), partial(admit_board, web_of(socket)))


@router.websocket("/api/phone/ws")
async def phone_socket(socket: WebSocket) -> None:
    await _serve(socket, web_of(socket), partial(admit_phone, web_of(socket)))


async def _serve(socket: WebSocket, web: Web, admit: Admit) -> None:
    """Refused before it is accepted where the page is not ours or the address comes too often."""
    try:
        web.limits.sockets.use(address_of(socket), web.monotonic())
        welcome = same_origin(socket, web.services.base_url)
    except TooMany:
        welcome = False
    if not welcome:
        await socket.close(POLICY)
        return
    await serve(socket, web.hub, admit, lambda: Pong(n=0, server_time=web.services.clock.now()))
