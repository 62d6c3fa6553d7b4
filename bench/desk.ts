import { execa } from 'execa';
import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { gzipSync } from 'node:zlib';
import { withTemporal } from '../src/cli/kit/temporal.js';
import { connect } from '../src/db/connect.js';
import { addSessions } from '../src/domain/calendar/calendar.js';
import { makeEntryCode } from '../src/operations/entry/make-code.js';
import { installationPaths, repositoryRoot } from '../src/runtime/paths.js';
import { anyPort } from '../src/runtime/processes/ports.js';
import { deskProcess } from '../src/runtime/processes/desk.js';
import { readRecord } from '../src/runtime/record.js';
import { deskSealKey } from '../src/runtime/signing/desk-key.js';
import { down, up } from '../src/runtime/stack.js';
import { simulateDays } from '../src/simulation/run.js';
import { policyText, universeText } from './support/configuration.js';
import type { BenchContext } from './support/context.js';
import { tokenOf } from '../src/desk/sessions.js';
import { EMPTY, besideRun, upFigures } from './support/desk/beside.js';
import { openBrowser, type Browser, type Got } from './support/desk/browser.js';
import { fillYears, YEARS } from './support/desk/years.js';
import { openDropFolder } from './support/drop-folder.js';
import { atMost, told, type Figure } from './support/figures.js';
import { residentMb } from './support/memory.js';
import type { BenchStack } from './support/stack.js';
import { median, quantile } from './support/statistics.js';
import { createWorld } from './support/world.js';

const DAYS = 12;
const FROM = '2014-08-01';
const LAST = addSessions(FROM, DAYS - 1);
const ROUNDS = 60;
/** Looks before those that are counted: the budgets are of a desk that runs for a while. */
const WARM_UP = 15;
const PAGE_MS = 50;
/** The first look at a book after the desk was started. */
const FIRST_MS = 1_000;
const PULSE_MS = 5;
const PREVIEW_MS = 30;
const PAGE_KB = 60;
/** The page, its style and its scripts. */
const PAGE_REQUESTS = 5;
const RSS_MB = 150;
const SCRIPTS_KB = 16;
const STYLE_KB = 10;

/** What is measured, each page by its address; `TICKET` is the newest with orders. A further page is a further line. */
const PAGES: readonly (readonly [name: string, path: string])[] = [
  ['Today', '/main/today'],
  ['Reconcile', '/main/reconcile'],
  ['Ticket', '/main/tickets/TICKET'],
  ['Execute', '/main/tickets/TICKET/execute'],
  ['Confirm', '/main/tickets/TICKET/confirm'],
  ['Tickets', '/main/tickets'],
  ['Ledger', '/main/ledger'],
  ['Ledger of a symbol', '/main/ledger?symbol=AAPL'],
  ['Performance', '/main/performance'],
  ['Performance, all', '/main/performance?range=all'],
  ['Runs', '/runs'],
  ['Alerts', '/alerts'],
  ['Quality', '/quality'],
  ['Symbol', '/quality/AAPL'],
  ['Audit', '/audit'],
  ['Audit, narrowed', '/audit?kind=ticket'],
  ['Settings', '/settings'],
];

/** Each page of the desk over years of a household, beside a bare Fastify that gives the same bytes. */
export async function run(context: BenchContext): Promise<Figure[]> {
  const stack = await aFewDays(context);
  const db = connect(stack.addresses.databaseUrl, 2);
  const owner = connect(stack.addresses.ownerDatabaseUrl, 1);
  try {
    await fillYears(owner, 'main');
    context.say(`${YEARS.fills} fills, ${YEARS.days} days, ${YEARS.records} records of the audit log`);
    const ticket = await db('tickets').where('kind', 'TRADE').orderBy('seq', 'desc').first('ticket_id');
    const pages = PAGES.map(([name, path]) => [name, path.replace('TICKET', ticket?.ticket_id ?? '')] as const);
    const paths = installationPaths(stack.dataDir);
    await down(stack.settings, () => undefined, ['desk']);
    await up(stack.settings, () => undefined, { parts: ['desk'] });
    const port = readRecord(stack.dataDir)?.desk?.port ?? 0;
    const { code } = await makeEntryCode(
      { db, now: () => new Date().toISOString(), sealKey: () => deskSealKey(stack.dataDir) },
      { operator: 'bench', readOnly: true },
    );
    const entered = await openBrowser(port).post('/enter', { code });
    const cookie = String(entered.headers['set-cookie']).split(';')[0] ?? '';
    const token = tokenOf(decodeURIComponent(cookie.slice(cookie.indexOf('=') + 1)));
    const browser = openBrowser(port, cookie);
    const figures = await pageFigures(context, browser, pages);
    const pulse = await times(async () => (await browser.get('/pulse')).ms);
    const preview = await times(async () => (await previewed(browser, token)).ms);
    const asked = await besideRun(stack, { day: LAST, heavy: { browser, path: '/main/ledger' } });
    const beside = await besideHeavy(port, browser);
    const rss = residentMb(deskProcess(paths)?.pid ?? 0);
    return [
      ...figures,
      atMost('desk: pulse, p95', quantile(pulse, 0.95), 'ms', PULSE_MS),
      atMost('desk: preview of a reconciliation, p95', quantile(preview, 0.95), 'ms', PREVIEW_MS),
      ...beside,
      ...asked,
      atMost('desk: memory of the process after it all', rss, 'MB', RSS_MB),
      ...(await assetFigures(browser)),
      ...(await upFigures(stack)),
    ];
  } finally {
    await Promise.all([db.destroy(), owner.destroy()]);
  }
}

/** What a form to reconcile asks while it is typed into. */
async function previewed(browser: Browser, token: string): Promise<Got> {
  const got = await browser.post('/main/reconcile/preview', { token, cash: '1000.00' });
  if (got.status !== 200) throw new Error(`preview: ${got.status}: ${got.body.slice(0, 500)}`);
  return got;
}

/** An installation that has lived through a few simulated days, with its desk. */
async function aFewDays(context: BenchContext): Promise<BenchStack> {
  const drop = openDropFolder(context.root);
  context.say(`${DAYS} days on ${drop.kind}, ${FROM} to ${LAST}`);
  const stack = await context.createStack({
    policy: policyText(300).replace(/^accounts:\n.*\n/m, `$&  ${EMPTY}: { base_currency: GBP, clock: simulated }\n`),
    universe: universeText(drop.stocks, drop.benchmarks),
  });
  const folder = join(stack.dataDir, 'data', 'drop');
  mkdirSync(folder, { recursive: true });
  drop.growTo(folder, LAST);
  await stack.startWorker();
  await withTemporal(stack.settings, async (client) => {
    const world = await createWorld({ stack, client, marketFolder: drop.whole, from: FROM, to: LAST });
    await simulateDays(world).finally(() => world.db.destroy());
  });
  return stack;
}

const times = async (measure: () => Promise<number>): Promise<number[]> => {
  const found: number[] = [];
  for (let round = 0; round < WARM_UP; round++) await measure();
  for (let round = 0; round < ROUNDS; round++) found.push(await measure());
  return found;
};

/** p95 of each page in turns with the same bytes of the bare server; the first look, and its size. */
async function pageFigures(
  context: BenchContext,
  browser: Browser,
  pages: readonly (readonly [string, string])[],
): Promise<Figure[]> {
  const directory = join(context.root, 'pages');
  mkdirSync(directory);
  const figures: Figure[] = [];
  const [firsts, requests]: [number[], number[]] = [[], []];
  for (const [index, [name, path]] of pages.entries()) {
    const got = await browser.get(path);
    if (got.status !== 200) throw new Error(`${path}: ${got.status}: ${got.body.slice(0, 500)}`);
    context.say(`${name}: first look ${got.ms.toFixed(0)} ms`);
    firsts.push(got.ms);
    requests.push(1 + assetsOf(got).length);
    writeFileSync(join(directory, String(index)), got.body);
    figures.push(atMost(`desk: ${name}, gzipped`, gzipSync(got.body).length / 1e3, 'kB', PAGE_KB));
  }
  figures.push(atMost('desk: requests of a page, at most', Math.max(...requests), '', PAGE_REQUESTS));
  figures.push(atMost('desk: the slowest first look after the start', Math.max(...firsts), 'ms', FIRST_MS));
  const bare = await startBare(directory);
  try {
    for (const [index, [name, path]] of pages.entries()) {
      const [ours, theirs]: number[][] = [[], []];
      for (let round = 0; round < WARM_UP; round++) await browser.get(path);
      for (let round = 0; round < ROUNDS; round++) {
        ours?.push((await browser.get(path)).ms);
        theirs?.push((await bare.browser.get(`/${index}`)).ms);
      }
      figures.push(atMost(`desk: ${name}, p95`, quantile(ours ?? [], 0.95), 'ms', PAGE_MS));
      figures.push(told(`desk: ${name}, median / the same bytes bare`, median(ours ?? []) / median(theirs ?? []), 'x'));
    }
  } finally {
    await bare.stop();
  }
  return figures;
}

async function startBare(directory: string): Promise<{ browser: Browser; stop(): Promise<void> }> {
  const port = await anyPort();
  const child = execa(
    process.execPath,
    ['--import', 'tsx', fileURLToPath(new URL('./support/desk/bare.ts', import.meta.url)), directory, String(port)],
    { cwd: repositoryRoot, reject: false, stderr: 'inherit', buffer: false },
  );
  await new Promise<void>((resolve, reject) => {
    child.stdout.once('data', () => resolve());
    void child.then(({ exitCode }) => reject(new Error(`the bare server ended with ${exitCode}`)));
  });
  const browser = openBrowser(port);
  return {
    browser,
    stop: async () => {
      browser.close();
      child.kill();
      await child;
    },
  };
}

/** How long somebody else waits for the smallest answer while another looks at the heaviest page without a pause. */
async function besideHeavy(port: number, heavy: Browser): Promise<Figure[]> {
  const other = openBrowser(port);
  const health = () => times(async () => (await other.get('/health')).ms);
  const alone = median(await health());
  let isOver = false;
  const looking = (async () => {
    while (!isOver) await heavy.get('/main/ledger');
  })();
  const beside = await health();
  isOver = true;
  await looking;
  other.close();
  return [
    told('desk: health alone, median', alone, 'ms'),
    told('desk: health beside somebody at the ledger, median', median(beside), 'ms'),
    told('desk: health beside somebody at the ledger, p95', quantile(beside, 0.95), 'ms'),
  ];
}

/** What a page names of ours: its style and its scripts. */
const assetsOf = ({ body }: Got): string[] => [...new Set(body.match(/\/assets\/[^"]+/g) ?? [])];

/** What a page brings along, once: its style and its scripts. */
async function assetFigures(browser: Browser): Promise<Figure[]> {
  const pages = await Promise.all(['/main/today', '/enter'].map((path) => browser.get(path)));
  const named = [...new Set(pages.flatMap(assetsOf))];
  let [scripts, style] = [0, 0];
  for (const path of named) {
    const bytes = gzipSync((await browser.get(path)).body).length / 1e3;
    if (path.endsWith('.js')) scripts += bytes;
    else style += bytes;
  }
  return [
    atMost('desk: scripts of the pages, gzipped', scripts, 'kB', SCRIPTS_KB),
    atMost('desk: style of the pages, gzipped', style, 'kB', STYLE_KB),
  ];
}
