"""A customer's connection is renewed while the one before stands: nobody who watches or listens later sees a hole."""

from pathlib import Path

from media import ports
from media.readback import read_back
from media.voice import read_voice
from tests.integration.media.phone import PHONE_TONE, Phone
from tests.integration.media.seat import Seat
from tests.integration.media.sound import strength
from tests.integration.media.test_call import connect, greenish, stage, until

RATE = 48_000


def beside(phone: Phone) -> None:
    """Lets the page's next connection leave the one before alone."""
    phone.page.evaluate("window.before = window.pc")


def hang_up_before(phone: Phone) -> None:
    phone.page.evaluate("window.before.close()")


def test_recording_goes_on_over_both_connections(seat: Seat, phone: Phone, recording_path: Path) -> None:
    seat.open()
    connect(seat, phone)
    until(lambda: greenish(stage(seat)), phone)
    seat.post(ports.StartRecording("c1", recording_path))
    seat.wait(ports.RecordingBegan)
    phone.page.wait_for_timeout(2000)
    beside(phone)
    connect(seat, phone)
    hang_up_before(phone)
    phone.page.wait_for_timeout(3000)
    seat.post(ports.StopRecording("c1"))
    ended = seat.wait(ports.RecordingEnded)
    assert read_back(ended.path, ended.segments).findings == ()
    assert ended.gaps == (), "there was a picture all the time"
    voice = read_voice(ended.path)
    tenths = [voice[at : at + RATE // 10] for at in range(RATE // 2, len(voice) - RATE, RATE // 10)]
    silent = sum(strength(part, PHONE_TONE) < 0.2 for part in tenths)
    assert silent <= len(tenths) / 10, "the voice went over within moments"
    states = [event.state for event in seat.all(ports.PeerChanged)]
    assert states.count("connected") == 2
    assert "disconnected" not in states
    assert "closed" not in states


def test_an_offer_that_comes_to_nothing_changes_nothing(seat: Seat, phone: Phone) -> None:
    seat.open()
    connect(seat, phone)
    until(lambda: greenish(stage(seat)), phone)
    beside(phone)
    since = len(seat.events)
    seat.post(ports.RemoteOffer("c1", "p1", "王建国", phone.offer()))
    seat.wait(ports.LocalAnswer, since=since)
    phone.hang_up()
    phone.page.wait_for_timeout(3000)
    assert greenish(stage(seat))
    assert [event for event in seat.events[since:] if isinstance(event, ports.PeerChanged)] == []
    phone.page.evaluate("window.pc = window.before")
    assert phone.seen()["state"] == "connected"


def test_an_offer_that_cannot_be_used_leaves_the_call_alone(seat: Seat, phone: Phone) -> None:
    seat.open()
    connect(seat, phone)
    until(lambda: greenish(stage(seat)), phone)
    since = len(seat.events)
    seat.post(ports.RemoteOffer("c1", "p1", "王建国", "v=0\r\nrubbish"))
    assert seat.wait(ports.Failed, since=since).what == "offer"
    phone.page.wait_for_timeout(1500)
    assert greenish(stage(seat))
    assert phone.seen()["state"] == "connected"


def test_two_offers_in_a_row_end_in_one_connection(seat: Seat, phone: Phone) -> None:
    """The phone gave up the first of them before it was answered."""
    seat.open()
    connect(seat, phone)
    beside(phone)
    seat.post(ports.RemoteOffer("c1", "p1", "王建国", phone.offer(), "first"))
    since = len(seat.events)
    seat.post(ports.RemoteOffer("c1", "p1", "王建国", phone.offer(), "second"))
    answer = seat.wait(ports.LocalAnswer, since=since, where=lambda event: event.offer_id == "second")
    phone.accept(answer.sdp)
    hang_up_before(phone)
    until(lambda: phone.seen()["state"] == "connected", phone)
    until(lambda: phone.seen()["frames"] > 10 and greenish(stage(seat)), phone)
