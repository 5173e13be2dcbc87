// What helps on every screen: large print, reading aloud, and why a step is and who can help with it.
import { S } from './strings.js';
import { byId, el, empty, telephone } from './ui.js';
import { icon } from './icons.js';
import { audioContext, play } from './bell.js';

const PRINT = 'print';

export function createAids(context) {
  const reader = createReader(context);
  print(context);
  reasons(context);
  context.ui.shown = () => {
    byId('why').open = false;
    reader.turned();
  };
  return { hush: reader.hush };
}

/** Letters a third larger, kept for the next time. */
function print({ session, ui }) {
  const button = byId('large-print');
  const root = document.documentElement;
  button.hidden = false;
  function set(large) {
    root.dataset.print = large ? 'large' : '';
    label(button, 'letters', large ? S.aids.small : S.aids.large);
    button.setAttribute('aria-pressed', String(large));
    ui.roomy();
  }
  button.addEventListener('click', () => {
    const large = root.dataset.print !== 'large';
    session.set(PRINT, large ? 'large' : null);
    set(large);
  });
  set(session.setting(PRINT) === 'large');
}

/** The words are fetched with the first look at them. */
function reasons(context) {
  const box = byId('why');
  byId('why-title').textContent = S.aids.why;
  box.hidden = false;
  box.addEventListener('toggle', async () => {
    const words = byId('why-words');
    empty(words);
    if (!box.open) return;
    const step = byId('main').dataset.step;
    try {
      const { REASONS, HELPERS } = await import('./reasons.js');
      const number = context.ui.helpline;
      const inCall = Boolean(context.view && context.view.call);
      empty(words);
      words.append(el('p', { text: REASONS[step] || REASONS.other }), el('p', { text: inCall ? HELPERS.inCall : HELPERS.alone }));
      if (number) words.append(telephone(number));
      box.scrollIntoView(); // they open below the buttons where the screen is full
    } catch (error) {
      words.append(el('p', { text: S.failed.unreachableHint }));
    }
  });
}

/** Reads the screen, and each next one until it is told to stop; during a call only what it is asked for. */
function createReader(context) {
  const button = byId('read-aloud');
  const heard = new Map();
  let on = false;
  let turn = 0;
  let stop = () => {};

  function show() {
    label(button, on ? 'stop' : 'speaker', on ? S.aids.quiet : S.aids.read);
    button.setAttribute('aria-pressed', String(on));
  }

  const inCall = () => Boolean(context.view && context.view.call);

  function hush() {
    turn += 1;
    stop();
    stop = () => {};
    on = false;
    show();
  }

  async function say() {
    turn += 1;
    const mine = turn;
    stop();
    stop = () => {};
    try {
      const sound = await fetched(place(context));
      if (mine !== turn) return;
      const end = await play(sound, () => inCall() && mine === turn && hush());
      if (mine === turn) stop = end;
      else end();
    } catch (error) {
      if (mine !== turn) return;
      hush();
      context.ui.error(S.aids.silent, S.aids.silentHint);
    }
  }

  async function fetched(path) {
    if (!heard.has(path)) heard.set(path, await (path.indexOf('/api/') === 0 ? context.api.blob(path) : file(path)));
    return heard.get(path);
  }

  button.hidden = !document.documentElement.dataset.reads;
  button.addEventListener('click', () => {
    audioContext(); // within the tap
    if (on) hush();
    else {
      on = true;
      show();
      say();
    }
  });
  show();
  return {
    hush,
    turned() {
      if (!on) return;
      if (inCall()) hush();
      else say();
    },
  };
}

async function file(path) {
  const answer = await fetch(path);
  if (!answer.ok) throw new Error('nothing is said here');
  return answer.blob();
}

/** Where the words of this screen are read: a consent's own, or the instruction by its name. */
function place({ view }) {
  const { step, part } = byId('main').dataset;
  if (step.indexOf('consent_') === 0) {
    return part ? '/phone/voice/consent.refuse' : `/api/phone/consents/${view.consent.kind}/voice`;
  }
  const name = step.indexOf('id_') === 0 && part !== 'take' ? 'card' : step;
  return `/phone/voice/${part ? `${name}.${part}` : name}`;
}

function label(button, sign, words) {
  empty(button);
  button.append(icon(sign, 18), el('span', { text: words }));
}
