// The frame every screen is shown in: header, strips, one sentence, content, and the two ways on at the bottom.
import { S } from './strings.js';
import { icon } from './icons.js';

const SETTLE_MS = 300;
/** Steps with a paper, which has the screen's room: the frame is scrolled away above it, lines lie over its title. */
const PAPERS = ['reading', 'signing'];
/** Where there is room for one line, the first of these that there is; then whatever else. */
const RANK = ['line', 'camera', 'call', 'sound', 'over', 'quality', 'notice', 'lead'];

export function byId(id) {
  return document.getElementById(id);
}

/** An element: `props` are attributes, except `on` (listeners), `data` (data-*), `text` and `class`. */
export function el(tag, props, ...children) {
  const node = document.createElement(tag);
  Object.entries(props || {}).forEach(([key, value]) => set(node, key, value));
  children.filter((child) => child !== null && child !== undefined).forEach((child) => node.append(child));
  return node;
}

function set(node, key, value) {
  if (value === null || value === undefined || value === false) return;
  if (key === 'on') Object.entries(value).forEach(([type, run]) => node.addEventListener(type, run));
  else if (key === 'data') Object.assign(node.dataset, value);
  else if (key === 'text') node.textContent = value;
  else if (key === 'class') node.className = value;
  else node.setAttribute(key, value === true ? '' : value);
}

/** Which screen the page is on from here; `ui.show` fills it. */
export function place(step) {
  byId('main').dataset.step = step;
  const paper = PAPERS.indexOf(step) >= 0;
  if (paper) document.body.dataset.paper = step;
  else delete document.body.dataset.paper;
  near(paper);
}

/** Beside a paper, whose frame is scrolled away, reading aloud and the telephone stand next to the buttons. */
function near(paper) {
  const [read, call] = [byId('read-aloud'), byId('help')];
  if (paper === (call.parentNode === byId('near'))) return;
  if (paper) byId('near').append(read, call);
  else {
    byId('aids').prepend(read);
    byId('institution').after(call);
  }
}

export function empty(node) {
  while (node.firstChild) node.removeChild(node.firstChild);
}

/** A coloured box with an icon and words; `tone` is good, notice, caution or stop. */
export function notice(tone, text, hint) {
  const words = el('span', { class: 'words' }, el('span', { text }));
  if (hint) words.append(el('span', { class: 'hint', text: hint }));
  return el('div', { class: `notice ${tone}` }, icon(tone), words);
}

export function telephone(number) {
  const [before, after] = S.callHelpline('|').split('|');
  const whole = el('span', { class: 'whole', text: number });
  return el('a', { href: `tel:${number.replace(/[^\d+]/g, '')}`, class: 'tel' }, before, whole, after);
}

export function numbered(lines) {
  return el('ol', { class: 'steps' }, ...lines.map((text) => el('li', { text })));
}

export function createUi() {
  const main = byId('main');
  const ui = { helpline: '', handle: null, shown: null };
  let waiting = null;

  /** Shows a screen part: {sentence, part, body: [nodes], primary, secondary}. Moves focus to the sentence. */
  ui.show = (spec) => {
    byId('guard').style.display = 'none';
    main.dataset.part = spec.part || '';
    byId('strip').dataset.over = spec.part || '';
    byId('sentence').textContent = spec.sentence;
    const content = byId('content');
    empty(content);
    (spec.body || []).forEach((node) => node && content.append(node));
    roomy();
    ui.clearError();
    ui.actions(spec, SETTLE_MS);
    ui.toTop();
    byId('sentence').focus({ preventScroll: true });
    if (ui.shown) ui.shown();
  };

  ui.roomy = roomy;
  window.addEventListener('resize', roomy); // turned on its side, or beside another window

  /** Where a screen begins to be looked at. */
  ui.toTop = () => window.scrollTo(0, document.body.dataset.paper ? main.offsetTop : 0);

  /** Replaces the buttons. A button stays off for `settle` ms so that a double tap does not answer two screens. */
  ui.actions = (spec, settle) => {
    const buttons = byId('buttons');
    empty(buttons);
    if (spec.primary) buttons.append(button(spec.primary, 'primary', settle));
    if (spec.secondary) buttons.append(button(spec.secondary, 'secondary', settle));
    footer();
  };

  function footer() {
    byId('actions').hidden = byId('error').hidden && !byId('buttons').firstChild;
  }

  function button(action, kind, settle) {
    const label = el('span', { class: 'label', text: action.label });
    const node = el('button', { type: 'button', id: action.id || kind, class: kind, data: { testid: action.id || kind } });
    if (action.icon) node.append(icon(action.icon));
    node.append(label);
    node.dataset.off = action.disabled ? '1' : '0';
    node.disabled = Boolean(action.disabled) || Boolean(settle);
    if (settle) setTimeout(() => { if (!node.dataset.busy) node.disabled = node.dataset.off === '1'; }, settle);
    node.addEventListener('click', () => ui.run(node, action));
    return node;
  }

  /** Runs an action once: busy while it lasts, its failure shown kindly. */
  ui.run = async (node, action) => {
    if (node.dataset.busy) return;
    ui.clearError();
    node.dataset.busy = '1';
    const working = setTimeout(() => wait(node, action), 150);
    const focused = document.activeElement === node;
    node.disabled = true;
    try {
      await action.run();
    } catch (error) {
      if (ui.handle) ui.handle(error);
    } finally {
      clearTimeout(working);
      delete node.dataset.busy;
      rest(node, action);
      // whoever reads by ear is where they were, if nothing else has come
      if (focused && document.activeElement === document.body && !node.disabled) node.focus({ preventScroll: true });
    }
  };

  function wait(node, action) {
    node.setAttribute('aria-busy', 'true');
    node.querySelector('.label').textContent = action.busy || S.working;
  }

  function rest(node, action) {
    node.removeAttribute('aria-busy');
    const label = node.querySelector('.label');
    if (label.textContent === (action.busy || S.working)) label.textContent = action.label;
    node.disabled = node.dataset.off === '1';
  }

  /** Enables or disables a shown button, optionally with new words. */
  ui.enable = (id, on, label) => {
    const node = byId(id);
    if (!node) return;
    node.dataset.off = on ? '0' : '1';
    if (!node.dataset.busy) node.disabled = !on;
    if (label) node.querySelector('.label').textContent = label;
  };

  /** `slip`: the customer's own to put right, so no telephone takes the room they need for it. */
  ui.error = (message, hint, slip) => {
    const box = byId('error');
    empty(box);
    box.append(notice('stop', message, hint));
    if (ui.helpline && !slip) box.append(telephone(ui.helpline));
    box.hidden = false;
    box.scrollTop = 0;
    footer();
    if (document.activeElement && document.activeElement.tagName === 'INPUT') document.activeElement.scrollIntoView(); // not under the words
  };

  ui.clearError = () => {
    byId('error').hidden = true;
    empty(byId('error'));
    footer();
  };

  /** While a hand writes, no line comes or goes: it would move the paper under the pen. What changed is shown after. */
  ui.still = (on) => {
    const changes = waiting;
    waiting = on ? changes || new Map() : null;
    if (!on && changes) changes.forEach((change, slot) => ui.strip(slot, ...change));
  };

  /** One line under the header that comes and goes: `tone` null takes it away. `slot` keeps several apart. */
  ui.strip = (slot, tone, text, action) => {
    if (waiting) {
      waiting.set(slot, [tone, text, action]);
      return;
    }
    const strip = byId('strip');
    const old = strip.querySelector(`[data-slot="${slot}"]`);
    if (old && tone && old.dataset.text === text) return;
    if (old) strip.removeChild(old);
    if (!tone) return;
    const box = notice(tone, text);
    box.dataset.slot = slot;
    box.dataset.text = text;
    if (action) box.append(el('button', { type: 'button', class: 'small', text: action.label, on: { click: action.run } }));
    const rank = (each) => (RANK.indexOf(each) + RANK.length + 1) % (RANK.length + 1);
    const later = Array.from(strip.children).find((each) => rank(each.dataset.slot) > rank(slot));
    strip.insertBefore(box, later || null);
  };

  ui.frame = (facts) => {
    roomy();
    byId('institution').textContent = facts.institution || S.name;
    ui.helpline = facts.helpline || ui.helpline;
    help(ui.helpline);
    progress(facts.number, facts.total);
    standIns(facts.standIns || []);
  };

  return ui;
}

/** Marks the page where the customer's text setting leaves fewer than 13 characters a line, or 14 of them one above the
 * other: the frame then shrinks. */
function roomy() {
  const size = parseFloat(getComputedStyle(document.body).fontSize) || 18;
  document.body.dataset.text = window.innerWidth / size < 13 || window.innerHeight / size < 14 ? 'large' : '';
}

function help(number) {
  const link = byId('help');
  link.hidden = !number;
  if (!number || link.dataset.number === number) return;
  link.dataset.number = number;
  empty(link);
  link.href = `tel:${number.replace(/[^\d+]/g, '')}`;
  link.setAttribute('aria-label', S.helpLabel(number));
  link.append(icon('phone', 18), el('span', { text: S.help }));
}

function progress(number, total) {
  byId('progress').hidden = !number;
  byId('progress-text').textContent = number ? S.step(number, total) : '';
  if (!number) return;
  const bar = byId('progress-bar');
  bar.setAttribute('aria-label', S.progress);
  bar.setAttribute('aria-valuenow', number);
  bar.setAttribute('aria-valuemax', total || number);
  bar.setAttribute('aria-valuetext', S.step(number, total));
  byId('progress-fill').style.width = `${total ? (100 * number) / total : 6}%`;
}

/** What only stands in for the real thing: one line on every screen, the whole text at a tap. */
function standIns(list) {
  const strip = byId('stand-ins');
  strip.hidden = !list.length;
  const text = list.length ? S.standIns(list) : '';
  if (strip.dataset.text === text) return;
  strip.dataset.text = text;
  const more = el('span', { class: 'more' });
  const words = el('span', { class: 'words' });
  const unfold = (open) => {
    strip.setAttribute('aria-expanded', String(open));
    words.textContent = open ? text : S.standInsShort;
    more.textContent = open ? S.standInsLess : S.standInsMore;
  };
  empty(strip);
  strip.append(icon('caution', 18), words, more);
  strip.onclick = () => unfold(strip.getAttribute('aria-expanded') !== 'true');
  unfold(false);
}
