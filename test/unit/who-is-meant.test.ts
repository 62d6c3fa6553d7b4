import { describe, expect, it } from 'vitest';
import { refusal } from '../../src/domain/errors.js';
import type { Account } from '../../src/domain/types.js';
import { theOne } from '../../src/operations/day/whole-id.js';
import { oneClock } from '../../src/operations/runs/ask.js';
import { startOfScheduled } from '../../src/operations/runs/scheduled-start.js';
import { goodFacts } from './fixtures/facts-2014.js';

const codeOf = (act: () => unknown): unknown => {
  try {
    return act();
  } catch (error) {
    return (error as { code?: string }).code;
  }
};

describe('the beginning of an id', () => {
  const none = () => refusal('TICKET_UNKNOWN', 'there is none');
  const theOneOf = (...found: string[]) => codeOf(() => theOne('ticket', '5a5a5a5a', found, none));

  it('means the one that begins like that, and nobody guesses between two', () => {
    expect([theOneOf(), theOneOf('5a5a5a5a-1'), theOneOf('5a5a5a5a-1', '5a5a5a5a-2')]).toEqual([
      'TICKET_UNKNOWN',
      '5a5a5a5a-1',
      'ID_AMBIGUOUS',
    ]);
  });

  it('that means several says which, five at most', () => {
    const found = ['a', 'b', 'c', 'd', 'e', 'f'].map((end) => `5a5a5a5a-${end}`);
    expect(() => theOne('ticket', '5a5a5a5a', found, none)).toThrow(
      'ticket: 5a5a5a5a: 6 begin like that: 5a5a5a5a-a, 5a5a5a5a-b, 5a5a5a5a-c, 5a5a5a5a-d, 5a5a5a5a-e',
    );
  });
});

describe('the accounts of a run', () => {
  const account = (name: string, clock: Account['clock']): Account => ({ account: name, baseCurrency: 'GBP', clock });

  it('share a clock: one instant is not both real and simulated', () => {
    const [main, second, trial] = [account('main', 'real'), account('second', 'real'), account('trial', 'simulated')];
    expect(oneClock([main, second])).toEqual([main, second]);
    expect(oneClock([])).toEqual([]);
    expect(codeOf(() => oneClock([main, second, trial]))).toBe('CLOCKS_DIFFER');
    expect(codeOf(() => oneClock([trial, main]))).toBe('CLOCKS_DIFFER');
  });

  it('of a schedule that names none are the real ones, and it says so when there is none', async () => {
    const { policy } = goodFacts();
    const simulated = { main: { ...policy.accounts['main'], clock: 'simulated' } };
    const configuration = {
      policy: { ...policy, accounts: simulated },
      policyHash: '',
      universe: [],
      universeHash: '',
    };
    const run = { slot: '0800', at: '2014-06-09T07:00:00.000Z', accounts: [], operator: 'schedule' } as const;
    const started = startOfScheduled(null as never, run as never, configuration as never, run.at);
    await expect(started).rejects.toMatchObject({ code: 'NO_REAL_ACCOUNT' });
  });
});
