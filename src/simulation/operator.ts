import type { ConfirmReply, IssueReply, ReconcileReply } from '../contract/day-messages.js';
import type { RunReply } from '../contract/runs.js';
import type { LineAcceptance } from '../domain/confirmation/owned.js';
import type { Fill } from '../domain/confirmation/shape.js';
import type { Outcome } from '../domain/errors.js';
import { US_WITHHOLDING } from '../domain/ledger/withholding.js';
import {
  proposalsOf,
  waysOf,
  type Proposal,
  type ProposalOf,
  type StoredExplanation,
} from '../domain/reconciliation/proposal.js';
import { D, toText } from '../domain/money.js';
import type { DecimalString, DividendType, Instant, IsoDate } from '../domain/types.js';
import type { StatementItem } from './broker.js';
import type { PlannedEvent } from './events.js';
import type { PlannedRuling } from './rulings.js';

/** A booking that the simulated operator makes without asking anybody, or a ruling that was planned. */
export type Errand =
  /** @property ratio new shares for one old share; null: as the source has told. */
  | { kind: 'BOOK_SPLIT'; symbol: string; exDate: IsoDate; ratio: string | null }
  | {
      kind: 'BOOK_DIVIDEND';
      symbol: string;
      exDate: IsoDate;
      dividendType?: DividendType;
      withholding: DecimalString | null;
      /** What arrived, base currency, where it is not what the stored action comes to. */
      net?: DecimalString;
    }
  /**
   * What a company or the broker did, as the broker's statement shows it. @property cash what arrived, base currency
   */
  | { kind: 'BOOK_EVENT'; event: PlannedEvent; cash: DecimalString | null; units: DecimalString | null }
  | { kind: 'RULE_ON_ACTION'; ruling: PlannedRuling };

/** The simulated operator's hands: the same workflows, messages and operations as a human's. */
export interface Hands {
  run(slot: '0800' | '1400', at: Instant): Promise<RunReply>;
  reconcile(
    tradingDay: IsoDate,
    snapshot: { id: string; cash: string; positions: Record<string, string>; notes: string; at: Instant },
  ): Promise<ReconcileReply>;
  confirm(
    tradingDay: IsoDate,
    answer: { ticket: IssueReply; fills: Fill[]; acceptDeviation: LineAcceptance[]; at: Instant },
  ): Promise<ConfirmReply>;
  /** Waits until the day's workflow has closed it. */
  closed(tradingDay: IsoDate): Promise<void>;
  /** Where runs are scheduled: has every slot accounted for. */
  watch?(at: Instant): Promise<unknown>;
  /** Books or rules. */
  carryOut(errand: Errand, at: Instant): Promise<Outcome<unknown>>;
}

export interface Reconciled {
  status: ReconcileReply['status'];
  /** What was carried out, each because a report proposed it. */
  done: Errand[];
  /** Reasons of the last report, and what went wrong with its proposals; empty when it passed. */
  problems: string[];
}

/** A report's proposals are carried out and the account reconciled again this often before the operator gives up. */
const ROUNDS_MAX = 4;
const ROUND_MINUTES = 5;

/**
 * The operator reads the broker's figures into the system; when the report says FAIL, carries out what it proposes and
 * reconciles again. A split that no source has told of is booked only when the broker's statement shows it and no
 * ruling on the symbol is outstanding; a transfer never, for the simulated account has none.
 */
export async function reconcileDay(
  hands: Hands,
  day: {
    tradingDay: IsoDate;
    at: Instant;
    snapshot: { cash: string; positions: Record<string, string> };
    undecided: ReadonlySet<string>;
    /** What the broker's statement shows and the ledger has not booked. */
    shown?: readonly StatementItem[];
  },
): Promise<Reconciled> {
  const done: Errand[] = [];
  for (let round = 0; ; round++) {
    const at = minutesAfter(day.at, round * ROUND_MINUTES);
    const reply = await hands.reconcile(day.tradingDay, {
      ...day.snapshot,
      id: `simulate-${at}`,
      notes: 'simulated broker',
      at,
    });
    const problems = reply.status === 'PASS' ? [] : reply.reasons.map(({ code, message }) => `${code}: ${message}`);
    if (reply.status === 'PASS' || round === ROUNDS_MAX) return { status: reply.status, done, problems };
    const errands = followed(reply.explanations, day.shown ?? []).flatMap((proposal) =>
      errandsOf(proposal, day.undecided),
    );
    if (errands.length === 0) return { status: reply.status, done, problems };
    const failed = await carryOutAll(hands, errands, { at, done });
    if (failed.length > 0) return { status: reply.status, done, problems: [...problems, ...failed] };
  }
}

const typeOf = ({ dividendType }: { dividendType?: DividendType | undefined }): { dividendType?: DividendType } =>
  dividendType === undefined ? {} : { dividendType };

/**
 * What is carried out: what is the only way to explain a drift, and where several ways fit, that of which the broker's
 * statement shows every dividend; the first where it shows none of them.
 */
function followed(explanations: readonly StoredExplanation[], shown: readonly StatementItem[]): Proposal[] {
  const { certain, open } = waysOf(explanations);
  const isShown = (proposal: Proposal): boolean =>
    proposal.kind === 'BOOK_DIVIDEND' &&
    shown.some(
      (item) =>
        item.kind === 'DIVIDEND' &&
        item.symbol === proposal.symbol &&
        item.exDate === proposal.exDate &&
        item.dividendType === proposal.dividendType,
    );
  const chosen = open.flatMap(({ ways }) => ways.find((way) => proposalsOf(way).every(isShown)) ?? ways[0] ?? []);
  return proposalsOf([...certain, ...chosen]);
}

/** What an operator books of a proposal without asking anybody. */
function errandsOf(proposal: Proposal, undecided: ReadonlySet<string>): Errand[] {
  if ((proposal.kind !== 'BOOK_SPLIT' && proposal.kind !== 'BOOK_DIVIDEND') || undecided.has(proposal.symbol))
    return [];
  const { kind, symbol, exDate } = proposal;
  return kind === 'BOOK_SPLIT'
    ? [{ kind, symbol, exDate, ratio: proposal.published ? null : proposal.ratio }]
    : [
        {
          kind,
          symbol,
          exDate,
          ...typeOf(proposal),
          withholding: proposal.withholding,
          ...(proposal.net !== undefined && { net: proposal.net }),
        },
      ];
}

async function carryOutAll(
  hands: Hands,
  errands: readonly Errand[],
  { at, done }: { at: Instant; done: Errand[] },
): Promise<string[]> {
  const failed: string[] = [];
  for (const errand of errands) {
    const outcome = await hands.carryOut(errand, at);
    if (outcome.ok) done.push(errand);
    else failed.push(`${wordsOf(errand)}: ${outcome.refusal.code}: ${outcome.refusal.message}`);
  }
  return failed;
}

/** What is to be done, in a few words. */
export function wordsOf(errand: Errand): string {
  if (errand.kind === 'BOOK_EVENT')
    return `${errand.kind} ${errand.event.kind} ${errand.event.symbol ?? 'cash'} ${errand.event.date}`;
  const { symbol, exDate } = errand.kind === 'RULE_ON_ACTION' ? errand.ruling : errand;
  return `${errand.kind} ${symbol} ${exDate}`;
}

/**
 * Books what the broker's statement shows and reconciliation let pass because it is within tolerance, so that nothing
 * adds up over the months. After it the account must be reconciled once more.
 */
export async function bookSmallItems(
  hands: Hands,
  items: readonly StatementItem[],
  at: Instant,
): Promise<Pick<Reconciled, 'done' | 'problems'>> {
  const done: Errand[] = [];
  const problems = await carryOutAll(hands, items.map(errandOf), { at, done });
  return { done, problems };
}

/** What books an item of the statement. */
function errandOf(item: StatementItem): Errand {
  if (item.kind === 'EVENT') {
    const units = item.event.kind === 'CASH_IN_LIEU' ? toText(item.changes[0]?.units.neg() ?? D(0)) : null;
    return { kind: 'BOOK_EVENT', event: item.event, cash: item.cash.isZero() ? null : item.cash.toFixed(2), units };
  }
  const { kind, symbol, exDate } = item;
  if (kind === 'SPLIT') return { kind: 'BOOK_SPLIT', symbol, exDate, ratio: null };
  const withholding = item.dividendType === 'return_of_capital' ? '0' : US_WITHHOLDING;
  return { kind: 'BOOK_DIVIDEND', symbol, exDate, ...typeOf(item), withholding };
}

/** What a human would have to rule on an action that is on hold: only a human can say what it was. */
export const rulingNeeded = ({
  symbol,
  exDate,
  kind,
  dividendType,
}: Pick<PlannedRuling, 'symbol' | 'exDate' | 'kind' | 'dividendType'>): ProposalOf<'RULE_ON_ACTION'> => ({
  kind: 'RULE_ON_ACTION',
  symbol,
  exDate,
  action: kind,
  ...typeOf({ dividendType }),
  ruling: null,
  value: null,
  reason: null,
});

export const minutesAfter = (at: Instant, minutes: number): Instant =>
  new Date(Date.parse(at) + minutes * 60_000).toISOString();
