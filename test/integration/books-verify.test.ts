import { mkdirSync, readFileSync, rmSync, utimesSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { Client } from 'pg';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import type { ConfirmReply } from '../../src/contract/day-messages.js';
import { keepHead, keptHeads } from '../../src/backup/heads.js';
import type { VerifiedBackup } from '../../src/backup/verify.js';
import { appendAudit, auditHead } from '../../src/db/audit.js';
import { recordBackup } from '../../src/db/backups.js';
import { brokenFiles, type FilesScope } from '../../src/operations/guard/broken-files.js';
import { writeBackup } from '../support/backups.js';
import { openAlerts } from '../../src/db/alerts.js';
import { knownAgainst } from '../../src/operations/backup/check-record.js';
import { changedTicketFiles, renderTicket } from '../../src/operations/files/render/ticket.js';
import { issueTicket } from '../../src/operations/day/issue-ticket.js';
import { withAuditRecord } from '../../src/operations/day/receipt.js';
import { tellBooks, violationText } from '../../src/operations/guard/tell-books.js';
import { brokenBooks } from '../../src/operations/guard/verify-books.js';
import { keepNewestHead } from '../../src/operations/guard/keep-head.js';
import { verifyAuditLog } from '../../src/operations/guard/verify-audit.js';
import { AT, beginAfternoon, createLedger, reconcileBy, type Ledger } from './ledger.fixture.js';

const DAY = { account: 'main', tradingDay: '2014-07-01' };
let ledger: Ledger;
let owner: Client;
const kept = () => ({ dataDir: ledger.installation.dataDir, backups: `${ledger.installation.dataDir}/backups` });
const books = async () =>
  (await brokenBooks({ db: ledger.db, kept: kept(), keys: ledger.installation, slots: null })).map(violationText);
/** As the owner of the database, past the triggers. */
const behind = (table: string, statement: string) =>
  owner.query(`alter table ${table} disable trigger user; ${statement}; alter table ${table} enable trigger user`);

beforeAll(async () => {
  ledger = await createLedger();
  owner = new Client({ connectionString: ledger.database.ownerUrl });
  await owner.connect();
  await reconcileBy(ledger, {
    ...DAY,
    commandId: 'c1',
    snapshotDate: '2014-07-01',
    cash: '1000',
    positions: { KO: '20' },
    notes: null,
    operator: 'ann',
    at: AT,
  });
});
afterAll(async () => {
  await owner.end();
  await ledger.close();
});

/** What the gate says of the books in a run of that instant, whose ticket is a NO_TRADE. */
async function booksGateAt(at: string): Promise<unknown> {
  const runId = await beginAfternoon(ledger, at);
  const reply = await issueTicket({ ...ledger.installation, now: () => AT }, { ...DAY, runId, dryRun: false, at });
  expect(reply.kind).toBe('NO_TRADE');
  return ledger.db('gate_results').where({ gate: 'books', run_id: runId }).first('status', 'reasons');
}

const BROKEN = { status: 'FAIL', reasons: [{ code: 'BOOKS_BROKEN' }] };

describe('books', () => {
  test('that are sound raise nothing', async () => {
    expect(await books()).toEqual([]);
    await tellBooks(ledger.installation, [], AT);
    expect(await openAlerts(ledger.db)).toEqual([]);
  });

  test('that somebody changed are a critical alert, and no TRADE until they are right again', async () => {
    await behind('snapshots', 'update snapshots set cash = cash + 500');
    const found = await brokenBooks({ db: ledger.db, kept: kept(), keys: ledger.installation, slots: null });
    expect(found.map(violationText)).toEqual([
      expect.stringMatching(/^I4: snapshots [0-9a-f-]{36}: was changed$/),
      // And it says not any more what somebody signed.
      expect.stringMatching(/^I4: reconciliations [0-9a-f-]{36}: SIGNATURE_INVALID: /),
      // Nor does it say what it opened the ledger with.
      expect.stringMatching(/^I4: journal_entries 1: SIGNATURE_MISSING: /),
    ]);
    await tellBooks(ledger.installation, found, AT);
    expect(await openAlerts(ledger.db)).toMatchObject([
      { code: 'BOOKS_BROKEN', account: null, evidence: { all: 3, broken: found.map(violationText) } },
    ]);
    expect(await booksGateAt('2014-07-01T13:00:00.000Z')).toMatchObject(BROKEN);

    // That the alert is over is nobody's word: whoever can write rows can write that one.
    const [alert] = await openAlerts(ledger.db);
    const alertId = alert?.alertId as string;
    const end = {
      event_key: `${alertId}/RECOVERED`,
      alert_id: alertId,
      kind: 'RECOVERED',
      note: 'all is well',
      at: AT,
    };
    await ledger.db('alert_events').insert(end as never);
    expect(await openAlerts(ledger.db)).toEqual([]);
    expect(await booksGateAt('2014-07-01T13:10:00.000Z')).toMatchObject(BROKEN);
    expect(await openAlerts(ledger.db)).toMatchObject([{ code: 'BOOKS_BROKEN' }]);

    await behind('snapshots', 'update snapshots set cash = cash - 500');
    expect(await books()).toEqual([]);
    await tellBooks(ledger.installation, [], AT);
    expect((await openAlerts(ledger.db)).map(({ code }) => code)).not.toContain('BOOKS_BROKEN');
  });

  test('of the postings that differ from what was reported are named by the sums, and by the facts', async () => {
    await behind('postings', `update postings set amount = amount + 1 where ledger_account = 'Assets:Cash'`);
    expect(await books()).toEqual([
      expect.stringMatching(/^I4: postings 1\/\d: was changed$/),
      expect.stringMatching(/^I4: journal_entries 1: SIGNATURE_MISSING: /),
    ]);
    await behind('postings', `update postings set amount = amount - 1 where ledger_account = 'Assets:Cash'`);
    expect(await books()).toEqual([]);
  });
});

describe("a ticket's files", () => {
  test('are what is stored of it: a byte that was changed in any of them is named with its file', async () => {
    const { ticket_id: ticketId } = (await ledger.db('tickets').first('ticket_id')) ?? expect.unreachable();
    const press = { db: ledger.db, dataDir: kept().dataDir };
    const paths = await renderTicket(press, { ticketId });
    expect(paths.map((path) => path.replace(/^.*\./, '')).toSorted()).toEqual(['html', 'json', 'md']);
    expect(await changedTicketFiles(press, { ticketId })).toEqual([]);
    for (const path of paths) {
      const file = join(press.dataDir, path);
      const whole = readFileSync(file);
      const places = [0, Math.floor(whole.length / 2), whole.length - 1];
      for (const at of places) {
        const changed = Buffer.from(whole);
        changed[at] = (changed[at] ?? 0) ^ 1;
        writeFileSync(file, changed);
        expect(await changedTicketFiles(press, { ticketId }), `${path} at ${at}`).toEqual([
          expect.stringContaining(`${path}: is not what is stored`),
        ]);
      }
      for (const other of [whole.subarray(0, -1), Buffer.concat([whole, Buffer.from(' ')])]) {
        writeFileSync(file, other);
        expect(await changedTicketFiles(press, { ticketId })).toHaveLength(1);
      }
      // Rendered files may go: each can be rendered again.
      rmSync(file);
      expect(await changedTicketFiles(press, { ticketId })).toEqual([]);
      writeFileSync(file, whole);
    }
    expect(await changedTicketFiles(press, { ticketId })).toEqual([]);
  });
});

describe('files beside the database', () => {
  const policy = {};
  const now = '2014-07-09T12:00:00.000Z';
  const since = '2014-06-01T08:00:00.000Z';
  const env = {
    TIINGO_API_KEY: 'a-key-of-twenty-signs',
    DATABASE_URL: 'postgres://app:p%40ssw0rd-x@h/d',
    HOME: 'elsewhere-here',
  };
  const files = async (more: Partial<FilesScope> = {}) =>
    (await brokenFiles(ledger.db, { ...kept(), env, policy, now, since, recent: false, ...more })).map(violationText);
  const write = (file: string, text: string): string => {
    const path = join(kept().dataDir, file);
    mkdirSync(dirname(path), { recursive: true });
    writeFileSync(path, text);
    return path;
  };

  test('I9: the newest whole backup is young enough, and as many are kept as the policy says', async () => {
    expect(await files({ since: null })).toEqual([]);
    expect(await files({ since: '2014-07-08T11:00:00.000Z' })).toEqual([]);
    expect(await files()).toEqual(['I9: backups: there is no whole backup']);
    mkdirSync(kept().backups, { recursive: true });
    const made = ['2014-07-06', '2014-07-07', '2014-07-08'].map((day) =>
      writeBackup(kept().backups, `${day}T22:30:00.000Z`),
    );
    for (const manifest of made) await recordBackup(ledger.db, manifest);
    expect(await files()).toEqual([]);
    expect(await files({ now: '2014-07-10T00:30:00.000Z' })).toEqual([]);
    const tooOld = await files({ now: '2014-07-10T00:31:00.000Z' });
    expect(tooOld).toEqual([`I9: ${made[2]?.file}: is the newest whole backup, and more than 26 hours old`]);
    rmSync(join(kept().backups, made[0]?.file ?? ''));
    expect(await files()).toEqual(['I9: backups: 2 whole ones are kept, of 3 at the least']);
    // One whose bytes were changed counts for nothing, so the one before it is the newest.
    writeFileSync(join(kept().backups, made[2]?.file ?? ''), Buffer.from(`DUMP of 2014-07-08T22:30:00.000Z`));
    expect((await files())[0]).toBe(`I9: ${made[1]?.file}: is the newest whole backup, and more than 26 hours old`);
    rmSync(kept().backups, { recursive: true });
  });

  test('I10: no secret in logs, tickets or the names of dumps, and none is repeated by who finds it', async () => {
    const young = { since: null };
    write('runtime.json', JSON.stringify({ postgres: { appPassword: '0123456789abcdef', port: 5432 }, short: 'x' }));
    write('service.env', 'NTFY_TOKEN="tk_abcd3fgh"\nSMTP_PASSWORD=postgres\nLOG_LEVEL=information\n');
    const log = write(
      'logs/worker.log',
      `elsewhere-here information postgres 5432 app@h ${'x'.repeat(3 * 1024 * 1024)}`,
    );
    const ticket = write('artifacts/tickets/1/ticket.md', 'BUY 2 KO');
    expect(await files(young)).toEqual([]);
    // Across the border of two pieces too.
    const at = 1024 * 1024 - 8;
    for (const [secret, name] of [
      ['0123456789abcdef', 'postgres.appPassword of runtime.json'],
      ['tk_abcd3fgh', 'NTFY_TOKEN'],
      ['a-key-of-twenty-signs', 'TIINGO_API_KEY'],
      ['p@ssw0rd-x', 'the password of DATABASE_URL'],
      ['-----BEGIN PRIVATE KEY-----', 'a private key'],
    ] as const) {
      writeFileSync(log, `${'x'.repeat(at)}${secret}${'x'.repeat(1024 * 1024)}`);
      writeFileSync(ticket, `noted: ${secret}`);
      expect(await files(young)).toEqual([
        `I10: logs/worker.log: holds ${name}`,
        `I10: artifacts/tickets/1/ticket.md: holds ${name}`,
      ]);
    }
    // Who looks every hour reads what was changed of late.
    utimesSync(log, 0, 0);
    utimesSync(ticket, 0, 0);
    expect(await files({ ...young, recent: true, now: new Date().toISOString() })).toEqual([]);
    for (const file of [log, ticket]) rmSync(file);
    const dump = write('backups/0123456789abcdef.dump', '');
    expect(await files(young)).toEqual(['I10: backups/…: holds postgres.appPassword of runtime.json']);
    rmSync(dump);
  });
});

describe('the reply to a confirmation', () => {
  const place = () => ({ db: ledger.db, dataDir: `${kept().dataDir}/receipts`, now: () => AT });
  const reply = (confirmationId: string | null): ConfirmReply => ({
    status: confirmationId === null ? 'REFUSED' : 'BOOKED',
    confirmationId,
    entries: [],
    reason: null,
  });

  test('carries its record in the audit log, the same one however often it is asked, which is kept', async () => {
    const confirmationId = '00000000-0000-4000-8000-00000000000c';
    const about = { at: AT, account: 'main', actor: 'ann', subject: 't' };
    await appendAudit(ledger.db, { ...about, action: 'fills.booked', detail: { confirmationId } });
    const record = await ledger.db('audit_log').where({ action: 'fills.booked' }).first('seq', 'hash');
    const { seq, hash } = record ?? expect.unreachable();
    await appendAudit(ledger.db, { ...about, action: 'x.y', detail: {} });
    mkdirSync(place().dataDir);
    for (const _ of [1, 2])
      expect(await withAuditRecord(place(), reply(confirmationId))).toEqual({
        ...reply(confirmationId),
        auditRecord: { seq, hash },
      });
    const { heads } = await keptHeads(place().dataDir, kept().backups);
    expect(heads).toMatchObject([1, 2].map(() => ({ seq, hash, of: `confirmation ${confirmationId}` })));
  });

  test('goes out without where it was refused, nobody knows its record, or that cannot be kept', async () => {
    for (const other of [reply(null), reply('00000000-0000-4000-8000-00000000000d')])
      expect(await withAuditRecord(place(), other)).toEqual(other);
    const known = reply('00000000-0000-4000-8000-00000000000c');
    expect(await withAuditRecord({ ...place(), dataDir: '/nowhere' }, known)).toEqual(known);
  });
});

describe('a head of the audit log that left the database', () => {
  test('tells of a log that was cut with all it proved, and of one that was written anew', async () => {
    const head = await auditHead(ledger.db);
    if (!head) throw new Error('the log is empty');
    const keeper = { db: ledger.db, dataDir: kept().dataDir, now: () => new Date().toISOString() };
    for (const last of [null, head.hash]) expect(await keepNewestHead(keeper, last)).toBe(head.hash);
    expect((await keptHeads(kept().dataDir, kept().backups)).heads).toHaveLength(1);
    const { breaks, factBreaks, heads } = await verifyAuditLog(ledger.db, kept());
    expect({ breaks, factBreaks, heads }).toEqual({ breaks: [], factBreaks: [], heads: 1 });

    // Cut by one and by many, digests and all: the chain that is left verifies, the head does not.
    const tables = 'alter table audit_log disable trigger user; alter table fact_digests disable trigger user';
    for (const many of [1, 3]) {
      await owner.query(`begin; ${tables}`);
      await owner.query(`delete from audit_log where seq > ${head.seq - many}`);
      const { rows } = await owner.query<{ seq: string }>('select max(seq) as seq from audit_log');
      expect(Number(rows[0]?.seq)).toBe(head.seq - many);
      expect((await owner.query('select * from audit_chain_breaks()')).rows).toEqual([]);
      await owner.query('commit');
      const cut = await verifyAuditLog(ledger.db, kept());
      expect(cut.breaks).toEqual([{ seq: head.seq, problem: expect.stringMatching(/^is gone: .*the log was cut$/) }]);
    }
    await owner.query('alter table audit_log enable trigger user; alter table fact_digests enable trigger user');
    for (let n = 0; n < 6; n++)
      await owner.query(
        `insert into audit_log (at, actor, action, subject, detail) values (now(), 'x', 'x.y', '${n}', '{}')`,
      );
    const anew = await verifyAuditLog(ledger.db, kept());
    expect(anew.breaks).toEqual([
      { seq: head.seq, problem: expect.stringMatching(/^is another one .*the log was rewritten$/) },
    ]);
  });
});

describe('a log that was written anew from its beginning', () => {
  test('with every hash right, is told by the heads that left it, and by nothing else', async () => {
    const head = (await auditHead(ledger.db)) ?? expect.unreachable();
    await keepHead(kept().dataDir, { ...head, at: new Date().toISOString(), of: 'confirmation 1' });
    await behind(
      'audit_log',
      `do $$ declare r audit_log; last text; begin
         update audit_log set actor = 'nobody' where seq = (select min(seq) from audit_log);
         for r in select * from audit_log order by seq loop
           r.prev_hash := coalesce(last, r.prev_hash);
           last := audit_hash(r.seq, r.at, r.account, r.actor, r.action, r.subject, r.detail, r.prev_hash);
           update audit_log set prev_hash = r.prev_hash, hash = last where seq = r.seq;
         end loop; end $$`,
    );
    expect((await owner.query('select * from audit_chain_breaks()')).rows).toEqual([]);
    const { breaks } = await verifyAuditLog(ledger.db, kept());
    expect(breaks).toContainEqual({
      seq: head.seq,
      problem: 'is another one than with confirmation 1: the log was rewritten',
    });
  });
});

describe('a backup', () => {
  const backup = (takenAt: string, records: number) =>
    ({
      file: 'x.dump',
      manifest: { takenAt, manifestSha256: 'a'.repeat(64), figures: { audit: { records } } },
    }) as unknown as VerifiedBackup;

  test('that is older than its name says is known by what was recorded meanwhile', async () => {
    const head = (await auditHead(ledger.db))?.seq ?? 0;
    const soon = new Date(Date.now() + 3_600_000).toISOString();
    expect(await knownAgainst(ledger.db, backup(soon, head))).toBeNull();
    expect(await knownAgainst(ledger.db, backup(soon, 1))).toMatch(/^it is older than its name says: audit record 2 /);
    // One of then, with the name of then, is none.
    expect(await knownAgainst(ledger.db, backup('2014-07-01T00:00:00.000Z', 1))).toBeNull();
  });
});
