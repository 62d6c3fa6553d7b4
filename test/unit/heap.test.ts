import { execFile } from 'node:child_process';
import { promisify } from 'node:util';
import { expect, test } from 'vitest';

const HEAP = new URL('../../src/runtime/heap.ts', import.meta.url).href;

/** Keeps some, makes far more that is gone after a while, and prints its largest resident memory in MB. */
const PROGRAM = `
  const { withLittleGarbage } = await import(process.argv[1]);
  const { readFileSync } = await import('node:fs');
  const work = async () => {
    const kept = Array.from({ length: 300_000 }, (_, at) => ({ at, text: 'kept ' + at }));
    const ring = [];
    for (let at = 0; at < 3_000_000; at++) ring[at % 150_000] = { at, text: 'gone ' + at };
    return kept.length + ring.length;
  };
  const said = process.argv[2] === 'little' ? await withLittleGarbage(work) : await work();
  console.log(JSON.stringify({ said, mb: Number(/VmHWM:\\s+(\\d+)/.exec(readFileSync('/proc/self/status', 'utf8'))[1]) / 1024 }));`;

async function largest(how: 'little' | 'as V8 likes'): Promise<{ said: number; mb: number }> {
  const options = ['--import', 'tsx', '--input-type=module', '-e', PROGRAM, HEAP, how];
  const { stdout } = await promisify(execFile)(process.execPath, options);
  return JSON.parse(stdout) as { said: number; mb: number };
}

/** From Node 24 on V8 collects as often by itself, so that it makes little difference. */
const isOwnChoice = Number(process.versions.node.split('.')[0]) >= 24;

test.skipIf(isOwnChoice)(
  'long work that lets go of what it makes takes less memory, and comes to the same',
  async () => {
    const [little, usual] = await Promise.all([largest('little'), largest('as V8 likes')]);
    expect(little.said).toBe(usual.said);
    expect(little.mb).toBeLessThan(usual.mb * 0.85);
  },
);

/** Loads packages, and prints how much room V8 has made for what is new, in MB. */
const LOADING = `
  const { withSmallNursery } = await import(process.argv[1]);
  const { getHeapSpaceStatistics } = await import('node:v8');
  const room = () => getHeapSpaceStatistics().find((each) => each.space_name === 'new_space').space_size / 2 ** 20;
  const began = room();
  const work = async () => {
    for (const name of ['knex', 'zod', 'luxon', 'undici']) await import(name);
    const kept = Array.from({ length: 300_000 }, (_, at) => ({ at, text: 'kept ' + at }));
    return kept.length > 0 ? room() : 0;
  };
  const came = process.argv[2] === 'small' ? await withSmallNursery(work) : await work();
  console.log(JSON.stringify({ began, came }));`;

test('a command that is to take little keeps the room for what is new as it began', async () => {
  const roomOf = async (how: 'small' | 'as V8 likes') => {
    const options = ['--import', 'tsx', '--input-type=module', '-e', LOADING, HEAP, how];
    const { stdout } = await promisify(execFile)(process.execPath, options);
    return JSON.parse(stdout) as { began: number; came: number };
  };
  const [small, usual] = await Promise.all([roomOf('small'), roomOf('as V8 likes')]);
  expect(usual.came).toBeGreaterThan(2 * usual.began);
  expect(small.came).toBeLessThan(usual.came / 2);
});
