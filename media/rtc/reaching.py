"""Whether a STUN or TURN server answers, and how fast: a call's own steps without the call (RFC 8489, 8656)."""

import asyncio
import ssl
import time

from aioice import stun, turn
from aiortc.rtcicetransport import parse_stun_turn_uri

from media.errors import Unavailable

SECONDS = 5.0
SENDINGS = 3
"""Of a STUN request, which may be lost on its way."""


async def reach(url: str, username: str = "", password: str = "", seconds: float = SECONDS) -> float:
    """→ milliseconds until a STUN server has told our address, or a TURN server has given us one of its own.

    Raises ``Unavailable`` with what is the matter, in words for the agent.
    """
    try:
        where = parse_stun_turn_uri(url)
    except ValueError as error:
        raise Unavailable("地址写错了，请告诉管理员") from error
    began = time.monotonic()
    try:
        async with asyncio.timeout(seconds):
            if where["scheme"] in ("stun", "stuns"):
                await _bind((where["host"], where["port"]))
            else:
                await _allocate(where, username, password)
    except TimeoutError as error:
        raise Unavailable(f"{seconds:.0f} 秒没有应答，可能被防火墙拦住") from error
    except stun.TransactionTimeout as error:
        raise Unavailable("没有应答，可能被防火墙拦住") from error
    except stun.TransactionFailed as error:
        raise Unavailable("服务器拒绝了凭证，请告诉管理员") from error
    except (OSError, ssl.SSLError) as error:
        raise Unavailable("连不上，可能被防火墙拦住或服务没有运行") from error
    return (time.monotonic() - began) * 1000


async def _allocate(where: dict[str, object], username: str, password: str) -> None:
    """A relayed address, given back at once."""
    transport, held = await turn.create_turn_endpoint(
        _Held,
        (str(where["host"]), int(str(where["port"]))),
        username,
        password,
        lifetime=60,
        ssl=where["scheme"] == "turns",
        transport=str(where["transport"]),
    )
    transport.close()
    await held.given_back


class _Held(asyncio.DatagramProtocol):
    def __init__(self) -> None:
        self.given_back = asyncio.get_running_loop().create_future()

    def connection_lost(self, exc: Exception | None) -> None:
        if not self.given_back.done():
            self.given_back.set_result(None)


class _Answer(asyncio.DatagramProtocol):
    def __init__(self, wanted: bytes) -> None:
        self.came = asyncio.get_running_loop().create_future()
        self._wanted = wanted

    def datagram_received(self, data: bytes, addr: object) -> None:
        try:
            message = stun.parse_message(data)
        except ValueError:
            return
        if message.transaction_id == self._wanted and not self.came.done():
            self.came.set_result(None)

    def error_received(self, exc: Exception) -> None:
        if not self.came.done():
            self.came.set_exception(exc)


async def _bind(address: tuple[str, int]) -> None:
    request = stun.Message(message_method=stun.Method.BINDING, message_class=stun.Class.REQUEST)
    loop = asyncio.get_running_loop()
    transport, answer = await loop.create_datagram_endpoint(
        lambda: _Answer(request.transaction_id), remote_addr=address
    )
    try:
        for _ in range(SENDINGS):
            transport.sendto(bytes(request))
            done, _pending = await asyncio.wait([answer.came], timeout=1.0)
            if done:
                answer.came.result()
                return
        raise Unavailable("没有应答，可能被防火墙拦住")
    finally:
        answer.came.cancel()
        transport.close()
