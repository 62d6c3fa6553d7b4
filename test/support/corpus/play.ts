import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { stringify } from 'yaml';
import { expect } from 'vitest';
import { openAlerts } from '../../../src/db/alerts.js';
import { drawdown } from '../../../src/domain/ledger/equity.js';
import { D, toText } from '../../../src/domain/money.js';
import type { Fill } from '../../../src/domain/confirmation/shape.js';
import type { Reason } from '../../../src/domain/types.js';
import type { RunReply } from '../../../src/contract/runs.js';
import { fillsOf, startSeat, type TestSeat } from '../day.js';
import { createInstallation, type Installation } from '../stack.js';
import type { CorpusCase, Step, StepOf } from './case.js';
import { changeDrop } from './drop.js';

/** What every case has unless it says otherwise. */
const POLICY = {
  version: 1,
  accounts: { main: { base_currency: 'GBP', clock: 'simulated' } },
  operators: ['ana'],
  market_data: { provider: 'csv', fx_provider: 'csv', history_sessions: 90 },
  trading: { mode: 'live', cadence: 'daily', scorer: 'momentum' },
  backup: { at_close: false },
};

type Scene = {
  seat: TestSeat;
  installation: Installation;
  folder: string;
  played: CorpusCase;
  ticketId: string | null;
};

/** Plays a case from its first step to its last on an installation of its own. */
export async function playCase(played: CorpusCase): Promise<void> {
  const installation = await createInstallation();
  configure(installation, played);
  const folder = join(installation.dataDir, 'data', 'drop');
  mkdirSync(folder, { recursive: true });
  const { seat, stop } = await startSeat(installation);
  try {
    const scene: Scene = { seat, installation, folder, played, ticketId: null };
    for (const [index, step] of played.steps.entries()) await playStep(scene, step, `step ${index + 1}`);
  } finally {
    await stop();
  }
}

function configure({ configDir }: Installation, { policy, universe }: CorpusCase): void {
  const merged = Object.entries(policy).map(([key, value]) => {
    const own = (POLICY as Record<string, unknown>)[key];
    return [key, isObject(own) && isObject(value) ? { ...own, ...value } : value];
  });
  writeFileSync(join(configDir, 'policy.yml'), stringify({ ...POLICY, ...Object.fromEntries(merged) }));
  writeFileSync(join(configDir, 'universe.csv'), [UNIVERSE, ...universe.map(universeRow), ''].join('\n'));
}

const isObject = (value: unknown): value is object =>
  typeof value === 'object' && value !== null && !Array.isArray(value);

const UNIVERSE =
  'internal_symbol,etoro_search_name,name,kind,listing_currency,tradable,verified_on,verified_by,enabled';
function universeRow(row: string): string {
  const [symbol, how = 'on'] = row.split(' ');
  if (!['on', 'off', 'benchmark'].includes(how)) throw new Error(`universe: ${row}`);
  return how === 'benchmark'
    ? `${symbol},${symbol},${symbol} fund,benchmark,USD,false,,,true`
    : `${symbol},${symbol},${symbol} Inc,stock,USD,true,2010-01-04,ana,${how === 'on'}`;
}

async function playStep(scene: Scene, step: Step, at: string): Promise<void> {
  if ('drop' in step) for (const change of step.drop) changeDrop(scene.folder, scene.played.folder, change);
  else if ('reconcile' in step) await reconciles(scene, step, `${at}, reconciliation of ${step.day}`);
  else if ('confirm' in step) await confirms(scene, step, `${at}, confirmation of ${step.day}`);
  else if ('type' in step) await types(scene, step, `${at}, ${step.type}`);
  else if (step.run === '1400') await issues(scene, step, `${at}, ticket of ${step.day}`);
  else await runs(scene, step, `${at}, run ${step.run} of ${step.day}`);
}

const told = (reasons: readonly Pick<Reason, 'code' | 'subject'>[]) =>
  reasons.map(({ code, subject }) => (subject === null ? code : `${code} ${subject}`));

async function runs({ seat }: Scene, step: Extract<Step, { run: '0800' | 'ops' }>, at: string): Promise<void> {
  const reply = await seat.run(step.run, step.day);
  const { outcome, says = [], gates = {}, valuation, alerts, closes = {}, unstored = [] } = step.expect ?? {};
  if (outcome !== undefined) expect(reply.outcome, `${at}: ${reply.summary}`).toBe(outcome);
  for (const piece of says) expect(reply.summary, at).toContain(piece);
  const found = await reasonsOf(seat, reply);
  for (const [gate, reasons] of Object.entries(gates)) expect(found.get(gate), `${at}: ${gate}`).toEqual(reasons);
  if (valuation !== undefined)
    expect(await valuationOf(seat, reply.runId), at).toEqual(valuation && expect.objectContaining(valuation));
  if (alerts !== undefined) expect(told(await openAlerts(seat.db, 'main')).toSorted(), at).toEqual(alerts);
  for (const [of, close] of Object.entries(closes)) expect(await closeOf(seat, of), `${at}: ${of}`).toBe(close);
  for (const of of unstored) expect(await closeOf(seat, of), `${at}: ${of}`).toBeUndefined();
}

async function reasonsOf({ db }: TestSeat, { runId }: RunReply): Promise<Map<string, string[]>> {
  const rows = await db('gate_results').where({ run_id: runId }).select('gate', 'reasons');
  return new Map(rows.map((row) => [String(row.gate), told(row.reasons as unknown as Reason[])]));
}

/** The figures of a run's valuation as plain text, or null. */
async function valuationOf({ db }: TestSeat, runId: string) {
  const row = await db('valuations').where({ run_id: runId, account: 'main' }).orderBy('seq', 'desc').first();
  if (!row) return null;
  const [index, peak] = [toText(D(row.equity_index)), toText(D(row.peak_index))];
  return { equity: row.equity, flows: row.net_flows, index, peak, drawdown: drawdown(index, peak) };
}

async function closeOf({ db }: TestSeat, of: string): Promise<string | undefined> {
  const [symbol, session] = of.split(' ');
  const bar = await db('bars').where({ symbol, session }).first('close');
  return bar && toText(D(bar.close));
}

async function reconciles({ seat }: Scene, { reconcile, day, expect: wanted }: StepOf<'reconcile'>, at: string) {
  const reply = await seat.reconcile(day, reconcile);
  const all = JSON.stringify(reply, null, 1);
  if (wanted.status !== undefined) expect(reply.status, `${at}: ${all}`).toBe(wanted.status);
  if (wanted.reasons) expect(told(reply.reasons), at).toEqual(wanted.reasons);
  if (wanted.explanations) {
    expect(reply.explanations, at).toMatchObject(wanted.explanations);
    expect(reply.explanations, at).toHaveLength(wanted.explanations.length);
  }
  if (wanted.first) expect(reply.explanations[0], at).toMatchObject(wanted.first);
  for (const piece of wanted.says ?? [])
    expect(reply.explanations.map(({ text }) => text).join('\n'), at).toContain(piece);
  for (const never of wanted.never ?? [])
    expect(reply.explanations, at).not.toEqual(expect.arrayContaining([expect.objectContaining(never)]));
}

async function issues(scene: Scene, { day, time, expect: wanted }: Extract<Step, { run: '1400' }>, at: string) {
  const reply = await scene.seat.issue(day, { ...(time !== undefined && { time }) });
  scene.ticketId = reply.ticketId;
  const { lines } = (await scene.seat.ticket(reply.ticketId)).material;
  if (wanted.kind !== undefined) expect(reply.kind, `${at}: ${told(reply.reasons).join(', ')}`).toBe(wanted.kind);
  if (wanted.reasons) expect(told(reply.reasons), at).toEqual(wanted.reasons);
  if (wanted.lines) expect(lines, at).toMatchObject(wanted.lines);
  for (const line of wanted.has ?? [])
    expect(lines, at).toEqual(expect.arrayContaining([expect.objectContaining(line)]));
  for (const line of wanted.without ?? [])
    expect(lines, at).not.toEqual(expect.arrayContaining([expect.objectContaining(line)]));
}

async function confirms({ seat, ticketId }: Scene, { confirm, day, expect: wanted }: StepOf<'confirm'>, at: string) {
  if (ticketId === null) throw new Error(`${at}: no ticket was issued before`);
  const { material } = await seat.ticket(ticketId);
  if (material.tradingDay !== day) throw new Error(`${at}: the ticket is of ${material.tradingDay}`);
  const fills = withFx(fillsOf(material), material.fx?.rate ?? '1').map((fill) => ({
    ...fill,
    ...(confirm.changes[String(fill.sequence)] as Partial<Fill> | undefined),
  }));
  const reply = await seat.confirm(ticketId, {
    ...(material.kind === 'TRADE' && { fills }),
    ...(confirm.time !== undefined && { time: confirm.time }),
  });
  const status = wanted.status ?? (material.kind === 'TRADE' ? 'BOOKED' : 'ACKNOWLEDGED');
  expect(reply.status, `${at}: ${reply.reason?.message}`).toBe(status);
  if (wanted.code !== undefined) expect(reply.reason?.code, at).toBe(wanted.code);
  for (const piece of wanted.says ?? []) expect(reply.reason?.message, at).toContain(piece);
}

/** `fillsOf` reckons in one currency: a BUY's units are what its value buys at the ticket's rate. */
const withFx = (fills: Fill[], rate: string): Fill[] =>
  fills.map((fill) => {
    if (fill.units === null || fill.fillPrice === null) return fill;
    if (fill.side === 'BUY') {
      const units = D(fill.executedValueBase ?? '0')
        .times(rate)
        .div(fill.fillPrice)
        .toDecimalPlaces(6, 1);
      return { ...fill, units: toText(units) };
    }
    return { ...fill, executedValueBase: toText(D(fill.units).times(fill.fillPrice).div(rate).toDecimalPlaces(2)) };
  });

async function types({ seat }: Scene, { type, expect: wanted }: StepOf<'type'>, at: string): Promise<void> {
  const { code, stdout, stderr } = await seat.cli(wordsOf(type));
  expect(code, `${at}:\n${stdout}${stderr}`).toBe(wanted.exit);
  // Text is broken to the width of the terminal: how says nothing here.
  const flat = `${stdout}\n${stderr}`.replaceAll(/\s+/g, ' ');
  for (const piece of wanted.says) expect(flat, at).toContain(piece);
  for (const piece of wanted.never) expect(flat, at).not.toContain(piece);
}

/** Words as a shell would split them; what stands in double quotes is one. */
const wordsOf = (line: string): string[] =>
  [...line.matchAll(/(?:[^\s"]|"[^"]*")+/g)].map(([word]) => word.replaceAll('"', ''));
