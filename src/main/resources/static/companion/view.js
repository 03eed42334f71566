/** Making screens: elements, icons, words. Text only ever becomes text; nothing is parsed as HTML. */

let words = {};

/** Takes the texts of a language; they are kept with the companion, so this works without a network. */
export async function speak(language) {
  const answer = await fetch(`/companion/texts/${language}.json`);
  if (!answer.ok) { return; }
  words = await answer.json();
  document.documentElement.lang = language;
  document.title = t('companion.title');
}

export const language = () => document.documentElement.lang;

/** The text with this key; {0} and {1} stand for what follows. */
export function t(key, ...values) {
  const text = words[key];
  if (text === undefined) { return key; }
  return text.replaceAll(/\{(\d)\}/g, (whole, index) => values[index] ?? whole);
}

export const knows = (key) => words[key] !== undefined;

/** An element. Properties starting with "on" listen; the rest are attributes; what is null or false is left out. */
export function h(tag, attributes = {}, ...children) {
  const element = document.createElement(tag);
  for (const [name, value] of Object.entries(attributes)) {
    if (value === null || value === undefined || value === false) { continue; }
    if (name.startsWith('on')) { element.addEventListener(name.slice(2), value); }
    else { element.setAttribute(name, value === true ? '' : value); }
  }
  element.append(...children.flat().filter((child) => child !== null && child !== undefined && child !== false));
  return element;
}

/** An icon of the page's set, drawn in the colour of the text. */
export const icon = (name) => document.querySelector(`[data-icon="${name}"]`).firstElementChild.cloneNode(true);

/** A name that came from elsewhere: kept in its own direction, and from spilling into the sentence around it. */
export const name = (text) => h('bdi', {}, text);

/** A sentence in which {0} becomes an element. */
export function sentence(key, ...elements) {
  return t(key).split(/(\{\d\})/).map((part) => (/^\{\d\}$/.test(part) ? elements[part[1]] ?? '' : part));
}

export const button = (kind, text, onclick, more = {}) =>
  h('button', { type: 'button', class: `button ${kind}`, onclick, ...more }, text);

/** A message above what it is about; problems interrupt a screen reader, notices wait. */
export const message = (kind, text, ...more) =>
  h('div', { class: `message message-${kind}`, role: kind === 'problem' ? 'alert' : 'status' },
    icon(kind === 'problem' ? 'problem' : 'check'), h('div', {}, h('p', {}, text), ...more));

/** The usual frame of a screen: a heading, a scrolling middle, and buttons where the thumb is. */
export const screen = (kind, heading, middle, foot = null) =>
  h('div', { class: `screen screen-${kind}` }, h('div', { class: 'screen-body' }, heading, ...[middle].flat()),
    foot && h('div', { class: 'screen-foot' }, foot));

export const heading = (text, attributes = {}) => h('h1', { tabindex: '-1', ...attributes }, text);

/** A large picture above the words of a screen. */
export const emblem = (name, tone = '') => h('div', { class: `emblem ${tone}`, 'aria-hidden': 'true' }, icon(name));

// ---- Time

const tag = () => (language() === 'en' ? 'en-GB' : language());
const format = (options, seconds) => new Intl.DateTimeFormat(tag(), { hourCycle: 'h23', ...options }).format(seconds * 1000);

export const clockTime = (seconds) => format({ hour: '2-digit', minute: '2-digit' }, seconds);

const dayOf = (seconds) => new Date(seconds * 1000).toDateString();

/** "Today", "Yesterday", or the day. */
export function day(seconds, now) {
  if (dayOf(seconds) === dayOf(now)) { return t('companion.today'); }
  if (dayOf(seconds) === dayOf(now - 86_400)) { return t('companion.yesterday'); }
  const thisYear = new Date(seconds * 1000).getFullYear() === new Date(now * 1000).getFullYear();
  return format({ weekday: 'long', day: 'numeric', month: 'long', year: thisYear ? undefined : 'numeric' }, seconds);
}

export const moment = (seconds, now) =>
  h('time', { datetime: new Date(seconds * 1000).toISOString() }, `${day(seconds, now)}, ${clockTime(seconds)}`);

// ---- Time running out

const SVG = 'http://www.w3.org/2000/svg';

function circle(kind) {
  const drawn = document.createElementNS(SVG, 'circle');
  for (const [attribute, value] of Object.entries({ class: kind, cx: 22, cy: 22, r: 19, pathLength: 100 })) {
    drawn.setAttribute(attribute, value);
  }
  return drawn;
}

/** A ring that empties. `set` takes what is left, of how much; a screen reader hears it at 30 and 10 seconds only. */
export function ring() {
  const drawing = document.createElementNS(SVG, 'svg');
  drawing.setAttribute('viewBox', '0 0 44 44');
  drawing.setAttribute('aria-hidden', 'true');
  const rest = circle('ring-rest');
  drawing.append(circle('ring-ground'), rest);
  const seconds = h('span', { class: 'ring-seconds', 'aria-hidden': 'true' });
  const spoken = h('span', { class: 'visually-hidden', 'aria-live': 'polite' });
  const node = h('div', { class: 'ring' }, drawing, seconds, spoken);
  const set = (left, whole, say = true) => {
    const shown = Math.max(0, Math.ceil(left));
    const long = whole > 99;
    seconds.textContent = long ? `${Math.floor(shown / 60)}:${String(shown % 60).padStart(2, '0')}` : shown;
    node.classList.toggle('ring-long', long);
    rest.setAttribute('stroke-dasharray', `${Math.max(0, Math.min(100, (left / whole) * 100))} 100`);
    node.classList.toggle('ring-short', shown <= 10);
    if (say && (shown === 30 || shown === 10)) { spoken.textContent = t('companion.seconds-left', shown); }
  };
  return { node, set };
}

// ---- Asking

/** A sheet that comes up from below and keeps the focus until it is closed. */
export function sheet(title, build) {
  const dialog = h('dialog', { class: 'sheet-up', 'aria-labelledby': 'sheet-title' });
  const close = () => dialog.close();
  dialog.append(h('div', { class: 'sheet-in' }, h('h2', { id: 'sheet-title' }, title), ...build(close)));
  dialog.addEventListener('click', (event) => { if (event.target === dialog) { close(); } });
  dialog.addEventListener('close', () => dialog.remove());
  document.body.append(dialog);
  dialog.showModal();
  return close;
}
