// A host of the network lab: sends pictures with a time code and a known sound, and notes what it gets of the other's.
// All times are milliseconds of the lab's clock, which `setup` is told.
import { paint, read } from './picturecode.js';

const WIDTH = 640, HEIGHT = 360, RATE = 15;
const VIDEO_BITS_PER_SECOND = 600000;
const AGAIN_MS = 3000;
const LOOK_MS = 250;

const lab = { made: [], shown: [], symbols: [], chunks: [], decoded: [], dark: [], offset: 0, scenes: [], peer: null, peers: [] };
window.lab = lab;
const now = () => performance.now() + lab.offset;

/** `config`: {offset, row, scenes}: clock minus performance.now(), tones in Hz by symbol, addresses of the pictures. */
lab.setup = async (config) => {
  lab.offset = config.offset;
  lab.scenes = await Promise.all(config.scenes.map(async (url) => createImageBitmap(await (await fetch(url)).blob())));
  lab.audio = new AudioContext({ sampleRate: 48000 });
  await lab.audio.audioWorklet.addModule('/sound.js');
  const options = { processorOptions: { row: config.row, offset: dateOffset() } };
  lab.mouth = new AudioWorkletNode(lab.audio, 'mouth', { ...options, numberOfInputs: 0, outputChannelCount: [1] });
  lab.mouth.port.onmessage = ({ data }) => lab.symbols.push(data);
  const microphone = new MediaStreamAudioDestinationNode(lab.audio, { channelCount: 1 });
  lab.mouth.connect(microphone);
  lab.ear = new AudioWorkletNode(lab.audio, 'ear', { ...options, channelCount: 1, channelCountMode: 'explicit' });
  lab.ear.port.onmessage = ({ data }) => lab.chunks.push(data);
  lab.ear.connect(lab.audio.destination);
  await lab.audio.resume();
  await import('/phone/call.js'); // a customer's page has been there for long when the call begins
  lab.media = new MediaStream([camera(), ...microphone.stream.getTracks()]);
  watch(document.getElementById('remote'));
  setInterval(noteDecoding, LOOK_MS);
};

/** Clock minus Date.now(), which is all that a worklet has; Date.now() is cut to milliseconds. */
function dateOffset() {
  let sum = 0;
  for (let n = 0; n < 400; n += 1) sum += now() - Date.now();
  return sum / 400 - 0.5;
}

/** Fifteen pictures a second, each with its code. */
function camera() {
  const track = new MediaStreamTrackGenerator({ kind: 'video' });
  const writer = track.writable.getWriter();
  const canvas = new OffscreenCanvas(WIDTH, HEIGHT);
  const pen = canvas.getContext('2d', { willReadFrequently: true });
  const start = performance.now();
  let number = 0;
  const tick = () => {
    pen.drawImage(lab.scenes[number % lab.scenes.length], 0, 0);
    paint(pen, Math.round(now()), number);
    const frame = new VideoFrame(canvas, { timestamp: Math.round(performance.now() * 1000) });
    writer.write(frame).catch(() => {});
    lab.made.push(now());
    number = Math.max(number + 1, Math.ceil(((performance.now() - start) * RATE) / 1000));
    setTimeout(tick, start + (number * 1000) / RATE - performance.now());
  };
  tick();
  return track;
}

/** What the other host sends: the sound goes to the ear, whoever made the connection. */
lab.hear = (peer) => {
  lab.peer = peer;
  lab.peers.push(peer);
  peer.addEventListener('track', ({ track }) => {
    if (track.kind === 'audio') lab.audio.createMediaStreamSource(new MediaStream([track])).connect(lab.ear);
  });
};

function connection() {
  const peer = new RTCPeerConnection({ iceServers: [], bundlePolicy: 'max-bundle' });
  const remote = new MediaStream();
  peer.ontrack = ({ track }) => {
    remote.addTrack(track);
    document.getElementById('remote').srcObject = remote;
  };
  lab.hear(peer);
  return peer;
}

/** Signalling, which black-outs interrupt too: the answer to an offer, or null. */
lab.signal = (sdp) => (lab.isDark() ? null : window.labSignal(sdp));
lab.isDark = () => lab.dark.some(([from, until]) => now() >= from && now() < until);
/** Runs something when each black-out is over. */
lab.whenLight = (run) => lab.dark.forEach(([, until]) => setTimeout(run, Math.max(0, until - now()) + 1));

/** Chromium's own call: a fresh ICE generation where the path is lost, again every AGAIN_MS until there is one. */
lab.dial = async (dark) => {
  lab.dark = dark;
  const peer = connection();
  for (const track of lab.media.getTracks()) {
    const options = { direction: 'sendrecv', streams: [lab.media] };
    if (track.kind === 'video') options.sendEncodings = [{ maxBitrate: VIDEO_BITS_PER_SECOND }];
    const transceiver = peer.addTransceiver(track, options);
    if (track.kind === 'video') preferVp8(transceiver);
  }
  let last = 0;
  const restart = () => {
    const lost = ['disconnected', 'failed'].includes(peer.iceConnectionState);
    if (!lost || lab.isDark() || now() - last < AGAIN_MS) return;
    last = now();
    peer.restartIce();
    offer(peer);
  };
  peer.oniceconnectionstatechange = restart;
  setInterval(restart, 250);
  lab.whenLight(() => { last = 0; restart(); });
  await offer(peer);
};

async function offer(peer) {
  await peer.setLocalDescription(await peer.createOffer());
  const sdp = await lab.signal(peer.localDescription.sdp);
  if (sdp) await peer.setRemoteDescription({ type: 'answer', sdp });
}

function preferVp8(transceiver) {
  const { codecs } = RTCRtpReceiver.getCapabilities('video');
  transceiver.setCodecPreferences(codecs.filter(({ mimeType }) => /^video\/(VP8|rtx)$/i.test(mimeType)));
}

/** The seat's end, played by Chromium; a later offer renews the connection that there is. */
lab.answer = async (sdp) => {
  const renews = lab.peer !== null;
  const peer = renews ? lab.peer : connection();
  await peer.setRemoteDescription({ type: 'offer', sdp });
  if (!renews) for (const track of lab.media.getTracks()) peer.addTrack(track, lab.media);
  await peer.setLocalDescription(await peer.createAnswer());
  if (!renews) await limit(peer.getSenders().find(({ track }) => track.kind === 'video'));
  return peer.localDescription.sdp;
};

async function limit(sender) {
  const parameters = sender.getParameters();
  parameters.encodings[0].maxBitrate = VIDEO_BITS_PER_SECOND;
  await sender.setParameters(parameters);
}

/** Notes [time, number, age] of every picture that is shown and can be read, and [time, -1, 0] of one that cannot. */
function watch(video) {
  const seen = () => {
    const at = now();
    const code = read(video);
    lab.shown.push(code ? [at, code.number, (at - code.sentMs + 2 ** 20) % 2 ** 20] : [at, -1, 0]);
    video.requestVideoFrameCallback(seen);
  };
  video.requestVideoFrameCallback(seen);
}

/** Bytes that the host has sent as video over the connection that there is, and those of them that were sent again. */
lab.sent = async () => {
  let [bytes, again] = [0, 0];
  const carrying = lab.peers.find(({ connectionState }) => connectionState === 'connected');
  const reports = carrying ? await carrying.getStats() : [];
  reports.forEach((report) => {
    if (report.type !== 'outbound-rtp' || report.kind !== 'video') return;
    bytes += report.bytesSent;
    again += report.retransmittedBytesSent || 0;
  });
  return { bytes, again };
};

/** Seconds that decoding has taken, of each connection as they were told last. */
const spent = new Map();

async function noteDecoding() {
  for (const peer of lab.peers) {
    if (peer.connectionState !== 'connected') continue;
    (await peer.getStats()).forEach((report) => {
      const picture = report.type === 'inbound-rtp' && report.kind === 'video';
      if (picture) spent.set(peer, report.totalDecodeTime || 0);
    });
  }
  lab.decoded.push([now(), [...spent.values()].reduce((sum, seconds) => sum + seconds, 0)]);
}

/** Everything noted: `sound` is base64 of 16-bit samples at 16 kHz, in chunks of 10 ms that ended at `ends`. */
lab.finish = () => {
  lab.peers.forEach((peer) => peer.close());
  let text = '';
  for (const { samples } of lab.chunks) text += String.fromCharCode(...new Uint8Array(samples.buffer));
  const ends = lab.chunks.map(({ end }) => end);
  return { made: lab.made, shown: lab.shown, decoded: lab.decoded, symbols: lab.symbols, ends, sound: btoa(text) };
};

lab.ready = true;
