// What is typed of a line is saved as it is typed; the fields stay the only place where it stands.

/** So long after the last key a line is saved, milliseconds. */
const PAUSE_MS = 600;

/** So long after the desk could not be reached it is tried again, milliseconds. */
const AGAIN_MS = 5_000;

/** One after another: each says the version that the one before it made. */
let saving = Promise.resolve();
let underWay = 0;
let waiting = 0;

for (const line of document.querySelectorAll<HTMLFieldSetElement>('fieldset[data-draft]')) {
  const told = line.querySelector<HTMLElement>('[data-saved]');
  const figures = line.querySelector<HTMLElement>('[data-told]');
  const version = line.querySelector<HTMLInputElement>('input[name$=".version"]');
  const { form } = line;
  if (!told || !version || !form) continue;
  // A field of the line may stand elsewhere in the form, as the price that is seen does.
  const own = version.name.slice(0, -'version'.length);

  const save = async (): Promise<void> => {
    const sent = new URLSearchParams();
    for (const [name, value] of new FormData(form))
      if (typeof value === 'string' && (name.startsWith(own) || name === 'token' || name === 'at'))
        sent.append(name, value);
    const answer = await fetch(line.dataset['draft'] ?? '', { method: 'POST', body: sent, redirect: 'error' });
    const said = (await answer.json()) as { text: string; version?: number; told?: string };
    told.textContent = said.text;
    if (figures && said.told !== undefined) figures.textContent = said.told;
    if (answer.ok && said.version !== undefined) version.value = String(said.version);
  };
  let pause = 0;
  const soon = (after = PAUSE_MS): void => {
    clearTimeout(pause);
    pause = setTimeout(() => {
      underWay++;
      saving = saving
        .then(save)
        .catch(() => {
          told.textContent = 'Not saved: the desk cannot be reached. It is tried again.';
          soon(AGAIN_MS);
        })
        .finally(() => underWay--);
    }, after);
  };
  // Whoever is back on the network has everything saved at once.
  addEventListener('online', () => told.textContent?.startsWith('Not saved') && soon());
  form.addEventListener('input', ({ target }) => {
    if ((target as HTMLInputElement).name.startsWith(own)) soon();
  });
  // What is sent carries what stands in the fields: nothing is saved beside it.
  form.addEventListener('submit', () => clearTimeout(pause));
  showFields(line);
  line.addEventListener('change', () => showFields(line));
}

// A line that is being saved gets another version: what is sent meanwhile would look as if it had not been read.
document.addEventListener('submit', (event) => {
  if (underWay === 0) return;
  event.preventDefault();
  const [form, by] = [event.target as HTMLFormElement, event.submitter];
  if (waiting++ === 0)
    void saving.then(() => {
      waiting = 0;
      form.requestSubmit(by);
    });
});

/** What was not executed has no figures, what was done needs no note; a field in which something stands is shown. */
function showFields(line: HTMLFieldSetElement): void {
  const status = line.querySelector<HTMLSelectElement>('select[name$=".executed_status"]')?.value ?? '';
  const isLeft = status === 'SKIPPED' || status === 'FAILED';
  for (const field of line.querySelectorAll<HTMLInputElement>('input[type=text]')) {
    const isNote = field.name.endsWith('.notes');
    const isFigure = /\.(units|fill_price|executed_value_base|filled_at)$/.test(field.name);
    const isNeedless = (isLeft && isFigure) || (status === 'DONE' && isNote);
    const place = field.closest<HTMLElement>('.field');
    if (place) place.hidden = isNeedless && field.value === '';
  }
}
