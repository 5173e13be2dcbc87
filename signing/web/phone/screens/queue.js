// Waiting. Joins by itself the first time and after a lost line; after leaving, or a call that was ended, coming back is
// the customer's choice. A closed or paused queue says so in the institution's own words.
import { S } from '../strings.js';
import { el, empty, notice } from '../ui.js';
import { icon } from '../icons.js';
import { call as summon } from '../bell.js';
import { helperLink, isHelperOpen } from './helper.js';

export function create(context) {
  const { ui } = context;
  let part = '';
  let big;
  let small;
  let stopped;
  let booked;

  async function join() {
    await context.command('/api/phone/queue/join');
    update(context.view);
  }

  async function leave() {
    await context.command('/api/phone/queue/leave');
    if (context.view.step === 'queue' && !context.view.queue) away();
  }

  function away() {
    if (context.view.door && !context.view.door.joins) closed();
    else left();
  }

  function waiting() {
    part = 'waiting';
    big = el('p', { id: 'queue-place', class: 'big', role: 'status', 'aria-live': 'polite' });
    small = el('p', { id: 'queue-wait' });
    stopped = el('div', { id: 'queue-stopped', role: 'status', hidden: true });
    booked = el('p', { id: 'queue-booked', class: 'quiet' });
    ui.show({
      part,
      sentence: S.queue.sentence,
      body: [
        stopped, el('p', { class: 'drawing' }, icon('queue', 64)), big, small, languages(),
        el('ul', { class: 'prepare' }, ...S.queue.prepare.map((text) => el('li', {}, icon('good', 20), el('span', { text })))),
        el('p', {}, el('button', { type: 'button', id: 'bell', class: 'text-link', text: S.queue.bell, on: { click: () => summon() } })),
        helperLink(context), booked,
        el('p', { class: 'quiet', text: S.queue.closing }),
      ],
      secondary: { label: S.queue.leave, run: leave },
    });
  }

  /** Three large buttons; the chosen one is pressed, pressing it again takes the choice back. */
  function languages() {
    const buttons = Object.entries(S.queue.languages).map(([key, words]) => el('button', {
      type: 'button', class: 'choice', text: words, 'data-dialect': key, 'aria-pressed': String(key === context.view.dialect),
      on: { click: (event) => choose(event.currentTarget, key) },
    }));
    return el('div', { id: 'queue-language', role: 'group', 'aria-label': S.queue.language },
      el('p', { class: 'quiet', text: S.queue.language }), el('div', { class: 'choices' }, ...buttons));
  }

  async function choose(button, key) {
    button.disabled = true;
    try {
      await context.command('/api/phone/dialect', { dialect: context.view.dialect === key ? null : key });
    } catch (error) {
      ui.handle(error);
    } finally {
      button.disabled = false;
      marked();
    }
  }

  function marked() {
    document.querySelectorAll('.choice').forEach((button) => {
      button.setAttribute('aria-pressed', String(button.dataset.dialect === context.view.dialect));
    });
  }

  /** After closing time and during a stop: nobody joins, and the words say when to come back. */
  function closed() {
    part = 'closed';
    const { message } = context.view.door;
    const own = context.view.appointment;
    ui.show({
      part,
      sentence: S.queue.closed,
      body: [
        el('p', { class: 'drawing' }, icon('queue', 64)), notice('caution', message),
        own ? notice('notice', own.text) : null, el('p', { text: S.queue.closedBody }),
      ],
      secondary: { label: S.failed.retry, run: async () => { await context.refresh(); await again(); } },
    });
  }

  async function again() {
    if (part !== 'closed' || context.view.step !== 'queue') return;
    if (context.view.door.joins) await join();
    else closed();
  }

  function left() {
    part = 'left';
    ui.show({
      part,
      sentence: S.queue.left,
      body: [el('p', { text: S.queue.leftBody })],
      primary: { label: S.queue.join, run: () => { context.tapped(); return join(); } },
    });
  }

  /** The call was ended with steps left: nobody is put in the queue again without wanting it. */
  function over() {
    part = 'over';
    const own = context.view.appointment;
    ui.show({
      part,
      sentence: S.queue.over,
      body: [
        el('p', { class: 'drawing' }, icon('queue', 64)), own ? notice('notice', own.text) : null,
        el('p', { text: S.queue.overBody }),
      ],
      primary: { label: S.queue.join, run: () => { context.tapped(); return join(); } },
    });
  }

  function update(view) {
    if (view.step !== 'queue') return;
    if (!view.queue) {
      if (part === 'closed' && view.door.joins) again().catch(ui.handle);
      return;
    }
    if (part !== 'waiting') waiting();
    const { position, expected_wait_seconds: seconds, message, paused } = view.queue;
    const place = position > 1 ? S.queue.ahead(position - 1) : S.queue.none;
    say(big, place);
    say(small, paused ? S.queue.paused : [expected(seconds), message === place ? '' : message].filter(Boolean).join(' · '));
    stop(paused ? message : '');
    say(booked, view.appointment ? view.appointment.text : '');
    marked();
  }

  function stop(message) {
    if (stopped.dataset.words === message) return;
    stopped.dataset.words = message;
    stopped.hidden = !message;
    empty(stopped);
    if (message) stopped.append(notice('caution', message));
  }

  if (context.view.queue) {
    update(context.view);
    if (isHelperOpen(context)) setTimeout(() => context.view.step === 'queue' && context.detour('helper'), 0);
  } else if (context.view.door && !context.view.door.joins) closed();
  else if (context.view.let_go) over();
  else {
    waiting();
    say(big, S.queue.joining);
    join().catch((error) => {
      if (part !== 'waiting') return;
      away();
      ui.handle(error);
    });
  }
  return { update };
}

function say(node, text) {
  if (node.textContent !== text) node.textContent = text;
}

function expected(seconds) {
  if (seconds === null || seconds === undefined) return '';
  return seconds < 60 ? S.queue.soon : S.queue.wait(Math.ceil(seconds / 60));
}
