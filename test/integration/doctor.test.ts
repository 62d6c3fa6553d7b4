import { Client, Connection } from '@temporalio/client';
import type { Knex } from 'knex';
import { randomUUID } from 'node:crypto';
import { chmodSync, mkdirSync, readdirSync, readFileSync, rmSync, utimesSync, writeFileSync } from 'node:fs';
import { createServer } from 'node:net';
import path from 'node:path';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { raiseAlert, recoverAlert } from '../../src/operations/alerts/raise.js';
import { ensureSchedules } from '../../src/operations/schedules/ensure.js';
import { openAccount } from '../../src/db/accounts.js';
import { appendAudit } from '../../src/db/audit.js';
import { connect } from '../../src/db/connect.js';
import { turnKillSwitch } from '../../src/db/kill-switch.js';
import { CHECKS } from '../../src/doctor/checks.js';
import { examine } from '../../src/doctor/examine.js';
import { openPatient } from '../../src/doctor/patient.js';
import { contentHash } from '../../src/domain/hash.js';
import { buildId } from '../../src/runtime/build.js';
import { parsePolicy, type Policy } from '../../src/domain/policy/policy.js';
import { readRecord, writeRecord, type RuntimeRecord } from '../../src/runtime/record.js';
import type { Settings } from '../../src/runtime/settings.js';
import { createEmptyDatabase } from '../support/database.js';
import { MONDAY, TUESDAY, useDemoPolicy, withSeat } from '../support/day.js';
import {
  createInstallation,
  createPrivateStack,
  runCli,
  startWorkerProcess,
  type Installation,
  type PrivateStack,
} from '../support/stack.js';
import { startWorkerHere } from '../support/worker-here.js';

interface Choices {
  settings?: Partial<Settings>;
  env?: NodeJS.ProcessEnv;
  now?: () => Date;
}

/** The findings of one check, as `status: found`. */
async function asked(
  installation: Installation,
  name: string,
  { settings, env, now }: Choices = {},
): Promise<string[]> {
  const patient = openPatient({ ...installation.settings, ...settings }, { PATH: process.env['PATH'], ...env }, now);
  try {
    const checks = CHECKS.filter((check) => check.name === name);
    expect(checks).toHaveLength(1);
    const findings = await examine(patient, checks);
    for (const { status, remedy } of findings) expect(status !== 'fail' || (remedy ?? '') !== '').toBe(true);
    return findings.map(({ status, found }) => `${status}: ${found}`);
  } finally {
    await patient.close();
  }
}

/** One finding, which must begin like this. */
async function says(
  installation: Installation,
  name: string,
  start: string | RegExp,
  choices: Choices = {},
): Promise<void> {
  const said = await asked(installation, name, choices);
  expect(said[0]).toMatch(
    typeof start === 'string' ? new RegExp(`^${start.replaceAll(/[.*+?^${}()|[\]\\]/g, '\\$&')}`) : start,
  );
  expect(said).toHaveLength(1);
}

const NOWHERE = 'postgres://trading_ops_app:x@127.0.0.1:1/none';
const laterBy = (ms: number) => () => new Date(Date.now() + ms);

describe('services', () => {
  let installation: Installation;
  beforeAll(async () => {
    installation = await createInstallation();
    useDemoPolicy(installation);
  });
  afterAll(() => installation.cleanup());

  it('Postgres that answers, that does not, and that refuses the login', async () => {
    await says(installation, 'postgres', /^ok: 1[3-9]/);
    await says(installation, 'postgres', /^fail: 127\.0\.0\.1:1: .*ECONNREFUSED/, {
      settings: { databaseUrl: NOWHERE },
    });
    const wrong = new URL(installation.settings.databaseUrl ?? '');
    wrong.password = 'wrong';
    await says(installation, 'postgres', /^fail: .*password authentication failed/, {
      settings: { databaseUrl: String(wrong) },
    });
    await says(installation, 'postgres programs', /^ok: 1[3-9]/);
  });

  it('a check that needs Postgres says that it cannot know', async () => {
    for (const name of ['migrations', 'database role', 'clock of postgres', 'kill switch', 'policy in force']) {
      await says(installation, name, 'warn: not known: Postgres does not answer', {
        settings: { databaseUrl: NOWHERE },
      });
    }
  });

  it('Temporal that answers, and that does not', async () => {
    await says(installation, 'temporal', /^ok: 1\./);
    await says(installation, 'temporal', 'fail: 127.0.0.1:1: Temporal does not answer', {
      settings: { temporalAddress: '127.0.0.1:1' },
    });
  });

  it("clocks: the servers' own time against this machine's", async () => {
    for (const name of ['clock of postgres', 'clock of temporal']) {
      await says(installation, name, /^ok: [+-][01]\.\d s/);
      await says(installation, name, /^fail: -(9|10)\.\d s/, { now: laterBy(10_000) });
      await says(installation, name, /^fail: \+(10|11)\.\d s/, { now: laterBy(-10_000) });
    }
  });

  it('NTP, as timedatectl tells it', async () => {
    const bin = path.join(installation.dataDir, 'bin');
    mkdirSync(bin);
    const told = (script: string) => {
      writeFileSync(path.join(bin, 'timedatectl'), `#!/bin/sh\n${script}\n`, { mode: 0o755 });
      return { env: { PATH: bin } };
    };
    await says(installation, 'clock by ntp', 'ok: synchronized', told('echo yes'));
    await says(installation, 'clock by ntp', 'warn: not synchronized', told('echo no'));
    await says(installation, 'clock by ntp', 'ok: not told on this machine', told('exit 1'));
    await says(installation, 'clock by ntp', 'ok: not told on this machine', { env: { PATH: installation.configDir } });
  });

  it('zone data of Node and of Postgres', async () => {
    await says(installation, 'zone data of node', /^ok: right/);
    await says(installation, 'zone data of postgres', 'ok: right');
    await says(installation, 'zone data of postgres', 'ok: right', { now: () => new Date('2035-01-01T00:00:00Z') });
  });

  it('a worker: none, ours, and one of other code', async () => {
    await says(installation, 'worker', 'fail: no worker asks for work');
    const worker = await startWorkerHere(installation);
    try {
      await expect
        .poll(() => asked(installation, 'worker'), { timeout: 10_000 })
        .toEqual([expect.stringMatching(`^ok: ${process.pid}@.*build ${buildId()}`)]);
    } finally {
      await worker.stop();
    }
    const connection = await Connection.connect({ address: installation.settings.temporalAddress ?? '' });
    const client = new Client({ connection, namespace: installation.settings.temporalNamespace });
    const stop = new AbortController();
    const polled = connection
      .withAbortSignal(stop.signal, () =>
        connection.withDeadline(Date.now() + 20_000, () =>
          client.workflowService.pollWorkflowTaskQueue({
            namespace: client.options.namespace,
            taskQueue: { name: installation.settings.taskQueue },
            identity: '1@elsewhere trading-ops+000000000000',
          }),
        ),
      )
      .catch(() => undefined);
    try {
      const stale = async () => (await asked(installation, 'worker')).filter((line) => line.includes('1@elsewhere'));
      await expect
        .poll(stale, { timeout: 10_000 })
        .toEqual([expect.stringMatching(/^fail: 1@elsewhere, build 000000000000, .*this command is build/)]);
    } finally {
      stop.abort();
      await polled;
      await connection.close();
    }
  });

  it('a worker that was started with another configuration', async () => {
    await says(installation, 'worker settings', 'warn: not known: no worker of this machine');
    const worker = await startWorkerProcess(installation, {
      TRADING_OPS_CONFIG: path.join(installation.dataDir, '..'),
    });
    await says(installation, 'worker settings', `fail: pid ${worker.pid} was started with another TRADING_OPS_CONFIG`);
    await worker.kill('SIGTERM');
    const right = await startWorkerProcess(installation);
    await says(installation, 'worker settings', `ok: pid ${right.pid}: the same`);
    await right.kill('SIGTERM');
  });
});

describe('the machine and its files', () => {
  let stack: PrivateStack;
  let record: RuntimeRecord;
  beforeAll(async () => {
    stack = await createPrivateStack();
    useDemoPolicy(stack);
    record = readRecord(stack.dataDir) as RuntimeRecord;
  });
  afterAll(() => stack.cleanup());

  it('ports held by us, and one that a stranger took while we were down', async () => {
    await says(stack, 'ports', `ok: ${record.postgres.port}, ${record.temporal.port}`);
    const stranger = createServer();
    await new Promise<void>((resolve) => stranger.listen(0, '127.0.0.1', resolve));
    const taken = (stranger.address() as { port: number }).port;
    const other = path.join(stack.dataDir, '..', 'other');
    mkdirSync(other);
    await writeRecord(other, { ...record, postgres: { ...record.postgres, port: taken } });
    await says(stack, 'ports', `fail: ${taken} is used by`, { settings: { dataDir: other } });
    stranger.close();
  });

  it('a data directory that is not there, or that Postgres may not enter', async () => {
    await says(stack, 'data directory', 'ok: ');
    await says(stack, 'data directory', /^fail: .*nowhere does not exist/, {
      settings: { dataDir: path.join(stack.dataDir, 'nowhere') },
    });
    const home = path.join(stack.dataDir, '..');
    chmodSync(home, 0o700);
    await says(
      stack,
      'data directory',
      process.getuid?.() === 0 ? 'fail: could not be checked: the `postgres` user may not enter' : 'ok: ',
    );
    chmodSync(home, 0o755);
  });

  it('space, once a file system', async () => {
    expect(await asked(stack, 'disk space')).toEqual([expect.stringMatching(/^(ok|warn): \d+\.\d GB free at /)]);
  });

  it('secrets that others may read', async () => {
    await says(stack, 'permissions', 'ok: closed');
    const dump = path.join(stack.dataDir, 'backups', 'postgres', 'x.dump');
    mkdirSync(path.dirname(dump), { recursive: true, mode: 0o700 });
    writeFileSync(dump, '', { mode: 0o600 });
    await says(stack, 'permissions', 'ok: closed');
    chmodSync(dump, 0o644);
    await says(stack, 'permissions', /^fail: .*x\.dump is open to other users/);
    rmSync(dump);
    chmodSync(path.join(stack.dataDir, 'runtime.json'), 0o640);
    await says(stack, 'permissions', /^fail: .*runtime\.json is open/);
    chmodSync(path.join(stack.dataDir, 'runtime.json'), 0o600);
  });

  it('a policy that anybody may change', async () => {
    await says(stack, 'configuration files', 'ok: ');
    chmodSync(path.join(stack.configDir, 'policy.yml'), 0o646);
    await says(stack, 'configuration files', /^fail: anybody may change .*policy\.yml/);
    chmodSync(path.join(stack.configDir, 'policy.yml'), 0o644);
  });

  it('what a restore proof left', async () => {
    await says(stack, 'leftovers', 'ok: none');
    mkdirSync(path.join(stack.dataDir, 'postgres-data.bak-20261122T070000Z'));
    await says(stack, 'leftovers', /^warn: postgres-data\.bak-20261122T070000Z \(\d+ MB\)/);
    rmSync(path.join(stack.dataDir, 'postgres-data.bak-20261122T070000Z'), { recursive: true });
  });
});

describe('the database', () => {
  let installation: Installation;
  let owner: Knex;
  beforeEach(async () => {
    installation = await createInstallation();
    owner = connect(installation.settings.ownerDatabaseUrl ?? '', 1);
  });
  afterEach(async () => {
    await owner.destroy();
    await installation.cleanup();
  });

  it('migrations that are missing, or newer than this program', async () => {
    await says(installation, 'migrations', /^ok: \d+ applied/);
    const empty = await createEmptyDatabase();
    await says(installation, 'migrations', /^fail: \d+ missing, first 20261122100000_accounts_and_runs\.js/, {
      settings: { databaseUrl: empty.ownerUrl, ownerDatabaseUrl: empty.ownerUrl },
    });
    await empty.drop();
    await owner('knex_migrations').insert({
      name: '20991231000000_from_the_future.js',
      batch: 99,
      migration_time: new Date(),
    });
    await says(
      installation,
      'migrations',
      'fail: the database is newer than this program: 20991231000000_from_the_future.js',
    );
  });

  it('a role that may change facts', async () => {
    await says(installation, 'database role', 'ok: trading_ops_app');
    await says(installation, 'database role', /^fail: trading_ops_owner: .*(UPDATE|DELETE|TRUNCATE) \w+, .* \d+ more/, {
      settings: { databaseUrl: installation.settings.ownerDatabaseUrl ?? '' },
    });
    await owner.raw('grant update on fills to trading_ops_app');
    await says(installation, 'database role', 'fail: trading_ops_app: UPDATE fills');
  });

  it('a trigger that was turned off', async () => {
    await says(installation, 'append-only triggers', 'ok: all');
    await owner.raw('alter table fills disable trigger fills_append_only_trg');
    await owner.raw('drop trigger tickets_append_only_trg on tickets');
    await says(installation, 'append-only triggers', 'fail: missing or off: fills, tickets');
  });

  it('an audit log whose end was altered', async () => {
    await says(installation, 'audit log', 'ok: empty');
    for (const subject of ['one', 'two'])
      await appendAudit(owner, {
        at: '2026-11-22T10:00:00Z',
        account: null,
        actor: 'ann',
        action: 'x.done',
        subject,
        detail: {},
      });
    await says(installation, 'audit log', 'ok: record 2');
    await owner.raw('alter table audit_log disable trigger all');
    await owner('audit_log' as string)
      .where({ seq: 2 })
      .update({ actor: 'bob' });
    await says(installation, 'audit log', 'fail: record 2 does not follow');
  });
});

describe('configuration', () => {
  let installation: Installation;
  const write = (file: string, text: string) => writeFileSync(path.join(installation.configDir, file), text);
  const policyOf = (marketData: string) =>
    `version: 1\naccounts: { main: { base_currency: GBP, clock: real } }\noperators: [ann]\nmarket_data: { ${marketData} }\n`;
  beforeEach(async () => {
    installation = await createInstallation();
    useDemoPolicy(installation);
  });
  afterEach(() => installation.cleanup());

  it('a policy that is wrong, gone, or signed by nobody', async () => {
    await says(installation, 'policy', 'ok: sound; operators demo; trading mode live');
    useDemoPolicy(installation, { operators: ['operator'] });
    await says(installation, 'policy', 'warn: operators still has the placeholder');
    write('policy.yml', policyOf('provider: csv, max_attempts: many'));
    await says(installation, 'policy', /^fail: .*policy\.yml:4: market_data\.max_attempts: "many": /);
    await says(installation, 'provider key', 'warn: not known: policy.yml is not sound');
    await says(installation, 'universe', 'ok: 1 stocks');
    rmSync(path.join(installation.configDir, 'policy.yml'));
    await says(installation, 'policy', /^fail: .*policy\.yml cannot be read: ENOENT/);
  });

  it('a universe that is wrong or not verified', async () => {
    const header = 'internal_symbol,etoro_search_name,name,kind,listing_currency,tradable,verified_on,verified_by';
    write(
      'universe.csv',
      `${header}\nAAPL,AAPL,Apple,stock,USD,true,,\nMSFT,MSFT,Microsoft,stock,USD,true,2026-01-02,ann\n`,
    );
    await says(installation, 'universe', 'warn: not verified, so never traded: AAPL');
    write('universe.csv', `${header}\nAAPL,AAPL,Apple,stock,USD,perhaps,,\n`);
    await says(installation, 'universe', /^fail: .*universe\.csv:2: tradable: "perhaps": must be true or false/);
    await says(installation, 'policy', /^ok: /);
  });

  it('an edit that no run has pinned yet', async () => {
    await says(installation, 'policy in force', 'ok: no run yet');
    const db = connect(installation.settings.databaseUrl ?? '', 1);
    const [stored] = ['policy', 'universe'].map((kind) => ({
      content_hash: contentHash({ kind }),
      kind,
      content: '{}',
    }));
    await db('config_versions' as string).insert([
      stored,
      { ...stored, kind: 'universe', content_hash: contentHash('u') },
    ]);
    await db('runs').insert({
      run_id: randomUUID(),
      slot: 'ops',
      trading_day: '2018-05-07',
      as_of_date: '2018-05-04',
      at: '2018-05-07T08:00:00Z',
      workflow_id: 'x',
      operator: 'x',
      policy_hash: String(stored?.content_hash),
      universe_hash: contentHash('u'),
    });
    await db.destroy();
    await says(installation, 'policy in force', 'warn: policy.yml and universe.csv changed since the newest run');
  });

  it("a provider's key: not needed, missing, the demonstration's, set, and set too late for the worker", async () => {
    await says(installation, 'provider key', 'ok: sample and ecb need none');
    write('policy.yml', policyOf('provider: alphavantage, second_provider: tiingo'));
    const [alphavantage, tiingo] = [
      ['fail: ALPHAVANTAGE_API_KEY is not in this environment'],
      ['fail: TIINGO_API_KEY is not in this environment'],
    ].map(([text]) => expect.stringContaining(text as string) as unknown);
    expect(await asked(installation, 'provider key')).toEqual([alphavantage, tiingo]);
    expect(
      await asked(installation, 'provider key', { env: { ALPHAVANTAGE_API_KEY: 'demo', TIINGO_API_KEY: 'abc' } }),
    ).toEqual(["fail: ALPHAVANTAGE_API_KEY is the provider's public demonstration key", 'ok: TIINGO_API_KEY is set']);
    const secret = path.join(installation.dataDir, 'tiingo-key');
    writeFileSync(secret, 'of the worker\n');
    const worker = await startWorkerProcess(installation, { TIINGO_API_KEY_FILE: secret });
    expect(await asked(installation, 'provider key', { env: { ALPHAVANTAGE_API_KEY: 'mine' } })).toEqual([
      "fail: ALPHAVANTAGE_API_KEY is not in the worker's environment",
      'ok: TIINGO_API_KEY is set',
    ]);
    await worker.kill('SIGTERM');
  });

  it('a drop folder that is not there, lacks a file, is stale, and is fresh', async () => {
    await says(installation, 'drop folder', 'ok: not used');
    write('policy.yml', policyOf('provider: csv'));
    const folder = path.join(installation.dataDir, 'data', 'drop');
    const at = { now: () => new Date('2026-11-23T07:00:00Z') };
    await says(installation, 'drop folder', `fail: ${folder} cannot be read`, at);
    mkdirSync(folder, { recursive: true });
    const rows = (dates: string[]) =>
      ['Date,Open,High,Low,Close,Volume', ...dates.map((date) => `${date},1,1,1,1,1`), ''].join('\n');
    writeFileSync(path.join(folder, 'aapl.us.csv'), rows(['2026-11-19', '2026-11-20']));
    await says(installation, 'drop folder', 'fail: no file for SP500', at);
    writeFileSync(path.join(folder, '^SPX.csv'), rows(['2026-11-19', '2026-11-18']));
    await says(installation, 'drop folder', 'warn: 1 of 2 do not reach 2026-11-20: SP500 (2026-11-19)', at);
    const year = Array.from({ length: 2_000 }, (_, day) =>
      new Date(Date.UTC(2021, 5, 1 + day)).toISOString().slice(0, 10),
    ).filter((date) => date <= '2026-11-20');
    writeFileSync(path.join(folder, '^SPX.csv'), rows(year.toReversed()));
    utimesSync(path.join(folder, '^SPX.csv'), 0, 0);
    await says(installation, 'drop folder', 'ok: 2 files reach 2026-11-20', at);
  });
});

describe('what waits for a person', () => {
  let installation: Installation;
  let db: Knex;
  beforeEach(async () => {
    installation = await createInstallation();
    useDemoPolicy(installation);
    db = connect(installation.settings.databaseUrl ?? '', 2);
  });
  afterEach(async () => {
    await db.destroy();
    await installation.cleanup();
  });

  it('the kill switch', async () => {
    await says(installation, 'kill switch', 'ok: no account is opened yet');
    await db.transaction((trx) =>
      openAccount(trx, { account: 'main', baseCurrency: 'USD', clock: 'simulated' }, 'ann', '2018-05-07T08:00:00Z'),
    );
    await says(installation, 'kill switch', 'ok: not engaged');
    await db.transaction((trx) =>
      turnKillSwitch(trx, {
        account: 'main',
        event: 'ENGAGED',
        reason: 'odd prices',
        operator: 'ann',
        at: '2018-05-07T08:00:00Z',
        idempotencyKey: 'k',
      }),
    );
    await says(installation, 'kill switch', 'fail: engaged: odd prices');
  });

  it('a ticket of an earlier day that nobody confirmed', async () => {
    await withSeat({ mode: 'off' }, async (seat, own) => {
      await seat.run('0800', MONDAY);
      const { ticketId } = await seat.issue(MONDAY);
      await says(own, 'confirmations', 'ok: none', { settings: { at: `${MONDAY}T20:00:00+01:00` } });
      const next = { settings: { at: `${TUESDAY}T08:00:00+01:00` } };
      await says(own, 'confirmations', `fail: 1, first NO_TRADE of ${MONDAY}`, next);
      await seat.confirm(ticketId);
      await says(own, 'confirmations', 'ok: none', next);
    });
  });

  it('a dividend that is held', async () => {
    const at = { settings: { at: '2018-05-10T08:00:00Z' } };
    await says(installation, 'holds', 'ok: none', at);
    const payload = { payload_sha256: 'x', retrieved_at: '2018-05-08T20:00:00Z' };
    await db('bars').insert(
      ['2018-05-04', '2018-05-07', '2018-05-08', '2018-05-09'].map((session) => ({
        source: 'sample',
        symbol: 'AAPL',
        session,
        basis: 'raw',
        currency: 'USD',
        open: '185',
        high: '185',
        low: '185',
        close: '185',
        volume: '1',
        ...payload,
      })),
    );
    await db('corporate_actions').insert({
      source: 'sample',
      symbol: 'AAPL',
      ex_date: '2018-05-08',
      kind: 'DIVIDEND',
      value: '50',
      published: '50',
      ...payload,
    });
    await says(installation, 'holds', /^fail: 1, first AAPL 2018-05-08: /, at);
  });
});

describe('what happens by itself', () => {
  let installation: Installation;
  let client: Client;
  let policy: Policy;
  const policyText =
    'version: 1\naccounts: { main: { base_currency: GBP, clock: real } }\noperators: [ann]\nmarket_data: { provider: csv }\n';
  const usePolicy = (text: string) => writeFileSync(path.join(installation.configDir, 'policy.yml'), text);
  beforeEach(async () => {
    installation = await createInstallation();
    usePolicy(policyText);
    policy = parsePolicy(policyText, 'policy.yml');
    client = new Client({
      connection: await Connection.connect({ address: installation.settings.temporalAddress ?? '' }),
      namespace: installation.settings.temporalNamespace,
    });
  });
  afterEach(async () => {
    await client.connection.close();
    await installation.cleanup();
  });
  const ensure = (wanted: Policy) => ensureSchedules(client, installation.settings.taskQueue, wanted);

  it('schedules: none registered, all, one paused, one changed', async () => {
    const ids = await asked(installation, 'schedules');
    expect(ids.length).toBeGreaterThanOrEqual(3);
    expect(ids).toEqual(ids.map(() => 'fail: not registered'));
    await ensure(policy);
    await says(installation, 'schedules', /^ok: .*run-0800.*run-1400/);
    await client.schedule.getHandle('run-1400').pause('on holiday');
    await says(installation, 'schedules', 'fail: paused: on holiday');
    await client.schedule.getHandle('run-1400').unpause();
    usePolicy(`${policyText}schedules: { morning: '07:30' }\n`);
    await says(installation, 'schedules', 'fail: differs from the policy');
    useDemoPolicy(installation);
    await says(installation, 'schedules', 'ok: none wanted');
  });

  it('schedule times: right over the changes of both clocks, and a server that has another zone', async () => {
    await says(installation, 'schedule times', 'fail: no run is registered');
    await ensure(policy);
    await says(installation, 'schedule times', 'ok: run-0800, run-1400: this year and the next');
    await ensure({ ...policy, schedules: { ...policy.schedules, zone: 'Etc/GMT' } });
    await says(installation, 'schedule times', /^fail: \d+ wrong, first run-0800 at \d{4}-0[34]-\d\dT07:00:00\.000Z/);
  });

  it('slots: none due yet, and days that nobody ran or recorded', async () => {
    const db = connect(installation.settings.databaseUrl ?? '', 1);
    await says(installation, 'slots', 'ok: no account on the real clock is opened yet');
    await db.transaction((trx) =>
      openAccount(trx, { account: 'main', baseCurrency: 'GBP', clock: 'real' }, 'ann', '2026-11-21T10:00:00Z'),
    );
    await db.destroy();
    await says(installation, 'slots', 'ok: 0 slots', { now: () => new Date('2026-11-22T10:00:00Z') });
    await says(installation, 'slots', 'fail: 4 not, first 0800 of 2026-11-23: MISSED', {
      now: () => new Date('2026-11-25T06:00:00Z'),
    });
  });

  it('backups: none, a fresh one, an old one, and one that was cut short', async () => {
    await says(installation, 'backup', 'fail: none');
    const made = await runCli(installation, ['backup', '--direct']);
    expect(made).toMatchObject({ code: 0 });
    await says(installation, 'backup', /^ok: trading-ops-.*\.dump, 0\.0 hours old/);
    await says(installation, 'backup', /^fail: .*, 27\.\d hours old, at most 26/, { now: laterBy(27.1 * 3_600_000) });
    const directory = path.join(installation.dataDir, 'backups', 'postgres');
    const dump = path.join(directory, readdirSync(directory).find((name) => name.endsWith('.dump')) ?? '');
    chmodSync(dump, 0o600);
    writeFileSync(dump, readFileSync(dump).subarray(0, 1_000));
    await says(installation, 'backup', 'fail: none of 1 is whole');
  });

  it('a second place for backups: none, away, empty, and with a fresh copy', async () => {
    await says(installation, 'backup copies', 'warn: none');
    const place = path.join(installation.dataDir, 'usb');
    usePolicy(`${policyText}backup: { copy_to: ${place} }\n`);
    await says(installation, 'backup copies', `fail: ${place}: no backup has a copy there yet`);
    mkdirSync(place);
    expect((await runCli(installation, ['backup', '--direct'])).code).toBe(0);
    await says(installation, 'backup copies', new RegExp(`^ok: ${place}: trading-ops-.*, copied 0\\.0 hours ago`));
    await says(installation, 'backup copies', new RegExp(`^fail: ${place}: .*copied 30\\.0 hours ago`), {
      now: laterBy(30 * 3_600_000),
    });
    rmSync(place, { recursive: true });
    await says(installation, 'backup copies', `fail: ${place}: ENOENT`);
  });

  it('a restore proof: none, a fresh one, and an old one', async () => {
    await says(installation, 'restore proof', 'warn: never');
    expect((await runCli(installation, ['backup', '--direct'])).code).toBe(0);
    const worker = await startWorkerHere(installation);
    expect(await runCli(installation, ['restore-test'])).toMatchObject({ code: 0 });
    await worker.stop();
    await says(installation, 'restore proof', /^ok: trading-ops-.*, 0 days ago/);
    await says(installation, 'restore proof', /^warn: trading-ops-.*, 32 days ago/, {
      now: laterBy(32 * 24 * 3_600_000),
    });
  });

  it('deliveries: none, one that waits, one that came through, one that was given up', async () => {
    const db = connect(installation.settings.databaseUrl ?? '', 1);
    const { alertId } = await raiseAlert(db, {
      account: null,
      code: 'BACKUP_FAILED',
      subject: 'database',
      tradingDay: null,
      message: 'no space',
      at: '2026-11-22T10:00:00Z',
    });
    const event = (kind: 'PLANNED' | 'GAVE_UP' | 'SENT' | 'FAILED', sink: string) =>
      db('alert_events').insert({
        event_key: `${sink}/${kind}`,
        alert_id: alertId,
        kind,
        notice: 'ALERT',
        sink,
        note: 'x',
        at: '2026-11-22T10:00:00Z',
      });
    const now = () => new Date('2026-11-22T10:10:00Z');
    const later = () => new Date('2026-11-22T10:20:00Z');
    await event('PLANNED', 'slack');
    await says(installation, 'alert delivery', 'ok: ', { now });
    await says(installation, 'alert delivery', 'fail: 1 waiting, 0 given up', { now: later });
    await event('SENT', 'slack');
    await says(installation, 'alert delivery', 'ok: ', { now: later });
    await event('PLANNED', 'ntfy');
    await event('GAVE_UP', 'ntfy');
    await says(installation, 'alert delivery', 'fail: 0 waiting, 1 given up', { now: later });
    await says(installation, 'alert delivery', 'ok: ', { now: () => new Date('2026-12-22T10:00:00Z') });
    await db.destroy();
  });

  it('alerts: an open one, and the same one recovered', async () => {
    const db = connect(installation.settings.databaseUrl ?? '', 1);
    await says(installation, 'alerts', 'ok: none');
    const about = { account: null, code: 'BACKUP_FAILED', subject: 'database' } as const;
    await raiseAlert(db, { ...about, tradingDay: null, message: 'no space', at: '2026-11-22T10:00:00Z' });
    await says(installation, 'alerts', 'fail: 1 open, newest BACKUP_FAILED: no space');
    await recoverAlert(db, { ...about, message: 'made', at: '2026-11-22T11:00:00Z' });
    await says(installation, 'alerts', 'ok: none');
    await db.destroy();
  });

  it('alert sinks: none, a secret that is not set, nobody who would miss us, and all of it', async () => {
    await says(installation, 'alert sinks', 'warn: only files');
    usePolicy(`${policyText}alerts: { sinks: [{ kind: slack, url_env: ALERTS_SLACK_URL }] }\n`);
    await says(installation, 'alert sinks', 'fail: not set: ALERTS_SLACK_URL');
    await says(installation, 'alert sinks', 'warn: slack; no ping_url', {
      env: { ALERTS_SLACK_URL: 'http://127.0.0.1:1/' },
    });
    usePolicy(
      `${policyText}alerts: { ping_url: 'http://127.0.0.1:1/', sinks: [{ kind: slack, url_env: ALERTS_SLACK_URL }] }\n`,
    );
    await says(installation, 'alert sinks', 'ok: slack', { env: { ALERTS_SLACK_URL: 'http://127.0.0.1:1/' } });
  });
});

describe('trading-ops doctor', () => {
  it('ends with 2 and names every remedy; with 0 once all is well; a machine gets JSON', async () => {
    const stack = await createPrivateStack();
    useDemoPolicy(stack, { operators: ['ann'] });
    const bad = await runCli(stack, ['doctor']);
    expect(bad).toMatchObject({ code: 2, stderr: '' });
    expect(bad.stdout).toMatch(
      /^ FAIL +worker +asks for work, and runs the code of this command +no worker asks for work/m,
    );
    expect(bad.stdout).toMatch(/Needs a person:\n(.*\n)*  worker: no worker asks for work.*\n    -> make up/);
    expect(bad.stdout).toMatch(/\d+ of \d+ checks need a person.*\n\nNext: /);
    const json = JSON.parse((await runCli(stack, ['--json', 'doctor'])).stdout) as {
      well: boolean;
      findings: { name: string; status: string }[];
    };
    expect(json.well).toBe(false);
    expect(json.findings.find(({ name }) => name === 'worker')).toEqual({
      name: 'worker',
      expected: 'asks for work, and runs the code of this command',
      found: expect.stringContaining('no worker'),
      status: 'fail',
      remedy: 'make up',
    });

    await startWorkerProcess(stack);
    expect((await runCli(stack, ['backup', '--direct'])).code).toBe(0);
    const good = await runCli(stack, ['--json', 'doctor']);
    const { findings } = JSON.parse(good.stdout) as { findings: { status: string }[] };
    expect(findings.filter(({ status }) => status === 'fail')).toEqual([]);
    expect(good.code).toBe(0);
    await stack.cleanup();
  });

  it('of an installation that was never started says so, and checks what it can', async () => {
    const stack = await createInstallation();
    const { DATABASE_URL: _url, DATABASE_OWNER_URL: _owner, TEMPORAL_ADDRESS: _temporal, ...env } = stack.env;
    const nowhere = { ...stack, env: { ...env, TRADING_OPS_DATA: path.join(stack.dataDir, 'nowhere') } };
    const said = await runCli(nowhere, ['doctor']);
    expect(said).toMatchObject({ code: 2, stderr: '' });
    expect(said.stdout).toMatch(/^ FAIL +data directory /m);
    expect(said.stdout).toMatch(/^ {2}data directory: .*nowhere does not exist$/m);
    expect(said.stdout).toMatch(/^ ok +node /m);
    expect(said.stdout).toMatch(/^ WARN +migrations .*not known: the installation has never been started$/m);
    await stack.cleanup();
  });
});
