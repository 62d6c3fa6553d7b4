// How the form stands is the server's to say: the page asks when somebody pauses, and writes the answer down as text.
/** Milliseconds without a key before it is asked. */
const PAUSE_MS = 250;
/** What is not answered by then is not compared, and asked again. */
const ANSWER_MS = 4_000;

interface Told {
  counted: string;
  rows: Record<string, { difference: string; verdict: string; tone: string }>;
  lines: string[];
  command: string;
}

const form = document.querySelector<HTMLFormElement>('form.asks');
const part = (name: string, row?: string) =>
  document.querySelector<HTMLElement>(
    row === undefined ? `[data-part="${name}"]` : `[data-part="${name}"][data-row="${CSS.escape(row)}"]`,
  );

let asking: AbortController | null = null;
let pause: ReturnType<typeof setTimeout> | undefined;

/** Only the last question counts: what an earlier one is answered is not looked at. */
async function ask(asked: HTMLFormElement): Promise<void> {
  asking?.abort();
  asking = new AbortController();
  const fields = new URLSearchParams();
  for (const [name, value] of new FormData(asked)) if (typeof value === 'string') fields.append(name, value);
  const answer = await fetch(`${location.pathname}/preview`, {
    method: 'POST',
    body: fields,
    signal: AbortSignal.any([asking.signal, AbortSignal.timeout(ANSWER_MS)]),
    redirect: 'manual',
  });
  if (!answer.ok) throw new Error(`answered ${answer.status}`);
  show((await answer.json()) as Told);
}

/** What stands beside a figure is of what was typed before: nothing is said until it was compared again. */
function showNothing(): void {
  for (const said of document.querySelectorAll<HTMLElement>('[data-part="verdict"]')) {
    write(said, '○ not compared');
    said.className = 'word none';
  }
  for (const difference of document.querySelectorAll<HTMLElement>('[data-part="difference"]')) write(difference, '');
  write(part('counted'), '○ not compared');
  part('lines')?.replaceChildren(
    Object.assign(document.createElement('p'), {
      textContent: 'Not compared: the desk or its database does not answer.',
    }),
  );
}

/** Asks until it is answered, or something else is asked. */
function compare(asked: HTMLFormElement): void {
  clearTimeout(pause);
  pause = setTimeout(() => {
    const own = ask(asked);
    const question = asking;
    own.catch(() => {
      if (question !== asking) return;
      showNothing();
      pause = setTimeout(() => compare(asked), ANSWER_MS);
    });
  }, PAUSE_MS);
}

function show({ counted, rows, lines, command }: Told): void {
  write(part('counted'), counted);
  showCommand(command);
  for (const [row, { difference, verdict, tone }] of Object.entries(rows)) {
    write(part('difference', row), difference);
    const said = part('verdict', row);
    write(said, verdict);
    if (said) said.className = `word ${tone}`;
  }
  const told = part('lines');
  const before = [...(told?.children ?? [])].map(({ textContent }) => textContent);
  if (before.join('\n') === lines.join('\n')) return;
  told?.replaceChildren(...lines.map((line) => Object.assign(document.createElement('p'), { textContent: line })));
}

/** The command follows what is typed; a word of it is never broken. */
function showCommand(command: string): void {
  part('checked')?.remove();
  const words = command.split(' ').map((word) => Object.assign(document.createElement('span'), { textContent: word }));
  part('command')?.replaceChildren(...words.flatMap((word) => [' ', word]));
}

/** What is read aloud again only where it is another. */
function write(place: HTMLElement | null, text: string): void {
  if (place && place.textContent !== text) place.textContent = text;
}

/** A row is ticked or typed: the one that was done last counts, and the field shows it. */
function keepOne(field: EventTarget | null): void {
  if (!(field instanceof HTMLInputElement)) return;
  const [which = '', ...symbol] = field.name.split('.');
  const other = form?.elements.namedItem(`${which === 'same' ? 'positions' : 'same'}.${symbol.join('.')}`);
  if (!(other instanceof HTMLInputElement)) return;
  if (which === 'same' && field.checked) other.value = '';
  if (which === 'positions' && field.value.trim() !== '') other.checked = false;
}

if (form) {
  const changed = (event: Event) => {
    keepOne(event.target);
    compare(form);
  };
  form.addEventListener('input', changed);
  // A browser that goes back fills the fields by itself, and says nothing.
  addEventListener('pageshow', (event) => event.persisted && changed(event));
}
