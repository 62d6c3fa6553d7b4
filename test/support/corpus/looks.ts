import { expect } from 'vitest';
import type { Knex } from 'knex';
import type { RunReply } from '../../../src/contract/runs.js';
import { listActions } from '../../../src/db/actions.js';
import { openAlerts } from '../../../src/db/alerts.js';
import { drawdown } from '../../../src/domain/ledger/equity.js';
import { D, toText } from '../../../src/domain/money.js';
import type { Reason } from '../../../src/domain/types.js';
import { loadRunContext } from '../../../src/operations/runs/context.js';
import type { RunExpected } from './case.js';

/** Reasons as cases write them: `CODE` or `CODE subject`. */
export const told = (reasons: readonly Pick<Reason, 'code' | 'subject'>[]) =>
  reasons.map(({ code, subject }) => (subject === null ? code : `${code} ${subject}`));

/** Holds what a run left against what the case says of it; what the case says nothing of is not looked at. */
export async function lookAtRun(db: Knex, reply: RunReply, wanted: RunExpected, at: string): Promise<void> {
  const { outcome, says = [], gates, evidence, exclusions, valuation, alerts } = wanted;
  const all = `${at}: ${reply.summary}`;
  if (outcome !== undefined) expect(reply.outcome, all).toBe(outcome);
  for (const piece of says) expect(reply.summary, at).toContain(piece);
  if (gates || evidence || exclusions) await lookAtGates(db, reply, { gates, evidence, exclusions }, at);
  if (valuation !== undefined)
    expect(await valuationOf(db, reply.runId), all).toEqual(valuation && expect.objectContaining(valuation));
  if (alerts !== undefined) expect(told(await openAlerts(db, 'main')).toSorted(), at).toEqual(alerts);
  const looks: [string, unknown, (db: Knex, reply: RunReply, of: string) => Promise<unknown>][] = [
    ...entries(wanted.closes, closeOf),
    ...entries(wanted.rates, rateOf),
    ...entries(wanted.actions, actionsOf),
    ...entries(wanted.bases, basisOf),
    ...entries(wanted.fetched, fareOf),
    ...entries(wanted.findings, findingsOf),
    ...entries(wanted.indices, indexOf),
    ...entries(absent(wanted.unstored), closeOf),
    ...entries(absent(wanted.unrated), rateOf),
  ];
  for (const [of, figure, look] of looks) expect(await look(db, reply, of), `${at}: ${of}`).toEqual(figure);
}

type Look = (db: Knex, reply: RunReply, of: string) => Promise<unknown>;
const entries = (wanted: Record<string, unknown> | undefined, look: Look): [string, unknown, Look][] =>
  Object.entries(wanted ?? {}).map(([of, figure]) => [of, figure, look]);
const absent = (names: string[] = []) => Object.fromEntries(names.map((name) => [name, undefined]));

async function lookAtGates(
  db: Knex,
  { runId, summary }: RunReply,
  { gates = {}, evidence = {}, exclusions }: Pick<RunExpected, 'gates' | 'evidence' | 'exclusions'>,
  at: string,
): Promise<void> {
  const rows = await db('gate_results').where({ run_id: runId }).select('gate', 'reasons', 'evidence', 'exclusions');
  const found = new Map(rows.map((row) => [String(row.gate), row]));
  const of = (gate: string) => (found.get(gate)?.reasons ?? []) as unknown as Reason[];
  for (const [gate, reasons] of Object.entries(gates)) {
    expect(found.has(gate), `${at}: ${gate} was not judged`).toBe(true);
    const why = of(gate).map(({ message }) => message);
    expect(told(of(gate)), `${at}: ${gate}: ${why.join('; ')}`).toEqual(reasons);
  }
  for (const [gate, pieces] of Object.entries(evidence))
    expect(found.get(gate)?.evidence, `${at}: ${gate}`).toMatchObject(pieces);
  if (exclusions) {
    const left = (found.get('data_quality')?.exclusions ?? []) as unknown as Reason[];
    expect(told(left), `${at}: ${summary}: ${left.map(({ message }) => message).join('; ')}`).toEqual(exclusions);
  }
}

/** The figures of a run's valuation as plain text, or null. */
async function valuationOf(db: Knex, runId: string) {
  const row = await db('valuations').where({ run_id: runId, account: 'main' }).orderBy('seq', 'desc').first();
  if (!row) return null;
  const [index, peak] = [toText(D(row.equity_index)), toText(D(row.peak_index))];
  return { equity: row.equity, flows: row.net_flows, index, peak, drawdown: drawdown(index, peak) };
}

/** The index of a date as it counts now, with the word `restated` behind it where the first row was wrong. */
async function indexOf(db: Knex, _reply: RunReply, date: string): Promise<string | undefined> {
  const row = await db('valuations').where({ account: 'main', as_of_date: date }).orderBy('seq', 'desc').first();
  return row && `${toText(D(row.equity_index))}${row.restated_because === null ? '' : ' restated'}`;
}

/** The first source, as the run's policy names it. */
const sourceOf = async (db: Knex, { runId }: RunReply, key: 'provider' | 'fx_provider'): Promise<string> =>
  (await loadRunContext(db, runId)).policy.market_data[key];

async function closeOf(db: Knex, reply: RunReply, of: string): Promise<string | undefined> {
  const [symbol, session] = of.split(' ');
  const source = await sourceOf(db, reply, 'provider');
  const bar = await db('bars').where({ source, symbol, session }).first('close');
  return bar && toText(D(bar.close));
}

async function basisOf(db: Knex, reply: RunReply, symbol: string): Promise<string | undefined> {
  const source = await sourceOf(db, reply, 'provider');
  return (await db('bars').where({ source, symbol }).orderBy('session', 'desc').first('basis'))?.basis;
}

async function rateOf(db: Knex, reply: RunReply, of: string): Promise<string | undefined> {
  const [pair, date, source = await sourceOf(db, reply, 'fx_provider')] = of.split(' ');
  const row = await db('fx_rates').where({ source, pair, date }).orderBy('fx_rate_id', 'desc').first('rate');
  return row && toText(D(row.rate));
}

async function actionsOf(db: Knex, reply: RunReply, of: string): Promise<string[]> {
  const [symbol = '', date = ''] = of.split(' ');
  const source = await sourceOf(db, reply, 'provider');
  const found = await listActions(db, { source, symbols: [symbol], from: date, to: date });
  return found.map(({ kind, value, dividendType }) =>
    [kind, value, ...(dividendType && dividendType !== 'regular' ? [dividendType] : [])].join(' '),
  );
}

async function fetchOf(db: Knex, reply: RunReply, symbol: string) {
  const [first, second] = [await sourceOf(db, reply, 'provider'), await sourceOf(db, reply, 'fx_provider')];
  const rows = await db('fetch_results').where({ run_id: reply.runId, symbol });
  return rows.find(({ kind, provider }) => provider === (kind === 'fx' ? second : first));
}

async function fareOf(db: Knex, reply: RunReply, symbol: string): Promise<string | undefined> {
  const row = await fetchOf(db, reply, symbol);
  if (!row || row.status === 'FAILED') return row?.code ?? undefined;
  return row.rows_revised === 0 ? 'OK' : `OK ${row.rows_revised} restated`;
}

async function findingsOf(db: Knex, reply: RunReply, symbol: string): Promise<string[] | undefined> {
  return (await fetchOf(db, reply, symbol))?.findings.map(({ code, session }) => `${code} ${session}`);
}
