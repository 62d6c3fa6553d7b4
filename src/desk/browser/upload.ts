// Says that a file which was chosen is on its way; one that is too large is not sent at all.

const input = document.querySelector<HTMLInputElement>('input[type=file][data-max]');
const progress = document.querySelector<HTMLElement>('[data-part=progress]');

const inMegabytes = (bytes: number): string => `${(bytes / 1024 / 1024).toFixed(1)} MB`;

if (input && progress) {
  const max = Number(input.dataset['max']);
  const tooLarge = (): string | null => {
    const size = input.files?.[0]?.size ?? 0;
    return size > max ? `The file has ${inMegabytes(size)}, and may have ${inMegabytes(max)}.` : null;
  };
  input.addEventListener('change', () => {
    progress.textContent = tooLarge() ?? '';
  });
  input.form?.addEventListener('submit', (event) => {
    const [wrong, size] = [tooLarge(), input.files?.[0]?.size ?? 0];
    if (wrong !== null) event.preventDefault();
    progress.textContent =
      wrong ?? `Sending ${inMegabytes(size)}, which is then read and compared. The page turns by itself.`;
  });
  // Back from the page that came of it: nothing is on its way any more.
  addEventListener('pageshow', () => {
    progress.textContent = '';
  });
}
