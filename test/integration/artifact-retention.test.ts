import type { Knex } from 'knex';
import {
  existsSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  renameSync,
  rmSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs';
import path from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { findPastFiles, removePastFiles, retentionDay } from '../../src/operations/files/retention.js';
import { renderDay } from '../../src/operations/files/render/day.js';
import { renderReconciliation } from '../../src/operations/files/render/reconciliation.js';
import { renderRun } from '../../src/operations/files/render/run.js';
import { renderTicket } from '../../src/operations/files/render/ticket.js';
import { connect } from '../../src/db/connect.js';
import { artifactsSchema, type KeepDays } from '../../src/domain/policy/artifacts.js';
import { resolveAddresses } from '../../src/runtime/addresses.js';
import { cliHere } from '../support/cli-here.js';
import { createInstallation, type Installation } from '../support/stack.js';
import * as given from '../unit/artifacts.fixture.js';
import { seedDay } from './artifacts.seed.js';

/** The seeded day is 2014-06-10; everything may go after a month. */
const KEEP: KeepDays = { runs: 31, reports: 31, tickets: 31, signals: 31, alerts: 31 };
const LATER = '2014-08-01';
const AT = '2014-08-01T09:00:00.000Z';
const POLICY = `version: 1
accounts: { main: { base_currency: GBP, clock: real } }
operators: [ann]
market_data: { provider: csv }
artifacts:
  keep_days: { runs: 31, reports: 31, tickets: null, signals: null, alerts: 31 }
`;

let installation: Installation;
let db: Knex;
let files: string[];

beforeEach(async () => {
  installation = await createInstallation();
  writeFileSync(path.join(installation.configDir, 'policy.yml'), POLICY);
  db = connect(resolveAddresses(installation.settings).databaseUrl, 2);
  await seedDay(db);
  const place = { db, dataDir: installation.dataDir };
  files = [
    ...(await renderRun(place, { runId: given.RUN_0800 })),
    ...(await renderRun(place, { runId: given.RUN_1400 })),
    ...(await renderTicket(place, { ticketId: given.TICKET_ID })),
    ...(await renderReconciliation(place, { reconciliationId: given.RECONCILIATION_ID })),
    ...(await renderDay(place, { account: 'main', tradingDay: given.TRADING_DAY })),
  ];
});
afterEach(async () => {
  await db.destroy();
  await installation.cleanup();
});

const at = (file: string) => path.join(installation.dataDir, file);
const past = async (today = LATER, keep = KEEP) =>
  (await findPastFiles(db, installation.dataDir, keep, today)).past.map((file) => file.path);
const remove = async (keep = KEEP) => {
  const found = await findPastFiles(db, installation.dataDir, keep, LATER);
  return { found, ...(await removePastFiles(db, installation.dataDir, found.past, { at: AT, operator: 'ann', keep })) };
};

describe('rendered files past their time', () => {
  it('are those whose trading day is longer ago than the policy keeps their kind', async () => {
    expect(await past('2014-07-11')).toEqual([]);
    expect((await past('2014-07-12')).toSorted()).toEqual(files.toSorted());
    const kept = await past(LATER, { ...KEEP, tickets: null, signals: null });
    expect(kept.toSorted()).toEqual(files.filter((file) => !/\/(tickets|signals)\//.test(file)).toSorted());
    expect(await past('2015-07-01', artifactsSchema.parse({}).keep_days)).toEqual([]);
  });

  it('are removed, said in the audit log, and come back byte for byte when they are asked for', async () => {
    const before = files.map((file) => readFileSync(at(file), 'utf8'));
    const { removed, refused } = await remove();
    expect([removed.length, refused]).toEqual([files.length, []]);
    expect(files.filter((file) => existsSync(at(file)))).toEqual([]);
    expect(readdirSync(at('artifacts/runs'))).toEqual([]);
    const entry = await db('audit_log')
      .orderBy('seq', 'desc')
      .first<{ actor: string; action: string; detail: object }>();
    expect(entry).toMatchObject({
      actor: 'ann',
      action: 'artifacts.removed',
      detail: { files: files.length, from: given.TRADING_DAY, to: given.TRADING_DAY },
    });
    const place = { db, dataDir: installation.dataDir };
    await Promise.all([
      renderRun(place, { runId: given.RUN_0800 }),
      renderTicket(place, { ticketId: given.TICKET_ID }),
      renderReconciliation(place, { reconciliationId: given.RECONCILIATION_ID }),
      renderDay(place, { account: 'main', tradingDay: given.TRADING_DAY }),
    ]);
    await renderRun(place, { runId: given.RUN_1400 });
    expect(files.map((file) => readFileSync(at(file), 'utf8'))).toEqual(before);
    expect((await remove()).removed).toHaveLength(files.length);
  });

  it('a call that was killed halfway is finished by the next', async () => {
    const found = await findPastFiles(db, installation.dataDir, KEEP, LATER);
    const [first, second] = found.past.map((file) => file.path) as [string, string];
    rmSync(at(first));
    rmSync(at(second));
    const { removed, refused } = await removePastFiles(db, installation.dataDir, found.past, {
      at: AT,
      operator: 'ann',
      keep: KEEP,
    });
    expect([removed.length, refused]).toEqual([files.length, []]);
    expect((await remove()).removed).toEqual([]);
  });

  it('none is of a day that is not closed', async () => {
    await db('day_events').insert({
      account: 'main',
      trading_day: '2014-06-11',
      event: 'OPENED',
      at: '2014-06-11T07:00:00Z',
    });
    const report = 'artifacts/reports/daily_main_2014-06-11.md';
    writeFileSync(at(report), 'of an open day');
    expect(await past()).not.toContain(report);
    await remove();
    expect(existsSync(at(report))).toBe(true);
    await db('day_events').insert({
      account: 'main',
      trading_day: '2014-06-11',
      event: 'CLOSED',
      at: '2014-06-11T19:00:00Z',
    });
    expect(await past()).toEqual([report]);
  });

  it('a past that was simulated, or a long rest, does not age everything at once', async () => {
    expect(await retentionDay(db, '2026-11-23T08:00:00Z')).toBe(given.TRADING_DAY);
    expect(await retentionDay(db, '2014-06-09T08:00:00Z')).toBe('2014-06-09');
  });
});

describe('what is never touched', () => {
  it('histories, raw answers, and files that the program did not write', async () => {
    const others = [
      'artifacts/reports/history_main_2014-06-10.json',
      'data/market/csv/2014-06-10/AAPL-0a1b2c3d.csv',
      `artifacts/runs/${given.RUN_0800}/notes.txt`,
      'artifacts/reports/mine.md',
    ];
    for (const file of others) {
      mkdirSync(path.dirname(at(file)), { recursive: true });
      writeFileSync(at(file), 'keep me');
    }
    await remove();
    expect(others.map((file) => readFileSync(at(file), 'utf8'))).toEqual(others.map(() => 'keep me'));
  });

  it("a symbolic link in a file's place, what it leads to, and a directory of the same name", async () => {
    const outside = path.join(installation.dataDir, '..', 'outside.md');
    writeFileSync(outside, 'precious');
    const [link, directory] = [
      `artifacts/runs/${given.RUN_0800}/run_summary.md`,
      `artifacts/tickets/${given.TICKET_ID}/ticket.md`,
    ];
    rmSync(at(link));
    symlinkSync(outside, at(link));
    rmSync(at(directory));
    mkdirSync(at(directory));
    const { found, removed } = await remove();
    expect(found.strange).toEqual(
      expect.arrayContaining([
        { path: link, why: 'a symbolic link' },
        { path: directory, why: 'not a file' },
      ]),
    );
    expect(removed).toHaveLength(files.length - 2);
    expect(readFileSync(outside, 'utf8')).toBe('precious');
    expect(existsSync(at(directory))).toBe(true);
  });

  it('files behind a link to another directory, also one that was put there after the list was made', async () => {
    const elsewhere = path.join(installation.dataDir, '..', 'elsewhere');
    const found = await findPastFiles(db, installation.dataDir, KEEP, LATER);
    renameSync(at('artifacts/reports'), elsewhere);
    symlinkSync(elsewhere, at('artifacts/reports'));
    const reports = readdirSync(elsewhere);
    const { removed, refused } = await removePastFiles(db, installation.dataDir, found.past, {
      at: AT,
      operator: 'ann',
      keep: KEEP,
    });
    expect(refused.map(({ why }) => why)).toEqual(reports.map(() => 'behind a symbolic link'));
    expect(removed).toHaveLength(files.length - reports.length);
    expect(readdirSync(elsewhere)).toEqual(reports);
  });
});

describe('make artifacts-retention', () => {
  /** A run of a later day: from there ages are counted. */
  const later = () =>
    db('runs').insert({
      run_id: '99999999-0000-4000-8000-000000000001',
      slot: 'ops',
      trading_day: LATER,
      as_of_date: '2014-07-31',
      at: AT,
      workflow_id: 'x',
      operator: 'ann',
      policy_hash: given.policyHash,
      universe_hash: given.universeHash,
    });

  it('says what would go and changes nothing; --yes does it, and render all --missing does not undo it', async () => {
    await later();
    const said = await cliHere(installation, ['artifacts-retention']);
    expect(said).toMatchObject({ code: 0, stderr: '' });
    expect(said.stdout).toMatch(
      /^10 rendered files \(0\.\d MB\), 2014-06-10 to 2014-06-10, would go:\n  runs +6 files +0\.\d MB\n  reports +4 files/,
    );
    expect(said.stdout).toContain('Next: make artifacts-retention -- --yes');
    expect(files.every((file) => existsSync(at(file)))).toBe(true);
    const audited = await db('audit_log').count<{ count: number }[]>('* as count');

    const done = await cliHere(installation, ['--json', 'artifacts-retention', '--yes']);
    expect(done).toMatchObject({ code: 0, stderr: '' });
    expect(JSON.parse(done.stdout)).toMatchObject({
      removed: true,
      files: expect.arrayContaining([expect.objectContaining({ kind: 'runs', tradingDay: '2014-06-10' })]),
      strange: [],
    });
    expect(files.filter((file) => existsSync(at(file))).toSorted()).toEqual(
      files.filter((file) => /\/(tickets|signals)\//.test(file)).toSorted(),
    );
    expect((await db('audit_log').count<{ count: number }[]>('* as count'))[0]?.count).toBe(
      (audited[0]?.count ?? 0) + 1,
    );

    await cliHere(installation, ['render', 'all', '--missing']);
    expect(existsSync(at(`artifacts/runs/${given.RUN_0800}`))).toBe(false);
    const again = await cliHere(installation, ['artifacts-retention', '--yes']);
    expect(again.stdout).toMatch(/^No rendered file was removed\./);
    expect((await cliHere(installation, ['render', 'run', given.RUN_0800])).code).toBe(0);
    expect(existsSync(at(`artifacts/runs/${given.RUN_0800}/run_summary.md`))).toBe(true);
  });

  it('refuses a policy that keeps too little, by line, value and rule', async () => {
    writeFileSync(
      path.join(installation.configDir, 'policy.yml'),
      POLICY.replace('runs: 31', 'runs: 3').replace('alerts: 31', 'alerts: soon'),
    );
    const said = await cliHere(installation, ['artifacts-retention', '--yes']);
    expect(said.code).toBe(64);
    expect(said.stderr).toMatch(/policy\.yml:6: artifacts\.keep_days\.runs: 3: .*31/);
    expect(said.stderr).toMatch(/policy\.yml:6: artifacts\.keep_days\.alerts: "soon": /);
    expect(files.every((file) => existsSync(at(file)))).toBe(true);
  });
});
