// Opening the camera and microphone, asking for less where a phone cannot give what we would like.
import { audioContext } from './bell.js';

const VOICE = { echoCancellation: true, noiseSuppression: true, autoGainControl: true };

const WISHES = [
  {
    audio: VOICE,
    video: { facingMode: 'user', width: { ideal: 640 }, height: { ideal: 480 }, frameRate: { ideal: 15, max: 30 } },
  },
  { audio: true, video: { facingMode: 'user' } },
  { audio: true, video: true },
];

export function canCall() {
  const devices = navigator.mediaDevices;
  return Boolean(window.isSecureContext !== false && devices && devices.getUserMedia && window.RTCPeerConnection);
}

const pause = (ms) => new Promise((done) => setTimeout(done, ms));

/** A stream with picture and sound. Rejects with the browser's own error; `trouble(error)` says which kind it is. */
export async function openCamera() {
  let last;
  for (const wish of WISHES) {
    try {
      return await navigator.mediaDevices.getUserMedia(wish);
    } catch (error) {
      last = error;
      if (trouble(error) === 'refused') throw error;
      if (trouble(error) === 'busy') await pause(400);
    }
  }
  throw last;
}

export function closeCamera(stream) {
  if (stream) stream.getTracks().forEach((track) => track.stop());
}

/** `refused`, `missing` or `busy`, from the error of getUserMedia. */
export function trouble(error) {
  const name = (error && error.name) || '';
  if (name === 'NotAllowedError' || name === 'SecurityError' || name === 'PermissionDeniedError') return 'refused';
  if (name === 'NotFoundError' || name === 'DevicesNotFoundError' || name === 'OverconstrainedError') return 'missing';
  return 'busy';
}

/** Which settings a customer has to look for. */
export function browserKind() {
  const agent = navigator.userAgent;
  const wechat = /MicroMessenger/i.test(agent);
  const ios = /iPhone|iPad|iPod/.test(agent) || (/Macintosh/.test(agent) && navigator.maxTouchPoints > 1);
  if (wechat) return ios ? 'wechatIos' : 'wechatAndroid';
  return ios ? 'ios' : 'android';
}

/** Reports the microphone's level: `heard(rms)` with 0…1 about ten times a second, until the returned stop is called. */
export function listen(stream, heard) {
  const context = audioContext();
  if (!context) return () => {};
  const source = context.createMediaStreamSource(stream);
  const analyser = context.createAnalyser();
  analyser.fftSize = 1024;
  source.connect(analyser);
  const samples = new Uint8Array(analyser.fftSize);
  const timer = setInterval(() => {
    analyser.getByteTimeDomainData(samples);
    let sum = 0;
    for (let i = 0; i < samples.length; i += 1) sum += ((samples[i] - 128) / 128) ** 2;
    heard(Math.sqrt(sum / samples.length));
  }, 100);
  return () => {
    clearInterval(timer);
    source.disconnect();
  };
}

/** Mean brightness 0…255 of what a video element shows, or null before its first picture. */
export function brightness(video) {
  if (!video.videoWidth) return null;
  const canvas = document.createElement('canvas');
  canvas.width = 32;
  canvas.height = 24;
  const pen = canvas.getContext('2d');
  pen.drawImage(video, 0, 0, 32, 24);
  const pixels = pen.getImageData(0, 0, 32, 24).data;
  let sum = 0;
  for (let i = 0; i < pixels.length; i += 4) sum += pixels[i] * 0.3 + pixels[i + 1] * 0.59 + pixels[i + 2] * 0.11;
  return sum / (pixels.length / 4);
}
