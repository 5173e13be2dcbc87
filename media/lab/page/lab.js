// A host of the network lab: sends pictures with a time code and a known sound, and notes what it gets of the other's.
// All times are milliseconds of the lab's clock, which `setup` is told.
import { paint, read } from './picturecode.js';

const WIDTH = 640, HEIGHT = 360, RATE = 15;
const VIDEO_BITS_PER_SECOND = 600000;

const lab = { shown: [], symbols: [], chunks: [], offset: 0, scenes: [] };
window.lab = lab;
const now = () => performance.now() + lab.offset;

/** `config`: {offset, row, scenes}: clock minus performance.now(), tones in Hz by symbol, addresses of the pictures. */
lab.setup = async (config) => {
  lab.offset = config.offset;
  lab.scenes = await Promise.all(config.scenes.map(async (url) => createImageBitmap(await (await fetch(url)).blob())));
  lab.audio = new AudioContext({ sampleRate: 48000 });
  await lab.audio.audioWorklet.addModule('sound.js');
  const options = { processorOptions: { row: config.row, offset: dateOffset() } };
  lab.mouth = new AudioWorkletNode(lab.audio, 'mouth', { ...options, numberOfInputs: 0, outputChannelCount: [1] });
  lab.mouth.port.onmessage = ({ data }) => lab.symbols.push(data);
  const microphone = new MediaStreamAudioDestinationNode(lab.audio, { channelCount: 1 });
  lab.mouth.connect(microphone);
  lab.ear = new AudioWorkletNode(lab.audio, 'ear', { ...options, channelCount: 1, channelCountMode: 'explicit' });
  lab.ear.port.onmessage = ({ data }) => lab.chunks.push(data);
  lab.ear.connect(lab.audio.destination);
  await lab.audio.resume();
  lab.media = new MediaStream([camera(), ...microphone.stream.getTracks()]);
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
    number = Math.max(number + 1, Math.ceil(((performance.now() - start) * RATE) / 1000));
    setTimeout(tick, start + (number * 1000) / RATE - performance.now());
  };
  tick();
  return track;
}

function connection() {
  const peer = new RTCPeerConnection({ iceServers: [], bundlePolicy: 'max-bundle' });
  lab.peer = peer;
  const remote = new MediaStream();
  peer.ontrack = ({ track }) => {
    remote.addTrack(track);
    if (track.kind === 'audio') lab.audio.createMediaStreamSource(new MediaStream([track])).connect(lab.ear);
    watch(remote);
  };
  for (const track of lab.media.getTracks()) {
    const options = { direction: 'sendrecv', streams: [lab.media] };
    if (track.kind === 'video') options.sendEncodings = [{ maxBitrate: VIDEO_BITS_PER_SECOND }];
    const transceiver = peer.addTransceiver(track, options);
    if (track.kind === 'video') preferVp8(transceiver);
  }
  return peer;
}

function preferVp8(transceiver) {
  const { codecs } = RTCRtpReceiver.getCapabilities('video');
  transceiver.setCodecPreferences(codecs.filter(({ mimeType }) => /^video\/(VP8|rtx)$/i.test(mimeType)));
}

function gathered(peer) {
  return new Promise((done) => {
    const check = () => peer.iceGatheringState === 'complete' && done();
    peer.addEventListener('icegatheringstatechange', check);
    setTimeout(done, 2000);
    check();
  });
}

lab.offer = async () => {
  const peer = connection();
  await peer.setLocalDescription(await peer.createOffer());
  await gathered(peer);
  return peer.localDescription.sdp;
};

lab.accept = (sdp) => lab.peer.setRemoteDescription({ type: 'answer', sdp });

lab.answer = async (sdp) => {
  const peer = new RTCPeerConnection({ iceServers: [], bundlePolicy: 'max-bundle' });
  lab.peer = peer;
  const remote = new MediaStream();
  peer.ontrack = ({ track }) => {
    remote.addTrack(track);
    if (track.kind === 'audio') lab.audio.createMediaStreamSource(new MediaStream([track])).connect(lab.ear);
    watch(remote);
  };
  await peer.setRemoteDescription({ type: 'offer', sdp });
  for (const track of lab.media.getTracks()) peer.addTrack(track, lab.media);
  await peer.setLocalDescription(await peer.createAnswer());
  await gathered(peer);
  for (const sender of peer.getSenders()) if (sender.track.kind === 'video') await limit(sender);
  return peer.localDescription.sdp;
};

async function limit(sender) {
  const parameters = sender.getParameters();
  parameters.encodings[0].maxBitrate = VIDEO_BITS_PER_SECOND;
  await sender.setParameters(parameters);
}

/** Notes [time, number, age] of every picture that is shown and can be read, and [time, -1, 0] of one that cannot. */
function watch(stream) {
  const video = document.getElementById('video');
  if (video.srcObject === stream) return;
  video.srcObject = stream;
  const seen = () => {
    const at = now();
    const code = read(video);
    lab.shown.push(code ? [at, code.number, (at - code.sentMs + 2 ** 20) % 2 ** 20] : [at, -1, 0]);
    video.requestVideoFrameCallback(seen);
  };
  video.requestVideoFrameCallback(seen);
}

/** Bytes that the host has sent as video, so far, and those of them that were sent again. */
lab.sent = async () => {
  let [bytes, again] = [0, 0];
  (await lab.peer.getStats()).forEach((report) => {
    if (report.type !== 'outbound-rtp' || report.kind !== 'video') return;
    bytes += report.bytesSent;
    again += report.retransmittedBytesSent || 0;
  });
  return { bytes, again, state: lab.peer.connectionState };
};

/** Everything noted: `sound` is base64 of 16-bit samples at 16 kHz, in chunks of 10 ms that ended at `ends`. */
lab.finish = () => {
  lab.peer.close();
  let text = '';
  for (const { samples } of lab.chunks) text += String.fromCharCode(...new Uint8Array(samples.buffer));
  return { shown: lab.shown, symbols: lab.symbols, ends: lab.chunks.map(({ end }) => end), sound: btoa(text) };
};

lab.ready = true;
