// The customer's page. The service decides the step; this module shows the screen for it and keeps nothing else.
//
// Ids a test or a demonstration can rely on (all buttons also carry the same word as data-testid):
//   #main[data-step]     the PhoneStep on screen ("code" before log-in; also "link_error", "paused", "moved", "unsupported")
//   #main[data-part]     the part of a screen: code "send"/"enter"; consent ""/"refuse"; precheck "start"/"look"/
//                        "listen"/"slow"/"refused"/"missing"/"busy"; queue "waiting"/"left"/"closed"; id_* "take"/"check"/
//                        "unreadable"/"warned"; reading "page"; signing "pad"/"confirm"/"again"; done "list"/"look"
//   #primary #secondary  the next action and the quiet other way; disabled while busy and 0.3 s after a new screen
//   #code-input          six digits                      #error          the last refusal, in words
//   #id-file             card photograph (file input)    #id-preview     what will be sent
//   #next-page #prev-page #page-zoom #page-count .dots   reading; #primary goes to signing from the last page
//   #pad #undo #clear    drawing the signature           #confirm        signs, after #primary on the pad
//   .doc-copy            one button a document on "done" (data-document-id); saves the PDF
//   #call-card[data-size] #remote #call-toggle #call-sound   the agent's picture
//   #refuse              the quiet way out, on screens of service steps; leads to #main[data-step="refuse"]: #primary goes
//                        back, #secondary refuses
//   #large-print #read-aloud #why                        letters a third larger; the screen read out; why, and who helps
//   #strip #stand-ins #help #copy-link                   lines under the header, helpline, link for another browser
// window.pingqian.stats() → {step, part, connectionState, firstPictureMs, firstPictureAt (epoch ms), lastPictureMs, offers, roundTripMs, lost, kept, keptBytes, brought, settled, lineConnected}
import { S } from './strings.js';
import { createApi, Refusal, Unreachable } from './api.js';
import { createSocket } from './socket.js';
import { openSession } from './session.js';
import { createUi, byId, el, place } from './ui.js';
import { createAids } from './aids.js';
import { createAwake } from './awake.js';
import { createOutage } from './outage.js';
import { SCREENS, screenKey, warmUp } from './flow.js';

const PUSH_GRACE_MS = 1200;
const CALL_RETRY_MS = 2000;
const LEAD_MS = 12000;
const TIDY_MS = 3000;
const CALL_PARTS = ['callcard', 'channel', 'keep', 'pace', 'later', 'link', 'media', 'moves', 'path', 'peer', 'pieces', 'quality', 'shelf', 'sound', 'strain', 'thrift', 'vault'];
const FINISHED = ['await_seal', 'done', 'stopped', 'ended'];
const OWN_WAY_OUT = ['consent_recording', 'consent_personal', 'consent_credit'];

async function boot() {
  const session = await openSession();
  const context = createContext(session);
  context.aids = createAids(context);
  context.ui.frame({});
  window.pingqian = { stats: () => stats(context) };
  window.addEventListener('hashchange', () => window.location.reload());
  setTimeout(() => tidy(context), TIDY_MS);
  if (!session.capability) context.fail('link_error', S.failed.noLink, S.failed.noLinkHint);
  else if (session.token()) context.enter();
  else context.askCode();
}

function createContext(session) {
  const ui = createUi();
  const context = { session, ui, view: null, call: null, held: null, screen: null, key: '', turn: 0, led: null };
  ui.handle = (error) => explain(context, error);
  context.api = createApi({ token: session.token, unauthorised: (refusal) => context.logOut(refusal) });
  context.socket = createSocket(session.token, listeners(context));
  context.outage = createOutage(ui, () => context.socket.hurry());
  context.awake = createAwake();
  context.enter = () => enter(context);
  context.askCode = (reason) => local(context, 'code', SCREENS.code, reason);
  context.detour = (step, option) => local(context, step, SCREENS[step], option);
  context.apply = (view) => apply(context, view);
  context.refresh = async () => context.apply(await context.api.get('/api/phone/view'));
  context.command = (path, json) => command(context, path, json);
  context.changed = (seen) => changed(context, seen);
  context.fail = (step, message, hint) => fail(context, step, message, hint);
  context.logOut = (refusal) => logOut(context, refusal);
  context.leave = () => { context.hold(null); local(context, 'refuse', SCREENS.refuse); };
  context.unsupported = () => local(context, 'unsupported', () => import('./screens/unsupported.js'));
  context.tapped = () => (context.call ? context.call.tapped() : undefined);
  // A screen that must finish what it is saying holds the display back, until release or until another step comes.
  context.hold = (step) => { context.held = { step }; };
  context.release = () => release(context);
  return context;
}

/** Of a call before, what nobody asked for does not stay on the phone. Without anything kept there is nothing to fetch. */
async function tidy({ session, view, call }) {
  if (!session.setting('kept')) return;
  const { sweep } = await import('./vault.js');
  await sweep(session, !call && Boolean(view) && (view.step === 'done' || view.step === 'ended'), Date.now());
}

function stats(context) {
  const main = byId('main');
  const call = context.call ? context.call.stats() : { connectionState: 'none', firstPictureMs: null };
  return { step: main.dataset.step, part: main.dataset.part, lineConnected: context.socket.connected(), ...call };
}

function listeners(context) {
  let broken = false;
  return {
    view: (view) => context.apply(view),
    sdp: (frame) => context.call && context.call.answer(frame),
    lead: (frame) => lead(context, frame),
    refused: (error) => (context.view ? context.ui.error(error.message, error.hint) : context.logOut(error)),
    gone: (reason) => gone(context, reason),
    carries: () => (context.call ? context.call.carries() : []),
    line: (connected, seconds) => {
      if (!connected) context.outage.away(seconds);
      else if (broken) lineBack(context);
      broken = !connected;
    },
  };
}

/** Where the agent leads; each frame is the whole truth, and without one for a while nobody leads. */
function lead(context, frame) {
  clearTimeout(context.ledUntil);
  context.led = frame && frame.kind !== 'over' ? frame : null;
  if (context.led) context.ledUntil = setTimeout(() => lead(context, null), LEAD_MS);
  if (context.screen && context.screen.led) context.screen.led(context.led);
}

function lineBack(context) {
  context.outage.back();
  if (context.call) context.call.lineBack();
}

function gone(context, reason) {
  if (reason === 'replaced') paused(context);
  else if (reason === 'other_device') context.logOut({ code: reason });
  else if (reason !== 'shutdown') context.logOut(null);
}

async function enter(context) {
  context.session.entered = true;
  context.socket.open();
  try {
    await context.refresh();
  } catch (error) {
    if (error instanceof Unreachable && !context.view) fail(context, 'link_error', S.failed.unreachable, S.failed.unreachableHint);
    else if (!(error instanceof Refusal && error.status === 401)) explain(context, error);
  }
}

/** Takes a whole new display, unless an older one overtook it or a screen has asked to finish first. */
function apply(context, view) {
  if (context.view && view.server_time < context.view.server_time) return;
  sayCallIsOver(context, view);
  context.view = view;
  context.awake(view.call || view.queue);
  if (!view.call && context.led) lead(context, null);
  frame(context, view);
  callFor(context, view);
  const over = view.step === 'ended' || view.step === 'stopped';
  if (context.held && (over || (context.held.step && context.held.step !== view.step))) context.held = null;
  if (!context.held) render(context, view);
}

/** A call that ends before the customer is through is said until the next one comes. */
function sayCallIsOver(context, view) {
  if (view.call || FINISHED.indexOf(view.step) >= 0) context.ui.strip('over', null);
  else if (context.view && context.view.call) context.ui.strip('over', 'notice', S.call.over);
}

function release(context) {
  context.held = null;
  if (context.view) render(context, context.view);
}

function frame(context, view) {
  const over = view.step === 'ended' || view.step === 'stopped';
  context.ui.frame({
    institution: view.branch ? `${view.institution} ${view.branch}` : view.institution,
    helpline: view.helpline,
    number: over ? 0 : view.step_number,
    total: view.step_total,
    standIns: view.stand_ins || [],
  });
  const news = over ? null : view.notice;
  context.ui.strip('notice', news ? news.tone : null, news ? news.text : '');
}

/** The call module is fetched when the first call is near, and then lives as long as the page. */
async function callFor(context, view) {
  if (!view) return;
  const over = view.step === 'done' || view.step === 'ended';
  if (!context.call && !view.call && view.step !== 'queue' && (over || !context.session.left())) return;
  if (!context.loadingCall) {
    context.loadingCall = import('./call.js');
    CALL_PARTS.forEach((part) => import(`./${part}.js`).catch(() => {})); // at once, not one after the other over a thin line
  }
  let module;
  try {
    module = await context.loadingCall;
  } catch (error) {
    context.loadingCall = null; // a thin network: without it there would be no call, and nobody would know why
    setTimeout(() => callFor(context, context.view), CALL_RETRY_MS);
    return;
  }
  if (!context.call) context.call = module.createCall(context);
  context.call.follow(context.view);
}

/** Refusing is offered on the service's own screens only, and where the screen has no such way itself. */
function wayOut(context, view) {
  const there = Boolean(view && view.may_refuse) && OWN_WAY_OUT.indexOf(view.step) < 0;
  byId('way-out').hidden = !there;
  if (!there) return;
  byId('refuse').textContent = view.step === 'signing' ? S.refuse.signing : S.refuse.link;
  byId('refuse').onclick = context.leave;
}

function render(context, view) {
  const key = screenKey(view);
  wayOut(context, view);
  if (key === context.key && context.screen) {
    if (context.screen.update) context.screen.update(view);
    return;
  }
  if (key === context.key) return; // still loading
  swap(context, key, view.step, SCREENS[view.step]);
  warmUp(view.step);
}

function local(context, step, load, reason) {
  swap(context, `local/${step}`, step, load, reason);
}

async function swap(context, key, step, load, reason) {
  context.key = key;
  if (key.indexOf('local/') === 0) wayOut(context, null);
  context.turn += 1;
  const turn = context.turn;
  if (context.screen && context.screen.destroy) context.screen.destroy();
  context.screen = null;
  let module;
  try {
    module = await load();
  } catch (error) {
    if (turn === context.turn) fail(context, 'link_error', S.failed.module, S.failed.unreachableHint);
    return;
  }
  if (turn !== context.turn) return;
  place(step);
  context.screen = module.create(context, reason);
}

/** POSTs a command and waits for the display that follows: by push, or fetched where the push does not come. */
async function command(context, path, json) {
  const seen = context.view;
  let answer;
  try {
    answer = await context.api.post(path, json);
  } catch (error) {
    // A command whose answer was lost is refused the second time: the display tells what really happened.
    if (error instanceof Refusal && error.status === 409) {
      const before = context.key;
      await context.refresh();
      if (context.key !== before) return null;
    }
    throw error;
  }
  if (answer && answer.type === 'phone.view') context.apply(answer);
  else await changed(context, seen);
  return answer;
}

async function changed(context, seen) {
  for (let waited = 0; waited < PUSH_GRACE_MS && context.view === seen; waited += 50) {
    await new Promise((done) => setTimeout(done, 50));
  }
  if (context.view === seen) await context.refresh();
}

function explain(context, error) {
  if (error instanceof Refusal) {
    if (error.status === 401 && context.session.token() === null && context.session.entered) return;
    if (error.code.indexOf('outside') === 0 && byId('main').dataset.step !== 'code') { // its words are for who runs the service
      context.ui.error(S.failed.outside, S.failed.outsideHint);
      return;
    }
    context.ui.error(error.message || S.failed.unexpected, error.hint || (error.message ? '' : S.failed.unexpectedHint));
  } else if (error instanceof Unreachable) context.ui.error(S.failed.unreachable, S.failed.unreachableHint);
  else {
    context.ui.error(S.failed.unexpected, S.failed.unexpectedHint);
    console.warn(error && error.name); // the kind of fault only: its text may hold personal data
  }
}

function logOut(context, refusal) {
  context.socket.close();
  context.outage.off();
  context.awake(false);
  context.session.keep(null);
  context.view = null;
  context.held = null;
  context.ui.strip('over', null);
  if (context.call) context.call.end();
  if (refusal && refusal.code === 'other_device') moved(context);
  else context.askCode(refusal && refusal.message ? refusal.message : S.failed.sessionOver);
}

function fail(context, step, message, hint) {
  wayOut(context, null);
  context.key = `local/${step}`;
  context.turn += 1;
  context.screen = null;
  place(step);
  const retry = { label: S.failed.retry, run: () => window.location.reload() };
  context.ui.show({ sentence: message, body: [el('p', { text: hint })], primary: retry });
}

function paused(context) {
  if (context.call) context.call.end();
  wayOut(context, null);
  context.key = 'local/paused';
  context.turn += 1;
  if (context.screen && context.screen.destroy) context.screen.destroy();
  context.screen = null;
  place('paused');
  const resume = { label: S.paused.primary, run: () => window.location.reload() };
  context.ui.show({ sentence: S.paused.sentence, body: [el('p', { text: S.paused.body })], primary: resume });
}

/** The same link was opened on another phone, with a code of its own. */
function moved(context) {
  wayOut(context, null);
  if (context.screen && context.screen.destroy) context.screen.destroy();
  context.screen = null;
  context.key = 'local/moved';
  context.turn += 1;
  place('moved');
  context.outage.off();
  context.ui.show({
    sentence: S.moved.sentence,
    body: [el('p', { text: S.moved.body }), el('p', { class: 'quiet', text: S.moved.warning })],
    primary: { label: S.moved.primary, run: () => context.askCode() },
  });
}

boot();
