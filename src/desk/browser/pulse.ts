/** How often a page that is looked at asks whether something has changed, milliseconds. */
const EVERY_MS = 5_000;

const shown = document.body.dataset['version'];
const band = document.querySelector<HTMLElement>('#changed');

/** Tells of what has changed since this page was made; it is the reader's to show it. */
async function ask(): Promise<void> {
  if (document.visibilityState !== 'visible' || band === null || !band.hidden) return;
  const answer = await fetch(document.body.dataset['href'] ?? '', {
    headers: { 'if-none-match': `"${shown}"` },
    redirect: 'manual',
    cache: 'no-store',
  });
  if (answer.status === 200) band.hidden = false;
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
