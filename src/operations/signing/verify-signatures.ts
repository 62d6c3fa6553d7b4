import type { Db } from '../../db/connect.js';
import { signaturesFrom, type SignatureOnRecord } from '../../db/signatures.js';
import { signedFactsOf } from '../../db/signed-facts.js';
import { journalsOf, rowFaults, type Journals } from '../../db/signed-rows.js';
import { unsignedFacts } from '../../db/signatures-wanted.js';
import { contentHash } from '../../domain/hash.js';
import { PURPOSES_OF_FACT, type SignedFactTable } from '../../domain/signing/facts.js';
import type { Keyring } from '../../domain/signing/keys.js';
import { attestationHash, faultOfSignature } from '../../domain/signing/verify.js';
import { bounded } from '../../domain/text.js';

/** A signature, or a fact without one, that does not count. */
export interface SignatureProblem {
  fact: SignedFactTable;
  ids: readonly string[];
  problem: string;
}

/** Signatures that are held in memory at a time. */
const PAGE = 500;
/** Problems that are named; more say the same thing. */
const NAMED_MAX = 200;

/**
 * Proves every signature that is stored, against the keys of the files and against the facts as they are stored now,
 * and finds every fact that wants one and has none. A page at a time, and one journal: what it takes does not grow with
 * the number of signatures.
 * @param unsigned which facts must have one: all that were ever stored, or those that trading rests on now.
 */
export async function verifySignatures(
  db: Db,
  keyring: Keyring,
  unsigned: 'all' | 'in force' = 'all',
): Promise<{ signatures: number; problems: SignatureProblem[] }> {
  const problems: SignatureProblem[] = [];
  const journals = journalsOf(db);
  let [signatures, after] = [0, 0];
  for (;;) {
    const page = await signaturesFrom(db, after, PAGE);
    const acts = await signedFactsOf(db, page);
    const faults = await faultsOf(db, page, journals);
    for (const [index, one] of page.entries()) {
      const problem = problemOf(one, acts[index] ?? null, keyring) ?? faults[index] ?? null;
      if (problem !== null && problems.length < NAMED_MAX) problems.push({ fact: one.fact, ids: one.ids, problem });
    }
    signatures += page.length;
    after = page.at(-1)?.seq ?? after;
    if (page.length < PAGE) break;
  }
  const missing = await unsignedFacts(db, NAMED_MAX, unsigned);
  for (const { fact, id } of missing.slice(0, NAMED_MAX))
    problems.push({ fact, ids: [id], problem: 'SIGNATURE_MISSING: nobody signed it' });
  return { signatures, problems };
}

/** Why the rows of each are not what was signed, the first of them; null where they are. */
async function faultsOf(db: Db, page: readonly SignatureOnRecord[], journals: Journals): Promise<(string | null)[]> {
  const read = page.flatMap(({ signed, ...one }) => (signed === null ? [] : { ...one, signed }));
  const found = await rowFaults(db, read, journals);
  const told = new Map(
    read.map(({ seq, ids, signed }, index) => {
      const place = found[index]?.findIndex((fault) => fault !== null) ?? -1;
      const who = bounded(signed.attestation.operator);
      const why = `SIGNATURE_INVALID: ${ids[place]} is not what ${who} signed: ${found[index]?.[place]}`;
      return [seq, place < 0 ? null : why];
    }),
  );
  return page.map(({ seq }) => told.get(seq) ?? null);
}

/** Why a signature is not one of what it lies beside; null when it is. */
function problemOf(
  { signed, attestationHash: stored, content, fact }: SignatureOnRecord,
  said: Awaited<ReturnType<typeof signedFactsOf>>[number],
  keyring: Keyring,
): string | null {
  if (signed === null) return 'SIGNATURE_INVALID: it has not the shape of a signature';
  if (attestationHash(signed.attestation) !== stored) return 'SIGNATURE_INVALID: its statement has another hash';
  const { operator } = signed.attestation;
  const isByContent = fact !== 'confirmations' && fact !== 'reconciliations';
  if (!isByContent && said === null) return 'SIGNATURE_OF_ANOTHER: what it was given for is not stored';
  const { purpose } = signed.attestation;
  if (!PURPOSES_OF_FACT[fact].includes(purpose)) return `SIGNATURE_OF_ANOTHER: it was given for a ${purpose}`;
  const act = said ?? { contentHash: contentHash(content) };
  const fault = faultOfSignature(signed, { operator, act }, keyring);
  return fault && `${fault.code}: ${fault.message}`;
}
