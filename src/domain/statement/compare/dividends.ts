import { dayNumber } from '../../dates.js';
import { DIVIDEND_WORDS, dividendFromNet } from '../../ledger/entries.js';
import type { BookedEntry } from '../../ledger/sums.js';
import { D, toText, type Decimal } from '../../money.js';
import { unitsBefore } from '../../ledger/sums.js';
import { US_WITHHOLDING } from '../../ledger/withholding.js';
import type { Proposal } from '../../reconciliation/proposal.js';
import type { CorporateAction } from '../../types.js';
import type { StatementEvent } from '../statement.js';
import {
  backBesideLine,
  backLine,
  byThemselves,
  receivedOf,
  takenTogether,
  type Received,
  type TakenBack,
} from './dividends-back.js';
import { attribute, knownOf, type Payment } from './dividend-actions.js';
import { exDateOf, mayBePaidOutside, payableOn } from './dividend-entries.js';
import { aroundPeriod } from './edges.js';
import { besidePeriod, mayBe, movedBy, type LedgerFacts } from './facts.js';
import { lineOf, type StatementLine } from './line.js';
import type { Window } from './window.js';
import { isWithin, readFirst, sumOfWorths, type Worth, type Worths } from './worth.js';
import { groupBy } from '../../group.js';

/** A dividend as the statement tells it: of one symbol and date, whatever number of positions it was paid on. */
interface Told {
  symbol: string;
  date: string;
  events: readonly StatementEvent[];
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
/** Rounding of gross, tax and net: a penny a row. */
const TAX_LEEWAY = '0.01';

/** What came of the dividends: a line each, and the rows that took one back of which a line tells. */
export interface DividendsCompared {
  lines: StatementLine[];
  toldBack: ReadonlySet<StatementEvent>;
  /** Entries that a row of another statement tells of. */
  elsewhere: readonly BookedEntry[];
}

/**
 * Holds dividends against the ledger's, by symbol and date, net and withheld: what was paid on a day as one, where the
 * ledger has it so; else each of several that were paid together by itself.
 * @param received the statement's dividends; alone are the rows that take one back and that no entry of their own books
 */
export function compareDividends(
  { entries, edges, period }: Pick<Window, 'entries' | 'edges' | 'period'>,
  { kept, back, alone }: Received,
  facts: LedgerFacts,
  worths: Worths,
): DividendsCompared {
  const alike = matchAlike({ entries, period, kept }, facts, worths);
  const { lines, elsewhere } = alike;
  let { told, booked } = alike;
  const settle = (find: (dividend: Told) => readonly Booked[]) => {
    told = told.filter((dividend) => {
      const found = find(dividend);
      if (found.length === 0) return true;
      booked = booked.filter((each) => !found.includes(each));
      lines.push(pairLine(dividend, found, facts.baseCurrency));
      return false;
    });
  };
  const nothing = told.filter(({ net }) => net?.amount.isZero());
  told = told.filter((dividend) => !nothing.includes(dividend));
  // What is booked of a day beyond the period is of another statement, unless it is the very same.
  const within = () => booked.filter(({ entry }) => edges.get(entry)?.isBeyond !== true);
  for (const days of [SAME_DAY, DAYS_APART]) settle((dividend) => setOf(within(), dividend, days));
  settle((dividend) => asPayable(within(), dividend, facts).slice(0, 1));
  // What this statement paid is booked near that day.
  const take = (rows: readonly StatementEvent[], { symbol, date }: StatementEvent, days: number) => {
    const net = whole(rows.map(worths.ofCash));
    const isThat = ({ entry, ...own }: Booked) =>
      net !== null && entry.effectiveDate <= (rows[0]?.date ?? '') && isWithin(net, own.net, rows.length);
    const [found] = setOf(within().filter(isThat), { symbol: symbol ?? '', date, net }, days);
    booked = booked.filter((one) => one !== found);
    return { net, found: found ? { entry: found.entry, net: found.net.toFixed(2) } : null };
  };
  const undone = back.flatMap((each) => {
    const of = ({ rows, paidBy }: TakenBack) => take(rows, paidBy[0] as StatementEvent, DAYS_APART);
    const { net, found } = of(each);
    if (found !== null) return [backLine(each, found, net)];
    return byThemselves(each).map((one) => {
      const own = of(one);
      return backLine(one, own.found, own.net);
    });
  });
  const outside = besidePeriod(facts, entries).flatMap((entry) => bookedOf(entry, facts.baseCurrency));
  const missing = missingInLedger(told, facts, { beside: outside, left: booked });
  const toldBack = new Set<StatementEvent>();
  const takeBack = (rows: readonly StatementEvent[]) => {
    const { net, found } = take(rows, rows[0] as StatementEvent, Infinity);
    if (found === null) return false;
    for (const row of rows) toldBack.add(row);
    undone.push(backBesideLine(rows, found, net));
    return true;
  };
  for (const rows of takenTogether(alone)) if (!takeBack(rows)) for (const row of rows) takeBack([row]);
  const over = booked.map((each) => {
    const isElsewhere = !edges.has(each.entry) && mayBePaidOutside(each.entry, period);
    return isElsewhere ? paidElsewhere(each) : missingInStatement(each);
  });
  return {
    lines: [...lines, ...nothing.map((each) => nothingLine(each, facts)), ...undone, ...missing, ...over],
    toldBack,
    elsewhere,
  };
}

/** What both sides say alike of dividends, and what is left of either. */
interface Alike extends Pick<DividendsCompared, 'lines'> {
  told: Told[];
  booked: Booked[];
  elsewhere: BookedEntry[];
}

/**
 * Takes out what both sides say alike. An entry answers one row of this statement or of another, the nearest and then
 * the earliest, so that each of them says the same.
 */
function matchAlike(
  { entries, period, kept }: Pick<Window, 'entries' | 'period'> & Pick<Received, 'kept'>,
  { baseCurrency, toldBeside }: LedgerFacts,
  worths: Worths,
): Alike {
  const elsewhere: BookedEntry[] = [];
  const lines: StatementLine[] = [];
  let booked = entries.flatMap((entry) => bookedOf(entry, baseCurrency));
  /** @returns those of which no entry says the same */
  const match = (dividends: readonly Told[], days: number, found: (dividend: Told, set: readonly Booked[]) => void) =>
    dividends.filter((dividend) => {
      const set = setOf(booked, dividend, days);
      if (set.length === 0 || differenceOf(dividend, set) !== null) return true;
      booked = booked.filter((each) => !set.includes(each));
      found(dividend, set);
      return false;
    });
  const isOther = (_: Told, set: readonly Booked[]) => void elsewhere.push(...set.map(({ entry }) => entry));
  const isOwn = (dividend: Told, set: readonly Booked[]) => void lines.push(pairLine(dividend, set, baseCurrency));
  const beside = toldOf(receivedOf(toldBeside).kept, worths);
  // Of one date all of its rows are on one side: those that are within the period are none of them.
  let { before, after } = aroundPeriod(beside, ({ events }) => events[0]?.at ?? '', period);
  let told = toldOf(kept, worths);
  const matchEach = () => {
    for (const days of [0, SAME_DAY]) {
      before = match(before, days, isOther);
      told = match(told, days, isOwn);
      after = match(after, days, isOther);
    }
  };
  matchEach();
  const inParts = (dividend: Told) => partsOf(dividend, worths);
  [before, told, after] = [before.flatMap(inParts), told.flatMap(inParts), after.flatMap(inParts)];
  matchEach();
  return { lines, told, booked, elsewhere };
}

function toldOf(events: readonly StatementEvent[], worths: Worths): Told[] {
  return [...groupBy(events, ({ symbol, date }) => `${symbol} ${date}`).values()].map((group) => oneOf(group, worths));
}

function oneOf(events: readonly StatementEvent[], worths: Worths): Told {
  const { symbol, date } = events[0] as StatementEvent;
  const taxes = events.map(({ paid }) => (paid ? worths.ofFigure(paid.tax, date) : null));
  return { symbol: symbol ?? '', date, events, net: whole(events.map(worths.ofCash)), tax: whole(taxes) };
}

/**
 * Several dividends that were paid on one day, each by itself: a position has one row of each, and the larger of a
 * share is the larger of every position. As one where positions have different numbers of rows, for nobody can tell.
 */
function partsOf(told: Told, worths: Worths): Told[] {
  const positions = [...groupBy(told.events, ({ positionId }) => positionId ?? '').values()];
  const count = positions[0]?.length ?? 0;
  if (count < 2 || positions.some((rows) => rows.length !== count)) return [told];
  const ranked = positions.map((rows) => rows.toSorted((a, b) => grossOf([b]).comparedTo(grossOf([a]))));
  return Array.from({ length: count }, (_, rank) =>
    oneOf(
      ranked.flatMap((rows) => rows[rank] ?? []),
      worths,
    ),
  );
}

/** Net and withheld, in the statement's currency. */
const grossOf = (events: readonly StatementEvent[]): Decimal =>
  events.reduce((total, { paid }) => total.plus(paid?.net.amount ?? 0).plus(paid?.tax.amount ?? 0), D(0));

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
function setOf(
  booked: readonly Booked[],
  { symbol, date, net }: Pick<Told, 'symbol' | 'date' | 'net'>,
  days: number,
): Booked[] {
  const apart = ({ entry }: Booked) => Math.abs(dayNumber(entry.effectiveDate) - dayNumber(date));
  const near = booked.filter((each) => each.entry.symbol === symbol && apart(each) <= days);
  const closest = Math.min(...near.map(apart));
  const ofDate = near.filter((each) => apart(each) === closest);
  const alone = net && ofDate.find((each) => isWithin(net, each.net));
  return alone ? [alone] : ofDate;
}

/** Entries that may be a payment by their ex-date, whichever date they have, and have its figures. */
const asPayable = (booked: readonly Booked[], told: Told, facts: LedgerFacts): Booked[] =>
  payableOn(booked, told, knownOf(told, facts)).filter((each) => differenceOf(told, [each]) !== 'AMOUNT_DIFFERS');

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

function pairLine(told: Told, booked: readonly Booked[], baseCurrency: string): StatementLine {
  const difference = differenceOf(told, booked);
  const [first] = booked as [Booked];
  const doubt = difference && doubtOf(told, difference, { baseCurrency, isOne: booked.length === 1 });
  const { entryId } = first.entry;
  const rest = doubt ?? `: reverse entry ${entryId}, then import again for what is to be booked`;
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
      (difference === null ? 'as booked' : `${WORDS[difference]}${rest}`),
    proposal: difference === null || doubt !== null ? null : { kind: 'REVERSE_ENTRY', entryId },
  });
}

/** A dividend of which less than half a penny arrived: no entry can have that. */
const nothingLine = (told: Told, { baseCurrency }: Pick<LedgerFacts, 'baseCurrency'>): StatementLine =>
  lineOf({
    ...common(told),
    text:
      `dividend of ${told.symbol} on ${told.date}: 0.00 in ${baseCurrency} arrived, ` +
      'so that there is nothing to book',
  });

/** Why an entry that differs is not taken back, in words; null where it is. */
function doubtOf(
  told: Told,
  difference: keyof typeof WORDS,
  { baseCurrency, isOne }: { baseCurrency: string; isOne: boolean },
): string | null {
  const figure = { AMOUNT_DIFFERS: told.net, TAX_DIFFERS: told.tax, DATE_DIFFERS: null }[difference];
  if (figure?.isEstimated) return ` than the rate makes of it, ${readFirst(baseCurrency)}`;
  if (difference === 'AMOUNT_DIFFERS' && areSeveral(told))
    return ': several were paid on that day, and nobody can tell from the rows which one is booked: look at eToro';
  return isOne || difference === 'DATE_DIFFERS'
    ? null
    : ': several are booked of that day, and nobody can tell which of them is wrong: look at eToro';
}

/** Whether a position was paid more than once that day. */
const areSeveral = ({ events }: Told): boolean =>
  new Set(events.map(({ positionId }) => positionId)).size < events.length;

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

/** What no entry books, each with the dividend that it is of: its ex-date is said by sources, not by the statement. */
function missingInLedger(
  told: readonly Told[],
  facts: LedgerFacts,
  { beside, left }: { beside: readonly Booked[]; left: readonly Booked[] },
): StatementLine[] {
  const payments = told.map(({ symbol, date, events }) => ({
    symbol,
    date,
    gross: grossOf(events),
    rows: events.length,
  }));
  const attributed = attribute(payments, facts);
  return told.map((dividend, index) => {
    const other = setOf(beside, dividend, DAYS_APART);
    if (other[0] && differenceOf(dividend, other) !== 'AMOUNT_DIFFERS')
      return lineOf({
        ...common(dividend),
        difference: 'MISSING_IN_LEDGER',
        text: `dividend of ${dividend.symbol} on ${dividend.date}: ${mayBe(other[0].entry)}`,
      });
    const { action, known } = attributed.get(payments[index] as Payment) ?? { action: null, known: [] };
    const others = [...beside, ...left];
    const payable = action ? [] : payableOn(others, dividend, knownOf(dividend, facts));
    const [booked] = [...asPayable(others, dividend, facts), ...payable];
    if (booked) return bookedElsewhere(dividend, booked, facts);
    const isSaid = dividend.net?.isEstimated === false && dividend.tax?.isEstimated === false;
    const proposal = action && isSaid ? proposalOf(dividend, action, facts) : null;
    const unknown = proposal === null ? unknownOf(dividend, action, known, facts) : [];
    return lineOf({
      ...common(dividend),
      difference: 'MISSING_IN_LEDGER',
      text: [`${wordOf(action)} of ${dividend.symbol} on ${dividend.date}: no entry books it`, ...unknown].join('; '),
      proposal: proposal ?? paidOf(dividend, action),
    });
  });
}

/** Whoever booked it on another date booked it; of one that is not it, what would book this one is said beside. */
function bookedElsewhere(told: Told, { entry, net }: Booked, facts: LedgerFacts): StatementLine {
  const { symbol, date } = told;
  const exDate = exDateOf(entry) ?? '';
  const isSaid = facts.actions.some(
    (each) => each.kind === 'DIVIDEND' && each.symbol === symbol && each.exDate === exDate,
  );
  const known = knownOf(told, facts);
  return lineOf({
    ...common(told),
    difference: 'MISSING_IN_LEDGER',
    text:
      `dividend of ${symbol} on ${date}: no entry of the period books it, and entry ${entry.entryId} of ` +
      `${entry.effectiveDate} books the one of ex-date ${exDate}, net ${net.toFixed(2)}: look at eToro whether that is ` +
      'this one; if so, reverse it, then import again for what is to be booked' +
      (isSaid ? '' : `; if not, ${howToBook(told, known, facts)}`),
  });
}

const wordOf = (action: CorporateAction | null): string =>
  DIVIDEND_WORDS[action?.dividendType ?? 'regular'].toLowerCase();

/** What arrived of it; null where the statement does not say it in base currency. */
const arrivedOf = ({ net }: Told): string | null => (net !== null && !net.isEstimated ? net.amount.toFixed(2) : null);

/** What has to be looked up before it is booked, in words. */
function unknownOf(
  told: Told,
  action: CorporateAction | null,
  known: readonly CorporateAction[],
  { baseCurrency }: Pick<LedgerFacts, 'baseCurrency'>,
): string[] {
  const about = told.net === null ? '' : `, ~${told.net.amount.toFixed(2)}`;
  return [
    ...(action === null && known.length === 0 ? ['no source tells its ex-date'] : []),
    ...(action === null && known.length > 0
      ? [`nobody can tell which dividend it is, of ${known.map(wordsOfAction).join(', ')}`]
      : []),
    ...(arrivedOf(told) === null
      ? [`the statement does not say what arrived in ${baseCurrency}${about}: read it at eToro`]
      : []),
  ];
}

/** What is typed where it is first looked whether it is booked already. */
function howToBook(told: Told, known: readonly CorporateAction[], facts: LedgerFacts): string {
  const rate = rateOf(told) ?? US_WITHHOLDING;
  const withheld = rate === US_WITHHOLDING ? '' : `--withholding ${rate} `;
  return (
    `${unknownOf(told, null, known, facts).join('; ')}: trading-ops ledger dividend --symbol ${told.symbol} ` +
    `--ex-date <YYYY-MM-DD> --paid-on ${told.date} ${withheld}--net ${arrivedOf(told) ?? '<net>'} ` +
    `--account ${facts.account}`
  );
}

const wordsOfAction = ({ exDate, value, currency, dividendType }: CorporateAction): string =>
  `the ${dividendType ?? 'regular'} one of ex-date ${exDate} (${toText(D(value))} ${currency ?? 'USD'} a share)`;

/** Digits that a rate of tax is typed with at most. */
const RATE_DIGITS = 6;

/**
 * The fraction of the gross that was withheld; where positions had different ones, what the sums come to, with as many
 * digits as make a booking of it their tax to the penny. Null where no row says it.
 */
function rateOf({ events, net, tax }: Told): string | null {
  const paid = events.flatMap((event) => event.paid ?? []);
  const [first] = paid;
  if (first === undefined || paid.every(({ rate }) => rate === first.rate)) return first?.rate ?? null;
  const isSaid = net?.isEstimated === false && tax?.isEstimated === false;
  const of = (figure: 'net' | 'tax') => paid.reduce((total, each) => total.plus(each[figure].amount), D(0));
  const [arrived, withheld] = isSaid ? [net.amount, tax.amount] : [of('net'), of('tax')];
  if (arrived.lte(0)) return first.rate;
  const rates = Array.from({ length: RATE_DIGITS }, (_, index) =>
    withheld
      .div(arrived.plus(withheld))
      .toDecimalPlaces(index + 1)
      .toFixed(),
  );
  return rates.find((rate) => dividendFromNet(arrived.toFixed(2), rate).tax.eq(withheld)) ?? rates.at(-1) ?? null;
}

/** What is known of a dividend that was paid, where that is not the whole of it: the rest is typed. */
function paidOf(told: Told, action: CorporateAction | null): Proposal {
  const { symbol, date } = told;
  const arrived = arrivedOf(told);
  const rate = rateOf(told);
  return {
    kind: 'BOOK_PAID_DIVIDEND',
    symbol,
    ...(action !== null && { exDate: action.exDate }),
    ...(action?.dividendType && action.dividendType !== 'regular' && { dividendType: action.dividendType }),
    ...(rate !== null && { withholding: rate }),
    ...(arrived !== null && { net: arrived }),
    paidOn: date,
  };
}

/** The dividend as a booking; null where nothing arrived, or the statement does not say what was withheld. */
function proposalOf(told: Told, action: CorporateAction, { entries, baseCurrency }: LedgerFacts): Proposal | null {
  const { symbol, date, events, net, tax } = told;
  const rate = rateOf(told);
  if (rate === null || net === null || tax === null || net.amount.isZero()) return null;
  const base = net.amount.plus(tax.amount);
  return {
    kind: 'BOOK_DIVIDEND',
    symbol,
    exDate: action.exDate,
    ...(action.dividendType && action.dividendType !== 'regular' && { dividendType: action.dividendType }),
    units: toText(unitsBefore(entries, symbol, action.exDate)),
    amount: toText(D(action.value)),
    currency: action.currency ?? 'USD',
    fx: baseCurrency === 'USD' || base.isZero() ? '1' : grossOf(events).div(base).toDecimalPlaces(10).toFixed(),
    withholding: rate,
    net: net.amount.toFixed(2),
    paidOn: date,
  };
}

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

/** One that is of another statement, or of none: its date may be wrong, and nobody takes it back unlooked. */
const paidElsewhere = (booked: Booked): StatementLine => ({
  ...missingInStatement(booked),
  text:
    `${booked.entry.description}: entry ${booked.entry.entryId} books it, and no row of the period tells of it: look at ` +
    'eToro when it was paid; on another date, reverse it and book it anew with --paid-on, as the statement of that ' +
    'date says; never, reverse it',
  proposal: null,
});
