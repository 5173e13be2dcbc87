// The line to the service is away: says so, counts down to the next attempt, and offers not to wait for it.
import { S } from './strings.js';
import { el } from './ui.js';

const TICK_MS = 250;
const BACK_MS = 2500;

/** `retry()` tries at once. Only the words are announced to a screen reader, not each second. */
export function createOutage(ui, retry) {
  const count = el('span', { class: 'count', 'aria-hidden': 'true' });
  let until = 0;
  let ticker = null;

  function tick() {
    const left = Math.ceil((until - performance.now()) / 1000);
    const words = left > 0 ? S.line.again(left) : S.line.trying;
    if (count.textContent !== words) count.textContent = words;
    const box = document.querySelector('#strip [data-slot=line] .words');
    if (box && count.parentNode !== box) box.append(count);
  }

  return {
    away(seconds) {
      until = performance.now() + seconds * 1000;
      const words = navigator.onLine === false ? S.line.offline : S.line.reconnecting;
      ui.strip('line', 'caution', words, { label: S.line.hurry, run: retry });
      clearInterval(ticker);
      ticker = setInterval(tick, TICK_MS);
      tick();
    },
    back() {
      clearInterval(ticker);
      ui.strip('line', 'good', S.line.back);
      setTimeout(() => ui.strip('line', null), BACK_MS);
    },
    off() {
      clearInterval(ticker);
      ui.strip('line', null);
    },
  };
}
