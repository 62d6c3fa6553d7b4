import { describe, expect, it } from 'vitest';
import { faultText } from '../../src/domain/errors.js';

const ofDatabase = (code: string, message: string) => Object.assign(new Error(message), { severity: 'ERROR', code });

describe('what people are told of a fault', () => {
  it.each(['28P01', '3D000', '53300', '57P03', '08006'])('the words of Postgres about a connection: %s', (code) => {
    const words = 'password authentication failed for user "trading_ops"';
    expect(faultText(ofDatabase(code, words))).toBe(words);
  });

  it.each(['22021', '23505', '42P01'])('never those about a statement: %s', (code) => {
    const told = faultText(ofDatabase(code, 'insert into "tickets" ("notes") values (secret) - nothing'));
    expect(told).toBe(`the database refused a statement (${code}); the log says which`);
  });

  it('nor what the driver puts before its own words', () => {
    expect(faultText(new Error('select * from "tickets" where "a" = secret - timeout'))).not.toMatch(/secret|tickets/);
  });
});
