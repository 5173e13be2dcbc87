// The video call: this phone offers with its candidates gathered, the seat answers. One connection at a time; a lost
// one is replaced by a fresh offer, as long as the service's display says that there is a call.
import { S } from './strings.js';
import { openCamera, closeCamera } from './media.js';
import { createCard } from './callcard.js';

const GATHER_MS = 2000;
const ANSWER_MS = 8000;
const SHAKY_MS = 4000;
const BACKOFF_SECONDS = [0, 1, 2, 4, 7];
const VIDEO_BITS_PER_SECOND = 600000;

export function createCall(context) {
  const card = createCard();
  const call = { facts: null, stream: null, peer: null, attempt: 0, timers: {}, offers: 0 };
  const times = { offered: null, first: null, last: null, at: null };
  const video = card.video;

  function later(name, ms, run) {
    clearTimeout(call.timers[name]);
    call.timers[name] = setTimeout(run, ms);
  }

  /** Brings the connection in line with the display. */
  function follow(view) {
    card.place(view.step);
    if (!view.call) {
      if (call.facts) end();
      return;
    }
    const known = call.facts && call.facts.call_id === view.call.call_id;
    call.facts = view.call;
    card.show(view.call.agent_name, view.step);
    hush();
    if (known) return;
    Object.assign(times, { offered: null, first: null, last: null, at: null });
    call.attempt = 0;
    announce();
    dial();
  }

  /** On hold nothing goes out and nothing comes in; the connection stays, so that coming back takes no time. */
  function hush() {
    const held = Boolean(call.facts && call.facts.held);
    [call.stream, video.srcObject].forEach((stream) => {
      if (stream) stream.getTracks().forEach((track) => { track.enabled = !held; });
    });
  }

  function announce() {
    context.ui.strip('call', 'notice', S.queue.answered);
    later('announce', 4000, () => context.ui.strip('call', null));
    const touched = !navigator.userActivation || navigator.userActivation.hasBeenActive;
    if (navigator.vibrate && touched) navigator.vibrate([200, 100, 200]);
  }

  async function camera() {
    const live = call.stream && call.stream.getTracks().every((track) => track.readyState === 'live');
    if (live) return call.stream;
    closeCamera(call.stream);
    call.stream = null;
    call.stream = await openCamera();
    call.stream.getTracks().forEach((track) => { track.onended = () => later('camera', 500, reopen); });
    hush();
    return call.stream;
  }

  async function dial() {
    const facts = call.facts;
    hangUp();
    card.state(S.call.connecting);
    let stream;
    try {
      stream = await camera();
    } catch (error) {
      if (call.facts !== null) noCamera();
      return;
    }
    if (!call.facts || call.facts.call_id !== facts.call_id || call.peer) return;
    context.ui.strip('camera', null);
    const peer = createPeer(stream);
    call.peer = peer;
    try {
      await offer(peer);
    } catch (error) {
      if (call.peer === peer) redial();
    }
  }

  function createPeer(stream) {
    const peer = new RTCPeerConnection({ iceServers: servers(call.facts.ice_servers), bundlePolicy: 'max-bundle' });
    const remote = new MediaStream();
    stream.getTracks().forEach((track) => addTrack(peer, track, stream));
    peer.ontrack = (event) => {
      remote.addTrack(event.track);
      if (video.srcObject !== remote) watchPicture(peer, remote);
      hush();
    };
    peer.onconnectionstatechange = () => changed(peer);
    peer.oniceconnectionstatechange = () => changed(peer);
    return peer;
  }

  async function offer(peer) {
    await peer.setLocalDescription(await peer.createOffer());
    await gathered(peer);
    if (call.peer !== peer) return;
    const { sdp } = peer.localDescription;
    peer.pingqianOffer = `${Date.now().toString(36)}-${call.offers}`;
    const frame = { type: 'sdp', call_id: call.facts.call_id, party_id: 'self', kind: 'offer', sdp, offer_id: peer.pingqianOffer };
    if (!context.socket.send(frame)) return; // the line's return dials again
    times.offered = performance.now();
    call.offers += 1;
    later('answer', ANSWER_MS, () => call.peer === peer && !peer.remoteDescription && redial());
  }

  async function answer(frame) {
    const { peer } = call;
    if (!peer || !call.facts || frame.call_id !== call.facts.call_id || frame.kind !== 'answer') return;
    if (peer.signalingState !== 'have-local-offer') return;
    if (frame.offer_id && frame.offer_id !== peer.pingqianOffer) return; // an answer to an offer that was replaced
    try {
      await peer.setRemoteDescription({ type: 'answer', sdp: frame.sdp });
    } catch (error) {
      if (call.peer === peer) redial();
    }
  }

  function changed(peer) {
    if (call.peer !== peer) return;
    const state = stateOf(peer);
    if (state === 'connected') connected();
    else if (state === 'disconnected') later('shaky', SHAKY_MS, () => call.peer === peer && stateOf(peer) !== 'connected' && redial());
    else if (state === 'failed' || state === 'closed') redial();
  }

  function connected() {
    clearTimeout(call.timers.shaky);
    clearTimeout(call.timers.redial);
    call.attempt = 0;
    context.ui.strip('call', null);
  }

  function redial() {
    if (!call.facts) return;
    if (times.first !== null) context.ui.strip('call', 'caution', S.line.callReconnecting);
    hangUp();
    const seconds = BACKOFF_SECONDS[Math.min(call.attempt, BACKOFF_SECONDS.length - 1)];
    call.attempt += 1;
    later('redial', seconds * 1000, () => call.facts && context.socket.connected() && dial());
  }

  /** The line to the service is back: dial anew unless the media outlived it. */
  function lineBack() {
    if (!call.facts || (call.peer && stateOf(call.peer) === 'connected')) return;
    call.attempt = 0;
    dial();
  }

  function watchPicture(peer, remote) {
    video.srcObject = remote;
    const seen = () => {
      if (call.peer !== peer) return;
      times.last = performance.now() - times.offered;
      if (times.first === null) Object.assign(times, { first: times.last, at: Date.now() });
      card.state('');
    };
    if (video.requestVideoFrameCallback) video.requestVideoFrameCallback(seen);
    else video.addEventListener('timeupdate', seen, { once: true });
    card.play();
  }

  function noCamera() {
    const action = { label: S.call.noCameraFix, run: () => dial() };
    context.ui.strip('camera', 'stop', S.call.noCamera, action);
  }

  /** Another program took the camera, such as the one that photographs the card: take it back, same connection. */
  async function reopen() {
    if (!call.facts || document.visibilityState === 'hidden') return;
    try {
      const stream = await camera();
      context.ui.strip('camera', null);
      if (!call.peer) return;
      const senders = call.peer.getSenders();
      await Promise.all(stream.getTracks().map((track) => {
        const sender = senders.find((each) => each.pingqianKind === track.kind);
        return sender ? sender.replaceTrack(track) : null;
      }));
    } catch (error) {
      noCamera();
    }
  }

  function hangUp() {
    ['answer', 'shaky', 'redial'].forEach((name) => clearTimeout(call.timers[name]));
    const { peer } = call;
    call.peer = null;
    if (!peer) return;
    peer.ontrack = null;
    peer.onconnectionstatechange = null;
    peer.oniceconnectionstatechange = null;
    peer.close();
  }

  function end() {
    hangUp();
    Object.keys(call.timers).forEach((name) => clearTimeout(call.timers[name]));
    call.facts = null;
    closeCamera(call.stream);
    call.stream = null;
    video.srcObject = null;
    card.hide();
    context.ui.strip('call', null);
    context.ui.strip('camera', null);
  }

  document.addEventListener('visibilitychange', () => {
    if (document.visibilityState === 'hidden' || !call.facts) return;
    later('camera', 300, () => call.stream && call.stream.getTracks().some((track) => track.readyState !== 'live') && reopen());
    card.play();
  });

  return {
    follow,
    answer,
    lineBack,
    end,
    tapped: () => card.unlock(),
    stats: () => ({
      connectionState: call.peer ? stateOf(call.peer) : 'none',
      firstPictureMs: times.first,
      firstPictureAt: times.at,
      lastPictureMs: times.last,
      offers: call.offers,
    }),
  };
}

/** connectionState, worked out where an old browser lacks it. */
function stateOf(peer) {
  if (peer.connectionState) return peer.connectionState;
  return peer.iceConnectionState === 'completed' ? 'connected' : peer.iceConnectionState;
}

function servers(list) {
  return (list || []).map((server) => {
    const mine = { urls: server.urls };
    if (server.username) mine.username = server.username;
    if (server.credential) mine.credential = server.credential;
    return mine;
  });
}

function addTrack(peer, track, stream) {
  const options = { direction: 'sendrecv', streams: [stream] };
  if (track.kind === 'video') options.sendEncodings = [{ maxBitrate: VIDEO_BITS_PER_SECOND }];
  const transceiver = peer.addTransceiver(track, options);
  transceiver.sender.pingqianKind = track.kind;
  if (track.kind === 'video') preferCodecs(transceiver);
  else preferRedundantSound(transceiver);
}

/** Only what the seat speaks: VP8 and H.264, in the browser's own order (Safari's hardware prefers H.264). */
function preferCodecs(transceiver) {
  const able = window.RTCRtpReceiver && RTCRtpReceiver.getCapabilities && RTCRtpReceiver.getCapabilities('video');
  if (!able || !transceiver.setCodecPreferences) return;
  const wanted = able.codecs.filter((codec) => /^video\/(VP8|H264|rtx)$/i.test(codec.mimeType));
  try {
    if (wanted.some((codec) => !/rtx$/i.test(codec.mimeType))) transceiver.setCodecPreferences(wanted);
  } catch (error) {
    // the full list serves as well
  }
}

/** Each packet of sound carries the one before it once more (RFC 2198), where the browser can: a lost one is no gap. */
function preferRedundantSound(transceiver) {
  const able = window.RTCRtpReceiver && RTCRtpReceiver.getCapabilities && RTCRtpReceiver.getCapabilities('audio');
  if (!able || !transceiver.setCodecPreferences) return;
  const ours = (name) => able.codecs.filter((codec) => codec.mimeType.toLowerCase() === `audio/${name}`);
  try {
    if (ours('red').length && ours('opus').length) transceiver.setCodecPreferences([...ours('red'), ...ours('opus')]);
  } catch (error) {
    // plain Opus serves as well
  }
}

function gathered(peer) {
  return new Promise((done) => {
    const timer = setTimeout(done, GATHER_MS);
    const check = () => {
      if (peer.iceGatheringState !== 'complete') return;
      clearTimeout(timer);
      done();
    };
    peer.addEventListener('icegatheringstatechange', check);
    check();
  });
}
