/** Six-digit codes (RFC 6238) from a key that cannot be exported; they need no network. */
import './ground.js';

const { bytesOf } = globalThis.ground;

/** Turns the secret, which comes once, into a key, and forgets its bytes. */
export async function importCodes({ secret, digits, period }) {
  const bytes = bytesOf(secret);
  const key = await crypto.subtle.importKey('raw', bytes, { name: 'HMAC', hash: 'SHA-1' }, false, ['sign']);
  bytes.fill(0);
  return { key, digits, period };
}

/** The code at a moment of the server's clock, in seconds, and how long it is good for. */
export async function codeAt(codes, seconds) {
  const counter = new DataView(new ArrayBuffer(8));
  const step = Math.floor(seconds / codes.period);
  counter.setUint32(0, Math.floor(step / 2 ** 32));
  counter.setUint32(4, step % 2 ** 32);
  const mac = new DataView(await crypto.subtle.sign('HMAC', codes.key, counter.buffer));
  const number = mac.getUint32(mac.getUint8(19) & 0xf) & 0x7fffffff;
  return {
    text: String(number % 10 ** codes.digits).padStart(codes.digits, '0'),
    left: codes.period - (seconds % codes.period),
    step,
  };
}
