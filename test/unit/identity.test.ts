import { describe, expect, it } from 'vitest';
import { ticketId } from '../../src/domain/decision/ticket.js';
import {
  confirmationIdentity,
  reconciliationIdentity,
  snapshotIdentity,
} from '../../src/domain/reconciliation/identity.js';
import { missedRunId } from '../../src/operations/runs/record-missed.js';

// Each id below was computed by another program (Python's uuid5 and hashlib). Should one change, every installation would
// give what it has already another id, and book or record it twice. The ids of alerts are in test/integration/alerts.test.ts.
const TICKET = '00000000-0000-4000-8000-000000000001';
const HASH = 'a'.repeat(64);

describe('ids are the same on every machine and in every version', () => {
  it('of tickets', () => {
    expect(ticketId('main', '2014-07-01', HASH)).toBe('c12acd3b-50a4-5dc7-b040-15694b9a3699');
  });

  it('of reconciliations', () => {
    expect(reconciliationIdentity('main', 'cmd-1')).toBe('74c26ccc-3c9a-587c-9f91-efc21304ec60');
  });

  it('of confirmations, first and amending', () => {
    expect(confirmationIdentity(TICKET, HASH, null)).toBe('86a61e1f-7acb-5277-99c8-ec557078439c');
    expect(confirmationIdentity(TICKET, HASH, '00000000-0000-4000-8000-000000000002')).toBe(
      'ec17cc26-706a-5aa4-9428-b08e60bafcad',
    );
  });

  it('of missed slots', () => {
    expect(missedRunId({ account: 'main', tradingDay: '2014-07-01', slot: '1400' })).toBe(
      'ed71f66e-f2e9-5f3e-9307-00b7aac7f0c2',
    );
  });

  it('of snapshots, by account, instant, operator and every figure', () => {
    const snapshot = { snapshotDate: '2014-07-01', cash: '10000', positions: { KO: '20' }, notes: null };
    const identity = (
      changes: Partial<typeof snapshot> = {},
      account = 'main',
      at = '2014-07-01T07:30:00Z',
      operator = 'ann',
    ) => snapshotIdentity(account, at, operator, { ...snapshot, ...changes });
    expect(identity()).toEqual({
      snapshotId: '5d25da5f-b174-5b99-ba06-86a67bb7ae1b',
      contentHash: 'ad91299f80169b2def29542fbec5ea7f62509aca67be76d92a449231a86ecc33',
    });
    const others = [
      identity({ cash: '10000.01' }),
      identity({ positions: { KO: '21' } }),
      identity({ notes: 'x' } as never),
      identity({ snapshotDate: '2014-06-30' }),
      identity({}, 'second'),
      identity({}, 'main', '2014-07-01T07:30:01Z'),
      identity({}, 'main', undefined, 'bob'),
    ];
    expect(new Set([identity(), ...others].map(({ snapshotId }) => snapshotId)).size).toBe(8);
    expect(new Set([identity(), ...others].map(({ contentHash }) => contentHash)).size).toBe(8);
  });
});
