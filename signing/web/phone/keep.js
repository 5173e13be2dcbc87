// The last minutes of this phone's own picture and sound, kept encrypted on it, and brought to the service where the
// line lost them: in small pieces, each a file of its own, only while the line is good or the call is over.
import { createPace } from './pace.js';
import { pictureOf, recorderOf } from './pieces.js';
import { createShelf } from './shelf.js';
import { createStrain } from './strain.js';
import { callsKept, forgetCall, openVault } from './vault.js';

const PIECE_MS = 5000;
/** The next piece begins before the last one ends: beginning takes a moment. */
const OVERLAP_MS = 250;
const LIMITS = { ms: 180000, bytes: 12 * 1024 * 1024 };
const TICK_MS = 5000;
/** A phone that takes so long to finish a piece has no strength to spare. */
const SLOW_MS = 3000;
const STILL_MS = 15000;
/** The seat tells of a bad line when it is over, at the latest so long after. */
const TOLD_MS = 90000;
const AFTER_MS = 180000;
/** So long, and longer each time, until the key is asked for again. */
const KEY_MS = 2000;
/** The piece that a call ends in has come by then. */
const LAST_MS = 10000;
const GOOD_BARS = 3;
/** While a call goes on, so much of the time nothing is sent. */
const REST = 3;
/** The service takes 45 a minute. A minute begins here when a piece is sent and there when it has come. */
const PACE = { pieces: 40, ms: 65000 };

const able = () => Boolean(window.crypto && window.crypto.subtle);

const pause = (ms) => new Promise((done) => setTimeout(done, ms));

/** Of one page, one call after the other. `context` has api and socket. */
export function createKeeper(context) {
  /**
   * Of each call { call, shelf, vault, opening, barren, over, settled }: `opening` its key, on its way or there; `barren`
   * where nothing can be kept of it; `over` since when nothing more comes of it, or 0; `settled` once all that was asked
   * for has been brought since. The newest is last.
   */
  let calls = [];
  let stream = null;
  let recorder = null;
  let timer = 0;
  let tick = 0;
  let held = false;
  let bars = 4;
  let offset = null;
  let busy = false;
  let telling = false;
  let stillAt = 0;
  let restUntil = 0;
  let brought = 0;
  const strain = createStrain(Boolean(window.MediaRecorder));
  const pace = createPace(PACE.pieces, PACE.ms);

  const now = () => Date.now() + (offset || 0);
  const current = () => calls[calls.length - 1] || null;
  const going = () => (current() && !current().over ? current() : null);

  /** The service's clock by the display that came fastest. */
  function clock(view) {
    const seen = Date.parse(view.server_time) - Date.now();
    if (offset === null || seen > offset) offset = seen;
  }

  /** A call's own picture and sound from here on; once more with another stream of it. */
  async function begin(call, other) {
    if (!tick) tick = setInterval(look, TICK_MS);
    const known = current() && current().call === call ? current() : null;
    if (known && !known.over && !known.barren && stream === other) return;
    stop();
    stream = other;
    if (known) Object.assign(known, { over: 0, settled: false });
    else {
      calls.push({ call, shelf: createShelf(LIMITS), vault: null, over: 0, settled: false });
      strain.anew();
    }
    const mine = current();
    if (!mine.opening || mine.barren) {
      mine.barren = false;
      mine.opening = open(mine);
    }
    // the camera may have been taken back meanwhile, or the call be another
    if (await mine.opening && mine === going() && stream === other && !recorder) record();
    recover();
  }

  /** The key, and what lies here from before a reload. False where nothing is wanted of the call, or nothing can be kept. */
  async function open(mine) {
    const key = able() ? await keyOf(mine) : '';
    if (!key) return able() ? forget(mine) : goWithout(mine);
    try {
      const vault = await openVault(key, mine.call, context.session);
      (await vault.list()).forEach((piece) => mine.shelf.add(piece, piece.until));
      mine.vault = vault;
    } catch (error) {
      return goWithout(mine);
    }
    if (mine === going()) strain.place(true);
    return true;
  }

  /** '' where nothing is wanted of the call. A service that is away is waited for as long as the call is here. */
  async function keyOf(mine) {
    for (let tries = 1; calls.indexOf(mine) >= 0; tries += 1) {
      try {
        return (await context.api.get(path(mine.call))).key;
      } catch (error) {
        if (isFinal(error)) break;
        await pause(KEY_MS * Math.min(tries, 10));
      }
    }
    return '';
  }

  /** There is no place on this phone: the record hears of it, and the next connection tries again. */
  function goWithout(mine) {
    if (mine !== going()) return forget(mine);
    mine.barren = true;
    strain.place(false);
    return false;
  }

  /** Calls of which a page before this one left something. */
  async function recover() {
    if (!able() || !context.session.left()) return;
    if (!tick) tick = setInterval(look, TICK_MS);
    const there = await callsKept(context.session).catch(() => []);
    there.filter((call) => !calls.some((mine) => mine.call === call)).forEach((call) => {
      const mine = { call, shelf: createShelf(LIMITS), vault: null, over: Date.now(), settled: false };
      mine.shelf.trouble(true, 0); // nobody knows any more what was lost: the service does
      calls.unshift(mine);
      mine.opening = open(mine);
    });
  }

  /** One piece after the other, as long as there is something to record that may be. */
  function record() {
    const mine = going();
    const live = stream && stream.getTracks().some((track) => track.readyState === 'live');
    const kept = strain.keeps();
    const made = mine && mine.vault && live && !held ? recorderOf(stream, kept) : null;
    if (!made) {
      recorder = null; // the last one ends by itself
      if (mine && mine.vault && live && !held) strain.late(kept); // it can record nothing of the kind
      return;
    }
    const since = Math.round(now());
    const piece = { id: `${since.toString(36)}-${Math.random().toString(36).slice(2, 8)}`, since, until: 0 };
    let asked = 0;
    made.onstart = () => { piece.since = Math.round(now()); }; // a phone that is busy takes a moment to begin
    made.ondataavailable = ({ data }) => {
      if (asked && Date.now() - asked > SLOW_MS) strain.late(kept);
      if (data.size) keep(mine, { ...piece, until: piece.until || Math.round(now()) }, data);
    };
    made.finish = () => {
      if (made.state === 'inactive') return;
      piece.until = Math.round(now());
      asked = Date.now();
      made.stop();
    };
    made.start();
    recorder = made;
    timer = setTimeout(() => {
      record();
      setTimeout(made.finish, OVERLAP_MS);
    }, PIECE_MS);
  }

  function stop() {
    clearTimeout(timer);
    if (recorder) recorder.finish();
    recorder = null;
  }

  /** The phone has looked at itself once more. A piece that has become too much for it ends here. */
  function measured(figures) {
    const before = strain.keeps();
    const after = strain.look(figures);
    if (before === after) tell();
    else {
      if (before === 'whole') stop();
      if (!recorder) record();
    }
  }

  /** What the record says of this phone; without the service's answer it is said another time. */
  async function tell() {
    const mine = going();
    const news = mine && !telling && (mine.vault || mine.barren) ? strain.news() : null;
    if (!news) return;
    telling = true;
    try {
      await context.api.post(path(mine.call), { keeps: news });
    } catch (error) {
      if (!isFinal(error)) strain.unsaid();
    } finally {
      telling = false;
    }
  }

  async function keep(mine, piece, blob) {
    try {
      const size = await mine.vault.put(piece, blob);
      const gone = mine.shelf.add({ ...piece, size }, now());
      await Promise.all(gone.map((id) => mine.vault.remove(id)));
      strain.laid();
    } catch (error) {
      if (strain.refused(error && error.name)) stop();
    }
  }

  /** Nothing arrives, or nothing that can be seen or heard. */
  function trouble(on) {
    if (going()) going().shelf.trouble(on, now());
    if (on) still();
  }

  /** The picture as the camera gives it, which the line would have made small. */
  async function still() {
    const mine = going();
    const track = stream && stream.getVideoTracks()[0];
    const may = mine && mine.vault && !held && strain.keeps() !== 'nothing' && track && track.readyState === 'live';
    if (!may || Date.now() - stillAt < STILL_MS) return;
    stillAt = Date.now();
    try {
      const blob = await pictureOf(track);
      const at = Math.round(now());
      if (blob) await keep(mine, { id: `still-${at.toString(36)}`, since: at, until: at }, blob);
    } catch (error) {
      // the camera is busy; the pieces show it as well
    }
  }

  /** The seat's word on the line, every two seconds. */
  function heard(count) {
    bars = count;
    trouble(bars <= 1);
  }

  function hold(on) {
    if (held === on) return;
    held = on;
    if (held) stop();
    else record();
  }

  function look() {
    if (going() && going().shelf.inTrouble()) still();
    calls.filter((mine) => mine.over && Date.now() - mine.over > (isEmpty(mine) ? LAST_MS : AFTER_MS)).forEach(forget);
    const next = calls.find((mine) => mine.vault && mine.shelf.hasLost());
    if (next && !busy && isGood() && Date.now() >= restUntil) bring(next);
    if (!calls.length) {
      clearInterval(tick);
      tick = 0;
    }
  }

  const owesNothing = (mine) => mine.over > 0 && (mine.settled || !mine.shelf.hasLost());

  const isEmpty = (mine) => Boolean(mine.vault) && !mine.shelf.count();

  /** While a call goes on, only what its line can spare is used for what is past. */
  function isGood() {
    return context.socket.connected() && (!going() || (bars >= GOOD_BARS && !going().shelf.inTrouble()));
  }

  async function bring(mine) {
    busy = true;
    mine.settled = false;
    const { over } = mine;
    try {
      const { spans } = await context.api.get(path(mine.call));
      const lacks = spans.map((span) => ({ since: Date.parse(span.since), until: Date.parse(span.until) }));
      for (const id of mine.shelf.wanted(lacks)) {
        if (!isGood() || !await send(mine, id)) return;
      }
      mine.settled = over > 0 && mine.over === over;
      mine.shelf.forget(now() - TOLD_MS);
    } catch (error) {
      if (isFinal(error)) await forget(mine);
      else if (error && error.after) restUntil = Date.now() + 1000 * error.after;
    } finally {
      busy = false;
    }
  }

  /** False where it was refused: what is wanted has changed. */
  async function send(mine, id) {
    await pause(pace.rest(Date.now()));
    const piece = mine.shelf.find(id);
    const blob = await mine.vault.get(id);
    const begun = Date.now();
    let taken = true;
    if (piece && blob) {
      const [since, until] = [piece.since, piece.until].map((at) => new Date(at).toISOString());
      pace.use(begun);
      try {
        await context.api.put(path(mine.call), blob, { 'X-Kept-Since': since, 'X-Kept-Until': until });
        brought += 1;
      } catch (error) {
        if (!isFinal(error)) throw error; // another time
        taken = false;
      }
    }
    mine.shelf.remove(id);
    await mine.vault.remove(id);
    if (going()) await pause(Math.min(15000, REST * (Date.now() - begun)));
    return taken;
  }

  /** The call is over: what it lacks is brought now, without regard to a picture. */
  function end() {
    trouble(false);
    stop();
    stream = null;
    if (going()) going().over = Date.now();
  }

  async function forget(mine) {
    calls = calls.filter((each) => each !== mine);
    mine.shelf.clear();
    await forgetCall(mine.call, context.session).catch(() => {});
    return false;
  }

  const sum = (what) => calls.reduce((total, mine) => total + mine.shelf[what](), 0);
  return {
    clock,
    begin,
    trouble,
    heard,
    measured,
    hold,
    end,
    recover,
    stats: () => ({ keeps: strain.keeps(), kept: sum('count'), keptBytes: sum('bytes'), brought, settled: !busy && calls.every(owesNothing) }),
  };
}

const path = (call) => `/api/phone/backfill/${call}`;

/** The service will never take it: it is over, not wanted, or not this customer's. */
const isFinal = (error) => Boolean(error && error.status >= 400 && error.status < 500
  && [401, 408, 429].indexOf(error.status) < 0 && error.code !== 'contended');
