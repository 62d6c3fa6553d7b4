import { expect, it } from 'vitest';
import { LastOf } from '../../src/activities/last-of.js';

/** Work whose end is told from outside. */
function open(): { work: Promise<string>; end: () => void; fail: () => void } {
  let [end, fail] = [() => {}, () => {}];
  const work = new Promise<string>((resolve, reject) => {
    end = () => resolve('done');
    fail = () => reject(new Error('no file'));
  });
  return { work, end, fail };
}

it('what follows is begun once, after the last of what is under way under its key', async () => {
  const begun: string[] = [];
  const last = new LastOf((key) => void begun.push(key));
  const [prices, rates, another] = [open(), open(), open()];
  const both = [last.during('run', prices.work), last.during('run', rates.work)];
  const other = last.during('another', another.work);
  prices.end();
  expect(await both[0]).toBe('done');
  expect(begun).toEqual([]);
  rates.end();
  await both[1];
  expect(begun).toEqual(['run']);
  another.end();
  await other;
  expect(begun).toEqual(['run', 'another']);
});

it('nothing follows a failure, which is that of whoever waits for the work; the next try counts anew', async () => {
  const begun: string[] = [];
  const last = new LastOf((key) => void begun.push(key));
  const failing = open();
  const tried = last.during('run', failing.work);
  failing.fail();
  await expect(tried).rejects.toThrow('no file');
  expect(begun).toEqual([]);
  await last.during('run', Promise.resolve('done'));
  expect(begun).toEqual(['run']);
});
