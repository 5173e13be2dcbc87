// Proving that the phone is the customer's: a code by text message, typed once.
import { S } from '../strings.js';
import { el, notice } from '../ui.js';

const NUMBER = /\d{3,4}-\d{7,8}|\d{5,12}/; // the helpline in the words for a link that is over

export function create(context, reason) {
  const { ui, api, session } = context;
  const capability = session.capability;
  let link = null;
  let ticker = null;
  let destroyed = false;
  const memory = `sent.${session.key}`; // whoever goes to read the message may come back to a page that is loaded anew
  let redeemed = false; // the next screen is on its way: another tap must not spend the code again

  async function open() {
    ui.show({ sentence: S.loading, part: 'opening' });
    try {
      link = await api.post('/api/phone/open', { capability });
    } catch (error) {
      if (!destroyed) broken(error);
      return;
    }
    if (destroyed) return;
    ui.frame({ institution: link.institution, helpline: link.helpline, number: 1, total: link.step_total });
    const before = reason ? null : sentBefore();
    if (before) ask(before);
    else offer();
  }

  /** What was sent and is still good, as if it had just been. */
  function sentBefore() {
    const kept = JSON.parse(session.setting(memory) || 'null');
    const age = kept ? (Date.now() - kept.at) / 1000 : -1;
    if (age < 0 || age >= kept.valid_seconds) return null;
    return { ...kept, valid_seconds: kept.valid_seconds - age, resend_after_seconds: Math.max(0, Math.round(kept.resend_after_seconds - age)) };
  }

  function broken(error) {
    const refused = Boolean(error.status);
    const number = refused ? NUMBER.exec(error.hint || '') : null;
    const retry = { label: S.failed.retry, run: open };
    const call = number && { label: S.ended.call(number[0]), icon: 'phone', run: () => { window.location.href = `tel:${number[0]}`; } };
    ui.show({
      part: 'broken',
      sentence: refused && error.message ? error.message : S.failed.unreachable,
      body: [el('p', { text: refused ? error.hint || S.failed.noLinkHint : S.failed.unreachableHint })],
      primary: call || retry,
      secondary: call ? retry : null,
    });
  }

  function offer() {
    ui.show({
      part: 'send',
      sentence: S.code.sentence(link.name_masked),
      body: [
        reason ? notice('caution', reason) : null,
        el('p', { text: S.code.body(link.phone_masked) }),
        el('p', { class: 'quiet', text: S.code.product(link.product_title) }),
      ],
      primary: { label: S.code.send, run: send },
      secondary: { label: S.code.have, run: () => ask(null) },
    });
  }

  async function send() {
    const sent = await api.post('/api/phone/code', { capability });
    session.set(memory, JSON.stringify({ ...sent, at: Date.now() }));
    session.remember('typed', null);
    if (!destroyed) ask(sent);
  }

  /** `sent` is null where the customer has a code from before: a refused sending must not shut them out. */
  function ask(sent) {
    const input = el('input', {
      id: 'code-input', type: 'text', inputmode: 'numeric', autocomplete: 'one-time-code', maxlength: 6,
      pattern: '[0-9]*', class: 'code', 'aria-label': S.code.label, data: { testid: 'code-input' },
      on: {
        keydown: (event) => event.key === 'Enter' && document.getElementById('primary').click(),
        input: () => session.remember('typed', input.value),
      },
    });
    input.value = session.note('typed') || '';
    ui.show({
      part: 'enter',
      sentence: S.code.enter,
      body: [
        el('label', { class: 'field' }, el('span', { text: sent ? S.code.sent(sent.phone_masked) : S.code.latest(link.phone_masked) }), input),
        sent && sent.stand_in ? notice('caution', S.code.standIn) : null,
        el('p', { class: 'quiet', text: sent ? S.code.valid(Math.max(1, Math.round(sent.valid_seconds / 60))) : S.code.secret }),
      ],
      primary: { label: S.code.confirm, run: () => redeem(input) },
      secondary: sent ? { label: S.code.wait(sent.resend_after_seconds), run: send, disabled: true } : { label: S.code.resend, run: send },
    });
    input.focus();
    if (sent) countDown(sent.resend_after_seconds);
  }

  function countDown(seconds) {
    clearInterval(ticker);
    const until = performance.now() + seconds * 1000;
    const tick = () => {
      const left = Math.ceil((until - performance.now()) / 1000);
      if (left <= 0) clearInterval(ticker);
      ui.enable('secondary', left <= 0, left > 0 ? S.code.wait(left) : S.code.resend);
    };
    ticker = setInterval(tick, 1000);
    tick();
  }

  async function redeem(input) {
    if (redeemed) {
      await context.enter();
      return;
    }
    // A Chinese keyboard may write the digits full-width; they mean the same.
    const code = input.value.normalize('NFKC').replace(/\s/g, '');
    if (!/^\d{6}$/.test(code)) {
      ui.error(S.code.short);
      input.focus();
      return;
    }
    try {
      const opened = await api.post('/api/phone/redeem', { capability, code, device: session.device });
      session.keep(opened.token);
      redeemed = true;
      session.set(memory, null);
      session.remember('typed', null);
    } catch (error) {
      input.value = '';
      session.remember('typed', null);
      input.focus();
      throw error;
    }
    await context.enter();
  }

  open();
  return {
    destroy() {
      destroyed = true;
      clearInterval(ticker);
    },
  };
}
