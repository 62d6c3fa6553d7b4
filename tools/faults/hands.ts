import { OpsError } from '../../src/domain/errors.js';
import { answerCommandId, answerContent } from '../../src/domain/confirmation/answer.js';
import type { LineAcceptance } from '../../src/domain/confirmation/owned.js';
import type { Fill } from '../../src/domain/confirmation/shape.js';
import { D } from '../../src/domain/money.js';
import type { Instant, IsoDate } from '../../src/domain/types.js';
import type {
  ConfirmCommand,
  ConfirmReply,
  IssueReply,
  ReconcileCommand,
  ReconcileReply,
} from '../../src/contract/day-messages.js';
import type { RunReply, WatchInput } from '../../src/contract/runs.js';
import { WORKFLOWS } from '../../src/contract/workflows.js';
import { minutesAfter, type Hands } from '../../src/simulation/operator.js';
import { signedMessage } from '../../test/support/signing.js';
import { isAway, persist } from '../../test/support/persist.js';
import { isDeepStrictEqual } from 'node:util';
import { setTimeout as pause } from 'node:timers/promises';
import type { Acknowledged } from './checks.js';
import { forged, OF_SIGNATURES } from './forgeries.js';
import type { House } from './house.js';
import type { Fault, Step } from './kinds.js';
import { leaveSignal, sendUpdate, type MessageStep, type Sent } from './messages.js';
import { comeBack, kill, mendPolicy, strike } from './strikes.js';

/** What the day that is under way has in store; each fault strikes once. */
export interface Store {
  /** Takes the faults of a kind and a step out of the day's store. */
  take<K extends Fault['kind']>(kind: K, step: Step): Extract<Fault, { kind: K }>[];
}

type Snapshot = Parameters<Hands['reconcile']>[1];
type Answer = Parameters<Hands['confirm']>[1];

const STRIKES = ['provider', 'killed', 'frozen', 'cut', 'blackhole', 'disk full', 'no files', 'policy edited'] as const;

/** The simulated operator's hands, under which things go wrong. Whoever lost the line asks the same again. */
export class FaultyHands implements Hands {
  private readonly hands: Hands;
  /** What was sent last of each kind. */
  private readonly sent = new Map<MessageStep, Sent>();
  private lastAnswer: { day: IsoDate; sent: Sent } | null = null;
  private lastSnapshot: Snapshot | null = null;
  private forging: Promise<void> = Promise.resolve();
  private made = 0;

  constructor(
    private readonly house: House,
    private readonly store: Store,
    private readonly acknowledged: Acknowledged,
  ) {
    this.hands = house.hands((sent) => this.heard(sent));
  }

  async run(slot: '0800' | '1400', at: Instant): Promise<RunReply> {
    const step = slot === '0800' ? 'morning' : 'afternoon';
    await this.outage(step);
    await this.tooEarly(step, at);
    for (const { minutes } of this.store.take('clock', step))
      await this.runByWrongClock(slot, minutesAfter(at, minutes));
    // Settled from the beginning: what goes wrong beside is told when the ticket is there.
    const besides = step === 'afternoon' ? this.besideTheTicket(at) : [];
    const beside = Promise.allSettled(besides);
    let began = at;
    let reply = await this.step(
      step,
      () => this.hands.run(slot, began),
      // What is said beside the ticket may replace a NO_TRADE by another one.
      besides.length === 0 ? sameRun : () => null,
      () => {
        began = minutesAfter(began, 1);
      },
    );
    for (const each of await beside) if (each.status === 'rejected') throw each.reason as Error;
    if (besides.length > 0) reply = await persist(() => this.hands.run(slot, began));
    for (const { ticketId } of reply.tickets) this.acknowledged.tickets.push({ day: reply.tradingDay, ticketId });
    return reply;
  }

  async reconcile(day: IsoDate, snapshot: Snapshot): Promise<ReconcileReply> {
    await this.tooEarly('reconcile', snapshot.at);
    for (const { minutes } of this.store.take('clock', 'reconcile'))
      await this.tolerant(() => this.reconcileAs(day, { ...snapshot, at: minutesAfter(snapshot.at, minutes) }));
    let said = snapshot;
    const reply = await this.step(
      'reconcile',
      () => this.hands.reconcile(day, said),
      sameSnapshot,
      () => (said = { ...said, id: `${said.id}-later`, at: minutesAfter(said.at, 1) }),
    );
    this.lastSnapshot = said;
    await this.signalAfter('reconcile');
    return reply;
  }

  async confirm(day: IsoDate, answer: Answer): Promise<ConfirmReply> {
    await this.tooEarly('confirm', answer.at);
    for (const { minutes } of this.store.take('clock', 'confirm'))
      await this.tolerant(() => this.hands.confirm(day, { ...answer, at: minutesAfter(answer.at, minutes) }));
    let said = answer;
    const reply = await this.step(
      'confirm',
      () => this.hands.confirm(day, said),
      sameAnswer,
      () => (said = { ...said, at: minutesAfter(said.at, 1) }),
    );
    this.note(day, reply);
    await this.signalAfter('confirm', day);
    const sent = this.sent.get('confirm');
    if (sent && answer.ticket.kind === 'TRADE') this.lastAnswer = { day, sent };
    for (const _ of this.store.take('amended', 'confirm')) await this.amendLast(answer.at);
    return reply;
  }

  closed = (day: IsoDate): Promise<void> => persist(() => this.hands.closed(day));

  carryOut: Hands['carryOut'] = (errand, at) => persist(() => this.hands.carryOut(errand, at));

  /** Has every slot accounted for, as the hourly watch does. */
  watch(at: Instant): Promise<unknown> {
    const { client, settings, account } = this.house;
    const input: WatchInput = { at, accounts: [account.account] };
    return persist(() =>
      client.workflow.execute(WORKFLOWS.watch, {
        workflowId: `watch/${account.account}-${at}-${++this.made}`,
        taskQueue: settings.taskQueue,
        args: [input],
      }),
    );
  }

  /** One step of the day with everything that was planned to happen to it. @param later asks at another instant */
  private async step<T>(
    name: Step,
    ask: () => Promise<T>,
    same: (reply: T) => unknown,
    later: () => unknown = () => undefined,
  ): Promise<T> {
    const faults = STRIKES.flatMap((kind): Fault[] => this.store.take(kind, name));
    const struck = Promise.allSettled(faults.map((fault) => strike(this.house, fault)));
    const times = Math.max(1, ...this.store.take('doubled', name).map((fault) => fault.times));
    let asked = await Promise.all(
      Array.from({ length: times }, () => (faults.length === 0 ? persist(ask) : ask().catch(() => null))),
    );
    for (const each of await struck) if (each.status === 'rejected') throw each.reason as Error;
    if (faults.some(({ kind }) => kind === 'policy edited')) {
      mendPolicy(this.house);
      // What was refused for the policy's sake is over, and is asked for anew.
      asked = asked.map((reply) => (isRefused(reply) ? null : reply));
      if (asked.every((reply) => reply === null)) later();
    }
    const replies: T[] = [];
    for (const reply of asked) replies.push(reply ?? (await persist(ask)));
    const [first] = replies as [T];
    assertSame(name, replies, same);
    if (this.store.take('repeated', name).length > 0) assertSame(name, [first, await persist(ask)], same);
    return first;
  }

  /** Parts that were down at the slot have come back by now. */
  private async outage(step: Step): Promise<void> {
    for (const { parts } of this.store.take('late', step)) {
      await kill(this.house, parts);
      await comeBack(this.house);
    }
  }

  /** What should come later is asked for now. */
  private async tooEarly(step: Step, at: Instant): Promise<void> {
    for (const { ask } of this.store.take('early', step)) {
      const early = minutesAfter(at, -5);
      if (ask === 'afternoon') await this.runByWrongClock('1400', early);
      else if (this.lastSnapshot) {
        const { lastSnapshot } = this;
        await this.tolerant(() => this.reconcileAs(early.slice(0, 10), { ...lastSnapshot, at: early }));
      }
    }
  }

  /** A run that nobody should have asked for; what ticket comes of it is acknowledged, as an operator would. */
  private async runByWrongClock(slot: '0800' | '1400', at: Instant): Promise<void> {
    const reply = await this.tolerant(() => this.hands.run(slot, at));
    for (const ticket of reply?.tickets ?? []) {
      const day = reply?.tradingDay ?? '';
      this.acknowledged.tickets.push({ day, ticketId: ticket.ticketId });
      if (ticket.kind === 'TRADE' || ticket.confirmed || day === this.house.today) continue;
      const answer = { ticket, fills: [], acceptDeviation: [], at: minutesAfter(at, 5) };
      const confirmed = await this.tolerant(() => this.hands.confirm(day, answer));
      if (confirmed) this.note(day, confirmed);
    }
  }

  /** Another snapshot, or an amendment of yesterday's confirmation, while the ticket is decided. */
  private besideTheTicket(at: Instant): Promise<unknown>[] {
    const snapshots = this.store.take('snapshot amended', 'afternoon').map(async ({ cash, afterMs }) => {
      await pause(afterMs);
      const { lastSnapshot } = this;
      if (!lastSnapshot) return;
      const figures = cash === 'same' ? {} : { cash: D(lastSnapshot.cash).plus(100).toFixed(2) };
      await this.tolerant(() =>
        this.reconcileAs(this.house.today, { ...lastSnapshot, ...figures, at: minutesAfter(at, -1) }),
      );
    });
    const amendments = this.store.take('amended', 'afternoon').map(async ({ afterMs }) => {
      await pause(afterMs);
      await this.amendLast(minutesAfter(at, -1));
    });
    return [...snapshots, ...amendments];
  }

  private reconcileAs(day: IsoDate, snapshot: Snapshot): Promise<ReconcileReply> {
    return this.hands.reconcile(day, { ...snapshot, id: `another-${++this.made}-${snapshot.at}` });
  }

  /** The same fills with other words: what was booked is reversed and booked anew. */
  private async amendLast(at: Instant): Promise<void> {
    const last = this.lastAnswer;
    if (!last) return;
    const command = last.sent.command as ConfirmCommand;
    const fills = command.fills.map((fill): Fill => ({ ...fill, notes: `${fill.notes ?? 'filled'}, amended` }));
    const content = answerContent('FILLS', fills, (command.acceptDeviation ?? []) as LineAcceptance[]);
    const commandId = answerCommandId(command.ticketId, content, true);
    const amendment = await this.signed(last.day, { ...command, ...content, commandId, amend: true, at });
    const sent = { ...last.sent, command: amendment };
    const reply = (await persist(() =>
      sendUpdate(this.house.client, last.sent, amendment, `confirm-${commandId}`),
    )) as ConfirmReply;
    // Without a policy that can be read nobody is let in; what was booked stands.
    if (OF_THE_POLICY.includes(reply.reason?.code ?? '')) return;
    if (reply.status === 'REFUSED')
      throw new Error(`AMENDMENT REFUSED: ${last.day}: ${reply.reason?.code}: ${reply.reason?.message}`);
    this.note(last.day, reply);
    this.lastAnswer = { day: last.day, sent };
    await this.closed(last.day);
  }

  /** Told of every message before it is sent: the forged ones come first, and those that are left as signals. */
  private heard(sent: Sent): Promise<void> {
    this.sent.set(sent.step, sent);
    if (sent.step === 'reconcile') this.acknowledged.said.add((sent.command as ReconcileCommand).commandId);
    this.forging = this.forging.then(() => this.forge(sent));
    return this.forging;
  }

  private async forge(sent: Sent): Promise<void> {
    const { client } = this.house;
    for (const { what, by } of this.store.take('forged', sent.step)) {
      const yesterday = this.lastAnswer?.sent.command as ConfirmCommand | undefined;
      const made = forged(sent, what, yesterday ?? null);
      if (made === null) continue;
      // By an update as an operator would who errs; a signal has the true message's signature.
      const isToSign = by === 'update' && !OF_SIGNATURES.includes(what);
      const message = isToSign ? await this.signed(this.house.today, made) : made;
      if (by === 'signal') {
        await persist(() => leaveSignal(client, sent, message));
        continue;
      }
      const id = `forged-${++this.made}-${sent.command.at}`;
      const reply = await this.tolerant(() => sendUpdate(client, sent, message, id));
      const { status } = (reply ?? { status: 'REFUSED' }) as { status: string };
      if (!['REFUSED', 'REJECTED'].includes(status))
        throw new Error(`FORGERY TAKEN: ${sent.step}: ${what}: ${JSON.stringify(reply)}`);
    }
    for (const { when } of this.store.take('signalled', sent.step)) {
      if (when === 'before') await persist(() => leaveSignal(client, sent, sent.command));
      else this.toSignal.push(sent);
    }
  }

  /** A message with a signature of its own, of whomever it names, where it is one that can be signed. */
  private async signed<Message>(tradingDay: IsoDate, message: Message): Promise<Message> {
    if (typeof message !== 'object' || message === null || !('operator' in message)) return message;
    const { db, account, signer } = this.house;
    const name = 'ticketId' in message ? 'confirm' : 'reconcile';
    const { signature: _other, ...unsigned } = message as Record<string, unknown>;
    const place = { account: account.account, tradingDay };
    return (await persist(() => signedMessage(signer, db, place, name, unsigned))) as Message;
  }

  private readonly toSignal: Sent[] = [];

  /** The message that was answered is left once more. */
  private async signalAfter(step: MessageStep, day?: IsoDate): Promise<void> {
    for (const sent of this.toSignal.splice(0)) {
      await persist(() => leaveSignal(this.house.client, sent, sent.command));
      if (step === 'confirm' && day) await this.closed(day);
    }
  }

  private note(day: IsoDate, { confirmationId }: ConfirmReply): void {
    if (confirmationId !== null) this.acknowledged.confirmations.push({ day, confirmationId });
  }

  /** What may be refused: an answer that is no refusal comes back, a part that is away is waited for. */
  private async tolerant<T>(ask: () => Promise<T>): Promise<T | null> {
    try {
      return await persist(ask);
    } catch (error) {
      if (isAway(error) || error instanceof TypeError) throw error;
      if (error instanceof OpsError && error.kind === 'fault') throw error;
      return null;
    }
  }
}

/** What is refused while policy.yml is away or cut in half. */
const OF_THE_POLICY: readonly string[] = ['CONFIG_UNREADABLE', 'POLICY_INVALID'];

function isRefused(reply: unknown): boolean {
  const { status } = (reply ?? {}) as { status?: string };
  return status === 'REFUSED' || status === 'REJECTED';
}

/** Whoever asks the same gets the same. */
function assertSame<T>(name: Step, replies: readonly T[], same: (reply: T) => unknown): void {
  const [first, ...others] = replies.map(same);
  for (const other of others)
    if (!isDeepStrictEqual(other, first))
      throw new Error(`ANSWERS DIFFER: ${name}: ${JSON.stringify(first)} and ${JSON.stringify(other)}`);
}

// A run that is over may be had again: it finds what the first did.
const sameRun = ({ outcome, tickets }: RunReply) => ({ outcome, tickets: tickets.map(sameTicket) });
const sameTicket = ({ ticketId, kind }: IssueReply) => ({ ticketId, kind });
const sameSnapshot = ({ status, reasons }: ReconcileReply) => ({ status, codes: reasons.map(({ code }) => code) });
const sameAnswer = ({ status, confirmationId }: ConfirmReply) => ({ status, confirmationId });
