import { describe, expect, it } from 'vitest';
import { dividendEntry, dividendFromNet, withdrawalEntry } from '../../src/domain/ledger/entries.js';
import { dividendKey } from '../../src/domain/ledger/keys.js';
import type { CorporateAction } from '../../src/domain/types.js';
import type { Proposal } from '../../src/domain/reconciliation/proposal.js';
import type { Happening } from '../support/statement.js';
import { deposit } from './ledger.fixture.js';
import { compare, differing, opening, period, told, usd, type Case } from './statement.fixture.js';

/*
 * What two statements tell apart: whoever does what each of them says comes to books with which both agree, and is not
 * sent from one to the other and back.
 */

const FEBRUARY = period('01/02/2026', '28/02/2026', '05/03/2026 08:00:00');

describe('a dividend that was booked on another date than it was paid', () => {
  const HELD = opening('2025-12-01', '1000', { AAA: '10' });
  const PAID: Happening = {
    at: '13/01/2026 05:00:00',
    type: 'Dividend',
    details: 'AAA/USD',
    amount: 8.5,
    id: '1',
    paid: { tax: 1.5, display: null, taxDisplay: null },
  };
  const action = (exDate: string): CorporateAction => {
    const common = { symbol: 'AAA', kind: 'DIVIDEND', value: '1', currency: 'USD', source: 'tiingo' } as const;
    return { ...common, exDate };
  };
  const bookedOn = (date: string, net = '8.50', exDate = '2026-01-09') => ({
    ...dividendEntry({ date, exDate, symbol: 'AAA', amounts: dividendFromNet(net), ...usd }),
    key: dividendKey('AAA', exDate),
  });
  const said = { cash: 1000, equity: 1000 };
  const january = (drafts: Case['drafts'], actions = [action('2026-01-09')]) =>
    compare({ happenings: [PAID], drafts: [HELD, ...drafts], said, more: { actions } });
  const february = (drafts: Case['drafts']) =>
    compare({ happenings: [], drafts: [HELD, ...drafts], said: { ...FEBRUARY, cash: 1008.5, equity: 1008.5 } });

  it.each([
    ['of the same figures', '8.50'],
    ['of others', '8.10'],
  ])('%s is named by either statement, and taken back by none unlooked', async (_, net) => {
    const late = bookedOn('2026-02-05', net);
    const [row] = differing(await january([late]));
    expect(row).toMatchObject({ difference: 'MISSING_IN_LEDGER', proposal: null });
    expect(row?.text).toMatch(/entry 2 of 2026-02-05 books the one of ex-date 2026-01-09, net 8\.[15]0: .* reverse it/);
    expect(row?.text).not.toContain('ledger dividend');
    const [entry] = differing(await february([late]));
    expect(entry).toMatchObject({ difference: 'MISSING_IN_STATEMENT', entryIds: [2], proposal: null });
    expect(entry?.text).toMatch(/no row of the period tells of it: look at eToro when it was paid; .*--paid-on/);
  });

  it('leads to its booking once it was taken back, with which both agree', async () => {
    expect(differing(await january([]))[0]?.proposal).toMatchObject({
      kind: 'BOOK_DIVIDEND',
      exDate: '2026-01-09',
      paidOn: '2026-01-13',
    });
    const cured = bookedOn('2026-01-13');
    expect(told(await january([cured]))).toEqual([]);
    expect(told(await february([cured]))).toEqual([]);
  });

  it('within the period is on another date, however far', async () => {
    expect(told(await january([bookedOn('2026-01-29')]))).toEqual([['DIVIDEND', 'DATE_DIFFERS', 'REVERSE_ENTRY']]);
  });

  it('is none that was paid before: the newest that nobody booked is the likelier one', async () => {
    const before = bookedOn('2025-12-20', '8.50', '2025-12-09');
    const actions = [action('2025-12-09'), action('2026-01-09')];
    expect(differing(await january([before], actions))[0]?.proposal).toMatchObject({ exDate: '2026-01-09' });
    // Where no source tells of a newer one nobody can tell: both ways are said.
    const [row] = differing(await january([before], []));
    expect(row?.text).toMatch(
      /books the one of ex-date 2025-12-09.*; if not, no source tells its ex-date: trading-ops/,
    );
  });

  it('that no day outside of the period can have paid is known to be none', async () => {
    const year = period('01/12/2025', '31/05/2026', '05/06/2026 08:00:00');
    const stray = await compare({ happenings: [], drafts: [HELD, bookedOn('2026-02-05')], said: { ...said, ...year } });
    expect(told(stray)[0]).toEqual(['DIVIDEND', 'MISSING_IN_STATEMENT', 'REVERSE_ENTRY']);
  });
});

describe('a withdrawal that was cancelled after the end of a statement', () => {
  const OPENED = opening('2025-12-01', '5000');
  const ASKED: Happening = { at: '30/01/2026 10:00:00', type: 'Withdraw Request', amount: -100 };
  const CANCELLED: Happening = { at: '02/02/2026 10:00:00', type: 'Withdraw Request Cancelled', amount: 100 };
  const said = { cash: 5000, equity: 5000 };
  const asked = withdrawalEntry({ date: '2026-01-30', amount: '100', ...usd });
  const cameBack = deposit('2026-02-02', '100');
  const statements = (drafts: Case['drafts']) =>
    Promise.all([
      compare({ happenings: [ASKED], drafts: [OPENED, ...drafts], said }),
      compare({
        happenings: [CANCELLED],
        drafts: [OPENED, ...drafts],
        said: { ...FEBRUARY, cash: 4900, equity: 4900 },
      }),
      compare({
        happenings: [ASKED, CANCELLED],
        drafts: [OPENED, ...drafts],
        said: { ...said, ...period('01/01/2026', '28/02/2026', '05/03/2026 08:00:00') },
      }),
    ]);
  const done = (drafts: Case['drafts'], proposal: Proposal) => {
    if (proposal.kind === 'BOOK_WITHDRAWAL') return [...drafts, asked];
    if (proposal.kind === 'BOOK_DEPOSIT' && proposal.date === '2026-02-02') return [...drafts, cameBack];
    if (proposal.kind === 'REVERSE_ENTRY') return drafts.filter((_, at) => at + 2 !== proposal.entryId);
    throw new Error(`nothing is set right by ${proposal.kind}`);
  };

  it.each([
    ['nothing', []],
    ['the request', [asked]],
    ['what came back', [cameBack]],
    ['both', [asked, cameBack]],
  ])('leads from %s booked to both, with which each statement agrees, and one of both months too', async (_, first) => {
    let drafts: Case['drafts'] = first;
    for (let turn = 0; turn < 4; turn += 1) {
      const [proposal] = (await statements(drafts)).flatMap(({ lines }) =>
        lines.flatMap((line) => line.proposal ?? []),
      );
      if (proposal === undefined) break;
      drafts = done(drafts, proposal);
    }
    expect((await statements(drafts)).flatMap(told)).toEqual([]);
    expect(drafts.map((draft) => draft?.kind).toSorted()).toEqual(['DEPOSIT', 'WITHDRAWAL']);
  });

  it('is nothing in a statement of both where neither is booked', async () => {
    const [, , both] = await statements([]);
    expect(told(both)).toEqual([]);
  });
});
