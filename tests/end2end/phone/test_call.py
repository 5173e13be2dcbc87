"""The page's call against the seat's real media engine: first picture, a lost connection, a card put away."""

import queue
import threading
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field

import pytest
from playwright.sync_api import Route

from media import ports
from media.engine import MediaEngine
from signing.wire.base import Notice, Tone
from signing.wire.phone import PhoneStep
from tests.end2end.phone.conftest import Phone
from tests.end2end.phone.slowpath import slow_path
from tests.end2end.phone.stage import CALL, Stage

pytestmark = pytest.mark.end2end


@dataclass
class Seat:
    """The engine as the seat's window would drive it. ``deaf``: offers go unanswered."""

    engine: MediaEngine
    answers: "queue.Queue[str]" = field(default_factory=queue.Queue)
    states: list[str] = field(default_factory=list)
    pictured: threading.Event = field(default_factory=threading.Event)
    levels: list[float] = field(default_factory=list)
    """How loud the customer was, every two seconds."""

    def hear(self, event: ports.Event) -> None:
        if isinstance(event, ports.LocalAnswer):
            self.answers.put(event.sdp)
        elif isinstance(event, ports.PeerChanged):
            self.states.append(event.state)
        elif isinstance(event, ports.FirstPicture):
            self.pictured.set()
        elif isinstance(event, ports.Quality):
            self.levels.append(event.audio_level)

    def answer(self, sdp: str) -> str:
        self.engine.post(ports.RemoteOffer("call_1", "party_1", "王*国 借款人", sdp))
        return self.answers.get(timeout=10)


@pytest.fixture
def seat() -> Iterator[Seat]:
    engine = MediaEngine(ports.EngineOptions(stage_width=640, stage_height=360, use_devices=False))
    seat = Seat(engine)
    engine.start(seat.hear)
    engine.post(ports.OpenCall("call_1", "2026-00318", "07号席", "张*梅"))
    yield seat
    engine.post(ports.CloseCall("call_1"))
    engine.stop()


def test_call_shows_each_side_to_the_other(stage: Stage, phone: Phone, seat: Seat) -> None:
    stage.answer = seat.answer
    stage.show(PhoneStep.AWAIT_IDENTITY, call=CALL)
    phone.resume(stage)
    phone.at("await_identity")
    phone.until("window.pingqian.stats().firstPictureMs > 0")
    assert seat.pictured.wait(10)
    stats = phone.stats()
    assert stats["connectionState"] == "connected"
    assert stats["firstPictureMs"] < 3000
    video = "document.getElementById('remote')"
    assert phone.page.evaluate(f"[{video}.paused, {video}.muted]") == [False, False]
    phone.until(f"{video}.videoWidth === 640")  # a call begins gently, with a smaller picture
    offer = stage.offers[0]
    assert "a=candidate" in offer
    codecs = {line.split()[1].split("/")[0] for line in offer.splitlines() if line.startswith("a=rtpmap")}
    assert {"VP8", "opus"} <= codecs
    assert not codecs & {"VP9", "AV1", "H265"}
    assert not phone.complaints


def test_lost_connection_is_offered_anew_and_the_line_alone_is_not(stage: Stage, phone: Phone, seat: Seat) -> None:
    stage.answer = seat.answer
    stage.show(PhoneStep.AWAIT_IDENTITY, call=CALL)
    phone.resume(stage)
    phone.until("window.pingqian.stats().firstPictureMs > 0")
    stage.soon(stage.drop())
    phone.until("window.pingqian.stats().lineConnected")
    phone.page.wait_for_timeout(500)
    assert phone.stats()["offers"] == 1, "a call that outlived the line goes on"
    seat.engine.post(ports.CloseCall("call_1"))
    seat.engine.post(ports.OpenCall("call_1", "2026-00318", "07号席", "张*梅"))
    phone.until("window.pingqian.stats().offers >= 2")
    phone.until("window.pingqian.stats().connectionState === 'connected'")
    phone.until("document.getElementById('strip').textContent.indexOf('重新接通') < 0")
    phone.until("!window.pingqian.stats().lost")
    assert frames_in(phone, 2) > 5
    assert seat.states.count("connected") == 2


def test_a_path_that_takes_its_time_is_waited_for_once_the_seat_has_answered(
    stage: Stage, phone: Phone, seat: Seat
) -> None:
    """Longer than a phone waits for the answer: every further offer would have to begin from the start."""
    with slow_path(10) as path:
        stage.answer = lambda offer: path.to_phone(seat.answer(path.to_seat(offer)))
        stage.show(PhoneStep.AWAIT_IDENTITY, call=CALL)
        phone.resume(stage)
        phone.until("window.pingqian.stats().firstPictureMs > 0 || window.pingqian.stats().offers > 1", 40)
        assert phone.stats()["offers"] == 1
        assert phone.stats()["connectionState"] == "connected"
        assert path.held_back > 10


def test_who_is_muted_sends_no_sound_goes_on_seeing_and_is_told(stage: Stage, phone: Phone, seat: Seat) -> None:
    stage.answer = seat.answer
    stage.show(PhoneStep.AWAIT_IDENTITY, call=CALL)
    phone.resume(stage)
    phone.until("window.pingqian.stats().firstPictureMs > 0")
    assert soon(lambda: max(seat.levels, default=0.0) > 0.003)
    words = "客户经理已将您静音"
    muted = CALL | {"muted": True}
    stage.show(PhoneStep.AWAIT_IDENTITY, call=muted, notice=Notice(tone=Tone.CAUTION, text=words))
    phone.until(f"document.getElementById('strip').textContent.indexOf('{words}') >= 0")
    before = len(seat.levels)
    assert soon(lambda: len(seat.levels) > before + 1 and max(seat.levels[-1:]) < 0.0005), seat.levels
    assert frames_in(phone, 2) > 5
    stage.show(PhoneStep.AWAIT_IDENTITY, call=CALL)
    before = len(seat.levels)
    assert soon(lambda: max(seat.levels[before:], default=0.0) > 0.003), "and is heard again at once"
    assert phone.stats()["offers"] == 1


def soon(true: Callable[[], bool], seconds: float = 20) -> bool:
    end = time.monotonic() + seconds
    while not true() and time.monotonic() < end:
        time.sleep(0.1)
    return true()


def test_an_answer_to_a_replaced_offer_is_passed_over(stage: Stage, phone: Phone, seat: Seat) -> None:
    stage.answer = seat.answer
    stage.late = "v=0\r\nrubbish"
    stage.show(PhoneStep.AWAIT_IDENTITY, call=CALL)
    phone.resume(stage)
    phone.until("window.pingqian.stats().firstPictureMs > 0")
    assert phone.stats()["offers"] == 1


def test_a_call_whose_code_did_not_come_the_first_time_is_still_made(stage: Stage, phone: Phone, seat: Seat) -> None:
    tries: list[str] = []

    def once(route: Route) -> None:
        tries.append(route.request.url)
        if len(tries) == 1:
            route.abort()
        else:
            route.continue_()

    phone.page.route("**/call.js*", once)
    stage.answer = seat.answer
    stage.show(PhoneStep.AWAIT_IDENTITY, call=CALL)
    phone.resume(stage)
    phone.until("window.pingqian.stats().firstPictureMs > 0")
    assert len(tries) == 2


def test_hang_up_closes_camera_and_card(stage: Stage, phone: Phone, seat: Seat) -> None:
    stage.answer = seat.answer
    stage.show(PhoneStep.READING, call=CALL)
    phone.page.add_init_script(
        "const ask = MediaDevices.prototype.getUserMedia; window.streams = [];"
        "MediaDevices.prototype.getUserMedia = async function (wish) {"
        " const stream = await ask.call(this, wish); window.streams.push(stream); return stream; };"
    )
    phone.resume(stage)
    phone.until("window.pingqian.stats().firstPictureMs > 0")
    card = phone.page.locator("#call-card")
    assert card.get_attribute("data-size") == "small"
    phone.page.click("#call-toggle")
    assert card.get_attribute("data-size") == "away"
    phone.page.click("#call-toggle")
    assert card.get_attribute("data-size") == "small"
    stage.show(PhoneStep.AWAIT_SEAL)
    phone.at("await_seal", "alone")
    assert card.is_hidden()
    assert phone.stats()["connectionState"] == "none"
    ended = "window.streams.length > 0 && window.streams.every(s => s.getTracks().every(t => t.readyState === 'ended'))"
    phone.until(ended)


def test_without_a_camera_the_agent_is_told_of_by_words_and_a_way_on(
    stage: Stage, new_phone: Callable[..., Phone], seat: Seat
) -> None:
    stage.answer = seat.answer
    stage.show(PhoneStep.AWAIT_IDENTITY, call=CALL)
    phone = new_phone(camera=False)
    phone.resume(stage)
    phone.until("document.getElementById('strip').textContent.indexOf('看不到您') >= 0")
    phone.context.grant_permissions(["camera", "microphone"])
    phone.page.locator("#strip button").click()
    phone.until("window.pingqian.stats().connectionState === 'connected'")
    assert "看不到您" not in phone.page.inner_text("#strip")


def test_the_channel_beside_the_picture_beats(stage: Stage, phone: Phone, seat: Seat) -> None:
    stage.answer = seat.answer
    stage.show(PhoneStep.AWAIT_IDENTITY, call=CALL)
    phone.resume(stage)
    phone.until("window.pingqian.stats().roundTripMs > 0")
    assert phone.stats()["roundTripMs"] < 1000
    assert "m=application" in stage.offers[0]
    assert not phone.complaints


COUNT = """
if (window.shown === undefined) {
  const video = document.getElementById('remote');
  window.shown = 0;
  const seen = () => { window.shown += 1; video.requestVideoFrameCallback(seen); };
  video.requestVideoFrameCallback(seen);
}
"""


def in_call(stage: Stage, phone: Phone, seat: Seat) -> None:
    stage.answer = seat.answer
    stage.show(PhoneStep.AWAIT_IDENTITY, call=CALL)
    phone.resume(stage)
    phone.until("window.pingqian.stats().firstPictureMs > 0")
    phone.until("window.pingqian.stats().roundTripMs > 0")


def frames_in(phone: Phone, seconds: float) -> int:
    """Pictures shown, over whatever connections they came."""
    phone.page.evaluate(COUNT)
    before = int(phone.page.evaluate("window.shown"))
    phone.page.wait_for_timeout(seconds * 1000)
    return int(phone.page.evaluate("window.shown")) - before


def test_picture_and_call_outlive_the_service(stage: Stage, phone: Phone, seat: Seat) -> None:
    in_call(stage, phone, seat)
    usual = frames_in(phone, 3)
    stage.away = True
    stage.soon(stage.drop())
    phone.until("!window.pingqian.stats().lineConnected")
    assert frames_in(phone, 3) > usual / 2
    stats = phone.stats()
    assert (stats["lineConnected"], stats["connectionState"], stats["lost"]) == (False, "connected", False)
    stage.away = False
    phone.until("window.pingqian.stats().lineConnected")
    assert frames_in(phone, 1) > usual / 6
    assert phone.stats()["offers"] == 1, "a call that outlived the line goes on"
    assert seat.states.count("connected") == 1


def test_a_line_that_went_deaf_is_found_out_where_the_call_is_lost(stage: Stage, phone: Phone, seat: Seat) -> None:
    """The phone has moved: neither packets nor the service's answers come, and nobody says so."""
    in_call(stage, phone, seat)
    stage.deaf = set(stage.sockets)
    seat.engine.post(ports.CloseCall("call_1"))
    seat.engine.post(ports.OpenCall("call_1", "2026-00318", "07号席", "张*梅"))
    phone.until("window.pingqian.stats().offers >= 2")
    phone.until("!window.pingqian.stats().lost && window.pingqian.stats().lineConnected")
    assert not stage.deaf & stage.sockets, "the deaf line was given up long before its heartbeat"
    assert frames_in(phone, 2) > 5


def test_a_change_of_network_is_answered_at_once_and_without_a_gap(stage: Stage, phone: Phone, seat: Seat) -> None:
    in_call(stage, phone, seat)
    usual = frames_in(phone, 3)
    phone.page.evaluate("window.dispatchEvent(new Event('online'))")
    assert frames_in(phone, 3) > usual / 2
    phone.until("window.pingqian.stats().offers === 2")
    assert phone.stats()["connectionState"] == "connected"
    assert seat.states.count("connected") == 2
    assert not {"disconnected", "closed"} & set(seat.states), "the old connection went on until the new one carried"


def test_what_the_browser_calls_lost_is_said_at_once_and_taken_back(stage: Stage, phone: Phone, seat: Seat) -> None:
    in_call(stage, phone, seat)
    phone.page.evaluate(
        "window.dispatchEvent(new Event('offline')); window.said = document.getElementById('strip').textContent;"
        " window.wasLost = window.pingqian.stats().lost"
    )
    assert phone.page.evaluate("window.wasLost")
    assert "重新接通" in phone.page.evaluate("window.said")
    phone.until("!window.pingqian.stats().lost")
    phone.until("document.getElementById('strip').textContent.indexOf('重新接通') < 0")
    assert frames_in(phone, 2) > 5
    assert phone.stats()["connectionState"] == "connected"
