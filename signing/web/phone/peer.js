// What every connection of the call is made of: tracks, codecs, candidates.

const GATHER_MS = 2000;
const TOGETHER_MS = 20;
const VIDEO_BITS_PER_SECOND = 600000;

/** connectionState, worked out where an old browser lacks it. */
export function stateOf(peer) {
  if (peer.connectionState) return peer.connectionState;
  return peer.iceConnectionState === 'completed' ? 'connected' : peer.iceConnectionState;
}

/** As the browser wants them: without what is not there. */
export function servers(list) {
  return (list || []).map((server) => {
    const mine = { urls: server.urls };
    if (server.username) mine.username = server.username;
    if (server.credential) mine.credential = server.credential;
    return mine;
  });
}

/** Both ways, with what the seat speaks. */
export function addTrack(peer, track, stream) {
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

/**
 * All candidates found, or enough: with a place on a relay there is a way, and the best one needs no telling; without
 * servers there are only this phone's own addresses, which come together, while browsers wait on for a tenth of a second.
 */
export function gathered(peer, anyServers) {
  return new Promise((done) => {
    const timer = setTimeout(done, GATHER_MS);
    const end = () => {
      clearTimeout(timer);
      done();
    };
    const check = () => peer.iceGatheringState === 'complete' && end();
    peer.addEventListener('icegatheringstatechange', check);
    peer.addEventListener('icecandidate', ({ candidate }) => {
      if (!candidate) return;
      if (/ typ relay /.test(candidate.candidate)) end();
      else if (!anyServers) setTimeout(end, TOGETHER_MS);
    });
    check();
  });
}
