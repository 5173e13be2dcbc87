// One side of the identity card: photograph it, look at it, send it, and hear what the reading found.
import { S } from '../strings.js';
import { el, notice } from '../ui.js';
import { cardDrawing } from '../icons.js';
import { fit } from '../photo.js';

/** `again`: taken anew while the agent looks at both sides; the other side follows where it is the front. */
export function create(context, again) {
  const { ui, session } = context;
  const side = again || (context.view.step === 'id_front' ? 'front' : 'back');
  const memory = `card.${session.key}.${side}`; // the camera may cost a small phone the page that opened it
  let url = '';

  const input = el('input', {
    id: 'id-file', type: 'file', accept: 'image/*', capture: 'environment', class: 'unseen', tabindex: -1,
    'aria-label': S.card[side], data: { testid: 'id-file' },
    on: { change: () => input.files.length && check(input.files[0]), cancel: () => session.set(memory, null) },
  });

  function pick() {
    session.set(memory, '1');
    input.value = '';
    input.click();
  }

  function take() {
    const lost = session.setting(memory) ? notice('caution', S.card.lost) : null;
    session.set(memory, null);
    ui.show({
      part: 'take',
      sentence: S.card[side],
      body: [lost, cardDrawing(side), el('p', { text: S.card.body }), input],
      primary: { label: S.card.take, icon: 'camera', run: pick },
      secondary: again ? { label: S.card.cancel, run: context.release } : null,
    });
  }

  function preview() {
    return el('img', { id: 'id-preview', src: url, alt: S.card.preview });
  }

  async function check(file) {
    if (url) URL.revokeObjectURL(url);
    let picture;
    try {
      picture = await fit(file);
    } catch (error) {
      session.set(memory, null);
      take();
      ui.error(S.card.broken);
      return;
    }
    url = URL.createObjectURL(picture);
    ui.show({
      part: 'check',
      sentence: S.card.check,
      body: [preview(), input],
      primary: { label: S.card.send, busy: S.card.reading, run: () => send(picture) },
      secondary: { label: S.card.retake, run: pick },
    });
  }

  async function send(picture) {
    const seen = context.view;
    context.hold(again ? 'await_identity' : null);
    let reading;
    try {
      reading = await context.api.put(`/api/phone/id-card/${side}`, picture);
    } catch (error) {
      if (!again) context.release();
      throw error;
    }
    session.set(memory, null);
    if (reading && !reading.readable) tell(reading, false);
    else if (reading && reading.warnings.length) tell(reading, true);
    else await goOn(seen);
  }

  function tell(reading, readable) {
    const found = reading.warnings.map((text) => notice('caution', text));
    const retake = { label: S.card.again, icon: 'camera', run: pick };
    const keep = () => goOn(null);
    ui.show({
      part: readable ? 'warned' : 'unreadable',
      sentence: readable ? S.card.warned : S.card.unreadable,
      body: [...found.slice(0, 2), readable ? null : el('p', { text: S.card.unreadableBody }), preview(), input],
      primary: readable ? { label: S.card.goOn, run: keep } : retake,
      secondary: readable ? { label: S.card.again, run: pick } : { label: S.card.keep, run: keep },
    });
  }

  async function goOn(seen) {
    if (again === 'front') {
      context.detour('id_back', 'back');
      return;
    }
    if (seen) await context.changed(seen);
    context.release();
    if (screenStillWants()) await context.refresh();
    if (screenStillWants()) take();
  }

  const screenStillWants = () => !again && context.view && context.view.step === (side === 'front' ? 'id_front' : 'id_back');

  take();
  return {
    destroy() {
      if (url) URL.revokeObjectURL(url);
    },
  };
}
