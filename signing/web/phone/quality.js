// How the call goes: this phone's own measurements, told to the seat over the channel; and what the seat, which knows
// both ends, makes of them, as one calm line for the customer while it is bad.
import { S } from './strings.js';

const EVERY_MS = 2000;
/** Bars, of four, up to which the customer is told. */
const BAD = 2;
/** What is the seat's fault and not this phone's. */
const THEIRS = ['seat_busy', 'seat_network'];
/** The customer is told already that camera and microphone are somebody else's. */
const TAKEN = '#strip [data-slot=camera]';

/**
 * Of one call over all of its connections, one after the other. `told(bars)` hears how the seat judges the line,
 * `measured(figures)` how this phone does with its own encoder; `anew` opens the microphone once more.
 */
export function createQuality(ui, told = () => {}, measured = () => {}, anew = () => {}) {
  let timer = null;

  /** Measures the connection that is in use from here on; `link` has stats(), state() and send(message). */
  function attach(link) {
    clearInterval(timer);
    let before = null;
    timer = setInterval(async () => {
      if (link.state() !== 'connected') return;
      const now = read(await link.stats());
      const hidden = document.visibilityState === 'hidden';
      if (before) link.send({ kind: 'stats', ...since(before, now), hidden });
      if (before && !hidden) measured(toil(before, now));
      before = now;
    }, EVERY_MS);
  }

  /** The seat's word, every two seconds: it holds still by itself. */
  function heard(message) {
    if (message.kind !== 'quality') return;
    told(message.bars);
    const { bars, cause, sound, still } = message;
    if (sound === 'gone' && !document.querySelector(TAKEN)) ui.strip('sound', 'caution', S.call.unheard, { label: S.call.unheardFix, run: anew });
    else ui.strip('sound', null);
    const alone = still && S.qualityStill[THEIRS.indexOf(cause) < 0 ? 'here' : 'seat'];
    const text = alone || (bars < BAD && S.qualityWorse[cause]) || S.quality[cause];
    if (bars > 0 && (still || bars <= BAD) && text) ui.strip('quality', 'caution', text);
    else ui.strip('quality', null);
  }

  const hush = () => ['quality', 'sound'].forEach((name) => ui.strip(name, null));

  function end() {
    clearInterval(timer);
    hush();
  }

  return { attach, heard, hush, end };
}

/** The totals of a connection that matter; what a browser does not tell is missing. */
function read(reports) {
  const found = { at: performance.now(), received: 0, lost: 0 };
  reports.forEach((each) => {
    if (each.type === 'inbound-rtp') {
      found.received += each.packetsReceived || 0;
      found.lost += each.packetsLost || 0;
      if (each.kind === 'video') Object.assign(found, { shown: each.framesDecoded, still: each.totalFreezesDuration });
      else Object.assign(found, sound(each));
    } else if (each.type === 'outbound-rtp' && each.kind === 'video') {
      Object.assign(found, { made: each.framesSent, limit: each.qualityLimitationReason });
      // a circuit of its own takes its time and costs the phone nothing
      if (!each.powerEfficientEncoder) found.coded = each.totalEncodeTime;
    } else if (each.type === 'candidate-pair' && each.nominated && each.availableOutgoingBitrate) {
      found.available = each.availableOutgoingBitrate;
    }
  });
  return found;
}

function sound(each) {
  return {
    samples: each.totalSamplesReceived,
    invented: each.concealedSamples - (each.silentConcealedSamples || 0),
    waited: each.jitterBufferDelay,
    emitted: each.jitterBufferEmittedCount,
  };
}

/** What the call's encoder cost this phone between two readings, as `strain.js` takes it. */
function toil(before, now) {
  const ms = now.at - before.at;
  return { limit: now.limit, coding: (1000 * (now.coded - before.coded)) / ms, lateMs: ms - EVERY_MS };
}

/** What happened between two readings, as the seat's `media.core.phonestats` takes it. */
function since(before, now) {
  const grown = (name) => Math.max(0, now[name] - before[name]); // NaN where one of the two is missing
  const seconds = grown('at') / 1000;
  const all = {
    fps: grown('shown') / seconds,
    sent: grown('made') / seconds,
    frozen: Math.min(1, grown('still') / seconds),
    concealed: Math.min(1, grown('invented') / grown('samples')),
    lost: Math.min(1, grown('lost') / (grown('lost') + grown('received'))),
    waits: grown('waited') / grown('emitted'),
    available: now.available,
  };
  const told = { limit: now.limit };
  Object.keys(all).forEach((name) => { if (Number.isFinite(all[name])) told[name] = Math.round(all[name] * 1000) / 1000; });
  return told;
}
