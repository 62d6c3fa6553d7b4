import { describe, expect, it } from 'vitest';
import { explainDatabaseError } from '../../src/db/explained.js';

const URL = 'postgresql://app:secret@127.0.0.1:5499/trading';
const told = (message: string, code?: string) =>
  explainDatabaseError(Object.assign(new Error(message), code === undefined ? {} : { code }), URL);

describe('a database that does not answer', () => {
  it('is told without the statement that waited, and without a password', () => {
    const frozen = told('select "id_hash", a - b from desk.sessions where x = $1 - Query read timeout');
    expect(frozen).toMatchObject({
      code: 'POSTGRES_DOWN',
      kind: 'unreachable',
      message: 'Postgres at postgresql://127.0.0.1:5499/trading does not answer (Query read timeout)',
    });
    expect(told('connect ECONNREFUSED 127.0.0.1:5499', 'ECONNREFUSED')).toMatchObject({
      message: expect.stringMatching(/does not answer \(ECONNREFUSED\)$/) as string,
    });
  });

  it('is told apart from what is no trouble of a database', () => {
    const other = new Error('select 1 - syntax error');
    expect(explainDatabaseError(other, URL)).toBe(other);
  });
});
