/** What a message says without what differs from one time to the next: the same cause has the same. */
export const causeOf = (message: string): string =>
  (message.split('\n').find((line) => !/^\S+: \d{4}-\d{2}-\d{2}:$/.test(line)) ?? message)
    .replaceAll(/[0-9a-f]{8}-[0-9a-f-]{27}/g, '<id>')
    .replaceAll(/\d{4}-\d{2}-\d{2}(T[0-9:.]+Z?)?/g, '<date>')
    .replaceAll(/(?<![A-Za-z])\d+(\.\d+)?/g, '<n>')
    .slice(0, 300);
