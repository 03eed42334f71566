/** The key of this phone, and what is computed with it. */
import './ground.js';

const { base64url, sha256, sign, now } = globalThis.ground;

/** A new key on P-256 that cannot be exported, with its public half and its thumbprint (RFC 7638). */
export async function makeKey() {
  const pair = await crypto.subtle.generateKey({ name: 'ECDSA', namedCurve: 'P-256' }, false, ['sign', 'verify']);
  const { crv, kty, x, y } = await crypto.subtle.exportKey('jwk', pair.publicKey);
  const thumbprint = base64url(await sha256(JSON.stringify({ crv, kty, x, y })));
  return { privateKey: pair.privateKey, jwk: { kty, crv, x, y }, thumbprint };
}

/** The four words both sides show (section 2 of the protocol), from this phone's own key. */
export async function wordsOf(pairing, thumbprint, list) {
  const digest = new Uint8Array(await sha256(`countersign-pairing-v1\n${pairing}\n${thumbprint}`));
  return [...digest.slice(0, 4)].map((number) => list[number]);
}

/** What the person saw, so that the server knows that it was what it asked (section 3.2). */
async function shown(request, account) {
  const lines = [
    'countersign-request-v1', request.id, account, request.application, request.browser, request.system, request.address,
    request.network ?? '', request.place ?? '', request.createdAt, request.expiresAt, request.confirmation,
  ];
  return base64url(await sha256(lines.map((line) => `${line}\n`).join('')));
}

/** A signed decision (section 1.2). */
export async function signDecision(key, paired, request, decision, answer, offset) {
  const payload = {
    request: request.id,
    phone: paired.phone.id,
    account: paired.account.id,
    origin: paired.origin,
    decision,
    shown: await shown(request, paired.account.id),
    iat: now() + offset,
  };
  if (answer) { payload.answer = answer; }
  return sign(key, 'phone-decision+jwt', payload);
}
