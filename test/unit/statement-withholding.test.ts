import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { dividendEntry, dividendFromNet, openingEntry } from '../../src/domain/ledger/entries.js';
import { dividendKey } from '../../src/domain/ledger/keys.js';
import type { Proposal } from '../../src/domain/reconciliation/proposal.js';
import type { CorporateAction } from '../../src/domain/types.js';
import { commandOf } from '../../src/reports/commands.js';
import type { Happening } from '../support/statement.js';
import { compare, differing, opening, told, type Base, type Case } from './statement.fixture.js';

/*
 * Of one dividend positions may have had different taxes withheld, where a form came into force between them: what is
 * proposed books the sum of them, and is done once.
 */

const HELD = opening('2025-12-01', '1000', { AAA: '20' });
const said = { cash: 1000, equity: 1000 };
type Figures = [net: number, tax: number, percent: number];
const paidOn = (figures: readonly Figures[], inPounds = false): Happening[] =>
  figures.map(([net, tax, percent], index) => ({
    at: '20/01/2026 02:00:00',
    type: 'Dividend',
    details: 'AAA/USD',
    amount: net,
    id: String(index + 1),
    paid: {
      tax,
      display: inPounds ? net / 2 : null,
      taxDisplay: inPounds ? tax / 2 : null,
      rate: `${percent} %`,
    },
  }));
const BOTH: Figures[] = [
  [8.5, 1.5, 15],
  [7, 3, 30],
];
const SOURCE = [
  { symbol: 'AAA', kind: 'DIVIDEND', value: '1', currency: 'USD', source: 'tiingo', exDate: '2026-01-09' },
] as const satisfies CorporateAction[];

const proposalOf = async (one: Case) => differing(await compare({ said, ...one }))[0]?.proposal ?? null;
/** What a proposal books, with a net that is typed where it says none. */
function bookingOf(proposal: Proposal | null, net?: string, base: Base = 'USD') {
  if (proposal?.kind !== 'BOOK_DIVIDEND' && proposal?.kind !== 'BOOK_PAID_DIVIDEND') throw new Error('no dividend');
  return dividendEntry({
    date: '2026-01-20',
    exDate: '2026-01-09',
    symbol: 'AAA',
    amounts: dividendFromNet(proposal.net ?? net ?? '', proposal.withholding),
    baseCurrency: base,
  });
}

describe('a dividend of positions with different taxes', () => {
  it('is proposed with what the sums come to, as typed, and agrees once that is booked', async () => {
    const happenings = paidOn(BOTH);
    const bare = await proposalOf({ happenings, drafts: [HELD] });
    expect(bare).toMatchObject({ kind: 'BOOK_PAID_DIVIDEND', withholding: '0.225', net: '15.50' });
    expect(commandOf(bare as Proposal, { account: 'main', clock: 'real' }, null)).toContain(
      '--withholding 0.225 --net 15.50 --paid-on 2026-01-20',
    );
    const known = await proposalOf({ happenings, drafts: [HELD], more: { actions: [...SOURCE] } });
    expect(known).toMatchObject({ kind: 'BOOK_DIVIDEND', withholding: '0.225', net: '15.50' });
    for (const proposal of [bare, known])
      expect(told(await compare({ happenings, drafts: [HELD, bookingOf(proposal)], said }))).toEqual([]);
  });

  it('has the tax that was told to the penny, whatever it was of how many', async () => {
    const figures = fc
      .tuple(fc.integer({ min: 100, max: 100_000 }), fc.constantFrom(0, 10, 15, 30))
      .map(([gross, percent]): Figures => {
        const tax = Math.round((gross * percent) / 100);
        return [(gross - tax) / 100, tax / 100, percent];
      });
    await fc.assert(
      fc.asyncProperty(fc.array(figures, { minLength: 2, maxLength: 5 }), async (all) => {
        fc.pre(new Set(all.map(([, , percent]) => percent)).size > 1);
        const happenings = paidOn(all);
        const booking = bookingOf(await proposalOf({ happenings, drafts: [HELD] }));
        expect(told(await compare({ happenings, drafts: [HELD, booking], said }))).toEqual([]);
        const tax = booking.postings.find(({ account }) => account === 'Expenses:WithholdingTax')?.amount ?? '0';
        expect(Number(tax)).toBeCloseTo(
          all.reduce((sum, [, each]) => sum + each, 0),
          4,
        );
      }),
      { numRuns: 40, seed: 2014 },
    );
  });

  it('is so in pounds too, by the figures that are said in them, and else by the dollars', async () => {
    const held = openingEntry({ date: '2025-12-01', cash: '1000', positions: { AAA: '20' }, baseCurrency: 'GBP' });
    for (const [inPounds, net] of [
      [true, '7.75'],
      [false, undefined],
    ] as const) {
      const one = { base: 'GBP', happenings: paidOn(BOTH, inPounds), more: { rateOn: () => '2' } } as const;
      const proposal = await proposalOf({ ...one, drafts: [held] });
      expect(proposal).toMatchObject({ kind: 'BOOK_PAID_DIVIDEND', withholding: '0.225' });
      expect((proposal as { net?: string }).net).toBe(net);
      const booking = bookingOf(proposal, '7.75', 'GBP');
      expect(told(await compare({ ...one, drafts: [held, booking], said }))).toEqual([]);
    }
  });

  it('of one tax has that, however its pennies were rounded', async () => {
    const happenings = paidOn(Array.from({ length: 9 }, (): Figures => [0.13, 0.02, 15]));
    expect(await proposalOf({ happenings, drafts: [HELD] })).toMatchObject({ withholding: '0.15', net: '1.17' });
  });

  it('is said with it where it is first looked whether another entry is this one', async () => {
    const before = {
      ...dividendEntry({
        date: '2025-12-20',
        exDate: '2025-12-09',
        symbol: 'AAA',
        amounts: dividendFromNet('15.50'),
        baseCurrency: 'USD',
      }),
      key: dividendKey('AAA', '2025-12-09'),
    };
    const [line] = differing(await compare({ happenings: paidOn(BOTH), drafts: [HELD, before], said }));
    expect(line?.text).toMatch(/; if not, .*: trading-ops ledger dividend .* --withholding 0\.225 --net 15\.50 /);
  });

  it('has leeway for what was worked out at a rate, and not for what is said beside it', async () => {
    const held = openingEntry({ date: '2025-12-01', cash: '1000', positions: { AAA: '20' }, baseCurrency: 'GBP' });
    const [said200, estimated] = [paidOn([[200, 50, 20]], true), paidOn([[2, 0.5, 20]])];
    const happenings = [...said200, ...estimated.map((row) => ({ ...row, id: '9' }))];
    const booked = (net: string) =>
      compare({
        base: 'GBP',
        happenings,
        drafts: [
          held,
          bookingOf(
            { kind: 'BOOK_PAID_DIVIDEND', symbol: 'AAA', withholding: '0.2', net, paidOn: '2026-01-20' },
            net,
            'GBP',
          ),
        ],
        more: { rateOn: () => '2' },
        said,
      });
    expect(told(await booked('101.05'))).toEqual([]);
    expect(told(await booked('102'))).toEqual([['DIVIDEND', 'AMOUNT_DIFFERS', null]]);
  });
});
