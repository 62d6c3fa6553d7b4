import { tradingDayOf } from '../calendar/calendar.js';
import { D, toText, type Decimal } from '../money.js';
import type { UniverseRow } from '../types.js';
import type { ActivityRow } from './activity-row.js';
import { meaningOf, refuseAsset } from './activity-types.js';
import { settleCash } from './cash-chain.js';
import { closingsOf, type ClosedRow } from './closed.js';
import { dividendsOf, takePaid } from './dividends.js';
import { instrumentsOf } from './instruments.js';
import { layoutOf, sheetsOf, tableOf, type TableRow, type Tables } from './layout.js';
import { refusedStatement } from './refusals.js';
import type { Workbook } from './sheet.js';
import type { EventKind, Statement, StatementEvent } from './statement.js';
import { readSummary, refuseOtherHeading, type Summary } from './summary.js';
import { amountOf, instantOf, numberOf, textOf, wordsOf } from './values.js';

/**
 * Reads a workbook as the broker's account statement: whole, known in every name, and consistent in itself, or not
 * at all.
 * @param universe whose symbols and search names its instruments must be of
 * @throws OpsError STATEMENT_LANGUAGE, STATEMENT_LAYOUT, STATEMENT_CURRENCY, STATEMENT_TYPE, STATEMENT_INSTRUMENT,
 * STATEMENT_VALUE, STATEMENT_INCONSISTENT
 */
export function readStatement({ sheets, from1904 }: Workbook, universe: readonly UniverseRow[]): Statement {
  const { named, unused } = sheetsOf(sheets);
  const summary = readSummary(named.summary, from1904);
  const tables: Tables = {
    activity: tableOf('activity', named.activity, from1904),
    closed: tableOf('closed', named.closed, from1904),
    dividends: tableOf('dividends', named.dividends, from1904),
  };
  refuseOtherDisplay(tables, summary);
  refuseOtherHeading(named.summary, summary);
  const closings = closingsOf(tables.closed);
  const instruments = instrumentsOf(universe);
  const rows = tables.activity.rows.map((row) => readRow(row, { summary, instruments, closings }));
  refuseRepeated(rows);
  refuseLeft(closings, rows);
  const paid = takePaid(dividendsOf(tables.dividends), rows);
  const chain = settleCash(paid, summary, [...closings.values()]);
  return { layout: layoutOf(tables, unused), ...summary, ...chain, unused };
}

/** Columns of display must be in the currency that the summary names. */
function refuseOtherDisplay({ closed, dividends }: Tables, { display }: Summary): void {
  const headers = [closed.headers.get('profitDisplay'), dividends.headers.get('netDisplay')];
  for (const header of [...headers, dividends.headers.get('taxDisplay')]) {
    const currency = /\(([A-Z]{3})\)/.exec(header ?? '')?.[1];
    if (currency !== undefined && currency !== display)
      throw refusedStatement(
        'STATEMENT_CURRENCY',
        'column',
        header ?? '',
        `must be in ${display ?? 'USD'}, as the summary says`,
      );
  }
}

interface Reading {
  summary: Summary;
  instruments: ReturnType<typeof instrumentsOf>;
  closings: ReadonlyMap<string, ClosedRow>;
}

function readRow(row: TableRow<keyof ActivityColumns>, reading: Reading): ActivityRow {
  const typePlace = row.at('type');
  const type = wordsOf(typePlace);
  const date = row.at('date');
  const at = instantOf(date);
  const amount = amountOf(row.at('amount'));
  const kind = kindOf(type, typePlace.where, D(amount));
  refuseOtherTime(at, date.where, reading.summary);
  const assetType = row.at('assetType');
  if (OF_POSITION.includes(kind) || textOf(assetType) !== null) refuseAsset(textOf(assetType), assetType.where);
  const common = {
    kind,
    type,
    row: row.number,
    where: typePlace.where,
    at,
    date: tradingDayOf(at),
    positionId: positionIdOf(row, kind),
    amount,
    equityChange: D(amountOf(row.at('equityChange'))),
    equity: D(amountOf(row.at('equity'))),
    balance: D(amountOf(row.at('balance'))),
  };
  return { ...common, ...aboutOf(row, common, reading) };
}

/** A row is of the period, and of what had happened when the statement was made. */
function refuseOtherTime(at: string, where: string, { from, to, createdAt }: Summary): void {
  if (at < from || at > to)
    throw refusedStatement('STATEMENT_INCONSISTENT', where, at, `must be within the period, ${from} to ${to}`);
  if (at > createdAt)
    throw refusedStatement(
      'STATEMENT_INCONSISTENT',
      where,
      at,
      `must not be after the statement was made, ${createdAt}`,
    );
}

type ActivityColumns = { [Key in Parameters<Tables['activity']['rows'][number]['at']>[0]]: unknown };
const OF_POSITION: readonly EventKind[] = ['OPEN', 'CLOSE', 'DIVIDEND', 'SPLIT'];

/** A transfer is money that comes or goes; what changes nothing is a fee of nothing. */
function kindOf(type: string, where: string, amount: Decimal): EventKind {
  const meaning = meaningOf(type, where);
  if (meaning === 'TRANSFER') return amount.gt(0) ? 'DEPOSIT' : 'WITHDRAWAL';
  if (meaning !== 'NOTHING') return meaning;
  if (amount.isZero()) return 'ADJUSTMENT';
  throw refusedStatement('STATEMENT_TYPE', where, type, 'moves money into a position, which only leverage does');
}

function positionIdOf(row: TableRow<keyof ActivityColumns>, kind: EventKind): string | null {
  const place = row.at('positionId');
  const id = OF_POSITION.includes(kind) ? wordsOf(place) : textOf(place);
  if (id === null || /^\d{1,20}$/.test(id)) return id;
  throw refusedStatement('STATEMENT_VALUE', place.where, id, 'must be a position id: digits alone');
}

/** What the row is about: instrument, units, and what another sheet tells of it. */
function aboutOf(
  row: TableRow<keyof ActivityColumns>,
  { kind, at, positionId }: Pick<ActivityRow, 'kind' | 'at' | 'positionId'>,
  { instruments, closings }: Reading,
): Pick<StatementEvent, 'symbol' | 'units' | 'closing' | 'sent' | 'ratio'> {
  const details = row.at('details');
  if (!OF_POSITION.includes(kind)) {
    const sent = kind === 'DEPOSIT' ? sentOf(textOf(details)) : null;
    return { symbol: null, units: null, ...(sent && { sent }) };
  }
  const { symbol, ratio } = instruments(wordsOf(details), details.where);
  if (kind === 'SPLIT') {
    if (ratio && D(ratio.first).gt(0) && D(ratio.second).gt(0)) return { symbol, units: null, ratio };
    throw refusedStatement(
      'STATEMENT_VALUE',
      details.where,
      textOf(details),
      'must say the ratio of the split, such as 2:1',
    );
  }
  if (kind === 'DIVIDEND') return { symbol, units: null };
  const units = unitsOf(row);
  if (kind === 'OPEN') return { symbol, units };
  const closed = closings.get(positionId ?? '');
  if (closed?.at === at && D(closed.units).eq(units)) return { symbol, units, closing: closed.closing };
  const rule = `must be closed in the sheet of closed positions at ${at} with ${units} units`;
  throw refusedStatement('STATEMENT_INCONSISTENT', row.at('positionId').where, positionId, rule);
}

function unitsOf(row: TableRow<keyof ActivityColumns>): string {
  const place = row.at('units');
  const units = numberOf(place);
  if (units?.gt(0) && units.decimalPlaces() <= 6) return toText(units);
  throw refusedStatement(
    'STATEMENT_VALUE',
    place.where,
    textOf(place),
    'must be units above 0 with at most 6 decimals',
  );
}

/** `1850.00 GBP eToroMoney`: what was sent, where the row says it. */
function sentOf(details: string | null): StatementEvent['sent'] | null {
  const [, amount, currency] = /^(\d{1,12}(?:\.\d{1,2})?) ([A-Z]{3})\b/.exec(details ?? '') ?? [];
  return amount === undefined || currency === undefined ? null : { amount: toText(D(amount)), currency };
}

/**
 * A position is opened once and closed once: its id is what a row is known by, for its content changes between
 * downloads.
 */
function refuseRepeated(rows: readonly ActivityRow[]): void {
  const seen = new Set<string>();
  for (const { kind, positionId, where } of rows) {
    if (kind !== 'OPEN' && kind !== 'CLOSE') continue;
    const key = `${kind} ${positionId}`;
    if (seen.has(key))
      throw refusedStatement('STATEMENT_INCONSISTENT', where, positionId, 'is opened or closed twice in the statement');
    seen.add(key);
  }
}

/** Whatever is closed stands in the activity too. */
function refuseLeft(closings: ReadonlyMap<string, ClosedRow>, rows: readonly ActivityRow[]): void {
  const closed = new Set(rows.filter(({ kind }) => kind === 'CLOSE').map(({ positionId }) => positionId));
  const left = [...closings.values()].find(({ positionId }) => !closed.has(positionId));
  if (left)
    throw refusedStatement(
      'STATEMENT_INCONSISTENT',
      left.where,
      left.positionId,
      'is closed, and the activity does not tell of it',
    );
}
