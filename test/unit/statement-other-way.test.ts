import { describe, expect, it } from 'vitest';
import { depositEntry, feeEntry, interestEntry, withdrawalEntry } from '../../src/domain/ledger/entries.js';
import type { ProposalOf } from '../../src/domain/reconciliation/proposal.js';
import { commandOf } from '../../src/reports/commands.js';
import { linkOf } from '../../src/reports/links.js';
import type { Happening } from '../support/statement.js';
import { compare, differing, interestAt, opening, usd, type Case } from './statement.fixture.js';

/* Rows whose money went the other way than their kind says, or of which the ledger has no kind: each has its booking. */

const at = '06/01/2026 10:00:00';
const date = '2026-01-06';
const said = { cash: 1000, equity: 1000 };
const held = (happenings: readonly Happening[], drafts: Case['drafts'] = []) =>
  compare({ happenings, said, drafts: [opening('2025-12-01', '1000'), ...drafts] });

const CASES = [
  ['an adjustment that came', { type: 'Adjustment', amount: 2.22 }, 'INTEREST', '2.22', 'Adjustment'],
  ['an adjustment that went', { type: 'Adjustment', amount: -2.22 }, 'FEE', '2.22', 'Adjustment'],
  ['interest that went', { type: 'Interest Payment', amount: -1.23 }, 'FEE', '1.23', 'Interest Payment'],
  ['a deposit that went', { type: 'Deposit', amount: -50 }, 'WITHDRAWAL', '50.00', 'Deposit'],
  ['a fee that came', { type: 'Overnight refund', amount: 0.4 }, 'INTEREST', '0.40', 'Overnight refund'],
  [
    'a conversion fee that brings money of no other row',
    { type: 'deposit conversion fee', amount: -12.5, cash: 987.5 },
    'DEPOSIT',
    '987.50',
    'deposit conversion fee',
  ],
] as const;
const ENTRIES = { DEPOSIT: depositEntry, WITHDRAWAL: withdrawalEntry, FEE: feeEntry, INTEREST: interestEntry };

describe('a row of money that goes another way', () => {
  it.each(CASES)('is booked as what it came to, with its name as the note: %s', async (_, row, kind, amount, notes) => {
    const rows = [interestAt('05/01/2026 10:00:00', 1), { at, ...row }];
    const before = interestEntry({ date: '2026-01-05', amount: '1', ...usd });
    const found = differing(await held(rows, [before]));
    const proposal = { kind: `BOOK_${kind}`, amount, date, notes };
    expect(found.filter((line) => line.kind !== 'CASH')).toMatchObject([
      { kind, difference: 'MISSING_IN_LEDGER', proposal },
    ]);
    expect(found[0]?.proposal).toEqual(proposal);
    const entry = ENTRIES[kind]({ date, amount, notes, ...usd });
    expect(differing(await held(rows, [before, entry]))).toEqual([]);
  });

  it('is typed and filled in with that note', () => {
    const proposal: ProposalOf<'BOOK_FEE'> = { kind: 'BOOK_FEE', amount: '1.23', date, notes: 'Interest Payment' };
    expect(commandOf(proposal, { account: 'main', clock: 'real' }, null)).toBe(
      `trading-ops ledger fee --amount 1.23 --date ${date} --notes "Interest Payment" --account main`,
    );
    expect(linkOf(proposal, 'main')).toBe(`/main/book/cash?kind=FEE&amount=1.23&date=${date}&notes=Interest+Payment`);
  });

  it('leaves its amount to be typed where the statement does not say it', async () => {
    const drafts = [opening('2025-12-01', '1000')];
    const found = differing(
      await compare({ happenings: [{ at, type: 'Adjustment', amount: -5 }], said, base: 'GBP', drafts }),
    );
    expect(found.map(({ proposal }) => proposal)).toEqual([{ kind: 'BOOK_FEE', date, notes: 'Adjustment' }]);
    expect(found[0]?.text).toMatch(/does not say the amount in GBP, ~3.72: read it at eToro$/);
  });

  it('is nothing to book where it is less than half a penny of the account', async () => {
    const rows = [interestAt('05/01/2026 10:00:00', 500), { at, type: 'Adjustment', amount: 0.01 }];
    const { lines } = await compare({
      happenings: rows,
      said,
      base: 'GBP',
      drafts: [opening('2025-12-01', '1000')],
      more: { rateOn: () => '3' },
    });
    expect(lines.filter(({ rows: [row] }) => row === 3)).toMatchObject([
      { difference: null, proposal: null, statement: { amount: '0.00' } },
    ]);
  });
});

describe('rows that are equal', () => {
  const equal: Happening[] = ['10:00', '11:00', '12:00'].map((time) => ({
    at: `06/01/2026 ${time}:00`,
    type: 'Transfer: GBP > USD',
    amount: 120,
  }));

  it('are each typed as printed: from the second on another one is meant', async () => {
    const found = differing(await held(equal));
    const proposals = found.flatMap(({ proposal }) => proposal ?? []);
    const deposit = { kind: 'BOOK_DEPOSIT', amount: '120.00', date };
    expect(proposals).toEqual([deposit, { ...deposit, another: true }, { ...deposit, another: true }]);
  });

  it('are so where the statement cancelled one, whose pair is told as two', async () => {
    const back = { at: '06/01/2026 09:00:00', type: 'Withdraw Request Cancelled', amount: 120 };
    const asked = { at: '06/01/2026 08:00:00', type: 'Withdraw Request', amount: -120 };
    const drafts = [withdrawalEntry({ date, amount: '120', ...usd })];
    const found = differing(await held([asked, back, ...equal.slice(0, 1)], drafts));
    const proposals = found.flatMap(({ proposal }) => (proposal?.kind === 'BOOK_DEPOSIT' ? proposal : []));
    expect(proposals.map(({ another }) => another)).toEqual([undefined, true]);
  });
});
