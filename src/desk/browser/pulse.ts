/** How often a page that is looked at asks whether something has changed, milliseconds. */
const EVERY_MS = 5_000;

let known = document.body.dataset['version'];
const band = document.querySelector<HTMLElement>('#changed');

/** Tells of what has changed since this page was made; it is the reader's to show it. */
async function ask(): Promise<void> {
  if (document.visibilityState !== 'visible' || band === null) return;
  const answer = await fetch(document.body.dataset['href'] ?? '', {
    headers: { 'if-none-match': `"${known}"` },
    redirect: 'manual',
    cache: 'no-store',
  });
  const at = answer.headers.get('server-now');
  if (at !== null) document.dispatchEvent(new CustomEvent('server-now', { detail: at }));
  if (answer.status !== 200) return;
  band.hidden = false;
  const pulse = (await answer.json()) as {
    version: string;
    claims: { ticketId: string; text: string }[];
    stopped: string[];
  };
  known = pulse.version;
  showClaims(pulse.claims);
  document.dispatchEvent(new CustomEvent('trading-stopped', { detail: pulse.stopped }));
}

/** Who executes a ticket is told at once, wherever that ticket is shown. */
function showClaims(claims: { ticketId: string; text: string }[]): void {
  for (const place of document.querySelectorAll<HTMLElement>('[data-claim]'))
    place.textContent =
      claims.find(({ ticketId }) => ticketId === place.dataset['claim'])?.text ?? 'Nobody executes it.';
}

/** A page that waits for something is shown anew when that is over. */
async function lookAgain(): Promise<void> {
  if (document.visibilityState !== 'visible' || document.querySelector('#waits') === null) return;
  const answer = await fetch(location.href, { redirect: 'manual', cache: 'no-store' });
  if (answer.status === 200 && !(await answer.text()).includes('id="waits"')) location.reload();
}

setInterval(() => void lookAgain().catch(() => undefined), EVERY_MS);
setInterval(() => void ask().catch(() => undefined), EVERY_MS);
document.addEventListener('visibilitychange', () => void ask().catch(() => undefined));
