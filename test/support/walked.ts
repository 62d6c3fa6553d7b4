import { readFileSync } from 'node:fs';
import type { Knex } from 'knex';
import { expect } from 'vitest';
import { DEFAULTS } from '../../src/contract/defaults.js';
import { journal } from '../../src/db/journal.js';
import { accountsOf, readConfiguration } from '../../src/operations/runs/configuration.js';
import { parseEvents } from '../../src/simulation/events.js';
import { readMarket } from '../../src/simulation/memory/prepare.js';
import { walk, type Walked } from '../../src/simulation/memory/walk.js';
import { parseRulings } from '../../src/simulation/rulings.js';
import type { Installation } from './stack.js';

/** Walks the days of a simulation in memory, on the same drop folder and configuration. */
export async function walked(
  { configDir, dataDir }: Pick<Installation, 'configDir' | 'dataDir'>,
  days: { from: string; to: string; rulings?: string; events?: string; operator?: string },
): Promise<Walked> {
  const configuration = await readConfiguration(configDir);
  const [account] = accountsOf(configuration.policy);
  if (!account) throw new Error('the policy names no account');
  const { from, to, operator = 'ann' } = days;
  const rules = { ...configuration, account, mode: configuration.policy.trading.mode, operator };
  const rulings = days.rulings === undefined ? [] : parseRulings(readFileSync(days.rulings, 'utf8'), days.rulings);
  const events = days.events === undefined ? [] : parseEvents(readFileSync(days.events, 'utf8'), days.events);
  const read = await readMarket({ rules, dataDir, env: {}, from, to, rulings, events });
  return walk({ ...read, rules, from, to, rulings, cash: DEFAULTS.simulatedCash });
}

/** The walk issued the very tickets that are stored, booked the very entries, and values the account alike. */
export async function expectSameAsStored(db: Knex, { tickets, desk }: Walked): Promise<void> {
  const stored = await db('tickets').orderBy('trading_day').select('trading_day', 'material_hash');
  expect(tickets.map(({ material, materialHash }) => [material.tradingDay, materialHash])).toEqual(
    stored.map((ticket) => [ticket.trading_day, ticket.material_hash]),
  );
  const entryOf = ({
    kind,
    effectiveDate,
    symbol,
    idempotencyKey,
    postings,
  }: Awaited<ReturnType<typeof journal>>[number]) => ({
    kind,
    effectiveDate,
    symbol,
    key: kind === 'OPENING' ? 'opening' : idempotencyKey,
    postings,
  });
  expect(desk.books.entries.map(entryOf)).toEqual((await journal(db, 'main')).map(entryOf));
  const newest = await db('valuations').orderBy('seq', 'desc').first();
  expect({
    ...desk.valued,
    equity: Number(desk.valued?.equity),
    equityIndex: Number(desk.valued?.equityIndex),
    peakIndex: Number(desk.valued?.peakIndex),
  }).toMatchObject({
    asOfDate: newest?.as_of_date,
    equity: Number(newest?.equity),
    equityIndex: Number(newest?.equity_index),
    peakIndex: Number(newest?.peak_index),
  });
}
