import { dayNumber } from '../../dates.js';
import type { BookedEntry } from '../../ledger/sums.js';
import { D, toText, type Decimal } from '../../money.js';
import { unitsBefore } from '../../ledger/sums.js';
import type { Proposal } from '../../reconciliation/proposal.js';
import type { CorporateAction } from '../../types.js';
import type { StatementEvent } from '../statement.js';
import { movedBy, type LedgerFacts } from './facts.js';
import { lineOf, type StatementLine } from './line.js';
import { isWithin, sumOfWorths, type Worth, type Worths } from './worth.js';
import { groupBy } from '../../group.js';

/** A dividend as the statement tells it: of one symbol and date, whatever number of positions it was paid on. */
interface Told {
  symbol: string;
  date: string;
  events: StatementEvent[];
  net: Worth | null;
  tax: Worth | null;
}

interface Booked {
  entry: BookedEntry;
  net: Decimal;
  tax: Decimal;
}

/** The sheets of one statement are a day apart at times. */
const SAME_DAY = 1;
/** Days that somebody may have dated a dividend wrongly by. */
const DAYS_APART = 10;
/** Ex-dates lie so many days at most before the payment. */
const EX_DATE_DAYS = 75;
/** Rounding of gross, tax and net: a penny a row. */
const TAX_LEEWAY = '0.01';

/** Holds dividends against the ledger's, by symbol and date, net and withheld. */
export function compareDividends(
  { events, entries }: { events: readonly StatementEvent[]; entries: readonly BookedEntry[] },
  facts: LedgerFacts,
  worths: Worths,
): StatementLine[] {
  const told = toldOf(events, worths);
  let booked = entries.flatMap((entry) => bookedOf(entry, facts.baseCurrency));
  const lines: StatementLine[] = [];
  for (const days of [SAME_DAY, DAYS_APART]) {
    for (const dividend of told.splice(0)) {
      const found = setOf(booked, dividend, days);
      if (found.length === 0) told.push(dividend);
      else {
        booked = booked.filter((each) => !found.includes(each));
        lines.push(pairLine(dividend, found));
      }
    }
  }
  return [...lines, ...told.map((dividend) => missingInLedger(dividend, facts)), ...booked.map(missingInStatement)];
}

function toldOf(events: readonly StatementEvent[], worths: Worths): Told[] {
  const paid = events.filter(({ kind, symbol }) => kind === 'DIVIDEND' && symbol !== null);
  return [...groupBy(paid, ({ symbol, date }) => `${symbol} ${date}`).values()].map((group) => {
    const { symbol, date } = group[0] as StatementEvent;
    const taxes = group.map(({ paid: one }) => (one ? worths.ofFigure(one.tax, date) : null));
    return { symbol: symbol ?? '', date, events: group, net: whole(group.map(worths.ofCash)), tax: whole(taxes) };
  });
}

const whole = (worths: readonly (Worth | null)[]): Worth | null =>
  worths.every((worth) => worth !== null) ? sumOfWorths(worths) : null;

function bookedOf(entry: BookedEntry, baseCurrency: string): Booked[] {
  if (entry.kind !== 'DIVIDEND' && entry.kind !== 'RETURN_OF_CAPITAL') return [];
  return [
    {
      entry,
      net: movedBy(entry, 'Assets:Cash', baseCurrency),
      tax: movedBy(entry, 'Expenses:WithholdingTax', baseCurrency),
    },
  ];
}

/** The entries of the date nearest to it: several dividends of one ex-date may be paid together. */
function setOf(booked: readonly Booked[], { symbol, date, net }: Told, days: number): Booked[] {
  const apart = ({ entry }: Booked) => Math.abs(dayNumber(entry.effectiveDate) - dayNumber(date));
  const near = booked.filter((each) => each.entry.symbol === symbol && apart(each) <= days);
  const closest = Math.min(...near.map(apart));
  const ofDate = near.filter((each) => apart(each) === closest);
  const alone = net && ofDate.find((each) => isWithin(net, each.net));
  return alone ? [alone] : ofDate;
}

const sum = (booked: readonly Booked[], of: 'net' | 'tax'): Decimal =>
  booked.reduce((total, each) => total.plus(each[of]), D(0));

const common = ({ symbol, date, events, net, tax }: Told) => ({
  kind: 'DIVIDEND' as const,
  symbol,
  positionIds: events.flatMap(({ positionId }) => positionId ?? []),
  rows: events.map(({ row }) => row),
  statement: { date, units: null, amount: net?.amount.toFixed(2) ?? null, tax: tax?.amount.toFixed(2) ?? null },
  isEstimated: net?.isEstimated ?? true,
});

function pairLine(told: Told, booked: readonly Booked[]): StatementLine {
  const difference = differenceOf(told, booked);
  const [first] = booked as [Booked];
  const { entryId } = first.entry;
  const rest = `reverse entry ${entryId}, then import again for what is to be booked`;
  return lineOf({
    ...common(told),
    difference,
    entryIds: booked.map(({ entry }) => entry.entryId),
    ledger: {
      date: first.entry.effectiveDate,
      units: null,
      amount: sum(booked, 'net').toFixed(2),
      tax: sum(booked, 'tax').toFixed(2),
    },
    text:
      `dividend of ${told.symbol} on ${told.date}: ` +
      (difference === null ? 'as booked' : `${WORDS[difference]}: ${rest}`),
    proposal: difference === null ? null : { kind: 'REVERSE_ENTRY', entryId },
  });
}

const WORDS = {
  AMOUNT_DIFFERS: 'the ledger has another amount',
  TAX_DIFFERS: 'the ledger has another withholding tax',
  DATE_DIFFERS: 'the ledger has it on another date',
};

function differenceOf({ date, events, net, tax }: Told, booked: readonly Booked[]): keyof typeof WORDS | null {
  if (net !== null && !isWithin(net, sum(booked, 'net'), events.length)) return 'AMOUNT_DIFFERS';
  const off = tax === null ? D(0) : sum(booked, 'tax').minus(tax.amount).abs();
  if (
    tax !== null &&
    (tax.isEstimated ? !isWithin(tax, sum(booked, 'tax')) : off.gt(D(TAX_LEEWAY).times(events.length)))
  )
    return 'TAX_DIFFERS';
  const [first] = booked;
  const isDated = first && Math.abs(dayNumber(first.entry.effectiveDate) - dayNumber(date)) <= SAME_DAY;
  return isDated ? null : 'DATE_DIFFERS';
}

function missingInLedger(told: Told, facts: LedgerFacts): StatementLine {
  const proposal = proposalOf(told, facts);
  const how =
    proposal === null
      ? `; no source tells its ex-date: trading-ops ledger dividend --symbol ${told.symbol} ` +
        `--ex-date <YYYY-MM-DD> --paid-on ${told.date}${told.net ? ` --net ${told.net.amount.toFixed(2)}` : ''}`
      : '';
  return lineOf({
    ...common(told),
    difference: 'MISSING_IN_LEDGER',
    text: `dividend of ${told.symbol} on ${told.date}: no entry books it${how}`,
    proposal,
  });
}

/** The dividend by its ex-date, which the statement does not say and a source may have told; null where none has. */
function proposalOf(
  { symbol, date, events, net, tax }: Told,
  { actions, entries, baseCurrency }: LedgerFacts,
): Proposal | null {
  const action = exDateOf(actions, symbol, date);
  const [first] = events;
  if (!action || !first?.paid || net === null || tax === null || net.amount.isZero()) return null;
  const gross = events.reduce((total, { paid }) => total.plus(paid?.net.amount ?? 0).plus(paid?.tax.amount ?? 0), D(0));
  const base = net.amount.plus(tax.amount);
  const units = unitsBefore(entries, symbol, action.exDate);
  return {
    kind: 'BOOK_DIVIDEND',
    symbol,
    exDate: action.exDate,
    ...(action.dividendType && action.dividendType !== 'regular' && { dividendType: action.dividendType }),
    units: toText(units),
    amount: toText(D(action.value)),
    currency: action.currency ?? 'USD',
    fx: baseCurrency === 'USD' || base.isZero() ? '1' : gross.div(base).toDecimalPlaces(10).toFixed(),
    withholding: first.paid.rate,
    net: net.amount.toFixed(2),
    paidOn: date,
  };
}

const exDateOf = (actions: readonly CorporateAction[], symbol: string, date: string): CorporateAction | undefined =>
  actions
    .filter((action) => {
      const days = dayNumber(date) - dayNumber(action.exDate);
      return action.kind === 'DIVIDEND' && action.symbol === symbol && days >= 0 && days <= EX_DATE_DAYS;
    })
    .toSorted((a, b) => (a.exDate < b.exDate ? 1 : -1))[0];

const missingInStatement = ({ entry, net, tax }: Booked): StatementLine =>
  lineOf({
    kind: 'DIVIDEND',
    difference: 'MISSING_IN_STATEMENT',
    symbol: entry.symbol,
    entryIds: [entry.entryId],
    ledger: { date: entry.effectiveDate, units: null, amount: net.toFixed(2), tax: tax.toFixed(2) },
    text: `${entry.description}: entry ${entry.entryId} books it, and the broker knows nothing of it`,
    proposal: { kind: 'REVERSE_ENTRY', entryId: entry.entryId },
  });
