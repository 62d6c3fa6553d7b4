import { expect, test } from 'vitest';
import {
  confirmationIdentity,
  reconciliationIdentity,
  snapshotIdentity,
} from '../../src/domain/reconciliation/identity.js';

/*
 * Golden ids, made by version 0.1: a ticket's hash covers the id of its snapshot, and every id is the name of stored facts.
 * A change here is a change of history.
 */
const snapshot = { snapshotDate: '2014-06-30', cash: '1000.5', positions: { KO: '400' }, notes: null };
const AT = '2014-06-30T08:00:00.000Z';
const TICKET = '135debb3-0a68-5ac9-9769-8cfc77a9c769';

test('a snapshot is named by account, instant, operator and every figure', () => {
  expect(snapshotIdentity('main', AT, 'ann', snapshot)).toEqual({
    snapshotId: '3ca65543-b147-535e-90c5-6193c20eb5f2',
    contentHash: '69650e98df177f8525e7552934c253128706492e3ebf388ef301982f7aa06813',
  });
  const others = [
    snapshotIdentity('paper', AT, 'ann', snapshot),
    snapshotIdentity('main', '2014-06-30T08:00:00.001Z', 'ann', snapshot),
    snapshotIdentity('main', AT, 'bob', snapshot),
    snapshotIdentity('main', AT, 'ann', { ...snapshot, cash: '1000.51' }),
    snapshotIdentity('main', AT, 'ann', { ...snapshot, notes: 'x' }),
  ];
  expect(new Set(others.map(({ snapshotId }) => snapshotId)).add('3ca65543-b147-535e-90c5-6193c20eb5f2').size).toBe(6);
});

test('a reconciliation is named by account and command, a confirmation by ticket, content and what it amends', () => {
  expect(reconciliationIdentity('main', 'c1')).toBe('bd7b1b0c-b35d-54bb-bd95-60c3ac7f5e49');
  expect(confirmationIdentity(TICKET, 'ab'.repeat(32), null)).toBe('ea3cfbbb-274e-5981-a418-927250ff9daa');
  expect(confirmationIdentity(TICKET, 'ab'.repeat(32), 'c0')).toBe('17016733-10e1-5414-9819-cc9afd4c082f');
});
