// One connection of the call: this phone offers with its candidates gathered, the seat answers.
import { addTrack, gathered, servers, stateOf } from './peer.js';
import { createChannel } from './channel.js';
import { LOOK_MS, createPath } from './path.js';
import { createCost } from './sound.js';
import { ordered } from './thrift.js';

let made = 0;

/**
 * `on` holds listeners: state(link), lost(link), back(link), track(link), picture(link) once the agent's picture
 * comes, message(link, message). `close()` it.
 */
export function createLink(iceServers, stream, on) {
  const peer = new RTCPeerConnection({ iceServers: servers(iceServers), bundlePolicy: 'max-bundle' });
  const remote = new MediaStream();
  let path = null;
  let looks = null;
  let cost = null;
  let closed = false;
  made += 1;

  const link = {
    id: `${Date.now().toString(36)}-${made}`,
    remote,
    offered: null,
    roundTrip: null,
    offer,
    answer,
    replace,
    close,
    send: (message) => channel.send(message),
    stats: () => peer.getStats(),
    state: () => stateOf(peer),
    isLost: () => path !== null && path.isLost(),
    lose: () => (path ? told(path.lose()) : undefined),
    answered: () => Boolean(peer.remoteDescription),
    pictured: () => remote.getVideoTracks().some((track) => !track.muted),
  };

  stream.getTracks().forEach((track) => addTrack(peer, track, stream));
  const channel = createChannel(peer, { message: heard, beat: (ms) => { link.roundTrip = ms; } });
  peer.ontrack = (event) => {
    remote.addTrack(event.track);
    on.track(link);
    if (event.track.kind === 'video') event.track.onunmute = () => closed || on.picture(link);
  };
  peer.onconnectionstatechange = changed;
  peer.oniceconnectionstatechange = changed;

  function changed() {
    const state = stateOf(peer);
    if (state === 'connected' && !path) {
      path = createPath(performance.now());
      looks = setInterval(look, LOOK_MS);
      cost = createCost(peer);
    }
    if (state === 'disconnected') link.lose();
    on.state(link);
  }

  async function look() {
    const reports = await peer.getStats();
    if (closed) return;
    told(path.look(performance.now(), packets(reports)));
    cost.look(reports);
  }

  function heard(message) {
    if (message.kind === 'silent' && path) told(path.unheard(performance.now()));
    else on.message(link, message);
  }

  function told(news) {
    if (news === 'lost') on.lost(link);
    else if (news === 'back') on.back(link);
  }

  /** The description to send, with all candidates. */
  async function offer() {
    await peer.setLocalDescription(await peer.createOffer());
    await gathered(peer, (iceServers || []).length > 0);
    return peer.localDescription.sdp;
  }

  async function answer(sdp) {
    if (peer.signalingState === 'have-local-offer') await peer.setRemoteDescription({ type: 'answer', sdp: ordered(sdp, true) });
  }

  /** Sends another stream over the same connection. */
  function replace(other) {
    const senders = peer.getSenders();
    return Promise.all(other.getTracks().map((track) => {
      const sender = senders.find((each) => each.pingqianKind === track.kind);
      return sender ? sender.replaceTrack(track) : null;
    }));
  }

  function close() {
    closed = true;
    clearInterval(looks);
    channel.close();
    peer.ontrack = null;
    peer.onconnectionstatechange = null;
    peer.oniceconnectionstatechange = null;
    peer.close();
  }

  return link;
}

/** That have come by all of its streams. */
function packets(reports) {
  let sum = 0;
  reports.forEach((report) => {
    if (report.type === 'inbound-rtp') sum += report.packetsReceived || 0;
  });
  return sum;
}
