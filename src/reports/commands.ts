import { US_WITHHOLDING } from '../domain/ledger/withholding.js';
import type { Proposal, ProposalOf, StoredExplanation } from '../domain/reconciliation/proposal.js';
import { isSplitSized, likelyRatio } from '../domain/market/index.js';
import type { Account, DecimalString, Instant, IsoDate } from '../domain/types.js';

/** Command lines exactly as they are typed, for the account at hand. */
export interface Who {
  account: string;
  clock: 'real' | 'simulated';
}

/** A command that shows or lists, for an account: without a name it would be `main`'s. */
export const ofAccount = (command: string, account: string): string =>
  account === 'main' ? command : `${command} --account ${account}`;

/** The runs that a sentence names, for an account: without a name the run would be `main`'s. */
export const runsOfAccount = (sentence: string, account: string): string =>
  account === 'main' ? sentence : sentence.replaceAll(/make run-\w+/g, `$& -- --account ${account}`);

/** Opens an account as the policy has it, in the database. */
export const accountCommand = ({ account, baseCurrency, clock }: Account): string =>
  `trading-ops account add ${account} --base-currency ${baseCurrency}${clock === 'real' ? '' : ` --clock ${clock}`}`;

/** ` -- --account paper --at …`: what the account adds to a `make` line; nothing for `main` on the real clock. */
function flags({ account, clock }: Who, at: Instant, first: string[] = []): string {
  const parts = [
    ...first,
    ...(account === 'main' ? [] : [`--account ${account}`]),
    // A simulated clock never moves by itself, so its commands name their instant.
    ...(clock === 'simulated' ? [`--at ${at}`] : []),
  ];
  return parts.length === 0 ? '' : ` -- ${parts.join(' ')}`;
}

/** Names the ticket, or an older one that is still open would be confirmed in its place. */
export const confirmCommand = (who: Who, ticketId: string, at: Instant) =>
  `make confirm${flags(who, at, [`--ticket ${ticketId}`])}`;

export const confirmFillsCommand = (who: Who, ticketId: string, at: Instant) =>
  `FILLS_JSON=fills.json make confirm-fills${flags(who, at, [`--ticket ${ticketId}`])}`;

/** The runbook's reconciliation line as it stands in files, for the account at hand. */
export const reconcileCommand = (who: Who, baseCurrency: string, snapshotDate: IsoDate, at: Instant): string =>
  reconcileLine(baseCurrency, snapshotDate, ` --notes "manual etoro snapshot"${flags(who, at).replace(' -- ', ' ')}`);

/** The same as a terminal says it; without a date, with a placeholder for that too, where another snapshot is meant. */
export const nextReconcile = ({ account, baseCurrency }: Account, snapshotDate?: IsoDate): string =>
  reconcileLine(
    baseCurrency,
    snapshotDate ?? 'YYYY-MM-DD',
    `${snapshotDate === undefined ? '' : ' --notes "manual_etoro_snapshot"'}${account === 'main' ? '' : ` --account ${account}`}`,
  );

/** With placeholders for what the operator reads off the broker. */
function reconcileLine(baseCurrency: string, snapshotDate: string, more: string): string {
  const cash = baseCurrency === 'GBP' ? '--cash-gbp' : '--cash';
  return `make reconcile-daily -- --snapshot-date ${snapshotDate} ${cash} <cash> --position SYMBOL=UNITS${more}`;
}

export const runCommand = (slot: '0800' | '1400' | 'ops', who: Who, at: Instant) => `make run-${slot}${flags(who, at)}`;

/** What is ruled on: a split, a dividend or a jump, and what is known of it. */
export interface ToRuleOn {
  symbol: string;
  exDate: string;
  kind: string;
  /** Of a dividend that is not the regular one of its date. */
  type?: string | undefined;
  /** The closes of a jump: where it may be a split, nobody is led to call it genuine unseen. */
  closes?: { before: DecimalString; after: DecimalString } | null;
}

/**
 * Rules on a split or dividend that is on hold, or on a jump that nothing explains.
 * @param who whose clock is told, where it is a simulated one.
 */
export function ruleCommand(
  { symbol, exDate, kind, type, closes }: ToRuleOn,
  who?: Who,
  at: Instant | null = null,
): string {
  const as = kind === 'JUMP' ? jumpWords(closes ?? null) : '<cash_dividend|split|ignore> --value <value>';
  const of = `${kind.toLowerCase()}${type === undefined ? '' : ` --type ${type}`}`;
  const what = `--symbol ${symbol} --ex-date ${exDate} --kind ${of} --as ${as} --reason "<why>"`;
  return `trading-ops actions rule ${what}${who ? when(who, at) : ''}`;
}

/** What a jump may be ruled to be; the ratio, where it looks like one of the usual splits. */
function jumpWords(closes: { before: DecimalString; after: DecimalString } | null): string {
  if (closes === null) return 'genuine';
  const ratio = likelyRatio(closes.before, closes.after);
  if (ratio === null && !isSplitSized(closes.before, closes.after)) return 'genuine';
  return `<genuine|split --value ${ratio ?? '<new shares per old share>'}>`;
}

/** Books a split that a source has told of. */
export const splitCommand = (account: string, symbol: string, exDate: IsoDate) =>
  `trading-ops ledger split --symbol ${symbol} --ex-date ${exDate} --account ${account}`;

/**
 * The command that carries a proposal out, as it is typed for an account.
 * @param at instant that a simulated clock is told; null leaves it out.
 */
export function commandOf(proposal: Proposal, who: Who, at: Instant | null): string {
  switch (proposal.kind) {
    case 'BOOK_SPLIT':
      return `trading-ops ledger split --symbol ${proposal.symbol} --ex-date ${proposal.exDate}${
        proposal.published ? '' : ` --ratio ${proposal.ratio}`
      }${whose(who, at)}`;
    case 'BOOK_DIVIDEND':
    case 'BOOK_PAID_DIVIDEND':
      return `trading-ops ledger dividend ${dividendWords(proposal)}${whose(who, at)}`;
    case 'BOOK_DEPOSIT':
    case 'BOOK_WITHDRAWAL':
      return `trading-ops cash ${transferWords(proposal, who, at)}`;
    case 'BOOK_INTEREST':
    case 'BOOK_FEE':
    case 'BOOK_RENAME':
    case 'BOOK_CASH_MERGER':
    case 'BOOK_STOCK_MERGER':
    case 'BOOK_SPIN_OFF':
    case 'BOOK_CASH_IN_LIEU':
    case 'BOOK_DELISTING':
      return `trading-ops ledger ${eventWords(proposal)}${whose(who, at)}`;
    case 'CONFIRM_FILLS':
      return `trading-ops confirm-fills --fills fills.json ${fillsOfTicket(proposal, who, at)}`;
    case 'REVERSE_ENTRY':
      return `trading-ops ledger reverse --entry ${proposal.entryId} --reason "<why>"${whose(who, at)}`;
    case 'SET_BASELINE':
      return `trading-ops ledger-baseline ${baselineWords(proposal)} --reason "<why>"${whose(who, at)}`;
    case 'READ_AGAIN':
      return `trading-ops reconcile-daily ${againWords(proposal, who, at)}`;
    case 'CHECK_UNIVERSE':
      return 'trading-ops universe check';
    case 'RULE_ON_ACTION':
      return `trading-ops actions rule ${rulingWords(proposal)}${when(who, at)}`;
  }
}

/** The commands that carry a proposal out, in their order: the file that one takes is made by the one before it. */
export const stepsOf = (proposal: Proposal, who: Who, at: Instant | null): string[] => [
  ...(proposal.kind === 'CONFIRM_FILLS'
    ? [`trading-ops ticket fills ${proposal.ticketId} --out fills.json${whose(who, at)}`]
    : []),
  commandOf(proposal, who, at),
];

const baselineWords = ({ symbol, units, cash, cost, date }: ProposalOf<'SET_BASELINE'>): string =>
  [
    `--position ${symbol}=${units}`,
    ...(cash === undefined ? [] : [`--cash ${cash}`]),
    ...(cost === undefined ? [] : [`--cost ${symbol}=${cost}`]),
    ...(date === undefined ? [] : [`--date ${date}`]),
  ].join(' ');

/** The same as a line of `make`, where there is a target for it. */
export function makeLineOf(proposal: Proposal, who: Who, at: Instant | null): string {
  switch (proposal.kind) {
    case 'BOOK_DEPOSIT':
    case 'BOOK_WITHDRAWAL':
      return `make cash -- ${transferWords(proposal, who, at)}`;
    case 'READ_AGAIN':
      return `make reconcile-daily -- ${againWords(proposal, who, at)}`;
    case 'CONFIRM_FILLS':
      return `FILLS_JSON=fills.json make confirm-fills --${
        proposal.amends ? ` --ticket ${proposal.ticketId} --amend` : ''
      }${whose(who, at)}`;
    default:
      return commandOf(proposal, who, at);
  }
}

/**
 * The command that an explanation comes with, null when there is nothing to type yet; that of an earlier version as it
 * was stored.
 */
export function commandOfExplanation(explanation: StoredExplanation, who: Who, at: Instant): string | null {
  if ('command' in explanation) return explanation.command;
  return explanation.proposal && commandOf(explanation.proposal, who, at);
}

/** As `commandOfExplanation`, for what people read: the `make` line where there is one. */
export function makeLineOfExplanation(explanation: StoredExplanation, who: Who, at: Instant): string | null {
  if ('command' in explanation) return explanation.make ?? explanation.command;
  return explanation.proposal && makeLineOf(explanation.proposal, who, at);
}

// What books always names its account, also the usual one: the line may be typed a week later, elsewhere.
const whose = (who: Who, at: Instant | null): string => ` --account ${who.account}${when(who, at)}`;
const when = ({ clock }: Who, at: Instant | null): string =>
  clock === 'simulated' && at !== null ? ` --at ${at}` : '';

/** What follows the file in a command that reports fills: of which ticket, whether that amends, and for whom. */
export const fillsOfTicket = (
  { ticketId, amends }: Pick<ProposalOf<'CONFIRM_FILLS'>, 'ticketId' | 'amends'>,
  who: Who,
  at: Instant | null,
): string => `--ticket ${ticketId}${amends === true ? ' --amend' : ''}${whose(who, at)}`;

/** What nobody but the broker knows: whoever types the line reads it there. */
const AMOUNT = '<amount>';

const transferWords = (
  proposal: ProposalOf<'BOOK_DEPOSIT' | 'BOOK_WITHDRAWAL'>,
  who: Who,
  at: Instant | null,
): string => `${proposal.kind === 'BOOK_DEPOSIT' ? 'deposit' : 'withdraw'} ${movedWords(proposal)}${whose(who, at)}`;

const movedWords = ({
  amount = AMOUNT,
  date,
  another,
  notes,
}: ProposalOf<'BOOK_DEPOSIT' | 'BOOK_WITHDRAWAL' | 'BOOK_INTEREST' | 'BOOK_FEE'>): string =>
  `--amount ${amount} --date ${date}${notes === undefined ? '' : ` --notes "${notes}"`}${another ? ' --another' : ''}`;

/** Which dividend it is, and what of it is not as usual; what only the broker or a source can say is to be typed. */
function dividendWords(proposal: ProposalOf<'BOOK_DIVIDEND' | 'BOOK_PAID_DIVIDEND'>): string {
  const { kind, symbol, exDate = '<YYYY-MM-DD>', dividendType = 'regular', withholding = US_WITHHOLDING } = proposal;
  const { net = kind === 'BOOK_PAID_DIVIDEND' ? '<net>' : undefined, paidOn } = proposal;
  return [
    `--symbol ${symbol} --ex-date ${exDate}`,
    ...(dividendType === 'regular' ? [] : [`--type ${dividendType}`]),
    ...(withholding === US_WITHHOLDING ? [] : [`--withholding ${withholding}`]),
    ...(net === undefined ? [] : [`--net ${net}`]),
    ...(paidOn === undefined ? [] : [`--paid-on ${paidOn}`]),
  ].join(' ');
}

/** The figures are for whoever reads them off the broker: what they look like is not what they are. */
const againWords = ({ symbols, snapshotDate }: ProposalOf<'READ_AGAIN'>, who: Who, at: Instant | null): string =>
  `--snapshot-date ${snapshotDate} --cash <cash> ${symbols
    .slice(0, AGAIN_MAX)
    .map((symbol) => `--position ${symbol}=<units> `)
    .join('')}--position <SYMBOL>=<units> --notes "read again"${whose(who, at)}`;

/** Symbols that a line to be typed names. */
const AGAIN_MAX = 3;

type EventProposal = ProposalOf<
  | 'BOOK_INTEREST'
  | 'BOOK_FEE'
  | 'BOOK_RENAME'
  | 'BOOK_CASH_MERGER'
  | 'BOOK_STOCK_MERGER'
  | 'BOOK_SPIN_OFF'
  | 'BOOK_CASH_IN_LIEU'
  | 'BOOK_DELISTING'
>;

function eventWords(proposal: EventProposal): string {
  if (proposal.kind === 'BOOK_INTEREST' || proposal.kind === 'BOOK_FEE') {
    return `${proposal.kind === 'BOOK_FEE' ? 'fee' : 'interest'} ${movedWords(proposal)}`;
  }
  const { symbol, date } = proposal;
  const net = (cash: string | null) => (cash === null ? '' : ` --net ${cash}`);
  switch (proposal.kind) {
    case 'BOOK_RENAME':
      return `rename --symbol ${symbol} --to ${proposal.to} --date ${date}`;
    case 'BOOK_CASH_MERGER':
      return `cash-merger --symbol ${symbol} --date ${date}${net(proposal.net)}`;
    case 'BOOK_STOCK_MERGER':
      return (
        `stock-merger --symbol ${symbol} --to ${proposal.to} --ratio ${proposal.ratio} ` +
        `--date ${date}${net(proposal.net)}`
      );
    case 'BOOK_SPIN_OFF':
      return `spin-off --symbol ${symbol} --to ${proposal.to} --ratio ${proposal.ratio} --ex-date ${date}`;
    case 'BOOK_CASH_IN_LIEU':
      return `cash-in-lieu --symbol ${symbol} --units ${proposal.units} --date ${date}${net(proposal.net)}`;
    case 'BOOK_DELISTING':
      return `delisting --symbol ${symbol} --date ${date}${net(proposal.net)}`;
  }
}

function rulingWords({ symbol, exDate, action, dividendType, ...as }: ProposalOf<'RULE_ON_ACTION'>): string {
  const { ruling, value, reason } = as;
  const said =
    ruling === null
      ? '--as <cash_dividend|split|ignore> --value <value>'
      : `--as ${ruling}${value === null ? '' : ` --value ${value}`}`;
  // The reason stands in double quotes; what a shell would take for more than text is left out.
  const why = (reason ?? '<why>').replaceAll(/["'\\$`]/g, '');
  const kind = `${action.toLowerCase()}${dividendType === undefined ? '' : ` --type ${dividendType}`}`;
  return `--symbol ${symbol} --ex-date ${exDate} --kind ${kind} ${said} --reason "${why}"`;
}

/** How an account did, as a terminal says it. @param asked what was asked for; empty and left out asks nothing */
export const performanceCommand = (
  account: string,
  asked: Readonly<Record<string, string | null | undefined>>,
): string =>
  [
    `trading-ops performance --account ${account}`,
    ...Object.entries(asked).flatMap(([name, value]) => (value ? [`--${name} ${value}`] : [])),
  ].join(' ');
