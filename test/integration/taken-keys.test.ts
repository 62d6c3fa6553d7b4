import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { openAccount } from '../../src/db/accounts.js';
import { listAlerts } from '../../src/db/alerts.js';
import { connect } from '../../src/db/connect.js';
import { killSwitchState } from '../../src/db/kill-switch.js';
import { resultOrThrow } from '../../src/domain/errors.js';
import { bookLatches } from '../../src/operations/guard/book-latches.js';
import { engageOrLatch } from '../../src/operations/guard/engage-or-latch.js';
import { killSwitchStanding } from '../../src/operations/guard/kill-switch-standing.js';
import { engageKillSwitch, resetKillSwitch } from '../../src/operations/guard/kill-switch.js';
import { leaveLatch, standingLatches } from '../../src/operations/guard/latch.js';
import { ACCOUNT, asks, AT, createLedger, type Ledger } from './ledger.fixture.js';

/*
 * Keys that the program will use can be foreseen, and the application's own role writes rows: what it puts there first
 * changes nothing of what is done, nor of what is said to be done.
 */

const AGAIN = '2014-07-01T09:00:00.000Z';
let ledger: Ledger;
beforeEach(async () => {
  ledger = await createLedger();
  await openAccount(ledger.db, { ...ACCOUNT, account: 'other' }, 'ann', AT);
});
afterEach(() => ledger.close());

/** A row of the latch, as whoever has the application's password writes it. */
const takes = (account: string, event: string, key: string): Promise<unknown> =>
  ledger
    .db('kill_switch_events')
    .insert({ account, event: event as 'RESET', reason: 'taken', operator: 'system', at: AT, idempotency_key: key });

/** The keys of every turn to come: by another account, and by the account itself while its latch stands as it is. */
async function takeKeys(account: string, from: number): Promise<void> {
  for (let before = from; before < from + 6; before++)
    for (const event of ['ENGAGED', 'RESET']) await takes('other', 'ENGAGED', `${account}/${event}/${before}`);
}

describe('the kill switch is turned, whoever took its keys', { timeout: 60_000 }, () => {
  const input = { account: 'main', reason: 'stop' };
  const engaged = async () => (await killSwitchState(ledger.db, 'main')).engaged;

  it('by a person, in both directions, with its alert, and says what is stored', async () => {
    const { installation } = ledger;
    await takeKeys('main', 0);
    // Its own account's, too: the latch stands as before, and the next turn would be the second.
    await takes('main', 'RESET', 'main/ENGAGED/1');
    const by = asks(AGAIN, 'bob');
    expect(resultOrThrow(await engageKillSwitch(installation, by, input))).toMatchObject({ turned: true });
    expect(await engaged()).toBe(true);
    expect((await listAlerts(ledger.db)).map(({ code }) => code)).toEqual(['KILL_SWITCH_ENGAGED']);
    expect(resultOrThrow(await engageKillSwitch(installation, by, input))).toMatchObject({ turned: false });
    await takes('main', 'ENGAGED', 'main/RESET/3');
    expect(resultOrThrow(await resetKillSwitch(installation, by, input))).toMatchObject({ turned: true });
    expect(await engaged()).toBe(false);
  });

  it('by the desk and by the file of a latch, which goes only when it is booked', async () => {
    const { installation } = ledger;
    await takeKeys('main', 0);
    expect(resultOrThrow(await engageOrLatch(installation, asks(AGAIN), input))).toEqual({ turned: true, file: null });
    resultOrThrow(await resetKillSwitch(installation, asks(AGAIN), input));
    await leaveLatch(installation.dataDir, { ...input, operator: 'ann', at: AGAIN });
    expect(await bookLatches(installation)).toEqual(['main']);
    expect([await engaged(), await standingLatches(installation.dataDir)]).toEqual([true, []]);
  });

  it('and where Postgres keeps nothing of it nobody is told that it was, and a file stops trading', async () => {
    const owner = connect(ledger.database.ownerUrl, 1);
    try {
      await owner.raw(`create function swallow() returns trigger language plpgsql as 'begin return null; end'`);
      await owner.raw(
        'create trigger swallow_trg before insert on kill_switch_events for each row execute function swallow()',
      );
    } finally {
      await owner.destroy();
    }
    const { installation } = ledger;
    expect(await engageKillSwitch(installation, asks(AGAIN), input).catch((error: unknown) => error)).toMatchObject({
      code: 'KILL_SWITCH_NOT_STORED',
    });
    const { file } = resultOrThrow(await engageOrLatch(installation, asks(AGAIN), input));
    expect(file).toMatch(/main\.engaged$/);
    await expect(bookLatches(installation)).rejects.toMatchObject({ code: 'KILL_SWITCH_NOT_STORED' });
    expect(await killSwitchStanding(installation, 'main')).toMatchObject({ engaged: true, events: [] });
  });
});
