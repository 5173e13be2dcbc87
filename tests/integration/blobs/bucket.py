"""A real S3 server in a process of its own, and a proxy before it that can do what networks and stores do."""

import http.client
import subprocess
import sys
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from socket import AF_INET, SOCK_STREAM, socket

BUCKET = "evidence"
KEY_ID, SECRET = "test-key-id", "test-secret-that-no-log-may-hold"


def free_port() -> int:
    with socket(AF_INET, SOCK_STREAM) as sock:
        sock.bind(("127.0.0.1", 0))
        return int(sock.getsockname()[1])


@dataclass
class Server:
    port: int
    process: subprocess.Popen[bytes]

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.port}"

    def kill(self) -> None:
        self.process.kill()
        self.process.wait()


@contextmanager
def s3_server() -> Iterator[Server]:
    """Moto's server with the empty bucket ``BUCKET``."""
    port = free_port()
    command = [sys.executable, "-m", "moto.server", "-H", "127.0.0.1", "-p", str(port)]
    server = Server(port, subprocess.Popen(command, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL))
    try:
        _wait(port)
        assert _request(port, "PUT", f"/{BUCKET}").status == 200
        yield server
    finally:
        server.kill()


def _wait(port: int) -> None:
    deadline = time.monotonic() + 30
    while time.monotonic() < deadline:
        try:
            _request(port, "GET", "/")
        except OSError:
            time.sleep(0.05)
        else:
            return
    raise AssertionError("the S3 server did not start")


@dataclass
class Answer:
    status: int
    headers: list[tuple[str, str]]
    body: bytes


def _request(port: int, method: str, path: str, body: bytes = b"", headers: dict[str, str] | None = None) -> Answer:
    connection = http.client.HTTPConnection("127.0.0.1", port, timeout=30)
    try:
        connection.request(method, path, body or None, headers or {})
        answer = connection.getresponse()
        return Answer(answer.status, answer.getheaders(), answer.read())
    finally:
        connection.close()


def values(url: str) -> dict[str, str]:
    """What the environment or the credentials' file says of a store at ``url``."""
    return {"AWS_ACCESS_KEY_ID": KEY_ID, "AWS_SECRET_ACCESS_KEY": SECRET, "AWS_ENDPOINT_URL": url}


def write_credentials(path: Path, url: str) -> Path:
    lines = [f"{name}={value}" for name, value in values(url).items()]
    path.write_text("# object store\n" + "\n".join(lines) + "\n")
    path.chmod(0o600)
    return path


@dataclass
class Proxy:
    """Forwards to ``target``. ``faults`` are used up one a request: "503", "403", "truncate", "lost answer", "slow".

    ``ignores_conditions``: drops ``If-None-Match`` as an old store does. ``refuses_conditions``: answers 501 to it.
    """

    target: int
    faults: list[str] = field(default_factory=list)
    always: str = ""
    ignores_conditions: bool = False
    refuses_conditions: bool = False
    seen: list[tuple[str, str]] = field(default_factory=list)
    port: int = 0

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.port}"

    def next_fault(self) -> str:
        return self.faults.pop(0) if self.faults else self.always


@contextmanager
def proxy_to(server: Server) -> Iterator[Proxy]:
    proxy = Proxy(server.port)
    httpd = ThreadingHTTPServer(("127.0.0.1", 0), _handler(proxy))
    httpd.daemon_threads = False
    proxy.port = httpd.server_address[1]
    thread = threading.Thread(target=httpd.serve_forever, kwargs={"poll_interval": 0.05}, name="proxy")
    thread.start()
    try:
        yield proxy
    finally:
        httpd.shutdown()
        thread.join()
        httpd.server_close()


def _handler(proxy: Proxy) -> type[BaseHTTPRequestHandler]:
    class Handler(BaseHTTPRequestHandler):
        protocol_version = "HTTP/1.1"

        def _any(self) -> None:
            body = self.rfile.read(int(self.headers.get("Content-Length", 0)))
            proxy.seen.append((self.command, self.path))
            self.close_connection = True
            fault = proxy.next_fault()
            if fault in ("503", "403"):
                self._answer(Answer(int(fault), [], b"<Error><Code>Fault</Code></Error>"))
                return
            if fault == "slow":
                time.sleep(1.0)
            headers = dict(self.headers.items())
            if proxy.refuses_conditions and "if-none-match" in {name.lower() for name in headers}:
                self._answer(Answer(501, [], b"<Error><Code>NotImplemented</Code></Error>"))
                return
            if proxy.ignores_conditions:
                headers = {name: value for name, value in headers.items() if name.lower() != "if-none-match"}
            answer = _request(proxy.target, self.command, self.path, body, headers)
            if fault != "lost answer":
                self._answer(answer, cut=fault == "truncate")

        def _answer(self, answer: Answer, *, cut: bool = False) -> None:
            try:
                self.send_response(answer.status)
                for name, value in answer.headers:
                    if name.lower() not in ("connection", "content-length", "transfer-encoding", "date", "server"):
                        self.send_header(name, value)
                head = self.command == "HEAD"
                size = next((v for n, v in answer.headers if n.lower() == "content-length"), str(len(answer.body)))
                self.send_header("Content-Length", size if head else str(len(answer.body)))
                self.send_header("Connection", "close")
                self.end_headers()
                self.wfile.write(answer.body[: len(answer.body) // 2] if cut else answer.body)
            except OSError:
                pass  # the other end has lost its patience

        do_GET = do_PUT = do_HEAD = do_POST = do_DELETE = _any  # noqa: N815 - the handler's own names

        def log_message(self, format: str, *args: object) -> None:  # noqa: A002
            """Not to the test's output."""

    return Handler
