import { isDeepStrictEqual } from 'node:util';
import type { Instant, IsoDate } from '../../src/domain/types.js';
import type { ConfirmReply, IssueReply, ReconcileReply } from '../../src/contract/day-messages.js';
import type { RunReply, WatchInput } from '../../src/contract/runs.js';
import { WORKFLOWS } from '../../src/contract/workflows.js';
import type { Hands } from '../../src/simulation/operator.js';
import { persist } from '../../test/support/persist.js';
import type { Acknowledged } from './checks.js';
import type { House } from './house.js';
import type { Fault, Step } from './kinds.js';
import { strike } from './strikes.js';

/** What the day that is under way has in store; each fault strikes once. */
export interface Store {
  /** Takes the faults of a kind of a step out of the day's store. */
  take<K extends Fault['kind']>(kind: K, step: Step): Extract<Fault, { kind: K }>[];
}

const SERVICE_FAULTS = ['killed', 'frozen', 'cut', 'blackhole', 'disk full'] as const;

/** The simulated operator's hands, under which things go wrong. Whoever lost the line asks the same again. */
export function faultyHands(
  house: House,
  store: Store,
  acknowledged: Acknowledged,
): Hands & Required<Pick<Hands, 'watch'>> {
  const hands = house.hands();
  return {
    run: async (slot, at) => {
      const reply = await step(slot === '0800' ? 'morning' : 'afternoon', () => hands.run(slot, at), sameRun);
      for (const { ticketId } of reply.tickets) note(reply.tradingDay, ticketId);
      return reply;
    },
    reconcile: (day, snapshot) => step('reconcile', () => hands.reconcile(day, snapshot), sameSnapshot),
    confirm: async (day, answer) => {
      const reply = await step('confirm', () => hands.confirm(day, answer), sameAnswer);
      if (reply.confirmationId !== null) acknowledged.confirmations.push({ day, confirmationId: reply.confirmationId });
      return reply;
    },
    closed: (day) => persist(() => hands.closed(day)),
    carryOut: (errand, at) => persist(() => hands.carryOut(errand, at)),
    watch: (at) => persist(() => watchOnce(house, at)),
  };

  function note(day: IsoDate, ticketId: string): void {
    acknowledged.tickets.set(day, [...(acknowledged.tickets.get(day) ?? []), ticketId]);
  }

  /** One step of the day with everything that was planned to happen to it. */
  async function step<T>(name: Step, ask: () => Promise<T>, same: (reply: T) => unknown): Promise<T> {
    const struck = SERVICE_FAULTS.flatMap((kind): Fault[] => store.take(kind, name)).map((fault) =>
      strike(house, fault),
    );
    const times = Math.max(1, ...store.take('doubled', name).map((fault) => fault.times));
    const asked = await Promise.all(
      Array.from({ length: times }, () => (struck.length === 0 ? persist(ask) : ask().catch(() => null))),
    );
    await Promise.all(struck);
    const replies: T[] = [];
    for (const reply of asked) replies.push(reply ?? (await persist(ask)));
    const [first] = replies as [T];
    assertSame(name, replies, same);
    if (store.take('repeated', name).length > 0) assertSame(name, [first, await persist(ask)], same);
    return first;
  }
}

/** Whoever asks the same gets the same. */
function assertSame<T>(name: Step, replies: readonly T[], same: (reply: T) => unknown): void {
  const [first, ...others] = replies.map(same);
  for (const other of others)
    if (!isDeepStrictEqual(other, first))
      throw new Error(`ANSWERS DIFFER: ${name}: ${JSON.stringify(first)} and ${JSON.stringify(other)}`);
}

const sameRun = ({ runId, outcome, tickets }: RunReply) => ({ runId, outcome, tickets: tickets.map(sameTicket) });
const sameTicket = ({ ticketId, kind }: IssueReply) => ({ ticketId, kind });
const sameSnapshot = ({ status, reasons }: ReconcileReply) => ({ status, codes: reasons.map(({ code }) => code) });
const sameAnswer = ({ status, confirmationId }: ConfirmReply) => ({ status, confirmationId });

let watches = 0;
/** Has every slot accounted for, as the hourly watch does. */
function watchOnce({ client, settings, account: { account } }: House, at: Instant): Promise<unknown> {
  const input: WatchInput = { at, accounts: [account] };
  return client.workflow.execute(WORKFLOWS.watch, {
    workflowId: `watch/${account}-${at}-${++watches}`,
    taskQueue: settings.taskQueue,
    args: [input],
  });
}
