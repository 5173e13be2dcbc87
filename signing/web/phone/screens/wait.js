// Screens on which the customer has nothing to press: the agent looks, the seal is set, the matter is over.
import { S } from '../strings.js';
import { el, notice } from '../ui.js';
import { icon } from '../icons.js';

export function create(context) {
  const { ui } = context;
  let shown = '';

  function show(view) {
    const inCall = Boolean(view.call);
    const key = `${view.step}/${inCall}/${view.notice ? view.notice.text : ''}`;
    if (key === shown) return;
    shown = key;
    if (view.step === 'ended') ended(view);
    else if (view.step === 'stopped') stopped(view, inCall);
    else if (view.step === 'await_seal') seal(view, inCall);
    else identity(inCall);
  }

  function identity(inCall) {
    ui.show({
      part: inCall ? 'call' : 'alone',
      sentence: inCall ? S.identity.sentence : S.identity.waitCall,
      body: [el('p', { text: inCall ? S.identity.body : S.identity.waitCallBody })],
      secondary: inCall ? { label: S.identity.retake, run: retake } : null,
    });
  }

  function retake() {
    context.hold('await_identity');
    context.detour('id_front', 'front');
  }

  function seal(view, inCall) {
    const signed = view.documents.filter((each) => each.signed);
    const list = signed.map((each) => el('li', {}, icon('good', 22), el('span', { text: S.seal.list(each.title) })));
    ui.show({
      part: inCall ? 'call' : 'alone',
      sentence: inCall ? S.seal.sentence : S.seal.alone,
      body: [el('p', { text: inCall ? S.seal.body : S.seal.aloneBody }), el('ul', { class: 'signed' }, ...list)],
    });
  }

  function ended(view) {
    ui.show({
      sentence: S.ended.sentence,
      body: [view.notice ? notice(view.notice.tone, view.notice.text) : null, el('p', { text: S.ended.body })],
      primary: helpline(view),
    });
  }

  function stopped(view, inCall) {
    ui.show({
      part: inCall ? 'call' : 'alone',
      sentence: S.stopped.sentence,
      body: [
        view.notice ? notice(view.notice.tone, view.notice.text) : null,
        el('p', { text: inCall ? S.stopped.inCall : S.stopped.alone }), el('p', { text: S.stopped.kept }),
      ],
      primary: inCall ? null : helpline(view),
    });
  }

  function helpline(view) {
    if (!view.helpline) return null;
    return { label: S.ended.call(view.helpline), icon: 'phone', run: () => { window.location.href = `tel:${view.helpline}`; } };
  }

  show(context.view);
  return { update: show };
}
