// Fingers on a page: one that wipes sideways turns it, two that part or close make it larger or smaller.

const SWIPE = 60;

/**
 * `on.turn(by)` where a wipe began at the page's edge on that side, within `on.slack()` pixels, so that moving about on
 * an enlarged page turns nothing; `on.pinch(factor, x, y)` while two fingers move, from where they came down, about the
 * point between them in CSS pixels of the window; `on.grip()` when they come down.
 */
export function createGestures(node, on) {
  let from = null;
  let spread = 0;

  function start(event) {
    if (event.touches.length === 2) {
      from = null;
      spread = apart(event.touches);
      on.grip(middle(event.touches, 'clientX'), middle(event.touches, 'clientY'));
    } else from = event.touches.length === 1 ? wipe(event.touches[0]) : null;
  }

  function wipe(touch) {
    const slack = on.slack();
    return {
      x: touch.clientX,
      y: touch.clientY,
      left: node.scrollLeft <= slack,
      right: node.scrollLeft + node.clientWidth >= node.scrollWidth - slack,
    };
  }

  function move(event) {
    if (!spread || event.touches.length !== 2) return;
    event.preventDefault(); // or the browser enlarges the whole page, buttons and all
    on.pinch(apart(event.touches) / spread, middle(event.touches, 'clientX'), middle(event.touches, 'clientY'));
  }

  function end(event) {
    if (event.touches.length < 2) spread = 0;
    if (!from || event.touches.length) return;
    const dx = event.changedTouches[0].clientX - from.x;
    const dy = event.changedTouches[0].clientY - from.y;
    const allowed = dx < 0 ? from.right : from.left;
    from = null;
    if (allowed && Math.abs(dx) > SWIPE && Math.abs(dx) > 2 * Math.abs(dy)) on.turn(dx < 0 ? 1 : -1);
  }

  node.addEventListener('touchstart', start, { passive: true });
  node.addEventListener('touchmove', move, { passive: false });
  node.addEventListener('touchend', end, { passive: true });
  node.addEventListener('touchcancel', () => { from = null; spread = 0; }, { passive: true });
}

function apart(touches) {
  return Math.hypot(touches[0].clientX - touches[1].clientX, touches[0].clientY - touches[1].clientY) || 1;
}

function middle(touches, axis) {
  return (touches[0][axis] + touches[1][axis]) / 2;
}
