// The last minutes of this phone's own picture and sound, kept encrypted on it, and brought to the service where the
// line lost them: in small pieces, each a file of its own, only while the line is good or the call is over.
import { createShelf } from './shelf.js';
import { openVault, emptyVault } from './vault.js';

const PIECE_MS = 5000;
/** The next piece begins before the last one ends: beginning takes a moment. */
const OVERLAP_MS = 250;
const LIMITS = { ms: 180000, bytes: 12 * 1024 * 1024 };
const RATES = { videoBitsPerSecond: 250000, audioBitsPerSecond: 24000 };
const TYPES = ['video/webm;codecs=vp8,opus', 'video/webm', 'video/mp4'];
const TICK_MS = 5000;
/** A phone that takes so long to finish a piece has no strength to spare: the call comes first. */
const SLOW_MS = 3000;
const CORES = 4;
const STILL_MS = 15000;
/** The seat tells of a bad line when it is over, at the latest so long after. */
const TOLD_MS = 90000;
const AFTER_MS = 180000;
const GOOD_BARS = 3;
/** While a call goes on, so much of the time nothing is sent. */
const REST = 3;

const able = () => Boolean(window.MediaRecorder && window.crypto && window.crypto.subtle
  && (navigator.hardwareConcurrency || CORES) >= CORES);

const pause = (ms) => new Promise((done) => setTimeout(done, ms));

/** Of one page, one call after the other. `context` has api, socket, and `view` with the service's time. */
export function createKeeper(context) {
  const shelf = createShelf(LIMITS);
  const me = { call: null, key: '', vault: null, stream: null, recorder: null, timer: 0, tick: 0, held: false, brought: 0 };
  let bars = 4;
  let offset = null;
  let busy = false;
  let stillAt = 0;
  let over = 0;

  const now = () => Date.now() + (offset || 0);

  /** The service's clock by the display that came fastest. */
  function clock(view) {
    const seen = Date.parse(view.server_time) - Date.now();
    if (offset === null || seen > offset) offset = seen;
  }

  /** A call's own picture and sound from here on. */
  async function begin(call, stream) {
    if (!able()) return;
    if (me.call === call) {
      follow(stream);
      return;
    }
    await finish();
    me.call = call;
    me.stream = stream;
    over = 0;
    me.tick = setInterval(look, TICK_MS);
    if (!await open(call)) return;
    record();
  }

  async function open(call) {
    for (let tries = 0; me.call === call && tries < 5; tries += 1) {
      try {
        const needs = await context.api.get(`/api/phone/backfill/${call}`);
        const vault = await openVault(needs.key, call);
        if (me.call !== call) return false;
        me.vault = vault;
        (await vault.list()).forEach((piece) => shelf.add(piece, piece.until)); // from before a reload
        return true;
      } catch (error) {
        if (error && error.status === 409) return false; // sealed already: nothing more is taken
        await pause(2000 * (tries + 1));
      }
    }
    return false;
  }

  function follow(stream) {
    if (me.stream === stream) return;
    me.stream = stream;
    stop();
    record();
  }

  /** One piece after the other, as long as there is something to record that may be. */
  function record() {
    if (!me.vault || me.held || !me.stream || !me.stream.getTracks().some((track) => track.readyState === 'live')) return;
    const recorder = made(me.stream);
    if (!recorder) return;
    const piece = { id: `${Date.now().toString(36)}-${Math.random().toString(36).slice(2, 8)}`, since: Math.round(now()), until: 0 };
    let stopped = 0;
    recorder.onstop = () => { recorder.ended = true; };
    recorder.ondataavailable = ({ data }) => {
      if (stopped && Date.now() - stopped > SLOW_MS) giveUp();
      else if (data.size) keep(piece, data);
    };
    recorder.finish = () => {
      if (recorder.state === 'inactive') return;
      piece.until = Math.round(now());
      stopped = Date.now();
      recorder.stop();
    };
    recorder.start();
    me.recorder = recorder;
    me.timer = setTimeout(() => {
      record();
      setTimeout(recorder.finish, OVERLAP_MS);
    }, PIECE_MS);
  }

  function made(stream) {
    try {
      const type = TYPES.find((each) => !MediaRecorder.isTypeSupported || MediaRecorder.isTypeSupported(each));
      return new MediaRecorder(stream, { ...RATES, ...(type ? { mimeType: type } : {}) });
    } catch (error) {
      return null; // a browser that says it can and cannot: the call goes on without
    }
  }

  function stop() {
    clearTimeout(me.timer);
    if (me.recorder) me.recorder.finish();
    me.recorder = null;
  }

  function giveUp() {
    stop();
    me.stream = null;
  }

  async function keep(piece, blob) {
    const { vault } = me;
    if (!vault) return;
    if (!piece.until) piece.until = Math.round(now());
    try {
      const size = await vault.put(piece, blob);
      const gone = shelf.add({ ...piece, size }, now());
      await Promise.all(gone.map((id) => vault.remove(id)));
    } catch (error) {
      giveUp(); // no room on the phone
    }
  }

  /** Nothing arrives, or nothing that arrives can be seen or heard. */
  function trouble(on) {
    shelf.trouble(on, now());
    if (on) still();
  }

  /** The picture as the camera gives it, which the line would have made small. */
  async function still() {
    const track = me.stream && me.stream.getVideoTracks()[0];
    if (!me.vault || me.held || !track || track.readyState !== 'live' || !window.ImageCapture) return;
    if (Date.now() - stillAt < STILL_MS) return;
    stillAt = Date.now();
    try {
      const picture = await new ImageCapture(track).grabFrame();
      const canvas = document.createElement('canvas');
      canvas.width = picture.width;
      canvas.height = picture.height;
      canvas.getContext('2d').drawImage(picture, 0, 0);
      const at = Math.round(now());
      canvas.toBlob((blob) => blob && keep({ id: `still-${at.toString(36)}`, since: at, until: at }, blob), 'image/jpeg', 0.92);
    } catch (error) {
      // the camera is busy; the pieces show it as well
    }
  }

  /** The seat's word on the line, every two seconds. */
  function heard(message) {
    if (message.kind !== 'quality') return;
    bars = message.bars;
    shelf.trouble(bars <= 1, now());
  }

  function hold(held) {
    if (me.held === held) return;
    me.held = held;
    if (held) stop();
    else record();
  }

  function look() {
    if (shelf.inTrouble()) still();
    if (over && Date.now() - over > AFTER_MS) finish();
    else if (shelf.hasLost() && !busy && isGood()) bring();
  }

  const isGood = () => context.socket.connected() && (over > 0 || (bars >= GOOD_BARS && !shelf.inTrouble()));

  async function bring() {
    busy = true;
    try {
      const { spans } = await context.api.get(`/api/phone/backfill/${me.call}`);
      const lacks = spans.map((span) => ({ since: Date.parse(span.since), until: Date.parse(span.until) }));
      for (const id of shelf.wanted(lacks)) {
        if (!isGood()) break;
        await send(id);
      }
      shelf.forget(now() - TOLD_MS);
    } catch (error) {
      if (error && error.status === 409) await finish();
    } finally {
      busy = false;
    }
  }

  async function send(id) {
    const piece = shelf.find(id);
    const blob = await me.vault.get(id);
    const begun = Date.now();
    if (blob) {
      const times = `since=${new Date(piece.since).toISOString()}&until=${new Date(piece.until).toISOString()}`;
      try {
        await context.api.put(`/api/phone/backfill/${me.call}?${times}`, blob);
        me.brought += 1;
      } catch (error) {
        if (!error.status || error.status >= 500 || error.status === 429) throw error; // another time
      }
    }
    shelf.remove(id);
    await me.vault.remove(id);
    if (!over) await pause(Math.min(15000, REST * (Date.now() - begun)));
  }

  /** The call is over: what it lacks is brought now, without regard to a picture. */
  function end() {
    stop();
    me.stream = null;
    shelf.trouble(false, now());
    if (me.call) over = Date.now();
  }

  /** Forgets everything. */
  async function finish() {
    stop();
    clearInterval(me.tick);
    shelf.clear();
    me.call = null;
    me.vault = null;
    over = 0;
    await emptyVault();
  }

  return {
    clock,
    begin,
    trouble,
    heard,
    hold,
    end,
    finish,
    stats: () => ({ kept: shelf.count(), keptBytes: shelf.bytes(), brought: me.brought }),
  };
}
