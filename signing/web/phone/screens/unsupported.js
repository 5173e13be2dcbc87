// A browser that cannot call: say which one can, and hand over the link.
import { S } from '../strings.js';
import { el, notice } from '../ui.js';
import { browserKind } from '../media.js';

export function create(context) {
  const told = el('div', { role: 'status' });
  const link = el('p', { class: 'link-text', id: 'link-text', text: window.location.href, hidden: true });

  async function copy() {
    let words = S.unsupported.copied;
    try {
      await navigator.clipboard.writeText(window.location.href);
    } catch (error) {
      words = S.unsupported.copyFailed;
      link.hidden = false;
    }
    told.textContent = '';
    told.append(notice('notice', words));
  }

  const why = window.isSecureContext === false ? S.unsupported.insecure
    : browserKind().indexOf('wechat') === 0 ? S.unsupported.wechat : S.unsupported.other;
  context.ui.show({
    sentence: S.unsupported.sentence,
    body: [el('p', { text: why }), told, link],
    primary: { id: 'copy-link', label: S.unsupported.copy, icon: 'link', run: copy },
    secondary: { label: S.failed.retry, run: () => window.location.reload() },
  });
  return {};
}
