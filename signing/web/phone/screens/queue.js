// Waiting. Joins by itself the first time; leaving and coming back is the customer's choice.
import { S } from '../strings.js';
import { el } from '../ui.js';
import { icon } from '../icons.js';
import { helperLink } from './helper.js';

export function create(context) {
  const { ui } = context;
  let part = '';
  let big;
  let small;

  async function join() {
    await context.command('/api/phone/queue/join');
    update(context.view);
  }

  async function leave() {
    await context.command('/api/phone/queue/leave');
    if (context.view.step === 'queue' && !context.view.queue) left();
  }

  function waiting() {
    part = 'waiting';
    big = el('p', { id: 'queue-place', class: 'big', role: 'status', 'aria-live': 'polite' });
    small = el('p', { id: 'queue-wait' });
    ui.show({
      part,
      sentence: S.queue.sentence,
      body: [
        el('p', { class: 'drawing' }, icon('queue', 64)), big, small,
        el('p', { text: S.queue.prepare }), helperLink(context), el('p', { class: 'quiet', text: S.queue.closing }),
      ],
      secondary: { label: S.queue.leave, run: leave },
    });
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

  function update(view) {
    if (view.step !== 'queue') return;
    if (!view.queue) return;
    if (part !== 'waiting') waiting();
    const { position, expected_wait_seconds: seconds, message } = view.queue;
    const place = position > 1 ? S.queue.ahead(position - 1) : S.queue.none;
    say(big, place);
    say(small, [expected(seconds), message === place ? '' : message].filter(Boolean).join(' · '));
  }

  if (context.view.queue) update(context.view);
  else {
    waiting();
    say(big, S.queue.joining);
    join().catch((error) => {
      if (part !== 'waiting') return;
      left();
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
