/** What this phone is at the moment, and what changes it. Screens read `phone` and are told when something changed. */
import { store, keepForGood } from './store.js';
import { makeKey } from './keys.js';
import { importCodes } from './codes.js';
import { forgetBell } from './bell.js';
import * as server from './protocol.js';

/**
 * pairing: under way; key, codes, paired: once it is done; ended: the server does not know this phone any more.
 * requests, heldBack, me, history: what the server said last; reachable: whether it did; heldBackSeen: what the person knows of.
 * outcome: how the request that was on the screen ended, until the person goes on.
 */
export const phone = {
  pairing: null, key: null, codes: null, paired: null, ended: false,
  requests: [], heldBack: 0, heldBackSeen: 0, me: null, history: null, reachable: true, outcome: null,
};

const listeners = [];
export const onChange = (listener) => listeners.push(listener);
export const changed = (what) => listeners.forEach((listener) => listener(what));

export async function remember() {
  const names = ['pairing', 'key', 'codes', 'paired', 'ended', 'history', 'me'];
  const values = await Promise.all(names.map((each) => store.get(each)));
  names.forEach((each, index) => { phone[each] = values[index] ?? phone[each]; });
}

/** Runs something that asks the server, and keeps whether it could be reached and whether it still knows us. */
export async function asking(work) {
  try {
    const answer = await work();
    setReachable(true);
    return answer;
  } catch (failure) {
    if (failure instanceof server.Unreachable) { setReachable(false); }
    if (failure instanceof server.NotPaired && phone.key) { await end(); }
    throw failure;
  }
}

function setReachable(reachable) {
  const before = phone.reachable;
  phone.reachable = reachable;
  if (before !== reachable) { changed('reachable'); }
}

async function end() {
  phone.ended = true;
  phone.requests = [];
  await store.set('ended', true);
  changed('ended');
}

// ---- Adding this phone

/** Offers a new key. `which` is {pairing} from a link or {code} as typed. */
export async function offer(which, name) {
  const key = await makeKey();
  const { pairing, environment, language, expiresAt } = await asking(() => server.claim(key, which, name));
  phone.pairing = { id: pairing, environment, language, expiresAt, key };
  await store.set('pairing', phone.pairing);
  await store.set('language', language);
  changed('pairing');
}

export async function forgetPairing() {
  phone.pairing = null;
  await store.remove('pairing');
  changed('pairing');
}

/** Asks how the pairing stands, and keeps everything once the person has confirmed it. */
export async function lookAtPairing() {
  const { id, key, language } = phone.pairing;
  const answer = await asking(() => server.pairing(key, id));
  if (answer.state !== 'confirmed') { return answer.state; }
  const { account, environment, origin } = answer;
  phone.codes = answer.codes ? await importCodes(answer.codes) : phone.codes;
  phone.paired = { phone: answer.phone, account, environment, origin, language };
  phone.key = key;
  phone.ended = false;
  await store.set('codes', phone.codes);
  await store.set('paired', phone.paired);
  await store.set('key', key);
  await store.remove('ended');
  await store.remove('pairing');
  phone.pairing = null;
  keepForGood();
  return 'confirmed';
}

/** Nothing of this person stays on the phone. */
export async function forgetEverything() {
  await forgetBell().catch(() => null);
  await store.clear();
  Object.assign(phone, {
    pairing: null, key: null, codes: null, paired: null, ended: false, requests: [], heldBack: 0, heldBackSeen: 0,
    me: null, history: null, outcome: null,
  });
  const waiting = await (await navigator.serviceWorker?.getRegistration('/companion/'))?.getNotifications?.() ?? [];
  waiting.forEach((notification) => notification.close());
  changed('forgotten');
}

// ---- Requests

export const current = () => phone.requests[0] ?? null;

/** Looks whether something waits. A request that was on the screen and is not there any more has ended elsewhere. */
export async function lookForRequests() {
  const answer = await asking(() => server.requests(phone.key));
  const before = current();
  phone.requests = answer.requests.filter((request) => request.expiresAt > server.serverNow());
  const heldBack = phone.heldBack;
  phone.heldBack = answer.heldBack ?? 0;
  phone.heldBackSeen = Math.min(phone.heldBackSeen, phone.heldBack);
  const gone = before && !answer.requests.some((request) => request.id === before.id);
  if (gone && !phone.outcome) { finish(before, server.serverNow() >= before.expiresAt ? 'expired' : 'elsewhere'); }
  if (before?.id !== current()?.id) { phone.outcome = current() ? null : phone.outcome; }
  if (before?.id !== current()?.id || heldBack !== phone.heldBack || gone) { changed('requests'); }
}

/** Ends what is on the screen. */
export function finish(request, kind) {
  phone.outcome = { kind, request };
  phone.requests = phone.requests.filter((each) => each.id !== request.id);
  silence(request);
}

async function silence(request) {
  const registration = await navigator.serviceWorker?.getRegistration('/companion/');
  const shown = await registration?.getNotifications({ tag: request.id }) ?? [];
  shown.forEach((notification) => notification.close());
}

/** Sends a decision. Returns null when the request has ended, or what was wrong with the answer. */
export async function decide(request, decision, answer) {
  try {
    const { state } = await asking(() => server.decide(phone.key, phone.paired, request, decision, answer));
    finish(request, state);
    if (state === 'reported' && phone.me) { phone.me.passwordBlocked = true; }
  } catch (failure) {
    if (!(failure instanceof server.Refused)) { throw failure; }
    const left = failure.problem.left ?? 0;
    if (failure.kind === 'wrong-number' && left > 0) { return { left }; }
    if (failure.status === 429) { return { pause: failure.problem.retryAfter }; }
    finish(request, ENDS[failure.kind] ?? 'failed');
  }
  changed('requests');
  return null;
}

const ENDS = { 'wrong-number': 'wrong', 'request-decided': 'elsewhere', 'request-expired': 'expired' };

// ---- The person

export async function lookAtMe() {
  const answer = await asking(() => server.me(phone.key));
  const before = JSON.stringify(phone.me);
  phone.me = answer;
  await store.set('me', answer);
  await store.set('language', answer.language);
  if (before !== JSON.stringify(answer)) { changed('me'); }
}

export async function lookAtHistory() {
  const answer = await asking(() => server.history(phone.key));
  phone.history = { at: server.serverNow(), requests: answer.requests };
  await store.set('history', phone.history);
  changed('history');
}

/** This phone's own name, known from the server or from when it was added. */
export const thisPhone = () => phone.me?.phones.find((each) => each.this) ?? { ...phone.paired.phone, this: true };
