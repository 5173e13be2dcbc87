// Everything is sealed: the copies, one after the other under the thumb, or each by its own button.
import { S } from '../strings.js';
import { el, notice } from '../ui.js';
import { icon } from '../icons.js';
import { browserKind } from '../media.js';
import { createPages } from '../pages.js';

export function create(context) {
  const { ui, api, session } = context;
  const saved = new Set(session.note('saved') || []);
  const wechat = browserKind().indexOf('wechat') === 0; // it lets nothing be kept, without a word
  let pages = null;
  let view = context.view;

  function list() {
    close();
    ui.show({
      part: wechat ? 'wechat' : 'list',
      sentence: S.done.sentence,
      body: [el('p', { text: S.done.body }), wechat ? notice('notice', S.done.wechat) : null, el('ul', { class: 'copies' }, ...view.documents.map(row))],
      primary: primary(),
    });
  }

  function row(doc) {
    const kept = saved.has(doc.document_id);
    const label = kept ? S.done.copied(doc.title) : doc.copy_available ? S.done.copy(doc.title) : S.done.pending(doc.title);
    const save = el('button', {
      type: 'button', class: kept ? 'doc-copy tool saved' : 'doc-copy tool', disabled: !doc.copy_available,
      data: { testid: 'doc-copy', documentId: doc.document_id, off: doc.copy_available ? '0' : '1' },
      on: { click: () => ui.run(save, { label, run: () => keep(doc) }) },
    }, icon(kept ? 'good' : 'download', 22), el('span', { class: 'label', text: label }));
    const look = el('button', { type: 'button', class: 'quiet-link', text: S.done.look, 'aria-label': S.done.lookAt(doc.title), on: { click: () => open(doc) } });
    return el('li', {}, wechat ? el('span', { class: 'title', text: S.done.title(doc.title) }) : save, look);
  }

  function primary() {
    if (wechat) return { label: S.done.elsewhere, icon: 'link', run: context.unsupported };
    const ready = view.documents.filter((doc) => doc.copy_available);
    const next = ready.find((doc) => !saved.has(doc.document_id));
    if (!ready.length) return null;
    if (!next) return { label: S.done.allSaved, icon: 'good', disabled: true, run: () => {} };
    return { label: S.done.save(ready.indexOf(next) + 1, ready.length), icon: 'download', run: () => keep(next) };
  }

  async function keep(doc) {
    const blob = await api.blob(`/api/phone/documents/${doc.document_id}/copy`);
    const url = URL.createObjectURL(blob.type ? blob : new Blob([blob], { type: 'application/pdf' }));
    const link = el('a', { href: url, download: S.done.file(doc.title, view.case_no) });
    document.body.append(link);
    link.click();
    document.body.removeChild(link);
    setTimeout(() => URL.revokeObjectURL(url), 60000);
    saved.add(doc.document_id);
    session.remember('saved', Array.from(saved));
    list();
  }

  function open(doc) {
    close();
    pages = createPages({ api, doc, page: 1, shown: () => {} });
    ui.show({ part: 'look', sentence: S.reading.sentence(doc.title), body: [pages.node], primary: { label: S.done.close, run: list } });
    pages.show();
  }

  function close() {
    if (pages) pages.destroy();
    pages = null;
  }

  list();
  return {
    update(now) {
      view = now;
      if (!pages) list();
    },
    destroy: close,
  };
}
