import type { Knex } from 'knex';
import { answerHash, type AnswerContent } from '../domain/confirmation/answer.js';
import { contentHash } from '../domain/hash.js';
import { keepNewest } from '../domain/keep.js';
import { answerAct, reconcileAct } from '../domain/signing/act.js';
import type { Seen } from '../domain/reconciliation/seen.js';
import { canonicalSnapshot, type SnapshotInput } from '../domain/reconciliation/snapshot.js';
import { OF_ITS_STATEMENT, recordedOf, SIGNATURE_AS_JSON, type SignatureOnRecord } from './signatures.js';
import { isOfSignedTime, SINCE } from './signatures-wanted.js';
import type { Act, Recorded } from '../domain/signing/attestation.js';
import {
  keysOf,
  unproved,
  type SignatureFacts,
  type SignedConfirmation,
  type SignedFactTable,
  type SignedRow,
} from '../domain/signing/facts.js';
import type { Keyring } from '../domain/signing/keys.js';
import type { IsoDate, Sha256, Snapshot } from '../domain/types.js';
import type { Db } from './connect.js';
import { CONFIRMATION_IN_FORCE } from './in-force.js';
import { question, rows, type Question } from './questions.js';
import { POSITIONS_OF_SNAPSHOT } from './snapshots.js';
import { othersUnproved, type Asked } from './signed-others.js';

/** The signatures of a fact, oldest first, as JSON. */
const signaturesOf = (fact: SignedFactTable, id: string): string => `
  (select coalesce(jsonb_agg(${SIGNATURE_AS_JSON} order by g.seq), '[]')
     from signatures g where g.fact = '${fact}' and g.fact_ids @> array[${id}::text] and ${OF_ITS_STATEMENT})`;

/** A row with what are signatures by their shape: anything else that lies beside a fact is none. */
const withSignatures = <R extends { signatures: Recorded[] }>(row: R): R => ({
  ...row,
  signatures: row.signatures.flatMap((one) => recordedOf(one) ?? []),
});

interface SnapshotRow {
  id: string;
  tradingDay: IsoDate;
  commandId: string;
  operator: string;
  /** How its figures were read, as it is stored with the comparison; null where nobody said so. */
  seen: Seen | null;
  signatures: Recorded[];
}

/** What was said with the newest snapshot of an account; null where it is from before there were signatures. */
export const signedSnapshotQuestion = (db: Db, account: string): Question<SnapshotRow | null> =>
  question<SnapshotRow | null>(
    db.raw(
      `select newest.* from (
         select r.reconciliation_id as id, r.trading_day as "tradingDay", r.command_id as "commandId", r.operator, r.seq,
                r.evidence->'seen' as seen,
                ${signaturesOf('reconciliations', 'r.reconciliation_id')} as signatures
           from reconciliations r where r.account = ? order by r.seq desc limit 1) as newest, ${SINCE} since
        where ${isOfSignedTime('reconciliations', ['newest.seq', 'seq'], 'newest.id::text')}`,
      [account],
    ),
    ([row]: SnapshotRow[]) => (row ? withSignatures(row) : null),
  );

/** An answer that is in force, and a digest of all that its signature depends on. */
interface Answered {
  id: string;
  digest: string;
}

/**
 * The tickets of an account's other days that are answered, the newest first; those from before there were signatures
 * are left out. No day after this one has been, but a row may say so, and what it booked would count.
 */
export const answeredQuestion = (db: Db, account: string, tradingDay: IsoDate): Question<Answered[]> =>
  question<Answered[]>(
    db.raw(
      `select c.confirmation_id as id,
              md5(concat_ws('/', c.content, c.operator, c.amends_confirmation_id, x.ticket_id, x.material_hash, x.account,
                x.trading_day, ${signaturesOf('confirmations', 'c.confirmation_id')})) as digest
         from live_tickets t join tickets x on x.ticket_id = t.ticket_id join confirmations c on c.ticket_id = t.ticket_id
        cross join ${SINCE} since
        where t.account = ? and t.trading_day <> ?
          and ${isOfSignedTime('confirmations', ['greatest(c.seq, x.seq)', 'seq'], 'c.confirmation_id::text')}
          and ${CONFIRMATION_IN_FORCE}
        order by t.trading_day desc`,
      [account, tradingDay],
    ),
    (found: Answered[]) => found,
  );

type AnswerRow = Pick<SignedConfirmation, 'id' | 'operator' | 'signatures' | 'ticketId' | 'tradingDay'> & {
  account: string;
  materialHash: Sha256;
  content: AnswerContent;
  amends: string | null;
};

/** Answers with all that their signatures are held against. */
async function signedAnswers(db: Db, ids: string[]): Promise<SignedConfirmation[]> {
  const found = await rows<AnswerRow>(
    db,
    `select c.confirmation_id as id, c.operator, c.content, c.amends_confirmation_id as amends, t.ticket_id as "ticketId",
            t.account, t.trading_day as "tradingDay", t.material_hash as "materialHash",
            ${signaturesOf('confirmations', 'c.confirmation_id')} as signatures
       from confirmations c join tickets t using (ticket_id) where c.confirmation_id = any(?::uuid[])
      order by t.trading_day desc`,
    [ids],
  );
  return found.map(withSignatures).map(({ account, materialHash, content, amends, ...row }) => {
    const ticket = { ticketId: row.ticketId, account, tradingDay: row.tradingDay, materialHash };
    return { ...row, act: answerAct({ ticket, hash: answerHash(content), amends }) };
  });
}

/** The answers in force to these tickets; those from before there were signatures are left out. */
export async function answersInForce(db: Db, ticketIds: readonly string[]): Promise<SignedConfirmation[]> {
  const found = await rows<{ id: string }>(
    db,
    `select c.confirmation_id as id
       from confirmations c join tickets x using (ticket_id) cross join ${SINCE} since
      where x.ticket_id = any(?::uuid[])
        and ${isOfSignedTime('confirmations', ['greatest(c.seq, x.seq)', 'seq'], 'c.confirmation_id::text')}
        and ${CONFIRMATION_IN_FORCE}`,
    [[...ticketIds]],
  );
  return found.length === 0
    ? []
    : signedAnswers(
        db,
        found.map(({ id }) => id),
      );
}

/**
 * What is stored of the facts that these signatures are beside, as a statement says it; null for a fact that is not
 * there, or that says not all that was signed.
 */
export async function signedFactsOf(db: Db, signatures: readonly SignatureOnRecord[]): Promise<(Act | null)[]> {
  const idsOf = (table: SignedFactTable) => signatures.flatMap(({ fact, ids }) => (fact === table ? [...ids] : []));
  const [answers, snapshots] = [
    await signedAnswers(db, idsOf('confirmations')),
    await snapshotActs(db, idsOf('reconciliations')),
  ];
  const answered = new Map(answers.map(({ id, act }) => [id, act]));
  return signatures.map(({ fact, ids, signed }) => {
    if (fact === 'confirmations') return answered.get(ids[0] ?? '') ?? null;
    const act = fact === 'reconciliations' ? snapshots.get(ids[0] ?? '') : undefined;
    const isOpening = signed?.attestation.purpose === 'opening';
    return act ? { ...act, purpose: isOpening ? 'opening' : 'reconcile' } : null;
  });
}

async function snapshotActs(db: Db, ids: string[]): Promise<Map<string, Act>> {
  const found = await rows<Omit<SnapshotRow, 'operator' | 'signatures'> & { account: string } & SnapshotInput>(
    db,
    `select r.reconciliation_id as id, r.account, r.trading_day as "tradingDay", r.command_id as "commandId",
            s.snapshot_date as "snapshotDate", s.cash::text as cash, s.notes,
            r.evidence->'seen' as seen, ${POSITIONS_OF_SNAPSHOT} as positions
       from reconciliations r join snapshots s using (snapshot_id) where r.reconciliation_id = any(?::uuid[])`,
    [ids],
  );
  return new Map(
    found.map(({ id, account, tradingDay, commandId, seen, ...snapshot }) => [
      id,
      reconcileAct({ purpose: 'reconcile', account, tradingDay, commandId, seen }, canonicalSnapshot(snapshot)),
    ]),
  );
}

/**
 * Answers whose signatures counted when they were looked at, by all that this depends on: what a digest stands for
 * never changes.
 */
const COUNTED_MAX = 20_000;
const counted = new Map<string, true>();

/** What is read of an account's facts, in one view with them. */
export interface SignedParts {
  snapshot: SnapshotRow | null;
  answered: Answered[];
  asked: Asked[];
}

/**
 * What people said of an account's snapshot and of its earlier tickets. Each answer is looked at whenever a ticket is
 * decided, and its signature reckoned again only where anything that it depends on, or a key, is another.
 */
export async function signatureFacts(
  db: Db,
  {
    account,
    keyring,
    needed,
    snapshot,
  }: { account: string; keyring: Keyring; needed: number; snapshot: Snapshot | null },
  parts: SignedParts,
): Promise<SignatureFacts> {
  const keysHash = contentHash(keyring);
  const known = ({ digest }: Answered) => counted.has(`${digest}/${keysHash}/${needed}`);
  const asked = parts.answered.filter((one, index) => index === 0 || !known(one));
  const answers =
    asked.length === 0
      ? []
      : await signedAnswers(
          db as Knex,
          asked.map(({ id }) => id),
        );
  const bad = new Set(answers.flatMap((one) => (unproved(one, keyring, needed) ? [one.id] : [])));
  for (const { id, digest } of asked)
    if (!bad.has(id)) keepNewest(counted, `${digest}/${keysHash}/${needed}`, true, COUNTED_MAX);
  const newest = parts.answered[0]?.id;
  const confirmations = answers.filter(({ id }) => id === newest || bad.has(id));
  const said = snapshot && parts.snapshot && snapshotOf(snapshot, parts.snapshot);
  const others = await othersUnproved(db, account, parts.asked, keyring);
  return {
    keyring: keysOf(keyring, [...confirmations, ...others, ...(said ? [said] : [])]),
    keysHash,
    needed,
    ...(needed > 1 && { byOwnKeys: true as const }),
    snapshot: said,
    confirmations,
    ...(others.length > 0 && { others }),
  };
}

/** A snapshot that opened the ledger is signed as an opening. */
function snapshotOf(snapshot: Snapshot, { tradingDay, commandId, seen, ...row }: SnapshotRow): SignedRow {
  const opening = row.signatures.some(({ attestation }) => attestation.purpose === 'opening');
  const purpose = opening ? 'opening' : 'reconcile';
  return { ...row, act: reconcileAct({ purpose, account: snapshot.account, tradingDay, commandId, seen }, snapshot) };
}
