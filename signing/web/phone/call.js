// The video call, as long as the service's display says that there is one. Where the path of its connection is lost,
// new ones are tried beside it, with the same tracks; the first to carry is the call's from there on.
import { S } from './strings.js';
import { openCamera, closeCamera } from './media.js';
import { createCard } from './callcard.js';
import { call as summon } from './bell.js';
import { createLater } from './later.js';
import { createLink } from './link.js';
import { createKeeper } from './keep.js';
import { onMove } from './moves.js';
import { patience, pauseBefore } from './path.js';
import { createQuality } from './quality.js';

/** Until the seat has answered. */
const FIRST_MS = 8000;
const NEXT_MS = 5000;
const PICTURE_MS = 1000;
/** A track that is silent for a moment is no phone call. */
const MUTED_MS = 2500;

export function createCall(context) {
  const card = createCard();
  const keeper = createKeeper(context);
  const quality = createQuality(context.ui, keeper.heard, keeper.measured, anew);
  // `link` is in use, `next` an attempt that is to follow it, `old` the one before it until the picture has changed over
  const call = { facts: null, stream: null, link: null, next: null, old: null, turn: 0, attempt: 0, offers: 0 };
  const { later, forget, isDue, forgetAll } = createLater();
  const times = { offered: null, first: null, last: null, at: null };
  const video = card.video;

  /** Brings the connection in line with the display. */
  function follow(view) {
    keeper.clock(view);
    card.place(view.step);
    if (!view.call) {
      if (call.facts) end();
      return;
    }
    const known = call.facts && call.facts.call_id === view.call.call_id;
    const first = !call.facts;
    call.facts = view.call;
    card.show(view.call.agent_name, view.step);
    hush();
    if (known) return;
    Object.assign(times, { offered: null, first: null, last: null, at: null });
    hangUp();
    call.attempt = 0;
    announce(first);
    dial();
  }

  /** On hold nothing goes out and nothing comes in; muted, no sound goes out. The connection stays, so that coming
   * back takes no time. */
  function hush() {
    const held = Boolean(call.facts && call.facts.held);
    const muted = Boolean(call.facts && call.facts.muted);
    [call.stream, ...links().map((link) => link.remote)].forEach((stream) => {
      const silent = muted && stream === call.stream;
      if (stream) stream.getTracks().forEach((track) => { track.enabled = !held && !(silent && track.kind === 'audio'); });
    });
    keeper.hold(held);
    if (held) quality.hush();
  }

  const links = () => [call.link, call.next, call.old].filter(Boolean);

  /** It is time: with bell and shaking, unless somebody else only takes over. */
  function announce(first) {
    context.ui.strip('call', 'notice', S.queue.answered);
    later('announce', 4000, () => context.ui.strip('call', null));
    context.aids.hush();
    if (first) summon();
  }

  async function camera() {
    const live = call.stream && call.stream.getTracks().every((track) => track.readyState === 'live');
    if (live) return call.stream;
    closeCamera(call.stream);
    call.stream = null;
    call.stream = await openCamera();
    call.stream.getTracks().forEach(guard);
    hush();
    return call.stream;
  }

  /** A phone call takes camera and microphone away: for good (ended), or for as long as it lasts (muted). */
  function guard(track) {
    track.onended = () => later('camera', 500, reopen);
    track.onmute = () => later('muted', MUTED_MS, () => track.muted && interrupted());
    track.onunmute = () => {
      forget('muted');
      context.ui.strip('camera', null);
    };
  }

  function interrupted() {
    if (call.facts) context.ui.strip('camera', 'stop', S.call.interrupted, { label: S.call.interruptedFix, run: anew });
  }

  /** From within a tap, where iOS gives both again. */
  function anew() {
    card.play();
    closeCamera(call.stream);
    call.stream = null;
    return call.link ? reopen() : dial();
  }

  /** Tries a new connection beside the one that there is, which goes on until the new one stands. */
  async function dial() {
    const facts = call.facts;
    giveUp();
    if (!call.link) card.state(S.call.connecting);
    const turn = call.turn;
    let stream;
    try {
      stream = await camera();
    } catch (error) {
      if (call.facts !== null) noCamera();
      return;
    }
    if (!call.facts || call.facts.call_id !== facts.call_id || call.turn !== turn) return;
    context.ui.strip('camera', null);
    const link = createLink(call.facts.ice_servers, stream, listeners);
    call.next = link;
    try {
      await offer(link);
    } catch (error) {
      failed(link);
    }
  }

  const listeners = {
    track: (link) => (call.link ? hush() : show(link)),
    picture: (link) => link === call.link && show(link),
    state: changed,
    lost: (link) => link === call.link && lost(),
    back: (link) => link === call.link && back(),
    message: (link, message) => link === call.link && !call.facts.held && quality.heard(message),
  };

  async function offer(link) {
    const sdp = await link.offer();
    if (call.next !== link) return;
    const frame = { type: 'sdp', call_id: call.facts.call_id, party_id: 'self', kind: 'offer', sdp, offer_id: link.id };
    if (!context.socket.send(frame)) { // the line's return dials again
      giveUp();
      return;
    }
    link.offered = performance.now();
    if (times.offered === null) times.offered = link.offered;
    call.offers += 1;
    limit(link, call.link ? NEXT_MS : FIRST_MS);
  }

  /** From now on the attempt has so much time. */
  function limit(link, ms) {
    later('answer', ms, () => failed(link));
  }

  async function answer(frame) {
    const link = call.next;
    if (!link || !call.facts || frame.call_id !== call.facts.call_id || frame.kind !== 'answer') return;
    if (frame.offer_id && frame.offer_id !== link.id) return; // an answer to an offer that was replaced
    limit(link, patience(call.attempt));
    try {
      await link.answer(frame.sdp);
    } catch (error) {
      failed(link);
    }
  }

  function changed(link) {
    const state = link.state();
    const over = state === 'failed' || state === 'closed';
    if (link === call.next && state === 'connected') connected(link);
    else if (link === call.next && over) failed(link);
    else if (link === call.link && over) lost();
  }

  /** The new connection stands: it takes the place of the one before. */
  function connected(link) {
    settle();
    retire();
    call.old = call.link;
    call.link = link;
    call.next = null;
    quality.attach(link);
    keeper.begin(call.facts.call_id, call.stream);
    if (link.pictured()) show(link);
    else later('picture', PICTURE_MS, () => call.link === link && show(link));
  }

  function retire() {
    if (call.old) call.old.close();
    call.old = null;
  }

  /** All is well: no attempt is wanted. */
  function settle() {
    ['answer', 'redial'].forEach(forget);
    call.attempt = 0;
    context.ui.strip('call', null);
    keeper.trouble(false);
  }

  /** Nothing comes any more by the connection that there is, or nothing that goes by it arrives. */
  function lost() {
    if (!call.facts) return;
    if (times.first !== null) context.ui.strip('call', 'caution', S.line.callReconnecting);
    quality.hush();
    keeper.trouble(true);
    context.socket.check();
    if (!call.next && !isDue('redial')) attempt();
  }

  /** It carries again before another stood. */
  function back() {
    giveUp();
    settle();
  }

  function attempt() {
    later('redial', pauseBefore(call.attempt), () => call.facts && context.socket.connected() && dial());
    call.attempt += 1;
  }

  function failed(link) {
    if (call.next !== link) return;
    giveUp();
    if (!call.link || isOut(call.link)) attempt();
    else settle();
  }

  function giveUp() {
    forget('answer');
    call.turn += 1;
    const { next } = call;
    call.next = null;
    if (next) next.close();
  }

  /** The line to the service is back: dial anew unless the media outlived it, or an attempt has got its answer. */
  function lineBack() {
    if (!call.facts || (call.link && !isOut(call.link))) return;
    if (call.next && call.next.answered()) { // the phone may have moved since: little time is left to a renewal
      if (call.link) limit(call.next, NEXT_MS);
      return;
    }
    call.attempt = 0;
    forget('redial');
    dial();
  }

  /** The phone has another network: whatever stood over the one before is tried anew beside it. */
  function moved() {
    if (!call.facts) return;
    if (call.next && call.next.answered()) limit(call.next, NEXT_MS);
    if (!call.link) return;
    call.attempt = 0;
    if (!call.next) attempt();
  }

  function show(link) {
    hush();
    retire();
    if (video.srcObject === link.remote) return;
    video.srcObject = link.remote;
    const seen = () => {
      if (call.link !== link && call.next !== link) return;
      times.last = performance.now() - link.offered;
      if (times.first === null) Object.assign(times, { first: times.last, at: Date.now() });
      card.state('');
    };
    if (video.requestVideoFrameCallback) video.requestVideoFrameCallback(seen);
    else video.addEventListener('timeupdate', seen, { once: true });
    card.play();
  }

  function noCamera() {
    const action = { label: S.call.noCameraFix, run: anew };
    context.ui.strip('camera', 'stop', S.call.noCamera, action);
  }

  /** Another program took the camera, such as the one that photographs the card: take it back, same connection. */
  async function reopen() {
    if (!call.facts || document.visibilityState === 'hidden') return;
    try {
      const stream = await camera();
      context.ui.strip('camera', null);
      await Promise.all(links().map((link) => link.replace(stream)));
      if (call.link) keeper.begin(call.facts.call_id, stream);
    } catch (error) {
      noCamera();
    }
  }

  function hangUp() {
    giveUp();
    retire();
    if (call.link) call.link.close();
    call.link = null;
  }

  function end() {
    hangUp();
    quality.end();
    keeper.end();
    forgetAll();
    call.facts = null;
    closeCamera(call.stream);
    call.stream = null;
    video.srcObject = null;
    card.hide();
    ['call', 'camera'].forEach((name) => context.ui.strip(name, null));
  }

  document.addEventListener('visibilitychange', () => {
    if (document.visibilityState === 'hidden' || !call.facts) return;
    later('camera', 300, () => call.stream && call.stream.getTracks().some((track) => track.readyState !== 'live') && reopen());
    card.play();
  });

  keeper.recover();
  onMove({ moved, gone: () => call.link && call.link.lose() });

  return {
    follow,
    answer,
    lineBack,
    end,
    tapped: () => card.unlock(),
    carries: () => (call.facts && call.link && !isOut(call.link) ? [call.facts.call_id] : []),
    stats: () => ({
      connectionState: links().length ? links()[0].state() : 'none',
      firstPictureMs: times.first,
      firstPictureAt: times.at,
      lastPictureMs: times.last,
      offers: call.offers,
      roundTripMs: call.link ? call.link.roundTrip : null,
      lost: Boolean(call.link && isOut(call.link)),
      ...keeper.stats(),
    }),
  };
}

const isOut = (link) => link.isLost() || link.state() !== 'connected';
