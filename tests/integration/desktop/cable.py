"""What goes from an agent's window to the service and to its customers, and can be cut and joined again."""

import asyncio
import threading
from asyncio import StreamReader, StreamWriter
from collections.abc import Iterator
from contextlib import contextmanager, suppress

import pytest
from aioice.ice import StunProtocol


class Cable:
    """Passes on to ``port`` of this computer; ``url`` is its near end. ``connections`` counts those that were taken."""

    def __init__(self, port: int) -> None:
        self._port = port
        self._whole = True
        self._ends: set[StreamWriter] = set()
        self.connections = 0
        self._loop = asyncio.new_event_loop()
        self._thread = threading.Thread(target=self._loop.run_forever, name="cable")
        self._thread.start()
        opened = asyncio.run_coroutine_threadsafe(asyncio.start_server(self._take, "127.0.0.1", 0), self._loop)
        self._server = opened.result(10)
        self.url = f"http://127.0.0.1:{self._server.sockets[0].getsockname()[1]}"

    @contextmanager
    def cut(self) -> Iterator[None]:
        """Every connection breaks and none is made, and not a packet of picture or sound goes either way."""
        with silenced(), self.broken():
            yield

    @contextmanager
    def broken(self) -> Iterator[None]:
        """The connections alone."""
        self._loop.call_soon_threadsafe(self._break)
        yield
        self._whole = True

    def close(self) -> None:
        asyncio.run_coroutine_threadsafe(self._end(), self._loop).result(10)
        self._loop.call_soon_threadsafe(self._loop.stop)
        self._thread.join(10)
        self._loop.close()

    def _break(self) -> None:
        self._whole = False
        for end in self._ends:
            end.transport.abort()

    async def _take(self, reader: StreamReader, writer: StreamWriter) -> None:
        with suppress(OSError):
            if self._whole:
                self.connections += 1
                there, onward = await asyncio.open_connection("127.0.0.1", self._port)
                await asyncio.gather(self._pass(reader, onward), self._pass(there, writer))
        writer.transport.abort()

    async def _pass(self, reader: StreamReader, writer: StreamWriter) -> None:
        self._ends.add(writer)
        try:
            with suppress(OSError):
                while data := await reader.read(65536):
                    writer.write(data)
                    await writer.drain()
        finally:
            self._ends.discard(writer)
            writer.close()

    async def _end(self) -> None:
        self._server.close()
        self._break()
        tasks = asyncio.all_tasks() - {asyncio.current_task()}
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)


@contextmanager
def silenced() -> Iterator[None]:
    """Not a packet of picture or sound goes from or to the customers of this process."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(StunProtocol, "datagram_received", lambda protocol, data, addr: None)
        patch.setattr(StunProtocol, "send_stun", lambda protocol, message, addr: None)
        patch.setattr(StunProtocol, "send_data", _lose)
        yield


async def _lose(protocol: StunProtocol, data: bytes, addr: tuple[str, int]) -> None:
    """In place of ``send_data``."""
