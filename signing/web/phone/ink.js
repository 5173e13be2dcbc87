// What a hand wrote, as the wire's Strokes, and whether it is a name at all. Pure: no element, no clock.

const LEAST_POINTS = 8;
const LEAST_EXTENT = 0.15; // of the drawing area's diagonal
const LEAST_LENGTH = 0.35; // path length, of the same diagonal

const round = (value) => Math.round(value * 10) / 10;

/** One point of the wire: x, y in CSS pixels of the area, t in ms from the first touch, pressure 0…1. */
export function point(x, y, t, pressure) {
  return { x: round(x), y: round(y), t: Math.max(0, round(t)), pressure: Math.min(1, Math.max(0, round(pressure * 100) / 100)) };
}

/** "" for a name, "blank" for nothing, "dot" for too little to be one. `area` is {width, height}. */
export function judge(strokes, area) {
  const points = [].concat(...strokes);
  if (!points.length) return 'blank';
  const diagonal = Math.hypot(area.width, area.height);
  const enough = points.length >= LEAST_POINTS && extent(points) >= LEAST_EXTENT * diagonal;
  return enough && length(strokes) >= LEAST_LENGTH * diagonal ? '' : 'dot';
}

function extent(points) {
  const xs = points.map((each) => each.x);
  const ys = points.map((each) => each.y);
  return Math.hypot(Math.max(...xs) - Math.min(...xs), Math.max(...ys) - Math.min(...ys));
}

function length(strokes) {
  let sum = 0;
  strokes.forEach((stroke) => {
    for (let i = 1; i < stroke.length; i += 1) sum += Math.hypot(stroke[i].x - stroke[i - 1].x, stroke[i].y - stroke[i - 1].y);
  });
  return sum;
}

/** The same ink in another area: as large as fits, in the middle. */
export function refit(strokes, from, to) {
  const scale = Math.min(to.width / from.width, to.height / from.height);
  const dx = (to.width - from.width * scale) / 2;
  const dy = (to.height - from.height * scale) / 2;
  return strokes.map((stroke) => stroke.map((each) => ({ ...each, x: round(each.x * scale + dx), y: round(each.y * scale + dy) })));
}

/** The ink alone, as the paper will have it: fitted into a box {x, y, width, height}, enlarged `most` times at the most. */
export function seated(strokes, box, most) {
  const points = [].concat(...strokes);
  const xs = points.map((each) => each.x);
  const ys = points.map((each) => each.y);
  const left = Math.min(...xs);
  const top = Math.min(...ys);
  const width = Math.max(Math.max(...xs) - left, 1e-6);
  const height = Math.max(Math.max(...ys) - top, 1e-6);
  const scale = Math.min(box.width / width, box.height / height, most);
  const dx = box.x + (box.width - width * scale) / 2;
  const dy = box.y + (box.height - height * scale) / 2;
  return strokes.map((stroke) => stroke.map((each) => ({ ...each, x: (each.x - left) * scale + dx, y: (each.y - top) * scale + dy })));
}

/** Draws strokes on a 2D context scaled to CSS pixels; the line is wider where the hand pressed or slowed. */
export function draw(pen, strokes, base) {
  pen.lineCap = 'round';
  pen.lineJoin = 'round';
  strokes.forEach((stroke) => {
    if (stroke.length === 1) spot(pen, stroke[0], base);
    for (let i = 1; i < stroke.length; i += 1) segment(pen, stroke, i, base);
  });
}

function spot(pen, at, base) {
  pen.beginPath();
  pen.arc(at.x, at.y, base / 2, 0, 2 * Math.PI);
  pen.fill();
}

function segment(pen, stroke, i, base) {
  const a = stroke[i - 1];
  const b = stroke[i];
  const before = stroke[Math.max(0, i - 2)];
  pen.lineWidth = base * (0.6 + 0.8 * b.pressure);
  pen.beginPath();
  pen.moveTo((before.x + a.x) / 2, (before.y + a.y) / 2);
  pen.quadraticCurveTo(a.x, a.y, (a.x + b.x) / 2, (a.y + b.y) / 2);
  if (i === stroke.length - 1) pen.lineTo(b.x, b.y);
  pen.stroke();
}
