import { randomUUID } from 'node:crypto';
import type { Asker } from '../../contract/asker.js';
import type { Db } from '../../db/connect.js';
import { reconciliationOfCommand, type Reconciliation } from '../../db/reconciliations.js';
import { snapshotFigures } from '../../db/snapshots.js';
import { outcomeOf, resultOrThrow, usageError, type Outcome } from '../../domain/errors.js';
import { contentHash } from '../../domain/hash.js';
import { problemText, type Problem } from '../../domain/problems.js';
import { commandIdShape } from '../../domain/shapes.js';
import { shown } from '../../domain/text.js';
import { reconciliationIdentity } from '../../domain/reconciliation/identity.js';
import {
  asItStood,
  completedBy,
  problemsOfRows,
  readRows,
  type RowsRead,
  type RowsTyped,
} from '../../domain/reconciliation/rows.js';
import { canonicalSnapshot } from '../../domain/reconciliation/snapshot.js';
import type { Gatehouse } from '../installation.js';
import { refuseIfMoved } from './basis.js';
import { invalid } from './check-snapshot.js';
import { prepareReconcile, type SnapshotRead } from './prepare.js';
import { previewReconcile, snapshotForm, type ReconcilePreview, type SnapshotForm } from './preview.js';

/*
 * A form of the broker's figures, from its first row to the message for the day: what it says so far, what is still
 * missing, and what it asks for. A form that is sent twice asks once.
 */

/** What was typed into a form of an account, and what the form was made with. */
export interface FormTyped {
  account: string;
  /** Made with the form: the same form again is the same command. */
  commandId: string;
  /** What the ledger and the newest comparison were when the form was made. */
  basis: string;
  rows: RowsTyped;
  /** The account's name, typed by whoever opens its ledger. */
  opens: string;
}

/** How a form stands. */
export interface RowsPreview {
  form: SnapshotForm;
  read: RowsRead;
  /** What keeps it from being sent. */
  problems: Problem[];
  /**
   * What the comparison says of the rows so far, the others as the ledger has them; null where the figures cannot be
   * compared, and why stands in `problems` or in `refusal`.
   */
  preview: ReconcilePreview | null;
  /** What is wrong beside the rows: the date, the notes. */
  refusal: string | null;
}

/** What the rows so far come to; writes nothing. @returns or ACCOUNT_UNKNOWN, OPERATOR_UNKNOWN and the like */
export function previewRows(
  where: Gatehouse,
  asker: Asker,
  { account, rows }: Pick<FormTyped, 'account' | 'rows'>,
): Promise<Outcome<RowsPreview>> {
  return outcomeOf(async () => {
    const form = resultOrThrow(await snapshotForm(where, asker, account));
    const read = readRows(form, rows);
    const figures = completedBy(read, form);
    const { snapshotDate, notes } = textOf(rows);
    const outcome = await previewReconcile(where, asker, { account, snapshotDate, ...figures, notes });
    return {
      form,
      read,
      problems: problemsOfRows(read),
      preview: outcome.ok ? outcome.result : null,
      refusal: outcome.ok ? null : outcome.refusal.message,
    };
  });
}

const textOf = ({ snapshotDate, notes }: RowsTyped) => ({
  snapshotDate: snapshotDate.trim(),
  notes: notes.trim() === '' ? null : notes.trim(),
});

/** What is about to be recorded, to be read once more. */
export interface FormReviewed {
  form: SnapshotForm;
  read: SnapshotRead;
  preview: ReconcilePreview;
}

/**
 * Holds a form against every rule and writes nothing.
 * @returns or FORM_STALE, SNAPSHOT_INVALID with every row that is missing or wrong
 */
export function reviewForm(where: Gatehouse, asker: Asker, typed: FormTyped): Promise<Outcome<FormReviewed>> {
  return outcomeOf(async () => {
    await refuseIfMoved(where.db, typed.account, typed.basis);
    const form = resultOrThrow(await snapshotForm(where, asker, typed.account));
    const read = wholeRead(typed, readRows(form, typed.rows));
    return { form, read, preview: resultOrThrow(await previewReconcile(where, asker, read)) };
  });
}

/** The snapshot that complete rows say. @throws OpsError SNAPSHOT_INVALID */
function wholeRead({ account, rows }: Pick<FormTyped, 'account' | 'rows'>, read: RowsRead): SnapshotRead {
  const problems = problemsOfRows(read);
  if (problems.length > 0) return resultOrThrow<SnapshotRead>({ ok: false, refusal: invalid(problems) });
  const { cash, positions, seen } = read;
  return { account, ...textOf(rows), cash: cash ?? '', positions, seen };
}

type Prepared = Awaited<ReturnType<typeof prepareReconcile>> extends Outcome<infer Message> ? Message : never;

/** What a form asks of the day. */
export interface FormPrepared {
  /** The comparison that it leads to, which is stored when the day has handled it. */
  reconciliationId: string;
  /** Null where the same form was sent before, and the comparison is stored. */
  message: Prepared | null;
}

/**
 * The message of a form that was reviewed; none where the same form was recorded before.
 * @returns or FORM_STALE, SNAPSHOT_INVALID, OPENING_NOT_NAMED; MESSAGE_INVALID where it was sent with other figures
 */
export function prepareForm(where: Gatehouse, asker: Asker, typed: FormTyped): Promise<Outcome<FormPrepared>> {
  return outcomeOf(async () => {
    if (!isCommandId(typed.commandId)) throw usageError('MESSAGE_INVALID', problemText([notOfForm(typed)]));
    const reconciliationId = reconciliationIdentity(typed.account, typed.commandId);
    const first = await reconciliationOfCommand(where.db, typed.account, typed.commandId);
    if (first) {
      await refuseOtherFigures(where, asker, typed, first);
      return { reconciliationId, message: null };
    }
    const { read, preview } = resultOrThrow(await reviewForm(where, asker, typed));
    const message = resultOrThrow(await prepareReconcile(where, asker, read, typed.commandId));
    // Signed before the name is looked at: a passkey signs on the very page on which that is typed. Nothing is sent.
    if (preview.opens && typed.opens.trim() !== typed.account)
      throw usageError('OPENING_NOT_NAMED', problemText([namedBy(typed)]), {
        remedy: 'every figure from now on builds on an opening: review it again, and type the name of the account',
      });
    return { reconciliationId, message };
  });
}

/** Nothing is asked of the database by what no form has. */
const isCommandId = (text: string): boolean => commandIdShape().safeParse(text).success;

const notOfForm = ({ commandId }: FormTyped): Problem => ({
  field: 'command',
  value: shown(commandId),
  rule: 'must be the id that the form came with',
});

const namedBy = ({ opens, account }: FormTyped): Problem => ({
  field: 'opens',
  value: opens.trim() === '' ? null : shown(opens),
  rule: `must be the name of the account whose ledger is opened, ${account}`,
});

/** The same figures have the answer that they had; others are another command, and must not read it as theirs. */
async function refuseOtherFigures(
  where: Gatehouse,
  asker: Asker,
  typed: FormTyped,
  first: Reconciliation,
): Promise<void> {
  const form = resultOrThrow(await snapshotForm(where, asker, typed.account));
  const { seen, ...figures } = wholeRead(typed, readRows(asItStood(form, typed.rows), typed.rows));
  const said = contentHash([canonicalSnapshot(figures), seen]);
  const stored = contentHash([await snapshotFigures(where.db, first.snapshotId), first.evidence.seen ?? null]);
  if (said === stored) return;
  throw usageError('MESSAGE_INVALID', 'this form was sent before, with other figures, and recorded them', {
    remedy: 'look at everything below again, and send it: it is a form of its own now',
  });
}

/** The id of what a form asks for: its own, unless that was carried out, or a new one. */
export const commandIdOf = async (db: Db, account: string, made: string | undefined): Promise<string> =>
  made === undefined || !isCommandId(made) || (await reconciliationOfCommand(db, account, made)) !== null
    ? randomUUID()
    : made;
