import { mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { askTradingDay, tradingDayInput } from '../../src/operations/day/ask.js';
import { auditHead } from '../../src/db/audit.js';
import { londonInstant } from '../../src/domain/calendar/calendar.js';
import type { TicketMaterial } from '../../src/domain/types.js';
import {
  CASH,
  confirmCommand,
  fillsOf,
  MONDAY,
  openSeat,
  startSeat,
  useDemoPolicy,
  withSeat,
  type TestSeat,
} from '../support/day.js';
import { createInstallation, type Installation } from '../support/stack.js';
import { fingerprint } from '../support/unchanged.js';
import { startWorkerHere } from '../support/worker-here.js';

const GROUP_MAX_MS = 240_000;
const UNKNOWN_ID = '9f0e7b5e-5a9d-4b57-8a2e-0d1a3c2b1f00';
const at = (time: string) => ['--at', `${MONDAY}T${time}:00+01:00`];

let installation: Installation;
let seat: TestSeat;
let stop: () => Promise<void>;
let ticketId: string;
let material: TicketMaterial;

/** A Monday whose TRADE ticket waits for its fills: every command has something that it could spoil. */
beforeAll(async () => {
  installation = await createInstallation();
  useDemoPolicy(installation, { operators: ['demo', 'second'] });
  ({ seat, stop } = await startSeat(installation));
  await seat.run('0800', MONDAY);
  await seat.reconcile(MONDAY);
  ({ ticketId } = await seat.issue(MONDAY));
  ({ material } = await seat.ticket(ticketId));
}, GROUP_MAX_MS);

afterAll(() => stop());

/** What is typed, the exit code, what is said, and what else is set. */
type Refused = [args: string[], code: number, said: RegExp, env?: NodeJS.ProcessEnv];

async function assertRefused(cases: Refused[], open = seat): Promise<void> {
  const before = await fingerprint(open.db);
  for (const [args, code, said, env] of cases) {
    const answer = await open.cli(args, { env: { TRADING_OPS_OPERATOR: 'demo', ...env } });
    const text = `${answer.stdout}\n${answer.stderr}`;
    expect({ args, code: answer.code, said: text }).toEqual({ args, code, said: expect.stringMatching(said) });
    expect(text, `${args.join(' ')} shows a stack trace`).not.toMatch(/^\s+at .+:\d+:\d+\)?$|node:internal|\.js:\d+/m);
    expect(await fingerprint(open.db), `${args.join(' ')} changed a row`).toEqual(before);
  }
}

describe('bad input is refused with field, value and rule, and changes no row', { timeout: GROUP_MAX_MS }, () => {
  it('snapshots', async () => {
    const snapshot = (...args: string[]) => ['reconcile-daily', ...at('09:30'), ...args];
    const good = ['--snapshot-date', MONDAY, '--cash', CASH];
    await assertRefused([
      [snapshot('--cash', CASH), 64, /required option '--snapshot-date/],
      [snapshot('--snapshot-date', MONDAY), 64, /SNAPSHOT_INVALID: cash: nothing: --cash-gbp must be given/],
      [
        snapshot('--snapshot-date', '2018-02-30', '--cash', CASH),
        64,
        /snapshot-date: .*2018-02-30.*: must be a date that exists/,
      ],
      [
        snapshot('--snapshot-date', '2018-05-08', '--cash', CASH),
        64,
        /snapshot-date: .*2018-05-08.*: must not be in the future: today is 2018-05-07/,
      ],
      [
        snapshot('--snapshot-date', '2016-05-07', '--cash', CASH),
        64,
        /snapshot-date: .*2016-05-07.*: must not be before/,
      ],
      [
        snapshot('--snapshot-date', MONDAY, '--cash-gbp', '1,000.50'),
        64,
        /cash: .*1,000\.50.*: must be an amount of 0 or more/,
      ],
      [snapshot('--snapshot-date', MONDAY, '--cash=-5'), 64, /cash: .*-5.*: must be an amount of 0 or more/],
      [snapshot('--snapshot-date', MONDAY, '--cash', '1e5'), 64, /cash: .*1e5.*: must be an amount/],
      [snapshot('--snapshot-date', MONDAY, '--cash', '1.005'), 64, /cash: .*1\.005.*at most 2 decimals/],
      [snapshot(...good, '--position', 'AAPL'), 64, /position: .*AAPL.*: must be SYMBOL=UNITS/],
      [snapshot(...good, '--position', 'aapl=1'), 64, /aapl.*: must be a symbol in capital letters/],
      [snapshot(...good, '--position', 'AAPL=0'), 64, /positions\.AAPL: .*0.*: must be above 0/],
      [snapshot(...good, '--position', 'AAPL=-1'), 64, /positions\.AAPL: .*-1.*: must be units above 0/],
      [snapshot(...good, '--position', 'AAPL=1.1234567'), 64, /positions\.AAPL: .*at most 6 decimals/],
      [snapshot(...good, '--position', 'AAPL=NaN'), 64, /positions\.AAPL: .*NaN.*: must be units/],
      [
        snapshot(...good, '--position', 'AAPL=1', '--position', 'AAPL=2'),
        64,
        /position AAPL: .*AAPL=2.*: must be given once/,
      ],
      [snapshot(...good, '--notes', 'x'.repeat(501)), 64, /notes: .*: must be at most 500 characters/],
    ]);
  });

  it('fills', async () => {
    const [fill] = fillsOf(material);
    const item = {
      sequence: 1,
      internal_symbol: fill?.internalSymbol,
      side: 'BUY',
      executed_status: 'DONE',
      units: fill?.units,
      fill_price: fill?.fillPrice,
      executed_value_base: fill?.executedValueBase,
      filled_at: fill?.filledAt,
      notes: null,
    };
    let files = 0;
    const fills = (content: unknown): string[] => {
      const file = join(installation.dataDir, `bad-fills-${++files}.json`);
      writeFileSync(file, typeof content === 'string' ? content : JSON.stringify(content));
      return ['confirm-fills', '--fills', file, ...at('15:20')];
    };
    await assertRefused([
      [['confirm-fills', ...at('15:20')], 64, /FILLS_MISSING: fills: must name a JSON file/],
      [
        ['confirm-fills', ...at('15:20')],
        64,
        /FILLS_UNREADABLE: fills: \/nowhere\/fills\.json: cannot be read \(ENOENT\)/,
        { FILLS_JSON: '/nowhere/fills.json' },
      ],
      [fills('{"fills": ['), 64, /FILLS_INVALID: fills: /],
      [fills('<html>'), 64, /FILLS_INVALID: fills: /],
      [
        fills(`[${JSON.stringify(item).replace('{', '{"sequence": 2, ')}]`),
        64,
        /FILLS_INVALID: fills: .*twice|FILLS_INVALID: .*sequence/,
      ],
      [fills([]), 64, /fills: line 1, BUY AAPL: is not reported: every line of the ticket must be/],
      [fills([{ ...item, side: 'SELL' }]), 64, /fills\[0\]\.side: SELL: must be BUY, as on line 1/],
      [fills([{ ...item, internal_symbol: 'MSFT' }]), 64, /fills\[0\]\.internal_symbol: MSFT: must be AAPL/],
      [
        fills([{ ...item, executed_status: 'PARTIAL' }]),
        64,
        /fills\[0\]\.notes: nothing: is required when executed_status is PARTIAL/,
      ],
      [
        fills([{ ...item, executed_status: 'SKIPPED', notes: 'no' }]),
        64,
        /fills\[0\]\.units: .*: must be left out when executed_status is SKIPPED/,
      ],
      [fills([{ ...item, units: null }]), 64, /fills\[0\]\.units: nothing: is required when executed_status is DONE/],
      [fills([{ ...item, units: '-4' }]), 64, /fills\[0\]\.units: "-4": must be a plain number above 0/],
      [fills([{ ...item, units: '1e308' }]), 64, /fills\[0\]\.units: "1e308": must be a plain number/],
      [fills([{ ...item, units: '1,5' }]), 64, /fills\[0\]\.units: "1,5": must be a plain number/],
      [fills([{ ...item, units: '4.0000000000000000000001' }]), 64, /fills\[0\]\.units: .*at most 6 decimals/],
      [
        fills([{ ...item, executed_value_base: '9000.00' }]),
        64,
        /fills\[0\]\.executed_value_base: 9000(\.00)?: must be near 750\.00 USD/,
      ],
      [fills([{ ...item, filled_at: '2018-05-07 14:41' }]), 64, /fills\[0\]\.filled_at: .*must be a time with offset/],
      [
        fills([{ ...item, filled_at: '2018-05-07T18:00:00+01:00' }]),
        64,
        /fills\[0\]\.filled_at: .*must not be in the future/,
      ],
      [fills([{ ...item, units_held: 3 }]), 64, /fills\[0\]: .*units_held.*must be a field of a fill/],
      [fills([item, item]), 64, /fills\[1\]\.sequence: 1: must be given once/],
      [fills([{ ...item, sequence: 7 }]), 64, /fills\[0\]\.sequence: 7: must be a line of the ticket, 1 to 1/],
      [fills(`[${' '.repeat(300_000)}]`), 64, /FILLS_INVALID: fills: /],
      [
        [...fills([item]), '--ticket', 'newest'],
        64,
        /TICKET_INVALID: ticket-id: "newest": must be the id of a ticket, a UUID/,
      ],
      [[...fills([item]), '--ticket', UNKNOWN_ID], 2, /TICKET_UNKNOWN: ticket 9f0e7b5e/],
      [['confirm', ...at('15:20')], 2, /TICKET_IS_TRADE: ticket .* is a TRADE: report its fills/],
    ]);
  });

  it('the words and flags of commands', async () => {
    await assertRefused([
      [['buy', 'AAPL'], 64, /unknown command 'buy'/],
      [['run-1400', '--force'], 64, /unknown option '--force'/],
      [['run-1400', 'now'], 64, /too many arguments/],
      [['runs-last', '--limit', '0'], 64, /NUMBER_INVALID: limit: "0": must be a whole number from 1 to 100000/],
      [['tickets-last', '--limit', '1e3'], 64, /NUMBER_INVALID: limit: "1e3": must be a whole number from 1 to 100000/],
      [
        ['ticket', 'show', '../../etc/passwd'],
        64,
        /TICKET_INVALID: ticket: \.\.\/\.\.\/etc\/passwd: must be the id of a ticket/,
      ],
      [['ticket', 'show', 'a'.repeat(36)], 64, /TICKET_INVALID: ticket: a{36}: must be the id of a ticket/],
      [['ticket', 'verify', UNKNOWN_ID], 2, /TICKET_UNKNOWN: ticket: 9f0e7b5e/],
      [['day', '--trading-day', 'today'], 64, /DATE_INVALID: trading-day: today: must be a date YYYY-MM-DD/],
      [
        ['day', '--account', 'savings'],
        64,
        /ACCOUNT_UNKNOWN: account: savings: is not in the policy, which names main/,
      ],
      [
        ['run-1400', ...at('14:30'), '--operator', 'mallory'],
        64,
        /OPERATOR_UNKNOWN: operator: mallory: must be one of demo, second/,
      ],
      [
        ['run-1400', ...at('14:30')],
        64,
        /OPERATOR_MISSING: operator: must be one of demo, second/,
        { TRADING_OPS_OPERATOR: undefined },
      ],
      [['run-1400', '--at', 'yesterday'], 64, /AT_INVALID: at: yesterday: must be an ISO 8601 instant with offset/],
      [['run-1400', '--at', `${MONDAY}T14:00:00`], 64, /AT_INVALID: at: .*: must be an ISO 8601 instant with offset/],
      [['run-1400', '--at', '2018-13-45T14:00:00Z'], 64, /AT_INVALID: at: 2018-13-45T14:00:00Z/],
      [['kill-switch', 'engage', ...at('10:00'), '--reason', ' '], 64, /reason: .*must/],
      [['cash', 'deposit', '--amount', '-5', ...at('10:00')], 64, /amount/],
      [['render', 'ticket', '../x'], 64, /UNSAFE_PATH|UNKNOWN_ID|must be/],
    ]);
  });

  it('the environment', async () => {
    const run = ['run-1400', ...at('14:30')];
    const walk = ['simulate', '--in-memory', '--from', MONDAY, '--to', MONDAY];
    await assertRefused([
      [walk, 64, /OPERATOR_UNKNOWN: operator: mallory: must be one of/, { TRADING_OPS_OPERATOR: 'mallory' }],
      [walk, 64, /OPERATOR_MISSING: operator: must be one of demo, second/, { TRADING_OPS_OPERATOR: undefined }],
      [
        run,
        64,
        /BAD_ENVIRONMENT: DATABASE_URL must be a postgres:\/\/ or postgresql:\/\/ URL; it is \(not shown\)/,
        { DATABASE_URL: 'mysql://me:secret@x/y' },
      ],
      [run, 64, /TEMPORAL_ADDRESS must be host:port; it is "nowhere"/, { TEMPORAL_ADDRESS: 'nowhere' }],
      [run, 64, /DRYRUN_TRADES must be true or false; it is "perhaps"/, { DRYRUN_TRADES: 'perhaps' }],
      [
        run,
        64,
        /TRADING_OPS_METRICS_PORT must be a port, 1024 to 65535; it is "80"/,
        { TRADING_OPS_METRICS_PORT: '80' },
      ],
      [run, 64, /LOG_LEVEL must be one of fatal, error/, { LOG_LEVEL: 'loud' }],
      [
        ['run-1400'],
        64,
        /TRADING_OPS_AT must be an ISO 8601 instant with offset.*; it is "noon"/,
        { TRADING_OPS_AT: 'noon' },
      ],
      [run, 64, /CONFIG_UNREADABLE: \/nowhere\/policy\.yml cannot be read: ENOENT/, { TRADING_OPS_CONFIG: '/nowhere' }],
    ]);
  });

  it('policy and universe', async () => {
    const [policyFile, universeFile] = [
      join(installation.configDir, 'policy.yml'),
      join(installation.configDir, 'universe.csv'),
    ];
    const [policy, universe] = [readFileSync(policyFile, 'utf8'), readFileSync(universeFile, 'utf8')];
    const edits: [file: string, text: string, said: RegExp][] = [
      [
        policyFile,
        `${policy}tradign: { mode: live }\n`,
        /POLICY_INVALID: .*policy\.yml:\d+: tradign: .*: is not a key of the policy.*trading/,
      ],
      [policyFile, `${policy}risk: { max_weight: 75 }\n`, /policy\.yml:\d+: risk\.max_weight: 75: /],
      [policyFile, `${policy}risk: { max_weight: '0.05' }\n`, /policy\.yml:\d+: risk\.max_weight: .*0\.05.*: /],
      [policyFile, policy.replace("mode: 'live'", 'mode: yolo'), /policy\.yml:\d+: trading\.mode: .*yolo/],
      [policyFile, `${policy}version: 1\n`, /policy\.yml:\d+: YAML: .*the key "version" stands twice/],
      [policyFile, policy.replace('operators: [demo, second]', 'operators: []'), /policy\.yml:\d+: operators: /],
      [policyFile, 'version: [1\n', /policy\.yml:\d+: YAML: /],
      [policyFile, '', /POLICY_INVALID/],
      [
        universeFile,
        universe.replace('stock,USD,true', 'etf,USD,true'),
        /UNIVERSE_INVALID: .*universe\.csv:2: tradable: .*must be false: kind etf is never tradable/,
      ],
      [
        universeFile,
        universe.replace('AAPL,AAPL', 'aapl,AAPL'),
        /universe\.csv:2: internal_symbol: .*aapl.*: must be a symbol in capital letters/,
      ],
      [
        universeFile,
        `${universe}${universe.split('\n')[1]}\n`,
        /universe\.csv:\d+: internal_symbol: .*AAPL.*: stands already on line 2/,
      ],
      [universeFile, universe.replace('kind,', ''), /universe\.csv:\d+: /],
      [universeFile, universe.split('\n')[0] ?? '', /universe\.csv:1: .*must name at least one symbol/],
    ];
    try {
      for (const [file, text, said] of edits) {
        writeFileSync(policyFile, policy);
        writeFileSync(universeFile, universe);
        writeFileSync(file, text);
        await assertRefused([[['run-0800', ...at('08:30')], 64, said]]);
      }
    } finally {
      writeFileSync(policyFile, policy);
      writeFileSync(universeFile, universe);
    }
  });

  it('signals and updates sent by hand', async () => {
    const confirm = confirmCommand(ticketId, material, {});
    const reconcile = {
      commandId: 'by-hand',
      snapshotDate: MONDAY,
      cash: CASH,
      positions: {},
      notes: null,
      operator: 'demo',
      at: londonInstant(MONDAY, '15:00'),
    };
    const cases: [name: string, payload: unknown, why: RegExp][] = [
      ['reconcile', null, /^message: null: /],
      ['reconcile', 'RECONCILIATION_PASS', /^message: "RECONCILIATION_PASS": /],
      ['reconcile', { ...reconcile, cash: 1000 }, /^cash: 1000: /],
      ['reconcile', { ...reconcile, positions: { AAPL: 10 } }, /^positions\.AAPL: 10: /],
      ['reconcile', { ...reconcile, snapshotDate: '7 May' }, /^snapshot-date: "7 May": /],
      ['reconcile', { ...reconcile, cash: '-1' }, /cash: .*-1.*: must be an amount of 0 or more/],
      ['reconcile', { ...reconcile, operator: 'mallory' }, /operator: mallory: must be one of demo, second/],
      ['issue', { runId: 'newest', dryRun: false, at: reconcile.at }, /^run-id: "newest": /],
      ['issue', { runId: UNKNOWN_ID, dryRun: false, at: reconcile.at }, /run 9f0e7b5e.* is not stored/],
      ['confirm', { ...confirm, fills: 'all' }, /^fills: "all": /],
      ['confirm', { ...confirm, kind: 'YES' }, /^kind: "YES": /],
      ['confirm', { ...confirm, kind: 'ACK', fills: [] }, /is a TRADE: report its fills/],
      ['confirm', { ...confirm, ticketId: UNKNOWN_ID }, /ticket 9f0e7b5e.* was never issued here/],
      ['confirm', { ...confirm, operator: 'mallory' }, /operator: mallory: must be one of demo, second/],
      [
        'confirm',
        { ...confirm, fills: confirm.fills.map((fill) => ({ ...fill, units: 'NaN' })) },
        /fills\[0\]\.units: "NaN": must be a plain number/,
      ],
      ['tick', { at: 'soon' }, /^at: "soon": /],
    ];
    // Nobody waits for a signal's answer, so a refusal is told by an alert; nothing else may change.
    const facts = async () => ({ ...(await fingerprint(seat.db)), alerts: '', audit_log: '', fact_digests: '' });
    const before = await facts();
    const audited = (await auditHead(seat.db))?.seq ?? 0;
    for (const [name, payload, why] of cases) {
      const { rejected: earlier } = await seat.view(MONDAY);
      await seat.signal(MONDAY, name, payload);
      const { rejected, state } = await seat.viewWhen(
        MONDAY,
        (view) =>
          view.rejected.length > earlier.length ||
          (view.rejected.length === 20 && view.rejected[19]?.why !== earlier[19]?.why),
      );
      expect({ name, payload, why: rejected.at(-1)?.why, state }).toEqual({
        name,
        payload,
        why: expect.stringMatching(why),
        state: 'ticketed',
      });
    }
    // A ticket of another id was never the day's, so no restore has lost it.
    expect(await seat.db('alerts').where({ code: 'CONFIRMATION_LOST' })).toEqual([]);
    // The day shows the last twenty, whoever sends how many.
    const seen = async () => (await seat.view(MONDAY)).rejected.map(({ message }) => message);
    for (const name of ['missed', 'recall'])
      for (let sent = 0; sent < 4; sent++) await seat.signal(MONDAY, name, { at: 'soon' });
    await expect
      .poll(async () => (await seen()).slice(-8), { timeout: 30_000 })
      .toEqual([...Array<string>(4).fill('signal missed'), ...Array<string>(4).fill('signal recall')]);
    expect(await seen()).toHaveLength(20);
    const input = tradingDayInput(
      { account: 'main', baseCurrency: 'USD', clock: 'simulated' },
      MONDAY,
      seat.policy,
      reconcile.at,
    );
    for (const update of ['reconcileUpdate', 'issueUpdate', 'confirmUpdate']) {
      const asked = askTradingDay(seat.client, installation.settings.taskQueue, input, update, `bad-${update}`, {
        at: 'soon',
      });
      await expect(asked, update).rejects.toMatchObject({
        cause: { type: 'MESSAGE_INVALID', message: expect.stringContaining('at: "soon": ') },
      });
    }
    expect(await facts()).toEqual(before);
    expect(
      await seat
        .db('audit_log')
        .where('seq', '>', audited)
        .whereNot('action', 'alert.raised')
        .whereNot('subject', 'alerts')
        .whereNot('subject', 'alert_events'),
    ).toEqual([]);
  });
});

describe('a real clock', { timeout: GROUP_MAX_MS }, () => {
  it('refuses --at and TRADING_OPS_AT, whatever the command', () =>
    withSeat({ clock: 'real', worker: false }, async (real) => {
      const said =
        /CLOCK_IS_REAL: at: 2018-05-07T.*: account main runs on the real clock, --at and TRADING_OPS_AT are refused/;
      await assertRefused(
        [
          [['run-0800', ...at('08:00')], 64, said],
          [['run-1400', ...at('14:00')], 64, said],
          [['confirm', ...at('15:00')], 64, said],
          [['reconcile-daily', '--snapshot-date', MONDAY, '--cash', CASH, ...at('09:00')], 64, said],
          [['run-0800'], 64, said, { TRADING_OPS_AT: `${MONDAY}T08:00:00+01:00` }],
        ],
        real,
      );
    }));
});

describe('files of a provider', { timeout: GROUP_MAX_MS }, () => {
  it('each bad file fails its symbol alone, with a code, and the gate decides', async () => {
    const own = await createInstallation();
    useDemoPolicy(own);
    const replace = (file: string, edit: (text: string) => string) =>
      writeFileSync(join(own.configDir, file), edit(readFileSync(join(own.configDir, file), 'utf8')));
    const header = 'Date,Open,High,Low,Close,Volume';
    const good = `${header}\n2018-05-03,175.88,177.5,174.44,176.89,34068180\n2018-05-04,178.25,184.25,178.17,183.83,56201317\n`;
    const files: Record<string, [text: string, code: string | null]> = {
      AAPL: [good, null],
      HTML: ['<html><body>Blocked</body></html>', 'HTML_INSTEAD_OF_DATA'],
      LIMIT: ['Exceeded the daily hits limit', 'RATE_LIMITED'],
      CUT: [good.slice(0, -22), 'TRUNCATED'],
      NUMB: [good.replace('183.83', 'N/D'), 'BAD_NUMBER'],
      SWAP: ['a,b\n1,2\n', 'BAD_LAYOUT'],
      NONE: [header, 'EMPTY'],
    };
    replace('policy.yml', (text) => text.replace('provider: sample', 'provider: csv'));
    replace(
      'universe.csv',
      (text) =>
        `${text.split('\n')[0]}\n${Object.keys(files)
          .map((symbol) => `${symbol},${symbol},${symbol},stock,USD,true,2018-05-01,demo`)
          .join('\n')}\n`,
    );
    const drop = join(own.dataDir, 'data', 'drop');
    mkdirSync(drop, { recursive: true });
    for (const [symbol, [text]] of Object.entries(files)) writeFileSync(join(drop, `${symbol}.csv`), text);
    const worker = await startWorkerHere(own);
    const open = await openSeat(own);
    try {
      const run = await open.cli(['run-0800', ...at('08:00')]);
      expect(run).toMatchObject({ code: 2, stdout: expect.stringMatching(/: FAIL\n.*data_quality: .*DATA_MISSING/) });
      const results = await open
        .db('fetch_results')
        .select<{ symbol: string; code: string | null }[]>('symbol', 'code');
      expect(Object.fromEntries(results.map(({ symbol, code }) => [symbol, code]))).toEqual(
        Object.fromEntries(Object.entries(files).map(([symbol, [, code]]) => [symbol, code])),
      );
      expect(await open.db('bars').distinct('symbol').pluck('symbol')).toEqual(['AAPL']);
      expect(await open.view(MONDAY)).toMatchObject({ state: 'open' });
    } finally {
      await worker.stop();
      await open.close();
      await own.cleanup();
    }
  });
});
