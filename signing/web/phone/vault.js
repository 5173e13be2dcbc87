// Where the pieces lie on this phone: encrypted (AES-GCM) under a key that the service gives for this call and that
// stays in the page's memory, in the browser's own database; in memory where a browser has none. What nobody asks for
// goes after three days, and with the end of its case; the service gives no key once the seal has been asked for.
import { within } from './later.js';
import { FULL } from './strain.js';

const NAME = 'pingqian-kept';
const STORE = 'pieces';
const LIFE_MS = 3 * 24 * 3600 * 1000;
const KEPT = 'kept';
/** Some browsers neither open their database nor say that they do not. */
const OPENS_MS = 5000;

function asked(request) {
  return new Promise((done, failed) => {
    request.onsuccess = () => done(request.result);
    request.onerror = () => failed(request.error);
  });
}

async function opened() {
  try {
    const request = window.indexedDB.open(NAME, 1);
    request.onupgradeneeded = () => request.result.createObjectStore(STORE, { keyPath: 'id' });
    return await within(asked(request), OPENS_MS);
  } catch (error) {
    return null; // private windows of some browsers refuse storage
  }
}

/** `hex`: the key. Only pieces of `call` and of this link are shown: a family may have one phone. */
export async function openVault(hex, call, session) {
  const bytes = new Uint8Array(hex.match(/../g).map((pair) => parseInt(pair, 16)));
  const key = await window.crypto.subtle.importKey('raw', bytes, 'AES-GCM', false, ['encrypt', 'decrypt']);
  let base = await opened();
  const memory = new Map();

  const ask = (mode, what) => asked(what(base.transaction(STORE, mode).objectStore(STORE)));

  /** A browser may lose its database while the page lives: it is opened once more. */
  async function run(mode, what) {
    try {
      return await ask(mode, what);
    } catch (error) {
      const other = error && error.name === FULL ? null : await opened();
      if (!other) throw error;
      base.close();
      base = other;
      return ask(mode, what);
    }
  }

  const bound = (row) => new TextEncoder().encode(`${row.call} ${row.id} ${row.since} ${row.until} ${row.type}`);

  async function all() {
    const rows = base ? await run('readonly', (store) => store.getAll()) : Array.from(memory.values());
    return rows.filter((row) => row.call === call && row.owner === session.key);
  }

  return {
    /** `piece` is { id, since, until }. Resolves once it is kept, with its size. */
    async put(piece, blob) {
      const mark = { call, owner: session.key, at: Date.now() };
      const row = { ...piece, ...mark, type: blob.type, nonce: window.crypto.getRandomValues(new Uint8Array(12)) };
      const plain = await new Response(blob).arrayBuffer();
      const algorithm = { name: 'AES-GCM', iv: row.nonce, additionalData: bound(row) };
      row.data = await window.crypto.subtle.encrypt(algorithm, key, plain);
      if (base) {
        [KEPT, ownMark(session)].forEach((name) => session.set(name, '1'));
        await run('readwrite', (store) => store.put(row));
      } else memory.set(row.id, row);
      return row.data.byteLength;
    },

    /** What was put, or null where it is gone or not to be read. */
    async get(id) {
      const row = base ? await run('readonly', (store) => store.get(id)) : memory.get(id);
      if (!row) return null;
      try {
        const algorithm = { name: 'AES-GCM', iv: row.nonce, additionalData: bound(row) };
        return new Blob([await window.crypto.subtle.decrypt(algorithm, key, row.data)], { type: row.type });
      } catch (error) {
        return null;
      }
    },

    async remove(id) {
      if (base) await run('readwrite', (store) => store.delete(id));
      else memory.delete(id);
    },

    /** Of this call, from before a reload: { id, since, until, size }. */
    async list() {
      return (await all()).map((row) => ({ id: row.id, since: row.since, until: row.until, size: row.data.byteLength }));
    },
  };
}

const ownMark = (session) => `${KEPT}.${session.key}`;

/** The calls of this link of which anything lies here. */
export async function callsKept(session) {
  const found = new Set();
  await each('readonly', (row) => { if (row.owner === session.key) found.add(row.call); });
  return Array.from(found);
}

/** Deletes everything of a call of this link. */
export const forgetCall = (call, session) => clear(session, (row) => row.call === call && row.owner === session.key);

/** Deletes what is too old, whosever it is; `over`: what is this link's as well. */
export const sweep = (session, over, now) => clear(session, (row) => !(now - row.at < LIFE_MS) || (over && row.owner === session.key));

async function clear(session, goes) {
  let all = 0;
  let own = 0;
  await each('readwrite', (row, cursor) => {
    if (goes(row)) cursor.delete();
    else {
      all += 1;
      if (row.owner === session.key) own += 1;
    }
  });
  if (!own) session.set(ownMark(session), null);
  if (!all) session.set(KEPT, null);
}

/** One row after the other: all at once would be megabytes. */
async function each(mode, run) {
  const base = await opened();
  if (!base) return;
  await new Promise((done, failed) => {
    const request = base.transaction(STORE, mode).objectStore(STORE).openCursor();
    request.onerror = () => failed(request.error);
    request.onsuccess = () => {
      const cursor = request.result;
      if (!cursor) {
        done();
        return;
      }
      run(cursor.value, cursor);
      cursor.continue();
    };
  });
  base.close();
}
