import { Client } from 'pg';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { keepHead, keptHeads } from '../../src/backup/heads.js';
import type { VerifiedBackup } from '../../src/backup/verify.js';
import { auditHead } from '../../src/db/audit.js';
import { openAlerts } from '../../src/db/alerts.js';
import { knownAgainst } from '../../src/operations/backup/check-record.js';
import { issueTicket } from '../../src/operations/day/issue-ticket.js';
import { brokenBooks, tellBooks, violationText } from '../../src/operations/guard/verify-books.js';
import { verifyAuditLog } from '../../src/operations/guard/verify-audit.js';
import { AT, createLedger, reconcileBy, type Ledger } from './ledger.fixture.js';

const DAY = { account: 'main', tradingDay: '2014-07-01' };
let ledger: Ledger;
let owner: Client;
const kept = () => ({ dataDir: ledger.installation.dataDir, backups: `${ledger.installation.dataDir}/backups` });
const books = async () => (await brokenBooks({ db: ledger.db, kept: kept(), slots: null })).map(violationText);
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

describe('books', () => {
  test('that are sound raise nothing', async () => {
    expect(await books()).toEqual([]);
    await tellBooks(ledger.installation, [], AT);
    expect(await openAlerts(ledger.db)).toEqual([]);
  });

  test('that somebody changed are a critical alert, and no TRADE until they are right again', async () => {
    await behind('snapshots', 'update snapshots set cash = cash + 500');
    const found = await brokenBooks({ db: ledger.db, kept: kept(), slots: null });
    expect(found.map(violationText)).toEqual([expect.stringMatching(/^I4: snapshots [0-9a-f-]{36}: was changed$/)]);
    await tellBooks(ledger.installation, found, AT);
    expect(await openAlerts(ledger.db)).toMatchObject([
      { code: 'BOOKS_BROKEN', account: null, evidence: { all: 1, broken: found.map(violationText) } },
    ]);
    const at = '2014-07-01T13:00:00.000Z';
    const reply = await issueTicket(
      { db: ledger.db, now: () => AT },
      { ...DAY, runId: ledger.runId, dryRun: false, at },
    );
    expect(reply.kind).toBe('NO_TRADE');
    const gate = await ledger.db('gate_results').where({ gate: 'books' }).first('status', 'reasons');
    expect(gate).toMatchObject({ status: 'FAIL', reasons: [{ code: 'BOOKS_BROKEN' }] });

    await behind('snapshots', 'update snapshots set cash = cash - 500');
    expect(await books()).toEqual([]);
    await tellBooks(ledger.installation, [], AT);
    expect((await openAlerts(ledger.db)).map(({ code }) => code)).not.toContain('BOOKS_BROKEN');
  });

  test('of the postings that differ from what was reported are named by the sums, and by the facts', async () => {
    await behind('postings', `update postings set amount = amount + 1 where ledger_account = 'Assets:Cash'`);
    expect(await books()).toEqual([expect.stringMatching(/^I4: postings 1\/\d: was changed$/)]);
    await behind('postings', `update postings set amount = amount - 1 where ledger_account = 'Assets:Cash'`);
    expect(await books()).toEqual([]);
  });
});

describe('a head of the audit log that left the database', () => {
  test('tells of a log that was cut with all it proved, and of one that was written anew', async () => {
    const head = await auditHead(ledger.db);
    if (!head) throw new Error('the log is empty');
    await keepHead(kept().dataDir, { ...head, at: new Date().toISOString(), of: 'alert 1' });
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
