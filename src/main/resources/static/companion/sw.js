/*
  The service worker: keeps the companion's own files, so that codes and history are there without a network, and rings when
  the server has a request. The server puts one line in front of it, with the version and the files to keep (self.kept).
  It never keeps an answer of the protocol, and nothing can be approved from a notification.
*/
importScripts('/companion/ground.js');

const { store, send, bytesOf } = self.ground;
const CACHE = `companion-${self.kept.version}`;
const START = '/companion/';

// ---- Files

self.addEventListener('install', (event) => {
  const fresh = self.kept.files.map((path) => new Request(path, { cache: 'reload' }));
  event.waitUntil(caches.open(CACHE).then((cache) => cache.addAll(fresh)));
});

self.addEventListener('activate', (event) => {
  event.waitUntil((async () => {
    const old = (await caches.keys()).filter((name) => name.startsWith('companion-') && name !== CACHE);
    await Promise.all(old.map((name) => caches.delete(name)));
    await self.clients.claim();
  })());
});

self.addEventListener('fetch', (event) => {
  const { request } = event;
  const address = new URL(request.url);
  if (request.method !== 'GET' || address.origin !== self.location.origin) { return; }
  const path = request.mode === 'navigate' && address.pathname === START ? START : address.pathname;
  if (!self.kept.files.includes(path)) { return; }
  event.respondWith(caches.open(CACHE).then((cache) => cache.match(path)).then((kept) => kept ?? fetch(request)));
});

self.addEventListener('message', (event) => {
  if (event.data === 'take-over') { self.skipWaiting(); }
});

// ---- The doorbell

async function texts() {
  const language = (await store.get('language').catch(() => null)) ?? self.navigator.language?.slice(0, 2) ?? 'en';
  const cache = await caches.open(CACHE);
  const kept = (await cache.match(`/companion/texts/${language}.json`)) ?? (await cache.match('/companion/texts/en.json'));
  return kept ? kept.json() : {};
}

const open = () => self.clients.matchAll({ type: 'window', includeUncontrolled: true })
  .then((all) => all.filter((client) => new URL(client.url).pathname.startsWith(START)));

const requestOf = (data) => { try { return String(data.json().request); } catch { return ''; } };

self.addEventListener('push', (event) => {
  const request = event.data ? requestOf(event.data) : '';
  event.waitUntil((async () => {
    (await open()).forEach((client) => client.postMessage({ look: request }));
    const words = await texts().catch(() => ({}));
    await self.registration.showNotification(words['companion.push.title'] ?? 'Countersign', {
      body: words['companion.push.body'] ?? '',
      tag: request || 'request',
      renotify: true,
      requireInteraction: true,
      icon: '/companion/icon-192.png',
      badge: '/companion/badge-96.png',
      data: { request },
    });
  })());
});

self.addEventListener('notificationclick', (event) => {
  event.notification.close();
  event.waitUntil((async () => {
    const [client] = await open();
    if (!client) { return self.clients.openWindow(START); }
    client.postMessage({ look: event.notification.data?.request ?? '' });
    return client.focus();
  })());
});

/** The push service has given this phone another address: the server has to know. */
self.addEventListener('pushsubscriptionchange', (event) => {
  event.waitUntil((async () => {
    const [key, serverKey] = await Promise.all([store.get('key'), store.get('pushKey')]);
    const options = event.oldSubscription?.options ?? (serverKey && { userVisibleOnly: true, applicationServerKey: bytesOf(serverKey) });
    if (!key || !options) { return; }
    const subscription = event.newSubscription ?? await self.registration.pushManager.subscribe(options);
    const { endpoint, keys } = subscription.toJSON();
    await send(key, 'PUT', '/api/companion/v1/me/subscription', { endpoint, keys }, (await store.get('offset')) ?? 0);
  })());
});
