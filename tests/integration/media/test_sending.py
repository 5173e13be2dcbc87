"""What the seat sends to a real Chromium: codecs, rate control fed by the browser's own feedback, voice sent twice."""

import asyncio
import threading
import time
from collections.abc import Callable, Coroutine, Iterator
from typing import Any, TypeVar

import pytest

from media.core.sendrate import START
from media.hearing import Hearing
from media.lab.scene import LENGTH, planes
from media.peer import Peer
from media.pictures import copied
from media.rtc.outgoing import Sending
from media.slots import LatestPicture
from media.stage import Pacer as Clock
from tests.integration.media.phone import Phone
from tests.unit.media.rtc.wire import spoken

Found = TypeVar("Found")
ONLY_VP8 = """() => { const plain = RTCPeerConnection.prototype.createOffer;
  RTCPeerConnection.prototype.createOffer = function () {
    for (const each of this.getTransceivers()) if (each.receiver.track.kind == 'video') each.setCodecPreferences(
      RTCRtpReceiver.getCapabilities('video').codecs.filter(codec => /VP8|rtx/.test(codec.mimeType)));
    return plain.call(this); }; }"""
RECEIVED = """async () => { const all = await pc.getStats(); const found = {};
  all.forEach(one => { if (one.type == 'inbound-rtp')
    found[one.kind] = {...one, codec: (all.get(one.codecId) || {}).mimeType}; });
  return found; }"""


class Sending360:
    """A connection as the seat makes it, with a moving picture and a tone."""

    def __init__(self) -> None:
        self._loop = asyncio.SelectorEventLoop()
        self._thread = threading.Thread(target=self._loop.run_forever, daemon=True)
        self._thread.start()
        self.peer = self.do(self._make())
        self._scenes = [planes(number) for number in range(LENGTH)]
        self._clocks = [Clock("pictures", 15, self._show, print), Clock("sound", 50, self._say, print)]
        for clock in self._clocks:
            clock.start()

    async def _make(self) -> Peer:
        return Peer((), LatestPicture(), Hearing(), lambda state: None, lambda seconds: None)

    def do(self, work: Coroutine[Any, Any, Found]) -> Found:
        return asyncio.run_coroutine_threadsafe(work, self._loop).result(20)

    def _show(self, number: int, due_ns: int) -> None:
        picture = copied(self._scenes[number % LENGTH], time.monotonic_ns())
        self._loop.call_soon_threadsafe(self.peer.stage.push, picture)

    def _say(self, number: int, due_ns: int) -> None:
        self._loop.call_soon_threadsafe(self.peer.heard.push, number, spoken(number))

    def connect(self, phone: Phone) -> None:
        phone.accept(self.do(self.peer.answer(phone.offer())).sdp)

    def sending(self) -> Sending:
        async def look() -> Sending:
            return self.peer.sending()

        return self.do(look())

    def close(self) -> None:
        self.do(self.peer.close())
        for clock in self._clocks:
            clock.close()
        self._loop.call_soon_threadsafe(self._loop.stop)
        self._thread.join(5)
        self._loop.close()


@pytest.fixture
def sending() -> Iterator[Sending360]:
    made = Sending360()
    yield made
    made.close()


def received(phone: Phone) -> dict[str, Any]:
    return dict(phone.page.evaluate(RECEIVED))


def until(phone: Phone, true: Callable[[], bool]) -> None:
    end = time.monotonic() + 20
    while not true():
        assert time.monotonic() < end, "did not happen in time"
        phone.page.wait_for_timeout(200)


def pictures(phone: Phone) -> int:
    return int(received(phone).get("video", {}).get("framesDecoded", 0))


def test_h264_at_a_rate_that_the_browser_tells(sending: Sending360, phone: Phone) -> None:
    sending.connect(phone)
    until(phone, lambda: pictures(phone) > 60)
    seen = received(phone)
    assert seen["video"]["codec"] == "video/H264"
    # the first, one that was asked for, and one with the full size
    assert seen["video"]["keyFramesDecoded"] <= 3, "the rate changes without key pictures"
    assert seen["audio"]["codec"] in ("audio/opus", "audio/red")
    assert abs(phone.loudest()[0] - 440) < 15
    until(phone, lambda: sending.sending().target > 1.3 * START)
    until(phone, lambda: sending.sending().picture == (640, 360))
    assert sending.sending().round_trip_ms is not None


def test_a_phone_without_h264_gets_vp8(sending: Sending360, phone: Phone) -> None:
    phone.page.evaluate(ONLY_VP8)
    sending.connect(phone)
    until(phone, lambda: pictures(phone) > 45)
    assert received(phone)["video"]["codec"] == "video/VP8"


def test_a_thin_path_gets_small_pictures_and_then_a_still_one(sending: Sending360, phone: Phone) -> None:
    """The rate is held down from here: what is tested is that the browser follows every size and comes back."""
    sending.connect(phone)
    until(phone, lambda: pictures(phone) > 15)
    outgoing = sending.peer._pc.outgoing
    for held, width in ((150_000.0, 480), (85_000.0, 320)):
        outgoing.rate._highest = held
        until(phone, lambda width=width: phone.seen()["width"] <= width)  # type: ignore[misc]
    outgoing.rate._highest = 45_000.0
    until(phone, lambda: sending.sending().picture is None)
    phone.page.wait_for_timeout(1500)  # what was on its way, and the still picture
    still, heard = pictures(phone), received(phone)["audio"]["packetsReceived"]
    phone.page.wait_for_timeout(1500)
    assert pictures(phone) <= still + 2
    assert received(phone)["audio"]["packetsReceived"] > heard + 20
    outgoing.rate._highest = 600_000.0
    until(phone, lambda: pictures(phone) > still + 30)
