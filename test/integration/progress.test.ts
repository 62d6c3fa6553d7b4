import { asyncLocalStorage, type Context } from '@temporalio/activity';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { connect } from '../../src/db/connect.js';
import { inTransaction } from '../../src/db/transaction.js';
import { createTestDatabase, type TestDatabase } from '../support/database.js';

describe('a statement that is answered', () => {
  let database: TestDatabase;
  beforeAll(async () => {
    database = await createTestDatabase();
  });
  afterAll(() => database.drop());

  it('is told in the name of the activity that asked it, alone and in a transaction', async () => {
    const db = connect(database.appUrl, 2);
    const heard: unknown[] = [];
    db.on('query-response', () => heard.push(asyncLocalStorage.getStore()));
    const [one, other] = [{}, {}] as [Context, Context];
    try {
      await Promise.all([
        asyncLocalStorage.run(one, async () => void (await db.raw('select 1'))),
        asyncLocalStorage.run(other, () => inTransaction(db, async (trx) => void (await trx('accounts').first()))),
      ]);
      expect(heard).toContain(one);
      expect(heard).toContain(other);
      expect(heard).not.toContain(undefined);
    } finally {
      await db.destroy();
    }
  });
});
