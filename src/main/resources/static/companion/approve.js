/** The first screen: what waits, the answer, and how it ended. */
import { phone, current, decide, finish, changed } from './phone.js';
import { serverNow, Unreachable } from './protocol.js';
import { bellState } from './bell.js';
import { installHint } from './pairing.js';
import { h, t, icon, name, button, message, screen, heading, emblem, sentence, ring, sheet, clockTime } from './view.js';

const DIGITS = { number: 2, code: 6, tap: 0 };

export const fact = (symbol, main, ...more) => h('li', {}, icon(symbol), h('div', {}, h('p', { class: 'fact' }, main),
  more.filter(Boolean).length > 0 && h('p', { class: 'hint' }, more.filter(Boolean).flatMap((each, index) => (index ? [' · ', each] : [each])))));

/** Who knocks, and from where. All of it was sent by somebody else, so it is only ever shown as text. */
export function facts(request) {
  const where = request.place ? name(request.place) : t('companion.request.somewhere');
  return h('ul', { class: 'knock' },
    fact('screen', h('span', {}, ...sentence('companion.request.browser', name(request.browser), name(request.system))), name(request.application)),
    fact('place', where, name(request.address), request.network && name(request.network)),
    fact('clock', t('companion.request.at', clockTime(request.createdAt))));
}

/** A field for digits with keys of its own, so that the keys of the phone cover nothing. */
function digitField(length, submit) {
  const boxes = Array.from({ length }, () => h('span', {}));
  const input = h('input', {
    id: 'digits', class: 'digits-input', type: 'text', inputmode: 'none', pattern: '[0-9]*', autocomplete: 'off', maxlength: length,
    'aria-describedby': 'digits-problem',
  });
  const draw = () => boxes.forEach((box, index) => {
    box.textContent = input.value[index] ?? '';
    box.classList.toggle('digit-next', index === input.value.length);
  });
  const set = (value) => { input.value = value.replaceAll(/\D/g, '').slice(0, length); draw(); };
  const press = (digit) => { set(input.value + digit); navigator.vibrate?.(8); };
  input.addEventListener('input', () => set(input.value));
  input.addEventListener('keydown', (event) => { if (event.key === 'Enter') { submit(); } });
  draw();
  const key = (digit) => h('button', { type: 'button', class: 'key', onclick: () => press(digit) }, String(digit));
  const keys = h('div', { class: 'keys', role: 'group', 'aria-label': t('companion.request.keys') },
    [1, 2, 3, 4, 5, 6, 7, 8, 9].map(key), h('span', {}), key(0),
    h('button', { type: 'button', class: 'key key-quiet', 'aria-label': t('companion.request.erase'), onclick: () => set(input.value.slice(0, -1)) },
      icon('erase')));
  const field = h('div', { class: `digits digits-${length}` }, input, h('div', { class: 'digit-boxes', 'aria-hidden': 'true' }, boxes));
  return { field, keys, input, press, set, value: () => input.value, full: () => input.value.length === length };
}

/** Cancel asks once what happened: nothing bad, or somebody else. */
function askWhy(request, send) {
  sheet(t('companion.cancel.heading'), (close) => [
    h('button', { type: 'button', class: 'choice', onclick: () => { close(); send('refuse'); } },
      h('span', { class: 'strong' }, t('companion.cancel.not-now')), h('span', { class: 'hint' }, t('companion.cancel.not-now-text'))),
    h('button', { type: 'button', class: 'choice choice-bad', onclick: () => { close(); send('report'); } },
      h('span', { class: 'strong' }, t('companion.cancel.not-me')), h('span', { class: 'hint' }, t('companion.cancel.not-me-text'))),
    button('button-tall button-quiet', t('companion.back'), close),
  ]);
}

const PROMPTS = { number: 'companion.request.number', code: 'companion.request.code', tap: 'companion.request.tap' };
const SHORT = { number: 'companion.request.number-short', code: 'companion.request.code-short' };

function wrong({ left, pause }) {
  if (pause !== undefined) { return t('companion.request.pause', Math.max(1, Math.ceil(pause / 60))); }
  return left === 1 ? t('companion.request.wrong-last') : t('companion.request.wrong', left);
}

export function requestScreen(request) {
  const length = DIGITS[request.confirmation] ?? 0;
  const problem = h('p', { id: 'digits-problem', class: 'digits-problem', role: 'alert' });
  const say = (text) => { problem.textContent = text; };
  const digits = length > 0 ? digitField(length, () => approve()) : null;
  const busy = (on) => node.querySelectorAll('button').forEach((each) => { each.disabled = on; });
  const send = async (decision, answer) => {
    say('');
    busy(true);
    try {
      const failed = await decide(request, decision, answer);
      if (failed) { say(wrong(failed)); digits?.set(''); digits?.input.focus(); navigator.vibrate?.([40, 60, 40]); }
    } catch (failure) {
      say(t(failure instanceof Unreachable ? 'companion.request.no-answer' : 'companion.failed'));
    }
    busy(false);
  };
  const approve = () => {
    if (digits && !digits.full()) { say(t(SHORT[request.confirmation])); digits.input.focus(); return; }
    send('approve', digits?.value());
  };
  const time = ring();
  const { account, environment } = phone.paired;
  const more = phone.requests.length - 1;
  const node = h('div', { class: `screen screen-request screen-${request.confirmation}` },
    h('div', { class: 'screen-body' },
      h('div', { class: 'request-head' }, h('div', {}, heading(t('companion.request.heading')),
        h('p', { class: 'lead' }, ...sentence('companion.request.lead', name(account.username), name(environment)))), time.node),
      facts(request),
      more > 0 && h('p', { class: 'hint' }, t('companion.request.more'))),
    h('div', { class: 'screen-foot' },
      digits ? h('div', { class: 'answer' }, h('label', { for: 'digits' }, t(PROMPTS[request.confirmation])), digits.field, problem, digits.keys)
        : h('div', { class: 'answer' }, h('p', {}, t(PROMPTS.tap)), problem),
      h('div', { class: 'two' },
        button('button-tall', t('companion.cancel'), () => askWhy(request, send)),
        button('button-tall button-main', t('companion.ok'), approve))));
  const tick = () => {
    const left = request.expiresAt - serverNow();
    time.set(left, request.expiresAt - request.createdAt);
    if (left <= 0) { finish(request, 'expired'); changed('requests'); }
  };
  const keydown = (event) => {
    if (!digits || document.querySelector('dialog[open]') || event.target === digits.input || event.ctrlKey || event.metaKey) { return; }
    if (/^\d$/.test(event.key)) { digits.press(event.key); }
    if (event.key === 'Backspace') { digits.set(digits.value().slice(0, -1)); }
  };
  return { node, tick, keydown, id: request.id };
}

// ---- How it ended

const OUTCOMES = {
  approved: { symbol: 'check', tone: 'emblem-good' },
  refused: { symbol: 'cross', tone: '' },
  reported: { symbol: 'shield', tone: 'emblem-bad' },
  expired: { symbol: 'clock', tone: 'emblem-warn' },
  elsewhere: { symbol: 'info', tone: '' },
  wrong: { symbol: 'cross', tone: 'emblem-bad' },
  failed: { symbol: 'problem', tone: 'emblem-bad' },
};

const TEXTS = {
  approved: ['companion.outcome.approved-heading', 'companion.outcome.approved'],
  refused: ['companion.outcome.refused-heading', 'companion.outcome.refused'],
  reported: ['companion.outcome.reported-heading', 'companion.outcome.reported'],
  expired: ['companion.outcome.expired-heading', 'companion.outcome.expired'],
  elsewhere: ['companion.outcome.elsewhere-heading', 'companion.outcome.elsewhere'],
  wrong: ['companion.outcome.wrong-heading', 'companion.outcome.wrong'],
  failed: ['companion.outcome.failed-heading', 'companion.outcome.failed'],
};

export function outcomeScreen() {
  const { kind, request } = phone.outcome;
  const [title, text] = TEXTS[kind];
  const { symbol, tone } = OUTCOMES[kind];
  const done = () => { phone.outcome = null; changed('requests'); };
  const node = screen('outcome', heading(t(title)), [
    emblem(symbol, tone),
    h('p', { class: 'lead' }, t(text)),
    h('p', { class: 'hint' }, name(request.application), ' · ',
      ...sentence('companion.request.browser', name(request.browser), name(request.system)), ` · ${clockTime(request.createdAt)}`),
  ], kind === 'reported'
    ? button('button-main button-tall', t('companion.outcome.to-password'), () => { phone.outcome = null; window.location.hash = '#/me/password'; })
    : button('button-main button-tall', t('companion.done'), done));
  return { node, id: `outcome ${request.id}` };
}

// ---- Nothing to do

const BELL_HINTS = {
  ask: 'companion.bell.off-hint', off: 'companion.bell.off-hint', denied: 'companion.bell.off-hint', trouble: 'companion.bell.trouble-hint',
};

async function bellHint() {
  const hint = BELL_HINTS[await bellState(phone.me)];
  return hint && h('a', { class: 'tile tile-link', href: '#/me/notifications' }, icon('bell-off'), h('p', {}, t(hint)), icon('next'));
}

function heldBack() {
  const count = phone.heldBack - phone.heldBackSeen;
  if (count <= 0) { return null; }
  const text = count === 1 ? t('companion.held-back-one') : t('companion.held-back', count);
  return h('section', { class: 'tile tile-warn' }, icon('shield'), h('div', {},
    h('p', { class: 'strong' }, text), h('p', {}, t('companion.held-back-text')),
    h('div', { class: 'tile-actions' },
      h('a', { class: 'button button-small', href: '#/me/password' }, t('companion.me.password')),
      button('button-small button-quiet', t('companion.seen'), () => { phone.heldBackSeen = phone.heldBack; changed('requests'); }))));
}

export async function calmScreen() {
  const offline = !phone.reachable;
  const title = offline ? t('companion.calm.offline-heading') : t('companion.calm.heading');
  const node = screen('calm', heading(title), [
    emblem(offline ? 'cloud-off' : 'shield', offline ? 'emblem-warn' : 'emblem-calm'),
    h('p', { class: 'lead' }, t(offline ? 'companion.calm.offline' : 'companion.calm.text')),
    offline && h('p', {}, h('a', { class: 'button', href: '#/codes' }, icon('key'), t('companion.calm.codes'))),
    h('div', { class: 'tiles' }, heldBack(), await bellHint(), installHint()),
  ]);
  return { node, id: `calm ${offline} ${phone.heldBack} ${phone.heldBackSeen}` };
}

/** What the first screen shows now. */
export const approveScreen = async () => {
  const request = current();
  if (request) { return requestScreen(request); }
  return phone.outcome ? outcomeScreen() : calmScreen();
};
