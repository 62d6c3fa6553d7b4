import { verdictOf } from './price-bound.js';

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

const bound = document.querySelector<HTMLElement>('[data-skip]');
const seen = document.querySelector<HTMLInputElement>('input[name$=".seen"]');
if (bound && seen) {
  const { side, skip = '' } = bound.dataset;
  seen.addEventListener('input', () => {
    const verdict = side === 'BUY' || side === 'SELL' ? verdictOf(side, seen.value, skip) : null;
    bound.className = `verdict ${verdict === null ? 'none' : verdict.toLowerCase()}`;
    bound.textContent =
      verdict === null
        ? '○ Type the price you see.'
        : verdict === 'GO'
          ? '✓ GO: the price is within the limit.'
          : `✕ SKIP: the price is ${side === 'BUY' ? 'above' : 'below'} the skip price.`;
  });
}
