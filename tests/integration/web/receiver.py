"""A real HTTP server that takes webhooks as well or as badly as a test wants."""

import json
import ssl
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any

from signing.domain.webhook import ID_HEADER, SIGNATURE_HEADER, TYPE_HEADER


@dataclass
class Taken:
    """One request as it came."""

    headers: dict[str, str]
    body: bytes
    path: str = ""

    @property
    def told(self) -> dict[str, Any]:
        return dict(json.loads(self.body))

    @property
    def delivery_id(self) -> str:
        return self.headers[ID_HEADER.lower()]

    @property
    def type(self) -> str:
        return self.headers[TYPE_HEADER.lower()]

    @property
    def signature(self) -> str:
        return self.headers[SIGNATURE_HEADER.lower()]


Behaviour = Callable[[Taken], str]
"""What a request is answered with: ``ok``, a status such as ``500``, ``redirect``, ``hang``, ``die``, ``flood``."""


@dataclass
class Receiver:
    """``port`` as bound; ``taken`` in the order of arrival, whatever was answered."""

    port: int = 0
    behave: Behaviour = lambda taken: "ok"
    taken: list[Taken] = field(default_factory=list)
    released: threading.Event = field(default_factory=threading.Event)

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.port}/hook"

    @property
    def types(self) -> list[str]:
        return [one.type for one in self.taken]


@contextmanager
def receiving(receiver: Receiver, context: ssl.SSLContext | None = None) -> Iterator[Receiver]:
    class Handler(BaseHTTPRequestHandler):
        timeout = 30

        def do_POST(self) -> None:
            body = self.rfile.read(int(self.headers["Content-Length"]))
            taken = Taken({name.lower(): value for name, value in self.headers.items()}, body, self.path)
            receiver.taken.append(taken)
            _answer(self, receiver, receiver.behave(taken))

        def do_GET(self) -> None:
            receiver.taken.append(Taken({TYPE_HEADER.lower(): "followed"}, b"{}"))
            self.send_response(200)
            self.end_headers()

        def log_message(self, *_: object) -> None:
            """Says nothing."""

    class Server(ThreadingHTTPServer):
        daemon_threads = False
        allow_reuse_address = True

        def handle_error(self, *_: object) -> None:
            """A client that goes is no error here."""

    with Server(("127.0.0.1", receiver.port), Handler) as server:
        if context is not None:
            server.socket = context.wrap_socket(server.socket, server_side=True)
        receiver.port = server.server_address[1]
        thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.02})
        thread.start()
        try:
            yield receiver
        finally:
            receiver.released.set()
            server.shutdown()
            thread.join()


def _answer(handler: BaseHTTPRequestHandler, receiver: Receiver, how: str) -> None:
    if how == "hang":
        receiver.released.wait(240)
    if how in ("hang", "die"):
        handler.close_connection = True
        return
    handler.send_response(200 if how in ("ok", "flood") else 302 if how == "redirect" else int(how))
    if how == "redirect":
        handler.send_header("Location", f"http://127.0.0.1:{receiver.port}/elsewhere")
    handler.end_headers()
    while how == "flood" and not receiver.released.wait(0.001):
        handler.wfile.write(b"x" * 65_536)


def wait_until(condition: Callable[[], object], seconds: float, what: str) -> None:
    until = time.monotonic() + seconds
    while not condition():
        assert time.monotonic() < until, what
        time.sleep(0.02)
