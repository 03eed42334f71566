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
      status.textContent = button.dataset.done;
    });
  });
}

each('data-print', (button) => button.addEventListener('click', () => window.print()));

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
      status.textContent = ticked === 0 ? untouched : `${ticked} ${status.dataset.chosenText}`;
    };
    all.addEventListener('change', () => boxes().forEach((box) => { box.checked = all.checked; }));
    all.form.addEventListener('change', count);
    count();
  });
}
ticking();

/** Search as you type: fetches the same page the button would, and keeps rows that are ticked. */
for (const form of document.querySelectorAll('[data-search]')) {
  const field = form.querySelector('input[type="search"]');
  const id = form.dataset.search;
  let timer = 0;
  let asked = 0;
  const search = async () => {
    const turn = ++asked;
    const address = `${form.action}?${new URLSearchParams(new FormData(form))}`;
    const answer = await fetch(address, { headers: { Accept: 'text/html' } });
    if (!answer.ok || answer.redirected) { window.location.assign(address); return; }
    const page = new DOMParser().parseFromString(await answer.text(), 'text/html');
    const found = page.getElementById(id);
    if (turn !== asked || !found) { return; }
    const old = document.getElementById(id);
    for (const box of [...old.querySelectorAll('tbody input:checked')].reverse()) {
      const again = [...found.querySelectorAll('tbody input')].find((other) => other.value === box.value);
      if (again) { again.checked = true; } else { found.querySelector('tbody')?.prepend(box.closest('tr')); }
    }
    old.replaceWith(found);
    window.history.replaceState(null, '', address);
    ticking();
  };
  field.addEventListener('input', () => { clearTimeout(timer); timer = setTimeout(search, 250); });
}
