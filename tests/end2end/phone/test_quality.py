"""How good the call is, over emulated links: the seat finds the cause, the phone says it in the customer's words."""

import queue
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path

import pytest

from media import ports
from media.core.quality import Cause
from media.engine import MediaEngine
from media.lab.hosts import by_relay
from media.lab.linkfile import load
from media.lab.relay import Relay
from signing.wire.phone import PhoneStep, PhoneView
from tests.end2end.phone.conftest import Phone
from tests.end2end.phone.hands import write_name
from tests.end2end.phone.stage import CALL, Stage, display, documents

pytestmark = pytest.mark.end2end


@dataclass
class Seat:
    """The engine as the seat's window drives it, over a link. ``seen``: what it told of the line."""

    engine: MediaEngine
    relay: Relay
    answers: "queue.Queue[str]" = field(default_factory=queue.Queue)
    seen: list[ports.Quality] = field(default_factory=list)
    changed: threading.Condition = field(default_factory=threading.Condition)

    def hear(self, event: ports.Event) -> None:
        if isinstance(event, ports.LocalAnswer):
            self.answers.put(event.sdp)
        elif isinstance(event, ports.Quality):
            with self.changed:
                self.seen.append(event)
                self.changed.notify_all()

    def answer(self, sdp: str) -> str | None:
        sdp = by_relay(sdp, self.relay.seat_port)
        self.engine.post(ports.RemoteOffer("call_1", "party_1", "王*国 借款人", sdp))
        return by_relay(self.answers.get(timeout=10), self.relay.phone_port)

    def wait(self, true: Callable[[ports.Quality], bool], seconds: float = 40) -> ports.Quality:
        """The first look at the line of which it is true."""
        with self.changed:
            found = self.changed.wait_for(lambda: next(filter(true, self.seen), None), seconds)
            assert found is not None, [(q.judgement.cause, q.judgement) for q in self.seen[-3:] if q.judgement]
            return found


@contextmanager
def seat_over(text: str, folder: Path) -> Iterator[Seat]:
    (folder / "link.toml").write_text(text, encoding="utf-8")
    link = load(str(folder / "link.toml"))
    engine = MediaEngine(ports.EngineOptions(stage_width=640, stage_height=360, use_devices=False))
    with Relay(link.up, link.down, 1, link.moves) as relay:
        seat = Seat(engine, relay)
        engine.start(seat.hear)
        engine.post(ports.OpenCall("call_1", "2026-00318", "07号席", "张*梅"))
        try:
            relay.begin()
            yield seat
        finally:
            engine.post(ports.CloseCall("call_1"))
            engine.stop()
            relay.end()


def begin(stage: Stage, phone: Phone, seat: Seat, step: PhoneStep = PhoneStep.AWAIT_IDENTITY) -> None:
    stage.answer = seat.answer
    stage.show(step, call=CALL)
    phone.resume(stage)
    seat.wait(lambda seen: True)


def said(phone: Phone) -> str:
    return str(phone.page.evaluate("(document.querySelector('#strip [data-slot=quality]') || {}).textContent || ''"))


def cause_of(wanted: Cause) -> Callable[[ports.Quality], bool]:
    return lambda seen: seen.judgement is not None and seen.judgement.cause is wanted


CLEAN = "[both]\ndelay_ms = 40\n"
LOSSY = "[both]\ndelay_ms = 40\njitter_ms = 20\nloss = 0.2\n"
THIN_UP = "[both]\ndelay_ms = 40\n[phone_to_seat]\nrate_kbps = 120\nqueue_ms = 500\n"
THIN_DOWN = "[both]\ndelay_ms = 40\n[seat_to_phone]\nrate_kbps = 90\nqueue_ms = 500\n"


def test_on_a_clean_line_the_phone_tells_its_figures_and_says_nothing(
    stage: Stage, phone: Phone, tmp_path: Path
) -> None:
    with seat_over(CLEAN, tmp_path) as seat:
        begin(stage, phone, seat)
        told = seat.wait(lambda seen: seen.judgement is not None and seen.judgement.look.limit != "").judgement
        assert told is not None
        assert told.look.down.pictures is not None
        assert told.look.down.pictures > 5
        seat.wait(lambda seen: cause_of(Cause.FINE)(seen) and seen.judgement.bars >= 3, 90)  # type: ignore[union-attr]
        phone.until("document.querySelector('#strip [data-slot=quality]') === null")
        assert not phone.complaints


def test_where_a_fifth_is_lost_the_voice_goes_on_the_customer_is_told_and_signs(
    stage: Stage, phone: Phone, tmp_path: Path
) -> None:
    def signed(path: str) -> PhoneView | None:  # as of now: the page passes over what is older than it shows
        return display(PhoneStep.AWAIT_SEAL, call=CALL, documents=documents(3)) if path.endswith("/sign") else None

    stage.reply = signed
    with seat_over(LOSSY, tmp_path) as seat:
        begin(stage, phone, seat)
        found = seat.wait(cause_of(Cause.LOSSY)).judgement
        assert found is not None
        assert found.look.up.loss > 0.05
        assert found.look.down.loss > 0.05
        words = "(document.querySelector('#strip [data-slot=quality]') || {}).textContent || ''"
        phone.until(f"({words}).includes('画面会停') || ({words}).includes('画面有时会停')", 60)
        seat.seen.clear()
        stage.show(PhoneStep.SIGNING, call=CALL)
        phone.at("signing", "pad")
        write_name(phone)
        phone.page.click("#primary")
        phone.at("signing", "confirm")
        phone.page.click("#confirm")
        phone.at("await_seal")
        assert len(stage.bodies("/sign")) == 1
        seat.wait(lambda seen: seen.audio_level > 0.003)
        stats = phone.stats()
        assert (stats["connectionState"], stats["lost"]) == ("connected", False)


def test_a_thin_way_to_the_phone_is_found_and_the_customer_is_told_what_to_do(
    stage: Stage, phone: Phone, tmp_path: Path
) -> None:
    with seat_over(THIN_DOWN, tmp_path) as seat:
        begin(stage, phone, seat)
        found = seat.wait(cause_of(Cause.DOWNLINK_THIN)).judgement
        assert found is not None
        assert found.look.up.loss < 0.05
        phone.until("document.querySelector('#strip [data-slot=quality]') !== null")
        assert "您这里信号" in said(phone)
        assert "窗边" in said(phone)
        box = phone.page.evaluate(
            "document.querySelector('#strip [data-slot=quality]').getBoundingClientRect().toJSON()"
        )
        assert box["right"] <= 360
        assert box["height"] < 120, "a line or three, not a screen"
        stage.show(PhoneStep.AWAIT_IDENTITY, call=CALL | {"held": True})
        phone.until("document.querySelector('#strip [data-slot=quality]') === null")


def test_a_thin_way_from_the_phone_is_found_by_what_the_phone_tells(stage: Stage, phone: Phone, tmp_path: Path) -> None:
    with seat_over(THIN_UP, tmp_path) as seat:
        begin(stage, phone, seat)
        found = seat.wait(cause_of(Cause.UPLINK_THIN)).judgement
        assert found is not None
        assert found.look.available is not None
        assert found.look.available < 200_000
        assert found.told is not None
        assert found.look.limit


def test_what_the_phone_says_is_calm_and_only_while_it_is_bad(stage: Stage, phone: Phone) -> None:
    """The words by themselves: the same code as in the call, fed as the channel feeds it."""
    stage.show(PhoneStep.AWAIT_IDENTITY)
    phone.resume(stage)
    phone.at("await_identity")
    phone.page.evaluate(
        """async () => {
          const [{ createQuality }, { createUi }] = await Promise.all(
            [import('/phone/quality.js'), import('/phone/ui.js')]);
          window.opened = 0;
          window.ui = createUi();
          window.quality = createQuality(window.ui, undefined, undefined, () => { window.opened += 1; }); }"""
    )
    words = {}
    for cause in Cause:
        for bars in (2, 1):
            message = {"kind": "quality", "bars": bars, "cause": cause.value}
            phone.page.evaluate("message => window.quality.heard(message)", message)
            words[cause, bars] = said(phone)
            if words[cause, bars]:
                assert phone.page.evaluate("document.documentElement.scrollWidth") <= 360
        for bars in (0, 3, 4):
            message = {"kind": "quality", "bars": bars, "cause": cause.value}
            phone.page.evaluate("message => window.quality.heard(message)", message)
            assert said(phone) == ""
    silent = {cause for (cause, _), text in words.items() if not text}
    assert silent == {Cause.FINE, Cause.BROKEN}, "the page itself says that it dials anew"
    thin, fine = (
        {"kind": "quality", "bars": bars, "cause": cause} for bars, cause in ((1, "uplink_thin"), (4, "fine"))
    )
    stage.show(PhoneStep.READING)
    phone.at("reading")
    phone.page.evaluate("message => window.quality.heard(message)", thin)
    assert "信号很弱" in said(phone)
    phone.page.evaluate("message => window.quality.heard(message)", fine)
    assert said(phone) == ""
    gone = "(document.querySelector('#strip [data-slot=sound]') || {}).textContent || ''"
    phone.page.evaluate("message => window.quality.heard(message)", fine | {"sound": "gone"})
    assert "听不到您" in phone.page.evaluate(gone)
    assert phone.page.evaluate("document.documentElement.scrollWidth") <= 360
    phone.page.click("#strip [data-slot=sound] button")
    assert phone.page.evaluate("window.opened") == 1, "the microphone is opened once more"
    phone.page.evaluate("message => window.quality.heard(message)", fine | {"sound": "there"})
    assert phone.page.evaluate(gone) == ""
    alone = {"kind": "quality", "still": True, "bars": 2}
    for fault, whose in (("downlink_thin", "您这里"), ("seat_network", "客户经理那边")):
        phone.page.evaluate("message => window.quality.heard(message)", alone | {"cause": fault})
        assert said(phone).startswith(whose)
        assert "只留说话" in said(phone)
    phone.page.evaluate("message => window.quality.heard(message)", fine)
    assert said(phone) == ""
    assert "不受影响" in words[Cause.DOWNLINK_THIN, 2]
    assert "不受影响" not in words[Cause.DOWNLINK_THIN, 1], "words get lost too by then"


def test_while_one_signs_the_line_is_told_too_but_never_under_the_pen(stage: Stage, phone: Phone) -> None:
    stage.show(PhoneStep.SIGNING)
    phone.resume(stage)
    phone.at("signing", "pad")
    phone.page.evaluate(
        """async () => {
          const [{ createQuality }, { createUi }] = await Promise.all(
            [import('/phone/quality.js'), import('/phone/ui.js')]);
          window.ui = createUi();
          window.quality = createQuality(window.ui); }"""
    )
    thin = {"kind": "quality", "bars": 1, "cause": "uplink_thin", "sound": "gone"}
    fine = {"kind": "quality", "bars": 4, "cause": "fine", "sound": "there"}
    hear = "message => window.quality.heard(message)"
    pad = "document.getElementById('pad').getBoundingClientRect().toJSON()"
    lay = phone.page.evaluate(pad)
    phone.page.evaluate("window.ui.still(true)")
    phone.page.evaluate(hear, thin)
    assert phone.page.inner_text("#strip") == ""
    phone.page.evaluate("window.ui.still(false)")
    assert "信号很弱" in said(phone), "said once the hand rests"
    assert "听不到您" in phone.page.inner_text("#strip [data-slot=sound]")
    assert phone.page.evaluate(pad) == lay, "it lies over the title"
    phone.page.evaluate(hear, fine)
    assert phone.page.inner_text("#strip") == "", "and goes again"
    write_name(phone)
    phone.page.click("#primary")
    phone.at("signing", "confirm")
    phone.page.evaluate(hear, thin)
    assert "听不到您" in phone.page.inner_text("#strip")
