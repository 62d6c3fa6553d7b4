// What is typed of a line is saved as it is typed; the fields stay the only place where it stands.

/** So long after the last key a line is saved, milliseconds. */
const PAUSE_MS = 600;

for (const line of document.querySelectorAll<HTMLFieldSetElement>('fieldset[data-draft]')) {
  const told = line.querySelector<HTMLElement>('[data-saved]');
  const version = line.querySelector<HTMLInputElement>('input[name$=".version"]');
  const { form } = line;
  if (!told || !version || !form) continue;
  let waiting = 0;
  let saving = Promise.resolve();

  const save = async (): Promise<void> => {
    const sent = new URLSearchParams();
    for (const [name, value] of new FormData(form))
      if (typeof value === 'string' && (isOf(line, name) || name === 'token' || name === 'at'))
        sent.append(name, value);
    const answer = await fetch(line.dataset['draft'] ?? '', { method: 'POST', body: sent, redirect: 'error' });
    const said = (await answer.json()) as { text: string; version?: number };
    told.textContent = said.text;
    if (answer.ok && said.version !== undefined) version.value = String(said.version);
  };
  // One after another: each says the version that the one before it made.
  const soon = (): void => {
    clearTimeout(waiting);
    waiting = setTimeout(() => {
      saving = saving.then(save).catch(() => void (told.textContent = 'Not saved: the desk cannot be reached.'));
    }, PAUSE_MS);
  };
  line.addEventListener('input', soon);
  showFields(line);
  line.addEventListener('change', () => showFields(line));
}

const isOf = (line: HTMLFieldSetElement, name: string): boolean => line.elements.namedItem(name) !== null;

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
