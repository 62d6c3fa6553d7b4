// How long until a window opens or closes, by the server's clock: the device's may be wrong, and tells spans alone.

const started = document.body.dataset['now'];
const places = [...document.querySelectorAll<HTMLElement>('[data-opens][data-closes]')];

/** What the server said it was, and how long ago by a clock that nobody sets. */
let said = Date.parse(started ?? '');
let heardAt =
  (performance.getEntriesByType('navigation')[0] as PerformanceNavigationTiming | undefined)?.responseStart ?? 0;
const now = (): number => said + performance.now() - heardAt;

const MINUTE_MS = 60_000;
/** Minutes that somebody who listens is told of. */
const TOLD = [10, 5, 1];

/** `in 14 minutes`; in the last five also the seconds. */
function span(ms: number): string {
  const minutes = Math.ceil(ms / MINUTE_MS);
  if (ms <= 5 * MINUTE_MS) return `in ${Math.floor(ms / MINUTE_MS)} min ${Math.floor((ms % MINUTE_MS) / 1_000)} s`;
  if (minutes >= 120) return `in ${Math.floor(minutes / 60)} h ${minutes % 60} min`;
  return `in ${minutes} minutes`;
}

/** Whatever goes by the window hears when it opens, and when it is over. */
function tellStands(stands: 'early' | 'open' | 'over'): void {
  for (const place of document.querySelectorAll<HTMLElement>('[data-stands]')) {
    // Whoever stopped trading stopped it also for a window that opens meanwhile.
    const before = place.dataset['stands'] ?? '';
    if (before === stands || (['stopped', 'groundless'].includes(before) && stands !== 'over')) continue;
    place.dataset['stands'] = stands;
    // For whoever listens only later: its script may still be on its way.
    place.dataset['turned'] = '';
    place.dispatchEvent(new Event('stands'));
  }
}

function show(): void {
  for (const place of places) {
    const { opens = '', closes = '' } = place.dataset;
    const [toOpen, toClose] = [Date.parse(opens) - now(), Date.parse(closes) - now()];
    const left = toOpen > 0 ? toOpen : toClose;
    const text = left <= 0 ? 'is closed' : `${toOpen > 0 ? 'opens' : 'closes'} ${span(left)}`;
    if (place.textContent !== text) place.textContent = text;
    tellStands(left <= 0 ? 'over' : toOpen > 0 ? 'early' : 'open');
    const minutes = Math.ceil(left / MINUTE_MS);
    const heard = document.querySelector<HTMLElement>('[data-heard]');
    if (heard && TOLD.includes(minutes) && heard.dataset['heard'] !== text.slice(0, 6) + String(minutes)) {
      heard.dataset['heard'] = text.slice(0, 6) + String(minutes);
      heard.textContent = `The window ${toOpen > 0 ? 'opens' : 'closes'} in ${minutes} min.`;
    }
  }
}

// A rehearsal's clock stands still: nothing counts down there, and what the server's own clock says is of another day.
if (started !== undefined && places.length > 0) {
  show();
  setInterval(show, 1_000);
  document.addEventListener('server-now', (event) => {
    const at = Date.parse(String((event as CustomEvent).detail));
    if (Number.isNaN(at)) return;
    [said, heardAt] = [at, performance.now()];
    show();
  });
}
