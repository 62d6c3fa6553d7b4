/** How often a page that is looked at asks whether something has changed, milliseconds. */
const EVERY_MS = 5_000;

/** A desk that does not answer by then, though nobody refused, is not heard: a phone that sleeps, a line that hangs. */
const ANSWER_MS = 4_000;

/** So long before its end a session is told to end, seconds: DESK.md, and WCAG 2.2.1. */
const WARN_S = 600;

let known = document.body.dataset['version'];
const band = document.querySelector<HTMLElement>('#changed');
const session = document.querySelector<HTMLElement>('#session');
/** Whether the page was made while trading was stopped: then it says so itself. */
const wasStopped = document.querySelector('.stop.stopped') !== null;

/** Tells of what has changed since this page was made; it is the reader's to show it. */
async function ask(): Promise<void> {
  if (document.visibilityState !== 'visible' || band === null) return;
  const asked = { headers: { 'if-none-match': `"${known}"` }, redirect: 'manual', cache: 'no-store' } as const;
  const signal = AbortSignal.timeout(ANSWER_MS);
  const answer = await fetch(document.body.dataset['href'] ?? '', { ...asked, signal }).catch(() => null);
  const isHeard = answer !== null && (answer.status === 200 || answer.status === 304);
  document.dispatchEvent(new CustomEvent('desk-heard', { detail: isHeard }));
  if (answer === null) return;
  tellSession(answer.status === 401 ? 0 : Number(answer.headers.get('session-seconds') ?? WARN_S + 1));
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
  tellStopped(band, pulse.stopped);
  document.dispatchEvent(new CustomEvent('trading-stopped', { detail: pulse.stopped }));
}

/** Nobody is let in for ever: whoever types is told before the session ends, and when it has. */
function tellSession(seconds: number): void {
  if (session === null) return;
  const minutes = Math.ceil(seconds / 60);
  const text =
    seconds > WARN_S
      ? ''
      : seconds > 0
        ? `Your session ends in ${minutes} ${minutes === 1 ? 'minute' : 'minutes'}. What you send then waits until you entered again.`
        : 'Your session is over. What you send from here waits until you entered again.';
  session.hidden = text === '';
  // Said again each time, a reader would read it out each time.
  if (session.textContent !== text) session.textContent = text;
}

/** An order that stands on an open page is not to be placed once trading was stopped elsewhere. */
function tellStopped(told: HTMLElement, stopped: string[]): void {
  const isStopped = !wasStopped && stopped.includes(told.dataset['of'] ?? '');
  told.classList.toggle('stopped', isStopped);
  const [text] = told.childNodes;
  if (text) text.textContent = `${isStopped ? told.dataset['stopped'] : told.dataset['changed']} `;
}

/** Who executes a ticket is told at once, wherever that ticket is shown. */
function showClaims(claims: { ticketId: string; text: string }[]): void {
  for (const place of document.querySelectorAll<HTMLElement>('[data-claim]'))
    place.textContent =
      claims.find(({ ticketId }) => ticketId === place.dataset['claim'])?.text ?? 'Nobody executes it.';
}

/** A page that waits for something is shown anew when that is over, or stands otherwise. */
async function lookAgain(): Promise<void> {
  const waits = document.querySelector<HTMLElement>('#waits');
  if (document.visibilityState !== 'visible' || waits === null) return;
  const answer = await fetch(location.href, { redirect: 'manual', cache: 'no-store' });
  if (answer.status !== 200) return;
  const how = /id="waits" data-how="([^"]*)"/.exec(await answer.text())?.[1];
  if (how !== waits.dataset['how']) location.reload();
}

setInterval(() => void lookAgain().catch(() => undefined), EVERY_MS);
setInterval(() => void ask().catch(() => undefined), EVERY_MS);
document.addEventListener('visibilitychange', () => void ask().catch(() => undefined));
