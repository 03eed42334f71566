/** Codes, history, and the person's own settings. */
import { phone, asking, lookAtHistory, lookAtMe, forgetEverything, thisPhone } from './phone.js';
import { changePassword, renamePhone, removePhone, serverNow, Unreachable, Refused } from './protocol.js';
import { codeAt } from './codes.js';
import { bellState, ringHere, ringNoMore } from './bell.js';
import { h, t, icon, name, button, message, screen, heading, emblem, sentence, ring, sheet, day, moment, clockTime } from './view.js';

// ---- Codes

export async function codesScreen() {
  if (!phone.codes) {
    return { node: screen('codes', heading(t('companion.codes.heading')), h('p', { class: 'lead' }, t('companion.codes.none'))) };
  }
  const digits = h('output', { class: 'big-code', id: 'code' });
  const time = ring();
  const note = h('p', { class: 'hint', role: 'status' });
  let shown = null;
  const copy = async () => {
    await navigator.clipboard.writeText(shown.text);
    note.textContent = t('companion.codes.copied');
  };
  const node = screen('codes', heading(t('companion.codes.heading')), [
    h('p', { class: 'lead' }, ...sentence('companion.codes.lead', name(phone.paired.environment))),
    h('section', { class: 'code-card' },
      h('p', { class: 'hint' }, name(phone.paired.account.username)),
      h('div', { class: 'code-line' }, digits, time.node)),
    note,
    h('p', { class: 'hint' }, t('companion.codes.offline')),
  ], button('button-tall', t('companion.codes.copy'), copy));
  const tick = async () => {
    const seconds = Math.floor(serverNow());
    const next = await codeAt(phone.codes, seconds);
    time.set(next.left, phone.codes.period, false);
    if (next.text === shown?.text) { return; }
    shown = next;
    note.textContent = '';
    const half = next.text.length / 2;
    digits.replaceChildren(h('span', {}, next.text.slice(0, half)), h('span', {}, next.text.slice(half)));
    digits.setAttribute('aria-label', [...next.text].join(' '));
  };
  return { node, tick };
}

// ---- History

const STATES = {
  approved: { tone: 'good', symbol: 'check', text: 'companion.history.approved' },
  refused: { tone: '', symbol: 'cross', text: 'companion.history.refused' },
  reported: { tone: 'bad', symbol: 'shield', text: 'companion.history.reported' },
  expired: { tone: '', symbol: 'clock', text: 'companion.history.expired' },
  open: { tone: 'warn', symbol: 'bell', text: 'companion.history.open' },
};

function pastRequest(request) {
  const { tone, symbol, text } = STATES[request.state] ?? STATES.expired;
  const where = [request.place && name(request.place), name(request.address), request.network && name(request.network)].filter(Boolean);
  return h('li', { class: 'past' },
    h('span', { class: `past-sign ${tone && `past-${tone}`}` }, icon(symbol)),
    h('div', {},
      h('p', { class: 'past-line' }, h('span', { class: 'strong' }, t(text)), h('time', { datetime: new Date(request.createdAt * 1000).toISOString() }, clockTime(request.createdAt))),
      h('p', {}, name(request.application), ' · ', ...sentence('companion.request.browser', name(request.browser), name(request.system))),
      h('p', { class: 'hint' }, where.flatMap((part, index) => (index ? [' · ', part] : [part])))));
}

function byDay(requests) {
  const days = Map.groupBy ? Map.groupBy(requests, (each) => day(each.createdAt, serverNow())) : new Map([['', requests]]);
  return [...days].map(([title, list]) => h('section', { class: 'past-day' }, title && h('h2', {}, title), h('ul', { class: 'past-list' }, list.map(pastRequest))));
}

export async function historyScreen() {
  const { history } = phone;
  const body = [h('p', { class: 'lead' }, t('companion.history.lead'))];
  if (!phone.reachable && history) { body.push(h('p', { class: 'hint' }, ...sentence('companion.history.as-of', moment(history.at, serverNow())))); }
  if (!history) { body.push(h('p', { class: 'hint', role: 'status' }, t(phone.reachable ? 'companion.loading' : 'companion.no-answer'))); }
  else if (history.requests.length === 0) { body.push(h('p', { class: 'hint' }, t('companion.history.none'))); }
  else { body.push(...byDay(history.requests)); }
  return { node: screen('history', heading(t('companion.history.heading')), body), look: lookAtHistory };
}

// ---- My info

const row = (symbol, href, title, more) => h('li', {}, h('a', { class: 'row', href }, icon(symbol),
  h('div', {}, h('p', {}, title), more && h('p', { class: 'hint' }, more)), icon('next')));

const BELL = {
  on: 'companion.bell.on', off: 'companion.bell.off', ask: 'companion.bell.off', denied: 'companion.bell.denied',
  unsupported: 'companion.bell.unsupported', install: 'companion.bell.install', trouble: 'companion.bell.trouble',
};

export async function meScreen() {
  const account = phone.me?.account ?? phone.paired.account;
  const phones = phone.me?.phones ?? [thisPhone()];
  const rows = phones.toSorted((a, b) => Number(b.this) - Number(a.this))
    .map((each) => row('phone', `#/me/phone/${encodeURIComponent(each.id)}`, name(each.name), phoneNote(each)));
  return {
    node: screen('me', heading(t('companion.me.heading')), [
      h('div', { class: 'card-me' }, h('span', { class: 'face', 'aria-hidden': 'true' }, [...account.name][0] ?? ''),
        h('div', {}, h('p', { class: 'strong' }, name(account.name)), h('p', { class: 'hint' }, name(account.username), ' · ', name(phone.paired.environment)))),
      h('h2', {}, t('companion.me.security')),
      h('ul', { class: 'rows' },
        row('lock', '#/me/password', t('companion.me.password'), t('companion.me.password-text')),
        row(await bellState(phone.me) === 'on' ? 'bell' : 'bell-off', '#/me/notifications', t('companion.me.notifications'), t(BELL[await bellState(phone.me)]))),
      h('h2', {}, t('companion.me.phones')),
      h('ul', { class: 'rows' }, rows),
      h('p', { class: 'hint' }, t('companion.me.add')),
      h('p', { class: 'hint' }, t('companion.me.language')),
    ]),
    look: lookAtMe,
  };
}

function phoneNote(each) {
  if (each.this) { return t('companion.me.this-phone'); }
  return each.lastSeenAt ? h('span', {}, ...sentence('companion.me.last-seen', moment(each.lastSeenAt, serverNow()))) : t('companion.me.never-seen');
}

const back = (href = '#/me') => h('a', { class: 'back', href }, icon('back'), t('companion.me.heading'));

const REASONS = {
  'too-short': 'companion.password.too-short', 'too-long': 'companion.password.too-long',
  common: 'companion.password.common', 'like-name': 'companion.password.like-name',
};

function passwordProblem(failure) {
  if (failure instanceof Unreachable) { return t('companion.no-answer'); }
  if (!(failure instanceof Refused)) { return t('companion.failed'); }
  if (failure.status === 422) { return t(REASONS[failure.problem.reason ?? failure.problem.field] ?? 'companion.password.common'); }
  if (failure.status === 429) { return t('companion.request.pause', Math.max(1, Math.ceil(failure.problem.retryAfter / 60))); }
  return t(failure.status === 403 ? 'companion.password.wrong' : 'companion.failed');
}

/** A field for a password that can be made readable instead of being typed twice. */
function passwordField(id, label, autocomplete, hint) {
  const input = h('input', { id, name: id, type: 'password', autocomplete, required: true, maxlength: 256, 'aria-describedby': hint && `${id}-hint` });
  const eye = h('button', { type: 'button', class: 'reveal', 'aria-label': t('companion.password.show'), 'aria-pressed': 'false', onclick: () => {
    const readable = input.type === 'password';
    input.type = readable ? 'text' : 'password';
    eye.setAttribute('aria-pressed', String(readable));
  } }, icon('eye'));
  return h('div', { class: 'field' }, h('label', { for: id }, label), h('div', { class: 'with-end' }, input, eye), hint && h('p', { class: 'hint', id: `${id}-hint` }, hint));
}

export async function passwordScreen() {
  const forced = phone.me?.passwordBlocked ?? false;
  const username = h('input', { type: 'text', name: 'username', autocomplete: 'username', value: phone.paired.account.username, class: 'visually-hidden', tabindex: '-1', 'aria-hidden': 'true', readonly: true });
  const form = h('form', { class: 'screen-form', novalidate: true },
    username,
    !forced && passwordField('current', t('companion.password.current'), 'current-password'),
    passwordField('password', t('companion.password.new'), 'new-password', t('companion.password.hint')),
    h('div', { class: 'screen-foot' }, h('button', { class: 'button button-main button-tall', type: 'submit' }, t('companion.password.save'))));
  form.addEventListener('submit', async (event) => {
    event.preventDefault();
    const submit = form.querySelector('[type=submit]');
    const { current, password } = form.elements;
    form.querySelector('.message')?.remove();
    const empty = [current, password].find((each) => each && !each.value);
    if (empty) { empty.focus(); return; }
    submit.disabled = true;
    try {
      await asking(() => changePassword(phone.key, forced ? null : current.value, password.value));
      form.reset();
      if (phone.me) { phone.me.passwordBlocked = false; }
      form.closest('.screen').replaceWith(doneScreen(forced));
      document.querySelector('#screen h1').focus();
    } catch (failure) {
      submit.disabled = false;
      form.prepend(message('problem', passwordProblem(failure)));
    }
  });
  return {
    node: screen('password', heading(t(forced ? 'companion.password.forced-heading' : 'companion.password.heading')), [
      h('p', { class: 'lead' }, t(forced ? 'companion.password.forced' : 'companion.password.lead')), form]),
    back: forced ? null : back(),
    id: `password ${forced}`,
  };
}

const doneScreen = (forced) => screen('outcome', heading(t('companion.password.done-heading')), [
  emblem('check', 'emblem-good'), h('p', { class: 'lead' }, t(forced ? 'companion.password.done-forced' : 'companion.password.done'))],
h('a', { class: 'button button-main button-tall', href: '#/' }, t('companion.done')));

function renameForm(each) {
  const field = h('input', { id: 'name', name: 'name', type: 'text', maxlength: 40, required: true, autocomplete: 'off', enterkeyhint: 'done', value: each.name });
  const form = h('form', { class: 'form' }, h('div', { class: 'field' }, h('label', { for: 'name' }, t('companion.pair.name')), field),
    h('button', { class: 'button button-tall', type: 'submit' }, t('companion.phone.rename')));
  form.addEventListener('submit', async (event) => {
    event.preventDefault();
    form.querySelector('.message')?.remove();
    try {
      await asking(() => renamePhone(phone.key, each.id, field.value.trim()));
      await lookAtMe();
      window.location.hash = '#/me';
    } catch (failure) {
      form.prepend(message('problem', t(failure instanceof Unreachable ? 'companion.no-answer' : 'companion.failed')));
    }
  });
  return form;
}

function askToRemove(each) {
  sheet(t(each.this ? 'companion.phone.remove-this-heading' : 'companion.phone.remove-heading'), (close) => [
    h('p', {}, t(each.this ? 'companion.phone.remove-this-text' : 'companion.phone.remove-text')),
    button('button-tall button-bad-full', t('companion.phone.remove'), async () => {
      close();
      try {
        await asking(() => removePhone(phone.key, each.id));
        if (each.this) { await forgetEverything(); } else { await lookAtMe(); }
        window.location.hash = each.this ? '#/' : '#/me';
      } catch (failure) {
        const why = failure instanceof Refused && failure.kind === 'conflict' ? 'companion.phone.needed' : 'companion.failed';
        document.querySelector('.screen-body')?.append(message('problem', t(failure instanceof Unreachable ? 'companion.no-answer' : why)));
      }
    }),
    button('button-tall button-quiet', t('companion.back'), close),
  ]);
}

export async function phoneScreen(id) {
  const each = (phone.me?.phones ?? [thisPhone()]).find((one) => one.id === id);
  if (!each) { return meScreen(); }
  return {
    node: screen('phone', heading(name(each.name)), [
      h('p', { class: 'lead' }, phoneNote(each)),
      each.createdAt && h('p', { class: 'hint' }, ...sentence('companion.phone.added', moment(each.createdAt, serverNow()))),
      renameForm(each),
    ], button('button-tall button-bad', t('companion.phone.remove-this'), () => askToRemove(each))),
    back: back(),
  };
}

// ---- Notifications

const WORDS = {
  on: 'companion.bell.on-text', off: 'companion.bell.off-text', ask: 'companion.bell.ask-text', denied: 'companion.bell.denied-text',
  unsupported: 'companion.bell.unsupported-text', install: 'companion.install.apple', trouble: 'companion.bell.trouble-text',
};

async function ring1(redraw, problem) {
  try {
    await asking(() => ringHere(phone.key, phone.me));
  } catch {
    problem.replaceChildren(message('problem', t('companion.bell.failed')));
    return;
  }
  redraw();
}

export async function notificationsScreen(redraw) {
  const state = await bellState(phone.me);
  const problem = h('div', {});
  const can = ['ask', 'off', 'trouble'].includes(state) && phone.me;
  const foot = can ? button('button-main button-tall', t('companion.bell.do'), () => ring1(redraw, problem))
    : state === 'on' && button('button-tall', t('companion.bell.stop'), async () => { await asking(() => ringNoMore(phone.key, phone.me)).catch(() => null); redraw(); });
  return {
    node: screen('bell', heading(t('companion.me.notifications')), [
      emblem(state === 'on' ? 'bell' : 'bell-off', state === 'on' ? 'emblem-good' : 'emblem-warn'),
      h('p', { class: 'lead' }, t(BELL[state])),
      h('p', {}, t(WORDS[state])),
      state !== 'on' && h('p', { class: 'hint' }, t('companion.bell.polls')),
      problem,
    ], foot),
    back: back(),
  };
}

/** Right after a phone was added: why it should ring, before the browser asks. */
export async function welcomePaired(go) {
  const state = await bellState(phone.me);
  const problem = h('div', {});
  const can = state === 'ask' || state === 'off';
  const node = screen('outcome', heading(t('companion.paired.heading')), [
    emblem('check', 'emblem-good'),
    h('p', { class: 'lead' }, ...sentence('companion.paired.lead', name(phone.paired.account.name), name(phone.paired.environment))),
    h('section', { class: 'tile' }, icon('bell'), h('p', {}, t(can ? 'companion.paired.bell' : WORDS[state]))),
    problem,
  ], can ? [button('button-main button-tall', t('companion.bell.do'), async () => {
    try {
      await asking(() => ringHere(phone.key, phone.me));
      go();
    } catch { problem.replaceChildren(message('problem', t('companion.bell.failed'))); }
  }), button('button-tall button-quiet', t('companion.later'), go)] : button('button-main button-tall', t('companion.done'), go));
  return { node };
}
