"""The customer of the unattended demonstration: a headless Chromium that goes the customer's way by itself.

A process of its own (``python -m desktop.demo.customer``), so that the seat's figures are the seat's alone. It looks
at which screen the page shows and does what a person would do there. It prints one JSON object a line:
``{"step": …, "at": epoch seconds}`` for each new screen, ``{"figure": …}`` for measurements, ``{"done": true}`` last.
"""

import argparse
import contextlib
import json
import sys
import time
from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import httpx
from playwright.sync_api import CDPSession, Page, Playwright, ViewportSize, sync_playwright
from playwright.sync_api import Error as PlaywrightError

from desktop.demo import handwriting

PHONE = ViewportSize(width=360, height=640)
SLOW = 60_000
"""Milliseconds that anything may take which takes none on a quiet machine: here several browsers share a few cores."""


def say(**what: object) -> None:
    print(json.dumps(what, ensure_ascii=False), flush=True)


@dataclass
class Options:
    link: str
    messages: str
    name: str
    phone_tail: str
    camera: Path
    voice: Path
    cards: Path
    profile: Path
    out: Path
    patience: float
    """Seconds that one screen may stay: with several people, waiting for the others takes long."""
    ratio: float = 2.0
    keeps: bool = True
    """Pixels of the screen for each of the page's, across."""
    chromium: str = "/usr/bin/chromium"


@dataclass
class Customer:
    """Acts on one page until the copies are fetched."""

    page: Page
    options: Options
    shots: set[str] = field(default_factory=set)
    brought: int = 0
    """Pieces of its own picture and sound that the phone has told of."""

    def shot(self, name: str) -> None:
        """Numbered on from what an earlier browser has left."""
        if name not in self.shots:
            self.shots.add(name)
            number = len(list(self.options.out.glob("phone-*.png"))) + 1
            self.page.screenshot(path=self.options.out / f"phone-{number:02d}-{name}.png")
            say(shot=name)

    def step(self) -> str:
        return self.page.locator("#main").get_attribute("data-step") or ""

    def part(self) -> str:
        return self.page.locator("#main").get_attribute("data-part") or ""

    def press(self, selector: str) -> None:
        self.page.locator(selector).click(timeout=SLOW)

    def until_next(self, step: str, again: Callable[[], None] | None = None) -> None:
        """Waits until the page has gone on from ``step``."""
        deadline = time.monotonic() + self.options.patience
        while self.step() == step:
            if time.monotonic() > deadline:
                self.shot(f"stuck-{step}")
                raise TimeoutError(f"the page stayed at {step} for {self.options.patience:.0f} s")
            if again is not None:
                again()
            self.page.wait_for_timeout(60)

    # --- one method a screen -------------------------------------------------------------------------------------

    def on_code(self) -> None:
        self.shot("code")
        self.press("#primary")
        self.page.locator("#code-input").wait_for(timeout=SLOW)  # it is there once the code has been sent
        self.page.locator("#code-input").fill(self.read_code(), timeout=SLOW)
        self.shot("code-entered")
        self.until_next("code", self.press_when_ready)

    def press_when_ready(self) -> None:
        """Presses the screen's one big button if it is there and may be pressed."""
        button = self.page.locator("#primary")
        with contextlib.suppress(PlaywrightError):  # the screen may change under the finger, or before it
            if button.is_visible() and button.is_enabled(timeout=1000):
                button.click(timeout=1000)
        self.page.wait_for_timeout(200)

    def read_code(self) -> str:
        """Reads the newest code for this phone from the stand-in's own page, as the person would from the message."""
        deadline = time.monotonic() + SLOW / 1000
        while time.monotonic() < deadline:
            sent = httpx.get(self.options.messages, timeout=10, trust_env=False).json()
            found = [m for m in sent if m["phone_tail"] == self.options.phone_tail and m["code"]]
            if found:
                return str(max(found, key=lambda m: m["at"])["code"])
            time.sleep(0.2)
        raise TimeoutError("no code arrived")

    def on_consent(self) -> None:
        step = self.step()
        self.shot(step)
        self._read_to_the_end()
        self.press("#primary")
        self.until_next(step)

    def _read_to_the_end(self) -> None:
        """Turns the wheel until the page lets one agree; ``press`` reports where it never does."""
        self.page.mouse.move(PHONE["width"] / 2, PHONE["height"] / 2)
        for _ in range(30):
            if self.page.locator("#primary").is_enabled():
                return
            self.page.mouse.wheel(0, 200)
            self.page.wait_for_timeout(100)

    def on_precheck(self) -> None:
        self.until_next("precheck", self._precheck_once)

    def _precheck_once(self) -> None:
        self.page.wait_for_timeout(300)
        if self.step() == "precheck":
            self.shot(f"precheck-{self.part()}")
            self.press_when_ready()

    def on_queue(self) -> None:
        self.page.wait_for_timeout(400)
        self.shot("queue")
        self.until_next("queue")

    def on_card(self) -> None:
        step = self.step()
        self.shot(step)
        self.page.locator("#id-file").set_input_files(self.options.cards / f"{step.removeprefix('id_')}.jpg")
        self.page.locator("#id-preview").wait_for(timeout=SLOW)
        self.shot(f"{step}-preview")
        self.until_next(step, self._card_once)

    def _card_once(self) -> None:
        if self.part() == "unreadable":
            raise RuntimeError("the photograph of the card was refused")
        if self.part() in {"check", "warned"}:
            self.press_when_ready()

    def on_wait(self) -> None:
        step = self.step()
        self.page.wait_for_timeout(500)
        self.shot(step)
        self.until_next(step)

    def on_reading(self) -> None:
        while self.step() == "reading":
            picture = self.page.locator("#page-image")
            if not (picture.count() and picture.is_visible()):
                self.page.wait_for_timeout(60)
                continue
            self.page.wait_for_timeout(400)  # a glance; how long each page was looked at is evidence
            self._turn_or_sign()

    def _turn_or_sign(self) -> None:
        forward = self.page.locator("#next-page")
        if forward.is_visible() and forward.is_enabled():
            self.shot("reading")
            forward.click()
        else:
            self.shot("reading-last")
            self.until_next("reading", self.press_when_ready)

    def on_signing(self) -> None:
        pad = self.page.locator("#pad")
        pad.wait_for()
        self.shot("signing")
        self.write_name()
        self.page.locator("#confirm").wait_for(timeout=SLOW)
        self.shot("signing-confirm")
        self.press("#confirm")
        self.until_next("signing")

    def write_name(self) -> None:
        """The hand looks where the paper is before each stroke: a line above it may have come or gone."""
        pad = self.page.locator("#pad")
        size = pad.bounding_box()
        assert size is not None
        for stroke in handwriting.write(self.options.name, size["width"], size["height"]):
            box = pad.bounding_box()
            assert box is not None
            self.draw([(box["x"] + x, box["y"] + y) for x, y in stroke])
        self.shot("signing-drawn")
        self.press("#primary")

    def draw(self, points: list[tuple[float, float]]) -> None:
        mouse = self.page.mouse
        mouse.move(*points[0])
        mouse.down()
        for point in points[1:]:
            mouse.move(*point, steps=5)
        mouse.up()

    def on_done(self) -> None:
        self.page.locator(".doc-copy").first.wait_for(timeout=SLOW)
        self.shot("done")
        for index in range(self.page.locator(".doc-copy").count()):
            with self.page.expect_download(timeout=SLOW) as arriving:
                self.page.locator(".doc-copy").nth(index).click()
            name = arriving.value.suggested_filename
            arriving.value.save_as(self.options.out / "copies" / name)
            say(copy=name)

    def go(self) -> None:
        actions = {
            "code": self.on_code,
            "precheck": self.on_precheck,
            "queue": self.on_queue,
            "id_front": self.on_card,
            "id_back": self.on_card,
            "await_identity": self.on_wait,
            "disclosure": self.on_wait,
            "reading": self.on_reading,
            "signing": self.on_signing,
            "await_seal": self.on_await_seal,
        }
        self.page.locator("#main[data-step]").wait_for(timeout=SLOW)
        while (step := self.step()) != "done":
            if step == "ended":
                self.shot("ended")
                raise RuntimeError("the page says that the case has ended")
            if step not in actions and not step.startswith("consent_"):
                self.page.wait_for_timeout(60)
                continue
            say(step=step, at=time.time())
            actions.get(step, self.on_consent)()
        say(step="done", at=time.time())
        self.on_done()

    def on_await_seal(self) -> None:
        """The last screen of the call: what the page itself measured is taken here."""
        say(figure="call", stats=self._stats())
        self.shot("await_seal")
        self.until_next("await_seal", self._tell_brought)

    def _tell_brought(self) -> None:
        """What the phone has brought of its own once the call is over and nothing more is asked for."""
        stats = self._stats()
        if stats.get("settled") and stats["brought"] != self.brought:
            self.brought = stats["brought"]
            say(figure="brought", count=self.brought)

    def _stats(self) -> dict[str, Any]:
        """What the page measures of itself; nothing before it can."""
        stats: dict[str, Any] = self.page.evaluate("window.pingqian ? window.pingqian.stats() : {}")
        return stats


class FirstLoad:
    """Counts what goes over the wire until the first screen stands."""

    def __init__(self, session: CDPSession) -> None:
        self.bytes = 0
        self.requests = 0
        session.send("Network.enable")
        session.on("Network.loadingFinished", self._finished)

    def _finished(self, event: dict[str, float]) -> None:
        self.bytes += int(event["encodedDataLength"])
        self.requests += 1


def run(playwright: Playwright, options: Options) -> None:
    """With a browser that has been here before, the page goes on where it was."""
    returns = options.profile.exists()
    context = playwright.chromium.launch_persistent_context(
        options.profile,
        executable_path=options.chromium,
        headless=True,
        chromium_sandbox=False,
        viewport=PHONE,
        device_scale_factor=options.ratio,
        is_mobile=True,
        has_touch=True,
        locale="zh-CN",
        accept_downloads=True,
        args=[
            "--allow-loopback-in-peer-connection",
            "--use-fake-ui-for-media-stream",
            "--use-fake-device-for-media-stream",
            f"--use-file-for-fake-video-capture={options.camera}",
            f"--use-file-for-fake-audio-capture={options.voice}",
            "--autoplay-policy=no-user-gesture-required",
            "--disable-background-networking",
            "--disable-component-update",
            "--disable-quic",
            "--no-first-run",
            "--hide-crash-restore-bubble",
        ],
    )
    context.set_default_timeout(SLOW)
    if not options.keeps:
        context.add_init_script("delete window.MediaRecorder")
    page = context.new_page()
    page.on("console", lambda m: say(console=m.text) if m.type in {"error", "warning"} else None)
    page.on("pageerror", lambda e: say(console=str(e)))
    load = FirstLoad(context.new_cdp_session(page))
    page.goto(options.link)
    page.locator("#main[data-step]").wait_for(timeout=SLOW)
    if not returns:
        page.wait_for_load_state("networkidle")
        say(figure="first_load", bytes=load.bytes, requests=load.requests)
    try:
        Customer(page, options).go()
    except Exception:
        page.screenshot(path=options.out / "phone-99-failed.png")
        raise
    finally:
        context.close()


def main() -> int:
    parser = argparse.ArgumentParser()
    for name in ("link", "messages", "name", "phone-tail"):
        parser.add_argument(f"--{name}", required=True)
    parser.add_argument("--patience", type=float, required=True)
    parser.add_argument("--ratio", type=float, default=2.0)
    parser.add_argument("--keeps", action=argparse.BooleanOptionalAction, default=True)
    for name in ("camera", "voice", "cards", "profile", "out"):
        parser.add_argument(f"--{name}", required=True, type=Path)
    options = Options(**vars(parser.parse_args()))
    (options.out / "copies").mkdir(parents=True, exist_ok=True)
    try:
        with sync_playwright() as playwright:
            run(playwright, options)
    except Exception as error:
        say(failed=f"{type(error).__name__}: {error}")
        return 1
    say(done=True)
    return 0


if __name__ == "__main__":
    sys.exit(main())
