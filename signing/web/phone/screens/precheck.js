// Before queueing: does this phone show, hear, sound and reach? One question a part, one fix a failure.
import { S } from '../strings.js';
import { el, notice, numbered } from '../ui.js';
import { icon } from '../icons.js';
import { audioContext, ring } from '../bell.js';
import { brightness, browserKind, canCall, closeCamera, listen, openCamera, trouble } from '../media.js';

const SPOKEN = 0.02; // rms of someone talking to the phone
const ALIVE = 0.0005; // a microphone that is on is never perfectly silent
const PATIENCE_MS = 6000;
const DARK = 18;
const SLOW_MS = 800;

export function create(context) {
  const { ui, session } = context;
  const found = { camera: false, microphone: false, loudspeaker: false, network: false };
  let stream = null;
  let quiet = () => {};
  let watching = null;

  function tidy() {
    clearInterval(watching);
    quiet();
    quiet = () => {};
    closeCamera(stream);
    stream = null;
  }

  function start() {
    tidy();
    if (!canCall()) {
      context.unsupported();
      return;
    }
    ui.show({
      part: 'start',
      sentence: S.precheck.start,
      body: [el('p', { class: 'drawing' }, icon('camera', 64), icon('microphone', 64)), el('p', { text: S.precheck.startBody })],
      primary: { label: S.precheck.startButton, run: open },
    });
  }

  async function open() {
    audioContext();
    try {
      stream = await openCamera();
    } catch (error) {
      tell(trouble(error));
      return;
    }
    stream.getTracks().forEach((track) => { track.onended = taken; });
    look();
  }

  /** A phone call took the camera: once the page is seen again, so is the customer. */
  function taken() {
    if (!stream || document.visibilityState === 'visible') {
      if (stream) open();
      return;
    }
    document.addEventListener('visibilitychange', taken, { once: true });
  }

  function tell(kind) {
    const steps = kind === 'refused' ? numbered(S.precheck[browserKind()]) : null;
    ui.show({
      part: kind,
      sentence: S.precheck[kind],
      body: [notice('stop', S.precheck[`${kind}Body`]), steps],
      primary: { label: kind === 'refused' ? S.precheck.retry : S.failed.retry, run: open },
      secondary: { label: S.precheck.otherWay, run: () => context.unsupported() },
    });
  }

  function look() {
    const video = el('video', { id: 'self-view', playsinline: true, autoplay: true, class: 'mirror' });
    video.muted = true;
    video.srcObject = stream;
    video.play().catch(() => {});
    const level = el('div', { class: 'level' }, el('div', { id: 'mic-level' }));
    const marks = { camera: mark('camera', S.precheck.camera), microphone: mark('microphone', S.precheck.microphone) };
    const advice = el('div', { role: 'status' });
    ui.show({
      part: 'look',
      sentence: S.precheck.look,
      body: [el('div', { class: 'self' }, video), level, el('div', { class: 'marks' }, marks.camera.node, marks.microphone.node), advice],
      primary: { label: S.precheck.next, run: sound, disabled: true },
    });
    watch(video, level.firstChild, marks, advice);
  }

  function watch(video, bar, marks, advice) {
    const began = performance.now();
    const best = { level: 0, light: 0 };
    quiet = listen(stream, (rms) => {
      best.level = Math.max(best.level, rms);
      bar.style.width = `${Math.min(100, rms * 400)}%`;
    });
    clearInterval(watching);
    watching = setInterval(() => {
      const light = brightness(video);
      if (light !== null) best.light = Math.max(best.light, light);
      judge(best, performance.now() - began > PATIENCE_MS, marks, advice, video);
    }, 300);
  }

  function judge(best, late, marks, advice, video) {
    found.camera = best.light >= DARK;
    found.microphone = best.level >= SPOKEN || (late && best.level >= ALIVE);
    if (found.camera) Object.assign(found, { width: video.videoWidth, height: video.videoHeight });
    marks.camera.set(found.camera, S.precheck.ok);
    marks.microphone.set(found.microphone, best.level >= SPOKEN ? S.precheck.ok : S.precheck.quiet);
    const fix = late && !found.camera ? S.precheck.dark : late && !found.microphone ? S.precheck.silent : '';
    if (advice.dataset.text !== fix) {
      advice.dataset.text = fix;
      advice.textContent = '';
      if (fix) {
        advice.append(notice('caution', fix));
        ui.enable('primary', true, S.precheck.anyway);
      }
    }
    if (found.camera && found.microphone) ui.enable('primary', true, S.precheck.next);
  }

  /** Seen and heard before a reload; a sound wants a tap. */
  function goOn(before) {
    Object.assign(found, before);
    ui.show({
      part: 'sound',
      sentence: S.precheck.sound,
      body: [el('p', { class: 'drawing' }, icon('speaker', 72)), el('p', { text: S.precheck.soundBody })],
      primary: { label: S.precheck.soundButton, run: () => { audioContext(); return sound(); } },
      secondary: { label: S.precheck.slowRetry, run: start },
    });
  }

  async function sound() {
    tidy();
    session.remember('precheck', found);
    ask('');
    ring();
    measure();
  }

  function ask(advice) {
    ui.show({
      part: 'listen',
      sentence: S.precheck.listen,
      body: [el('p', { class: 'drawing' }, icon('speaker', 72)), el('p', { text: S.precheck.listenBody }), advice ? notice('notice', advice) : null],
      primary: { label: S.precheck.heard, run: () => heard(true) },
      secondary: { label: S.precheck.notHeard, run: again },
    });
  }

  async function again() {
    ask(S.precheck.louder);
    ring();
  }

  async function heard(yes) {
    found.loudspeaker = yes;
    context.tapped();
    if (!found.network) await measure();
    if (found.network) await send();
    else slow();
  }

  async function measure() {
    const times = [];
    for (let i = 0; i < 3; i += 1) times.push(await context.socket.roundTrip());
    const good = times.filter((each) => each !== null);
    found.round_trip_ms = good.length ? Math.round(Math.min(...good)) : null;
    found.network = good.length > 0 && found.round_trip_ms < SLOW_MS;
  }

  function slow() {
    const words = found.round_trip_ms === null ? S.failed.unreachableHint : S.precheck.slowBody(found.round_trip_ms);
    ui.show({
      part: 'slow',
      sentence: S.precheck.slow,
      body: [el('p', { class: 'drawing' }, icon('network', 72)), notice('caution', words)],
      primary: { label: S.precheck.slowRetry, run: () => heard(true) },
      secondary: { label: S.precheck.anyway, run: send },
    });
  }

  async function send() {
    await context.command('/api/phone/precheck', { ...found, user_agent: navigator.userAgent.slice(0, 400) });
    session.remember('precheck', null);
  }

  const before = canCall() && session.note('precheck');
  if (before) goOn(before);
  else start();
  return {
    destroy() {
      document.removeEventListener('visibilitychange', taken);
      tidy();
    },
  };
}

function mark(name, title) {
  const words = el('span', { text: S.precheck.mark(title, S.precheck.waiting) });
  const node = el('p', { class: 'mark' }, icon(name, 22), words);
  return {
    node,
    set(ok, text) {
      const now = S.precheck.mark(title, ok ? text : S.precheck.waiting);
      if (words.textContent === now) return;
      words.textContent = now;
      node.className = ok ? 'mark good' : 'mark';
    },
  };
}
