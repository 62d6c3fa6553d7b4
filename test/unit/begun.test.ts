import { expect, it } from 'vitest';
import { Begun } from '../../src/activities/begun.js';

it('work that was begun is taken once, and tells whoever takes it of its failure', async () => {
  const begun = new Begun<number>(64);
  let times = 0;
  begun.begin('one', async () => ++times);
  begun.begin('bad', () => Promise.reject(new Error('no disk')));
  expect(begun.take('another')).toBeUndefined();
  expect(await begun.take('one')).toBe(1);
  expect(begun.take('one')).toBeUndefined();
  await expect(begun.take('bad')).rejects.toThrow('no disk');
  expect(times).toBe(1);
});

it('what nobody takes is forgotten, the oldest first', async () => {
  const begun = new Begun<number>(64);
  for (let index = 0; index < 65; index += 1) begun.begin(String(index), async () => index);
  expect(begun.take('0')).toBeUndefined();
  expect(await begun.take('64')).toBe(64);
});
