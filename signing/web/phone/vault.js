// Where the pieces lie on this phone: encrypted (AES-GCM) under a key that the service gives for this call and that
// stays in the page's memory, in the browser's own database; in memory where a browser has none.

const NAME = 'pingqian-kept';
const STORE = 'pieces';

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
    return await asked(request);
  } catch (error) {
    return null; // private windows of some browsers refuse storage
  }
}

/** `hex`: the key. Only pieces of `call` are shown; those of others are of calls that are over. */
export async function openVault(hex, call) {
  const bytes = new Uint8Array(hex.match(/../g).map((pair) => parseInt(pair, 16)));
  const key = await window.crypto.subtle.importKey('raw', bytes, 'AES-GCM', false, ['encrypt', 'decrypt']);
  const base = await opened();
  const memory = new Map();

  const store = (mode) => base.transaction(STORE, mode).objectStore(STORE);
  const bound = (row) => new TextEncoder().encode(`${row.call} ${row.id} ${row.since} ${row.until} ${row.type}`);

  async function all() {
    const rows = base ? await asked(store('readonly').getAll()) : Array.from(memory.values());
    return rows.filter((row) => row.call === call);
  }

  return {
    /** `piece` is { id, since, until }. Resolves once it is kept, with its size. */
    async put(piece, blob) {
      const row = { ...piece, call, type: blob.type, nonce: window.crypto.getRandomValues(new Uint8Array(12)) };
      const plain = await new Response(blob).arrayBuffer();
      const algorithm = { name: 'AES-GCM', iv: row.nonce, additionalData: bound(row) };
      row.data = await window.crypto.subtle.encrypt(algorithm, key, plain);
      if (base) await asked(store('readwrite').put(row));
      else memory.set(row.id, row);
      return row.data.byteLength;
    },

    /** What was put, or null where it is gone or not to be read. */
    async get(id) {
      const row = base ? await asked(store('readonly').get(id)) : memory.get(id);
      if (!row) return null;
      try {
        const algorithm = { name: 'AES-GCM', iv: row.nonce, additionalData: bound(row) };
        return new Blob([await window.crypto.subtle.decrypt(algorithm, key, row.data)], { type: row.type });
      } catch (error) {
        return null;
      }
    },

    async remove(id) {
      if (base) await asked(store('readwrite').delete(id));
      else memory.delete(id);
    },

    /** Of this call, from before a reload: { id, since, until, size }. */
    async list() {
      return (await all()).map((row) => ({ id: row.id, since: row.since, until: row.until, size: row.data.byteLength }));
    },
  };
}

/** The calls of which anything lies here. */
export async function callsKept() {
  const base = await opened();
  if (!base) return [];
  const rows = await asked(base.transaction(STORE, 'readonly').objectStore(STORE).getAll());
  return Array.from(new Set(rows.map((row) => row.call)));
}

/** Deletes everything of a call. */
export async function forgetCall(call) {
  const base = await opened();
  if (!base) return;
  const store = base.transaction(STORE, 'readwrite').objectStore(STORE);
  const rows = await asked(store.getAll());
  rows.filter((row) => row.call === call).forEach((row) => store.delete(row.id));
}
