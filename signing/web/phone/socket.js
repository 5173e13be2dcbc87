// The live line to the service. The page's display comes down it whole; call signalling goes both ways.

const BACKOFF_SECONDS = [0, 0.3, 1.2, 2.7, 4.8, 7];
const PING_MS = 5000;
const SILENCE_MS = 15000;
const CHECK_MS = 1500;
const CONNECT_MS = 4000;
const MORE_MS = 1000;

/**
 * `on` holds listeners: view(view), sdp(frame), lead(frame), refused(error), gone(reason), line(connected, seconds until the next attempt), and carries() → ids of
 * what comes by the call's own path.
 * `open()` connects and keeps connecting until `close()`; `check()` connects anew where the line carries nothing.
 */
export function createSocket(token, on) {
  let socket = null;
  let wanted = false;
  let attempt = 0;
  let retry = null;
  let pinger = null;
  let patience = null;
  let count = 0;
  let heard = 0;
  const sent = new Map();
  const waiting = [];

  function connect() {
    clearTimeout(retry);
    if (!wanted || socket) return;
    const scheme = window.location.protocol === 'https:' ? 'wss' : 'ws';
    const mine = new WebSocket(`${scheme}://${window.location.host}/api/phone/ws`);
    socket = mine;
    // where nothing passes, a browser would try for minutes, at ever longer intervals
    patience = setTimeout(drop, CONNECT_MS + MORE_MS * Math.min(attempt, 6));
    mine.onopen = () => {
      clearTimeout(patience);
      heard = performance.now();
      mine.send(JSON.stringify({ type: 'hello', token: token() }));
      pinger = setInterval(ping, PING_MS);
    };
    mine.onmessage = (event) => receive(JSON.parse(event.data));
    mine.onclose = () => lost(mine);
  }

  function lost(mine) {
    if (socket !== mine) return;
    socket = null;
    clearInterval(pinger);
    clearTimeout(patience);
    sent.clear();
    waiting.splice(0).forEach((done) => done(null));
    if (!wanted) return;
    const seconds = BACKOFF_SECONDS[Math.min(attempt, BACKOFF_SECONDS.length - 1)];
    attempt += 1;
    on.line(false, seconds);
    retry = setTimeout(connect, seconds * 1000);
  }

  function drop() {
    const mine = socket;
    if (!mine) return;
    mine.onclose = null;
    mine.onmessage = null;
    mine.close();
    lost(mine);
  }

  function ping() {
    if (performance.now() - heard > SILENCE_MS) {
      drop();
      return;
    }
    count += 1;
    if (send({ type: 'ping', n: count, carries: on.carries() })) sent.set(count, performance.now());
  }

  function send(frame) {
    if (!socket || socket.readyState !== WebSocket.OPEN) return false;
    socket.send(JSON.stringify(frame));
    return true;
  }

  function receive(frame) {
    heard = performance.now();
    if (frame.type === 'phone.view') {
      if (attempt) attempt = 0;
      on.line(true);
      on.view(frame);
    } else if (frame.type === 'pong') pong(frame.n);
    else if (frame.type === 'sdp') on.sdp(frame);
    else if (frame.type === 'lead') on.lead(frame);
    else if (frame.type === 'refused') on.refused(frame.error);
    else if (frame.type === 'gone') gone(frame.reason);
  }

  function pong(n) {
    const at = sent.get(n);
    sent.delete(n);
    if (at !== undefined) waiting.splice(0).forEach((done) => done(performance.now() - at));
  }

  function gone(reason) {
    if (reason !== 'shutdown') close();
    on.gone(reason);
  }

  function close() {
    wanted = false;
    clearTimeout(retry);
    drop();
  }

  /** Whether the line still carries: connects anew where no answer comes soon. */
  function check() {
    if (!socket || socket.readyState !== WebSocket.OPEN) return;
    const mine = socket;
    const since = performance.now();
    ping();
    clearTimeout(patience);
    patience = setTimeout(() => socket === mine && heard < since && drop(), CHECK_MS);
  }

  /** Back from a pocket or a tunnel: do not wait out the timers. */
  function hurry() {
    if (!wanted || document.visibilityState === 'hidden') return;
    attempt = 0;
    if (!socket) connect();
    else check();
  }

  window.addEventListener('online', hurry);
  window.addEventListener('offline', drop); // what is open would only be found dead much later
  document.addEventListener('visibilitychange', hurry);

  return {
    open() {
      wanted = true;
      connect();
    },
    close,
    send,
    check,
    hurry,
    connected: () => Boolean(socket) && socket.readyState === WebSocket.OPEN,
    /** One round trip in milliseconds, or null where there is no line. */
    roundTrip: () => new Promise((done) => {
      waiting.push(done);
      if (!socket || socket.readyState !== WebSocket.OPEN) waiting.splice(0).forEach((each) => each(null));
      else ping();
    }),
  };
}
