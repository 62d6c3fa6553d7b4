import { join } from 'node:path';
import { beforeAll, describe, expect, test } from 'vitest';
import { addSessions } from '../../src/domain/calendar/calendar.js';
import { contentHash } from '../../src/domain/hash.js';
import { D } from '../../src/domain/money.js';
import { parsePolicy } from '../../src/domain/policy/policy.js';
import { parseUniverse } from '../../src/domain/policy/universe.js';
import type { Bar, IsoDate } from '../../src/domain/types.js';
import { NO_COSTS, PESSIMISTIC } from '../../src/domain/walk/costs.js';
import { ticketDifferences } from '../../src/domain/walk/difference.js';
import { repositoryRoot } from '../../src/runtime/paths.js';
import { executeWith } from '../../src/simulation/broker.js';
import type { Archive, Series } from '../../src/simulation/memory/archive.js';
import type { Rules } from '../../src/simulation/memory/desk.js';
import { readMarket } from '../../src/simulation/memory/prepare.js';
import { renderMarkdown } from '../../src/reports/render/markdown.js';
import { walkDocument } from '../../src/reports/walk/page.js';
import { walkReport } from '../../src/simulation/memory/report.js';
import { walk, type Walked, type WalkOf } from '../../src/simulation/memory/walk.js';
import { RULING_OF_2014, UNIVERSE_OF_2014 } from '../support/market-2014.js';

/** Real prices of 2014: test/fixtures/market-2014. */
const FOLDER = join(repositoryRoot, 'test', 'fixtures', 'market-2014');
const POLICY = (trading = 'mode: live') => `version: 1
accounts:
  main: { base_currency: GBP, clock: simulated }
operators: [ann]
market_data: { provider: csv, fx_provider: csv, history_sessions: 70, csv_folder: ${FOLDER} }
trading: { ${trading} }
ticket: { slippage_bps: 1000 }
`;
const [FROM, MIDDLE, TO] = ['2014-04-07', '2014-05-05', '2014-06-13'];

function rulesOf(text = POLICY()): Rules {
  const [policy, universe] = [parsePolicy(text, 'policy.yml'), parseUniverse(UNIVERSE_OF_2014, 'universe.csv')];
  return {
    account: { account: 'main', baseCurrency: 'GBP', clock: 'simulated' },
    policy,
    policyHash: contentHash(policy),
    universe,
    universeHash: contentHash(universe),
    mode: policy.trading.mode,
    operator: 'ann',
  };
}

const marketFrom = (from: IsoDate, rules = rulesOf()) =>
  readMarket({ rules, dataDir: '/nowhere', env: {}, from, to: TO, rulings: [RULING_OF_2014], events: [] });

/** The same archive with each series changed. */
const changed = ({ eod, fx }: Archive, change: (series: Series) => Series): Archive => ({
  eod: new Map([...eod].map(([source, all]) => [source, new Map([...all].map(([name, one]) => [name, change(one)]))])),
  fx,
});

const hashesOf = async (of: WalkOf) =>
  (await walk(of)).tickets.map(({ material, materialHash }) => `${material.tradingDay} ${materialHash}`);

describe('a walk cannot look ahead', () => {
  let read: Awaited<ReturnType<typeof marketFrom>>;
  let of: WalkOf;
  let whole: string[];
  beforeAll(async () => {
    read = await marketFrom(FROM);
    of = { ...read, rules: rulesOf(), cash: '50000', rulings: [RULING_OF_2014], from: FROM, to: MIDDLE };
    whole = await hashesOf(of);
  });

  test('its days trade, hold a split back and book dividends', async () => {
    const { days, desk } = await walk({ ...of, to: TO });
    expect(days.filter(({ kind }) => kind === 'TRADE').length).toBeGreaterThan(5);
    expect(desk.books.entries.map(({ kind }) => kind)).toEqual(expect.arrayContaining(['FILL', 'DIVIDEND', 'SPLIT']));
  });

  test('with the future cut off it issues the same tickets', async () => {
    // The prices of the last day's as-of date are the last that its ticket may know.
    const known = addSessions(MIDDLE, -1);
    const archive = changed(read.archive, (series) => ({
      ...series,
      bars: series.bars.filter(({ session }) => session <= known),
      actions: series.actions.filter(({ exDate }) => exDate <= known),
    }));
    expect(await hashesOf({ ...of, archive })).toEqual(whole);
  });

  test('with another future it issues the same tickets, and with another past it does not', async () => {
    const doubled = (after: IsoDate) => (bar: Bar) =>
      bar.session > after ? { ...bar, open: '1', high: '900', low: '1', close: '700.5' } : bar;
    const known = addSessions(MIDDLE, -1);
    const other = (after: IsoDate) =>
      changed(read.archive, (series) => ({ ...series, bars: series.bars.map(doubled(after)) }));
    expect(await hashesOf({ ...of, archive: other(known) })).toEqual(whole);
    expect(await hashesOf({ ...of, archive: other(addSessions(MIDDLE, -3)) })).not.toEqual(whole);
  });

  test('with a longer history before it, it issues the same tickets', async () => {
    const longer = rulesOf();
    longer.policy.market_data.history_sessions = 75;
    const { archive } = await marketFrom(FROM, longer);
    const first = (one: Archive) => one.eod.get('csv')?.get('KO')?.bars[0]?.session ?? '';
    expect(first(archive) < first(read.archive)).toBe(true);
    expect(await hashesOf({ ...of, archive })).toEqual(whole);
  });

  test('begun earlier, an account that books nothing gets the same tickets, with their lines, on every day of both', async () => {
    const dry: Rules = { ...rulesOf(), mode: 'dry-run' };
    const late = await walk({ ...of, rules: dry });
    const early = await walk({ ...of, ...(await marketFrom('2014-02-20')), rules: dry, from: '2014-02-20' });
    expect(late.tickets.flatMap(({ material }) => material.lines).length).toBeGreaterThan(10);
    expect(early.tickets.length).toBeGreaterThan(late.tickets.length + 25);
    expect(early.tickets.slice(-late.tickets.length).map(({ materialHash }) => materialHash)).toEqual(
      late.tickets.map(({ materialHash }) => materialHash),
    );
  });

  test('begun earlier in a week without a trade, it issues and books the same from then on', async () => {
    const [early, late] = await Promise.all(
      ['2014-04-08', '2014-04-10'].map(async (from) => walk({ ...of, ...(await marketFrom(from)), from, to: TO })),
    );
    const ofDays = ({ tickets }: Walked) =>
      tickets.map(({ material, materialHash }) => [material.tradingDay, materialHash]);
    expect(ofDays(early!).slice(2)).toEqual(ofDays(late!));
    expect(late!.days.filter(({ kind }) => kind === 'TRADE').length).toBeGreaterThan(5);
    expect(early!.desk.books.state().units).toEqual(late!.desk.books.state().units);
  });

  test('begun months before its benchmark has a price, it issues the same from the first trade on', async () => {
    const known = addSessions(FROM, -1);
    const { archive, market } = await marketFrom('2014-01-21');
    const archived = changed(archive, (series) =>
      series.symbol === 'SPY' ? { ...series, bars: series.bars.filter(({ session }) => session >= known) } : series,
    );
    const begun = (from: IsoDate) => hashesOf({ ...of, archive: archived, market, from });
    const [early, late] = [await begun('2014-01-21'), await begun(FROM)];
    expect(early.length).toBeGreaterThan(late.length + 50);
    expect(early.slice(-late.length)).toEqual(late);
  });

  test('begun earlier, it finds the same in the market once both are under way', async () => {
    const scoresOf = async (from: IsoDate) => {
      const found = new Map<IsoDate, string>();
      await walk({
        ...of,
        ...(await marketFrom(from)),
        from,
        onDecision: ({ material }, { scores }) => void found.set(material.tradingDay, contentHash(scores)),
      });
      return found;
    };
    const [late, early] = [await scoresOf(FROM), await scoresOf('2014-03-31')];
    expect(early.size).toBe(late.size + 5);
    // Until the ruling GOOGL is left out of the scores of whoever does not hold it, and stops whoever does.
    const settled = [...late].filter(([day]) => day > RULING_OF_2014.ruledOn);
    expect(settled.length).toBeGreaterThan(15);
    for (const [day, scores] of settled) expect(early.get(day)).toBe(scores);
  });
});

describe('the report of a walk', () => {
  const asked = () => ({
    rules: rulesOf(),
    by: { file: 'policy.yml', policyHash: rulesOf().policyHash, universeHash: rulesOf().universeHash },
    dataDir: '/nowhere',
    env: {},
    from: FROM,
    to: TO,
    cash: '50000',
    costs: PESSIMISTIC,
    rulings: [RULING_OF_2014],
    events: [],
    before: { keys: new Set<string>(), unnamed: 3 },
    resetAfter: null,
    sensitivity: false,
    against: null,
  });

  test('counts its walks, names its benchmark, and costs take what they take', async () => {
    const [dear, free] = [await walkReport(asked()), await walkReport({ ...asked(), costs: NO_COSTS })];
    expect(dear.variants).toEqual({ inThisReport: 1, before: 3, keys: [expect.stringMatching(/^[0-9a-f]{64}$/)] });
    expect(dear.outcome.benchmark?.name).toBe('SPY total return, dividends net of 15 % withholding, GBP');
    expect(D(free.outcome.end).gt(dear.outcome.end)).toBe(true);
    const [year] = dear.outcome.years;
    // 10 bps of price and 50 bps of rate on all that was traded, within what rounding to a millionth of a unit leaves.
    const traded = D(year?.bought ?? '0').plus(year?.sold ?? '0');
    expect(
      D(year?.cost ?? '0')
        .div(traded)
        .toNumber(),
    ).toBeCloseTo(0.006, 4);
    expect(Math.abs(Number(free.outcome.years[0]?.cost))).toBeLessThan(0.5);
    const codes = dear.outcome.blocked.map(({ code }) => code);
    expect(codes).toContain('NOT_REBALANCE_DAY');
    expect(dear.outcome.trades + dear.outcome.noTrades).toBe(dear.outcome.sessions);
  });

  test('counts the same walked again as no other variant, and one of other costs or days as one', async () => {
    const short = { ...asked(), to: '2014-04-10' };
    const { variants } = await walkReport(short);
    const after = async (changes: object) => {
      const before = { keys: new Set<string>(variants.keys), unnamed: 3 };
      return (await walkReport({ ...short, ...changes, before })).variants.before;
    };
    expect([await after({}), await after({ costs: NO_COSTS }), await after({ to: '2014-04-09' })]).toEqual([3, 4, 4]);
  });

  test('says when the kill switch was reset, and trades on from there with the loss accepted', async () => {
    const strict = rulesOf(`${POLICY('mode: live, cadence: daily')}risk: { max_drawdown: 0.01 }\n`);
    const walkedWith = async (resetAfter: number | null) => {
      const report = await walkReport({ ...asked(), rules: strict, resetAfter });
      const stopped = report.outcome.blocked.find(({ code }) => code === 'KILL_SWITCH_ENGAGED')?.days ?? 0;
      return { ...report, stopped };
    };
    const [never, soon] = [await walkedWith(null), await walkedWith(3)];
    expect(never.resets).toEqual([]);
    expect(never.assumptions.at(-1)).toBe('nobody resets the kill switch: a drawdown at the limit ends trading');
    expect(soon.resets.length).toBeGreaterThan(0);
    expect(soon.resets[0]?.reason).toMatch(/^drawdown of 1\.\d\d % at 2014-/);
    expect(soon.outcome.trades).toBeGreaterThan(never.outcome.trades);
    // Every stop but one that the end cut short kept three sessions from trading, no more.
    expect(never.stopped).toBeGreaterThan(3);
    expect(soon.stopped - 3 * soon.resets.length).toBeGreaterThanOrEqual(0);
    expect(soon.stopped - 3 * soon.resets.length).toBeLessThan(3);
    // What is asked of the switch is asked of the reset, too: nothing goes on at the same peak.
    const dates = soon.resets.map(({ tradingDay }) => tradingDay);
    expect(new Set(dates).size).toBe(dates.length);
  });

  test('of two policies says on which days their tickets differ', async () => {
    const daily = rulesOf(POLICY('mode: live, cadence: daily'));
    const by = { file: 'daily.yml', policyHash: daily.policyHash, universeHash: daily.universeHash };
    const report = await walkReport({ ...asked(), to: '2014-04-25', against: { rules: daily, by } });
    const { against, outcome, variants } = report;
    expect([variants.inThisReport, new Set(variants.keys).size]).toEqual([2, 2]);
    // Whoever holds them against those of a simulation has each by its id, and all of them by one digest.
    const { tickets } = await walk({
      ...asked(),
      ...(await marketFrom(FROM)),
      fill: executeWith(PESSIMISTIC),
      to: '2014-04-25',
    });
    expect(outcome.tickets).toEqual(
      tickets.map(({ material: { tradingDay }, ticketId }) => ({ tradingDay, ticketId })),
    );
    expect(outcome.ticketsDigest).toBe(contentHash(outcome.tickets));
    const page = renderMarkdown(walkDocument(report));
    for (const digest of [outcome.ticketsDigest, against?.outcome.ticketsDigest]) expect(page).toContain(digest);
    const first = against?.differences[0]?.tradingDay;
    const idOn = (all: typeof outcome.tickets = []) => all.find(({ tradingDay }) => tradingDay === first)?.ticketId;
    const pair = `\`${idOn(outcome.tickets)}\` and \`${idOn(against?.outcome.tickets)}\``;
    expect(page).toContain(`The first of them, ${first}: ${pair}`);
    expect(against?.differences.length).toBeGreaterThan(5);
    expect(against?.differences.length).toBeLessThanOrEqual(outcome.sessions);
    expect(against?.differences.find(({ tradingDay }) => tradingDay === '2014-04-10')).toMatchObject({
      codes: [['NOT_REBALANCE_DAY'], []],
    });
    const same = await walkReport({ ...asked(), to: '2014-04-25', against: { rules: rulesOf(), by } });
    expect(same.against?.differences).toEqual([]);
  });
});

describe('the broker that costs something', () => {
  const line = {
    sequence: 1,
    symbol: 'KO',
    etoroSearchName: 'KO',
    side: 'BUY',
    orderType: 'MARKET',
    valueBase: '1000.00',
    units: null,
    referencePrice: '40',
    referenceCurrency: 'USD',
    skipPrice: '40.10',
  } as const;
  const market = {
    openOf: () => '40',
    closeOf: () => '40',
    lastCloseOf: () => null,
    actionsOn: () => [],
    paysDividends: () => false,
    rateOn: () => '1.6',
    rateAt: () => '1.6',
    pair: 'GBPUSD',
    basisOf: () => 'raw' as const,
    pricedTo: '2014-06-09',
  };
  const trade = (cash: string, ...lines: (typeof line)[]) =>
    executeWith({ slippageBps: 20, fxSpreadBps: 50, minimumOrder: '10' })(
      { cash: D(cash), units: new Map() },
      market,
      { tradingDay: '2014-06-09', lines },
      '2014-06-09T13:36:00.000Z',
    );

  test('fills worse than the open and the rate', () => {
    // 1000 at 1.6 less 0.5 %, that is 1592 USD, at 40 and 0.2 %, that is 40.08.
    expect(trade('2000', line).fills[0]).toMatchObject({
      executedStatus: 'DONE',
      fillPrice: '40.08',
      units: '39.720558',
    });
  });

  test('skips what would be filled beyond the skip price, and fails without cash or under the minimum', () => {
    expect(trade('2000', { ...line, skipPrice: '40.07' } as never).fills[0]?.executedStatus).toBe('SKIPPED');
    expect(trade('999.99', line).fills[0]).toMatchObject({ executedStatus: 'FAILED', notes: 'not enough cash' });
    expect(trade('2000', { ...line, valueBase: '6.00' } as never).fills[0]).toMatchObject({
      notes: 'below minimum size',
    });
  });
});

test('tickets that say the same do not differ, whatever policy and snapshot they name', () => {
  const material = { tradingDay: '2014-06-09', kind: 'NO_TRADE', reasons: [], lines: [], policyHash: 'a' } as never;
  expect(
    ticketDifferences([material], [{ ...(material as object), policyHash: 'b', snapshotId: 'c' } as never]),
  ).toEqual([]);
});
