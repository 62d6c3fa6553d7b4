import { farFrom, verdictOf } from './price-bound.js';

// What is copied, and what the price that is typed comes to, at once. The server says the same when it is asked.

for (const button of document.querySelectorAll<HTMLButtonElement>('button[data-copy]')) {
  button.hidden = false;
  button.addEventListener('click', () => {
    void navigator.clipboard.writeText(button.dataset['copy'] ?? '').then(
      () => (button.textContent = 'Copied'),
      () => (button.textContent = 'Copy it by hand'),
    );
  });
}

// The line that is shown stays in the address: a page that is made anew shows the same, whatever was typed meanwhile.
const line = document.querySelector<HTMLInputElement>('input[name=line]');
if (line) history.replaceState(null, '', `${location.pathname}?line=${line.value}`);

const bound = document.querySelector<HTMLElement>('[data-skip]');
const seen = document.querySelector<HTMLInputElement>('input[name$=".seen"]');

type Verdict = [tone: string, text: string];

/** Of a session that is over, or a desk that is away: no price is good while a stop would not be told. */
const UNHEARD = '○ NOT KNOWN: whether trading was stopped is not told here. Enter again, or wait for the desk.';

/** What the price comes to while the window is open; outside it no price is good. */
function verdict(typed: string, told: DOMStringMap): Verdict {
  const { side, skip = '', reference = '', limit = '', close, stands } = told;
  if (stands === 'groundless') return ['skip', '✕ TICKET_DIFFERS: place no order of this ticket.'];
  if (stands === 'stopped') return ['skip', '✕ STOPPED: trading is stopped, place nothing more.'];
  if (stands === 'early') return ['none', '○ NOT YET: place nothing before the window opens.'];
  if (stands === 'over') return ['skip', '✕ The window is over: place nothing more.'];
  if (told['unheard'] !== undefined) return ['none', UNHEARD];
  if (typed.trim() === '') return ['none', '○ Type the price you see.'];
  const far = farFrom(typed, { reference, limit });
  switch (side === 'BUY' || side === 'SELL' ? verdictOf(typed, { side, skip, reference, limit }) : null) {
    case 'LOOK':
      return ['look', `! LOOK: ${far?.percent} % ${far?.side} ${close}.`];
    case 'GO':
      return ['go', '✓ GO: the price is within the limit.'];
    case 'SKIP':
      return ['skip', `✕ SKIP: the price is ${side === 'BUY' ? 'above' : 'below'} the skip price.`];
    case null:
      return ['none', '○ The price must be digits with a point, such as 178.30, above 0.'];
  }
}

if (bound && seen) {
  const show = (): void => {
    const [tone, text] = verdict(seen.value, bound.dataset);
    bound.className = `verdict ${tone}`;
    bound.textContent = text;
  };
  seen.addEventListener('input', show);
  document.addEventListener('trading-stopped', (event) => {
    const { stands, of } = bound.dataset;
    if (stands === 'over' || stands === 'groundless' || !(event as CustomEvent<string[]>).detail.includes(of ?? ''))
      return;
    bound.dataset['stands'] = 'stopped';
    show();
  });
  document.addEventListener('desk-heard', (event) => {
    const isHeard = (event as CustomEvent<boolean>).detail;
    if (isHeard === (bound.dataset['unheard'] === undefined)) return;
    if (isHeard) delete bound.dataset['unheard'];
    else bound.dataset['unheard'] = '';
    show();
  });
  // A page that stands open while the window opens, or closes, says so.
  bound.addEventListener('stands', show);
  if (bound.dataset['turned'] !== undefined) show();
}
