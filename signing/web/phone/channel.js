// The channel beside picture and sound: small messages both ways over the media's own path, one JSON object each, that
// say what `kind` they are. Nothing is sent again: each message tells how things stand, and the next one tells it anew.

const LABEL = 'pingqian';
const BEAT_MS = 1000;
const MOST_WAITING = 16384;

/**
 * Opens the channel of a connection that has not been offered yet. `on.message(message)` gets all but the heartbeat,
 * `on.beat(milliseconds)` each round trip. `send(message)` is false where nothing leaves; `close()` ends the heartbeat.
 */
export function createChannel(peer, on) {
  const plain = { send: () => false, close: () => {} };
  if (!peer.createDataChannel) return plain;
  const channel = peer.createDataChannel(LABEL, { ordered: false, maxRetransmits: 0 });
  let count = 0;
  let asked = 0;
  let beats = null;

  function send(message) {
    if (channel.readyState !== 'open' || channel.bufferedAmount > MOST_WAITING) return false;
    try {
      channel.send(JSON.stringify(message));
    } catch (error) {
      return false; // it closed in between
    }
    return true;
  }

  function beat() {
    count += 1;
    if (send({ kind: 'ping', n: count })) asked = performance.now();
  }

  function came(text) {
    const message = parse(text);
    if (!message) return;
    if (message.kind === 'ping') send({ kind: 'pong', n: message.n });
    else if (message.kind !== 'pong') on.message(message);
    else if (message.n === count) on.beat(performance.now() - asked);
  }

  channel.onopen = () => {
    beat();
    beats = setInterval(beat, BEAT_MS);
  };
  channel.onclose = () => clearInterval(beats);
  channel.onmessage = (event) => came(event.data);

  return {
    send,
    close() {
      clearInterval(beats);
      channel.onopen = null;
      channel.onmessage = null;
    },
  };
}

function parse(text) {
  try {
    const message = JSON.parse(text);
    return message && typeof message.kind === 'string' ? message : null;
  } catch (error) {
    return null;
  }
}
