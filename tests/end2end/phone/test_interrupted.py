"""Airplane mode, an incoming phone call, a reload, a killed browser, in every step, over a line that loses each fifth
request: the page is back at the same step, asks nothing twice, and says so where something could not be kept."""

from collections.abc import Callable
from dataclasses import dataclass, field

import pytest
from playwright.sync_api import Route

from signing.wire.phone import PhoneStep, PhoneView, SignDocument
from tests.end2end.phone.conftest import Phone
from tests.end2end.phone.hands import write_name
from tests.end2end.phone.stage import CALL, CODE, Stage, display, documents
from tests.end2end.phone.test_returning import KEEP_STREAMS, STRIP
from tests.end2end.phone.test_screens import card_photograph

pytestmark = [pytest.mark.end2end, pytest.mark.timeout(600)]

RING = """() => {
  const turn = (state) => {
    Object.defineProperty(document, 'visibilityState', { configurable: true, get: () => state });
    document.dispatchEvent(new Event('visibilitychange'));
  };
  turn('hidden');
  const taken = (window.streams || []).splice(0);
  taken.forEach((stream) => stream.getTracks().forEach((track) => {
    track.stop();
    track.dispatchEvent(new Event('ended'));
  }));
  turn('visible');
  return taken.length;
}"""
SEEN = "window.streams.some((stream) => stream.getTracks().every((track) => track.readyState === 'live'))"
OF_THE_LINE = ("Failed to load resource", "WebSocket")
"""What a browser says of a request that was lost, and of no fault of the page."""
LINE = {"number": 3, "total": 9, "text": "您向本社借款人民币壹拾捌万元整，清楚吗？"}


def asked_of(stage: Stage) -> list[str]:
    """Commands but for the pages' time, which is told again and again."""
    return [path for path in stage.paths() if not path.endswith("/reading")]


class Lossy:
    """Each fifth request is lost, whatever it asks."""

    def __init__(self) -> None:
        self.count = 0
        self.whole = False

    def __call__(self, route: Route) -> None:
        self.count += 1
        if self.count % 5 == 0 and not self.whole:
            route.abort("connectionfailed")
        else:
            route.continue_()


@dataclass
class Walk:
    stage: Stage
    phone: Phone
    line: Lossy = field(default_factory=Lossy)
    seen: set[PhoneStep] = field(default_factory=lambda: {PhoneStep.CODE})

    def to(self, step: PhoneStep, part: str | None = None, *, signed: int = 0, **facts: object) -> None:
        papers = documents(signed, copies=step is PhoneStep.DONE)
        self.stage.show(step, **({"documents": papers} | facts))
        self.phone.at(step.value, part)
        self.seen.add(step)

    def airplane(self, meanwhile: PhoneView | None = None) -> None:
        """``meanwhile``: what the service shows from then on."""
        if self.stage.token:
            self.phone.until("window.pingqian.stats().lineConnected", 60)
        self.phone.context.set_offline(True)
        if self.stage.token:
            self.phone.until(f"{STRIP}.indexOf('飞行模式') >= 0", 30)
        self.stage.view = meanwhile or self.stage.view
        self.phone.context.set_offline(False)
        if self.stage.token:
            self.phone.until("window.pingqian.stats().lineConnected", 60)

    def ring(self) -> None:
        in_call = self.stage.view.call is not None
        if in_call:
            self.phone.until(SEEN, 30)
        self.phone.page.evaluate(RING)
        if in_call:
            self.phone.until(SEEN, 30)
            self.phone.until(f"{STRIP}.indexOf('摄像头') < 0", 30)

    def reload(self) -> None:
        self.phone.page.reload()

    def kill(self) -> None:
        self.phone.page.close(run_before_unload=False)
        self.phone.page = self.phone.context.new_page()
        self.phone.open(self.stage.url)

    def through(self, stands: Callable[[], None], anew: Callable[[], None] | None = None) -> None:
        """All four. ``stands`` tells that all is as it was; after a killed browser, which remembers less, ``anew``."""
        asked = asked_of(self.stage)
        for cut in (self.airplane, self.ring, self.reload):
            cut()
            stands()
        self.kill()
        (anew or stands)()
        assert asked_of(self.stage) == asked, "it was asked for again"

    # --- the steps ---

    def code(self) -> None:
        page = self.phone.page
        self.phone.open(self.stage.url)
        self.phone.at("code", "send")
        page.click("#primary")
        self.phone.at("code", "enter")
        page.locator("#code-input").press_sequentially(CODE[:3])

        def stands() -> None:
            self.phone.at("code", "enter")
            assert self.phone.page.input_value("#code-input") == CODE[:3]

        self.through(stands, lambda: self.phone.at("code", "enter"))
        self.phone.page.fill("#code-input", CODE)
        self.phone.page.click("#primary")
        self.phone.at("consent_recording")

    def consents(self) -> None:
        for step in (PhoneStep.CONSENT_RECORDING, PhoneStep.CONSENT_FACE):
            self.to(step)
            self.phone.read_to_the_end()

            def stands(step: PhoneStep = step) -> None:
                self.phone.at(step.value)
                self.phone.until("!document.getElementById('primary').disabled")

            self.through(stands, lambda step=step: self.phone.at(step.value))  # type: ignore[misc]

    def camera_check(self) -> None:
        self.to(PhoneStep.PRECHECK, "start")
        self.phone.page.click("#primary")
        self.phone.at("precheck", "look")
        self.phone.until("window.streams.length === 1")
        assert self.phone.page.evaluate(RING) == 1
        self.phone.until(SEEN, 30)
        self.phone.until("!document.getElementById('primary').disabled", 30)
        self.phone.page.click("#primary")
        part = "document.getElementById('main').dataset.part"

        def stands() -> None:
            """Loaded anew, a page rings only at a tap."""
            self.phone.at("precheck")
            self.phone.until(f"['listen', 'sound'].indexOf({part}) >= 0")

        self.through(stands, lambda: self.phone.at("precheck", "start"))

    def queue_and_helper(self) -> None:
        self.to(PhoneStep.QUEUE, "waiting", queue={"position": 2})
        self.phone.page.click("#helper-link")
        self.phone.at("helper", "ask")
        self.phone.page.fill("#helper-name", "王小燕")
        self.phone.page.click("text=子女")

        def stands() -> None:
            self.phone.at("helper", "ask")
            typed = [self.phone.page.input_value(f"#helper-{name}") for name in ("name", "relation")]
            assert typed == ["王小燕", "子女"]

        self.through(stands, lambda: self.phone.at("queue", "waiting"))
        self.through(lambda: self.phone.at("queue", "waiting"))

    def card(self) -> None:
        self.airplane(display(PhoneStep.ID_FRONT, call=CALL))
        self.phone.at("id_front", "take")
        self.seen.add(PhoneStep.ID_FRONT)
        for cut, kept in ((self.airplane, True), (self.ring, True), (self.reload, False), (self.kill, False)):
            self.photograph()
            cut()
            self.phone.at("id_front", "check" if kept else "take")
            if not kept:
                assert "没有留住" in self.phone.page.inner_text("#content")
        self.reload()
        self.phone.at("id_front", "take")
        assert "没有留住" not in self.phone.page.inner_text("#content"), "said once"
        assert not self.stage.bodies("/front")

    def photograph(self) -> None:
        with self.phone.page.expect_file_chooser() as opened:
            self.phone.page.click("#primary" if self.phone.page.locator("#id-preview").count() == 0 else "#secondary")
        opened.value.set_files(card_photograph())
        self.phone.at("id_front", "check")

    def talk(self) -> None:
        self.to(PhoneStep.AWAIT_IDENTITY, call=CALL)
        self.through(lambda: self.phone.at("await_identity"))
        self.to(PhoneStep.DISCLOSURE, call=CALL, prompt=LINE)

        def stands() -> None:
            self.phone.at("disclosure")
            assert self.phone.page.inner_text("#prompt") == LINE["text"]

        self.through(stands)

    def read(self) -> None:
        self.to(PhoneStep.READING, "page", call=CALL)
        for _ in range(2):
            self.phone.page.click("#next-page")
        papers = documents()
        papers[0]["pages_seen"] = [1, 2]
        self.stage.view = display(PhoneStep.READING, call=CALL, documents=papers)

        def stands() -> None:
            self.phone.at("reading", "page")
            self.phone.until("document.getElementById('page-count').textContent.indexOf('第 3 页') === 0", 30)

        def anew() -> None:
            """The pages that were seen come from the service."""
            stands()
            self.phone.until("document.getElementById('primary').textContent.indexOf('去签名') >= 0", 30)

        stands()
        self.through(stands, anew)

    def sign(self) -> None:
        self.to(PhoneStep.SIGNING, "pad", call=CALL)
        write_name(self.phone)

        def stands() -> None:
            self.phone.at("signing", "pad")
            self.phone.until("!document.getElementById('undo').disabled")

        self.through(stands, self.unkept)
        self.sign_again()
        self.through(lambda: self.phone.at("signing", "confirm"), self.unkept)
        self.in_two_goes()

    def in_two_goes(self) -> None:
        """Half the name, a reload, the other half: all of it arrives, and nothing of it stays in the phone."""
        write_name(self.phone)
        self.reload()
        self.phone.at("signing", "pad")
        self.sign_again()
        self.stage.reply = lambda path: display(PhoneStep.AWAIT_SEAL, documents=documents(3))
        self.line.whole = True
        self.phone.page.click("#confirm")
        self.phone.at("await_seal")
        self.line.whole = False
        signed = SignDocument.model_validate(self.stage.bodies("/sign")[0])
        assert len(signed.strokes.strokes) == 8
        times = [point.t for stroke in signed.strokes.strokes for point in stroke]
        assert times == sorted(times), "what was written later comes later"
        kept = self.phone.page.evaluate(
            "Object.keys(sessionStorage).filter((key) => key.includes('.ink.')).map((key) => sessionStorage[key])"
        )
        assert set(kept) == {"null"}, "nothing of it stays"

    def unkept(self) -> None:
        self.phone.at("signing", "pad")
        self.phone.until(f"{STRIP}.indexOf('请再写一遍') >= 0")

    def sign_again(self) -> None:
        write_name(self.phone)
        self.phone.until(f"{STRIP}.indexOf('请再写一遍') < 0")
        self.phone.page.click("#primary")
        self.phone.at("signing", "confirm")

    def end(self) -> None:
        self.to(PhoneStep.AWAIT_SEAL, signed=3)
        self.through(lambda: self.phone.at("await_seal"))
        self.to(PhoneStep.DONE, "list", signed=3)
        with self.phone.page.expect_download():
            self.phone.page.click("#primary")

        def stands() -> None:
            self.phone.at("done", "list")
            assert self.phone.page.locator(".doc-copy.saved").count() == 1

        self.through(stands, lambda: self.phone.at("done", "list"))

    def rest(self) -> None:
        """The steps with nothing of their own to be kept."""
        for step in PhoneStep:
            if step not in self.seen:
                self.to(step, call=CALL if step is PhoneStep.ID_BACK else None)
                for cut in (self.reload, self.kill):
                    cut()
                    self.phone.at(step.value)


def test_whatever_comes_between_in_whichever_step(stage: Stage, phone: Phone) -> None:
    phone.context.add_init_script(KEEP_STREAMS)
    walk = Walk(stage, phone)
    phone.context.route("**/api/phone/**", walk.line)
    walk.code()
    walk.consents()
    walk.camera_check()
    walk.queue_and_helper()
    walk.card()
    walk.talk()
    walk.read()
    walk.sign()
    walk.end()
    walk.rest()
    assert len(stage.devices) == 1, "the code was asked for once"
    assert [path.rsplit("/", 1)[1] for path in asked_of(stage)] == ["sign"]
    assert not [each for each in phone.complaints if not any(word in each for word in OF_THE_LINE)]
