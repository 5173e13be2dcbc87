"""What the page keeps of its own side of the call: encrypted here, brought where the line lost it, then gone."""

import hashlib
import io
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

TIRED = """
  const ask = RTCPeerConnection.prototype.getStats;
  RTCPeerConnection.prototype.getStats = async function () {
    const found = [];
    (await ask.call(this)).forEach((each) => found.push(window.tired && each.type === 'outbound-rtp'
      ? { ...each, qualityLimitationReason: 'cpu' } : each));
    return found;
  };
"""
"""A phone whose encoder is held back by its processor, as a browser tells it."""
KEPT = """async () => {
  const base = await new Promise((done) => { const asked = indexedDB.open('pingqian-kept', 1);
    asked.onsuccess = () => done(asked.result); });
  const rows = await new Promise((done) => { const asked = base.transaction('pieces').objectStore('pieces').getAll();
    asked.onsuccess = () => done(asked.result); });
  base.close();
  return rows.map((row) => [row.call, row.type, Array.from(new Uint8Array(row.data).slice(0, 8))]);
}"""


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
    stage: Stage, phone: Phone, seat: Seat
) -> None:
    """One call: kept beside it, nothing on hold, less by who falls behind, the line lost, hung up, reloaded."""
    phone.page.add_init_script(TIRED)
    in_call(stage, phone, seat)
    phone.until("window.pingqian.stats().keeps === 'whole'", 60)
    phone.until("window.pingqian.stats().kept >= 2", 40)
    rows = phone.page.evaluate(KEPT)
    assert {row[0] for row in rows} == {"call_1"}
    assert not any(row[2][:4] == [0x1A, 0x45, 0xDF, 0xA3] for row in rows), "plain on the phone"
    phone.page.evaluate("window.tired = true")
    on_hold_nothing_is_kept(stage, phone)
    lost = lose_the_line(stage, phone, seat)
    phone.until("window.pingqian.stats().keeps === 'sound'", 40)
    assert soon(lambda: stage.keeps[-1:] == ["sound"], 40), "the record hears of it"
    assert not stage.brought, "nothing is brought unasked"
    before = phone.stats()["kept"]
    stage.show(PhoneStep.AWAIT_SEAL)  # hung up: nothing is in the way
    phone.at("await_seal")
    phone.page.reload()
    phone.at("await_seal")
    assert len(phone.page.evaluate(KEPT)) >= before > 0, "a page that is gone loses nothing"
    stage.brake = 1
    stage.lacks = [lost]
    assert soon(lambda: any(not kind.startswith("image") for _, _, kind, _ in stage.brought), 90), phone.stats()
    phone.until("window.pingqian.stats().settled", 90)
    for since, until, kind, data in stage.brought:
        begin, end = datetime.fromisoformat(since), datetime.fromisoformat(until)
        assert begin <= lost.until and end >= lost.since, (begin, end, lost)  # noqa: PT018
        (shows_a_picture if kind == "image/jpeg" else plays)(data, end - begin, kind)
    assert stage.braked[1] - stage.braked[0] >= 2, "the service's word to wait is kept"
    assert phone.stats()["kept"] > 0, "what was not asked for stays here until it is over"
    stage.sealed = True
    stage.show(PhoneStep.DONE)
    assert soon(lambda: not _of(phone, "call_1"), 30), phone.page.evaluate(KEPT)
    phone.until("!Object.keys(localStorage).some((key) => key.indexOf('kept') > 0)", 20)
    assert not [each for each in phone.complaints if not any(code in each for code in ("429", "409"))]


def on_hold_nothing_is_kept(stage: Stage, phone: Phone) -> None:
    stage.show(PhoneStep.AWAIT_IDENTITY, call=CALL | {"held": True})
    phone.page.wait_for_timeout(1500)
    kept = phone.stats()["kept"]
    phone.page.wait_for_timeout(6000)
    assert phone.stats()["kept"] == kept
    stage.show(PhoneStep.AWAIT_IDENTITY, call=CALL)
    phone.until(f"window.pingqian.stats().kept > {kept}", 30)


def plays(data: bytes, length: timedelta, kind: str) -> None:
    if kind == "video/webm":
        with av.open(io.BytesIO(data), "r") as box:
            seen = list(box.decode(video=0))
        assert (seen[0].width, seen[0].height) == (640, 480), "as the camera gave it"
        assert len(seen) > 2
    with av.open(io.BytesIO(data), "r") as box:
        heard = sum(frame.samples / frame.sample_rate for frame in box.decode(audio=0))
    assert 0.5 < heard < length.total_seconds() + 2


def shows_a_picture(data: bytes, length: timedelta, kind: str) -> None:
    assert length == timedelta(0)
    assert Image.open(io.BytesIO(data)).size == (640, 480)


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
    stage: Stage, phone: Phone, step: PhoneStep, left: list[str]
) -> None:
    """Of whomever it is, where it is old; the other one's on the same phone stays as long as it may be wanted."""
    phone.open(stage.url)
    now = phone.page.evaluate("Date.now()")
    me = hashlib.sha256(CAPABILITY.encode()).hexdigest()[:24]
    rows = [
        ["mine", me, now - DAY], ["mine, old", me, now - 4 * DAY],
        ["theirs", "another", now - DAY], ["theirs, old", "another", now - 4 * DAY], ["of no date", "another", None],
    ]  # fmt: skip
    phone.page.evaluate(SEED, rows)
    stage.view = display(step)
    phone.resume(stage)
    phone.page.reload()
    phone.at(step.value)
    assert soon(lambda: sorted(phone.page.evaluate(LEFT)) == left, 20), phone.page.evaluate(LEFT)
    assert phone.page.evaluate("localStorage.getItem('pingqian.kept')") == "1"
    assert not phone.complaints


def _of(phone: Phone, call: str) -> list[object]:
    return [row for row in phone.page.evaluate(KEPT) if row[0] == call]


def test_a_phone_that_can_lay_nothing_down_says_so_once(stage: Stage, phone: Phone) -> None:
    phone.open(stage.url)
    assert phone.page.evaluate(BARREN) == ["nothing"]
    assert phone.page.is_hidden("#error"), "the customer can do nothing about it"


def test_a_service_that_is_away_as_the_call_begins_is_no_phone_that_can_keep_nothing(
    stage: Stage, phone: Phone
) -> None:
    phone.open(stage.url)
    assert phone.page.evaluate(AWAY) == {"asked": 8, "said": ["whole"], "keeps": "whole"}


def test_a_database_that_does_not_open_and_a_picture_that_does_not_come_are_not_waited_for(
    stage: Stage, phone: Phone
) -> None:
    phone.open(stage.url)
    assert phone.page.evaluate(HANGING) == {"kept": 3, "listed": 1, "picture": "it does not end", "held": [None]}


def test_a_database_that_the_browser_lost_is_opened_once_more(stage: Stage, phone: Phone) -> None:
    phone.open(stage.url)
    assert phone.page.evaluate(REOPENED) == ["before", "after"]


def test_a_camera_that_is_taken_back_while_the_key_is_on_its_way_is_recorded_once(stage: Stage, phone: Phone) -> None:
    """A second recorder would never end: its pieces follow one another beside those of the first."""
    phone.open(stage.url)
    assert phone.page.evaluate(RECORDERS) == 1


MODULE = "const load = (name) => import(new URL(name, document.querySelector('script[type=module]').src));"
BARREN = f"""async () => {{
  {MODULE}
  const {{ createKeeper }} = await load('keep.js');
  Object.defineProperty(window.crypto, 'subtle', {{ value: undefined }});
  const said = [];
  const keeper = createKeeper({{
    api: {{ get: () => new Promise(() => {{}}), post: async (path, told) => said.push(told.keeps) }},
    socket: {{ connected: () => true }}, session: {{ key: 'me', left: () => false, set() {{}} }},
  }});
  const stream = new MediaStream();
  for (let turn = 0; turn < 4; turn += 1) {{
    await keeper.begin('call_9', stream);
    keeper.measured({{ limit: 'none', coding: 0.1, lateMs: 0 }});
    await new Promise((done) => setTimeout(done, 20));
  }}
  keeper.end();
  return said;
}}"""
AWAY = f"""async () => {{
  {MODULE}
  const {{ createKeeper }} = await load('keep.js');
  const slow = window.setTimeout;
  window.setTimeout = (what, ms) => slow(what, Math.min(ms, 20));
  const said = [];
  let asked = 0;
  const away = () => Promise.reject(Object.assign(new Error('away'), {{ status: 503 }}));
  const keeper = createKeeper({{
    api: {{
      get: () => {{ asked += 1; return asked < 8 ? away() : Promise.resolve({{ key: 'ab'.repeat(32), spans: [] }}); }},
      post: async (path, told) => said.push(told.keeps),
    }},
    socket: {{ connected: () => true }}, session: {{ key: 'me', left: () => false, set() {{}} }},
  }});
  const begun = keeper.begin('call_9', new MediaStream());
  for (let look = 0; look < 9; look += 1) keeper.measured({{ limit: 'none', coding: 0.1, lateMs: 0 }});
  await begun;
  keeper.measured({{ limit: 'none', coding: 0.1, lateMs: 0 }});
  keeper.end();
  return {{ asked, said, keeps: keeper.stats().keeps }};
}}"""
HANGING = f"""async () => {{
  {MODULE}
  const [{{ openVault }}, {{ pictureOf }}] = await Promise.all([load('vault.js'), load('pieces.js')]);
  IDBFactory.prototype.open = () => ({{}});
  const vault = await openVault('ab'.repeat(32), 'call_9', {{ key: 'me', set() {{}} }});
  await vault.put({{ id: 'one', since: 0, until: 1 }}, new Blob(['abc'], {{ type: 'audio/webm' }}));
  const kept = (await vault.get('one')).size;
  const listed = (await vault.list()).length;
  delete window.ImageCapture;
  const seen = [];
  HTMLMediaElement.prototype.play = function () {{ seen.push(this); return new Promise(() => {{}}); }};
  const track = document.createElement('canvas').captureStream().getVideoTracks()[0];
  const picture = await pictureOf(track).catch((error) => error.message);
  return {{ kept, listed, picture, held: seen.map((video) => video.srcObject) }};
}}"""
REOPENED = f"""async () => {{
  {MODULE}
  const {{ openVault }} = await load('vault.js');
  const opened = [];
  const plain = IDBFactory.prototype.open;
  IDBFactory.prototype.open = function (...all) {{
    const asked = plain.apply(this, all);
    asked.addEventListener('success', () => opened.push(asked.result));
    return asked;
  }};
  const vault = await openVault('ab'.repeat(32), 'call_9', {{ key: 'me', set() {{}} }});
  const piece = (id, since) => vault.put({{ id, since, until: since + 1 }}, new Blob(['abc']));
  await piece('before', 0);
  opened[0].close();
  await piece('after', 1);
  return (await vault.list()).sort((one, other) => one.since - other.since).map((each) => each.id);
}}"""
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
  const stream = () => new MediaStream();
  MediaStream.prototype.getTracks = () => [{ readyState: 'live' }];
  keeper.begin('call_9', stream());
  keeper.begin('call_9', stream());
  give({ key: 'ab'.repeat(32), spans: [] });
  await new Promise((done) => setTimeout(done, 600));
  keeper.end();
  return most;
}"""
