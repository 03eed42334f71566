/** Notifications: whether they can ring here, and switching them on. */
import './ground.js';
import { store } from './store.js';
import { subscribe, unsubscribe } from './protocol.js';

const { bytesOf } = globalThis.ground;

export const isApple = () => /iPhone|iPad|iPod/.test(navigator.userAgent)
  || (navigator.platform === 'MacIntel' && navigator.maxTouchPoints > 1);

export const isInstalled = () => navigator.standalone === true || matchMedia('(display-mode: standalone)').matches;

/** One of: unsupported, install (Apple rings installed apps only), ask, denied, off, on, trouble. */
export async function bellState(me) {
  if (isApple() && !isInstalled()) { return 'install'; }
  if (!('serviceWorker' in navigator) || !('PushManager' in window) || !('Notification' in window)) { return 'unsupported'; }
  if (Notification.permission === 'denied') { return 'denied'; }
  if (Notification.permission === 'default') { return 'ask'; }
  const registration = await navigator.serviceWorker.getRegistration('/companion/');
  const subscription = await registration?.pushManager.getSubscription();
  if (me?.push.trouble) { return 'trouble'; }
  return subscription && me?.push.subscribed !== false ? 'on' : 'off';
}

const same = (buffer, text) => buffer && String(new Uint8Array(buffer)) === String(bytesOf(text));

/** Asks for permission where that is still open, and tells the server where to ring. Returns the state afterwards. */
export async function ringHere(key, me) {
  if (await Notification.requestPermission() !== 'granted') { return bellState(me); }
  const registration = await navigator.serviceWorker.ready;
  const known = await registration.pushManager.getSubscription();
  if (known && !same(known.options.applicationServerKey, me.push.publicKey)) { await known.unsubscribe(); }
  const subscription = await registration.pushManager.subscribe({
    userVisibleOnly: true, applicationServerKey: bytesOf(me.push.publicKey),
  });
  const { endpoint, keys } = subscription.toJSON();
  await subscribe(key, { endpoint, keys });
  await store.set('pushKey', me.push.publicKey);
  me.push.subscribed = true;
  me.push.trouble = false;
  return 'on';
}

/** Silent again, here and at the server. */
export async function ringNoMore(key, me) {
  await forgetBell();
  await unsubscribe(key);
  me.push.subscribed = false;
}

/** Ends the subscription of this browser. */
export async function forgetBell() {
  const registration = await navigator.serviceWorker?.getRegistration('/companion/');
  await (await registration?.pushManager?.getSubscription())?.unsubscribe();
  await store.remove('pushKey');
}

/** Once a start: a subscription the server or the browser has lost is made again, when the person had switched it on. */
export async function mendBell(key, me) {
  const wanted = await store.get('pushKey');
  if (wanted && await bellState(me) === 'off') { await ringHere(key, me); }
}
