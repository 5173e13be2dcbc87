// Keeps the sound of a connection within what its way out carries, as `thrift.js` decides.
import { createCare, ordered } from './thrift.js';

/** Looks in which it is judged once. */
const EVERY = 2;

/** Of a connection that stands; `look` takes the connection's statistics, each time that they are read. */
export function createCost(peer) {
  const sender = peer.getSenders().find((each) => each.pingqianKind === 'audio');
  const care = createCare();
  let applied = null;
  let looks = 0;

  return {
    look(reports) {
      looks += 1;
      if (looks % EVERY !== 1) return;
      const { available, lost } = read(reports);
      const next = care.look(available, lost);
      if (applied && Object.keys(next).every((name) => next[name] === applied[name])) return;
      applied = next;
      apply(peer, sender, next);
    },
  };
}

function read(reports) {
  const found = { available: 0, lost: 0 };
  reports.forEach((each) => {
    if (each.type === 'candidate-pair' && each.nominated && each.availableOutgoingBitrate) {
      found.available = each.availableOutgoingBitrate;
    } else if (each.type === 'remote-inbound-rtp' && each.kind === 'audio') found.lost = each.fractionLost || 0;
  });
  return found;
}

/** Each browser takes what it knows of it: the rate is taken by all, longer packets by newer ones. */
async function apply(peer, sender, care) {
  await attempt(async () => {
    const parameters = sender.getParameters();
    const [encoding] = parameters.encodings;
    if (care.bits) encoding.maxBitrate = care.bits;
    else delete encoding.maxBitrate;
    encoding.adaptivePtime = care.long;
    await sender.setParameters(parameters);
  });
  await attempt(() => reorder(peer, care.twice));
}

async function attempt(change) {
  try {
    await change();
  } catch (error) {
    // the sound goes on as it was
  }
}

/**
 * A browser sends the form of sound that stands first in the answer. Both forms and their numbers are agreed, so that
 * the connection is described anew to this browser alone; the seat takes each packet for what it is.
 */
async function reorder(peer, twice) {
  if (peer.signalingState !== 'stable' || !peer.remoteDescription) return;
  const { sdp } = peer.remoteDescription;
  const wanted = ordered(sdp, twice);
  if (wanted === sdp) return;
  await peer.setLocalDescription(await peer.createOffer());
  try {
    await peer.setRemoteDescription({ type: 'answer', sdp: wanted });
  } catch (error) {
    await peer.setLocalDescription({ type: 'rollback' });
  }
}
