import { describe, expect, it } from 'vitest';
import { failureMain } from '../../src/desk/failure.js';
import { asked } from '../../src/desk/pages/performance.js';

/* What the address of the performance page asks, and what it may not. */

const of = (query: Record<string, string>, doubled: readonly string[] = []) => asked({ query, doubled });

describe('the address of the performance page', () => {
  it('asks by five names, and nothing by what is empty', () => {
    const query = { range: '1m', from: '', to: '', benchmark: 'SPY', withholding: '', foo: '' };
    expect(of(query)).toMatchObject({ range: '1m', benchmark: 'SPY', withholding: undefined });
    expect(of({})).toMatchObject({ range: 'ytd' });
  });

  it.each<[what: string, query: Record<string, string>, doubled: string[], said: RegExp]>([
    [
      'another name',
      { 'range[]': '1m' },
      [],
      /^range\[\]: 1m: must be one of range, from, to, benchmark, withholding$/,
    ],
    ['a name twice', { range: 'all' }, ['range'], /^range: must be said once$/],
    ['both', { foo: '1', benchmark: 'KO' }, ['benchmark', 'foo'], /^foo: 1: must be .*\nbenchmark: must be said once$/],
  ])('that has %s is refused by it', (_, query, doubled, said) => {
    expect(() => of(query, doubled)).toThrow(
      expect.objectContaining({ code: 'ARGUMENT_INVALID', message: expect.stringMatching(said) as string }),
    );
  });

  it('is asked again by a field each, with what was right, and of what was said twice one', () => {
    const wrong = { status: 400, code: 'ARGUMENT_INVALID', message: 'range: must be said once', remedy: null };
    const page = failureMain(wrong, '/main/performance?range=1m&range=all&benchmark=KO');
    expect(page.match(/name="range"/g)).toHaveLength(1);
    expect(page).toContain('value="all"');
    expect(page).toContain('value="KO"');
  });
});
