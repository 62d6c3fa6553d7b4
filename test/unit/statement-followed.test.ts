import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import {
  depositEntry,
  feeEntry,
  interestEntry,
  withdrawalEntry,
  type CashMovement,
} from '../../src/domain/ledger/entries.js';
import { sumsOf } from '../../src/domain/ledger/sums.js';
import type { Proposal } from '../../src/domain/reconciliation/proposal.js';
import { opened, type Happening } from '../support/statement.js';
import { booked } from './ledger.fixture.js';
import { buy, compare, opening, sell, ticketOf, usd, type Draft } from './statement.fixture.js';

/*
 * Whoever does what a statement proposes, one thing after the other, comes to the books that it tells of: whatever was
 * left out, booked twice, or booked with another date, amount or number of units.
 */

const WHAT = ['DEPOSIT', 'WITHDRAWAL', 'FEE', 'INTEREST', 'BUY', 'SELL'] as const;
interface Fact {
  day: number;
  what: (typeof WHAT)[number];
  cents: number;
  units: number;
}
/** One a day, and none so near to the end that an entry of another date could be beyond it. */
const facts = fc.uniqueArray(
  fc.record({
    day: fc.integer({ min: 2, max: 26 }),
    what: fc.constantFrom(...WHAT),
    cents: fc.integer({ min: 100, max: 50_000 }),
    units: fc.integer({ min: 1, max: 9 }),
  }),
  { selector: ({ day }) => day, minLength: 1, maxLength: 12 },
);
const SLIPS = ['LEFT_OUT', 'TWICE', 'ANOTHER_DATE', 'ANOTHER_AMOUNT', 'OTHER_UNITS'] as const;
const slips = fc.array(fc.record({ place: fc.nat(), slip: fc.constantFrom(...SLIPS) }), { minLength: 1, maxLength: 3 });

const OPENED = opening('2025-12-01', '100000', { AAA: '200' }) as Draft;
const said = { cash: 100_000, equity: 102_000 };
const two = (number: number): string => String(number).padStart(2, '0');
const dateOf = (day: number): string => `2026-01-${two(day)}`;

/** As the broker tells it. */
function happeningOf({ day, what, cents, units }: Fact): Happening {
  const [at, amount] = [`${two(day)}/01/2026 15:00:00`, cents / 100];
  if (what === 'BUY') return opened(at, 'AAA', `${100 + day}`, `${units}`, amount);
  if (what !== 'SELL') {
    const type = {
      DEPOSIT: 'Deposit',
      WITHDRAWAL: 'Withdraw Request',
      FEE: ['Withdraw Fee', 'Adjustment', 'Interest Payment'][day % 3] ?? '',
      INTEREST: ['Interest Payment', 'Adjustment'][day % 2] ?? '',
    };
    const sign = what === 'DEPOSIT' || what === 'INTEREST' ? 1 : -1;
    return { at, type: type[what], amount: sign * amount };
  }
  const closed = { invested: amount, profit: 0, display: 0, openedAt: '01/06/2025 15:00:00' };
  const rates = { openRate: amount / units, closeRate: amount / units };
  const common = { at, type: 'Position closed', details: 'AAA/USD', amount, units: `${units}`, equity: 0 };
  return { ...common, id: `${200 + day}`, closed: { ...closed, ...rates } };
}

const CASH = { DEPOSIT: depositEntry, WITHDRAWAL: withdrawalEntry, FEE: feeEntry, INTEREST: interestEntry };
const cashOf = (kind: keyof typeof CASH, { date, amount }: Pick<CashMovement, 'date' | 'amount'>): Draft =>
  CASH[kind]({ date, amount, ...usd });

/** As it is booked; a fill is of the ticket of its day. */
function draftOf({ day, what, cents, units }: Fact, ticketDay = day): Draft {
  const [date, amount] = [dateOf(day), (cents / 100).toFixed(2)];
  if (what === 'BUY') return buy(date, `${units}`, amount, `t${ticketDay}`);
  if (what === 'SELL') return sell(date, `${units}`, amount, `t${ticketDay}`);
  return cashOf(what, { date, amount });
}

/** What somebody booked who slipped there. */
function slipped(fact: Fact, slip: (typeof SLIPS)[number]): Draft[] {
  const { day, cents, units } = fact;
  if (slip === 'LEFT_OUT') return [];
  if (slip === 'TWICE') return [draftOf(fact), draftOf(fact)];
  if (slip === 'ANOTHER_DATE') return [draftOf({ ...fact, day: day + 2 }, day)];
  if (slip === 'ANOTHER_AMOUNT') return [draftOf({ ...fact, cents: cents + 7 })];
  return [draftOf({ ...fact, units: units + 1 })];
}

/** The books once it was done. */
function done(drafts: readonly Draft[], proposal: Proposal, truth: readonly Draft[]): Draft[] {
  switch (proposal.kind) {
    case 'REVERSE_ENTRY':
      return drafts.filter((_, index) => index + 1 !== proposal.entryId);
    case 'CONFIRM_FILLS': {
      const isOther = ({ ticketId }: Draft) => ticketId !== proposal.ticketId;
      return [...drafts.filter(isOther), ...truth.filter((draft) => !isOther(draft))];
    }
    case 'BOOK_DEPOSIT':
    case 'BOOK_WITHDRAWAL':
    case 'BOOK_FEE':
    case 'BOOK_INTEREST': {
      const kind = proposal.kind.replace('BOOK_', '') as keyof typeof CASH;
      return [...drafts, cashOf(kind, { date: proposal.date, amount: proposal.amount ?? '' })];
    }
    default:
      throw new Error(`nothing here is set right by ${proposal.kind}`);
  }
}

const stateOf = (drafts: readonly Draft[]): string[] => {
  const entries = booked(drafts);
  return [
    ...drafts
      .map(({ kind, effectiveDate, postings }) => `${kind} ${effectiveDate} ${JSON.stringify(postings)}`)
      .toSorted(),
    String(sumsOf(entries, 'Assets:Cash').get('USD')),
    String(sumsOf(entries, 'Assets:Units').get('AAA')),
  ];
};

describe('what a statement proposes', () => {
  it('leads to the books that it tells of, whoever slipped where', async () => {
    await fc.assert(
      fc.asyncProperty(facts, slips, async (all, where) => {
        const told = all.toSorted((a, b) => a.day - b.day);
        const truth = [OPENED, ...told.map((fact) => draftOf(fact))];
        const slipOf = new Map(where.map(({ place, slip }) => [place % told.length, slip]));
        let drafts = [
          OPENED,
          ...told.flatMap((fact, index) => {
            const slip = slipOf.get(index);
            return slip === undefined ? [draftOf(fact)] : slipped(fact, slip);
          }),
        ];
        const tickets = told.flatMap(({ day, what }) =>
          what === 'BUY' || what === 'SELL' ? [ticketOf(`t${day}`, dateOf(day), what, true)] : [],
        );
        const importing = () => compare({ happenings: told.map(happeningOf), drafts, said, more: { tickets } });
        let comparison = await importing();
        for (let turn = 0; turn < 10; turn += 1) {
          const [proposal] = comparison.lines.flatMap((line) => line.proposal ?? []);
          if (proposal === undefined) break;
          drafts = done(drafts, proposal, truth);
          comparison = await importing();
        }
        expect(comparison.status).toBe('AGREES');
        expect(stateOf(drafts)).toEqual(stateOf(truth));
      }),
      { numRuns: 60 },
    );
  });
});
