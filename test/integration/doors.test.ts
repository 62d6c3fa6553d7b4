import { randomUUID } from 'node:crypto';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { ConfirmReply, ReconcileReply } from '../../src/contract/day-messages.js';
import { tradingDayOf } from '../../src/domain/calendar/calendar.js';
import { dayOfSnapshot } from '../../src/domain/day/opening.js';
import { askTradingDay, leaveForTradingDay, tradingDayInput } from '../../src/operations/day/ask.js';
import { confirm } from '../../src/operations/day/confirm.js';
import { reconcile } from '../../src/operations/day/reconcile.js';
import { CASH, startDesk, useDemoPolicy, type TestDesk } from '../support/day.js';
import { createInstallation, type Installation } from '../support/stack.js';
import { fingerprint } from '../support/unchanged.js';

const GROUP_MAX_MS = 240_000;
const ACCOUNT = { account: 'main', baseCurrency: 'USD', clock: 'real' } as const;
const UNKNOWN_ID = '9f0e7b5e-5a9d-4b57-8a2e-0d1a3c2b1f00';
const LONG_AGO = '2014-05-06';

let installation: Installation;
let desk: TestDesk;
let stop: () => Promise<void>;

/** A real account on an installation where nothing has happened yet. */
beforeAll(async () => {
  installation = await createInstallation();
  useDemoPolicy(installation, { clock: 'real' });
  ({ desk, stop } = await startDesk(installation));
}, GROUP_MAX_MS);

afterAll(() => stop());

const now = () => new Date().toISOString();
const where = () => ({ db: desk.db, configDir: installation.configDir });
const dayOf = (tradingDay: string, at: string) => tradingDayInput(ACCOUNT, tradingDay, desk.policy, at);

/** One thing that is refused: what is said, and how it is typed where it can be typed. */
interface Refused {
  code: string;
  kind: 'reconcile' | 'confirm';
  tradingDay?: string;
  said: Record<string, unknown>;
  typed?: string[];
}

const snapshot = () => ({ snapshotDate: tradingDayOf(now()), cash: CASH, positions: {}, notes: null });
const answer = { ticketId: UNKNOWN_ID, kind: 'ACK', fills: [], amend: false };

const REFUSED: Record<string, Refused> = {
  'a snapshot of 2014, said on its day': {
    code: 'SNAPSHOT_INVALID', kind: 'reconcile', tradingDay: LONG_AGO, said: { snapshotDate: LONG_AGO, at: `${LONG_AGO}T09:00:00Z` }, typed: ['--snapshot-date', LONG_AGO, '--cash', CASH],
  },
  'a claim from before the day': { code: 'CLAIM_BEFORE_DAY', kind: 'reconcile', said: { at: `${LONG_AGO}T09:00:00Z` } },
  'a claim about the future': { code: 'CLAIM_IN_FUTURE', kind: 'reconcile', said: { at: '2099-05-06T09:00:00Z' } },
  'a stranger': { code: 'OPERATOR_UNKNOWN', kind: 'reconcile', said: { operator: 'mallory' }, typed: ['--snapshot-date', 'today', '--cash', CASH, '--operator', 'mallory'] },
  'a stranger whose name is NUL': { code: 'OPERATOR_UNKNOWN', kind: 'reconcile', said: { operator: 'de\u0000mo' } },
  'negative cash': { code: 'SNAPSHOT_INVALID', kind: 'reconcile', said: { cash: '-1' }, typed: ['--snapshot-date', 'today', '--cash=-1'] },
  'a position __proto__': {
    code: 'SNAPSHOT_INVALID', kind: 'reconcile', said: { positions: JSON.parse('{"__proto__":"1"}') as object }, typed: ['--snapshot-date', 'today', '--cash', CASH, '--position', '__proto__=1'],
  },
  'a note with half a character': { code: 'SNAPSHOT_INVALID', kind: 'reconcile', said: { notes: 'a\ud800b' } },
  'a note that turns the direction': {
    code: 'SNAPSHOT_INVALID', kind: 'reconcile', said: { notes: 'a\u202eb' }, typed: ['--snapshot-date', 'today', '--cash', CASH, '--notes', 'a\u202eb'],
  },
  'a ticket nobody issued': { code: 'TICKET_UNKNOWN', kind: 'confirm', said: {}, typed: ['--ticket', UNKNOWN_ID] },
  'no ticket id': { code: 'TICKET_INVALID', kind: 'confirm', said: { ticketId: 'new\u0000est' } },
  'an answer by a stranger': { code: 'OPERATOR_UNKNOWN', kind: 'confirm', said: { operator: 'mallory' }, typed: ['--ticket', UNKNOWN_ID, '--operator', 'mallory'] },
  'an answer from the future': { code: 'CLAIM_IN_FUTURE', kind: 'confirm', said: { at: '2099-05-06T09:00:00Z' } },
};

const codeOf = (reply: ReconcileReply | ConfirmReply): string | undefined => ('reason' in reply ? reply.reason?.code : reply.refusal?.code);

async function direct({ kind, tradingDay, said }: Refused & { tradingDay: string }): Promise<string | undefined> {
  const { operator = 'demo', at = now(), ...rest } = said as { operator?: string; at?: string };
  const asker = { operator, door: 'direct' as const, claimedAt: at, now };
  const common = { account: 'main', tradingDay, commandId: randomUUID() };
  return codeOf(kind === 'reconcile'
    ? await reconcile(where(), asker, { ...common, ...snapshot(), ...rest })
    : await confirm(where(), asker, { ...common, ...answer, kind: 'ACK', ...rest }));
}

const messageOf = ({ kind, said }: Refused) =>
  ({ commandId: randomUUID(), ...(kind === 'reconcile' ? snapshot() : answer), operator: 'demo', at: now(), ...said });

describe('every door', { timeout: GROUP_MAX_MS }, () => {
  it('a fresh installation takes the runbook\'s reconciliation before any run, and opens its ledger', async () => {
    const answered = await desk.cli(['reconcile-daily', '--snapshot-date', tradingDayOf(now()), '--cash', CASH, '--notes', 'manual_etoro_snapshot']);
    expect(answered, answered.stderr).toMatchObject({ code: 0, stdout: expect.stringContaining('THE LEDGER WAS EMPTY') });
    const tradingDay = dayOfSnapshot(now(), desk.policy.calendar);
    expect(await desk.db('day_events').select('trading_day', 'event')).toEqual([{ trading_day: tradingDay, event: 'OPENED' }]);
    expect(await desk.db('config_versions').orderBy('kind').pluck('kind')).toEqual(['policy', 'universe']);
    expect(await desk.db('runs')).toEqual([]);
  });

  it.each(Object.entries(REFUSED))('refuses %s with the same code, and stores nothing', async (_name, refused) => {
    const tradingDay = refused.tradingDay ?? dayOfSnapshot(now(), desk.policy.calendar);
    // Nobody waits for a signal's answer: its refusal is told by an alert.
    const facts = async () => ({ ...await fingerprint(desk.db), alerts: '', audit_log: '' });
    const before = await facts();
    const { taskQueue } = installation.settings;
    expect(await direct({ ...refused, tradingDay })).toBe(refused.code);
    const sent = messageOf(refused);
    expect(codeOf(await askTradingDay(desk.client, taskQueue, dayOf(tradingDay, now()), `${refused.kind}Update`, randomUUID(), sent))).toBe(refused.code);
    const left = messageOf(refused);
    await leaveForTradingDay(desk.client, taskQueue, dayOf(tradingDay, now()), refused.kind, left);
    await expect.poll(() => desk.db('alerts').where({ code: 'MESSAGE_REFUSED', subject: `${refused.kind} ${left.commandId}` }).pluck('message'), { timeout: 30_000 })
      .toEqual([expect.stringContaining(`${refused.code}: `)]);
    if (refused.typed) {
      const words = refused.typed.map((word) => (word === 'today' ? tradingDayOf(now()) : word));
      const typed = await desk.cli([refused.kind === 'reconcile' ? 'reconcile-daily' : 'confirm', ...words]);
      expect(`${typed.stdout}\n${typed.stderr}`).toContain(`${refused.code}: `);
      expect([2, 64]).toContain(typed.code);
    }
    expect(await facts()).toEqual(before);
  });
});
