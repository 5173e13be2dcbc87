// One consent on its own screen. Declining has its own way where the law gives one, and is never a slip of the thumb.
import { S } from '../strings.js';
import { el, telephone } from '../ui.js';

export function create(context) {
  const { ui } = context;
  const { consent } = context.view;

  const give = (granted) => context.command('/api/phone/consents', {
    kind: consent.kind, granted, text_sha256: consent.sha256,
  });

  function ask() {
    ui.show({
      sentence: consent.title,
      body: [el('div', { class: 'text' }, ...consent.paragraphs.map((text) => el('p', { text })))],
      primary: { label: consent.accept, run: () => give(true) },
      secondary: { label: consent.decline, run: consent.kind === 'face' ? () => give(false) : makeSure },
    });
  }

  function makeSure() {
    ui.show({
      part: 'refuse',
      sentence: S.consent.refuseSentence,
      body: [el('p', { text: S.consent.refuseBody(context.view.helpline) }), telephone(context.view.helpline)],
      primary: { label: S.consent.back, run: ask },
      secondary: { label: S.consent.refuse, run: () => give(false) },
    });
  }

  ask();
  return {};
}
