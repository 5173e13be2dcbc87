// A document page by page. On a phone it opens large, at the left edge of the text; a tap shows the whole page and back.
import { S } from './strings.js';
import { el, empty } from './ui.js';
import { icon } from './icons.js';

const WIDTHS = [480, 720, 960, 1200, 1440];
const ENLARGED = 1.9;
const MARGIN = 0.09; // of a page's width that is blank left of the text
const NARROW = 600; // CSS pixels under which a whole A4 page cannot be read
const SWIPE = 60;

/** `shown(page)` is called whenever a page has come on the screen as a picture; large or whole is kept in `session`. */
export function createPages({ api, session, doc, page, shown }) {
  const urls = new Map();
  const picture = el('img', { id: 'page-image', draggable: 'false' });
  const waiting = el('p', { class: 'page-wait', role: 'status', text: S.reading.loading });
  const retry = el('button', { type: 'button', class: 'small', text: S.reading.failed, hidden: true, on: { click: () => show(at) } });
  const sheet = el('div', { id: 'page-sheet', tabindex: 0 }, picture, waiting, retry);
  const previous = turner('prev-page', S.reading.previous, 'previous', -1);
  const next = turner('next-page', S.reading.next, 'next', 1);
  const zoom = el('button', { type: 'button', id: 'page-zoom', class: 'tool', data: { testid: 'page-zoom' }, on: { click: () => enlarge(MARGIN, 0) } });
  const count = el('p', { id: 'page-count', role: 'status', 'aria-live': 'polite' });
  const dots = el('p', { class: 'dots', 'aria-hidden': 'true' });
  let at = page;
  const chosen = session.note('reading.large');
  let large = chosen === null ? window.innerWidth < NARROW : chosen;
  let turn = 0;

  function turner(id, label, sign, by) {
    const turned = () => show(at + by);
    return el('button', { type: 'button', id, class: 'turn', 'aria-label': label, data: { testid: id }, on: { click: turned } }, icon(sign, 22));
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
      if (node.getBoundingClientRect().top < 0) node.scrollIntoView();
      shown(number);
      if (number < doc.pages) load(number + 1).catch(() => {});
    } catch (error) {
      if (mine === turn) retry.hidden = false;
    }
    if (mine === turn) waiting.hidden = true;
  }

  function draw() {
    picture.hidden = true;
    setLarge(large);
    previous.disabled = at === 1;
    next.disabled = at === doc.pages;
    count.textContent = S.reading.page(at, doc.pages);
    empty(dots);
    for (let n = 1; n <= doc.pages && doc.pages <= 16; n += 1) dots.append(el('span', { class: n === at ? 'on' : '' }));
  }

  function setLarge(on) {
    large = on;
    picture.style.width = on ? `${ENLARGED * 100}%` : '100%';
    sheet.classList.toggle('large', on);
    empty(zoom);
    zoom.append(icon(on ? 'shrink' : 'zoom', 20), on ? S.reading.shrink : S.reading.zoom);
    zoom.setAttribute('aria-pressed', String(on));
  }

  /** Enlarges from a point given as fractions of the picture, or goes back to the whole page. */
  function enlarge(x, y) {
    setLarge(!large);
    session.remember('reading.large', large);
    if (!large) return;
    sheet.scrollLeft = picture.offsetWidth * x;
    sheet.scrollTop = picture.offsetHeight * y;
  }

  picture.addEventListener('click', (event) => {
    const box = picture.getBoundingClientRect();
    enlarge((event.clientX - box.left) / box.width < 0.6 ? MARGIN : 1, Math.max(0, (event.clientY - box.top) / box.height - 0.12));
  });
  swipes(sheet, (by) => { if (!large) show(at + by); });

  const node = el('div', { class: 'pages' },
    el('div', { class: 'page-top' }, el('div', { class: 'page-turn' }, previous, count, next), zoom), sheet, dots);
  setLarge(large);
  return {
    node,
    show: (number) => show(number === undefined ? at : number),
    page: () => at,
    destroy() {
      turn += 1;
      urls.forEach((each) => each.then((url) => URL.revokeObjectURL(url)).catch(() => {}));
    },
  };
}

function swipes(node, turned) {
  let from = null;
  node.addEventListener('touchstart', (event) => {
    from = event.touches.length === 1 ? { x: event.touches[0].clientX, y: event.touches[0].clientY } : null;
  }, { passive: true });
  node.addEventListener('touchend', (event) => {
    if (!from) return;
    const dx = event.changedTouches[0].clientX - from.x;
    const dy = event.changedTouches[0].clientY - from.y;
    from = null;
    if (Math.abs(dx) > SWIPE && Math.abs(dx) > 2 * Math.abs(dy)) turned(dx < 0 ? 1 : -1);
  }, { passive: true });
}
