import { execa } from 'execa';
import { existsSync, mkdtempSync, readdirSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import type { Knex } from 'knex';
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { openAccount } from '../../src/db/accounts.js';
import { factBreaks, auditBreaks } from '../../src/db/audit.js';
import { connect } from '../../src/db/connect.js';
import { bookEntry } from '../../src/db/journal.js';
import { lockStatements } from '../../src/db/statements.js';
import { inTransaction } from '../../src/db/transaction.js';
import {
  dividendEntry,
  dividendFromNet,
  feeEntry,
  fillEntry,
  interestEntry,
  openingEntry,
  type EntryDraft,
} from '../../src/domain/ledger/entries.js';
import { resultOrThrow } from '../../src/domain/errors.js';
import { sha256 } from '../../src/domain/hash.js';
import { importStatement } from '../../src/operations/statement/import.js';
import { lastStatements, readImported } from '../../src/operations/statement/look.js';
import { withdrawStatement } from '../../src/operations/statement/withdraw.js';
import { readKeyring } from '../../src/operations/signing/keyring.js';
import { verifySignatures } from '../../src/operations/signing/verify-signatures.js';
import type { Installation } from '../../src/operations/installation.js';
import { repositoryRoot } from '../../src/runtime/paths.js';
import { createTestDatabase, type TestDatabase } from '../support/database.js';
import { cleanEnvironment } from '../support/servers.js';
import { useSharedKey } from '../support/signing.js';
import {
  JANUARY,
  januaryBooked as january,
  opened,
  statementOf,
  UNIVERSE,
  type Happening,
  type Statement,
} from '../support/statement.js';
import { workbookOf } from '../support/workbook.js';
import { asks, policy, writeConfiguration } from './ledger.fixture.js';

/**
 * The broker's statement held against a ledger that was made from it, in pounds and in dollars, and what is kept of
 * it.
 */
const AT = '2026-02-02T08:00:00.000Z';
let database: TestDatabase;
let db: Knex;
let folder: string;
let installation: Installation;
let accounts = 0;
let account: string;

beforeAll(async () => {
  database = await createTestDatabase();
  db = connect(database.appUrl, 4);
  folder = mkdtempSync(path.join(tmpdir(), 'statement-'));
  useSharedKey(folder);
  installation = { db, dataDir: folder, configDir: folder, now: () => new Date().toISOString() };
});
afterAll(async () => {
  await db.destroy();
  await database.drop();
  rmSync(folder, { recursive: true });
});

/** Each test has an account of its own: what overlaps is told by account. */
beforeEach(() => {
  account = `account-${(accounts += 1)}`;
});

async function ledgerOf(baseCurrency: 'USD' | 'GBP', entries: (EntryDraft | null)[]): Promise<void> {
  const of = { account, baseCurrency, clock: 'simulated' } as const;
  await configure(baseCurrency);
  await openAccount(db, of, 'ann', '2026-01-01T00:00:00.000Z');
  for (const [index, draft] of entries.entries()) await book(draft, `${index}`);
}

/** Writes a policy of the accounts that are open, and of this one. */
async function configure(baseCurrency: 'USD' | 'GBP', reconciliation = policy.reconciliation): Promise<void> {
  const open = Object.fromEntries(
    (await db('accounts').select('account', 'base_currency')).map((row) => [
      row.account,
      { base_currency: row.base_currency, clock: 'simulated' },
    ]),
  );
  const accountsOf = { ...open, [account]: { base_currency: baseCurrency, clock: 'simulated' } };
  writeConfiguration(folder, { ...policy, accounts: accountsOf, reconciliation } as never, UNIVERSE);
}

const book = (draft: EntryDraft | null, key: string): Promise<unknown> =>
  inTransaction(db, (trx) =>
    bookEntry(trx, draft as EntryDraft, {
      account,
      bookedAt: AT,
      operator: 'ann',
      idempotencyKey: `${account}-${key}`,
    }),
  );

/** Each account is of a user of its own. */
const fileOf = (happenings: readonly Happening[] = JANUARY, said: Statement = {}): Buffer =>
  workbookOf(statementOf(happenings, { user: account, ...said }));
const importing = (body: Buffer, at = AT) =>
  importStatement(installation, asks(at), {
    account,
    fileName: 'etoro-account-statement-1-1-2026-1-31-2026.xlsx',
    body,
  });

async function imported(body: Buffer) {
  const outcome = await importing(body);
  if (!outcome.ok) throw new Error(`${outcome.refusal.code}: ${outcome.refusal.message}`);
  return outcome.result;
}
const differencesOf = ({ comparison: { comparison } }: Awaited<ReturnType<typeof imported>>) =>
  comparison.lines.flatMap(({ kind, difference, symbol, proposal }) =>
    difference === null ? [] : [{ kind, difference, symbol, proposal }],
  );
const countOf = async (table: 'statements' | 'statement_comparisons' | 'journal_entries') =>
  Number((await db(table).count({ count: '*' }))[0]?.['count']);

describe('a statement held against the ledger', () => {
  it.each(['USD', 'GBP'] as const)(
    'agrees with a ledger in %s that was made from it, and books nothing',
    async (base) => {
      await ledgerOf(base, january(base));
      const before = await countOf('journal_entries');
      const told = await imported(fileOf());
      expect(differencesOf(told)).toEqual([]);
      expect(told.comparison.comparison).toMatchObject({
        status: 'AGREES',
        from: '2026-01-05',
        to: '2026-01-31',
        before: 1,
      });
      expect(await countOf('journal_entries')).toBe(before);
      expect(told.stored).toMatchObject({ bytes: fileOf().length, sha256: sha256(fileOf()) });
      const kept = path.join(folder, told.stored.path);
      expect(readFileSync(kept).equals(fileOf())).toBe(true);
      expect(statSync(kept).mode & 0o777).toBe(0o400);
      for (const file of told.files) expect(existsSync(path.join(folder, file)), file).toBe(true);
    },
  );

  it('names what the ledger lacks, with the booking that would set it right', async () => {
    const entries = january('USD');
    await ledgerOf('USD', [entries[0], entries[1], entries[2], entries[4]] as EntryDraft[]);
    const told = await imported(fileOf());
    expect(differencesOf(told)).toEqual([
      {
        kind: 'DIVIDEND',
        difference: 'MISSING_IN_LEDGER',
        symbol: 'AAA',
        proposal: {
          kind: 'BOOK_PAID_DIVIDEND',
          symbol: 'AAA',
          withholding: '0.15',
          net: '2.55',
          paidOn: '2026-01-13',
        },
      },
      {
        kind: 'WITHDRAWAL',
        difference: 'MISSING_IN_LEDGER',
        symbol: null,
        proposal: { kind: 'BOOK_WITHDRAWAL', amount: '200.00', date: '2026-01-28' },
      },
      {
        kind: 'INTEREST',
        difference: 'MISSING_IN_LEDGER',
        symbol: null,
        proposal: { kind: 'BOOK_INTEREST', amount: '0.90', date: '2026-01-31' },
      },
      {
        kind: 'SPLIT',
        difference: 'MISSING_IN_LEDGER',
        symbol: 'AAA',
        proposal: { kind: 'BOOK_SPLIT', symbol: 'AAA', exDate: '2026-01-26', ratio: '2', published: false },
      },
      // The split would set it right: a baseline beside it would be a second way to do the same.
      { kind: 'POSITION', difference: 'POSITION_DIFFERS', symbol: 'AAA', proposal: null },
      { kind: 'CASH', difference: 'CASH_DIFFERS', symbol: null, proposal: null },
    ]);
  });

  it('gives the same file its first answer, and compares it again when the ledger has moved on', async () => {
    const entries = january('USD');
    await ledgerOf('USD', entries.slice(0, 7));
    const first = await imported(fileOf());
    expect(first).toMatchObject({ isNew: true, isCompared: true, comparison: { comparison: { status: 'DIFFERS' } } });
    const counts = [await countOf('statements'), await countOf('statement_comparisons')];
    const again = await imported(fileOf());
    expect(again).toMatchObject({ isNew: false, isCompared: false });
    expect(again.comparison).toEqual(first.comparison);
    expect([await countOf('statements'), await countOf('statement_comparisons')]).toEqual(counts);

    await book(entries[7] as EntryDraft, 'late');
    const late = await imported(fileOf());
    expect(late).toMatchObject({ isNew: false, isCompared: true, comparison: { comparison: { status: 'AGREES' } } });
    const listed = await lastStatements(db, { account });
    expect(listed).toMatchObject({ ok: true, result: [{ status: 'AGREES', differences: 0 }] });
  });

  it('compares it again where it would say something else, whatever has changed, also if it was said before', async () => {
    const entries = january('USD');
    const units = { date: '2026-01-05', symbol: 'BBB', side: 'BUY', units: '4.2', value: '500', baseCurrency: 'USD' };
    await ledgerOf('USD', entries.with(2, fillEntry(units as never)));
    const isOff = (of: Awaited<ReturnType<typeof imported>>) =>
      differencesOf(of).some(({ difference }) => difference === 'POSITION_DIFFERS');
    const strict = await imported(fileOf());
    await configure('USD', { ...policy.reconciliation, units_tolerance: 0.1 });
    const [lenient, again] = [await imported(fileOf()), await imported(fileOf())];
    await configure('USD');
    const back = await imported(fileOf());
    expect([strict, lenient, again, back].map((each) => [isOff(each), each.isCompared])).toEqual([
      [true, true],
      [false, true],
      [false, false],
      [true, true],
    ]);
    expect(back.comparison.comparison).toEqual(strict.comparison.comparison);
    expect(back.comparison.comparisonId).not.toBe(strict.comparison.comparisonId);
  });

  it('of two at once, the second finds what the first stored', async () => {
    await ledgerOf('USD', january('USD'));
    const told = await Promise.all([imported(fileOf()), imported(fileOf())]);
    expect(new Set(told.map(({ comparison }) => comparison.comparisonId)).size).toBe(1);
    expect(told.filter(({ isNew }) => isNew)).toHaveLength(1);
  });

  it('keeps nobody from booking meanwhile, and answers of the ledger as it is when that is stored', async () => {
    const entries = january('USD');
    await ledgerOf('USD', entries.slice(0, 7));
    const holder = await db.transaction();
    await lockStatements(holder, account);
    const waiting = imported(fileOf());
    await expect.poll(() => waitingFor(`statements:${account}`)).toBe(1);
    // It has compared by now, and holds no journal while it waits.
    await book(entries[7] as EntryDraft, 'meanwhile');
    await holder.commit();
    const { stored, comparison: compared } = await waiting;
    const [last] = await db('journal_entries').where({ account }).orderBy('entry_id', 'desc').pluck('entry_id');
    expect(compared.comparison).toMatchObject({ status: 'AGREES', lastEntryId: last });
    expect(await db('statement_comparisons').where({ statement_id: stored.statementId })).toHaveLength(1);
  });
});

/** How many sessions wait for a lock of this name. */
async function waitingFor(name: string): Promise<number> {
  const found = await db.raw<{ rows: unknown[] }>(
    `select from pg_locks where locktype = 'advisory' and not granted
      and (classid::bigint << 32 | objid::bigint) = hashtextextended(?, 0)`,
    [name],
  );
  return found.rows.length;
}

/** Files that were kept, and lines of the manifest about them. */
function keptFiles(): string[] {
  const root = path.join(folder, 'data/market/etoro');
  if (!existsSync(root)) return [];
  return readdirSync(root, { recursive: true })
    .map(String)
    .toSorted()
    .flatMap((name) => (name.endsWith('.jsonl') ? readFileSync(path.join(root, name), 'utf8').split('\n') : [name]));
}

describe('statements of times that overlap', () => {
  const february: Happening[] = [
    opened('02/02/2026 15:00:00', 'CCC', '9000000003', '2', 100),
    { at: '10/02/2026 05:00:00', type: 'Interest Payment', amount: 0.5 },
  ];
  const both = { to: '28/02/2026 23:59:59', created: '01/03/2026 08:00:00' };
  const MARCH = '2026-03-02T08:00:00.000Z';

  it('agree where a later one tells of the same rows, also of an open that was rewritten since', async () => {
    await ledgerOf('USD', january('USD'));
    const unsold = JANUARY.map((each) => (each.id === '9000000002' ? { ...each, amount: 500 } : each));
    await imported(fileOf(unsold));
    const rewritten = JANUARY.map((each) => (each.id === '9000000002' ? { ...each, amount: 300 } : each));
    expect(await importing(fileOf([...rewritten, ...february], both), MARCH)).toMatchObject({ ok: true });
  });

  it('let no entry be doubted that another of them tells of on its own day, once and not more often', async () => {
    const fee = (at: string): Happening => ({ at, type: 'Overnight fee', amount: -0.3 });
    const feeOn = (date: string) => feeEntry({ date, amount: '0.3', baseCurrency: 'USD' });
    const last = fee('31/01/2026 22:00:00');
    await ledgerOf('USD', [...january('USD'), feeOn('2026-02-02')]);
    const saidOf = async () => {
      const { comparison } = (await imported(fileOf([...JANUARY, last]))).comparison;
      return comparison.lines.find(({ kind, difference }) => kind === 'FEE' && difference !== null);
    };
    expect(await saidOf()).toMatchObject({
      proposal: null,
      text: expect.stringMatching(/has the same figures: .*; if not, import the statement that tells of/) as string,
    });
    const later = { from: '01/02/2026 00:00:00', ...both };
    const begun = { cash: 1000, equity: 1000 };
    const next = [...february.slice(0, 1), fee('02/02/2026 22:00:00'), ...february.slice(1)];
    expect(await importing(fileOf(next, { ...later, ...begun }), MARCH)).toMatchObject({ ok: true });
    expect(await saidOf()).toMatchObject({ proposal: { kind: 'BOOK_FEE', amount: '0.30', date: '2026-01-31' } });
    // A second one of that day is told by nobody: it may be this one with another date.
    await book(feeOn('2026-02-02'), 'second');
    expect(await saidOf()).toMatchObject({
      proposal: null,
      text: expect.stringContaining('has the same figures') as string,
    });
  });

  it('of two months, the trades of the first are known to be booked when the second tells of a split', async () => {
    const bought = { date: '2026-01-29', symbol: 'CCC', side: 'BUY', units: '2', value: '100' } as const;
    await ledgerOf('USD', [...january('USD'), fillEntry({ ...bought, baseCurrency: 'USD' })]);
    const first = [...JANUARY.slice(0, -1), opened('29/01/2026 15:00:00', 'CCC', '9000000003', '2', 100)];
    expect((await imported(fileOf([...first, ...JANUARY.slice(-1)]))).comparison.comparison.status).toBe('AGREES');
    const row = { at: '16/02/2026 06:27:00', type: 'corp action: Split', details: 'CCC/USD 3:1' };
    const said = { ...both, from: '01/02/2026 00:00:00', cash: 1142.45, equity: 2343.45 };
    const outcome = await importing(fileOf([{ ...row, amount: 0, id: '9000000003' }], said), MARCH);
    if (!outcome.ok) throw new Error(outcome.refusal.message);
    expect(differencesOf(outcome.result)[0]).toMatchObject({
      kind: 'SPLIT',
      proposal: { kind: 'BOOK_SPLIT', symbol: 'CCC', ratio: '3' },
    });
  });

  it('of two months, an entry that may be of either is missing once both are known, and not before', async () => {
    await ledgerOf('USD', [...january('USD'), interestEntry({ date: '2026-02-01', amount: '9', baseCurrency: 'USD' })]);
    const bogus = dividendEntry({
      date: '2026-01-31',
      exDate: '2026-01-20',
      symbol: 'BBB',
      amounts: dividendFromNet('8.50'),
      baseCurrency: 'USD',
    });
    await book(bogus, 'bogus');
    const ofDividend = async () => differencesOf(await imported(fileOf())).filter(({ symbol }) => symbol === 'BBB');
    expect(await ofDividend()).toMatchObject([{ difference: 'MISSING_IN_STATEMENT', proposal: null }]);
    const said = { ...both, from: '01/02/2026 00:00:00', cash: 1242.45, equity: 2343.45 };
    expect(await importing(fileOf(february, said), MARCH)).toMatchObject({ ok: true });
    expect(await ofDividend()).toMatchObject([{ proposal: { kind: 'REVERSE_ENTRY' } }]);
  });

  it('are refused by the row that says otherwise, and nothing of them is stored', async () => {
    await ledgerOf('USD', january('USD'));
    await imported(fileOf());
    const counts = await countOf('statements');
    const kept = keptFiles();
    const changed = JANUARY.map((each) => (each.type === 'Interest Payment' ? { ...each, amount: 0.8 } : each));
    expect(await importing(fileOf([...changed, ...february], both), MARCH)).toMatchObject({
      ok: false,
      refusal: {
        kind: 'refused',
        code: 'STATEMENT_OVERLAP_DIFFERS',
        message: expect.stringMatching(
          /^Interest Payment at 2026-01-31T05:50:54.000Z: cash 0.8, and statement /,
        ) as string,
      },
    });
    const dropped = JANUARY.filter(({ type }) => type !== 'corp action: Split');
    expect(await importing(fileOf(dropped, { created: '02/02/2026 08:00:00' }))).toMatchObject({
      ok: false,
      refusal: { code: 'STATEMENT_OVERLAP_DIFFERS' },
    });
    expect(
      await importing(
        fileOf(february, { ...both, from: '01/02/2026 00:00:00', user: 'another', cash: 1242.45, equity: 2343.45 }),
        MARCH,
      ),
    ).toMatchObject({
      ok: false,
      refusal: { kind: 'refused', code: 'STATEMENT_OF_ANOTHER' },
    });
    expect(await countOf('statements')).toBe(counts);
    expect(kept.length).toBeGreaterThan(0);
    expect(keptFiles()).toEqual(kept);
  });

  it('from before the ledger was opened are refused, and nothing of them is kept', async () => {
    await ledgerOf('USD', january('USD'));
    const kept = keptFiles();
    const said = { from: '01/12/2025 00:00:00', to: '31/12/2025 23:59:59', created: '01/01/2026 08:00:00' };
    expect(await importing(fileOf([], said))).toMatchObject({
      ok: false,
      refusal: { kind: 'refused', code: 'STATEMENT_BEFORE_LEDGER' },
    });
    expect(keptFiles()).toEqual(kept);
  });
});

const cli = (words: string[], input?: Buffer) =>
  execa(process.execPath, [path.join(repositoryRoot, 'dist/cli/main.js'), ...words, '--account', account], {
    env: cleanEnvironment({
      TRADING_OPS_DATA: folder,
      TRADING_OPS_CONFIG: folder,
      DATABASE_URL: database.appUrl,
      TEMPORAL_ADDRESS: '127.0.0.1:1',
      TRADING_OPS_OPERATOR: 'ann',
    }),
    extendEnv: false,
    reject: false,
    input: input ?? '',
  });

describe('who may, and what is refused', () => {
  it('refuses by name and stores nothing', async () => {
    await ledgerOf('USD', january('USD'));
    const counts = await countOf('statements');
    const refusals = [
      [Buffer.from('no workbook'), 'STATEMENT_NOT_A_WORKBOOK'],
      [fileOf(JANUARY, { currency: 'GBP' }), 'STATEMENT_CURRENCY'],
      [fileOf([opened('05/01/2026 14:00:00', 'ZZZ', '1', '1', 1)]), 'STATEMENT_INSTRUMENT'],
      // Of a time to come by the account's clock, whichever that is; summer time makes an hour.
      [fileOf(JANUARY, { created: '02/02/2026 09:00:01' }), 'STATEMENT_VALUE'],
    ] as const;
    for (const [body, code] of refusals) {
      const outcome = await importing(body);
      expect(outcome).toMatchObject({ ok: false, refusal: { kind: 'usage', code } });
      // Through every door alike.
      const typed = await cli(['statement', 'import', '-', '--at', AT], body);
      expect(typed.exitCode).toBe(64);
      expect(typed.stderr).toContain(outcome.ok ? '' : `${code}: ${outcome.refusal.message}`);
    }
    expect(
      await importStatement(installation, asks(AT, 'eve'), { account, fileName: 'x.xlsx', body: fileOf() }),
    ).toMatchObject({
      ok: false,
      refusal: { code: 'OPERATOR_UNKNOWN' },
    });
    expect(await countOf('statements')).toBe(counts);
  });

  it('leaves facts that the audit log proves, and finds what was changed behind its back', async () => {
    expect(await factBreaks(db)).toEqual([]);
    expect(await auditBreaks(db)).toEqual([]);
    const [{ audit }] = (await db('audit_log').where({ action: 'statement.imported' }).count({ audit: '*' })) as [
      { audit: string },
    ];
    expect(Number(audit)).toBe(await countOf('statements'));
    await expect(db('statements').update({ layout: 'another' } as never)).rejects.toThrow(/permission denied/);
  });
});

describe('a statement that was withdrawn', () => {
  const REASON = 'of the other account';
  const withdrawing = (statement: string, of = account, operator = 'ann') =>
    withdrawStatement(installation, asks(AT, operator), { account: of, statement, reason: REASON });
  const codeOf = (outcome: Awaited<ReturnType<typeof importing>>) => (outcome.ok ? null : outcome.refusal.code);

  it('of another user, or that eToro corrected, keeps no right one out any more', async () => {
    await ledgerOf('USD', january('USD'));
    const { stored: wrong } = await imported(fileOf(JANUARY, { user: 'a-stranger' }));
    const refused = await importing(fileOf());
    expect(refused).toMatchObject({ ok: false, refusal: { code: 'STATEMENT_OF_ANOTHER' } });
    expect(refused.ok ? '' : refused.refusal.remedy).toContain(
      `trading-ops statement withdraw ${wrong.statementId} --account ${account} --reason`,
    );
    expect(await withdrawing(wrong.statementId.slice(0, 8))).toMatchObject({ ok: true, result: { recorded: true } });
    const shorter = JANUARY.slice(0, -1);
    const { stored: first } = await imported(fileOf(shorter, { created: '02/02/2026 08:00:00' }));
    expect(codeOf(await importing(fileOf()))).toBe('STATEMENT_OVERLAP_DIFFERS');
    await withdrawing(first.statementId);
    expect((await imported(fileOf())).comparison.comparison.status).toBe('AGREES');
    // Nothing was deleted, and both say what became of them.
    const listed = resultOrThrow(await lastStatements(db, { account }));
    expect(listed.map(({ withdrawnBy }) => withdrawnBy)).toEqual([null, 'ann', 'ann']);
    const read = resultOrThrow(await readImported(db, { account, statement: wrong.statementId }));
    expect(read?.withdrawn).toMatchObject({ operator: 'ann', reason: REASON, at: AT });
  });

  it('is signed by whoever may book, once, with an audit record; and refused alike', async () => {
    await ledgerOf('USD', january('USD'));
    const { stored } = await imported(fileOf());
    const { statementId } = stored;
    expect(await withdrawing(statementId, account, 'eve')).toMatchObject({ refusal: { code: 'OPERATOR_UNKNOWN' } });
    expect(await withdrawing('ffffffff')).toMatchObject({
      refusal: { code: 'STATEMENT_UNKNOWN', remedy: `trading-ops statement list --account ${account}` },
    });
    expect(
      await withdrawStatement(installation, asks(AT), { account, statement: statementId, reason: ' ' }),
    ).toMatchObject({ refusal: { code: 'ARGUMENT_INVALID', message: expect.stringMatching(/^reason: /) } });
    const unsigned = { operator: 'ann', door: 'direct', claimedAt: AT } as const;
    expect(
      await withdrawStatement(installation, unsigned, { account, statement: statementId, reason: REASON }),
    ).toMatchObject({ refusal: { code: 'SIGNATURE_MISSING' } });
    expect(await db('statement_events').where({ statement_id: statementId })).toEqual([]);

    expect(await withdrawing(statementId)).toMatchObject({ result: { recorded: true } });
    expect(await withdrawing(statementId, account, 'bob')).toMatchObject({
      result: { recorded: false, withdrawn: { operator: 'ann' } },
    });
    const [event] = await db('statement_events').where({ statement_id: statementId });
    const signed = await db('signatures')
      .where({ fact: 'statement_events' })
      .whereRaw('? = any(fact_ids)', [event?.event_key ?? '']);
    expect(signed).toMatchObject([{ purpose: 'statement-withdrawal', account, operator: 'ann' }]);
    const audited = await db('audit_log').where({ action: 'statement.withdrawn', subject: statementId });
    expect(audited).toMatchObject([
      { account, actor: 'ann', detail: { reason: REASON, signature: expect.any(String) } },
    ]);
    const { problems } = await verifySignatures(db, await readKeyring(installation));
    expect(problems.filter(({ fact }) => fact === 'statement_events')).toEqual([]);
    await expect(db('statement_events').update({ reason: 'x' } as never)).rejects.toThrow(/permission denied/);
  });

  it('counts again once its file is imported again, after the same refusals', async () => {
    await ledgerOf('USD', january('USD'));
    const { stored } = await imported(fileOf());
    await withdrawing(stored.statementId);
    const other = await imported(fileOf(JANUARY.slice(0, -1), { created: '02/02/2026 08:00:00' }));
    expect(codeOf(await importing(fileOf()))).toBe('STATEMENT_OVERLAP_DIFFERS');
    await withdrawing(other.stored.statementId);
    expect(await imported(fileOf())).toMatchObject({ isNew: false, isReadmitted: true });
    // Of what is looked at the newest that counts, not the newest that was imported.
    expect(resultOrThrow(await readImported(db, { account, statement: null }))?.stored).toEqual(stored);
    expect(await imported(fileOf())).toMatchObject({ isNew: false, isReadmitted: false });
    const [listed] = resultOrThrow(await lastStatements(db, { account, limit: '5' })).filter(
      ({ statementId }) => statementId === stored.statementId,
    );
    expect(listed?.withdrawnBy).toBeNull();
    expect(await withdrawing(stored.statementId)).toMatchObject({ result: { recorded: true } });
    expect(await factBreaks(db)).toEqual([]);
  });

  it('gives its user to another account, which is refused until then by the name of the holder', async () => {
    await ledgerOf('USD', january('USD'));
    const [first, body] = [account, fileOf(JANUARY, { user: 'one-user' })];
    const { stored } = await imported(body);
    account = `account-${(accounts += 1)}`;
    await ledgerOf('USD', january('USD'));
    const refused = await importing(body);
    expect(refused).toMatchObject({
      ok: false,
      refusal: {
        kind: 'refused',
        code: 'STATEMENT_OF_OTHER_ACCOUNT',
        message: `the statement is of an eToro user whose statements account ${first} holds: ${stored.statementId}`,
      },
    });
    expect(resultOrThrow(await lastStatements(db, { account }))).toEqual([]);
    await withdrawing(stored.statementId, first);
    expect((await imported(body)).isNew).toBe(true);
    account = first;
    expect(codeOf(await importing(body))).toBe('STATEMENT_OF_OTHER_ACCOUNT');
  });

  it('is taken back at the terminal, which says so in list, show and report, and proposes nothing more', async () => {
    await ledgerOf('USD', january('USD').slice(0, 7));
    const { stored, files } = await imported(fileOf());
    const reports = () => files.map((file) => readFileSync(path.join(folder, file), 'utf8'));
    expect(reports().every((text) => text.includes('0.90') && !text.includes('ithdrawn by'))).toBe(true);
    expect(reports()[0]).toContain('ledger interest --amount 0.90');
    const words = ['statement', 'withdraw', stored.statementId.slice(0, 8), '--at', AT];
    expect(await cli(words)).toMatchObject({ exitCode: 64 });
    const done = await cli([...words, '--reason', REASON]);
    expect([done.exitCode, done.stderr]).toEqual([0, '']);
    expect(done.stdout).toMatch(
      /^STATEMENT_WITHDRAWN: statement [0-9a-f]{8} of account-\d+, 2026-01-01 to 2026-01-31\.$/m,
    );
    const [list, show, json] = await Promise.all([
      cli(['statement', 'list']),
      cli(['statement', 'show']),
      cli(['statement', 'show', '--json']),
    ]);
    expect(list.stdout).toContain('withdrawn by ann');
    expect(show.stdout).toMatch(/^Withdrawn by ann at .*: of the other account\. It counts no more/);
    expect(JSON.parse(json.stdout)).toMatchObject({ withdrawn: { operator: 'ann', reason: REASON } });
    const told = [...reports(), show.stdout, json.stdout];
    expect(told.filter((text) => text.includes('--amount') || text.includes('BOOK_INTEREST'))).toEqual([]);
    expect(reports().every((text) => /"withdrawn"|WITHDRAWN/.test(text))).toBe(true);
    const again = await cli([...words, '--reason', 'again']);
    expect([again.exitCode, again.stdout]).toEqual([0, expect.stringContaining('Nothing changed')]);
  });
});

describe('the command line', () => {
  it('of a ledger that was never opened proposes nothing that it would refuse, and says how to open it', async () => {
    await ledgerOf('USD', []);
    const told = await cli(['statement', 'import', '-', '--at', AT], fileOf());
    expect([told.exitCode, told.stderr]).toEqual([2, '']);
    expect(told.stdout).toContain('The ledger is not opened');
    expect(told.stdout).toMatch(/Next: make reconcile-daily/);
    expect(told.stdout).not.toMatch(/cash deposit|--force|ledger-baseline --/);
  });

  it('says AGREES with 0 and DIFFERS with 2, lists and shows', async () => {
    await ledgerOf('USD', january('USD').slice(0, 7));
    const file = path.join(folder, 'statement.xlsx');
    writeFileSync(file, fileOf());
    const differs = await cli(['statement', 'import', file, '--at', AT]);
    expect([differs.exitCode, differs.stderr]).toEqual([2, '']);
    expect(differs.stdout).toContain('STATEMENT_DIFFERS');
    expect(differs.stdout).toContain(`ledger interest --amount 0.90 --date 2026-01-31 --account ${account} --at ${AT}`);
    await book(january('USD')[7] as EntryDraft, 'late');
    const agrees = await cli(['statement', 'import', '-', '--at', AT, '--json'], readFileSync(file));
    expect(agrees).toMatchObject({ exitCode: 0 });
    expect(JSON.parse(agrees.stdout)).toMatchObject({ status: 'STATEMENT_AGREES', isNew: false, differences: [] });
    const [list, show] = await Promise.all([cli(['statement', 'list']), cli(['statement', 'show'])]);
    expect(list.stdout).toContain('STATEMENT_AGREES');
    expect(show).toMatchObject({ exitCode: 0 });
    const comparisonId = String((JSON.parse(agrees.stdout) as { comparisonId: string }).comparisonId);
    const rendered = await cli(['render', 'statement', comparisonId]);
    expect(rendered.stdout).toContain('3 files were rendered');
    const absent = await cli(['statement', 'import', path.join(folder, 'nowhere.xlsx'), '--at', AT]);
    expect(absent).toMatchObject({ exitCode: 64 });
    expect(absent.stderr).toContain('STATEMENT_UNREADABLE');
  });

  /** Commands that are printed, without the account that `cli` says; the ex-date is read at eToro. */
  const printedIn = (stdout: string): string[][] =>
    [...stdout.matchAll(/^ {2}\.\/trading-ops (.*)$/gm)].map(([, line = '']) =>
      [...line.replace('<YYYY-MM-DD>', '2026-01-02').matchAll(/"([^"]*)"|\S+/g)]
        .map(([word, quoted]) => quoted ?? word)
        .filter((word, index, words) => word !== '--account' && words[index - 1] !== '--account'),
    );
  const of = { symbol: 'AAA', side: 'BUY', date: '2026-01-06' } as const;
  const deposited = (amount: number, details: string): Happening => ({
    at: '05/01/2026 10:00:00',
    type: 'Deposit',
    details,
    amount,
  });
  const bought = opened('06/01/2026 15:00:00', 'AAA', '1', '10', 1000);

  it('prints what leads to AGREES: two splits near each other, and a dividend with two taxes', async () => {
    const second = opened('06/01/2026 15:10:00', 'AAA', '2', '10', 1000);
    const paid = (id: string, amount: number, tax: number, rate: string): Happening => ({
      at: '13/01/2026 02:00:00',
      type: 'Dividend',
      details: 'AAA/USD',
      amount,
      id,
      paid: { tax, rate, display: null, taxDisplay: null },
    });
    const split = (day: string, id: string, ratio: string): Happening => ({
      at: `${day}/01/2026 06:27:00`,
      type: 'corp action: Split',
      details: `AAA/USD ${ratio}`,
      amount: 0,
      id,
    });
    const body = fileOf([
      deposited(2500, '2500.00 USD Wire'),
      bought,
      second,
      paid('1', 8.5, 1.5, '15 %'),
      paid('2', 7, 3, '30 %'),
      ...['1', '2'].map((id) => split('20', id, '2:1')),
      ...['1', '2'].map((id) => split('23', id, '3:1')),
    ]);
    await ledgerOf('USD', [
      openingEntry({ date: '2026-01-05', cash: '2500', positions: {}, baseCurrency: 'USD' }),
      ...[1, 2].map(() => fillEntry({ ...of, units: '10', value: '1000', baseCurrency: 'USD' })),
    ]);
    const differs = await cli(['statement', 'import', '-', '--at', AT], body);
    const commands = printedIn(differs.stdout);
    expect(commands.map((words) => words.slice(0, 2).join(' '))).toEqual([
      'ledger dividend',
      'ledger split',
      'ledger split',
    ]);
    for (const words of commands) expect(await cli(words)).toMatchObject({ exitCode: 0 });
    const agrees = await cli(['statement', 'import', '-', '--at', AT], body);
    expect([agrees.exitCode, agrees.stdout]).toEqual([0, expect.stringContaining('STATEMENT_AGREES')]);
    const { comparison } = (await imported(body)).comparison;
    expect(comparison.lines.find(({ kind }) => kind === 'POSITION')?.ledger?.units).toBe('120');
  });

  it('says what is wrong with a baseline that set units for nothing, until they are paid for', async () => {
    const body = fileOf([deposited(2000, '1500.00 GBP eToroMoney'), bought]);
    await ledgerOf('GBP', [openingEntry({ date: '2026-01-05', cash: '1500', positions: {}, baseCurrency: 'GBP' })]);
    const taking = (cash: string) => {
      const figures = ['--position', 'AAA=10', '--cash', cash, '--cost', 'AAA=750', '--date', '2026-01-06'];
      return cli(['ledger-baseline', ...figures, '--reason', 'bought', '--at', AT]);
    };
    expect(await taking('1500')).toMatchObject({ exitCode: 0 });
    const differs = await cli(['statement', 'import', '-', '--at', AT], body);
    expect(differs.exitCode).toBe(2);
    const [, entryId = ''] =
      /entry (\d+) \(Baseline: bought, 2026-01-06\) moved as many units and set the cash by 0\.00/.exec(
        differs.stdout,
      ) ?? [];
    expect(await cli(['ledger', 'reverse', '--entry', entryId, '--reason', 'unpaid', '--at', AT])).toMatchObject({
      exitCode: 0,
    });
    expect(await taking('750')).toMatchObject({ exitCode: 0 });
    expect(await cli(['statement', 'import', '-', '--at', AT], body)).toMatchObject({ exitCode: 0 });
  });
});
