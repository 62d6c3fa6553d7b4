// Keys of every page. Nothing that is recorded has one, and none counts while somebody types.
const typesIn = (target: EventTarget | null): boolean =>
  target instanceof HTMLElement &&
  (target.isContentEditable ||
    target instanceof HTMLTextAreaElement ||
    target instanceof HTMLSelectElement ||
    (target instanceof HTMLInputElement && target.type !== 'checkbox' && target.type !== 'radio'));

/** Links that a letter after `g` follows. */
const places = () => [...document.querySelectorAll<HTMLAnchorElement>('a[data-key]')];

let isGoing = false;

addEventListener('keydown', (event) => {
  if (event.key === 'Enter' && event.ctrlKey) return check(event);
  if (event.ctrlKey || event.altKey || event.metaKey || typesIn(event.target)) return;
  const place = isGoing ? places().find(({ dataset }) => dataset['key'] === event.key) : undefined;
  isGoing = event.key === 'g';
  if (place) location.assign(place.href);
  if (event.key === '?') list();
});

/** Shows how a form stands; a form without that has no such key. */
function check(event: KeyboardEvent): void {
  event.preventDefault();
  document.querySelector<HTMLButtonElement>('button[data-check]')?.click();
}

/** The keys there are, shown and put away again. */
function list(): void {
  const shown = document.querySelector('#keys');
  if (shown) return shown.remove();
  const lines = [
    ...places().map(({ dataset, textContent }) => `g ${dataset['key']}: ${textContent}`),
    ...(document.querySelector('button[data-check]') ? ['Ctrl+Enter: check, which records nothing'] : []),
    '?: this list',
  ];
  const box = Object.assign(document.createElement('div'), { id: 'keys', className: 'banner' });
  box.setAttribute('role', 'status');
  box.append(...lines.map((line) => Object.assign(document.createElement('p'), { textContent: line })));
  document.querySelector('main')?.prepend(box);
}
