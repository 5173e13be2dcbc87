// What the agent reads out, large enough to read along.
import { S } from '../strings.js';
import { el } from '../ui.js';

export function create(context) {
  const count = el('p', { class: 'quiet', id: 'prompt-count' });
  const line = el('blockquote', { id: 'prompt', 'aria-live': 'polite' });

  function update(view) {
    const { prompt } = view;
    count.textContent = prompt ? S.disclosure.count(prompt.number, prompt.total) : '';
    const words = prompt ? prompt.text : S.disclosure.soon;
    line.className = prompt ? 'prompt' : 'prompt waiting';
    if (line.textContent !== words) line.textContent = words;
  }

  context.ui.show({
    sentence: S.disclosure.sentence,
    body: [count, line, el('p', { text: S.disclosure.how })],
  });
  update(context.view);
  return { update };
}
