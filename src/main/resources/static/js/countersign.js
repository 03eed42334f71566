// Comforts only: every page works without this file. What needs it is hidden in the page and shown here.

/** Calls `start` with each element that carries the attribute, and shows it. */
function each(attribute, start) {
  for (const element of document.querySelectorAll(`[${attribute}]`)) {
    start(element, element.getAttribute(attribute));
    element.hidden = false;
  }
}

each('data-reveal', (button) => {
  const field = document.getElementById(button.getAttribute('aria-controls'));
  const show = (shown) => {
    field.type = shown ? 'text' : 'password';
    button.setAttribute('aria-pressed', String(shown));
  };
  button.addEventListener('click', () => show(field.type === 'password'));
  field.form.addEventListener('submit', () => show(false));
});

if (navigator.clipboard) {
  each('data-copy', (button, source) => {
    const text = document.getElementById(source).textContent.trim().split(/\s+/).join('-');
    const status = document.querySelector('[data-copy-status]');
    button.addEventListener('click', async () => {
      await navigator.clipboard.writeText(text);
      button.classList.add('button-done');
      button.lastElementChild.textContent = button.dataset.done;
      status.textContent = button.dataset.done;
    });
  });
}

each('data-print', (button) => button.addEventListener('click', () => window.print()));

// Moments in the reader's own time zone; the page gives them in the server's, and says so.
const moments = new Intl.DateTimeFormat(document.documentElement.lang.replace(/^en$/, 'en-GB'), {
  day: 'numeric', month: 'short', year: 'numeric', hour: '2-digit', minute: '2-digit', hourCycle: 'h23',
});

function localMoments() {
  for (const time of document.querySelectorAll('time[datetime]')) {
    time.textContent = moments.format(new Date(time.dateTime));
  }
}
localMoments();

/** Ticking: one box for all of a page, and how many are ticked. */
function ticking() {
  each('data-all', (all, name) => {
    const boxes = () => all.form.querySelectorAll(`input[name="${name}"]`);
    const status = all.form.querySelector('[data-chosen]');
    const untouched = status.textContent;
    const count = () => {
      const ticked = [...boxes()].filter((box) => box.checked).length;
      all.checked = ticked > 0 && ticked === boxes().length;
      all.indeterminate = ticked > 0 && ticked < boxes().length;
      status.textContent = ticked === 0 ? untouched : `${status.dataset.chosenText} ${ticked}`;
    };
    all.addEventListener('change', () => boxes().forEach((box) => { box.checked = all.checked; }));
    all.form.addEventListener('change', count);
    count();
  });
}
ticking();

/** Carries the rows that are ticked over into what was found, so that a second search loses nobody. */
function keepTicked(old, found) {
  const ticked = [...old.querySelectorAll('tbody input:checked')];
  const table = found.querySelector('tbody');
  if (!table && ticked.length > 0) {
    old.querySelectorAll('tbody tr').forEach((row) => { if (!row.querySelector('input:checked')) { row.remove(); } });
    found.append(old.querySelector('form'));
    return;
  }
  for (const box of ticked.reverse()) {
    const again = [...table.querySelectorAll('input')].find((other) => other.value === box.value);
    if (again) { again.checked = true; } else { table.prepend(box.closest('tr')); }
  }
}

/** Searches a moment after the last key; a search can ask whether a later one has begun. Answers with what searches at once. */
function asYouType(field, search) {
  let timer = 0;
  let asked = 0;
  const now = () => {
    clearTimeout(timer);
    asked += 1;
    const turn = asked;
    return search(() => turn !== asked);
  };
  field.addEventListener('input', () => { clearTimeout(timer); timer = setTimeout(now, 250); });
  return now;
}

/** Finding people while typing: sends the form as its search button would, and keeps who is ticked. */
for (const form of document.querySelectorAll('[data-find]')) {
  const field = form.querySelector('input[type="search"]');
  const id = form.dataset.find;
  asYouType(field, async (overtaken) => {
    const body = new URLSearchParams(new FormData(form));
    const answer = await fetch(form.action, { method: 'POST', body }).catch(() => Response.error());
    if (!answer.ok || answer.redirected || overtaken()) { return; }
    const found = new DOMParser().parseFromString(await answer.text(), 'text/html').getElementById(id);
    if (found && !overtaken()) { document.getElementById(id).replaceWith(found); }
  });
}

/** What was ticked in a search dialog goes into the form: names into a field of text, groups onto their boxes. */
function takeOver(boxes, into) {
  if (into instanceof HTMLTextAreaElement) {
    const names = into.value.split(/[\s,;]+/).concat(boxes.map((box) => box.dataset.name));
    into.value = [...new Set(names.filter((name) => name !== ''))].join('\n');
    return;
  }
  const values = new Set(boxes.map((box) => box.value));
  for (const box of into.querySelectorAll('input')) {
    if (values.has(box.value)) { box.checked = true; box.closest('li').hidden = false; }
  }
}

/** A search dialog: fetches what is found as one types; those ticked stay at the top over any number of searches. */
function finder(dialog) {
  const form = dialog.querySelector('form');
  const field = dialog.querySelector('input[type="search"]');
  const kept = dialog.querySelector('[data-ticked]');
  const count = dialog.querySelector('[data-count]');
  const take = dialog.querySelector('[data-take]');
  const words = take.textContent;
  const boxes = () => [...dialog.querySelectorAll('input[type="checkbox"]')];
  const ticked = () => boxes().filter((box) => box.checked);
  const counted = () => {
    const number = ticked().length;
    take.disabled = number === 0;
    take.textContent = number === 0 ? words : `${words} (${number})`;
  };
  const show = (found) => {
    kept.replaceChildren(...ticked().map((box) => box.closest('li')));
    kept.hidden = kept.childElementCount === 0;
    const values = new Set(ticked().map((box) => box.value));
    for (const box of found.querySelectorAll('input')) {
      if (values.has(box.value)) { box.closest('li').remove(); }
    }
    for (const list of found.querySelectorAll('ul:not(:has(li))')) { list.remove(); }
    dialog.querySelector('[data-found]').replaceWith(found);
    count.textContent = found.dataset.count;
  };
  const search = asYouType(field, async (overtaken) => {
    const address = `${dialog.dataset.finder}?${new URLSearchParams({ q: field.value })}`;
    const answer = await fetch(address, { headers: { Accept: 'text/html' } }).catch(() => Response.error());
    const text = answer.ok && !answer.redirected ? await answer.text() : '';
    if (overtaken()) { return; }
    const found = new DOMParser().parseFromString(text, 'text/html').querySelector('[data-found]');
    if (found) { show(found); } else { count.textContent = count.dataset.failed; }
  });
  dialog.addEventListener('change', counted);
  dialog.addEventListener('keydown', (event) => {
    if (event.key === 'Enter' && event.target !== take && event.target.matches('input')) { event.preventDefault(); search(); }
    const step = { ArrowDown: 1, ArrowUp: -1 }[event.key];
    const stops = [field, ...boxes()];
    const at = stops.indexOf(event.target);
    if (step && at >= 0) { event.preventDefault(); stops[Math.max(0, Math.min(stops.length - 1, at + step))].focus(); }
  });
  dialog.querySelector('[data-close]').addEventListener('click', () => dialog.close());
  form.addEventListener('submit', () => {
    if (!dialog.dataset.into) { return; }
    const taken = ticked();
    takeOver(taken, document.getElementById(dialog.dataset.into));
    const status = document.querySelector(`[data-taken-by="${dialog.id}"]`);
    status.textContent = `${status.dataset.takenText} ${taken.length}`;
  });
  return () => {
    boxes().forEach((box) => box.closest('li').remove());
    field.value = '';
    counted();
    kept.hidden = true;
    dialog.showModal();
    field.focus();
    search();
  };
}

const finders = new Map([...document.querySelectorAll('dialog[data-finder]')].map((dialog) => [dialog.id, finder(dialog)]));
each('data-opens', (opener, id) => {
  opener.setAttribute('aria-haspopup', 'dialog');
  opener.addEventListener('click', (event) => {
    if (event.ctrlKey || event.metaKey || event.shiftKey) { return; }
    event.preventDefault();
    document.getElementById(id).addEventListener('close', () => opener.focus(), { once: true });
    finders.get(id)();
  });
});

// Of many groups only those that are chosen are shown; the others are found in the dialog.
for (const box of document.querySelectorAll('[data-many] input:not(:checked)')) { box.closest('li').hidden = true; }

/** A part of the page that changes by itself, looked at again until it says that it is done. */
async function look(id) {
  const answer = await fetch(window.location.href, { headers: { Accept: 'text/html' } }).catch(() => Response.error());
  const page = answer.ok && !answer.redirected
    ? new DOMParser().parseFromString(await answer.text(), 'text/html') : null;
  const fresh = page?.getElementById(id);
  if (fresh && !fresh.dataset.live) { window.location.reload(); return; }
  if (fresh) { document.getElementById(id).replaceWith(fresh); localMoments(); }
  setTimeout(() => look(id), 1500);
}
for (const part of document.querySelectorAll('[data-live]')) { setTimeout(() => look(part.dataset.live), 1500); }

/** Search as you type: fetches the same page the button would, and keeps rows that are ticked. */
for (const form of document.querySelectorAll('[data-search]')) {
  const field = form.querySelector('input[type="search"]');
  const id = form.dataset.search;
  asYouType(field, async (overtaken) => {
    const address = `${form.action}?${new URLSearchParams(new FormData(form))}`;
    const answer = await fetch(address, { headers: { Accept: 'text/html' } }).catch(() => Response.error());
    if (!answer.ok || answer.redirected) { window.location.assign(address); return; }
    const page = new DOMParser().parseFromString(await answer.text(), 'text/html');
    const found = page.getElementById(id);
    if (overtaken() || !found) { return; }
    const old = document.getElementById(id);
    keepTicked(old, found);
    old.replaceWith(found);
    document.getElementById(`${id}-count`).textContent = page.getElementById(`${id}-count`).textContent;
    window.history.replaceState(null, '', address);
    ticking();
    localMoments();
  });
}

/** Shows what is new as it happens: told by the server that there is something, the page fetches itself. */
each('data-tail', (note, address) => {
  const news = new EventSource(address);
  news.addEventListener('message', async () => {
    const answer = await fetch(window.location.href, { headers: { Accept: 'text/html' } }).catch(() => Response.error());
    if (!answer.ok || answer.redirected) { news.close(); note.hidden = true; return; }
    const page = new DOMParser().parseFromString(await answer.text(), 'text/html');
    document.getElementById('activity').replaceWith(page.getElementById('activity'));
    localMoments();
  });
  news.addEventListener('error', () => { note.hidden = news.readyState === EventSource.CLOSED; });
});

/** A file that is too large is said to be so before it is sent. */
for (const field of document.querySelectorAll('input[data-most]')) {
  field.addEventListener('change', () => {
    const large = [...field.files].some((file) => file.size > Number(field.dataset.most));
    field.setCustomValidity(large ? field.dataset.tooLarge : '');
    field.reportValidity();
  });
}
/** Waits for one thing to happen elsewhere: a phone that answers or offers itself. Without events the page looks again by itself. */
function waiting() {
  each('data-events', (element, address) => {
    const look = () => window.location.reload();
    const lookSoon = () => setTimeout(look, 3000);
    // Back from another page, or from sleep, in which clocks stand still: the answer may have come meanwhile.
    window.addEventListener('pageshow', (event) => { if (event.persisted) { look(); } });
    let awake = Date.now();
    setInterval(() => { if (Date.now() - awake > 10_000) { look(); } awake = Date.now(); }, 1000);
    if (!('EventSource' in window)) { lookSoon(); return; }
    const events = new EventSource(address);
    events.addEventListener('decided', (event) => {
      events.close();
      const { submitOn, refused } = element.dataset;
      if (submitOn && event.data === submitOn) {
        element.requestSubmit();
      } else if (refused && /^(refused|reported)$/.test(event.data)) {
        window.location.assign(refused);
      } else {
        look();
      }
    });
    // It connects again by itself, unless the server has no event for it.
    events.addEventListener('error', () => { if (events.readyState === EventSource.CLOSED) { lookSoon(); } });
  });
  each('data-submit-now', (form) => form.requestSubmit());
  each('data-countdown', (element, seconds) => {
    const end = Date.now() + Number(seconds) * 1000;
    const left = element.querySelector('[data-left]');
    const bar = element.querySelector('[data-bar]');
    const tick = setInterval(() => {
      const rest = Math.max(0, Math.round((end - Date.now()) / 1000));
      left.textContent = `${rest} s`;
      bar.value = rest;
      if (rest === 0) {
        clearInterval(tick);
        setTimeout(() => window.location.reload(), 1500);
      }
    }, 1000);
  });
}
waiting();
