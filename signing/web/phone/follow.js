// The agent leads through a paper: their page is shown and what they point at, until the customer turns one alone.
import { S } from './strings.js';

/** Of one paper on the screen. `led(frame)` takes where the agent is, null for nowhere; `byHand()` tells of a turn. */
export function createFollow({ ui, pages, doc }) {
  let frame = null;
  let alone = false;

  function led(now) {
    frame = now && now.document_id === doc.document_id ? now : null;
    if (!frame) alone = false;
    draw();
  }

  function draw() {
    say();
    pages.point(frame && !alone ? frame : null);
    if (frame && !alone && pages.page() !== frame.page) pages.show(frame.page);
  }

  function say() {
    if (!frame) ui.strip('lead', null);
    else if (alone) ui.strip('lead', 'notice', S.reading.alone(frame.page), { label: S.reading.follow, run: () => turn(false) });
    else ui.strip('lead', 'notice', S.reading.led(frame.page), { label: S.reading.freely, run: () => turn(true) });
  }

  function turn(on) {
    alone = on;
    draw();
  }

  return {
    led,
    byHand: () => frame && !alone && turn(true),
    end: () => ui.strip('lead', null),
  };
}
