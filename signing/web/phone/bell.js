// Everything that sounds without the call: the bell, and what is read aloud. One AudioContext for the page.

const pause = (ms) => new Promise((done) => setTimeout(done, ms));
let audio = null;

/** Call it first from a tap, or iOS keeps it silent. */
export function audioContext() {
  const Kind = window.AudioContext || window.webkitAudioContext;
  if (!audio && Kind) audio = new Kind();
  if (audio && audio.state === 'suspended') audio.resume().catch(() => {});
  return audio;
}

/** Three bell strokes; resolves when they have sounded. */
export async function ring() {
  const context = audioContext();
  if (!context) return;
  [0, 0.7, 1.4].forEach((at) => stroke(context, context.currentTime + 0.05 + at));
  await pause(2200);
}

function stroke(context, at) {
  const tone = context.createOscillator();
  const gain = context.createGain();
  tone.frequency.value = 880;
  gain.gain.setValueAtTime(0.0001, at);
  gain.gain.exponentialRampToValueAtTime(0.5, at + 0.02);
  gain.gain.exponentialRampToValueAtTime(0.0001, at + 0.6);
  tone.connect(gain);
  gain.connect(context.destination);
  tone.start(at);
  tone.stop(at + 0.65);
}

/** Plays a sound file from its beginning; `ended()` once it has sounded to its end. → what stops it. Rejects where it is none. */
export async function play(blob, ended) {
  const context = audioContext();
  if (!context) throw new Error('no sound');
  const bytes = await new Response(blob).arrayBuffer(); // a blob's own is younger than iOS 14.3
  // with callbacks: Safari knew no promise here for long
  const sound = await new Promise((done, failed) => { context.decodeAudioData(bytes, done, failed); });
  const source = context.createBufferSource();
  source.buffer = sound;
  source.connect(context.destination);
  source.onended = ended;
  source.start();
  return () => {
    source.onended = null;
    source.stop();
  };
}

/** Rings the bell and shakes the phone, where the browser lets a page that was touched do so. */
export function call() {
  const touched = !navigator.userActivation || navigator.userActivation.hasBeenActive;
  if (navigator.vibrate && touched) navigator.vibrate([400, 200, 400, 200, 400]);
  return ring();
}
