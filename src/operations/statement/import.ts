import type { Knex } from 'knex';
import type { Asker } from '../../contract/asker.js';
import { parseInput } from '../../contract/reading.js';
import { importStatementSchema, type ImportStatement } from '../../contract/statements.js';
import { appendAudit } from '../../db/audit.js';
import type { Db } from '../../db/connect.js';
import {
  findStatement,
  holderOfUser,
  insertComparison,
  insertStatement,
  insertStatementEvent,
  lockStatements,
  lockUser,
  markOfBooks,
  newestComparison,
  statementsAround,
  withdrawalOf,
  type StoredComparison,
  type StoredStatement,
} from '../../db/statements.js';
import { lockJournal } from '../../db/journal.js';
import { inTransaction } from '../../db/transaction.js';
import { tradingDayOf } from '../../domain/calendar/calendar.js';
import { outcomeOf, type Outcome } from '../../domain/errors.js';
import { contentHash, sha256 } from '../../domain/hash.js';
import { compareStatement } from '../../domain/statement/compare/compare.js';
import type { StatementComparison } from '../../domain/statement/compare/line.js';
import { comparisonIdentity, statementIdentity } from '../../domain/statement/identity.js';
import { refuseDisagreement, refuseOtherHolder } from '../../domain/statement/overlap.js';
import { readStatement } from '../../domain/statement/read.js';
import { orRefused, refusedStatement } from '../../domain/statement/refusals.js';
import type { Statement } from '../../domain/statement/statement.js';
import { refuseFuture } from '../../domain/statement/summary.js';
import { openFirst } from '../../domain/statement/unopened.js';
import { keepStatement, statementWillBeKept, type StatementFile } from '../../providers/statement/keep.js';
import { readWorkbook } from '../../providers/statement/workbook.js';
import { admitToLook, claimOf } from '../accounts/admit.js';
import { renderStatement } from '../files/render/statement.js';
import type { Admitted, Installation } from '../installation.js';
import { ledgerFactsOf } from './ledger-facts.js';

/** A statement with what came of holding it against the ledger. */
export interface StatementImported {
  stored: StoredStatement;
  comparison: StoredComparison;
  /** False where this file was imported before. */
  isNew: boolean;
  /** Whether it had been withdrawn, and counts again by this import. */
  isReadmitted: boolean;
  /** False where the ledger is as it was when the file was compared last: then this is that answer. */
  isCompared: boolean;
  /** Report files, below the data directory. */
  files: string[];
}

/**
 * Imports the broker's account statement as evidence: reads it whole or refuses it by name, keeps the file, holds it
 * against the ledger, and writes the report. Nothing is booked. The same file again is the same statement; where the
 * ledger has moved on meanwhile it is compared anew, and one that was withdrawn counts again.
 */
export function importStatement(
  installation: Installation,
  asker: Asker,
  input: ImportStatement,
): Promise<Outcome<StatementImported>> {
  return outcomeOf(async () => {
    const { account, fileName, body } = parseInput(importStatementSchema, input);
    const by = await admitToLook(installation, asker, account);
    const bytes = Buffer.from(body.buffer, body.byteOffset, body.byteLength);
    const file = { statementId: statementIdentity(account, sha256(bytes)), name: fileName, body: bytes };
    const known = await findStatement(installation.db, file.statementId);
    const statement = known?.statement ?? (await readFile(by, file.body));
    const told = await compareAndRecord(installation.db, {
      by,
      asker,
      dataDir: installation.dataDir,
      file,
      statement,
    });
    const { comparisonId } = told.comparison;
    return { ...told, files: await renderStatement(installation, { comparisonId }) };
  });
}

interface File {
  statementId: string;
  name: string;
  body: Buffer;
}

/** Reads a file that is new. */
async function readFile({ account, configuration, at }: Admitted, body: Buffer): Promise<Statement> {
  const statement = await orRefused(async () => readStatement(await readWorkbook(body), configuration.universe));
  refuseFuture(statement, at);
  refuseOtherCurrency(statement, account.baseCurrency);
  return statement;
}

/** An account whose currency the statement neither is in nor displays cannot be held against it. */
function refuseOtherCurrency({ currency, display }: Statement, baseCurrency: string): void {
  if (currency === baseCurrency || display === baseCurrency) return;
  const said = display === null ? currency : `${currency}/${display}`;
  const rule = `must be in ${baseCurrency}, or display it: the account is held in that`;
  throw refusedStatement('STATEMENT_CURRENCY', 'Account Summary, Currency', said, rule);
}

interface Recording {
  by: Admitted;
  asker: Asker;
  dataDir: string;
  file: File;
  statement: Statement;
}

/** What came of comparing, and what the account's books were known by just before they were looked at. */
interface Looked {
  mark: string;
  compared: { comparison: StatementComparison } | { refused: unknown };
}

async function lookAt(db: Db, { by, statement }: Pick<Recording, 'by' | 'statement'>): Promise<Looked> {
  const mark = await markOfBooks(db, by.account.account);
  const facts = await ledgerFactsOf(db, by, statement);
  try {
    return { mark, compared: { comparison: await orRefused(() => openFirst(compareStatement(statement, facts))) } };
  } catch (refused) {
    return { mark, compared: { refused } };
  }
}

/** How often the books may move on meanwhile before they are held still for it. */
const LOOKS = 3;

/**
 * Comparing takes as long as it takes, and nobody is to wait for it, nor the server for us: the books are held only to
 * see that they are still as they were looked at, and to store what came of it.
 */
async function compareAndRecord(db: Db, recording: Recording): Promise<Omit<StatementImported, 'files'>> {
  for (let looks = 1; ; looks += 1) {
    const looked = looks > LOOKS ? null : await lookAt(db, recording);
    const told = await inTransaction(db, (trx) => record(trx, recording, looked));
    if (told !== null) return told;
  }
}

/**
 * Stores the statement where it is new, and the comparison where it says something else than the last one did.
 * @param looked what came of comparing before; null to compare while the books are held
 * @returns null where the books have moved on since
 */
async function record(
  trx: Knex.Transaction,
  recording: Recording,
  looked: Looked | null,
): Promise<Omit<StatementImported, 'files'> | null> {
  const { by, asker } = recording;
  const { statementId } = recording.file;
  const { account } = by.account;
  await lockStatements(trx, account);
  // Until this is stored the ledger stays as it was looked at.
  await lockJournal(trx, account);
  if (looked !== null && looked.mark !== (await markOfBooks(trx, account))) return null;
  const earlier = await findStatement(trx, statementId);
  const isReadmitted = earlier !== null && (await withdrawalOf(trx, statementId)) !== null;
  if (earlier === null || isReadmitted) await refuseBeside(trx, recording);
  const { compared: came } = looked ?? (await lookAt(trx, recording));
  if ('refused' in came) throw came.refused;
  const { comparison } = came;
  const last = await newestComparison(trx, statementId);
  const file = fileOf(recording);
  const stored = earlier ?? (await store(trx, recording, file));
  const told = { stored, isNew: earlier === null, isReadmitted };
  if (isReadmitted) await readmit(trx, { by, asker, stored });
  const hash = contentHash(comparison);
  if (last && contentHash(last.comparison) === hash) return { ...told, comparison: last, isCompared: false };
  const compared = {
    comparisonId: comparisonIdentity(statementId, { hash, before: last?.comparisonId ?? null }),
    statementId,
    operator: by.operator,
    at: by.at,
    comparison,
  };
  await insertComparison(trx, compared);
  await audit(trx, { by, asker, stored: told.stored }, { isNew: told.isNew, compared });
  // Last, so that what fails before leaves no file; a row is never there without it.
  if (told.isNew) await keepStatement(recording.dataDir, file);
  return { ...told, comparison: compared, isCompared: true };
}

/** Refuses what disagrees with other statements that count, or is of a time to come. */
async function refuseBeside(trx: Knex.Transaction, { by: { account: of, at }, statement }: Recording): Promise<void> {
  const { account } = of;
  refuseFuture(statement, at);
  await lockUser(trx, statement.userHash);
  refuseOtherHolder(account, await holderOfUser(trx, account, statement.userHash));
  const around = await statementsAround(trx, account, statement);
  await orRefused(() => refuseDisagreement(statement, around, account));
}

/** The file of a statement that was withdrawn was imported again. */
async function readmit(
  trx: Knex.Transaction,
  { by, asker: { door }, stored }: Pick<Recording, 'by' | 'asker'> & { stored: StoredStatement },
): Promise<void> {
  const { at, operator } = by;
  const { statementId, account } = stored;
  await insertStatementEvent(trx, statementId, { event: 'READMITTED', reason: null, operator, at });
  await appendAudit(trx, {
    at,
    account,
    actor: operator,
    action: 'statement.readmitted',
    subject: statementId,
    detail: { door, ...claimOf(by) },
  });
}

const fileOf = ({ by: { account, at }, file }: Recording): StatementFile => ({
  ...file,
  account: account.account,
  date: tradingDayOf(at),
  at,
});

/** Stores what a file says, once nothing refuses it any more. */
async function store(
  trx: Knex.Transaction,
  { by: { account, at, operator }, statement }: Recording,
  file: StatementFile,
): Promise<StoredStatement> {
  const { sha256: hash, bytes, path } = statementWillBeKept(file);
  const stored = {
    statementId: file.statementId,
    account: account.account,
    fileName: file.name,
    sha256: hash,
    bytes,
    path,
    operator,
    at,
    statement,
  };
  await insertStatement(trx, stored);
  return stored;
}

async function audit(
  trx: Knex.Transaction,
  { by, asker: { door }, stored }: Pick<Recording, 'by' | 'asker'> & { stored: StoredStatement },
  { isNew, compared: { comparisonId, comparison } }: { isNew: boolean; compared: StoredComparison },
): Promise<void> {
  const { statementId, account, fileName, sha256: hash, bytes, path, statement } = stored;
  const differences = comparison.lines.filter(({ difference }) => difference !== null).length;
  const { status, lastEntryId } = comparison;
  await appendAudit(trx, {
    at: by.at,
    account,
    actor: by.operator,
    action: isNew ? 'statement.imported' : 'statement.compared',
    subject: statementId,
    detail: {
      comparisonId,
      status,
      differences,
      lastEntryId,
      ...(isNew && {
        fileName,
        sha256: hash,
        bytes,
        path,
        layout: statement.layout,
        from: statement.from,
        to: statement.to,
      }),
      door,
      ...claimOf(by),
    },
  });
}
