// A document page by page, as pictures of the screen's own width. A tap enlarges, a swipe or a button turns.
import { S } from './strings.js';
import { el, empty } from './ui.js';
import { icon } from './icons.js';

const WIDTHS = [480, 720, 960, 1200, 1440];
const ENLARGED = 2.2;
const SWIPE = 60;

/** `shown(page)` is called whenever a page has come on the screen as a picture. */
export function createPages({ api, doc, page, shown }) {
  const urls = new Map();
  const picture = el('img', { id: 'page-image', draggable: 'false' });
  const waiting = el('p', { class: 'page-wait', role: 'status', text: S.reading.loading });
  const retry = el('button', { type: 'button', class: 'small', text: S.reading.failed, hidden: true, on: { click: () => show(at) } });
  const sheet = el('div', { id: 'page-sheet', tabindex: 0 }, picture, waiting, retry);
  const previous = turner('prev-page', S.reading.previous, 'previous', -1);
  const next = turner('next-page', S.reading.next, 'next', 1);
  const zoom = el('button', { type: 'button', id: 'page-zoom', class: 'tool', data: { testid: 'page-zoom' }, on: { click: () => enlarge(0.5, 0.2) } });
  const count = el('p', { id: 'page-count', role: 'status', 'aria-live': 'polite' });
  const dots = el('p', { class: 'dots', 'aria-hidden': 'true' });
  let at = page;
  let large = false;
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
    setLarge(false);
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
    zoom.append(icon('zoom', 20), on ? S.reading.shrink : S.reading.zoom);
    zoom.setAttribute('aria-pressed', String(on));
  }

  /** Enlarges around a point given as fractions of the picture, or goes back. */
  function enlarge(x, y) {
    setLarge(!large);
    if (!large) return;
    sheet.scrollLeft = picture.offsetWidth * x - sheet.clientWidth / 2;
    sheet.scrollTop = picture.offsetHeight * y - sheet.clientHeight / 2;
  }

  picture.addEventListener('click', (event) => {
    const box = picture.getBoundingClientRect();
    enlarge((event.clientX - box.left) / box.width, (event.clientY - box.top) / box.height);
  });
  swipes(sheet, (by) => { if (!large) show(at + by); });

  const node = el('div', { class: 'pages' },
    el('div', { class: 'page-top' }, el('div', { class: 'page-turn' }, previous, count, next), zoom), sheet, dots);
  setLarge(false);
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
