import type { IsoDate, Sha256 } from '../types.js';
import type { Act, Purpose, Recorded, SignatureCode } from './attestation.js';
import { ANY_OPERATOR, type Keyring } from './keys.js';
import { faultOfSignature, ownSignersOf, peopleOf, signersOf } from './verify.js';

/** Tables whose rows somebody asked for and signed. */
export const SIGNED_FACT_TABLES = [
  'reconciliations',
  'confirmations',
  'journal_entries',
  'action_rulings',
  'kill_switch_events',
  'alert_events',
  'statement_events',
  'audit_log',
  'runs',
] as const;
export type SignedFactTable = (typeof SIGNED_FACT_TABLES)[number];

/** What each table's rows are asked for as. */
export const PURPOSES_OF_FACT: Record<SignedFactTable, readonly Purpose[]> = {
  reconciliations: ['reconcile', 'opening'],
  confirmations: ['confirm', 'amend'],
  journal_entries: ['booking', 'baseline'],
  action_rulings: ['ruling'],
  kill_switch_events: ['kill-switch-reset'],
  alert_events: ['alert-acknowledgement'],
  statement_events: ['statement-withdrawal'],
  audit_log: ['schedule'],
  runs: ['run'],
};

/**
 * A stored fact with the signatures beside it: `act` is made of what is stored, so that nothing of it can be changed.
 */
export interface SignedRow {
  id: string;
  operator: string;
  act: Act;
  signatures: Recorded[];
}

/** An answer to an earlier ticket. */
export interface SignedConfirmation extends SignedRow {
  ticketId: string;
  tradingDay: IsoDate;
}

/** A booking, a ruling or the reset of a kill switch. */
export interface SignedOther extends SignedRow {
  fact: SignedFactTable;
}

/** What a ticket was decided on, of what people said: the keys that counted then are with it. */
export interface SignatureFacts {
  /** Those of whoever signed, as the files said. */
  keyring: Keyring;
  /** SHA-256 of all keys that the files named. */
  keysHash: Sha256;
  /** How many people must have signed an answer. */
  needed: number;
  /** That several are several by keys of their own; left out where one is enough, and by tickets decided before. */
  byOwnKeys?: true;
  /** Of the newest snapshot; null where there is none, or it is from before there were signatures. */
  snapshot: SignedRow | null;
  /** The answer to the newest earlier ticket, and every other that does not count. */
  confirmations: SignedConfirmation[];
  /** Bookings, rulings and the newest reset that are in force and do not count; left out where there are none. */
  others?: SignedOther[];
}

/** Why a fact does not count as said by whoever it names. */
export interface Unproved {
  code: SignatureCode;
  message: string;
}

/**
 * Whether somebody who may has signed a fact, each name once; null when it is so.
 * @param needed how many people must have signed it, whoever it names among them.
 * @param byOwnKeys whether several are several by keys of their own alone
 */
export function unproved(
  { operator, act, signatures }: SignedRow,
  keyring: Keyring,
  needed = 1,
  byOwnKeys = true,
): Unproved | null {
  const signers = signersOf(signatures, act, keyring);
  const isSigned = signers.includes(operator);
  if (isSigned && (needed === 1 || peopleOf(signatures, act, keyring, byOwnKeys) >= needed)) return null;
  if (isSigned) {
    const isKeyless = byOwnKeys && ownSignersOf(signatures, act, keyring).length < signers.length;
    const alone = signers.length < needed && !isKeyless ? '' : ', each with a key of their own';
    return { code: 'SIGNATURE_MISSING', message: `${signers.join(', ')} signed it, and ${needed} people must${alone}` };
  }
  const faults = signatures.flatMap((signed) => faultOfSignature(signed, { operator, act }, keyring) ?? []);
  const [first = faultOfSignature(null, { operator, act }, keyring)] = faults;
  return first && { code: first.code as SignatureCode, message: first.message };
}

/** Of all keys those that may matter for these facts: of whoever signed them or is said to, and of installations. */
export function keysOf({ own, lines }: Keyring, rows: readonly SignedRow[]): Keyring {
  const names = new Set([
    ANY_OPERATOR,
    ...rows.flatMap(({ operator, signatures }) => [operator, ...signatures.map((one) => one.attestation.operator)]),
  ]);
  const keys = new Set(rows.flatMap(({ signatures }) => signatures.map(({ key }) => key)));
  return { own, lines: lines.filter((line) => names.has(line.operator) || keys.has(line.publicKey)) };
}
