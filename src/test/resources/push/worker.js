self.addEventListener('install', () => self.skipWaiting());
self.addEventListener('activate', (event) => event.waitUntil(self.clients.claim()));
self.addEventListener('push', (event) => event.waitUntil((async () => {
  const text = event.data.text();
  await self.registration.showNotification(text);
  for (const client of await self.clients.matchAll({ includeUncontrolled: true })) {
    client.postMessage(text);
  }
})()));
