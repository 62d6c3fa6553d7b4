import { D, type Decimal } from '../money.js';
import type { Instant } from '../types.js';
import { refuseAsset } from './activity-types.js';
import type { TableRow, Tables } from './layout.js';
import { refusedStatement } from './refusals.js';
import type { Closing } from './statement.js';
import { amountOf, instantOf, numberOf, textOf, wordsOf } from './values.js';

/** A row of the closed positions. */
export interface ClosedRow {
  where: string;
  positionId: string;
  at: Instant;
  units: string;
  closing: Closing;
}

type Column = Parameters<Tables['closed']['rows'][number]['at']>[0];

/**
 * The closed positions by id: shares that were bought without leverage and by nobody else's hand.
 * @throws OpsError STATEMENT_TYPE, STATEMENT_VALUE, STATEMENT_INCONSISTENT
 */
export function closingsOf({ rows }: Tables['closed']): Map<string, ClosedRow> {
  const found = new Map<string, ClosedRow>();
  for (const row of rows) {
    refuseOthers(row);
    const closed = readClosed(row);
    if (found.has(closed.positionId))
      throw refusedStatement(
        'STATEMENT_INCONSISTENT',
        closed.where,
        closed.positionId,
        'is closed twice in the statement',
      );
    found.set(closed.positionId, closed);
  }
  return found;
}

function refuseOthers(row: TableRow<Column>): void {
  const refuse = (column: Column, rule: string) => {
    const place = row.at(column);
    throw refusedStatement('STATEMENT_TYPE', place.where, textOf(place), rule);
  };
  refuseAsset(textOf(row.at('type')), row.at('type').where);
  if (!/^x?1$/i.test(textOf(row.at('leverage')) ?? '')) refuse('leverage', 'is leverage: must be 1');
  if (textOf(row.at('copiedFrom')) !== null) refuse('copiedFrom', 'is copy trading, which an account of ours has not');
  if (!/^long$/i.test(textOf(row.at('direction')) ?? 'long')) refuse('direction', 'is a short position: must be Long');
  if (/^sell\b/i.test(textOf(row.at('action')) ?? '')) refuse('action', 'is a short position: must be bought');
}

function readClosed(row: TableRow<Column>): ClosedRow {
  const place = row.at('positionId');
  const display = numberOf(row.at('profitDisplay'));
  const [openedAt, at] = [instantOf(row.at('openedAt')), instantOf(row.at('closedAt'))];
  if (openedAt > at)
    throw refusedStatement(
      'STATEMENT_INCONSISTENT',
      row.at('openedAt').where,
      openedAt,
      `must be before the close, ${at}`,
    );
  const closed: ClosedRow = {
    where: place.where,
    positionId: wordsOf(place),
    at,
    units: D(amountOf(row.at('units'))).toFixed(),
    closing: {
      openedAt,
      invested: amountOf(row.at('amount')),
      profit: { amount: amountOf(row.at('profit')), display: display && display.toFixed() },
      openRate: amountOf(row.at('openRate')),
      closeRate: amountOf(row.at('closeRate')),
    },
  };
  refuseOtherScale(closed, row);
  return closed;
}

/** No split is so large, and a comma that was read for a point makes a thousand of one. */
const SCALE = 100;
const CENT = '0.01';

/**
 * Units at the open rate are about what was invested. Only about: the broker's rates follow later splits, and are no
 * more than near what was paid. Where the sheet has no rates of exchange, an instrument may be in pence: not looked at.
 */
function refuseOtherScale({ units, closing: { invested, openRate } }: ClosedRow, row: TableRow<Column>): void {
  if (!row.has('fxAtOpen')) return;
  const worth = D(units)
    .times(openRate)
    .times(numberOf(row.at('fxAtOpen')) ?? 1);
  const isFar = (more: Decimal, less: Decimal) => more.gt(less.plus(CENT).times(SCALE));
  if (!isFar(worth, D(invested)) && !isFar(D(invested), worth)) return;
  throw refusedStatement(
    'STATEMENT_INCONSISTENT',
    row.at('units').where,
    units,
    `must be about what was invested, ${invested}, at the open rate, ${openRate}: one of them is of another scale`,
  );
}
