import { generateKeyPairSync } from 'node:crypto';
import { mkdirSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { INSTALLATION_KEY_FILE, installationId } from '../../src/domain/signing/keys.js';
import type { Signer } from '../../src/contract/asker.js';
import type { ConfirmCommand, ReconcileCommand } from '../../src/contract/day-messages.js';
import type { RunInput } from '../../src/contract/runs.js';
import type { Knex } from 'knex';
import { confirmationInForce } from '../../src/db/confirmations.js';
import { findTicket, type StoredTicket } from '../../src/db/tickets.js';
import { answerHash, type AnswerContent } from '../../src/domain/confirmation/answer.js';
import { canonicalSnapshot, type SnapshotInput } from '../../src/domain/reconciliation/snapshot.js';
import { isUuid } from '../../src/domain/shapes.js';
import { actOf, answerAct, reconcileAct, runOrder } from '../../src/domain/signing/act.js';
import { contentToSign } from '../../src/operations/day/check-answer.js';
import type { Act } from '../../src/domain/signing/attestation.js';
import type { IsoDate, RunSlot } from '../../src/domain/types.js';
import {
  ensureInstallationKey,
  installationSigningKey,
  publicHalf,
} from '../../src/runtime/signing/installation-key.js';
import { signAct } from '../../src/runtime/signing/sign.js';

/**
 * Signs with the key of an installation, as its commands do for whoever has no key of their own; by the clock of the
 * test.
 */
export const signerOf =
  (dataDir: string, now?: () => string): Signer =>
  async (operator, act) => {
    const { installation } = await ensureInstallationKey(dataDir);
    const by = { installation, operator, kind: 'installation' } as const;
    return signAct(installationSigningKey(dataDir), by, act, now?.());
  };

/** A key that the installations of one test file share, where they are made and asked without a command. */
const { privateKey } = generateKeyPairSync('ed25519');
const shared = { privateKey, publicKey: publicHalf(privateKey) };
const sharedId = installationId(shared.publicKey);

/** Gives an installation the shared key. */
export function useSharedKey(dataDir: string): void {
  const file = join(dataDir, INSTALLATION_KEY_FILE);
  mkdirSync(dirname(file), { recursive: true });
  writeFileSync(file, JSON.stringify({ installation: sharedId, publicKey: shared.publicKey }));
  const pem = shared.privateKey.export({ format: 'pem', type: 'pkcs8' });
  writeFileSync(join(dirname(file), 'installation.key'), pem, { mode: 0o600 });
}

/** Signs with the shared key. */
export const sharedSigner: Signer = (operator, act) =>
  Promise.resolve(signAct(shared, { installation: sharedId, operator, kind: 'installation' }, act));

interface DayOf {
  account: string;
  tradingDay: IsoDate;
}

/**
 * The same snapshot, signed by whoever it names; of one that breaks rules only the place is, for nothing more is
 * looked at.
 */
export async function signedSnapshot<Command extends Partial<ReconcileCommand>>(
  sign: Signer,
  place: DayOf,
  command: Command,
): Promise<Command> {
  const { commandId = '', operator = '' } = command;
  const { account, tradingDay } = place;
  const where = { purpose: 'reconcile', account, tradingDay, commandId } as const;
  const act = async () => reconcileAct(where, canonicalSnapshot({ notes: null, ...command } as SnapshotInput));
  return { ...command, signature: await sign(String(operator), await orWithoutContent(act, place, 'reconcile')) };
}

/** The same answer, signed by whoever it names, as an amendment where it is one. */
export async function signedAnswer<Command extends Partial<ConfirmCommand>>(
  sign: Signer,
  db: Knex,
  place: DayOf,
  command: Command,
): Promise<Command> {
  const id = String(command.ticketId);
  const ticket = isUuid(id) ? await findTicket(db, id) : undefined;
  const inForce = ticket && (await confirmationInForce(db, id));
  const act = async () => {
    const answer = command as unknown as AnswerContent;
    const hash = answerHash(await contentToSign(db, ticket as StoredTicket, answer));
    const amended = command.amend ? (inForce?.confirmationId ?? null) : null;
    const amends = inForce?.contentHash === hash ? inForce.amends : amended;
    return answerAct({ ticket: ticket as StoredTicket, hash, amends });
  };
  return { ...command, signature: await sign(String(command.operator), await orWithoutContent(act, place, 'confirm')) };
}

async function orWithoutContent(
  act: () => Promise<Act>,
  { account, tradingDay }: DayOf,
  purpose: 'reconcile' | 'confirm',
): Promise<Act> {
  try {
    return { ...(await act()), account, tradingDay };
  } catch {
    return actOf({ purpose, account, tradingDay, content: {} });
  }
}

/** The same run, signed by whoever asks for it. */
export const signedRun = async <Input extends RunInput & { at: string }>(
  sign: Signer,
  slot: RunSlot,
  input: Input,
): Promise<Input> => ({ ...input, signature: await sign(input.operator, actOf(runOrder(slot, input))) });

/**
 * Any message to a day: a snapshot or an answer is signed by whom it names, unless it says something of a signature
 * itself.
 */
export async function signedMessage(
  sign: Signer,
  db: Knex,
  place: DayOf,
  name: string,
  payload: unknown,
): Promise<unknown> {
  if (typeof payload !== 'object' || payload === null || 'signature' in payload || !('operator' in payload))
    return payload;
  if (name.startsWith('reconcile')) return signedSnapshot(sign, place, payload as Partial<ReconcileCommand>);
  return name.startsWith('confirm') ? signedAnswer(sign, db, place, payload as Partial<ConfirmCommand>) : payload;
}
