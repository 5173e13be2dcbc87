"""Hosts that are pages in a real Chromium."""

import base64
import shutil
import tempfile
import threading
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from functools import partial
from http.server import SimpleHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np

from media.core.callfigures import Shown
from media.core.soundcode import SYMBOL_MS, TONES, Sent, row
from media.errors import Unavailable
from media.lab.hosts import CHUNK_MS, Observed, Sending, steady
from media.lab.scene import LENGTH, jpeg

if TYPE_CHECKING:
    from playwright.sync_api import Browser, BrowserContext

PAGE = Path(__file__).parent / "page"
NAMES = ("chromium", "chromium-browser", "google-chrome")
FLAGS = (
    "--no-sandbox",
    "--allow-loopback-in-peer-connection",
    "--autoplay-policy=no-user-gesture-required",
    "--disable-background-timer-throttling",
    "--disable-backgrounding-occluded-windows",
    "--disable-renderer-backgrounding",
)
_LOOKS = 15


def lab_ms() -> float:
    """The lab's clock: ``time.monotonic()``, which all processes of a machine share, in milliseconds."""
    return time.monotonic() * 1000


class PageHost:
    """A page with camera and microphone of its own. ``close`` it."""

    def __init__(self, browser: "Browser", address: str) -> None:
        self._context: BrowserContext = browser.new_context()
        self._page = self._context.new_page()
        self._page.goto(f"{address}/index.html")
        self._page.wait_for_function("window.lab && lab.ready")
        scenes = [f"scene{number}.jpg" for number in range(LENGTH)]
        config = {"offset": self._offset(), "row": [TONES[index] for index in row()], "scenes": scenes}
        self._page.evaluate("config => lab.setup(config)", config)

    def _offset(self) -> float:
        """Lab's clock minus the page's, from the quickest of some looks."""
        best = (float("inf"), 0.0)
        for _ in range(_LOOKS):
            before = lab_ms()
            theirs = float(self._page.evaluate("performance.now()"))
            after = lab_ms()
            best = min(best, (after - before, (before + after) / 2 - theirs))
        return best[1]

    def dial(self, connect: Callable[[str], str], dark: Sequence[tuple[float, float]], ours: bool) -> None:
        """Calls; ``connect`` gives the answer to each offer and is called in ``pause``. ``ours``: with our own page.

        ``dark``: when no signalling passes, in ``lab_ms``.
        """
        self._page.expose_function("labSignal", connect)
        self._page.evaluate(f"dark => lab.{'dialOurs' if ours else 'dial'}(dark)", [list(span) for span in dark])

    def answer(self, sdp: str) -> str:
        return str(self._page.evaluate("sdp => lab.answer(sdp)", sdp))

    def pause(self, seconds: float) -> None:
        """Waits while the page goes on."""
        self._page.wait_for_timeout(seconds * 1000)

    def sending(self) -> Sending:
        sent = self._page.evaluate("lab.sent()")
        return Sending(int(sent["bytes"]), int(sent["again"]))

    def finish(self) -> Observed:
        return observed(self._page.evaluate("lab.finish()"))

    def close(self) -> None:
        self._context.close()


def observed(said: dict[str, Any]) -> Observed:
    """What a page's ``finish`` tells."""
    shown = tuple(Shown(at, int(number), age) for at, number, age in said["shown"] if number >= 0)
    numbers, times = [int(number) for number, _ in said["symbols"]], [at for _, at in said["symbols"]]
    return Observed(
        made=tuple(float(at) for at in said["made"]),
        shown=shown,
        unread=len(said["shown"]) - len(shown),
        symbols=tuple(Sent(n, float(at)) for n, at in zip(numbers, steady(times, SYMBOL_MS), strict=True)),
        sound=np.frombuffer(base64.b64decode(said["sound"]), dtype=np.int16),
        ends=tuple(float(end) for end in steady(said["ends"], CHUNK_MS)),
        played=tuple(float(end) for end in said["ends"]),
        decoded=tuple((float(at), float(seconds)) for at, seconds in said["decoded"]),
    )


class _Quiet(SimpleHTTPRequestHandler):
    def log_message(self, *args: Any) -> None:
        """Says nothing."""


@contextmanager
def _serving(folder: Path) -> Iterator[str]:
    with ThreadingHTTPServer(("127.0.0.1", 0), partial(_Quiet, directory=str(folder))) as server:
        thread = threading.Thread(target=server.serve_forever, name="lab-pages")
        thread.start()
        try:
            yield f"http://localhost:{server.server_port}"
        finally:
            server.shutdown()
            thread.join()


def find_chromium() -> str:
    """The browser of this machine; raises ``Unavailable``."""
    for name in NAMES:
        if path := shutil.which(name):
            return path
    raise Unavailable("这台电脑上没有 Chromium，请先安装 chromium")


class Pages:
    """A running browser; ``host`` opens one more page."""

    def __init__(self, browser: "Browser", address: str) -> None:
        self._browser = browser
        self._address = address

    def host(self) -> PageHost:
        return PageHost(self._browser, self._address)


@contextmanager
def browsing(ours: Path) -> Iterator[Pages]:
    """A headless Chromium and the pages it needs; raises ``Unavailable`` where there is none.

    ``ours``: the folder of the customer's own page, whose ``call.js`` calls the seat.
    """
    try:
        from playwright.sync_api import sync_playwright
    except ImportError as error:
        raise Unavailable('没有安装 playwright。请先安装：pip install "pingqian[demo]"') from error
    with tempfile.TemporaryDirectory(prefix="pingqian-lab-") as name:
        folder = Path(name)
        shutil.copytree(PAGE, folder, dirs_exist_ok=True)
        shutil.copytree(ours, folder / "phone")
        for number in range(LENGTH):
            (folder / f"scene{number}.jpg").write_bytes(jpeg(number))
        with _serving(folder) as address, sync_playwright() as play:
            browser = play.chromium.launch(executable_path=find_chromium(), args=list(FLAGS))
            try:
                yield Pages(browser, address)
            finally:
                browser.close()
