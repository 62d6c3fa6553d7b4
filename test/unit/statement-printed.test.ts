import { describe, expect, it } from 'vitest';
import { AS_ABOVE, differenceLines } from '../../src/reports/statement/lines.js';
import { opened, type Happening } from '../support/statement.js';
import { compare, differing, opening, ticketOf } from './statement.fixture.js';

/* What is printed of differences works as it is printed, from the first line to the last. */

const said = { cash: 1000, equity: 1000 };
const who = { account: 'main', clock: 'real' } as const;
const AT = '2026-02-03T08:00:00.000Z';

describe('two lines of one ticket', () => {
  it('have its commands once: the file of the fills is there the second time', async () => {
    const bought = ['10', '11'].map((hour, index) =>
      opened(`06/01/2026 ${hour}:00:00`, 'AAA', `${index}`, `${index + 1}`, 100 * (index + 1)),
    );
    const tickets = [
      { ...ticketOf('t1', '2026-01-06', 'BUY', true), lines: [1, 2].map((sequence) => ({ sequence, ...AAA })) },
    ];
    const drafts = [opening('2025-12-01', '1000')];
    const comparison = await compare({ happenings: bought, said, drafts, more: { tickets } });
    const printed = differenceLines(comparison, who, AT);
    expect(differing(comparison).filter(({ proposal }) => proposal?.kind === 'CONFIRM_FILLS')).toHaveLength(2);
    expect(printed.filter((line) => line.startsWith('  '))).toEqual([
      '  trading-ops ticket fills t1 --out fills.json --account main',
      '  trading-ops confirm-fills --fills fills.json --ticket t1 --amend --account main',
      `  ${AS_ABOVE}`,
    ]);
  });
  const AAA = { symbol: 'AAA', side: 'BUY' } as const;
});

describe('a dividend of nothing', () => {
  it('is nothing to book, and no command for 0 is printed', async () => {
    const paid: Happening = {
      at: '14/01/2026 08:00:00',
      type: 'Dividend',
      details: 'AAA/USD',
      amount: 0,
      id: '1',
      paid: { tax: 0, display: null, taxDisplay: null },
    };
    const { status, lines } = await compare({
      happenings: [paid],
      said,
      drafts: [opening('2025-12-01', '1000', { AAA: '1' })],
    });
    expect(lines[0]).toMatchObject({ kind: 'DIVIDEND', difference: null, proposal: null });
    expect(lines[0]?.text).toMatch(/0\.00 in USD arrived, so that there is nothing to book$/);
    expect(status).toBe('AGREES');
  });
});
