import { randomUUID } from 'node:crypto';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import type { Alert } from '../../src/contract/alerts.js';
import { openAccount } from '../../src/db/accounts.js';
import { listAlerts, recordDataRecovery } from '../../src/db/alerts.js';
import { isDayOpen, newestDay, recordDayEvent, unfinishedDays } from '../../src/db/days.js';
import { recordGates } from '../../src/db/gates.js';
import { finishRun } from '../../src/db/run-results.js';
import { insertRun } from '../../src/db/runs.js';
import { alertsOf, liveTickets, newestRunOfSlot, slotHasRun, slotRuns } from '../../src/db/slots.js';
import type { Instant, IsoDate, Slot } from '../../src/domain/types.js';
import { raiseAlert, recoverAlert, recoverAlertsOfDay } from '../../src/operations/alerts/raise.js';
import { ACCOUNT, AT, createLedger, issue, type Ledger } from './ledger.fixture.js';

/** What the watch and the alerts are decided on, asked for among two accounts and several days. */
const [MONDAY, TUESDAY, WEDNESDAY] = ['2014-06-30', '2014-07-01', '2014-07-02'] as const;
const OTHER = { ...ACCOUNT, account: 'other' };

let ledger: Ledger;
beforeAll(async () => {
  ledger = await createLedger();
  await openAccount(ledger.db, OTHER, 'ann', AT);
});
afterAll(() => ledger.close());

/** Every later run bears an earlier instant: only the order of recording says what is newest. */
let minute = 59;
async function ran(slot: Slot, tradingDay: IsoDate, accounts: string[], outcome: string | null): Promise<string> {
  const { db, policyHash, universeHash } = ledger;
  const runId = randomUUID();
  const at = `${tradingDay}T07:${minute--}:00.000Z`;
  const asOfDate = tradingDay === MONDAY ? '2014-06-27' : MONDAY;
  const common = { operator: 'ann', policyHash, universeHash, accounts };
  await insertRun(db, { runId, slot, tradingDay, asOfDate, at, workflowId: `test-${runId}`, ...common });
  if (outcome !== null) await finishRun(db, runId, outcome, `summary ${outcome}`);
  return runId;
}

describe('the runs of a slot', () => {
  test('are those of the account, of the slot and of the day; one of all accounts is of each', async () => {
    const { db } = ledger;
    const of = (account: string, tradingDay: IsoDate, slot: Slot) => slotHasRun(db, account, { tradingDay, slot });
    await ran('1400', WEDNESDAY, ['other'], 'NO_TRADE');
    expect([await of('main', WEDNESDAY, '1400'), await of('other', WEDNESDAY, '1400')]).toEqual([false, true]);
    expect([await of('other', WEDNESDAY, '0800'), await of('other', TUESDAY, '1400')]).toEqual([false, false]);
    await ran('0800', WEDNESDAY, [], 'PASS');
    expect([await of('main', WEDNESDAY, '0800'), await of('other', WEDNESDAY, '0800')]).toEqual([true, true]);
  });

  test('the one that counts: what came to something before what was missed, and of these the newest', async () => {
    const { db } = ledger;
    const counts = async (account = 'main') => {
      const run = await newestRunOfSlot(db, account, { tradingDay: TUESDAY, slot: '1400' });
      return run && [run.runId, run.outcome, run.summary];
    };
    expect(await counts()).toBeUndefined();
    const missed = await ran('1400', TUESDAY, ['main'], 'MISSED');
    await ran('0800', TUESDAY, ['main'], 'FAIL');
    await ran('1400', MONDAY, ['main'], 'NO_TRADE');
    await ran('1400', TUESDAY, ['other'], 'TRADE');
    expect(await counts()).toEqual([missed, 'MISSED', 'summary MISSED']);
    const first = await ran('1400', TUESDAY, ['main'], 'NO_TRADE');
    await ran('1400', TUESDAY, ['main'], 'MISSED');
    expect(await counts()).toEqual([first, 'NO_TRADE', 'summary NO_TRADE']);
    const second = await ran('1400', TUESDAY, ['main'], 'TRADE');
    expect(await counts()).toEqual([second, 'TRADE', 'summary TRADE']);
    const underWay = await ran('1400', TUESDAY, ['main', 'other'], null);
    expect(await counts()).toEqual([underWay, null, null]);
    expect(await counts('other')).toEqual([underWay, null, null]);
  });

  test('from a day on, in the order of recording: no run without a slot, and none of another account', async () => {
    const { db } = ledger;
    const slots = async (from: IsoDate) =>
      (await slotRuns(db, ACCOUNT, from)).map(({ tradingDay, slot, outcome }) => `${tradingDay} ${slot} ${outcome}`);
    await ran('ops' as Slot, WEDNESDAY, ['main'], 'PASS');
    expect(await slots(WEDNESDAY)).toEqual([`${WEDNESDAY} 0800 PASS`]);
    expect((await slots(TUESDAY)).slice(-3)).toEqual([
      `${TUESDAY} 1400 MISSED`,
      `${TUESDAY} 1400 TRADE`,
      `${TUESDAY} 1400 null`,
    ]);
    expect(await slots(TUESDAY)).not.toContain(`${MONDAY} 1400 NO_TRADE`);
    expect(await slots(MONDAY)).toContain(`${MONDAY} 1400 NO_TRADE`);
  });

  test('the live tickets from a day on, each with whether it is confirmed', async () => {
    const { db } = ledger;
    const first = await issue(ledger, { kind: 'NO_TRADE', tradingDay: MONDAY, asOfDate: '2014-06-27' });
    const old = await issue(ledger, { kind: 'NO_TRADE' });
    const live = await issue(ledger, { kind: 'NO_TRADE', supersedes: old });
    const theirs = await issue(ledger, { kind: 'NO_TRADE', account: 'other' });
    const content = { content_hash: 'f'.repeat(64), content: '{}', confirmed_at: AT, operator: 'ann', kind: 'ACK' };
    for (const ticket_id of [live, theirs])
      await db('confirmations').insert({ confirmation_id: randomUUID(), ticket_id, ...content } as never);
    const of = async (account: string, from: IsoDate) =>
      (await liveTickets(db, account, from)).map(({ ticketId, confirmed }) => [ticketId, confirmed]);
    expect((await of('main', MONDAY)).toSorted()).toEqual(
      [
        [first, false],
        [live, true],
      ].toSorted(),
    );
    expect(await of('main', TUESDAY)).toEqual([[live, true]]);
    expect(await of('other', MONDAY)).toEqual([[theirs, true]]);
  });
});

describe('days', () => {
  test('that are open are those of the account that were opened and not closed, oldest first', async () => {
    const { db } = ledger;
    const event = (account: string, tradingDay: IsoDate, kind: 'OPENED' | 'CLOSED', at: Instant = AT) =>
      recordDayEvent(db, { account, tradingDay }, kind, at);
    await event('other', WEDNESDAY, 'OPENED');
    await event('main', TUESDAY, 'OPENED');
    await event('main', MONDAY, 'OPENED');
    await event('main', MONDAY, 'CLOSED');
    await event('other', MONDAY, 'OPENED');
    await event('other', TUESDAY, 'CLOSED');
    const days = async () => (await unfinishedDays(db)).map(({ account, tradingDay }) => `${tradingDay} ${account}`);
    expect(await days()).toEqual([`${MONDAY} other`, `${TUESDAY} main`, `${WEDNESDAY} other`]);
    expect([await newestDay(db, 'main'), await newestDay(db, 'other')]).toEqual([TUESDAY, WEDNESDAY]);
    expect(await newestDay(db, 'nobody')).toBeNull();
    const isOpen = (account: string, tradingDay: IsoDate) => isDayOpen(db, { account, tradingDay });
    expect([await isOpen('main', TUESDAY), await isOpen('main', MONDAY), await isOpen('main', WEDNESDAY)]).toEqual([
      true,
      false,
      false,
    ]);
    // The first time stands.
    expect(await event('main', TUESDAY, 'OPENED', '2014-07-01T09:00:00.000Z')).toBe(false);
    expect((await unfinishedDays(db)).map(({ openedAt }) => openedAt)).toEqual([AT, AT, AT]);
  });
});

const REASON = { code: 'DATA_STALE', subject: null, message: 'old', evidence: {} };

describe('alerts', () => {
  const alert = (over: Partial<Alert> = {}): Alert => ({
    account: 'main',
    tradingDay: TUESDAY,
    code: 'RUN_LATE',
    subject: 'x',
    message: 'It waits.',
    at: AT,
    evidence: {},
    ...over,
  });

  test('of a day recover by account, day and code; every other one lasts', async () => {
    const { db } = ledger;
    const [ended, ...others] = await Promise.all(
      [{}, { account: 'other' }, { tradingDay: MONDAY, subject: 'y' }, { code: 'RUN_MISSED' as const }].map((over) =>
        raiseAlert(db, alert(over)),
      ),
    );
    const { recovered } = await recoverAlertsOfDay(db, {
      account: 'main',
      tradingDay: TUESDAY,
      codes: ['RUN_LATE'],
      message: 'over',
      at: AT,
    });
    expect(recovered).toEqual([ended?.alertId]);
    const known = await listAlerts(db);
    for (const { alertId } of others) expect(known.find((one) => one.alertId === alertId)?.state).toBe('OPEN');
  });

  test('the newest of a series, whether it is over, and none of another account', async () => {
    const { db } = ledger;
    const again = await raiseAlert(db, alert({ at: '2014-06-01T00:00:00.000Z' }));
    expect(await raiseAlert(db, alert({ at: '2014-06-02T00:00:00.000Z' }))).toEqual({ ...again, isNew: false });
    const late = async (account: string | null) =>
      (await alertsOf(db, account, ['RUN_LATE'])).map(({ subject, recovered }) => [subject, recovered]);
    expect(await late('main')).toEqual([
      ['x', false],
      ['y', false],
    ]);
    expect([await late('other'), await late(null)]).toEqual([[['x', false]], []]);
    await recoverAlert(db, { account: 'main', code: 'RUN_LATE', subject: 'x', message: 'well', at: AT });
    expect(await late('main')).toEqual([
      ['x', true],
      ['y', false],
    ]);
    expect(await late('other')).toEqual([['x', false]]);
    const accounts = async (account: string) => new Set((await listAlerts(db, { account })).map((one) => one.account));
    await raiseAlert(db, alert({ account: null, tradingDay: null, code: 'BACKUP_STALE', subject: 'all' }));
    expect(await accounts('other')).toEqual(new Set(['other', null]));
    expect((await listAlerts(db, { limit: 1 })).map(({ code }) => code)).toEqual(['BACKUP_STALE']);
  });

  test('about prices are over when later prices of that day or a later one pass, and only then', async () => {
    const { db } = ledger;
    const gate = async (tradingDay: IsoDate, status: 'PASS' | 'FAIL', name: 'data_quality' | 'calendar') => {
      const runId = await ran('0800', tradingDay, [], null);
      await recordGates(db, { runId, tradingDay, asOfDate: '2014-06-27' }, null, [
        { gate: name, status, reasons: status === 'PASS' ? [] : [REASON], evidence: {} },
      ]);
      return runId;
    };
    const over = async () => (await recordDataRecovery(db)).map(({ alertId }) => alertId);
    await gate(TUESDAY, 'PASS', 'data_quality');
    const failed = { account: null, code: 'DATA_GATE_FAILED', subject: TUESDAY } as const;
    const { alertId } = await raiseAlert(db, alert(failed));
    // What passed before is no news, nor is a failure, another gate, or an earlier day.
    expect(await over()).toEqual([]);
    await gate(TUESDAY, 'FAIL', 'data_quality');
    await gate(TUESDAY, 'PASS', 'calendar');
    await gate(MONDAY, 'PASS', 'data_quality');
    expect(await over()).toEqual([]);
    const passed = await gate(WEDNESDAY, 'PASS', 'data_quality');
    await gate(WEDNESDAY, 'PASS', 'data_quality');
    const [at] = (await db('runs').where({ run_id: passed }).pluck('at')) as string[];
    expect(await recordDataRecovery(db)).toEqual([{ alertId, at }]);
    expect(await over()).toEqual([]);
  });
});
