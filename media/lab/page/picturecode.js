// The time code of media/core/picturecode.py, in a page.
const WIDTH = 640, HEIGHT = 360, COLUMNS = 10, ROWS = 4, CELL = 32;
const CELLS = COLUMNS * ROWS;
const LOOK = 8;

function checksum(value) {
  let crc = 0x5a;
  for (const shift of [24, 16, 8, 0]) {
    crc ^= (value >>> shift) & 0xff;
    for (let n = 0; n < 8; n += 1) crc = crc & 0x80 ? ((crc << 1) ^ 0x07) & 0xff : crc << 1;
  }
  return crc;
}

export function paint(pen, ms, number) {
  const value = (((ms % 2 ** 20) << 12) | (number % 2 ** 12)) >>> 0;
  const check = checksum(value);
  for (let cell = 0; cell < CELLS; cell += 1) {
    const bit = cell < 32 ? (value >>> (31 - cell)) & 1 : (check >>> (39 - cell)) & 1;
    pen.fillStyle = bit ? '#fff' : '#000';
    pen.fillRect((cell % COLUMNS) * CELL, Math.floor(cell / COLUMNS) * CELL, CELL, CELL);
  }
}

const glass = new OffscreenCanvas(COLUMNS * LOOK, ROWS * LOOK).getContext('2d', { willReadFrequently: true });

/** {sentMs, number} of what a video element shows, or null. */
export function read(video) {
  const [wide, high] = [COLUMNS * LOOK, ROWS * LOOK];
  const [x, y] = [(video.videoWidth * COLUMNS * CELL) / WIDTH, (video.videoHeight * ROWS * CELL) / HEIGHT];
  glass.drawImage(video, 0, 0, x, y, 0, 0, wide, high);
  const { data } = glass.getImageData(0, 0, wide, high);
  const bits = [];
  for (let cell = 0; cell < CELLS; cell += 1) {
    let sum = 0;
    for (let dy = 2; dy < 6; dy += 1) {
      for (let dx = 2; dx < 6; dx += 1) {
        const row = Math.floor(cell / COLUMNS) * LOOK + dy;
        sum += data[4 * (row * wide + (cell % COLUMNS) * LOOK + dx) + 1];
      }
    }
    bits.push(sum > 16 * 127 ? 1 : 0);
  }
  const number = (list) => list.reduce((value, bit) => value * 2 + bit, 0);
  const value = number(bits.slice(0, 32));
  return checksum(value) === number(bits.slice(32)) ? { sentMs: Math.floor(value / 2 ** 12), number: value % 2 ** 12 } : null;
}
