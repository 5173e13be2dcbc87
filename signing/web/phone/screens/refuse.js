// Not wanting to go on. The big button goes back; refusing is the quiet one, and nobody has to say why.
import { S } from '../strings.js';
import { el, telephone } from '../ui.js';

export function create(context) {
  const { ui } = context;
  const { helpline } = context.view;
  let reason = '';

  function choice(text) {
    const box = el('input', { type: 'radio', name: 'why', value: text, on: { change: () => { reason = text; } } });
    return el('label', {}, box, el('span', { text }));
  }

  async function refuse() {
    await context.command('/api/phone/refuse', { reason });
    context.release();
  }

  ui.show({
    part: 'ask',
    sentence: S.refuse.sentence,
    body: [
      el('p', { text: S.refuse.body }),
      el('fieldset', { class: 'reasons' }, el('legend', { text: S.refuse.why }), ...S.refuse.reasons.map(choice)),
      helpline ? telephone(helpline) : null,
    ],
    primary: { label: S.refuse.back, run: context.release },
    secondary: { label: S.refuse.confirm, busy: S.refuse.busy, run: refuse },
  });
  return {};
}
