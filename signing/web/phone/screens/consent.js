// One consent on its own screen. Declining has its own way where the law gives one, and is never a slip of the thumb.
import { S } from '../strings.js';
import { byId, el, telephone } from '../ui.js';

const LOOK_MS = 200;

export function create(context) {
  const { ui, session } = context;
  const { consent } = context.view;
  const memory = `consent.${consent.kind}.${consent.sha256.slice(0, 8)}`;
  let seen = Boolean(session.note(memory)); // before a reload
  let looking = null;

  const give = (granted) => context.command('/api/phone/consents', {
    kind: consent.kind, granted, text_sha256: consent.sha256,
  });

  function ask() {
    const text = el('div', { class: 'text' }, ...consent.paragraphs.map((each) => el('p', { text: each })));
    ui.show({
      sentence: consent.title,
      body: [text],
      primary: { label: consent.accept, run: () => give(true) },
      secondary: { label: consent.decline, run: consent.kind === 'face' ? () => give(false) : makeSure },
    });
    waitForTheEnd(text);
  }

  /** Agreeing opens once the end of the text has stood above the footer; looked for, as lines come and go above. */
  function waitForTheEnd(text) {
    if (seen || ends(text)) {
      hasSeen();
      return;
    }
    ui.enable('primary', false, S.consent.readOn);
    looking = setInterval(() => {
      if (!ends(text)) return;
      hasSeen();
      stopLooking();
      ui.enable('primary', true, consent.accept);
    }, LOOK_MS);
  }

  function hasSeen() {
    seen = true;
    session.remember(memory, true);
  }

  function stopLooking() {
    clearInterval(looking);
  }

  function makeSure() {
    stopLooking();
    ui.show({
      part: 'refuse',
      sentence: S.consent.refuseSentence,
      body: [el('p', { text: S.consent.refuseBody(context.view.helpline) }), telephone(context.view.helpline)],
      primary: { label: S.consent.back, run: ask },
      secondary: { label: S.consent.refuse, run: () => give(false) },
    });
  }

  ask();
  return { destroy: stopLooking };
}

function ends(text) {
  return text.lastChild === null || text.lastChild.getBoundingClientRect().bottom <= byId('actions').getBoundingClientRect().top + 1;
}
