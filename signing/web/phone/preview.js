// The signature on the page as it will be printed: a piece of the paper about its place, with the ink in it.
import { draw, seated } from './ink.js';
import { sharpen } from './pad.js';

const PAPER = 595.28; // points: the width of A4
const EDGE = 4; // points between the field's border and the ink, as the printed appearance has them
const CAPTION = 8;
const PEN = 1.9;
const SEEN = 0.62; // of the page's width
const WIDEST = 640; // CSS pixels that a whole page takes at most
const IMAGE_WIDTH = 1200;

/** Draws into `canvas`; rejects where the paper or the place does not come. `caption` is printed under the ink. */
export async function preview(canvas, { api, doc, strokes, caption }) {
  const base = `/api/phone/documents/${doc.document_id}`;
  const place = await api.get(`${base}/place`);
  const url = URL.createObjectURL(await api.blob(`${base}/pages/${place.page}?width=${IMAGE_WIDTH}`));
  try {
    paint(canvas, await opened(url), place, strokes, caption);
  } finally {
    URL.revokeObjectURL(url);
  }
}

function opened(url) {
  return new Promise((done, failed) => {
    const picture = new Image();
    picture.onload = () => done(picture);
    picture.onerror = () => failed(new Error('no picture'));
    picture.src = url;
  });
}

function paint(canvas, picture, place, strokes, caption) {
  const pen = sharpen(canvas);
  const width = canvas.clientWidth;
  const height = canvas.clientHeight;
  const page = { width: Math.min(WIDEST, width / Math.max(SEEN, place.w)), height: 0 };
  page.height = (page.width * picture.naturalHeight) / picture.naturalWidth;
  const point = page.width / PAPER;
  const from = {
    x: within((place.x + place.w / 2) * page.width - width / 2, page.width - width),
    y: within((place.y + place.h / 2) * page.height - height / 2, page.height - height),
  };
  const scale = picture.naturalWidth / page.width;
  pen.drawImage(picture, from.x * scale, from.y * scale, width * scale, height * scale, 0, 0, width, height);
  const box = { x: place.x * page.width - from.x, y: place.y * page.height - from.y, width: place.w * page.width, height: place.h * page.height };
  const ink = {
    x: box.x + (EDGE + PEN) * point, y: box.y + (2 + PEN) * point,
    width: box.width - 2 * (EDGE + PEN) * point, height: box.height - (CAPTION + 8 + 2 * PEN) * point,
  };
  pen.strokeStyle = pen.fillStyle = 'rgb(22, 33, 29)'; // paper is white in either appearance
  draw(pen, seated(strokes, ink, 1.2 * point), PEN * point);
  pen.font = `${CAPTION * point}px sans-serif`;
  pen.textAlign = 'center';
  pen.fillText(caption, box.x + box.width / 2, box.y + box.height - 3 * point);
}

const within = (value, most) => Math.max(0, Math.min(value, most));
