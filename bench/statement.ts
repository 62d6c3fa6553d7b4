import { execa } from 'execa';
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { openAccount } from '../src/db/accounts.js';
import { connect } from '../src/db/connect.js';
import { bookEntries } from '../src/db/journal.js';
import { inTransaction } from '../src/db/transaction.js';
import { depositEntry, fillEntry, openingEntry, type EntryDraft } from '../src/domain/ledger/entries.js';
import { resultOrThrow } from '../src/domain/errors.js';
import { importStatement } from '../src/operations/statement/import.js';
import { repositoryRoot } from '../src/runtime/paths.js';
import { opened, statementOf, type Happening } from '../test/support/statement.js';
import { partsOf, workbookOf, zipOf } from '../test/support/workbook.js';
import { OPERATOR, policyText, universeText } from './support/configuration.js';
import type { BenchContext } from './support/context.js';
import { atMost, told, type Figure } from './support/figures.js';

const ROWS = 5_000;
const BOOKED_AT_ONCE = 50;
const IMPORT_MAX_MS = 2_000;
const BOMB = { bytes: 300 * 1024 * 1024, maxMs: 1_000, maxMb: 100 };
const AT = '2026-03-01T09:00:00.000Z';
const POLICY = policyText(70).replace('base_currency: GBP', 'base_currency: USD');
const UNIVERSE = universeText(['AAA'], ['SPY']);

/**
 * What an import of 5,000 rows takes, from the bytes of the file to its report, over a ledger that has each of them;
 * and what a file that unpacks to 300 MB takes of time and memory before it is refused, in a process of its own.
 */
export async function run(context: BenchContext): Promise<Figure[]> {
  const bomb = await refuseBomb(context);
  const stack = await context.createStack({ universe: UNIVERSE, policy: POLICY });
  const db = connect(stack.addresses.ownerDatabaseUrl, 4);
  try {
    const account = { account: 'main', baseCurrency: 'USD', clock: 'simulated' } as const;
    await openAccount(db, account, OPERATOR, '2026-01-01T00:00:00.000Z');
    const { happenings, drafts } = yearOf(ROWS);
    const entries = drafts.map((draft, index) => ({ draft, idempotencyKey: `bench:${index}` }));
    // A part a transaction: the balance of each entry is looked at when one ends.
    for (let at = 0; at < entries.length; at += BOOKED_AT_ONCE) {
      const part = entries.slice(at, at + BOOKED_AT_ONCE);
      await inTransaction(db, (trx) => bookEntries(trx, part, { account: 'main', bookedAt: AT, operator: OPERATOR }));
    }
    await db.raw('analyze');
    const body = workbookOf(statementOf(happenings, { to: '28/02/2026 23:59:59', created: '01/03/2026 08:00:00' }));
    context.say(`a statement of ${ROWS} rows, ${Math.round(body.length / 1024)} kB, over ${drafts.length} entries`);
    const installation = { db, dataDir: stack.dataDir, configDir: stack.configDir, now: () => AT };
    const asker = { operator: OPERATOR, door: 'direct', claimedAt: AT } as const;
    const [began, busy] = [performance.now(), process.cpuUsage()];
    const outcome = await importStatement(installation, asker, { account: 'main', fileName: 'bench.xlsx', body });
    const took = performance.now() - began;
    const { user, system } = process.cpuUsage(busy);
    const { comparison } = resultOrThrow(outcome).comparison;
    if (comparison.status !== 'AGREES')
      throw new Error(`statement: ${comparison.status}: the bench measures another thing`);
    return [
      atMost(`statement import: ${ROWS} rows`, took, 'ms', IMPORT_MAX_MS),
      told('statement import: the processor of this process', (user + system) / 1_000, 'ms'),
      ...bomb,
    ];
  } finally {
    await db.destroy();
  }
}

/** Buys of a hundredth of a share, each a minute after the last, and the ledger that has them. */
function yearOf(rows: number): { happenings: Happening[]; drafts: EntryDraft[] } {
  const two = (value: number) => String(value).padStart(2, '0');
  const happenings: Happening[] = [
    { at: '02/01/2026 09:00:00', type: 'Deposit', details: '10000.00 USD CreditCard', amount: 10_000 },
    { at: '02/01/2026 09:00:01', type: 'Deposit', details: '90000.00 USD CreditCard', amount: 90_000 },
  ];
  const money = { baseCurrency: 'USD' };
  const opening = openingEntry({ date: '2026-01-02', cash: '10000', positions: {}, ...money });
  const drafts: EntryDraft[] = [opening as EntryDraft, depositEntry({ date: '2026-01-02', amount: '90000', ...money })];
  for (let index = 0; index + 2 < rows; index += 1) {
    const [day, minute] = [5 + Math.floor(index / 240), index % 240];
    const date = { month: day > 31 ? 2 : 1, day: day > 31 ? day - 31 : day };
    const at = `${two(date.day)}/${two(date.month)}/2026 ${two(15 + Math.floor(minute / 60))}:${two(minute % 60)}:00`;
    const units = (0.01 + index / 1_000_000).toFixed(6);
    happenings.push(opened(at, 'AAA', String(9_000_000_000 + index), units, 1));
    const effective = `2026-${two(date.month)}-${two(date.day)}`;
    drafts.push(fillEntry({ date: effective, symbol: 'AAA', side: 'BUY', units, value: '1', ...money }));
  }
  return { happenings, drafts };
}

const READ = `
  import { readFileSync } from 'node:fs';
  const { readWorkbook } = await import(process.argv[1]);
  const body = readFileSync(process.argv[2]);
  const began = performance.now();
  const said = await readWorkbook(body).then(() => 'read', (error) => error.code);
  const ms = performance.now() - began;
  // Of this program alone: what resourceUsage tells begins with the memory of whoever started it.
  const most = Number(/VmHWM:\\s+(\\d+)/.exec(readFileSync('/proc/self/status', 'utf8'))[1]);
  console.log(JSON.stringify({ said, ms, mb: most / 1024 }));`;

async function refuseBomb({ root, say }: BenchContext): Promise<Figure[]> {
  const file = join(root, 'bomb.xlsx');
  const parts = partsOf(statementOf([]));
  writeFileSync(file, zipOf([...parts, { name: 'xl/theme/theme1.xml', body: Buffer.alloc(BOMB.bytes, ' ') }]));
  const lying = join(root, 'lying.xlsx');
  writeFileSync(
    lying,
    zipOf([...parts, { name: 'xl/theme/theme1.xml', body: Buffer.alloc(BOMB.bytes, ' '), says: 1000 }]),
  );
  const figures: Figure[] = [];
  for (const [name, path] of [
    ['300 MB', file],
    ['300 MB that say 1 kB', lying],
  ] as const) {
    const reader = join(repositoryRoot, 'dist/providers/statement/workbook.js');
    const { stdout } = await execa(process.execPath, ['--input-type=module', '-e', READ, reader, path]);
    const { said, ms, mb } = JSON.parse(stdout) as { said: string; ms: number; mb: number };
    say(`a file that unpacks to ${name}: ${said}`);
    if (said === 'read') throw new Error('statement: the bomb was read');
    figures.push(
      atMost(`statement: ${name} refused`, ms, 'ms', BOMB.maxMs),
      atMost(`statement: memory of that process, ${name}`, mb, 'MB', BOMB.maxMb),
    );
  }
  return figures;
}
