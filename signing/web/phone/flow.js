// Which module draws which step, and when a screen must be built anew rather than updated.

const consent = () => import('./screens/consent.js');
const card = () => import('./screens/idcard.js');
const wait = () => import('./screens/wait.js');

/** Step → loader of a module with `create(context)` → {update(view), destroy()}. */
export const SCREENS = {
  code: () => import('./screens/code.js'),
  consent_recording: consent,
  consent_face: consent,
  consent_personal: consent,
  consent_credit: consent,
  precheck: () => import('./screens/precheck.js'),
  queue: () => import('./screens/queue.js'),
  helper: () => import('./screens/helper.js'),
  id_front: card,
  id_back: card,
  await_identity: wait,
  disclosure: () => import('./screens/disclosure.js'),
  reading: () => import('./screens/reading.js'),
  signing: () => import('./screens/signing.js'),
  await_seal: wait,
  done: () => import('./screens/done.js'),
  stopped: wait,
  refuse: () => import('./screens/refuse.js'),
  ended: wait,
};

const NEXT = {
  code: 'consent_recording',
  consent_personal: 'precheck',
  precheck: 'queue',
  queue: 'id_front',
  id_back: 'disclosure',
  await_identity: 'disclosure',
  disclosure: 'reading',
  reading: 'signing',
  signing: 'done',
};

/** Two views with the same key are the same screen with other contents. */
export function screenKey(view) {
  const document = view.step === 'reading' || view.step === 'signing' ? view.current_document_id : '';
  return `${view.step}/${document || ''}/${view.consent && view.step.indexOf('consent') === 0 ? view.consent.kind : ''}`;
}

/** Fetches the code of the screen after this one while the customer is busy with this one. */
export function warmUp(step) {
  const load = SCREENS[NEXT[step]];
  if (load) setTimeout(() => load().catch(() => {}), 800);
}
