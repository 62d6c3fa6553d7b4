import type { Knex } from 'knex';
import { keptHeads } from '../../backup/heads.js';
import { symbolsEverKnown } from '../../db/invariants.js';
import { openedAccounts, type OpenedAccount } from '../../db/slots.js';
import { inView } from '../../db/transaction.js';
import { MOST_TOLD } from '../../db/valuations-told.js';
import type { SlotPolicy } from '../../domain/day/slots.js';
import type { Policy } from '../../domain/policy/policy.js';
import type { Instant } from '../../domain/types.js';
import { OpsError } from '../../domain/errors.js';
import { brokenTickets } from '../day/verify-tickets.js';
import { brokenFiles, type FilesScope } from './broken-files.js';
import { readKeyring } from '../signing/keyring.js';
import type { SigningPlace } from '../signing/place.js';
import { verifySignatures } from '../signing/verify-signatures.js';
import { violationsIn, type Violation } from './invariants.js';
import type { FactsScope } from './prove-facts.js';
import { headsLost } from './verify-audit.js';

/**
 * Tickets that are decided again: those of the last month or so; `ticket verify` and a proof on a fresh cluster take
 * any and all.
 */
const TICKETS = 40;

export interface BooksScope {
  db: Knex;
  /** Where heads of the audit log are kept, and backups; null for a database that is beside the live one. */
  kept: { dataDir: string; backups: string } | null;
  /**
   * The policy in force and the machine's time, for the slots of its accounts on the real clock; null where nothing is
   * scheduled.
   */
  slots: { policy: SlotPolicy & Pick<Policy, 'accounts'>; now: Instant } | null;
  /** Where the keys are that signatures are proved against; null where nobody trades on what is stored. */
  keys: Pick<SigningPlace, 'dataDir' | 'configDir'> | null;
  /** `all` when left out. */
  facts?: FactsScope;
  /** False for a backup, whose schema may be an older version's. `true` when left out. */
  isOfThisVersion?: boolean;
  /**
   * I9 and I10, which are of files: where the live installation is looked at, of which `kept` and `slots` must tell.
   */
  files?: Pick<FilesScope, 'env' | 'recent' | 'policy'>;
}

/**
 * I1 to I8 of docs/RULES.md 8 over everything that is stored, in one view of the database: the queries of `simulate`,
 * on what is really there; and I9 and I10 over the files. Reads only.
 * @returns what is broken, each with its invariant; empty when all hold.
 */
export async function brokenBooks({
  db,
  kept,
  slots,
  keys,
  facts = 'all',
  isOfThisVersion = true,
  files,
}: BooksScope): Promise<Violation[]> {
  const known = kept && (await keptHeads(kept.dataDir, kept.backups));
  return inView(db, async (trx) => {
    const scheduled = slots === null ? [] : (await openedAccounts(trx)).filter(isScheduledBy(slots.policy));
    const heads = known ? await headsLost(trx, known.heads) : [];
    const tickets = await brokenTickets(trx, TICKETS);
    return [
      ...(await violationsIn(trx, {
        universe: await symbolsEverKnown(trx),
        known: null,
        facts,
        isOfThisVersion,
        valuedAgain: MOST_TOLD,
        configDir: keys?.configDir ?? null,
        // A backup of an earlier version may have no seals at all.
        dataDir: isOfThisVersion ? (keys?.dataDir ?? null) : null,
        slots: slots === null ? [] : scheduled.map(({ account }) => ({ account, ...slots })),
      })),
      ...heads.map(({ seq, problem }) => ({ invariant: 'I4' as const, subject: `audit record ${seq}`, problem })),
      ...(known?.problems ?? []).map((problem) => ({ invariant: 'I4' as const, subject: 'audit heads', problem })),
      ...tickets.map(({ ticket, problem }) => ({
        invariant: 'I8' as const,
        subject: `${ticket.account} ticket ${ticket.ticketId}`,
        problem,
      })),
      ...(files && kept && slots
        ? await brokenFiles(trx, { ...kept, ...files, now: slots.now, since: openedFirst(scheduled) })
        : []),
      ...(keys === null ? [] : await signaturesBroken(trx, keys)),
    ];
  });
}

/** An account that the policy names no more has no runs that anybody could miss. */
const isScheduledBy =
  ({ accounts }: Pick<Policy, 'accounts'>) =>
  ({ account, clock }: { account: string; clock: string }): boolean =>
    clock === 'real' && Object.hasOwn(accounts, account);

const openedFirst = (accounts: readonly OpenedAccount[]): Instant | null =>
  accounts.map(({ openedAt }) => openedAt).toSorted()[0] ?? null;

/** I4: who said it is proved, for all that was ever signed and for each fact that trading rests on. */
async function signaturesBroken(trx: Knex, keys: NonNullable<BooksScope['keys']>): Promise<Violation[]> {
  const invariant = 'I4' as const;
  try {
    const { problems } = await verifySignatures(trx, await readKeyring(keys), 'in force');
    return problems.map(({ fact, ids, problem }) => ({ invariant, subject: `${fact} ${ids.join(', ')}`, problem }));
  } catch (error) {
    if (!(error instanceof OpsError)) throw error;
    return [{ invariant, subject: 'keys', problem: `${error.code}: ${error.message}` }];
  }
}
