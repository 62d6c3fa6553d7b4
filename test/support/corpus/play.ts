import { mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { stringify } from 'yaml';
import { expect } from 'vitest';
import { D, toText } from '../../../src/domain/money.js';
import type { Fill } from '../../../src/domain/confirmation/shape.js';
import { fillsOf, startSeat } from '../day.js';
import { createInstallation, type Installation } from '../stack.js';
import { fingerprint } from '../unchanged.js';
import { startAnswers, type AnswerServer } from './answers.js';
import { sourceOf, type CorpusCase, type Served, type Step, type StepOf } from './case.js';
import { directHands, type Hands } from './direct.js';
import { changeDrop, inventedFile } from './drop.js';
import { lookAtRun, told } from './looks.js';

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
  hands: Hands;
  answers: AnswerServer;
  folder: string;
  played: CorpusCase;
  ticketId: string | null;
};

/** Plays a case from its first step to its last on an installation of its own. */
export async function playCase(played: CorpusCase): Promise<void> {
  const installation = await createInstallation({ temporal: played.servers === true });
  configure(installation, played);
  const folder = join(installation.dataDir, 'data', 'drop');
  mkdirSync(folder, { recursive: true });
  const answers = await startAnswers();
  const { hands, stop } = await handsOf(played, installation, answers);
  try {
    const scene: Scene = { hands, answers, folder, played, ticketId: null };
    for (const [index, step] of played.steps.entries()) await playStep(scene, step, `step ${index + 1}`);
  } finally {
    await stop();
    await answers.stop();
  }
}

async function handsOf(
  { servers, steps }: CorpusCase,
  installation: Installation,
  { env }: AnswerServer,
): Promise<{ hands: Hands; stop: () => Promise<void> }> {
  if (!servers) {
    const { hands, stop } = directHands(installation, env);
    return { hands, stop: () => stop().then(installation.cleanup) };
  }
  if (steps.some((step) => 'serve' in step || ('full' in step && step.full)))
    throw new Error('serve and full are played without servers');
  const { seat, stop } = await startSeat(installation);
  return { hands: { ...seat, run: (slot, day) => seat.run(slot, day) }, stop };
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
  else if ('serve' in step) for (const one of step.serve) scene.answers.serve(seriesOf(scene, one));
  else if ('reconcile' in step) await reconciles(scene, step, `${at}, reconciliation of ${step.day}`);
  else if ('confirm' in step) await confirms(scene, step, `${at}, confirmation of ${step.day}`);
  else if ('type' in step) await types(scene, step, `${at}, ${step.type}`);
  else if (step.run === '1400') await issues(scene, step, `${at}, ticket of ${step.day}`);
  else await runs(scene, step, `${at}, run ${step.run} of ${step.day}`);
}

const SERVED_COLUMNS = ['date', 'open', 'high', 'low', 'close', 'volume', 'adj close'];

/** What is served, with its rows up to the date that is known. */
function seriesOf({ played }: Scene, { invent, copy = '', until = '9999-12-31', ...series }: Served) {
  const text = invent ? inventedFile(invent) : readFileSync(sourceOf(played.folder, copy), 'utf8');
  const [header = [], ...lines] = text
    .trim()
    .split('\n')
    .map((line) => line.split(','));
  const columns = SERVED_COLUMNS.map((name) => header.findIndex((title) => title.toLowerCase() === name));
  const rows = lines.map((cells) => columns.map((at) => cells[at] ?? ''));
  return { ...series, rows: rows.filter(([date = '']) => date <= until) };
}

async function runs({ hands }: Scene, { run, day, full, expect: wanted = {} }: RunStep, at: string): Promise<void> {
  const reply = await hands.run(run, day, { full: full === true });
  await lookAtRun(hands.db, reply, wanted, at);
}
type RunStep = Extract<Step, { run: '0800' | 'ops' }>;

async function reconciles({ hands }: Scene, { reconcile, day, expect: wanted }: StepOf<'reconcile'>, at: string) {
  const reply = await hands.reconcile(day, reconcile);
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
  const reply = await scene.hands.issue(day, { ...(time !== undefined && { time }) });
  scene.ticketId = reply.ticketId;
  const { lines } = (await scene.hands.ticket(reply.ticketId)).material;
  if (wanted.kind !== undefined) expect(reply.kind, `${at}: ${told(reply.reasons).join(', ')}`).toBe(wanted.kind);
  if (wanted.reasons) expect(told(reply.reasons), at).toEqual(wanted.reasons);
  if (wanted.lines) expect(lines, at).toMatchObject(wanted.lines);
  for (const line of wanted.has ?? [])
    expect(lines, at).toEqual(expect.arrayContaining([expect.objectContaining(line)]));
  for (const line of wanted.without ?? [])
    expect(lines, at).not.toEqual(expect.arrayContaining([expect.objectContaining(line)]));
}

async function confirms({ hands, ticketId }: Scene, { confirm, day, expect: wanted }: StepOf<'confirm'>, at: string) {
  if (ticketId === null) throw new Error(`${at}: no ticket was issued before`);
  const { material } = await hands.ticket(ticketId);
  if (material.tradingDay !== day) throw new Error(`${at}: the ticket is of ${material.tradingDay}`);
  const fills = withFx(fillsOf(material), material.fx?.rate ?? '1').map((fill) => ({
    ...fill,
    ...(confirm.changes[String(fill.sequence)] as Partial<Fill> | undefined),
  }));
  const reply = await hands.confirm(ticketId, {
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

async function types({ hands }: Scene, { type, expect: wanted }: StepOf<'type'>, at: string): Promise<void> {
  const before = wanted.unchanged && (await fingerprint(hands.db));
  const words = wordsOf(type);
  const env = Object.fromEntries(words.flatMap((word) => (isSetting(word) ? [word.split('=', 2)] : [])));
  const { code, stdout, stderr } = await hands.cli(
    words.filter((word) => !isSetting(word)),
    { env },
  );
  expect(code, `${at}:\n${stdout}${stderr}`).toBe(wanted.exit);
  if (before) expect(await fingerprint(hands.db), at).toEqual(before);
  // Text is broken to the width of the terminal: how says nothing here.
  const flat = `${stdout}\n${stderr}`.replaceAll(/\s+/g, ' ');
  for (const piece of wanted.says) expect(flat, at).toContain(piece);
  for (const piece of wanted.never) expect(flat, at).not.toContain(piece);
}

/** `TRADING_OPS_AT=…` before a command, as a shell takes it. */
const isSetting = (word: string): boolean => /^TRADING_OPS_[A-Z_]+=/.test(word);

/** Words as a shell would split them; what stands in double quotes is one. */
const wordsOf = (line: string): string[] =>
  [...line.matchAll(/(?:[^\s"]|"[^"]*")+/g)].map(([word]) => word.replaceAll('"', ''));
