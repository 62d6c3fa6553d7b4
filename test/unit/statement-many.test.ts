import { describe, expect, it } from 'vitest';
import { interestEntry } from '../../src/domain/ledger/entries.js';
import { read, holdAgainst, usd } from './statement.fixture.js';

/* Years of movements, many of one amount and date. */

const ROWS = 3_000;
const two = (value: number): string => String(value).padStart(2, '0');
const happenings = Array.from({ length: ROWS }, (_, row) => ({
  at: `${two(2 + Math.floor((row * 28) / ROWS))}/01/2026 12:00:00`,
  type: 'Interest Payment',
  amount: (1 + (row % 7)) / 100,
}));

describe('a statement of thousands of movements', () => {
  it('is held against as many entries, each its own', async () => {
    const statement = await read({ happenings, said: { cash: 5, equity: 5 } });
    const drafts = statement.events.map(({ date, amount }) => interestEntry({ date, amount, ...usd }));
    const comparison = holdAgainst(statement, { drafts });
    expect(comparison.lines.filter(({ kind, difference }) => kind === 'INTEREST' && difference === null)).toHaveLength(
      ROWS,
    );
  });
});
