import { beforeAll, describe, expect, it } from 'vitest';
import type { IssueReply } from '../../src/contract/day-messages.js';
import { assertOneOfEverything, driveDay, MONDAY, withSeat, type TestSeat } from '../support/day.js';
import { activitySteps, startFaultyWorker, type Kill } from '../support/kill-points.js';
import type { Installation } from '../support/stack.js';
import { startWorkerHere } from '../support/worker-here.js';

/** Days, all at once, among which the steps are dealt like cards, so that two deaths of one day are far apart. */
const DAYS = 9;
const POINTS = ['before', 'committed', 'reported'] as const;
/** After one step has reported is before the next one runs, but for those that nothing comes after. */
const LAST = ['morningRun/openTradingDay', 'afternoonRun/concludeRun', 'tradingDay/closeDay'];
const SWEEP_MAX_MS = 600_000;

let steps: string[];
let ticketId: string;

beforeAll(async () => {
  await withSeat({}, async (seat) => {
    ({ ticketId } = await driveDay(seat));
    await assertOneOfEverything(seat.db, MONDAY, ticketId);
    steps = await activitySteps(seat.client);
  });
});

describe('the worker is killed with SIGKILL at every activity boundary of a day', () => {
  it('the boundaries are all that a day has', () => {
    expect(steps.map((step) => step.replace(/#\d+$/, '')).toSorted()).toEqual([
      'afternoonRun/beginRun',
      'afternoonRun/concludeRun',
      'afternoonRun/promptTicket',
      'morningRun/assessQuality',
      'morningRun/beginRun',
      'morningRun/concludeRun',
      'morningRun/fetchPrices',
      'morningRun/openTradingDay',
      'morningRun/valueLedgers',
      'tradingDay/closeDay',
      'tradingDay/confirm',
      'tradingDay/issueTicket',
      'tradingDay/openDay',
      'tradingDay/reconcile',
      'tradingDay/renderTicket',
    ]);
  });

  it(
    'before it runs, after it committed and before it reports, after it reported: one ticket, one booking, an intact audit chain',
    async () => {
      const days = Array.from({ length: DAYS }, (_, day) =>
        steps
          .filter((_step, index) => index % DAYS === day)
          .flatMap((step) => pointsOf(step).map((point) => ({ step, point }))),
      );
      const ends = await Promise.allSettled(days.map(dyingDay));
      expect(ends.flatMap((end) => (end.status === 'rejected' ? [String(end.reason)] : []))).toEqual([]);
    },
    SWEEP_MAX_MS,
  );
});

const pointsOf = (step: string) =>
  POINTS.filter((point) => point !== 'reported' || LAST.some((last) => step.startsWith(`${last}#`) || step === last));

/** A day on which one worker after the other dies, each at its boundary. It must end as if nothing had been. */
async function dyingDay(kills: Kill[]): Promise<void> {
  await withSeat({ worker: false }, async (seat, installation) => {
    const ticket = await driveDying(seat, installation, kills);
    expect(ticket.ticketId).toBe(ticketId);
    await assertOneOfEverything(seat.db, MONDAY, ticketId);
  });
}

async function driveDying(seat: TestSeat, installation: Installation, kills: Kill[]): Promise<IssueReply> {
  const waiting = [...kills];
  let dying: ReturnType<typeof startFaultyWorker> | undefined;
  let over = false;
  const deaths = (async () => {
    for (let kill = waiting[0]; kill && !over; kill = waiting[0]) {
      dying = startFaultyWorker(installation, kill);
      const { signal, log } = await dying.ended;
      if (over) return null;
      expect(signal, `the worker that was to die at ${kill.step} ${kill.point} ended by itself:\n${log}`).toBe(
        'SIGKILL',
      );
      waiting.shift();
    }
    return startWorkerHere(installation);
  })();
  try {
    const ticket = await Promise.race([driveDay(seat), deaths.then(() => new Promise<never>(() => undefined))]);
    expect(waiting, 'boundaries at which no worker died').toEqual([]);
    return ticket;
  } finally {
    over = true;
    await dying?.kill();
    await (await deaths.catch(() => null))?.stop();
  }
}
