const received = [];
navigator.serviceWorker.addEventListener('message', (event) => received.push(event.data));

/** Subscribes with the server's key and gives what a browser gives a server. */
async function subscribe(applicationServerKey) {
  await navigator.serviceWorker.register('worker.js');
  const registration = await navigator.serviceWorker.ready;
  const subscription = await registration.pushManager.subscribe({ userVisibleOnly: true, applicationServerKey });
  return JSON.stringify(subscription);
}

async function shown() {
  const registration = await navigator.serviceWorker.ready;
  return (await registration.getNotifications()).map((notification) => notification.title).join();
}
