import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect } from 'vitest';
import type { StoredTicket } from '../../src/db/tickets.js';
import type { Fill } from '../../src/domain/confirmation/shape.js';
import { fillsOf, MONDAY, useDemoPolicy, type TestSeat } from './day.js';
import type { Installation } from './stack.js';

/** Two people, and two stocks that may be traded: a ticket with a SELL and a BUY. */
export function useTwoStocks(installation: Installation): void {
  useDemoPolicy(installation, { cadence: 'daily', operators: ['ada', 'bo'] });
  const file = join(installation.configDir, 'universe.csv');
  const row = 'SP500,SPX500,S&P 500 index,stock,USD,true,2018-05-01,demo';
  writeFileSync(file, readFileSync(file, 'utf8').replace(/^SP500.*$/m, row));
}

/** A TRADE ticket of two lines that waits for its answer. */
export async function issueTwoLines(seat: TestSeat): Promise<StoredTicket> {
  await seat.run('0800', MONDAY);
  const positions = { SP500: '2', AAPL: '3' };
  expect((await seat.reconcile(MONDAY, { cash: '3000.00', positions })).status).toBe('PASS');
  const ticket = await seat.ticket((await seat.issue(MONDAY)).ticketId);
  expect(ticket.material.lines.map(({ side, symbol }) => `${side} ${symbol}`)).toEqual(['SELL SP500', 'BUY AAPL']);
  return ticket;
}

/** Fills as somebody types them into the fields of the form. @param slip moves every price by that fraction */
export function typedFills(ticket: StoredTicket, slip = '0'): Record<string, string> {
  return Object.fromEntries(fillsOf(ticket.material, slip).flatMap((fill, index) => fieldsOf(fill, index)));
}

const fieldsOf = (fill: Fill, index: number): [string, string][] => [
  [`fills[${index}].version`, '0'],
  [`fills[${index}].executed_status`, fill.executedStatus],
  [`fills[${index}].units`, fill.units ?? ''],
  [`fills[${index}].fill_price`, fill.fillPrice ?? ''],
  [`fills[${index}].executed_value_base`, fill.executedValueBase ?? ''],
  [`fills[${index}].filled_at`, '14:41'],
  [`fills[${index}].notes`, fill.notes ?? ''],
];
