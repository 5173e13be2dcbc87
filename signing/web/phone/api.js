// Requests to the service: the bearer token in a header, refusals as kind words, thin networks tried again.

const RETRY_SECONDS = [0.5, 1.5, 3];
const TIMEOUT_MS = 25000;
const UPLOAD_TIMEOUT_MS = 120000;

/** The service said no: `status`, `code`, `message` and `hint` of its ErrorBody; `after`: seconds that it wants left alone. */
export class Refusal extends Error {
  constructor(status, body, after) {
    super(body.message || '');
    this.status = status;
    this.code = body.code || '';
    this.hint = body.hint || '';
    this.after = after || 0;
  }
}

/** Nothing came back, after all tries. */
export class Unreachable extends Error {}

const pause = (seconds) => new Promise((done) => setTimeout(done, seconds * 1000));

async function once(method, path, options) {
  const stop = new AbortController();
  const timer = setTimeout(() => stop.abort(), options.body ? UPLOAD_TIMEOUT_MS : TIMEOUT_MS);
  try {
    const answer = await fetch(path, { ...options, method, signal: stop.signal, cache: 'no-store' });
    if (answer.status === 502 || answer.status === 504) throw new Unreachable();
    const blob = await answer.blob();
    const { headers } = answer;
    return { status: answer.status, type: headers.get('content-type') || '', after: Number(headers.get('retry-after')), blob };
  } finally {
    clearTimeout(timer);
  }
}

async function patiently(method, path, options) {
  for (let attempt = 0; ; attempt += 1) {
    try {
      return await once(method, path, options);
    } catch (error) {
      if (attempt >= RETRY_SECONDS.length) throw new Unreachable();
      await pause(RETRY_SECONDS[attempt]);
    }
  }
}

async function words(answer) {
  try {
    return JSON.parse(await new Response(answer.blob).text()); // a blob's own text() is younger than iOS 14.3
  } catch (error) {
    return {};
  }
}

/** `token()` gives the session token or null; `unauthorised(refusal)` is told of every 401 to a bearer of one. */
export function createApi({ token, unauthorised }) {
  async function send(method, path, { json, blob, type, more } = {}) {
    const headers = { ...more };
    const bearer = token();
    if (bearer) headers.Authorization = `Bearer ${bearer}`;
    const body = json === undefined ? blob : JSON.stringify(json);
    if (body !== undefined) headers['Content-Type'] = type || (blob ? blob.type : 'application/json');
    const answer = await patiently(method, path, { headers, body });
    if (answer.status >= 200 && answer.status < 300) return answer;
    const refusal = new Refusal(answer.status, await words(answer), answer.after);
    if (answer.status === 401 && bearer) unauthorised(refusal);
    throw refusal;
  }

  const parsed = async (answer) => (answer.type.indexOf('json') >= 0 ? words(answer) : null);
  return {
    get: async (path) => parsed(await send('GET', path)),
    post: async (path, json) => parsed(await send('POST', path, { json: json || {} })),
    put: async (path, blob, more) => parsed(await send('PUT', path, { blob, type: blob.type, more })),
    remove: async (path) => parsed(await send('DELETE', path)),
    blob: async (path) => (await send('GET', path)).blob,
  };
}

/** For the page's last breath: delivered after the page is gone, answer unread. Chromium 79 and 80 refuse that for a
 * request with a token, and send a plain one as long as the page is only hidden. It may arrive twice, where only an answer was lost: `json` is
 * to say by an id of its own that it is the same. */
export function postAtEnd(path, token, json) {
  const headers = { 'Content-Type': 'application/json', Authorization: `Bearer ${token}` };
  const request = { method: 'POST', headers, body: JSON.stringify(json) };
  fetch(path, { ...request, keepalive: true }).catch(() => fetch(path, request)).catch(() => {});
}
