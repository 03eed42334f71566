/** The companion: which screen is on, what is asked of the server and when. */
import { store } from './store.js';
import { phone, onChange, remember, forgetPairing, lookForRequests, lookAtMe } from './phone.js';
import { speak, language, t, h, icon, button } from './view.js';
import { keepInstallOffer, linkScreen, welcomeScreen, waitingScreen, pairingStep, failedScreen, endedScreen } from './pairing.js';
import { approveScreen } from './approve.js';
import { codesScreen, historyScreen, meScreen, passwordScreen, phoneScreen, notificationsScreen, welcomePaired } from './pages.js';
import { mendBell } from './bell.js';

const EVERY = 2_000;
const TABS = [
  ['#/', 'shield', 'companion.approve.tab'], ['#/codes', 'key', 'companion.codes.tab'],
  ['#/history', 'history', 'companion.history.tab'], ['#/me', 'person', 'companion.me.tab'],
];

const place = document.getElementById('place');
const main = document.getElementById('screen');
const bars = document.getElementById('bars');
let shown = null;
let failed = null;
let turn = 0;

const route = () => window.location.hash || '#/';
const linked = () => /^#pair=([\w-]{1,64})$/.exec(window.location.hash)?.[1];

// ---- Which screen

/** A screen is an element, or {node, tick, look, keydown, back, id}. */
async function choose() {
  if (phone.ended) { return endedScreen(); }
  if (failed) { return failedScreen(failed, () => { failed = null; forgetPairing(); }); }
  if (phone.pairing) { return waitingScreen(); }
  if (!phone.key) { return linked() ? linkScreen(linked()) : welcomeScreen(); }
  if (route() === '#/paired') { return welcomePaired(() => { window.location.hash = '#/'; }); }
  if (phone.me?.passwordBlocked && !phone.outcome && route() !== '#/codes') { return passwordScreen(); }
  return inside();
}

function inside() {
  const [, first, second, third] = route().split('/');
  if (first === 'codes') { return codesScreen(); }
  if (first === 'history') { return historyScreen(); }
  if (first !== 'me') { return approveScreen(); }
  if (second === 'password') { return passwordScreen(); }
  if (second === 'notifications') { return notificationsScreen(render); }
  return second === 'phone' ? phoneScreen(decodeURIComponent(third ?? '')) : meScreen();
}

async function render() {
  const mine = ++turn;
  const chosen = await choose();
  if (mine !== turn) { return; }
  const next = chosen instanceof Node ? { node: chosen } : chosen;
  next.route = route();
  const moved = shown?.route !== next.route || shown?.node.className !== next.node.className;
  const same = shown?.route === next.route && next.id !== undefined && shown.id === next.id;
  frame(next);
  if (same) { return; }
  shown = next;
  main.replaceChildren(...[next.back, next.node].filter(Boolean));
  next.tick?.();
  if (moved) {
    main.scrollTop = 0;
    main.querySelector('h1')?.focus({ preventScroll: true });
    next.look?.().catch(() => null);
  }
}

/** What stands around the screen: whose companion it is, whether there is a network, and where else one can go. */
function frame(next) {
  place.textContent = phone.paired?.environment ?? phone.pairing?.environment ?? 'Countersign';
  const offline = document.getElementById('offline');
  offline.replaceChildren(...(phone.reachable ? [] : [icon('cloud-off'), h('span', {}, t('companion.offline'))]));
  const asked = next.node.classList.contains('screen-request') || next.node.classList.contains('screen-outcome');
  const home = phone.key && !phone.ended && !phone.pairing;
  document.body.classList.toggle('asked', Boolean(home) && asked);
  const tabs = home && !asked && h('nav', { class: 'tabs', 'aria-label': t('companion.navigation') }, TABS.map(tab));
  bars.replaceChildren(...[updateBar(), tabs].filter(Boolean));
}

function tab([href, symbol, text]) {
  const here = href === '#/' ? route() === '#/' : route().startsWith(href);
  const waiting = href === '#/' && !here && phone.requests.length > 0;
  return h('a', { href, 'aria-current': here ? 'page' : null, class: waiting ? 'tab-waiting' : null }, icon(symbol), h('span', {}, t(text)),
    waiting && h('span', { class: 'visually-hidden' }, t('companion.approve.waits')));
}

// ---- Asking the server

let asking = false;

async function look() {
  if (asking || document.hidden) { return; }
  asking = true;
  try {
    if (phone.pairing && !failed) { await lookAtPairing(); }
    else if (phone.key && !phone.ended) { await lookForRequests(); }
  } catch { /* What it means is kept in phone.reachable and phone.ended. */ } finally { asking = false; }
}

async function lookAtPairing() {
  const how = await pairingStep();
  if (how === 'confirmed') {
    history.replaceState(null, '', '/companion/#/paired');
    await lookAtMe().catch(() => null);
    render();
  } else if (how) {
    failed = how;
    render();
  }
}

/** Whoever looks at something else is led to what waits. */
function onRequests() {
  if (phone.requests.length > 0 && route() !== '#/' && shown?.route !== '#/me/password') { window.location.hash = '#/'; return; }
  if (route() === '#/' || phone.outcome) { render(); } else if (shown) { frame(shown); }
}

onChange((what) => {
  if (what === 'requests') { onRequests(); return; }
  if (what === 'forgotten' || what === 'ended') { history.replaceState(null, '', '/companion/'); }
  if (what === 'me' && phone.me.language !== language()) { speak(phone.me.language).then(redraw); return; }
  if (what === 'me' && shown?.node.classList.contains('screen-request')) { return; }
  if (what === 'me' && main.querySelector('form') && !phone.me.passwordBlocked) { return; }
  redraw();
});

/** Makes the screen anew though it is the same one. */
function redraw() {
  if (shown) { shown.id = undefined; }
  render();
}

// ---- Kept on the phone, and renewed

let waiting = null;

function updateBar() {
  if (!waiting || document.body.classList.contains('asked')) { return null; }
  return h('div', { class: 'update', role: 'status' }, h('p', {}, t('companion.update.ready')),
    button('button-small', t('companion.update.do'), () => waiting.postMessage('take-over')));
}

function noticeUpdate(worker) {
  if (worker.state !== 'installed' || !navigator.serviceWorker.controller) { return; }
  waiting = worker;
  if (shown) { frame(shown); }
}

async function install() {
  if (!('serviceWorker' in navigator)) { return; }
  // The first worker takes the page over as it is; each later one brings files of another version.
  let controlled = Boolean(navigator.serviceWorker.controller);
  navigator.serviceWorker.addEventListener('controllerchange', () => {
    if (controlled) { window.location.reload(); }
    controlled = true;
  });
  navigator.serviceWorker.addEventListener('message', () => { look(); });
  const registration = await navigator.serviceWorker.register('/companion/sw.js', { scope: '/companion/', updateViaCache: 'none' });
  if (registration.waiting) { registration.waiting.postMessage('take-over'); }
  registration.addEventListener('updatefound', () => {
    const worker = registration.installing;
    worker.addEventListener('statechange', () => noticeUpdate(worker));
  });
}

// ---- Start

window.addEventListener('hashchange', render);
window.addEventListener('beforeinstallprompt', (event) => { keepInstallOffer(event); if (shown && !phone.key) { redraw(); } });
window.addEventListener('online', look);
window.addEventListener('keydown', (event) => shown?.keydown?.(event));
document.addEventListener('visibilitychange', () => { if (!document.hidden) { look(); navigator.serviceWorker?.getRegistration('/companion/').then((it) => it?.update()).catch(() => null); } });
setInterval(look, EVERY);
setInterval(() => { if (!document.hidden) { shown?.tick?.(); } }, 250);

await remember();
await speak((await store.get('language')) ?? language());
await render();
install().catch(() => null);
if (phone.key && !phone.ended) {
  look();
  lookAtMe().then(() => mendBell(phone.key, phone.me)).catch(() => null);
}
