import type { Knex } from 'knex';
import { cpSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, test } from 'vitest';
import { connect } from '../../src/db/connect.js';
import { ledgerState } from '../../src/db/journal.js';
import { repositoryRoot } from '../../src/runtime/paths.js';
import { resolveAddresses } from '../../src/runtime/addresses.js';
import { brokenInvariants, violationsIn, type InvariantName } from '../../src/operations/guard/invariants.js';
import type { WalkReport } from '../../src/domain/walk/report.js';
import type { SimulationResult } from '../../src/simulation/result.js';
import { cliHere } from '../support/cli-here.js';
import { expectSameAsStored, walked } from '../support/walked.js';
import { startWorkerHere } from '../support/worker-here.js';
import { createInstallation, runCli, startWorkerProcess, type Installation } from '../support/stack.js';

const SYMBOLS = ['AAPL', 'GOOGL', 'KO', 'MSFT', 'V', 'XOM'];
const LONG_MS = 300_000;

const POLICY = (clock: string) => `version: 1
accounts:
  main: { base_currency: GBP, clock: ${clock} }
operators: [ann]
market_data: { provider: csv, fx_provider: csv, history_sessions: 70 }
trading: { mode: live }
# Wide, so that no gap at the open leaves a line of these few symbols out.
ticket: { slippage_bps: 1000 }
`;
const UNIVERSE = [
  'internal_symbol,etoro_search_name,name,kind,listing_currency,tradable,verified_on,verified_by',
  ...SYMBOLS.map((symbol) => `${symbol},${symbol},${symbol},stock,USD,true,2014-01-02,ann`),
  'SPY,SPY,S&P 500 ETF,benchmark,USD,false,,',
  '',
].join('\n');

/** How a simulation is run: its command and its worker as processes of their own, or both in this one, loaded once. */
type Where = 'apart' | 'here';

interface MarketInstallation extends Installation {
  where: Where;
}

/** An installation on the prices of test/fixtures/market-2014, with a worker. */
async function createMarketInstallation({
  clock = 'simulated',
  where = 'here',
}: { clock?: string; where?: Where } = {}): Promise<MarketInstallation> {
  const installation = await createInstallation();
  writeFileSync(join(installation.configDir, 'policy.yml'), POLICY(clock));
  writeFileSync(join(installation.configDir, 'universe.csv'), UNIVERSE);
  const folder = join(installation.dataDir, 'data', 'drop');
  mkdirSync(folder, { recursive: true });
  cpSync(join(repositoryRoot, 'test', 'fixtures', 'market-2014'), folder, { recursive: true });
  if (where === 'apart') {
    await startWorkerProcess(installation);
    return { ...installation, where };
  }
  const worker = await startWorkerHere(installation);
  const cleanup = async () => {
    await worker.stop();
    await installation.cleanup();
  };
  return { ...installation, where, cleanup };
}

async function simulate(installation: MarketInstallation, from: string, to: string, ...more: string[]) {
  const words = ['simulate', '--from', from, '--to', to, '--json', ...more];
  const { code, stdout, stderr } =
    installation.where === 'apart'
      ? await runCli(installation, words, { timeoutMs: LONG_MS })
      : await cliHere(installation, words);
  return { code, stderr, result: (code === 0 ? JSON.parse(stdout) : null) as SimulationResult | null };
}

/** A rulings file: what GOOGL's "dividend" really was, and when the operator says so. */
function rulingsOn({ dataDir }: Installation, session: string): string {
  const file = join(dataDir, 'rulings.csv');
  writeFileSync(
    file,
    `symbol,ex_date,kind,ruling,value,ruled_on,reason\nGOOGL,2014-04-03,DIVIDEND,split,2,${session},class C shares one for one\n`,
  );
  return file;
}

describe("the weeks around GOOGL's share distribution of 2014-04-03", () => {
  let installation: MarketInstallation;
  let ran: Awaited<ReturnType<typeof simulate>>;
  let owner: Knex;

  beforeAll(async () => {
    installation = await createMarketInstallation({ where: 'apart' });
    ran = await simulate(installation, '2014-03-31', '2014-04-14', '--rulings', rulingsOn(installation, '2014-04-09'));
    owner = connect(resolveAddresses(installation.settings).ownerDatabaseUrl, 2);
  }, LONG_MS);
  afterAll(async () => {
    await owner.destroy();
    await installation.cleanup();
  });

  test('every session goes through, and both books agree', () => {
    expect(ran.stderr).not.toMatch(/FAULT|BROKEN/);
    expect(ran.result).toMatchObject({
      days: 11,
      trades: 2,
      noTrades: 9,
      ledgerEqualsBroker: true,
      auditVerified: true,
    });
  });

  test('the "dividend" is held from the morning after its ex-date until the operator rules', async () => {
    const days = await owner('tickets')
      .whereRaw(`reasons @> '[{"code": "ACTION_NEEDS_REVIEW", "subject": "GOOGL"}]'`)
      .orderBy('trading_day')
      .pluck('trading_day');
    expect(days).toEqual(['2014-04-04', '2014-04-07', '2014-04-08']);
    expect(ran.result).toMatchObject({
      rulings: 1,
      needed: [],
      noTradesByReason: { ACTION_NEEDS_REVIEW: 3, UNITS_DRIFT: 3 },
    });
  });

  test('as ruled it is booked as a split, once, by the command of the report', async () => {
    const booked = await owner('journal_entries')
      .whereIn('kind', ['SPLIT', 'DIVIDEND'])
      .select('kind', 'symbol', 'effective_date', 'idempotency_key');
    expect(booked).toEqual([
      { kind: 'SPLIT', symbol: 'GOOGL', effective_date: '2014-04-03', idempotency_key: 'split:GOOGL:2014-04-03' },
    ]);
    expect(ran.result?.splitsBooked).toBe(1);
  });

  test('a walk in memory issues the very tickets and books the very entries', async () => {
    const rulings = rulingsOn(installation, '2014-04-09');
    await expectSameAsStored(owner, await walked(installation, { from: '2014-03-31', to: '2014-04-14', rulings }));
  });

  test("the benchmark is of the same days and in the account's currency, as the walk in memory says it", async () => {
    const rulings = rulingsOn(installation, '2014-04-09');
    const words = ['--from', '2014-03-31', '--to', '2014-04-14', '--broker', 'open', '--rulings', rulings, '--json'];
    const { stdout } = await cliHere(installation, ['simulate', '--in-memory', ...words]);
    const { outcome } = JSON.parse(stdout) as WalkReport;
    expect(ran.result?.benchmark).toEqual(outcome.benchmark);
    expect(ran.result?.tickets).toEqual(outcome.tickets);
    expect(ran.result?.ticketsDigest).toBe(outcome.ticketsDigest);
    expect(ran.result).toMatchObject({
      benchmark: { name: expect.stringMatching(/^SPY .*, GBP$/) },
      noBenchmark: null,
    });
  });

  test('a ledger that is in use is not simulated upon', async () => {
    const again = await simulate(installation, '2014-04-15', '2014-04-15');
    expect(again.code).toBe(2);
    expect(again.stderr).toContain('LEDGER_NOT_EMPTY');
  });

  test.each<[InvariantName, string, string]>([
    [
      'I1',
      'a second live ticket of a day',
      `insert into tickets (ticket_id, account, trading_day, as_of_date, kind, dry_run, material_hash, material, reasons, run_id, issued_at, policy_hash, universe_hash)
      select gen_random_uuid(), account, trading_day, as_of_date, kind, dry_run, material_hash, material, reasons, run_id, issued_at, policy_hash, universe_hash from tickets where kind = 'NO_TRADE' limit 1`,
    ],
    [
      'I2',
      'a TRADE with a failed gate',
      `update gate_results set status = 'FAIL', reasons = '[{}]' where gate = 'risk' and run_id in (select run_id from tickets where kind = 'TRADE')`,
    ],
    [
      'I2',
      'a TRADE without one of its gates',
      `delete from gate_results where gate = 'kill_switch' and run_id in (select run_id from tickets where kind = 'TRADE')`,
    ],
    [
      'I3',
      'a fill the ledger has otherwise',
      `update fills set units = units + 0.000001 where executed_status = 'DONE' and side = 'BUY' and sequence = (select min(sequence) from fills where executed_status = 'DONE')`,
    ],
    [
      'I3',
      'a penny too much in the ledger',
      `update postings set amount = amount + 0.01 where ledger_account = 'Assets:Cash' and entry_id = (select min(entry_id) from journal_entries where kind = 'FILL')`,
    ],
    ['I4', 'an audit record that was altered', `update audit_log set detail = '{}' where action = 'ticket.issued'`],
    // By several records: the worker may add one at any moment.
    ['I4', 'an audit log that was cut short', `delete from audit_log where seq > (select max(seq) - 9 from audit_log)`],
    [
      'I5',
      'a fill booked twice',
      `insert into journal_entries (account, book, kind, effective_date, booked_at, description, symbol, ticket_id, confirmation_id, idempotency_key, operator)
      select account, book, kind, effective_date, booked_at, description, symbol, ticket_id, confirmation_id, 'again', operator from journal_entries where kind = 'FILL' limit 1`,
    ],
    [
      'I6',
      'a missed slot that nobody was told of',
      `with missed as (insert into runs (run_id, slot, trading_day, as_of_date, at, workflow_id, operator, policy_hash, universe_hash, accounts)
      select gen_random_uuid(), slot, trading_day, as_of_date, at, workflow_id, 'watch', policy_hash, universe_hash, accounts from runs where slot = '1400' limit 1 returning run_id)
      insert into run_results (run_id, outcome, summary) select run_id, 'MISSED', 'never began' from missed`,
    ],
    [
      'I6',
      'a slot that came to no result',
      `delete from run_results where run_id = (select run_id from runs where slot = '0800' limit 1)`,
    ],
    ['I7', 'a fill above its ticket line', `update ticket_lines set value_base = value_base / 2 where side = 'BUY'`],
    [
      'I7',
      'units below zero',
      `update postings set amount = -amount where ledger_account = 'Assets:Units' and entry_id = (select min(entry_id) from journal_entries where kind = 'FILL')`,
    ],
    [
      'I7',
      'a symbol nobody knows',
      `update postings set commodity = 'XYZ' where ledger_account = 'Assets:Units' and commodity = 'MSFT'`,
    ],
  ])('%s: %s is found', async (invariant, _what, tampering) => {
    const scope = {
      universe: [...SYMBOLS, 'SPY'],
      known: null,
      slots: [
        {
          account: 'main',
          policy: { calendar: { extra_closures: [], extra_early_closes: [] } },
          now: '2014-04-14T20:00:00Z',
        },
      ],
    };
    const { violations, head } = await brokenInvariants(owner, scope);
    expect(violations).toEqual([]);
    expect(await tampered(owner, tampering, { ...scope, known: head })).toContain(invariant);
  });
});

/** The invariants that are broken after a change nobody may make; the change is rolled back. */
async function tampered(
  owner: Knex,
  statement: string,
  scope: Parameters<typeof violationsIn>[1],
): Promise<InvariantName[]> {
  const trx = await owner.transaction();
  try {
    for (const table of [
      'run_results',
      'tickets',
      'gate_results',
      'fills',
      'postings',
      'audit_log',
      'journal_entries',
      'ticket_lines',
    ])
      await trx.raw('alter table ?? disable trigger user', [table]);
    await trx.raw('drop index tickets_first_of_day_uniq');
    await trx.raw(statement);
    return (await violationsIn(trx, scope)).map(({ invariant }) => invariant);
  } finally {
    await trx.rollback();
  }
}

describe('other weeks', () => {
  let installation: MarketInstallation;
  beforeAll(async () => void (installation = await createMarketInstallation()));
  afterAll(() => installation.cleanup());

  test(
    "AAPL's split of 2014-06-09 and the dividends of the week are booked from the reports",
    async () => {
      const { result, stderr } = await simulate(
        installation,
        '2014-06-02',
        // Two sessions beyond the last price: there is nothing to trade at or to be worth, and it ends before.
        '2014-06-17',
        '--rulings',
        rulingsOn(installation, '2014-06-02'),
      );
      expect(stderr).not.toMatch(/FAULT|BROKEN/);
      expect(result).toMatchObject({
        days: 10,
        to: '2014-06-13',
        valuedTo: '2014-06-13',
        endsEarly: { asked: '2014-06-17', lastPrice: '2014-06-13' },
        gaps: [],
        ended: [],
        splitsBooked: 1,
        dividendsBooked: 1,
        needed: [],
        problems: [],
        reconciliationsFailed: 0,
      });
      const rulings = rulingsOn(installation, '2014-06-02');
      const owner = connect(resolveAddresses(installation.settings).ownerDatabaseUrl, 2);
      try {
        await expectSameAsStored(owner, await walked(installation, { from: '2014-06-02', to: '2014-06-13', rulings }));
      } finally {
        await owner.destroy();
      }
    },
    LONG_MS,
  );
});

describe('weeks in which companies do something to what is held', () => {
  let installation: MarketInstallation;
  beforeAll(async () => {
    installation = await createMarketInstallation();
    const { configDir, dataDir } = installation;
    const folder = join(dataDir, 'data', 'drop');
    writeFileSync(
      join(configDir, 'policy.yml'),
      `${POLICY('simulated')}data_quality: { min_coverage: 0.5, lookback_sessions: 5 }\n`,
    );
    writeFileSync(
      join(configDir, 'universe.csv'),
      `${UNIVERSE}VNEW,VNEW,VNEW,stock,USD,true,2014-01-02,ann\nXSPUN,XSPUN,XSPUN,stock,USD,true,2014-01-02,ann\n`,
    );
    // V is called VNEW from 14 May, and its file goes on under that name; XSPUN begins on 16 May.
    const rows = (symbol: string) =>
      readFileSync(join(folder, `${symbol}.csv`), 'utf8')
        .trim()
        .split('\n');
    const [head, ...prices] = rows('V');
    const write = (symbol: string, kept: (date: string) => boolean, of: string[]) =>
      writeFileSync(
        join(folder, `${symbol}.csv`),
        [head, ...of.filter((row) => kept(row.slice(0, 10))), ''].join('\n'),
      );
    write('VNEW', (date) => date >= '2014-05-14', prices);
    write('V', (date) => date < '2014-05-14', prices);
    write('XSPUN', (date) => date >= '2014-05-16', rows('KO').slice(1));
  }, LONG_MS);
  afterAll(() => installation.cleanup());

  test(
    'a rename, a spin-off and a merger for cash are booked off the statement, and both books agree',
    async () => {
      const events = join(installation.dataDir, 'events.csv');
      writeFileSync(
        events,
        [
          'date,kind,symbol,to,ratio,amount,cost_share',
          '2014-05-14,RENAME,V,VNEW,,,',
          '2014-05-16,SPIN_OFF,XOM,XSPUN,1/4,,',
          '2014-05-20,CASH_MERGER,MSFT,,,42.50,',
          '',
        ].join('\n'),
      );
      const { result, stderr } = await simulate(installation, '2014-05-12', '2014-05-22', '--events', events);
      expect(stderr).not.toMatch(/FAULT|BROKEN/);
      expect(result).toMatchObject({ days: 9, problems: [], ledgerEqualsBroker: true, auditVerified: true });
      const owner = connect(resolveAddresses(installation.settings).ownerDatabaseUrl, 2);
      try {
        const booked = await owner('journal_entries')
          .whereIn('kind', ['RENAME', 'SPIN_OFF', 'CASH_MERGER'])
          .orderBy('entry_id')
          .select('kind', 'symbol', 'effective_date');
        expect(booked).toEqual([
          { kind: 'RENAME', symbol: 'V', effective_date: '2014-05-14' },
          { kind: 'SPIN_OFF', symbol: 'XOM', effective_date: '2014-05-16' },
          { kind: 'CASH_MERGER', symbol: 'MSFT', effective_date: '2014-05-20' },
        ]);
        const { units } = await ledgerState(owner, 'main');
        expect(Object.keys(units)).toEqual(expect.arrayContaining(['VNEW', 'XSPUN']));
        expect(Object.keys(units)).not.toContain('V');
        expect(units).not.toHaveProperty('MSFT');
        const valued = await owner('valuations')
          .orderBy('as_of_date')
          .select('as_of_date', 'equity_index', 'net_flows');
        expect(valued.at(-1)?.as_of_date).toBe('2014-05-21');
        // None of it is money paid in, and none of it a fall.
        expect(valued.map(({ net_flows }) => Number(net_flows)).every((flow) => flow === 0)).toBe(true);
        expect(valued.map(({ equity_index }) => Number(equity_index)).every((index) => index > 0.95)).toBe(true);
        const days = { from: '2014-05-12', to: '2014-05-22', events };
        await expectSameAsStored(owner, await walked(installation, days));
      } finally {
        await owner.destroy();
      }
    },
    LONG_MS,
  );
});

describe('without a ruling', () => {
  const RULING =
    'trading-ops actions rule --symbol GOOGL --ex-date 2014-04-03 --kind dividend --as <cash_dividend|split|ignore> --value <value> --reason "<why>"';
  let installation: MarketInstallation;
  beforeEach(async () => void (installation = await createMarketInstallation()));
  afterEach(() => installation.cleanup());

  test(
    'a stock that is held stops the days, and the command that a human has to type is said',
    async () => {
      const { result, stderr } = await simulate(installation, '2014-03-31', '2014-04-07');
      expect(result).toMatchObject({ trades: 1, noTradesByReason: { ACTION_NEEDS_REVIEW: 2 } });
      expect(result?.needed).toEqual([RULING]);
      expect(stderr).toContain('trading-ops actions rule --symbol GOOGL');
    },
    LONG_MS,
  );

  test(
    'a stock that is not held is left out, the others are bought, and the command is said all the same',
    async () => {
      const { result, stderr } = await simulate(installation, '2014-04-04', '2014-04-07');
      expect(result).toMatchObject({ days: 2, trades: 1, noTradesByReason: { NOT_REBALANCE_DAY: 1 } });
      expect(result?.needed).toEqual([RULING]);
      expect(stderr).toContain('trading-ops actions rule --symbol GOOGL');
      const owner = connect(resolveAddresses(installation.settings).ownerDatabaseUrl, 2);
      try {
        const held = Object.keys((await ledgerState(owner, 'main')).units);
        expect(held.toSorted()).toEqual(SYMBOLS.filter((symbol) => symbol !== 'GOOGL'));
      } finally {
        await owner.destroy();
      }
    },
    LONG_MS,
  );
});

describe('what is refused', () => {
  let installation: MarketInstallation;
  beforeAll(async () => void (installation = await createMarketInstallation({ clock: 'real' })));
  afterAll(() => installation.cleanup());

  test.each([
    [['--from', '2014-01-02', '--to', '2014-01-03'], 'CLOCK_IS_REAL'],
    [
      ['--from', '2014-01-32', '--to', '2014-02-03'],
      'SIMULATION_INVALID: from: "2014-01-32": must be a date that exists',
    ],
    [
      ['--from', '2014-01-03', '--to', '2014-01-02'],
      'SIMULATION_INVALID: to: "2014-01-02": must not be before --from, 2014-01-03',
    ],
    [
      ['--from', '2014-01-02', '--to', '2014-01-03', '--cash', '1e5'],
      'SIMULATION_INVALID: cash: "1e5": must be an amount',
    ],
    [['--from', '2014-01-02', '--to', '2014-01-03', '--rulings', 'nowhere.csv'], 'nowhere.csv'],
    [
      ['--from', '2014-01-04', '--to', '2014-01-05'],
      'SIMULATION_INVALID: to: "2014-01-05": must be as late as the first',
    ],
    [
      ['--from', '2014-01-04', '--to', '2014-01-05', '--in-memory', '--out', '/nowhere/walks'],
      'SIMULATION_INVALID: to: "2014-01-05": must be as late as the first session from 2014-01-04 on',
    ],
  ])('%s', async (args, message) => {
    const { code, stderr } = await cliHere(installation, ['simulate', ...args]);
    expect(code).toBe(64);
    expect(stderr).toContain(message);
    expect(stderr).not.toContain('    at ');
  });
});
