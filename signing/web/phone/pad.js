// The place to write a name: a canvas with one box a character, fed by pointer events at their full rate.
import { draw, point, refit } from './ink.js';

const BASE = 4.5;
const MOST_POINTS = 5000;
const MOST_STROKES = 300;
/** So long after a stroke the hand is taken to be still writing. */
const PAUSE_MS = 2000;

function colour(name) {
  return getComputedStyle(document.documentElement).getPropertyValue(name).trim();
}

/** Sizes a canvas to its element in device pixels and returns a context in CSS pixels. */
export function sharpen(canvas) {
  const ratio = window.devicePixelRatio || 1;
  canvas.width = Math.round(canvas.clientWidth * ratio);
  canvas.height = Math.round(canvas.clientHeight * ratio);
  const pen = canvas.getContext('2d');
  pen.setTransform(ratio, 0, 0, ratio, 0, 0);
  pen.strokeStyle = colour('--ink');
  pen.fillStyle = colour('--ink');
  return pen;
}

/**
 * `cells` boxes guide the hand; `changed()` is told after each stroke, `writing(on)` when the hand begins and when it
 * rests. The canvas must be in the page already.
 */
export function createPad(canvas, cells, changed, writing) {
  let resting = null;
  let strokes = [];
  let current = null;
  let undone = [];
  let wiped = null;
  let began = null;
  let shift = 0;
  let pen = null;
  let area = { width: 0, height: 0 };

  function resize() {
    const size = { width: canvas.clientWidth, height: canvas.clientHeight };
    if (!size.width || (size.width === area.width && size.height === area.height && pen)) return;
    if (strokes.length && area.width) strokes = refit(strokes, area, size);
    area = size;
    redraw();
  }

  function redraw() {
    pen = sharpen(canvas);
    pen.clearRect(0, 0, area.width, area.height);
    grid(pen, area, cells);
    draw(pen, strokes, BASE);
  }

  function locate(event) {
    const box = canvas.getBoundingClientRect();
    if (began === null) began = event.timeStamp;
    const pressure = event.pointerType === 'mouse' || !event.pressure ? 0.5 : event.pressure;
    return point(event.clientX - box.left, event.clientY - box.top, event.timeStamp - began + shift, pressure);
  }

  function down(event) {
    if (current || (event.pointerType === 'mouse' && event.button !== 0) || strokes.length >= MOST_STROKES) return;
    event.preventDefault();
    if (canvas.setPointerCapture) canvas.setPointerCapture(event.pointerId);
    clearTimeout(resting);
    writing(true);
    current = { id: event.pointerId, points: [locate(event)] };
    strokes.push(current.points);
    undone = [];
  }

  function move(event) {
    if (!current || event.pointerId !== current.id) return;
    event.preventDefault();
    const all = event.getCoalescedEvents ? event.getCoalescedEvents() : [];
    (all.length ? all : [event]).forEach(add);
  }

  function add(event) {
    if (current.points.length >= MOST_POINTS) return;
    current.points.push(locate(event));
    draw(pen, [current.points.slice(-3)], BASE);
  }

  function up(event) {
    if (!current || event.pointerId !== current.id) return;
    current = null;
    resting = setTimeout(() => writing(false), PAUSE_MS);
    redraw();
    changed();
  }

  function bringBack() {
    strokes = refit(wiped.strokes, wiped.area, area);
    began = wiped.began;
    shift = wiped.shift;
    undone = [];
    wiped = null;
  }

  canvas.addEventListener('pointerdown', down);
  canvas.addEventListener('pointermove', move);
  canvas.addEventListener('pointerup', up);
  canvas.addEventListener('pointercancel', up);
  canvas.addEventListener('touchmove', (event) => event.preventDefault(), { passive: false });
  window.addEventListener('resize', resize);
  resize();

  return {
    strokes: () => strokes,
    area: () => area,
    began: () => began,
    canRedo: () => undone.length > 0,
    canUndo: () => strokes.length > 0 || wiped !== null,
    /** Ink of before; `since` is when it was begun on this page's clock. Without it what follows comes after it in time. */
    put(old, from, since) {
      strokes = refit(old, from, area);
      began = since || null;
      shift = since ? 0 : 1 + Math.max(-1, ...strokes.map((stroke) => stroke[stroke.length - 1].t));
      redraw();
    },
    undo() {
      if (strokes.length) undone.push(strokes.pop());
      else if (wiped) bringBack();
      redraw();
      changed();
    },
    redo() {
      if (undone.length) strokes.push(undone.pop());
      redraw();
      changed();
    },
    /** One undo brings it all back, also after the strokes that follow were undone. */
    clear() {
      if (strokes.length) wiped = { strokes, began, shift, area };
      strokes = [];
      undone = [];
      began = null;
      shift = 0;
      redraw();
      changed();
    },
    destroy() {
      clearTimeout(resting);
      writing(false);
      window.removeEventListener('resize', resize);
    },
  };
}

/** Boxes for the characters, with the dashed cross that every school copybook has. */
function grid(pen, area, cells) {
  const side = Math.min((area.width - 16) / cells, area.height - 16);
  const left = (area.width - side * cells) / 2;
  const top = (area.height - side) / 2;
  pen.save();
  pen.strokeStyle = colour('--control-line');
  pen.lineWidth = 1;
  for (let i = 0; i < cells; i += 1) box(pen, left + i * side, top, side);
  pen.restore();
}

function box(pen, x, y, side) {
  pen.setLineDash([]);
  pen.strokeRect(x, y, side, side);
  pen.setLineDash([3, 6]);
  pen.beginPath();
  pen.moveTo(x + side / 2, y);
  pen.lineTo(x + side / 2, y + side);
  pen.moveTo(x, y + side / 2);
  pen.lineTo(x + side, y + side / 2);
  pen.stroke();
}
