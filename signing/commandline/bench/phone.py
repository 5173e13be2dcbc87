"""``pingqian bench phone``: the customer's link opened over a thin line, beside a bare page of as many bytes."""

import argparse
import os
import statistics
import tempfile
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from functools import partial
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import TYPE_CHECKING, Any

from signing.commandline.bench.queue import whole_number
from signing.commandline.bench.table import NotMeasured, Row

if TYPE_CHECKING:
    from playwright.sync_api import Browser, Page

CHROMIUM = "/usr/bin/chromium"
KBPS, DELAY_MS = 300.0, 150.0
MOST_BYTES, MOST_MS = 150_000, 3_000
"""The issue's goals."""
SLOWER = 4
"""Times that a cheap phone's processor takes what this machine's takes once."""
PATIENCE_MS = 60_000
USABLE = '#main[data-step="code"][data-part="send"]'


class Phone:
    name = "phone"
    help = "客户手机页：在 300 kbit/s、150 毫秒的线路上首次打开，与同样字节数的空白网页并列"

    def configure(self, parser: argparse.ArgumentParser) -> None:
        parser.add_argument(
            "--rounds", type=whole_number, default=5, metavar="数量", help="每项测几次取中位数（默认 5）"
        )
        parser.add_argument("--chromium", default=CHROMIUM, metavar="程序", help=f"浏览器程序（默认 {CHROMIUM}）")

    def measure(self, arguments: argparse.Namespace) -> list[Row]:
        """Raises ``NotMeasured`` without the browser or what drives it."""
        if not os.access(arguments.chromium, os.X_OK):
            raise NotMeasured(f"找不到浏览器 {arguments.chromium}", "请安装 Chromium，或用 --chromium 指定")
        try:
            return _measured(arguments.chromium, arguments.rounds)
        except ImportError as error:
            raise NotMeasured("测量手机页的组件没有装齐", '请先安装：pip install "pingqian[demo]"') from error


@dataclass
class Opening:
    """One time that a page was opened: until it could be used, and what went over the line, headers included."""

    milliseconds: float = 0.0
    sizes: list[int] = field(default_factory=list)

    @property
    def bytes(self) -> int:
        return sum(self.sizes)


@dataclass(frozen=True)
class Round:
    """The link opened for the first time, a bare page of as many bytes, the link again, and on a slow phone."""

    first: Opening
    bare: Opening
    again: Opening
    slow: Opening


def _measured(chromium: str, rounds: int) -> list[Row]:
    from playwright.sync_api import sync_playwright

    from signing.commandline.bench.load.process import serving

    with (
        tempfile.TemporaryDirectory(prefix="pingqian-bench-") as folder,
        serving(Path(folder) / "data", ["--demo"]) as service,
        sync_playwright() as playwright,
        playwright.chromium.launch(executable_path=chromium, chromium_sandbox=False) as browser,
    ):
        return table([_round(browser, _link(service.url)) for _ in range(rounds)])


def _round(browser: "Browser", link: str) -> Round:
    """In turn, so that whatever else goes on touches all alike."""
    with _phone(browser) as page:
        first, again = _opened(page, link, _usable), _opened(page, link, _usable)
    with _phone(browser) as page, _bare(first.bytes) as url:
        bare = _opened(page, url, lambda page: page.wait_for_selector("#bare", timeout=PATIENCE_MS))
    with _phone(browser) as page:
        page.context.new_cdp_session(page).send("Emulation.setCPUThrottlingRate", {"rate": SLOWER})
        slow = _opened(page, link, _usable)
    return Round(first, bare, again, slow)


@contextmanager
def _phone(browser: "Browser") -> Iterator["Page"]:
    """A browser that was never here, on a small phone."""
    size: Any = {"width": 360, "height": 640}
    context = browser.new_context(viewport=size, device_scale_factor=2, is_mobile=True, has_touch=True, locale="zh-CN")
    try:
        yield context.new_page()
    finally:
        context.close()


def _opened(page: "Page", url: str, usable: Callable[["Page"], object]) -> Opening:
    """Over the thin line; what is fetched behind the first screen does not count."""
    page.goto("about:blank")
    opening = Opening()
    session = page.context.new_cdp_session(page)
    session.send("Network.enable")
    line = {"latency": DELAY_MS, "downloadThroughput": KBPS * 125, "uploadThroughput": KBPS * 125}
    session.send("Network.emulateNetworkConditions", {"offline": False, **line})
    session.on("Network.loadingFinished", lambda told: opening.sizes.append(int(told["encodedDataLength"])))
    began = time.monotonic()
    page.goto(url, wait_until="commit", timeout=PATIENCE_MS)
    usable(page)
    opening.milliseconds = 1000 * (time.monotonic() - began)
    session.detach()
    return opening


def _usable(page: "Page") -> None:
    """The first screen stands, and its button can be pressed."""
    page.wait_for_selector(f"{USABLE} ~ #actions #primary:not([disabled])", timeout=PATIENCE_MS)


def _link(url: str) -> str:
    """A borrower's own, of a fresh case in the demonstration's institution."""
    import httpx

    from signing.adapters import demo_data
    from signing.commandline.case import EXAMPLE

    login = next({"username": staff[1], "password": staff[4]} for staff in demo_data.STAFF if staff[3] == "agent")
    with httpx.Client(base_url=url, timeout=60) as http:
        token = http.post("/api/staff/login", json=login).raise_for_status().json()["token"]
        answer = http.post("/api/cases", json=EXAMPLE, headers={"Authorization": f"Bearer {token}"})
        return str(answer.raise_for_status().json()["invitations"][0]["url"])


@contextmanager
def _bare(size: int) -> Iterator[str]:
    """A page of so many bytes, headers included, that nothing makes smaller, in one answer."""
    head, tail = b"<!DOCTYPE html><meta charset=utf-8><link rel=icon href=data:,><!--", b"--><p id=bare>.</p>"
    filling = os.urandom(size).hex().encode()[: max(0, size - len(head) - len(tail) - 160)]
    server = ThreadingHTTPServer(("127.0.0.1", 0), partial(_OnePage, head + filling + tail))
    thread = threading.Thread(target=server.serve_forever, name="bare-page")
    thread.start()
    try:
        yield f"http://127.0.0.1:{server.server_port}/"
    finally:
        server.shutdown()
        thread.join()
        server.server_close()


class _OnePage(BaseHTTPRequestHandler):
    def __init__(self, page: bytes, *rest: Any) -> None:
        self._page = page
        super().__init__(*rest)

    def do_GET(self) -> None:
        self.send_response(200)
        self.send_header("Content-Type", "text/html")
        self.send_header("Content-Length", str(len(self._page)))
        self.end_headers()
        self.wfile.write(self._page)

    def log_message(self, *args: Any) -> None:
        """What is measured is said once, at the end."""


def table(rounds: list[Round]) -> list[Row]:
    """Medians. Bytes of the first opening stand beside the goal alone: a bare page has as many by making."""

    def middle(figure: Callable[[Round], float]) -> float:
        return statistics.median(figure(each) for each in rounds)

    size, usable = middle(lambda each: each.first.bytes), middle(lambda each: each.first.milliseconds)
    bare = middle(lambda each: each.bare.milliseconds)
    line = f"{KBPS:g} kbit/s、{DELAY_MS:g} 毫秒"
    return [
        Row("首次打开的流量（含报头）", size / 1000, "KB", f"≤ {MOST_BYTES // 1000} KB", size <= MOST_BYTES),
        Row(f"首次打开到能用，{line}", usable, "毫秒", f"≤ {MOST_MS} 毫秒", usable <= MOST_MS, bare),
        Row("首次打开的请求数", middle(lambda each: len(each.first.sizes)), "个"),
        Row("再次打开的流量", middle(lambda each: each.again.bytes) / 1000, "KB"),
        Row("再次打开到能用", middle(lambda each: each.again.milliseconds), "毫秒", anchor=bare),
        Row(f"首次打开到能用，处理器慢 {SLOWER} 倍", middle(lambda each: each.slow.milliseconds), "毫秒", anchor=bare),
    ]


PHONE = Phone()
