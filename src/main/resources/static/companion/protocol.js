/** Everything this phone says to the server: version 1 of the companion protocol. */
import './ground.js';
import { store } from './store.js';
import { signDecision } from './keys.js';

const { send, now } = globalThis.ground;
const BASE = '/api/companion/v1';

/** The server did not answer: no network, or no server. */
export class Unreachable extends Error {}

/** The server answered with a problem; `kind` is the last part of its type. */
export class Refused extends Error {
  constructor(status, problem) {
    super(`${status} ${problem.type ?? ''}`);
    this.status = status;
    this.problem = problem;
    this.kind = String(problem.type ?? '').split('/').pop();
  }
}

/** The server does not know this phone any more. */
export class NotPaired extends Error {}

let offset = null;

/** Now by the server's clock, in seconds, as well as this phone knows it. */
export const serverNow = () => now() + (offset ?? 0);

async function knownOffset() {
  offset ??= (await store.get('offset')) ?? 0;
  return offset;
}

/** Keeps the difference of the clocks when it is more than the way of a message. */
async function learnTime(serverTime) {
  const difference = serverTime - now();
  if (Number.isFinite(difference) && Math.abs(difference - await knownOffset()) > 2) {
    offset = difference;
    await store.set('offset', difference);
  }
}

async function once(key, method, path, content) {
  let answer;
  try {
    answer = await send(key, method, BASE + path, content, await knownOffset());
  } catch (failure) {
    throw new Unreachable(failure.message);
  }
  if (answer.status === 204) { return null; }
  const text = await answer.text().catch(() => { throw new Unreachable(); });
  const body = text.startsWith('{') ? JSON.parse(text) : {};
  if (answer.ok) { return body; }
  if (answer.status >= 500) { throw new Unreachable(`${answer.status}`); }
  throw new Refused(answer.status, { ...body, retryAfter: Number(answer.headers.get('Retry-After')) || 0 });
}

const isUnproven = (failure) => failure instanceof Refused && failure.status === 401;

/** A request with a second try: with the server's time when the clocks differ, and before believing that the phone is unknown. */
async function call(key, method, path, content) {
  try {
    return await once(key, method, path, content);
  } catch (failure) {
    if (!isUnproven(failure)) { throw failure; }
    if (failure.kind === 'phone-clock') { await learnTime(failure.problem.serverTime); }
  }
  try {
    return await once(key, method, path, content);
  } catch (failure) {
    if (isUnproven(failure) && failure.kind === 'phone-proof') { throw new NotPaired(); }
    throw failure;
  }
}

/** Of a pairing, with the key that is offered. */
export const claim = (key, which, name) => call(key, 'POST', '/pairings/claim', { ...which, key: key.jwk, name });

export const pairing = (key, id) => call(key, 'GET', `/pairings/${encodeURIComponent(id)}`);

/** The list of 256 words of a language. */
export async function wordList(language) {
  const answer = await fetch(`/companion/words/${language}.txt`).catch((failure) => { throw new Unreachable(failure.message); });
  if (!answer.ok) { throw new Unreachable(`${answer.status}`); }
  return (await answer.text()).trim().split('\n');
}

/** Of a paired phone. */
export async function requests(key) {
  const answer = await call(key, 'GET', '/requests');
  await learnTime(answer.serverTime);
  return answer;
}

export async function decide(key, paired, request, decision, answer) {
  const signed = await signDecision(key, paired, request, decision, answer, await knownOffset());
  return call(key, 'POST', `/requests/${encodeURIComponent(request.id)}/decision`, { decision: signed });
}

export const history = (key) => call(key, 'GET', '/history');
export const me = (key) => call(key, 'GET', '/me');
export const renamePhone = (key, id, name) => call(key, 'PUT', `/me/phones/${encodeURIComponent(id)}`, { name });
export const removePhone = (key, id) => call(key, 'DELETE', `/me/phones/${encodeURIComponent(id)}`);
export const changePassword = (key, current, password) =>
  call(key, 'POST', '/me/password', current === null ? { password } : { current, password });
export const subscribe = (key, subscription) => call(key, 'PUT', '/me/subscription', subscription);
export const unsubscribe = (key) => call(key, 'DELETE', '/me/subscription');
