"""What the page keeps of its own side of the call: encrypted here, brought where the line lost it, then gone."""

import hashlib
import io
from collections.abc import Callable
from datetime import UTC, datetime, timedelta

import av
import pytest
from PIL import Image

from media import ports
from signing.wire.backfill import BackfillSpan
from signing.wire.phone import PhoneStep
from tests.end2end.phone.conftest import Phone
from tests.end2end.phone.stage import CALL, CAPABILITY, Stage, display
from tests.end2end.phone.test_call import Seat, seat, soon

pytestmark = pytest.mark.end2end
__all__ = ["seat"]

STRONG = "Object.defineProperty(navigator, 'hardwareConcurrency', { get: () => 8 })"
KEPT = """async () => {
  const base = await new Promise((done) => { const asked = indexedDB.open('pingqian-kept', 1);
    asked.onsuccess = () => done(asked.result); });
  const rows = await new Promise((done) => { const asked = base.transaction('pieces').objectStore('pieces').getAll();
    asked.onsuccess = () => done(asked.result); });
  base.close();
  return rows.map((row) => [row.call, row.type, Array.from(new Uint8Array(row.data).slice(0, 8))]);
}"""


@pytest.fixture
def strong(new_phone: Callable[..., Phone]) -> Phone:
    """A phone that has strength to spare."""
    phone = new_phone()
    phone.page.add_init_script(STRONG)
    return phone


def in_call(stage: Stage, phone: Phone, seat: Seat) -> None:
    stage.answer = seat.answer
    stage.show(PhoneStep.AWAIT_IDENTITY, call=CALL)
    phone.resume(stage)
    phone.until("window.pingqian.stats().firstPictureMs > 0", 20)


def lose_the_line(stage: Stage, phone: Phone, seat: Seat) -> BackfillSpan:
    """For a while; → when."""
    since = datetime.now(UTC)
    stage.answer = lambda sdp: None
    seat.engine.post(ports.CloseCall("call_1"))
    phone.until("window.pingqian.stats().lost", 20)
    phone.page.wait_for_timeout(2000)
    seat.engine.post(ports.OpenCall("call_1", "2026-00318", "07号席", "张*梅"))
    stage.answer = seat.answer
    phone.until("window.pingqian.stats().connectionState === 'connected' && !window.pingqian.stats().lost", 30)
    return BackfillSpan(since=since, until=datetime.now(UTC))


def test_what_the_line_lost_is_brought_as_pieces_that_play_and_the_rest_is_not(
    stage: Stage, strong: Phone, seat: Seat
) -> None:
    in_call(stage, strong, seat)
    strong.until("window.pingqian.stats().kept >= 2", 40)
    before = strong.stats()["kept"]
    lost = lose_the_line(stage, strong, seat)
    assert not stage.brought, "nothing is brought unasked"
    stage.lacks = [lost]
    stage.show(PhoneStep.AWAIT_SEAL)  # hung up: nothing is in the way
    assert soon(lambda: any(kind == "video/webm" for _, _, kind, _ in stage.brought), 60), strong.stats()
    strong.until("window.pingqian.stats().brought >= 2", 60)
    for since, until, kind, data in stage.brought:
        begin, end = datetime.fromisoformat(since), datetime.fromisoformat(until)
        assert begin <= lost.until and end >= lost.since, (begin, end, lost)  # noqa: PT018
        (shows_a_picture if kind == "image/jpeg" else plays)(data, end - begin)
    assert before > 0
    assert strong.stats()["kept"] > 0, "what was not asked for stays here until it is over"
    assert not strong.complaints


def plays(data: bytes, length: timedelta) -> None:
    with av.open(io.BytesIO(data), "r") as box:
        seen = list(box.decode(video=0))
    with av.open(io.BytesIO(data), "r") as box:
        heard = sum(frame.samples / frame.sample_rate for frame in box.decode(audio=0))
    assert (seen[0].width, seen[0].height) == (640, 480), "as the camera gave it"
    assert len(seen) > 2
    assert abs(heard - length.total_seconds()) < 2


def shows_a_picture(data: bytes, length: timedelta) -> None:
    assert length == timedelta(0)
    assert Image.open(io.BytesIO(data)).size == (640, 480)


def test_on_the_phone_it_lies_encrypted_survives_a_reload_and_goes_when_nothing_more_is_taken(
    stage: Stage, strong: Phone, seat: Seat
) -> None:
    in_call(stage, strong, seat)
    strong.until("window.pingqian.stats().kept >= 2", 40)
    since = datetime.now(UTC) - timedelta(seconds=60)
    rows = strong.page.evaluate(KEPT)
    assert {row[0] for row in rows} == {"call_1"}
    assert not any(row[2][:4] == [0x1A, 0x45, 0xDF, 0xA3] for row in rows), "plain on the phone"
    stage.show(PhoneStep.AWAIT_SEAL)
    strong.page.reload()
    strong.at("await_seal")
    assert len(strong.page.evaluate(KEPT)) >= len(rows), "a page that is gone loses nothing"
    stage.brake = 1
    stage.lacks = [BackfillSpan(since=since, until=datetime.now(UTC))]
    strong.until("window.pingqian.stats().brought >= 2", 90)
    assert stage.braked[1] - stage.braked[0] >= 2, "the service's word to wait is kept"
    stage.sealed = True
    stage.show(PhoneStep.DONE)
    assert soon(lambda: not _of(strong, "call_1"), 30), strong.page.evaluate(KEPT)
    strong.until("!Object.keys(localStorage).some((key) => key.indexOf('kept') > 0)", 20)


SEED = """async (rows) => {
  const base = await new Promise((done) => { const asked = indexedDB.open('pingqian-kept', 1);
    asked.onupgradeneeded = () => asked.result.createObjectStore('pieces', { keyPath: 'id' });
    asked.onsuccess = () => done(asked.result); });
  const store = base.transaction('pieces', 'readwrite').objectStore('pieces');
  const row = { call: 'call_1', type: 'video/webm', data: new ArrayBuffer(8) };
  rows.forEach(([id, owner, at]) => store.put({ ...row, id, owner, at }));
  await new Promise((done) => { store.transaction.oncomplete = done; });
  base.close();
  ['kept'].concat(rows.map((row) => `kept.${row[1]}`)).forEach((name) => localStorage.setItem(`pingqian.${name}`, '1'));
}"""
LEFT = KEPT.replace("[row.call, row.type, Array.from(new Uint8Array(row.data).slice(0, 8))]", "row.id")
DAY = 24 * 3600 * 1000


@pytest.mark.parametrize(("step", "left"), [(PhoneStep.AWAIT_SEAL, ["mine", "theirs"]), (PhoneStep.DONE, ["theirs"])])
def test_what_nobody_asks_for_goes_in_time_and_with_the_end_of_the_case(
    stage: Stage, strong: Phone, step: PhoneStep, left: list[str]
) -> None:
    """Of whomever it is, where it is old; the other one's on the same phone stays as long as it may be wanted."""
    strong.open(stage.url)
    now = strong.page.evaluate("Date.now()")
    me = hashlib.sha256(CAPABILITY.encode()).hexdigest()[:24]
    rows = [
        ["mine", me, now - DAY], ["mine, old", me, now - 4 * DAY],
        ["theirs", "another", now - DAY], ["theirs, old", "another", now - 4 * DAY], ["of no date", "another", None],
    ]  # fmt: skip
    strong.page.evaluate(SEED, rows)
    stage.view = display(step)
    strong.resume(stage)
    strong.page.reload()
    strong.at(step.value)
    assert soon(lambda: sorted(strong.page.evaluate(LEFT)) == left, 20), strong.page.evaluate(LEFT)
    assert strong.page.evaluate("localStorage.getItem('pingqian.kept')") == "1"
    assert not strong.complaints


def _of(phone: Phone, call: str) -> list[object]:
    return [row for row in phone.page.evaluate(KEPT) if row[0] == call]


def test_on_hold_nothing_is_kept(stage: Stage, strong: Phone, seat: Seat) -> None:
    in_call(stage, strong, seat)
    strong.until("window.pingqian.stats().kept >= 1", 40)
    stage.show(PhoneStep.AWAIT_IDENTITY, call=CALL | {"held": True})
    strong.page.wait_for_timeout(1500)
    kept = strong.stats()["kept"]
    strong.page.wait_for_timeout(7000)
    assert strong.stats()["kept"] == kept
    stage.show(PhoneStep.AWAIT_IDENTITY, call=CALL)
    strong.until(f"window.pingqian.stats().kept > {kept}", 30)


def test_a_weak_phone_keeps_nothing_and_its_call_goes_on(
    stage: Stage, new_phone: Callable[..., Phone], seat: Seat
) -> None:
    phone = new_phone()
    phone.page.add_init_script(STRONG.replace("8", "2"))
    in_call(stage, phone, seat)
    phone.page.wait_for_timeout(7000)
    assert (phone.stats()["kept"], phone.stats()["connectionState"]) == (0, "connected")


def test_a_camera_that_is_taken_back_while_the_key_is_on_its_way_is_recorded_once(stage: Stage, strong: Phone) -> None:
    """A second recorder would never end: its pieces follow one another beside those of the first."""
    strong.open(stage.url)
    assert strong.page.evaluate(RECORDERS) == 1


RECORDERS = """async () => {
  const page = document.querySelector('script[type=module]').src;
  const { createKeeper } = await import(new URL('keep.js', page));
  let running = 0;
  let most = 0;
  window.MediaRecorder = class {
    constructor() { this.state = 'inactive'; }
    start() { this.state = 'recording'; running += 1; most = Math.max(most, running); }
    stop() { this.state = 'inactive'; running -= 1; }
  };
  let give;
  const needs = new Promise((done) => { give = done; });
  const keeper = createKeeper({
    api: { get: () => needs }, socket: { connected: () => true }, session: { key: 'me', left: () => false, set() {} },
  });
  const stream = () => ({ getTracks: () => [{ readyState: 'live' }], getVideoTracks: () => [] });
  keeper.begin('call_9', stream());
  keeper.begin('call_9', stream());
  give({ key: 'ab'.repeat(32), spans: [] });
  await new Promise((done) => setTimeout(done, 600));
  keeper.end();
  return most;
}"""
