// Reading one document. Every page has to have been on the screen; the way to signing opens at the last one.
// The last page's time is sent only with the tap on the primary button, so that the service cannot turn the screen mid-sentence.
import { S } from '../strings.js';
import { el } from '../ui.js';
import { postAtEnd } from '../api.js';
import { createDwell } from '../dwell.js';
import { createFollow } from '../follow.js';
import { createPages } from '../pages.js';
import { randomName } from '../session.js';

const REPORT_MS = 5000;

export function create(context) {
  const { ui, api, session } = context;
  const doc = context.view.documents.find((each) => each.document_id === context.view.current_document_id);
  const path = `/api/phone/documents/${doc.document_id}/reading`;
  const noted = session.note(`read.${doc.document_id}`) || { seen: [], page: 0 };
  const seen = new Set(noted.seen.concat(doc.pages_seen || [])); // the service knows them where the browser was closed
  const dwell = createDwell(() => performance.now());
  const pages = createPages({ api, session, doc, page: Math.min(noted.page || unseen() || doc.pages, doc.pages), shown, turned: () => follow.byHand() });
  const follow = createFollow({ ui, pages, doc });

  function shown(page) {
    seen.add(page);
    session.remember(`read.${doc.document_id}`, { seen: Array.from(seen), page });
    if (document.visibilityState === 'visible') dwell.show(page);
    report(true).catch(() => {});
    buttons();
  }

  function unseen() {
    for (let n = 1; n <= doc.pages; n += 1) if (!seen.has(n)) return n;
    return 0;
  }

  function turnTo(page) {
    follow.byHand();
    return pages.show(page);
  }

  function buttons() {
    const missing = unseen();
    if (pages.page() < doc.pages) setPrimary(S.reading.next, () => turnTo(pages.page() + 1));
    else if (missing) setPrimary(S.reading.unread(missing), () => turnTo(missing));
    else setPrimary(S.reading.sign, finish);
  }

  let mode = '';
  function setPrimary(label, run) {
    if (mode === label) return;
    mode = label;
    ui.actions({ primary: { label, run, icon: run === finish ? 'pen' : null } }, 0);
  }

  /** `turned`: the agent's picture follows, so it is said even where no time has to be. */
  async function report(turned) {
    const taken = dwell.take([doc.pages]);
    if (!taken.length && !turned) return;
    const told = taken.length ? taken : [{ page: pages.page(), milliseconds: 0 }];
    try {
      await api.post(path, { report_id: randomName(), pages: told, on_screen: pages.page() });
    } catch (error) {
      dwell.putBack(taken);
    }
  }

  async function finish() {
    const taken = dwell.take([]);
    try {
      await context.command(path, { report_id: randomName(), pages: taken });
    } catch (error) {
      dwell.putBack(taken);
      throw error;
    }
    if (context.view.step === 'reading' && context.view.current_document_id === doc.document_id) ui.error(S.reading.notYet);
  }

  function visibility() {
    if (document.visibilityState === 'visible') dwell.show(pages.page());
    else {
      dwell.hide();
      last();
    }
  }

  function last() {
    const taken = dwell.take([doc.pages]);
    if (taken.length && session.token()) postAtEnd(path, session.token(), { report_id: randomName(), pages: taken });
  }

  const number = context.view.documents.indexOf(doc) + 1;
  ui.show({
    part: 'page',
    sentence: S.reading.sentence(doc.title),
    body: [
      pages.node,
      el('p', { class: 'quiet', text: `${S.reading.which(number, context.view.documents.length)}。${S.reading.hint}` }),
    ],
  });
  const timer = setInterval(() => report().catch(() => {}), REPORT_MS);
  document.addEventListener('visibilitychange', visibility);
  buttons();
  pages.show();
  follow.led(context.led);
  return {
    led: follow.led,
    destroy() {
      follow.end();
      clearInterval(timer);
      document.removeEventListener('visibilitychange', visibility);
      dwell.hide();
      last();
      pages.destroy();
    },
  };
}
