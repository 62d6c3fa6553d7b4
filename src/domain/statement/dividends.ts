import { dayNumber } from '../dates.js';
import { D, toText, type Decimal } from '../money.js';
import type { IsoDate } from '../types.js';
import { refuseAsset } from './activity-types.js';
import type { TableRow, Tables } from './layout.js';
import type { ActivityRow } from './activity-row.js';
import { refusedStatement } from './refusals.js';
import type { Figure, Paid } from './statement.js';
import { amountOf, dateIn, numberOf, textOf, wordsOf, type Placed } from './values.js';
import { groupBy } from '../group.js';

interface DividendRow {
  where: string;
  positionId: string;
  date: IsoDate;
  paid: Paid;
}

type Column = Parameters<Tables['dividends']['rows'][number]['at']>[0];

/** Rounded to cents on both sides: rate × (net + tax) is the tax to a cent and what the halves of cents add to it. */
const TAX_TOLERANCE = '0.012';
const CENT = '0.011';

/** The dividends, one a position. @throws OpsError STATEMENT_TYPE, STATEMENT_VALUE, STATEMENT_INCONSISTENT */
export const dividendsOf = ({ rows }: Tables['dividends']): DividendRow[] => rows.map(readDividend);

function readDividend(row: TableRow<Column>): DividendRow {
  refuseAsset(textOf(row.at('type')), row.at('type').where);
  const figure = (own: Column, shown: Column): Figure => {
    const display = numberOf(row.at(shown));
    return { amount: amountOf(row.at(own)), display: display && toText(display) };
  };
  const [net, tax] = [figure('net', 'netDisplay'), figure('tax', 'taxDisplay')];
  const rate = rateOf(row.at('rate'));
  const place = row.at('tax');
  const off = rate.times(D(net.amount).plus(tax.amount)).minus(tax.amount);
  if (off.abs().gt(TAX_TOLERANCE))
    throw refusedStatement(
      'STATEMENT_INCONSISTENT',
      place.where,
      tax.amount,
      `must be ${toText(rate)} of net and tax together`,
    );
  const positionId = row.at('positionId');
  return {
    where: positionId.where,
    positionId: wordsOf(positionId),
    date: dateIn(row.at('date')),
    paid: { net, tax, rate: toText(rate) },
  };
}

/**
 * `15 %` as a fraction; a number, as a program that saved the file again may have made of it, is a fraction below
 * one.
 */
function rateOf(place: Placed): Decimal {
  const text = textOf(place)?.replace(/ ?%$/, '') ?? '0';
  const read = numberOf({ ...place, cell: place.cell && { ...place.cell, text } }) ?? D(0);
  const rate = place.cell?.kind === 'number' && read.lt(1) ? read : read.div(100);
  if (rate.gte(0) && rate.lt(1)) return rate;
  throw refusedStatement('STATEMENT_VALUE', place.where, text, 'must be a rate of tax, such as 15 %');
}

/**
 * Gives each dividend of the activity what was withheld of it, from the sheet of dividends: by position and amount, on
 * the same day or one beside it. @throws OpsError STATEMENT_INCONSISTENT where either sheet has one that the other
 * lacks
 */
export function takePaid(dividends: readonly DividendRow[], rows: readonly ActivityRow[]): ActivityRow[] {
  const left = groupBy(dividends, ({ positionId }) => positionId);
  const settled = rows.map((row) => {
    if (row.kind !== 'DIVIDEND') return row;
    const candidates = left.get(row.positionId ?? '') ?? [];
    const found = candidates
      .filter(({ paid, date }) => daysFrom(date, row.at) <= 1 && D(paid.net.amount).minus(row.amount).abs().lt(CENT))
      .toSorted((a, b) => daysFrom(a.date, row.at) - daysFrom(b.date, row.at))[0];
    if (!found)
      throw refusedStatement(
        'STATEMENT_INCONSISTENT',
        row.where,
        row.positionId,
        `has no dividend of ${row.amount} in its sheet`,
      );
    candidates.splice(candidates.indexOf(found), 1);
    return { ...row, paid: found.paid };
  });
  const [over] = [...left.values()].flat();
  if (over)
    throw refusedStatement(
      'STATEMENT_INCONSISTENT',
      over.where,
      over.positionId,
      'is paid a dividend that the activity does not tell of',
    );
  return settled;
}

const daysFrom = (date: IsoDate, at: string): number => Math.abs(dayNumber(date) - dayNumber(at.slice(0, 10)));
