/** The screens on which a phone is added. */
import { phone, offer, forgetPairing, lookAtPairing, forgetEverything } from './phone.js';
import { serverNow, wordList, Refused, Unreachable } from './protocol.js';
import { wordsOf } from './keys.js';
import { isApple, isInstalled } from './bell.js';
import { h, t, icon, name, button, message, screen, heading, emblem, sentence, ring } from './view.js';

const LETTERS = 10;
let offeredInstall = null;

/** Chromium offers to install the app; the offer is kept until somebody wants it. */
export function keepInstallOffer(event) {
  event.preventDefault();
  offeredInstall = event;
}

/** What this phone is called until its owner says otherwise. */
async function suggestedName() {
  const details = await navigator.userAgentData?.getHighEntropyValues?.(['model']).catch(() => null);
  if (details?.model) { return details.model; }
  const agent = navigator.userAgent;
  const known = ['iPhone', 'iPad', 'Android'].find((each) => agent.includes(each));
  return known ?? t('companion.pair.my-phone');
}

/** Letters and digits only, in capitals, in two groups. */
function tidyCode(field) {
  const letters = field.value.toUpperCase().replaceAll(/[^0-9A-Z]/g, '').slice(0, LETTERS);
  field.value = letters.length > 5 ? `${letters.slice(0, 5)} ${letters.slice(5)}` : letters;
  return letters;
}

const REASONS = { 404: 'companion.pair.not-found', 429: 'companion.pair.too-many' };

function reason(failure) {
  if (failure instanceof Unreachable) { return t('companion.no-answer'); }
  return t((failure instanceof Refused && REASONS[failure.status]) || 'companion.failed');
}

function nameField(found) {
  const field = h('input', {
    id: 'name', name: 'name', type: 'text', maxlength: 40, autocomplete: 'off', autocapitalize: 'words', enterkeyhint: 'done',
    required: true, value: found,
  });
  return h('div', { class: 'field' }, h('label', { for: 'name' }, t('companion.pair.name')), field,
    h('p', { class: 'hint' }, t('companion.pair.name-hint')));
}

/** Puts it on the home screen: needed on Apple's phones before anything else, a convenience elsewhere. */
export function installHint() {
  if (isInstalled()) { return null; }
  if (isApple()) {
    return h('section', { class: 'tile tile-accent' }, icon('share'), h('div', {},
      h('h2', {}, t('companion.install.apple-heading')), h('p', {}, t('companion.install.apple'))));
  }
  if (!offeredInstall) { return null; }
  const tile = h('section', { class: 'tile' }, icon('phone'), h('div', {},
    h('h2', {}, t('companion.install.heading')), h('p', {}, t('companion.install.text')),
    button('button-small', t('companion.install.do'), async () => {
      await offeredInstall.prompt();
      offeredInstall = null;
      tile.remove();
    })));
  return tile;
}

/** Sends the offer from a form, and says above it what was wrong. */
function offering(form, which) {
  form.addEventListener('submit', async (event) => {
    event.preventDefault();
    const submit = form.querySelector('[type=submit]');
    submit.disabled = true;
    form.querySelector('.message')?.remove();
    try {
      await offer(which(), form.elements.name.value.trim() || t('companion.pair.my-phone'));
    } catch (failure) {
      submit.disabled = false;
      form.prepend(message('problem', reason(failure)));
    }
  });
  return form;
}

/** From the link in the QR code: one tap starts it. */
export async function linkScreen(id) {
  const form = offering(h('form', { class: 'screen-form' }, nameField(await suggestedName()),
    h('div', { class: 'screen-foot' }, h('button', { class: 'button button-main button-tall', type: 'submit' }, t('companion.pair.do')))),
  () => ({ pairing: id }));
  return screen('pair', heading(t('companion.pair.link-heading')), [
    h('p', { class: 'lead' }, t('companion.pair.link-lead')), installHint(), form]);
}

/** Nothing is known of anybody here. */
export async function welcomeScreen() {
  const code = h('input', {
    id: 'code', name: 'code', type: 'text', class: 'code-input pair-code', inputmode: 'text', autocomplete: 'one-time-code',
    autocapitalize: 'characters', autocorrect: 'off', spellcheck: 'false', enterkeyhint: 'next', maxlength: 20, required: true,
    'aria-describedby': 'code-hint', oninput: () => tidyCode(code),
  });
  const form = offering(h('form', { class: 'screen-form', novalidate: true },
    h('div', { class: 'field' }, h('label', { for: 'code' }, t('companion.pair.code')), code,
      h('p', { class: 'hint', id: 'code-hint' }, t('companion.pair.code-hint'))),
    nameField(await suggestedName()),
    h('div', { class: 'screen-foot' }, h('button', { class: 'button button-main button-tall', type: 'submit' }, t('companion.pair.do')))),
  () => ({ code: tidyCode(code) }));
  form.addEventListener('submit', (event) => {
    if (tidyCode(code).length === LETTERS) { return; }
    event.stopImmediatePropagation();
    event.preventDefault();
    form.querySelector('.message')?.remove();
    form.prepend(message('problem', t('companion.pair.code-short')));
    code.focus();
  }, { capture: true });
  return screen('pair', heading(t('companion.pair.heading')), [
    h('p', { class: 'lead' }, t('companion.pair.lead')),
    installHint(),
    h('section', { class: 'tile' }, icon('screen'), h('p', {}, t('companion.pair.scan'))),
    form]);
}

/** Both sides show the same four words; the person compares them and goes on at the computer. */
export async function waitingScreen() {
  const pairing = phone.pairing;
  const list = h('ol', { class: 'words', 'aria-label': t('companion.words.label') });
  const time = ring();
  const node = screen('words', heading(t('companion.words.heading')), [
    h('p', { class: 'lead' }, t('companion.words.lead')),
    list,
    h('div', { class: 'waiting' }, time.node, h('p', { role: 'status' }, t('companion.words.waiting'))),
  ], button('button-tall', t('companion.words.differ'), forgetPairing));
  const words = await wordList(pairing.language);
  list.append(...(await wordsOf(pairing.id, pairing.key.thumbprint, words)).map((word) => h('li', { lang: pairing.language }, word)));
  return { node, tick: () => time.set(pairing.expiresAt - serverNow(), 300) };
}

/** Looks every two seconds; returns how it ended, or null. */
export async function pairingStep() {
  if (serverNow() >= phone.pairing.expiresAt) { return 'expired'; }
  try {
    const state = await lookAtPairing();
    return state === 'claimed' ? null : state;
  } catch (failure) {
    return failure instanceof Unreachable ? null : 'refused';
  }
}

/** It did not come about. */
export function failedScreen(how, again) {
  const late = how === 'expired';
  const title = t(late ? 'companion.words.expired-heading' : 'companion.words.refused-heading');
  const text = t(late ? 'companion.words.expired' : 'companion.words.refused');
  return screen('outcome', heading(title), [emblem(late ? 'clock' : 'cross', 'emblem-warn'), h('p', { class: 'lead' }, text)],
    button('button-main button-tall', t('companion.again'), again));
}

/** The server does not know this phone any more. */
export function endedScreen() {
  return screen('outcome', heading(t('companion.ended.heading')), [
    emblem('phone', 'emblem-warn'),
    h('p', { class: 'lead' }, t('companion.ended.text')),
    phone.paired && h('p', { class: 'hint' }, ...sentence('companion.ended.who', name(phone.paired.account.name), name(phone.paired.environment))),
  ], button('button-main button-tall', t('companion.ended.again'), forgetEverything));
}
