/*
  What the pages of the companion and its service worker both need: what the phone remembers, and how it proves a request.
  A classic script without imports, because the service workers of some browsers load nothing else; the pages take it from
  keys.js and store.js.

  Remembered are two keys that cannot be exported, ids, the difference of the clocks and a copy of the history. No secret and no
  token is ever written as text.
*/
globalThis.ground ??= (() => {
  const encoder = new TextEncoder();

  /** Bytes as base64url without padding (RFC 4648 section 5). */
  const base64url = (bytes) => btoa(String.fromCharCode(...new Uint8Array(bytes)))
    .replaceAll('+', '-').replaceAll('/', '_').replaceAll('=', '');

  const bytesOf = (text) => Uint8Array.from(
    atob(text.replaceAll('-', '+').replaceAll('_', '/')), (letter) => letter.charCodeAt(0));

  const sha256 = (text) => crypto.subtle.digest('SHA-256', typeof text === 'string' ? encoder.encode(text) : text);

  const json64 = (value) => base64url(encoder.encode(JSON.stringify(value)));

  // ---- What is remembered: one table of names and values

  let opened = null;

  const open = () => {
    opened ??= new Promise((resolve, reject) => {
      const request = indexedDB.open('countersign', 1);
      request.onupgradeneeded = () => request.result.createObjectStore('kept');
      request.onsuccess = () => {
        request.result.onversionchange = () => { request.result.close(); opened = null; };
        request.result.onclose = () => { opened = null; };
        resolve(request.result);
      };
      request.onerror = () => { opened = null; reject(request.error); };
    });
    return opened;
  };

  const within = async (mode, work) => {
    const transaction = (await open()).transaction('kept', mode);
    const request = work(transaction.objectStore('kept'));
    return new Promise((resolve, reject) => {
      transaction.oncomplete = () => resolve(request.result);
      transaction.onerror = () => reject(transaction.error);
      transaction.onabort = () => reject(transaction.error);
    });
  };

  const store = {
    get: (name) => within('readonly', (kept) => kept.get(name)),
    set: (name, value) => within('readwrite', (kept) => kept.put(value, name)),
    remove: (name) => within('readwrite', (kept) => kept.delete(name)),
    clear: () => within('readwrite', (kept) => kept.clear()),
  };

  // ---- Signing

  /** A compact JWS with ES256 (RFC 7515, RFC 7518 section 3.4); `typ` keeps the two kinds of texts apart. */
  const sign = async (key, typ, payload) => {
    const head = `${json64({ alg: 'ES256', typ, kid: key.thumbprint })}.${json64(payload)}`;
    const signature = await crypto.subtle.sign({ name: 'ECDSA', hash: 'SHA-256' }, key.privateKey, encoder.encode(head));
    return `${head}.${base64url(signature)}`;
  };

  const now = () => Math.floor(Date.now() / 1000);

  /** The Authorization header of one request (section 1.1 of the protocol). */
  const proof = async (key, method, path, body, offset) => `Phone ${await sign(key, 'phone-proof+jwt', {
    htm: method,
    htu: self.location.origin + path,
    iat: now() + offset,
    jti: base64url(crypto.getRandomValues(new Uint8Array(16))),
    bod: base64url(await sha256(body)),
  })}`;

  /** One request, proven with the key. */
  const send = async (key, method, path, content, offset) => {
    const body = content === undefined ? '' : JSON.stringify(content);
    const headers = { Accept: 'application/json, application/problem+json', Authorization: await proof(key, method, path, body, offset) };
    if (body) { headers['Content-Type'] = 'application/json'; }
    return fetch(path, {
      method, headers, body: body || undefined, cache: 'no-store', credentials: 'omit', redirect: 'error', signal: AbortSignal.timeout(15_000),
    });
  };

  return { base64url, bytesOf, sha256, store, sign, send, now };
})();
