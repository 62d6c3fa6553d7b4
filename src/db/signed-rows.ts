import { tradingDayOf } from '../domain/calendar/calendar.js';
import { groupBy } from '../domain/group.js';
import { bookedAgain } from '../domain/ledger/bookings/again.js';
import type { BookedEntry } from '../domain/ledger/sums.js';
import type { Recorded } from '../domain/signing/attestation.js';
import type { SignedFactTable } from '../domain/signing/facts.js';
import {
  entryFault,
  resetFault,
  rulingFault,
  type ResetTold,
  type RulingTold,
  type SignedRecord,
} from '../domain/signing/rows.js';
import { signatureHash } from '../domain/signing/verify.js';
import type { Account } from '../domain/types.js';
import { listAccounts } from './accounts.js';
import type { Db } from './connect.js';
import { journal } from './journal.js';
import { rows } from './questions.js';

/** A signature, what was said in it, and the rows that it is beside. */
export interface SignedContent {
  fact: SignedFactTable;
  ids: readonly string[];
  signed: Recorded;
  content: unknown;
}

/** Journals that rows are held against. */
export type Journals = (account: string) => Promise<readonly BookedEntry[]>;

/** Reads journals as they are asked for; one is kept until another is wanted, however many there are. */
export function journalsOf(db: Db): Journals {
  let known: { account: string; entries: BookedEntry[] } | undefined;
  return async (account) => {
    known = known?.account === account ? known : { account, entries: await journal(db, account) };
    return known.entries;
  };
}

/**
 * Why rows of bookings, rulings and resets are not what their statements ask for, by signature and row: null for each
 * that is, and for what is signed of other tables.
 */
export async function rowFaults(
  db: Db,
  signatures: readonly SignedContent[],
  journals: Journals = journalsOf(db),
): Promise<(string | null)[][]> {
  const faults = signatures.map(({ ids }) => ids.map((): string | null => null));
  const beside = (fact: SignedFactTable): Beside[] =>
    signatures.flatMap((one, index) => (one.fact === fact ? { ...one, faults: faults[index]! } : []));
  const [booked, ruled, reset] = [beside('journal_entries'), beside('action_rulings'), beside('kill_switch_events')];
  if (booked.length + ruled.length + reset.length === 0) return faults;
  const records = await recordsOf(db, [...booked, ...ruled, ...reset]);
  const recordOf = ({ signed }: Beside) => records.get(signatureHash(signed)) ?? null;
  if (booked.length > 0) await lookAtEntries(db, booked, { journals, recordOf });
  const rulings = await rulingsOf(db, ruled);
  for (const one of ruled) each(one, (id) => rulingFault(rulings.get(id), one.content, recordOf(one)));
  const resets = await resetsOf(db, reset);
  for (const one of reset) {
    const { account } = one.signed.attestation;
    // Accounts may have events of one key: its own is meant, where it has one.
    const resetOf = (id: string) => {
      const known = resets.get(id) ?? [];
      return known.find((event) => event.account === account) ?? known[0];
    };
    each(one, (id) => resetFault(resetOf(id), { account, content: one.content, record: recordOf(one) }));
  }
  return faults;
}

/** A signature, with the place of what is wrong with each row beside it. */
interface Beside extends SignedContent {
  faults: (string | null)[];
}

function each({ ids, faults }: Beside, faultOf: (id: string, index: number) => string | null): void {
  for (const [index, id] of ids.entries()) faults[index] = faultOf(id, index);
}

/**
 * Entries are made again in the order in which they were booked: the journal before each is the same list, which grows,
 * so that what the rules look up in it goes on too.
 */
async function lookAtEntries(
  db: Db,
  booked: readonly Beside[],
  { journals, recordOf }: { journals: Journals; recordOf(one: Beside): SignedRecord | null },
): Promise<void> {
  const accounts = new Map((await listAccounts(db)).map((one) => [one.account, one]));
  const byAccount = groupBy(booked, ({ signed }) => signed.attestation.account ?? '');
  for (const [account, signatures] of byAccount) {
    const entries = await journals(account);
    const byId = new Map(entries.map((entry) => [String(entry.entryId), entry]));
    const known = accounts.get(account) ?? { account, baseCurrency: '', clock: 'real' };
    const before: BookedEntry[] = [];
    const firstOf = ({ ids }: Beside) => Number(ids[0]);
    for (const one of signatures.toSorted((a, b) => firstOf(a) - firstOf(b))) {
      while (before.length < entries.length && entries[before.length]!.entryId < firstOf(one))
        before.push(entries[before.length]!);
      const made = madeOf(one, { account: known, entry: byId.get(one.ids[0] ?? ''), before });
      each(one, (id, index) =>
        entryFault(byId.get(id), {
          account,
          made: typeof made === 'string' ? made : made[index],
          record: recordOf(one),
        }),
      );
    }
  }
}

function madeOf(
  { ids, content }: Beside,
  { account, entry, before }: { account: Account; entry: BookedEntry | undefined; before: readonly BookedEntry[] },
): ReturnType<typeof bookedAgain> {
  if (entry === undefined) return 'its first entry is not there';
  const made = bookedAgain(content, { account, today: tradingDayOf(entry.bookedAt), before });
  if (typeof made === 'string' || made.length === ids.length) return made;
  return `it books ${made.length} entries, and ${ids.length} are beside it`;
}

/** The audit records that carry these signatures, by the hash of each. */
async function recordsOf(db: Db, signatures: readonly Beside[]): Promise<Map<string, SignedRecord>> {
  const hashes = signatures.map(({ signed }) => signatureHash(signed));
  const found = await rows<SignedRecord & { signature: string }>(
    db,
    `select detail->>'signature' as signature, at, detail from audit_log
      where detail->>'signature' is not null and detail->>'signature' = any(?) order by seq desc`,
    [hashes],
  );
  // The first of several counts: one that was added later says nothing of what was booked.
  return new Map(found.map(({ signature, ...record }) => [signature, record]));
}

async function rulingsOf(db: Db, ruled: readonly Beside[]): Promise<Map<string, RulingTold>> {
  if (ruled.length === 0) return new Map();
  const found = await rows<RulingTold & { id: string }>(
    db,
    `select ruling_id::text as id, symbol, ex_date as "exDate", kind, dividend_type as "dividendType", ruling,
            trim_scale(value)::text as value, reason, ruled_at as "ruledAt"
       from action_rulings where ruling_id::text = any(?)`,
    [ruled.flatMap(({ ids }) => ids)],
  );
  return new Map(found.map(({ id, ...ruling }) => [id, ruling]));
}

async function resetsOf(db: Db, reset: readonly Beside[]): Promise<Map<string, ResetTold[]>> {
  if (reset.length === 0) return new Map();
  const found = await rows<ResetTold>(
    db,
    `select idempotency_key as key, account, event, reason, at,
            (select count(*) from kill_switch_events b where b.account = k.account and b.event_id < k.event_id) as before
       from kill_switch_events k where idempotency_key = any(?)`,
    [reset.flatMap(({ ids }) => ids)],
  );
  return groupBy(found, ({ key }) => key);
}
