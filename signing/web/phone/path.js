// When the path of a connection counts as lost, and when a new connection is tried. Decisions only: all times are
// milliseconds that the caller gives.

export const LOOK_MS = 500;
export const SILENT_MS = 2000;
/** Until the seat's word that it hears nothing is old. */
export const DEAF_MS = 1500;
/** A look so much later than the one before comes from a page that slept; it says nothing of the path. */
export const SLEPT_MS = 2 * SILENT_MS;
/** Fewer packets are stragglers. */
const SEVERAL = 3;
const BACKOFF_SECONDS = [0, 0.3, 1.2, 2.7, 4.8, 7];

/** How long to wait before the attempt of that number, from 0. */
export function pauseBefore(attempt) {
  return BACKOFF_SECONDS[Math.min(attempt, BACKOFF_SECONDS.length - 1)] * 1000;
}

/**
 * Until an attempt is given up that has got its answer, by the attempt's number. Whether there is a path is for ICE to
 * say, and over a thin way with a relay by TLS its checks and the keys take ten seconds: this ends what never says.
 */
export function patience(attempt) {
  return Math.min(15 + 5 * attempt, 30) * 1000;
}

/** The path of one connection, which stands since `now`. */
export function createPath(now) {
  let packets = 0;
  let grown = now;
  let looked = now;
  let deaf = -Infinity;
  let lost = false;
  let atLoss = 0;

  function lose() {
    if (lost) return null;
    lost = true;
    atLoss = packets;
    return 'lost';
  }

  return {
    isLost: () => lost,
    /** Takes how many packets have come by now, looked at every LOOK_MS; 'lost' or 'back' where that is new. */
    look(at, count) {
      if (at - looked > SLEPT_MS) grown = at;
      looked = at;
      if (count > packets) grown = at;
      packets = count;
      if (at - grown >= SILENT_MS || at - deaf < DEAF_MS) return lose();
      if (!lost || packets - atLoss < SEVERAL) return null;
      lost = false;
      return 'back';
    },
    /** The seat says that it hears nothing. */
    unheard(at) {
      deaf = at;
      return lose();
    },
    /** Something else says that it is lost, such as the browser. */
    lose,
  };
}
