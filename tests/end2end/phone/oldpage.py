"""A browser driven by the debugging protocol alone: such as one of years ago, which today's tools cannot drive.

``OldPage`` knows as much of Playwright's ``Page`` as the journeys in ``test_screens.py`` use. What it runs inside the
page is of that time too.
"""

import base64
import itertools
import json
import re
import subprocess
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

import httpx
from playwright.sync_api import FilePayload
from websockets.sync.client import ClientConnection, connect

SECONDS = 30
BOX = """(() => { const n = document.querySelector('%s'); if (!n) return null; const r = n.getBoundingClientRect();
  return n.offsetParent === null ? null : { x: r.left, y: r.top, width: r.width, height: r.height }; })()"""


class Wire:
    """Calls over one socket, one after the other; what comes in between goes to ``listeners`` by its method."""

    def __init__(self, socket: ClientConnection) -> None:
        self._socket = socket
        self._numbers = itertools.count(1)
        self.listeners: dict[str, Callable[[dict[str, Any]], None]] = {}

    def call(self, method: str, **params: Any) -> dict[str, Any]:
        number = next(self._numbers)
        self._socket.send(json.dumps({"id": number, "method": method, "params": params}))
        while True:
            message = json.loads(self._socket.recv(SECONDS))
            if message.get("id") == number:
                assert "error" not in message, f"{method}: {message['error']}"
                found: dict[str, Any] = message["result"]
                return found
            if message.get("method") in self.listeners:
                self.listeners[message["method"]](message["params"])


@dataclass
class Mouse:
    wire: Wire
    at: tuple[float, float] = (0, 0)
    pressed: bool = False

    def _tell(self, kind: str) -> None:
        x, y = self.at
        held = self.pressed or kind == "mouseReleased"
        facts = {"button": "left", "clickCount": 1, "buttons": 1} if held else {"button": "none"}
        self.wire.call("Input.dispatchMouseEvent", type=kind, x=x, y=y, **facts)

    def move(self, x: float, y: float, steps: int = 1) -> None:
        before = self.at
        for step in range(1, steps + 1):
            self.at = tuple(a + (b - a) * step / steps for a, b in zip(before, (x, y), strict=True))  # type: ignore[assignment]
            self._tell("mouseMoved")

    def down(self) -> None:
        self.pressed = True
        self._tell("mousePressed")

    def up(self) -> None:
        self.pressed = False
        self._tell("mouseReleased")


@dataclass
class Locator:
    page: "OldPage"
    selector: str

    def count(self) -> int:
        return int(self.page.evaluate(f"document.querySelectorAll('{self.selector}').length"))

    def scroll_into_view_if_needed(self) -> None:
        self.page.evaluate(f"document.querySelector('{self.selector}').scrollIntoView({{ block: 'nearest' }})")

    def bounding_box(self) -> Any:
        return self.page.evaluate(BOX % self.selector)


@dataclass
class OldPage:
    """``complaints``: what the browser said in red."""

    wire: Wire
    folder: Path
    complaints: list[str] = field(default_factory=list)

    def __post_init__(self) -> None:
        self.mouse = Mouse(self.wire)
        self.wire.listeners |= {
            "Runtime.exceptionThrown": lambda told: self.complaints.append(str(told["exceptionDetails"])[:600]),
            "Log.entryAdded": self._logged,
        }
        for domain in ("Page", "Runtime", "Log", "DOM"):
            self.wire.call(f"{domain}.enable")

    def _logged(self, told: dict[str, Any]) -> None:
        if told["entry"]["level"] == "error":
            self.complaints.append(told["entry"]["text"] + " " + told["entry"].get("url", ""))

    def size(self, width: int, height: int) -> None:
        self.wire.call(
            "Emulation.setDeviceMetricsOverride", width=width, height=height, deviceScaleFactor=2, mobile=True
        )

    def pretend(self, user_agent: str) -> None:
        self.wire.call("Network.enable")
        self.wire.call("Network.setUserAgentOverride", userAgent=user_agent)

    def add_init_script(self, script: str) -> None:
        self.wire.call("Page.addScriptToEvaluateOnNewDocument", source=script)

    def goto(self, url: str) -> None:
        self.wire.call("Page.navigate", url=url)

    def reload(self) -> None:
        self.wire.call("Page.reload")

    def evaluate(self, script: str, given: object = None) -> Any:
        """``given``: what the script's function takes, as JSON has it."""
        takes = "" if given is None else json.dumps(given)
        called = f"({script})({takes})" if re.match(r"(async )?\(\w*\) =>", script) else script
        found = self.wire.call("Runtime.evaluate", expression=called, returnByValue=True, awaitPromise=True)
        assert "exceptionDetails" not in found, f"{script[:80]}: {found['exceptionDetails']}"
        return found["result"].get("value")

    def wait_for_timeout(self, ms: float) -> None:
        time.sleep(ms / 1000)
        self.evaluate("0")

    def wait_for_selector(self, selector: str, timeout: float = 30_000) -> None:
        deadline = time.monotonic() + timeout / 1000
        while not self._there(selector):
            stands = self.evaluate("document.body ? document.body.innerText.slice(0, 300) : ''")
            assert time.monotonic() < deadline, f"{selector} never came: {stands}; {self.complaints}"
            time.sleep(0.05)

    def _there(self, selector: str) -> bool:
        try:
            return bool(self.evaluate(f"Boolean(document.querySelector('{selector}'))"))
        except AssertionError:
            return False  # between two pages

    def click(self, selector: str, timeout: float = 30_000) -> None:
        self.wait_for_selector(f"{selector}:not([disabled])", timeout)
        self.locator(selector).scroll_into_view_if_needed()
        box = self.locator(selector).bounding_box()
        self.mouse.move(box["x"] + box["width"] / 2, box["y"] + box["height"] / 2)
        self.mouse.down()
        self.mouse.up()

    def fill(self, selector: str, text: str) -> None:
        self.wait_for_selector(selector)
        self.evaluate(f"document.querySelector('{selector}').focus()")
        self.wire.call("Input.insertText", text=text)

    def inner_text(self, selector: str) -> str:
        return str(self.evaluate(f"document.querySelector('{selector}').innerText"))

    def locator(self, selector: str) -> Locator:
        return Locator(self, selector)

    def set_input_files(self, selector: str, file: FilePayload) -> None:
        path = self.folder / file["name"]
        path.write_bytes(file["buffer"])
        root = self.wire.call("DOM.getDocument")["root"]["nodeId"]
        node = self.wire.call("DOM.querySelector", nodeId=root, selector=selector)["nodeId"]
        self.wire.call("DOM.setFileInputFiles", nodeId=node, files=[str(path)])

    def screenshot(self, path: Path) -> None:
        path.write_bytes(base64.b64decode(self.wire.call("Page.captureScreenshot")["data"]))


@contextmanager
def old_page(program: str, flags: list[str]) -> Iterator[OldPage]:
    """A page of a browser of its own, at the size of a common phone."""
    with TemporaryDirectory(ignore_cleanup_errors=True) as name:  # a child of the browser may still be writing
        folder = Path(name)
        command = [program, "--headless", "--no-sandbox", "--disable-gpu", "--remote-debugging-port=0", *flags]
        told = folder / "told"
        with told.open("w") as log:
            process = subprocess.Popen(
                [*command, f"--user-data-dir={folder / 'profile'}", "about:blank"], stdout=log, stderr=log, cwd=folder
            )
        try:
            with connect(_debugged(told, process), max_size=None, ping_interval=None) as socket:
                page = OldPage(Wire(socket), folder)
                page.size(360, 640)
                yield page
        finally:
            process.terminate()
            process.wait(20)


def _debugged(told: Path, process: "subprocess.Popen[bytes]") -> str:
    """Where the browser's first page is driven from."""
    deadline = time.monotonic() + SECONDS
    while time.monotonic() < deadline:
        assert process.poll() is None, f"the browser ended with {process.returncode}"
        port = re.search(r"DevTools listening on ws://127\.0\.0\.1:(\d+)/", told.read_text(errors="replace"))
        if port:
            pages = httpx.get(f"http://127.0.0.1:{port[1]}/json/list").json()
            addresses = [each["webSocketDebuggerUrl"] for each in pages if each["type"] == "page"]
            if addresses:
                return str(addresses[0])
        time.sleep(0.1)
    raise AssertionError("the browser shows no page")
