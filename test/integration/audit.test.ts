import { Client } from 'pg';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { appendAudit, auditBreaks, auditHead } from '../../src/db/audit.js';
import { connect } from '../../src/db/connect.js';
import { inTransaction } from '../../src/db/transaction.js';
import type { Knex } from 'knex';
import { createTestDatabase, type TestDatabase } from '../support/database.js';

let database: TestDatabase;
let db: Knex;
beforeAll(async () => {
  database = await createTestDatabase();
  db = connect(database.appUrl, 8);
  await Promise.all(
    Array.from({ length: 24 }, (_, index) =>
      inTransaction(db, (trx) =>
        appendAudit(trx, {
          at: '2014-07-01T07:30:00.000Z',
          account: null,
          actor: 'ann',
          action: 'test.done',
          subject: String(index),
          detail: { index },
        }),
      ),
    ),
  );
});
afterAll(async () => {
  await db.destroy();
  await database.drop();
});

/** Does something to the log behind the triggers' back, as only the owner can, looks, and takes it back. */
async function tampered(statement: string): Promise<{ seq: number; problem: string }[]> {
  const owner = new Client({ connectionString: database.ownerUrl });
  await owner.connect();
  try {
    await owner.query('begin; alter table audit_log disable trigger all');
    await owner.query(statement);
    const { rows } = await owner.query<{ seq: string; problem: string }>(
      'select * from audit_chain_breaks() order by seq',
    );
    await owner.query('rollback');
    return rows.map(({ seq, problem }) => ({ seq: Number(seq), problem }));
  } finally {
    await owner.end();
  }
}

describe('the audit chain', () => {
  test('has no gap and no fork after many writers at once', async () => {
    expect(await auditBreaks(db)).toEqual([]);
    // The first record is the schema's own: from when on what is asked for is signed.
    expect(await auditHead(db)).toMatchObject({ seq: 25 });
  });

  test('names the record that was altered', async () => {
    expect(await tampered(`update audit_log set actor = 'eve' where seq = 7`)).toEqual([
      { seq: 7, problem: 'was altered' },
    ]);
    expect(await tampered(`update audit_log set detail = '{"index": 99}' where seq = 9`)).toEqual([
      { seq: 9, problem: 'was altered' },
    ]);
  });

  test('names what follows a record that was taken out', async () => {
    expect(await tampered('delete from audit_log where seq = 5')).toEqual([
      { seq: 6, problem: 'a record before it is missing' },
    ]);
  });

  test.each(["update audit_log set actor = 'eve'", 'delete from audit_log', 'truncate audit_log'])(
    'the application may not: %s',
    async (statement) => {
      await expect(db.raw(statement)).rejects.toMatchObject({ code: '42501' });
    },
  );

  test('a record of a transaction that failed leaves no gap', async () => {
    await expect(
      inTransaction(db, async (trx) => {
        await appendAudit(trx, {
          at: '2014-07-01T07:30:00.000Z',
          account: null,
          actor: 'ann',
          action: 'test.failed',
          subject: 'x',
          detail: {},
        });
        throw new Error('on purpose');
      }),
    ).rejects.toThrow('on purpose');
    await appendAudit(db, {
      at: '2014-07-01T07:30:00.000Z',
      account: null,
      actor: 'ann',
      action: 'test.done',
      subject: 'y',
      detail: {},
    });
    expect(await auditBreaks(db)).toEqual([]);
    expect(await auditHead(db)).toMatchObject({ seq: 26 });
  });
});
