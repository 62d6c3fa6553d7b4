import { contentHash } from '../domain/hash.js';
import { keepNewest } from '../domain/keep.js';
import { actOf } from '../domain/signing/act.js';
import type { Purpose } from '../domain/signing/attestation.js';
import { PURPOSES_OF_FACT, unproved, type SignedFactTable, type SignedOther } from '../domain/signing/facts.js';
import type { Keyring } from '../domain/signing/keys.js';
import type { Db } from './connect.js';
import { rows, rowsQuestion, type Question } from './questions.js';
import {
  entriesAsked,
  ENTRIES_IN_FORCE,
  RESETS_ASKED,
  RESETS_IN_FORCE,
  RULINGS_ASKED,
  RULINGS_IN_FORCE,
  SINCE,
} from './signatures-wanted.js';
import { OF_ITS_STATEMENT, recordedOf, SIGNATURE_AS_JSON } from './signatures.js';
import { rowFaults, type SignedContent } from './signed-rows.js';

/** A booking, a ruling or a reset that is in force, and a digest of all that its signature depends on. */
export interface Asked {
  fact: SignedFactTable;
  id: string;
  digest: string;
}

/**
 * What of an account's facts somebody asked for, beside snapshots and answers, each with its rows and its signatures;
 * entries that somebody signed for and that are not there any more, too.
 */
const ASKED = `
  select asked.*, (
      select coalesce(jsonb_agg(jsonb_build_object(
               'content', g.content, 'ids', g.fact_ids, 'signed', ${SIGNATURE_AS_JSON}) order by g.seq), '[]')
        from signatures g where g.fact = asked.fact and g.fact_ids @> array[asked.id] and ${OF_ITS_STATEMENT}) as said
    from (
      select 'journal_entries' as fact, e.entry_id::text as id, e.account, e.operator, concat(e, (
               select string_agg(p::text, ';' order by p.line_no)
                 from postings p where p.entry_id = e.entry_id)) as stored
        from journal_entries e, ${SINCE} since where e.account = ?
         and ${entriesAsked((column) => `${column} = ?`)} and ${ENTRIES_IN_FORCE}
      union all
      select 'journal_entries', gone.id, b.account, b.operator, null
        from signatures b cross join lateral unnest(b.fact_ids) as gone (id)
       where b.fact = 'journal_entries' and b.account = ? and (
         select e.entry_id from journal_entries e where e.account = b.account and e.book = 'ledger'
            and e.entry_id = case when gone.id ~ '^[0-9]{1,18}$' then gone.id::bigint end) is null
      union all
      select 'action_rulings', r.ruling_id::text, null, r.operator, r::text
        from action_rulings r, ${SINCE} since where ${RULINGS_ASKED} and ${RULINGS_IN_FORCE}
      union all
      select 'kill_switch_events', k.idempotency_key, k.account, k.operator, concat(k, (
               select count(*) from kill_switch_events b where b.account = k.account and b.event_id < k.event_id))
        from kill_switch_events k, ${SINCE} since
       where k.account = ? and ${RESETS_ASKED} and ${RESETS_IN_FORCE}) as asked`;

/** The account, for each `?` of `ASKED`. */
const bindingsOf = (account: string): string[] => Array.from(ASKED.matchAll(/\?/g), () => account);

/** What of an account's facts somebody asked for. */
export const askedQuestion = (db: Db, account: string): Question<Asked[]> =>
  rowsQuestion<Asked>(
    db,
    `select fact, id, md5(concat_ws('/', fact, id, account, operator, stored, said)) as digest
       from (${ASKED}) as every_one`,
    bindingsOf(account),
  );

interface AskedRow {
  fact: SignedFactTable;
  id: string;
  account: string | null;
  operator: string;
  said: { signed: unknown; content: object | null; ids: string[] }[];
}

/** Signatures of something that was asked for, with what each says, the oldest first. */
const saidOf = ({ fact, said }: AskedRow): SignedContent[] =>
  said.flatMap(({ signed, content, ids }) => {
    const read = recordedOf(signed);
    return read ? [{ fact, ids, signed: read, content: content ?? {} }] : [];
  });

/**
 * What was asked for, as its oldest signature says it: that is what it was done by.
 * @param fault why its rows are not what was signed: then nobody signed what is stored.
 */
function otherOf(
  { fact, id, account, operator }: AskedRow,
  found: readonly SignedContent[],
  fault: string | null,
): SignedOther {
  const [first] = found;
  const [usual] = PURPOSES_OF_FACT[fact] as [Purpose];
  const purpose = PURPOSES_OF_FACT[fact].find((one) => one === first?.signed.attestation.purpose) ?? usual;
  // A ruling is of no account: it is said by whoever was let in under one.
  const where = account ?? first?.signed.attestation.account ?? null;
  const content = { ...(first?.content as object | undefined), ...(fault !== null && { stored: fault }) };
  const act = actOf({ purpose, account: where, content });
  return { fact, id, operator, act, signatures: found.map(({ signed }) => signed) };
}

/** Those whose signatures counted when they were looked at: what a digest stands for never changes. */
const COUNTED_MAX = 100_000;
const counted = new Map<string, true>();

/**
 * Those that do not count. Each is looked at whenever a ticket is decided, and its signature reckoned again only where
 * anything that it depends on, or a key, is another.
 */
export async function othersUnproved(
  db: Db,
  account: string,
  asked: readonly Asked[],
  keyring: Keyring,
): Promise<SignedOther[]> {
  const keysHash = contentHash(keyring);
  const unknown = asked.filter(({ digest }) => !counted.has(`${digest}/${keysHash}`));
  if (unknown.length === 0) return [];
  const digests = new Map(unknown.map(({ fact, id, digest }) => [`${fact} ${id}`, digest]));
  const found = await rows<AskedRow>(db, `select * from (${ASKED}) as every_one where fact || ' ' || id = any(?)`, [
    ...bindingsOf(account),
    [...digests.keys()],
  ]);
  return (await othersOf(db, found)).filter((other) => {
    if (unproved(other, keyring)) return true;
    keepNewest(counted, `${digests.get(`${other.fact} ${other.id}`)}/${keysHash}`, true, COUNTED_MAX);
    return false;
  });
}

/** What was asked for, made of what is stored: rows that are not what was signed are another thing. */
async function othersOf(db: Db, asked: readonly AskedRow[]): Promise<SignedOther[]> {
  const said = asked.map(saidOf);
  // Several entries of a baseline have one signature.
  const oldest = new Map(said.flatMap(([first]) => (first ? [[first.signed.attestation.nonce, first] as const] : [])));
  const found = await rowFaults(db, [...oldest.values()]);
  const faults = new Map([...oldest.keys()].map((nonce, index) => [nonce, found[index] ?? []]));
  return asked.map((row, index) => {
    const own = said[index] ?? [];
    const [first] = own;
    const fault = first && faults.get(first.signed.attestation.nonce)?.[first.ids.indexOf(row.id)];
    return otherOf(row, own, fault ?? null);
  });
}
