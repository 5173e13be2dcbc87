// The personal link's secret and the session it was exchanged for.
// The secret stays in the address (after #, which browsers never send) so that the link can be opened again.

const CAPABILITY = 'pingqian.capability';
const DEVICE = 'pingqian.device';
const TOKEN = 'pingqian.token.';

function stored(store, key) {
  try {
    return store.getItem(key);
  } catch (error) {
    return null; // private windows of some browsers refuse storage
  }
}

function store(place, key, value) {
  try {
    if (value === null) place.removeItem(key);
    else place.setItem(key, value);
  } catch (error) {
    // kept in memory only
  }
}

async function digest(text) {
  if (!window.crypto || !window.crypto.subtle) return null;
  const bytes = new Uint8Array(await window.crypto.subtle.digest('SHA-256', new TextEncoder().encode(text)));
  return Array.from(bytes.slice(0, 12), (byte) => byte.toString(16).padStart(2, '0')).join('');
}

/** 32 hexadecimal digits that nobody else has. */
export function randomName() {
  const bytes = window.crypto.getRandomValues(new Uint8Array(16));
  return Array.from(bytes, (byte) => byte.toString(16).padStart(2, '0')).join('');
}

/** A random name for this browser, made once: the service sees by it that the link was opened on another phone. */
function deviceName() {
  const kept = stored(localStorage, DEVICE);
  if (kept && /^[0-9a-f]{32}$/.test(kept)) return kept;
  const made = randomName();
  store(localStorage, DEVICE, made);
  return made;
}

export async function openSession() {
  const fromLink = /^#([A-Za-z0-9_-]{20,128})$/.exec(window.location.hash);
  const capability = fromLink ? fromLink[1] : stored(sessionStorage, CAPABILITY);
  if (capability) store(sessionStorage, CAPABILITY, capability);
  const key = capability ? await digest(capability) : null;
  let token = key ? stored(localStorage, TOKEN + key) : null;
  return {
    capability,
    /** Tells this link from others on the phone, and is not its secret. */
    key,
    device: deviceName(),
    token: () => token,
    keep(value) {
      token = value;
      if (key) store(localStorage, TOKEN + key, value);
    },
    /** What this person chose for every page of ours. */
    setting: (name) => stored(localStorage, `pingqian.${name}`),
    set: (name, value) => store(localStorage, `pingqian.${name}`, value),
    /** Whether a page before this one kept something of a call of this link; vault.js says so. */
    left: () => Boolean(stored(localStorage, `pingqian.kept.${key}`)),
    /** Small notes that survive a reload of this tab, such as the pages already looked at. */
    note: (name) => JSON.parse(stored(sessionStorage, `pingqian.${key}.${name}`) || 'null'),
    remember: (name, value) => store(sessionStorage, `pingqian.${key}.${name}`, JSON.stringify(value)),
  };
}
