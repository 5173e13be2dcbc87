// Writing one's name, seeing it on the block, confirming it. The ink survives a look back at the document.
import { S } from '../strings.js';
import { byId, el, notice } from '../ui.js';
import { icon } from '../icons.js';
import { createPad, sharpen } from '../pad.js';
import { draw, judge, refit } from '../ink.js';
import { createFollow } from '../follow.js';
import { createPages } from '../pages.js';
import { preview } from '../preview.js';

const BLOCK_BASE = 2.6;

export function create(context) {
  const { ui, api, session } = context;
  const doc = context.view.documents.find((each) => each.document_id === context.view.current_document_id);
  const cells = boxes(context.view.name_masked);
  const place = `ink.${doc.document_id}.${doc.sha256.slice(0, 8)}`;
  const begun = `begun.${session.key}.${place}`;
  let kept = session.note(place); // a reload, or a browser that the phone closed
  let pad = null;
  let pages = null;
  let follow = null;

  function leave() {
    if (pad) pad.destroy();
    if (pages) pages.destroy();
    if (follow) follow.end();
    pad = null;
    pages = null;
    follow = null;
  }

  function write() {
    leave();
    const canvas = el('canvas', { id: 'pad', role: 'img', 'aria-label': S.signing.pad, data: { testid: 'pad' } });
    const tools = [
      tool('undo', S.signing.undo, () => pad.undo()), tool('redo', S.signing.redo, () => pad.redo()), tool('clear', S.signing.clear, () => pad.clear()),
    ];
    ui.show({
      part: 'pad',
      sentence: S.signing.sentence,
      body: [
        canvas, el('div', { class: 'tools' }, ...tools),
        el('p', { class: 'quiet portrait-only', text: `${S.signing.of(doc.title)}。${S.signing.hint}` }),
      ],
      primary: { label: S.signing.done, run: look },
      secondary: { label: S.signing.readAgain, run: readAgain },
    });
    pad = createPad(canvas, cells, () => changed(tools), ui.still);
    if (kept) pad.put(kept.strokes, kept.area, kept.since);
    else if (session.setting(begun)) ui.strip('ink', 'caution', S.signing.lost);
    changed(tools);
  }

  function changed(tools) {
    ui.clearError();
    const none = pad.strokes().length === 0;
    if (!none) ui.strip('ink', null);
    const may = { undo: pad.canUndo(), redo: pad.canRedo(), clear: !none };
    tools.forEach((each) => { each.disabled = !may[each.id]; });
    keep();
  }

  function keep() {
    kept = { strokes: pad.strokes(), area: pad.area(), since: pad.began() };
    remember(false);
    session.set(begun, kept.strokes.length ? '1' : null); // that, not what: a closed browser forgets the strokes
  }

  function remember(looked) {
    session.remember(place, { strokes: kept.strokes, area: kept.area, looked });
  }

  function look() {
    keep();
    const wrong = judge(kept.strokes, kept.area);
    if (wrong) {
      ui.error(S.signing[wrong], '', true);
      ui.toTop(); // the words take room below: the paper stays where a finger reaches it
    } else confirm();
  }

  function confirm() {
    leave();
    remember(true);
    const canvas = el('canvas', { id: 'signature', role: 'img', 'aria-label': S.signing.yours });
    ui.show({
      part: 'confirm',
      sentence: S.signing.confirmSentence(doc.title),
      body: [block(canvas), fingerprint(doc.sha256)],
      primary: { id: 'confirm', label: S.signing.confirm, icon: 'pen', busy: S.signing.sending, run: sign },
      secondary: { label: S.signing.rewrite, run: anew },
    });
    const area = { width: canvas.clientWidth, height: canvas.clientHeight };
    draw(sharpen(canvas), refit(kept.strokes, kept.area, area), BLOCK_BASE);
    print(canvas);
  }

  /** Takes the block's place once it is there; without it the block says enough. */
  async function print(block) {
    const canvas = el('canvas', { id: 'preview', role: 'img', 'aria-label': S.signing.printed });
    const strokes = kept.strokes;
    const card = block.parentNode;
    card.append(canvas);
    try {
      await preview(canvas, { api, doc, strokes, caption: [context.view.name_masked, today()].join('  ') });
      if (block.isConnected) card.classList.add('printed');
    } catch (error) {
      if (canvas.parentNode) card.removeChild(canvas);
    }
  }

  const today = () => new Date(context.view.server_time).toLocaleDateString('zh-CN', { timeZone: 'Asia/Shanghai', year: 'numeric', month: 'long', day: 'numeric' });

  function block(canvas) {
    return el('div', { class: 'block' },
      el('p', { class: 'block-label', text: S.signing.signer(context.view.role_title) }), canvas, el('p', { class: 'print-label', text: S.signing.printed }),
      el('p', { class: 'block-date', text: `${S.signing.date} ${today()}` }));
  }

  function readAgain() {
    leave();
    pages = createPages({ api, session, doc, page: 1, shown: () => {}, turned: () => follow.byHand() });
    follow = createFollow({ ui, pages, doc });
    ui.show({
      part: 'again',
      sentence: S.reading.sentence(doc.title),
      body: [pages.node],
      primary: { label: S.signing.back, run: write },
    });
    pages.show();
    follow.led(context.led);
  }

  function anew() {
    kept = null;
    forget();
    write();
  }

  async function sign() {
    const strokes = { width: kept.area.width, height: kept.area.height, strokes: kept.strokes };
    await context.command(`/api/phone/documents/${doc.document_id}/sign`, { sha256: doc.sha256, strokes });
    forget();
  }

  function forget() {
    session.remember(place, null);
    session.set(begun, null);
  }

  if (kept && kept.looked) confirm();
  else write();
  return { destroy: () => { ui.strip('ink', null); leave(); }, led: (frame) => follow && follow.led(frame) };
}

function tool(name, label, run) {
  return el('button', { type: 'button', id: name, class: 'tool', data: { testid: name }, on: { click: run } }, icon(name, 20), label);
}

function fingerprint(sha256) {
  const short = `${sha256.slice(0, 4)} ${sha256.slice(4, 8)} ${sha256.slice(-4)}`;
  const box = notice('notice', `${S.signing.digest} ${short}`, S.signing.digestBody);
  box.id = 'digest';
  return box;
}

/** One box a character of the name, masked or not; one wide box for long names of the minorities. */
function boxes(name) {
  const length = Array.from(name || '').length;
  return length >= 2 && length <= 4 ? length : length > 4 ? 1 : 3;
}
