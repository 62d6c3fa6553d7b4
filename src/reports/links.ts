import { US_WITHHOLDING } from '../domain/ledger/withholding.js';
import type { Proposal, ProposalOf, StoredExplanation } from '../domain/reconciliation/proposal.js';

/*
 * A proposal as the way to the form of the desk that carries it out: the siblings of the commands. Fields have the
 * names of the operation's own input, so that a form begins with what was found; nothing is booked by following a link.
 */

/** The form of the desk that carries a proposal out; null where there is none. */
export function linkOf(proposal: Proposal, account: string): string | null {
  const to = (path: string, fields: Fields = {}) => `/${encodeURIComponent(account)}/${path}${queryOf(fields)}`;
  switch (proposal.kind) {
    case 'BOOK_DIVIDEND':
    case 'BOOK_PAID_DIVIDEND':
      return to('book/dividend', dividendFields(proposal));
    case 'BOOK_SPLIT': {
      const { symbol, exDate, ratio, published } = proposal;
      return to('book/split', { symbol, exDate, ratio: published ? null : ratio });
    }
    case 'BOOK_DEPOSIT':
    case 'BOOK_WITHDRAWAL':
    case 'BOOK_FEE':
    case 'BOOK_INTEREST':
      return to('book/cash', {
        kind: proposal.kind.slice(5),
        amount: proposal.amount ?? null,
        date: proposal.date,
        notes: proposal.notes ?? null,
        another: proposal.another ? 'yes' : null,
      });
    case 'CONFIRM_FILLS':
      return to(`tickets/${encodeURIComponent(proposal.ticketId)}/confirm`, { amend: proposal.amends ? '1' : null });
    case 'SET_BASELINE': {
      const { symbol, units, cash = null, cost, date = null } = proposal;
      const costs = cost === undefined ? null : `${symbol}=${cost}`;
      return to('baseline', { cash, positions: `${symbol}=${units}`, costs, date });
    }
    case 'READ_AGAIN':
      return to('reconcile');
    case 'REVERSE_ENTRY':
      return to(`ledger/${proposal.entryId}/reverse`);
    case 'CHECK_UNIVERSE':
      return null;
    case 'RULE_ON_ACTION': {
      const { symbol, exDate, action, dividendType = null, ruling, value, reason } = proposal;
      return to('actions/rule', { symbol, exDate, kind: action, type: dividendType, as: ruling, value, reason });
    }
    default:
      return to(...eventPath(proposal));
  }
}

/** The same of an explanation; null where nothing is to be done yet, and of those of earlier versions. */
export const linkOfExplanation = (explanation: StoredExplanation, account: string): string | null =>
  'proposal' in explanation && explanation.proposal !== null ? linkOf(explanation.proposal, account) : null;

/** Names of an input, and what they begin with; null for what is left to its default. */
type Fields = Record<string, string | null>;

function queryOf(fields: Fields): string {
  const said = Object.entries(fields).filter((field): field is [string, string] => field[1] !== null);
  return said.length === 0 ? '' : `?${new URLSearchParams(said).toString()}`;
}

/** What both proposals of a dividend say of it. */
interface DividendSaid extends Omit<ProposalOf<'BOOK_PAID_DIVIDEND'>, 'kind' | 'exDate' | 'paidOn'> {
  exDate?: string | null | undefined;
  paidOn?: string | undefined;
}

/** As the command says it: what is as usual stays the operation's to find. */
const dividendFields = ({
  symbol,
  exDate = null,
  dividendType = 'regular',
  withholding = US_WITHHOLDING,
  net,
  paidOn,
}: DividendSaid): Fields => ({
  symbol,
  exDate,
  type: dividendType === 'regular' ? null : dividendType,
  withholding: withholding === US_WITHHOLDING ? null : withholding,
  net: net ?? null,
  ...(paidOn !== undefined && { paidOn }),
});

type EventProposal = ProposalOf<
  'BOOK_RENAME' | 'BOOK_CASH_MERGER' | 'BOOK_STOCK_MERGER' | 'BOOK_SPIN_OFF' | 'BOOK_CASH_IN_LIEU' | 'BOOK_DELISTING'
>;

function eventPath(proposal: EventProposal): [path: string, fields: Fields] {
  const { symbol, date } = proposal;
  switch (proposal.kind) {
    case 'BOOK_RENAME':
      return ['book/rename', { symbol, to: proposal.to, date }];
    case 'BOOK_CASH_MERGER':
      return ['book/cash-merger', { symbol, date, net: proposal.net }];
    case 'BOOK_STOCK_MERGER':
      return ['book/stock-merger', { symbol, to: proposal.to, ratio: proposal.ratio, date, net: proposal.net }];
    case 'BOOK_SPIN_OFF':
      return ['book/spin-off', { symbol, to: proposal.to, ratio: proposal.ratio, exDate: date }];
    case 'BOOK_CASH_IN_LIEU':
      return ['book/cash-in-lieu', { symbol, units: proposal.units, date, net: proposal.net }];
    case 'BOOK_DELISTING':
      return ['book/delisting', { symbol, date, net: proposal.net }];
  }
}
