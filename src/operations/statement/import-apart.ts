import PQueue from 'p-queue';
import { Worker } from 'node:worker_threads';
import type { Asker } from '../../contract/asker.js';
import type { ImportStatement } from '../../contract/statements.js';
import { OpsError, refusal, type ErrorKind, type Outcome } from '../../domain/errors.js';
import type { Instant } from '../../domain/types.js';
import type { Gatehouse } from '../installation.js';
import { within } from '../within.js';

/** What an import may take; beyond that it is ended where it stands. */
export interface ImportLimits {
  ms: number;
  /** Memory of the thread, without the file itself. */
  mb: number;
}

/** Many times what the statement of any household takes: ten thousand rows are read and compared in four seconds. */
const USUAL: ImportLimits = { ms: 60_000, mb: 512 };

/** Which statement it came to, and whether its file was new. */
export interface ImportedApart {
  statementId: string;
  isNew: boolean;
}

/** What the thread is told. */
export interface ImportAsked {
  databaseUrl: string;
  dataDir: string;
  configDir: string;
  at: Instant;
  asker: Asker;
  input: ImportStatement;
}

/** What came of it, or what is away or broken. */
export type ImportTold =
  | { outcome: Outcome<ImportedApart> }
  | { trouble: { kind: ErrorKind; code: string; message: string; remedy: string | null } };

/** One after another: two of the largest at once would take a gigabyte. */
const turns = new PQueue({ concurrency: 1 });

/**
 * Imports a statement as `importStatement` does, in a thread beside the one that asks: for a door that has others to
 * answer meanwhile. Nothing of it is signed, for nothing is booked.
 * @throws OpsError STATEMENT_UNFINISHED, and what is away
 */
export async function importApart(
  { databaseUrl, dataDir, configDir, now }: Gatehouse & { databaseUrl: string },
  { operator, door, claimedAt }: Asker,
  input: ImportStatement,
  limits = USUAL,
): Promise<Outcome<ImportedApart>> {
  const asker = { operator, door, claimedAt };
  const told = await turns.add(() => inThread({ databaseUrl, dataDir, configDir, at: now(), asker, input }, limits));
  if ('outcome' in told) return told.outcome;
  const { kind, code, message, remedy } = told.trouble;
  throw new OpsError(kind, code, message, remedy === null ? {} : { remedy });
}

async function inThread(asked: ImportAsked, { ms, mb }: ImportLimits): Promise<ImportTold> {
  const thread = new Worker(new URL('./import-thread.js', import.meta.url), {
    workerData: asked,
    resourceLimits: { maxOldGenerationSizeMb: mb },
  });
  const answer = new Promise<ImportTold>((resolve, reject) => {
    thread
      .once('message', resolve)
      .once('error', (error: NodeJS.ErrnoException) =>
        reject(error.code === 'ERR_WORKER_OUT_OF_MEMORY' ? unfinished(`${mb} MB of memory`) : error),
      )
      .once('exit', () => reject(new Error('the thread that imports statements ended without an answer')));
  });
  try {
    const told = await within(ms, answer);
    if (told === null) throw unfinished(`${ms / 1_000} seconds`);
    return told;
  } finally {
    await thread.terminate();
  }
}

const unfinished = (limit: string): OpsError =>
  refusal('STATEMENT_UNFINISHED', `file: took more than ${limit} to be read and compared, and was given up`, {
    remedy: 'import it by the command, which has no such limit, or download a shorter period',
  });
