// Icons drawn by us on a 24 × 24 grid, strokes only, so that they take the colour of the text beside them.
const SVG = 'http://www.w3.org/2000/svg';

const PATHS = {
  phone: 'M6 3h3l2 5-2 2c1 2 3 4 5 5l2-2 5 2v3c0 1-1 2-2 2C11 20 4 13 4 5c0-1 1-2 2-2z',
  good: 'M4 12.5l5.5 5.5L20 7',
  notice: 'M12 3a9 9 0 1 0 0 18 9 9 0 0 0 0-18zM12 11v5.5M12 7.4v.2',
  caution: 'M12 4L2.8 20h18.4zM12 10v4.5M12 17.2v.2',
  stop: 'M8 3h8l5 5v8l-5 5H8l-5-5V8zM9 9l6 6M15 9l-6 6',
  camera: 'M4 7h3l2-3h6l2 3h3v12H4zM12 9.5a3.5 3.5 0 1 0 0 7 3.5 3.5 0 0 0 0-7z',
  microphone: 'M12 3a3 3 0 0 0-3 3v5a3 3 0 0 0 6 0V6a3 3 0 0 0-3-3zM5.5 11a6.5 6.5 0 0 0 13 0M12 17.5V21M8.5 21h7',
  speaker: 'M4 9.5v5h3.5L12 19V5L7.5 9.5zM15.5 9a4 4 0 0 1 0 6M18 6.5a8 8 0 0 1 0 11',
  network: 'M3 9.5c5-5 13-5 18 0M6 13c3.5-3.5 8.5-3.5 12 0M9 16.5c2-2 4-2 6 0M12 20v.2',
  queue: 'M12 3a9 9 0 1 0 0 18 9 9 0 0 0 0-18zM12 7v5.5l3.5 2',
  document: 'M6 3h8l4 4v14H6zM14 3v4h4M9 12h6M9 16h6',
  download: 'M12 4v11M7.5 11l4.5 4.5 4.5-4.5M5 20h14',
  pen: 'M4 20l1-4L16.5 4.5l3 3L8 19zM14.5 6.5l3 3',
  undo: 'M9 5L4 10l5 5M4 10h10a5 5 0 0 1 0 10h-3',
  redo: 'M15 5l5 5-5 5M20 10H10a5 5 0 0 0 0 10h3',
  clear: 'M5 7h14M10 3.5h4M7 7l1 13.5h8L17 7M10.5 11v6M13.5 11v6',
  zoom: 'M10.5 4a6.5 6.5 0 1 0 0 13 6.5 6.5 0 0 0 0-13zM15.5 15.5L21 21M10.5 7.5v6M7.5 10.5h6',
  shrink: 'M10.5 4a6.5 6.5 0 1 0 0 13 6.5 6.5 0 0 0 0-13zM15.5 15.5L21 21M7.5 10.5h6',
  turn: 'M7 3h6a2 2 0 0 1 2 2v4M3 5v14a2 2 0 0 0 2 2h4M15 21h4a2 2 0 0 0 2-2v-4a2 2 0 0 0-2-2h-7M4 8l-2-3M4 8l3-2',
  hide: 'M5 12h14',
  previous: 'M15 5l-7 7 7 7',
  next: 'M9 5l7 7-7 7',
  seal: 'M12 3a9 9 0 1 0 0 18 9 9 0 0 0 0-18zM12 7l1.5 3.300 3.5.4-2.600 2.400.7 3.5L12 14.900l-3.100 1.700.7-3.5L7 10.700l3.5-.4z',
  letters: 'M2.5 19L8 5l5.5 14M4.5 14.5h7M15 19l3.500-9 3.500 9M16.200 16h4.600',
  link: 'M10 14l4-4M8.5 11L6 13.5a3.200 3.200 0 0 0 4.5 4.5L13 15.5M15.5 13l2.5-2.5A3.200 3.200 0 0 0 13.5 6L11 8.5',
};

/** A decorative icon by name; `size` in CSS pixels at 100 % text. */
export function icon(name, size) {
  const svg = document.createElementNS(SVG, 'svg');
  svg.setAttribute('viewBox', '0 0 24 24');
  svg.setAttribute('class', 'icon');
  svg.setAttribute('aria-hidden', 'true');
  const length = (size || 24) / 16 + 'em';
  svg.style.width = length;
  svg.style.height = length;
  svg.appendChild(path(PATHS[name]));
  return svg;
}

function path(d, className) {
  const line = document.createElementNS(SVG, 'path');
  line.setAttribute('d', d);
  if (className) line.setAttribute('class', className);
  return line;
}

const CARDS = {
  front: ['M14 16h60M14 30h46M14 44h60M14 58h52M14 86h116', 'M112 22a13 13 0 1 0 .1 0M90 74c0-30 44-30 44 0z'],
  back: ['M60 30h72M60 42h56M20 72h112M20 84h88', 'M32 18l4 12 12 0-9 8 3 12-10-7-10 7 3-12-9-8 12 0z'],
};

/** A line drawing of one side of an identity card, for the screen that asks for its photograph. */
export function cardDrawing(side) {
  const svg = document.createElementNS(SVG, 'svg');
  svg.setAttribute('viewBox', '0 0 150 100');
  svg.setAttribute('class', 'card-drawing');
  svg.setAttribute('aria-hidden', 'true');
  svg.appendChild(path('M8 1h134a7 7 0 0 1 7 7v84a7 7 0 0 1-7 7H8a7 7 0 0 1-7-7V8a7 7 0 0 1 7-7z', 'edge'));
  svg.appendChild(path(CARDS[side][0], 'print'));
  svg.appendChild(path(CARDS[side][1], 'mark'));
  return svg;
}
