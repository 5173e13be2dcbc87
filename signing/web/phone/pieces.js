// How a phone makes what it keeps of its own side of a call: a recorder for a few seconds, or one picture.
import { within } from './later.js';

const SOUND = 24000;
/** A camera gives a picture by then, or none. */
const PICTURE_MS = 4000;
/** How a piece is made, by what there is strength for; of what is not here nothing is recorded. */
const MAKES = {
  whole: {
    types: ['video/webm;codecs=vp8,opus', 'video/webm', 'video/mp4'],
    rates: { videoBitsPerSecond: 250000, audioBitsPerSecond: SOUND },
    of: (stream) => stream,
  },
  sound: {
    types: ['audio/webm;codecs=opus', 'audio/webm', 'audio/mp4'],
    rates: { audioBitsPerSecond: SOUND },
    of: (stream) => new MediaStream(stream.getAudioTracks()),
  },
};

/** `keeps`: as of `strain.js`. Null where nothing is recorded, or a browser says that it can and cannot. */
export function recorderOf(stream, keeps) {
  if (!MAKES[keeps]) return null;
  const { types, rates, of } = MAKES[keeps];
  try {
    const type = types.find((each) => !MediaRecorder.isTypeSupported || MediaRecorder.isTypeSupported(each));
    return new MediaRecorder(of(stream), { ...rates, ...(type ? { mimeType: type } : {}) });
  } catch (error) {
    return null; // the call goes on without
  }
}

/** As a JPEG, of the camera's size; null where there is none. */
export async function pictureOf(track) {
  const canvas = await (window.ImageCapture ? grabbed : played)(track);
  return new Promise((done) => canvas.toBlob(done, 'image/jpeg', 0.92));
}

async function grabbed(track) {
  const picture = await within(new ImageCapture(track).grabFrame(), PICTURE_MS);
  return drawn(picture, picture.width, picture.height);
}

/** Where a browser has no other way to one picture, as on an iPhone. */
async function played(track) {
  const video = document.createElement('video');
  video.muted = true;
  video.playsInline = true;
  video.srcObject = new MediaStream([track]);
  try {
    await within(video.play(), PICTURE_MS);
    return drawn(video, video.videoWidth, video.videoHeight);
  } finally {
    video.srcObject = null;
  }
}

function drawn(picture, width, height) {
  const canvas = document.createElement('canvas');
  Object.assign(canvas, { width, height });
  canvas.getContext('2d').drawImage(picture, 0, 0);
  return canvas;
}
