"""One Chromium for all tests of the page, a fresh phone for each."""

import dataclasses
import hashlib
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from typing import Any

import pytest
from playwright.sync_api import Browser, BrowserContext, CDPSession, Page, sync_playwright

from tests.end2end.phone.stage import CAPABILITY, CODE, Stage, running_stage

FLAGS = [
    "--allow-loopback-in-peer-connection",
    "--use-fake-device-for-media-stream",
    "--autoplay-policy=no-user-gesture-required",
    "--disable-background-networking",
    "--disable-component-update",
]


@pytest.fixture(scope="package")
def browser() -> Iterator[Browser]:
    with sync_playwright() as playwright:
        chromium = playwright.chromium.launch(executable_path="/usr/bin/chromium", chromium_sandbox=False, args=FLAGS)
        yield chromium
        chromium.close()


@pytest.fixture(scope="package")
def theatre() -> Iterator[Stage]:
    with running_stage() as stage:
        yield stage


@pytest.fixture
def stage(theatre: Stage) -> Stage:
    """The running stage with everything as at first."""
    fresh = Stage()
    kept = ("url", "loop", "sockets", "tokens")
    for each in dataclasses.fields(Stage):
        if each.name not in kept:
            setattr(theatre, each.name, getattr(fresh, each.name))
    return theatre


@dataclass
class Phone:
    """A phone with the page on it. ``complaints`` is what the browser's console said in red."""

    page: Page
    context: BrowserContext
    complaints: list[str] = field(default_factory=list)

    def open(self, url: str) -> None:
        self.page.goto(f"{url}/s#{CAPABILITY}")

    def enter(self, url: str, code: str = CODE) -> None:
        """Opens the link and gets past the code."""
        self.open(url)
        self.at("code", "send")
        self.page.click("#primary")
        self.page.fill("#code-input", code)
        self.page.click("#primary")

    def resume(self, stage: Stage) -> None:
        """Opens the link as a phone that proved itself before."""
        stage.token = "kept-from-before"
        key = f"pingqian.token.{hashlib.sha256(CAPABILITY.encode()).hexdigest()[:24]}"
        once = f"if (!sessionStorage.seeded) localStorage.setItem('{key}', '{stage.token}'); sessionStorage.seeded = 1"
        self.page.add_init_script(once)
        self.open(stage.url)

    def agree(self) -> None:
        """Reads a consent to its end, as it wants, and presses its button."""
        self.read_to_the_end()
        self.page.click("#primary")

    def read_to_the_end(self) -> None:
        self.page.evaluate("scrollTo(0, document.documentElement.scrollHeight)")
        self.until("!document.getElementById('primary').disabled")

    def at(self, step: str, part: str | None = None) -> None:
        inner = "" if part is None else f'[data-part="{part}"]'
        self.page.wait_for_selector(f'#main[data-step="{step}"]{inner}', timeout=30_000)

    def until(self, condition: str, seconds: float = 10) -> None:
        """Waits for a JavaScript expression; the page's policy forbids the browser tool's own way to do so."""
        deadline = time.monotonic() + seconds
        while not self.page.evaluate(condition):
            assert time.monotonic() < deadline, condition
            self.page.wait_for_timeout(50)

    def throttle(self, kbps: float = 300, delay_ms: float = 150) -> CDPSession:
        """A thin mobile line from here on; the browser's own brake, which does not reach media. → what counts bytes."""
        session = self.context.new_cdp_session(self.page)
        session.send("Network.enable")
        bytes_per_second = kbps * 1000 / 8
        line = {"latency": delay_ms, "downloadThroughput": bytes_per_second, "uploadThroughput": bytes_per_second}
        session.send("Network.emulateNetworkConditions", {"offline": False, **line})
        return session

    def sentence(self) -> str:
        return self.page.inner_text("#sentence")

    def error(self) -> str:
        self.page.wait_for_selector("#error:not([hidden])", timeout=5_000)
        return self.page.inner_text("#error")

    def stats(self) -> dict[str, Any]:
        found: dict[str, Any] = self.page.evaluate("window.pingqian.stats()")
        return found


@pytest.fixture
def new_phone(browser: Browser) -> Iterator[Callable[..., Phone]]:
    made: list[BrowserContext] = []

    def make(width: int = 360, height: int = 640, *, camera: bool = True, **options: Any) -> Phone:
        context = browser.new_context(
            viewport={"width": width, "height": height},
            device_scale_factor=2,
            is_mobile=True,
            has_touch=True,
            locale="zh-CN",
            permissions=["camera", "microphone"] if camera else [],
            **options,
        )
        made.append(context)
        phone = Phone(context.new_page(), context)
        context.on("console", lambda m: phone.complaints.append(m.text) if m.type == "error" else None)
        context.on("weberror", lambda fault: phone.complaints.append(str(fault.error)))
        return phone

    yield make
    for context in made:
        context.close()


@pytest.fixture
def phone(new_phone: Callable[..., Phone]) -> Phone:
    return new_phone()
