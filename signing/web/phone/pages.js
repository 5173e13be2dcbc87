// A document page by page. On a phone it opens large, at the left edge of the text; a tap shows the whole page and back,
// two fingers any size between.
import { S } from './strings.js';
import { byId, el, empty } from './ui.js';
import { icon } from './icons.js';
import { createGestures } from './gestures.js';

const WIDTHS = [480, 720, 960, 1200, 1440];
const ENLARGED = 1.9;
const LARGEST = 4;
const MARGIN = 0.09; // of a page's width that is blank left of the text
const LEAST = 180; // CSS pixels of a page that are always there
const NARROW = 600; // CSS pixels under which a whole A4 page cannot be read

/**
 * `shown(page)` is called whenever a page has come on the screen as a picture, `turned()` when the customer turned it;
 * the size is kept in `session`. `point(frame)` draws what the agent points at, null nothing.
 */
export function createPages({ api, session, doc, page, shown, turned }) {
  const urls = new Map();
  const picture = el('img', { id: 'page-image', draggable: 'false' });
  const finger = el('div', { id: 'page-finger', hidden: true, 'aria-hidden': 'true' });
  const paper = el('div', { id: 'page-paper' }, picture, finger);
  const waiting = el('p', { class: 'page-wait', role: 'status', text: S.reading.loading });
  const retry = el('button', { type: 'button', class: 'small', text: S.reading.failed, hidden: true, on: { click: () => show(at) } });
  const sheet = el('div', { id: 'page-sheet', tabindex: 0, role: 'group', 'aria-label': doc.title }, paper, waiting, retry);
  const previous = turner('prev-page', S.reading.previous, 'previous', -1);
  const next = turner('next-page', S.reading.next, 'next', 1);
  const zoom = el('button', { type: 'button', id: 'page-zoom', class: 'tool', data: { testid: 'page-zoom' }, on: { click: () => enlarge(MARGIN, 0) } });
  const count = el('p', { id: 'page-count', role: 'status', 'aria-live': 'polite' });
  const dots = el('p', { class: 'dots', 'aria-hidden': 'true' });
  let at = page;
  let size = (session && session.note('reading.size')) || (window.innerWidth < NARROW ? ENLARGED : 1);
  let turn = 0;
  let pointed = null;
  let grip = null;

  function turner(id, label, sign, by) {
    return el('button', { type: 'button', id, class: 'turn', 'aria-label': label, data: { testid: id }, on: { click: () => hand(by) } }, icon(sign, 22));
  }

  function hand(by) {
    if (turned) turned();
    return show(at + by);
  }

  const width = () => {
    const wanted = Math.min(window.innerWidth, 520) * Math.min(3, window.devicePixelRatio || 1) * 1.5;
    return WIDTHS.find((each) => each >= wanted) || WIDTHS[WIDTHS.length - 1];
  };

  async function load(number) {
    if (!urls.has(number)) {
      const path = `/api/phone/documents/${doc.document_id}/pages/${number}?width=${width()}`;
      urls.set(number, api.blob(path).then((blob) => URL.createObjectURL(blob)));
      urls.get(number).catch(() => urls.delete(number));
    }
    return urls.get(number);
  }

  async function show(number) {
    if (number < 1 || number > doc.pages) return;
    at = number;
    turn += 1;
    const mine = turn;
    draw();
    waiting.hidden = false;
    retry.hidden = true;
    try {
      const url = await load(number);
      if (mine !== turn) return;
      picture.src = url;
      picture.alt = S.reading.pageImage(doc.title, number);
      picture.hidden = false;
      sheet.scrollTop = 0;
      sheet.scrollLeft = picture.offsetWidth * MARGIN;
      if (node.getBoundingClientRect().top < 0) byId('main').scrollIntoView();
      picture.onload = touch;
      shown(number);
      if (number < doc.pages) load(number + 1).catch(() => {});
    } catch (error) {
      if (mine === turn) retry.hidden = false;
    }
    if (mine === turn) waiting.hidden = true;
  }

  function draw() {
    picture.hidden = true;
    finger.hidden = true;
    resize(size);
    previous.disabled = at === 1;
    next.disabled = at === doc.pages;
    count.textContent = S.reading.page(at, doc.pages);
    empty(dots);
    for (let n = 1; n <= doc.pages && doc.pages <= 16; n += 1) dots.append(el('span', { class: n === at ? 'on' : '' }));
  }

  const isLarge = () => size > 1.05;

  /** An enlarged page has all the room that the title above it and the buttons below it leave. */
  function room() {
    const above = sheet.getBoundingClientRect().top - byId('main').getBoundingClientRect().top;
    sheet.style.setProperty('--room', `${Math.max(LEAST, window.innerHeight - above - byId('actions').offsetHeight - 4)}px`);
  }

  const watch = window.ResizeObserver ? new ResizeObserver(room) : null;
  if (watch) ['actions', 'sentence'].forEach((id) => watch.observe(byId(id)));
  window.addEventListener('resize', room);

  function resize(to) {
    size = Math.min(LARGEST, Math.max(1, to));
    const on = isLarge();
    paper.style.width = on ? `${size * 100}%` : '100%';
    sheet.classList.toggle('large', on);
    room();
    if (zoom.getAttribute('aria-pressed') === String(on)) return;
    empty(zoom);
    const words = on ? S.reading.shrink : S.reading.zoom;
    zoom.append(icon(on ? 'shrink' : 'zoom', 20), el('span', { class: 'label', text: words }));
    zoom.setAttribute('aria-label', words);
    zoom.setAttribute('aria-pressed', String(on));
  }

  const keep = () => session && session.remember('reading.size', size);

  /** Enlarges from a point given as fractions of the picture, or goes back to the whole page. */
  function enlarge(x, y) {
    resize(isLarge() ? 1 : ENLARGED);
    keep();
    if (!isLarge()) return;
    sheet.scrollLeft = picture.offsetWidth * x;
    sheet.scrollTop = picture.offsetHeight * y;
  }

  picture.addEventListener('click', (event) => {
    const box = picture.getBoundingClientRect();
    enlarge((event.clientX - box.left) / box.width < 0.6 ? MARGIN : 1, Math.max(0, (event.clientY - box.top) / box.height - 0.12));
  });
  createGestures(sheet, {
    slack: () => picture.offsetWidth * MARGIN + 1,
    turn: hand,
    grip(x, y) {
      const box = picture.getBoundingClientRect();
      grip = { size, x: (x - box.left) / (box.width || 1), y: (y - box.top) / (box.height || 1) };
    },
    pinch(factor, x, y) {
      resize(grip.size * factor);
      const box = sheet.getBoundingClientRect();
      sheet.scrollLeft = grip.x * picture.offsetWidth - (x - box.left);
      sheet.scrollTop = grip.y * picture.offsetHeight - (y - box.top);
      keep();
    },
  });

  /** The agent's finger, once the page it is on stands here. */
  function touch() {
    const here = pointed && pointed.kind !== 'page' && pointed.page === at && !picture.hidden;
    finger.hidden = !here;
    if (!here) return;
    finger.className = pointed.kind;
    const parts = { left: pointed.x, top: pointed.y, width: pointed.w, height: pointed.h };
    Object.keys(parts).forEach((name) => {
      finger.style[name] = pointed.kind === 'point' && (name === 'width' || name === 'height') ? '' : `${parts[name] * 100}%`;
    });
    if (!inSight(finger)) bring();
  }

  /** Where the page moves in its frame, the frame stays. */
  function bring() {
    if (sheet.scrollHeight <= sheet.clientHeight) {
      finger.scrollIntoView({ block: 'center', inline: 'center' });
      return;
    }
    sheet.scrollLeft = finger.offsetLeft - (sheet.clientWidth - finger.offsetWidth) / 2;
    sheet.scrollTop = finger.offsetTop - (sheet.clientHeight - finger.offsetHeight) / 2;
    if (!inSight(finger)) sheet.scrollIntoView({ block: 'nearest' });
  }

  function inSight(thing) {
    const box = thing.getBoundingClientRect();
    const frame = sheet.getBoundingClientRect();
    const low = Math.min(frame.bottom, window.innerHeight - 88);
    return box.left >= frame.left && box.right <= frame.right + 1 && box.top >= Math.max(0, frame.top) && box.bottom <= low;
  }

  const node = el('div', { class: 'pages' },
    el('div', { class: 'page-top' }, el('div', { class: 'page-turn' }, previous, count, next), zoom), sheet, dots);
  resize(size);
  return {
    node,
    show: (number) => show(number === undefined ? at : number),
    page: () => at,
    point(frame) {
      pointed = frame;
      touch();
    },
    destroy() {
      turn += 1;
      if (watch) watch.disconnect();
      window.removeEventListener('resize', room);
      urls.forEach((each) => each.then((url) => URL.revokeObjectURL(url)).catch(() => {}));
    },
  };
}
