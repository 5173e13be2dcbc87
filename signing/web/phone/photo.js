// A card's photograph as the phone took it; made smaller only where it is larger than the service takes.

const MOST_PIXELS = 12e6;
const MOST_BYTES = 8 * 1024 * 1024;
const QUALITY = 0.92;

/** The file itself, or a JPEG of at most 12 megapixels and 8 MB. Rejects where it is no picture. */
export async function fit(file) {
  const picture = await open(file);
  const pixels = picture.width * picture.height;
  const plain = file.type === 'image/jpeg' || file.type === 'image/png';
  if (plain && pixels <= MOST_PIXELS && file.size <= MOST_BYTES) return file;
  let scale = Math.min(1, Math.sqrt(MOST_PIXELS / pixels));
  for (;;) {
    const blob = await draw(picture, scale);
    if (blob.size <= MOST_BYTES) return blob;
    scale *= 0.8;
  }
}

function open(file) {
  return new Promise((done, failed) => {
    const picture = new Image();
    const url = URL.createObjectURL(file);
    picture.onload = () => { done(picture); URL.revokeObjectURL(url); };
    picture.onerror = () => { failed(new Error('no picture')); URL.revokeObjectURL(url); };
    picture.src = url;
  });
}

function draw(picture, scale) {
  const canvas = document.createElement('canvas');
  canvas.width = Math.round(picture.width * scale);
  canvas.height = Math.round(picture.height * scale);
  canvas.getContext('2d').drawImage(picture, 0, 0, canvas.width, canvas.height);
  return new Promise((done) => canvas.toBlob(done, 'image/jpeg', QUALITY));
}
