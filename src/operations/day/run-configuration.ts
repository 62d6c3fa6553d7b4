import { stat } from 'node:fs/promises';
import path from 'node:path';
import { isAltered } from '../../db/configurations.js';
import { runRecordedAt, type Run } from '../../db/runs.js';
import type { DecisionFacts } from '../../domain/decision/facts.js';
import { areFilesBroken } from '../runs/configuration-in-force.js';
import { readConfiguration } from '../runs/configuration.js';
import { brokenAfterAll } from '../guard/books-again.js';
import type { Installation } from '../installation.js';

/*
 * What a run pins is decided by. Whoever can write rows can write a run that pins rules of their own: nothing is
 * decided by what the files never said.
 */

/**
 * The facts of a decision, broken where what the run pins is not what the files said when it was recorded, or where the
 * books are although somebody wrote that they are well again.
 */
export async function doubted(place: Installation, run: Run, facts: DecisionFacts): Promise<DecisionFacts> {
  const [ofRun, ofBooks] = await Promise.all([doubtsOf(place, run), brokenAfterAll(place, facts.at)]);
  const doubts = [...ofRun, ...ofBooks];
  if (doubts.length === 0 || facts.books === undefined) return facts;
  return { ...facts, books: { ...facts.books, broken: [...doubts, ...(facts.books.broken ?? [])] } };
}

type Place = Pick<Installation, 'db' | 'configDir'>;

async function doubtsOf(place: Place, run: Run): Promise<string[]> {
  const pinned = { policy: run.policyHash, universe: run.universeHash };
  const altered = Object.entries(pinned).filter(([, hash]) => isAltered(hash));
  const foreign = await foreignParts(place, run);
  return [
    ...altered.map(([what, hash]) => `${what} ${hash.slice(0, 12)} is stored with another content`),
    ...foreign.map((what) => `run ${run.runId} pins a ${what} that the files did not say when it was recorded`),
  ];
}

/**
 * Which parts of a run's configuration the files do not say, though nobody has changed them since it was recorded. An
 * edit does not reach a run that is under way, so of files that are newer, or broken meanwhile, nothing follows.
 */
async function foreignParts({ db, configDir }: Place, run: Run): Promise<string[]> {
  try {
    const { policyHash, universeHash } = await readConfiguration(configDir);
    const parts = [
      ...(policyHash === run.policyHash ? [] : [['policy', 'policy.yml'] as const]),
      ...(universeHash === run.universeHash ? [] : [['universe', 'universe.csv'] as const]),
    ];
    if (parts.length === 0) return [];
    const recordedAt = Date.parse(await runRecordedAt(db, run.runId));
    const changedAt = await Promise.all(parts.map(([, file]) => changeOf(path.join(configDir, file))));
    return parts.flatMap(([what], index) => ((changedAt[index] ?? Infinity) < recordedAt ? [what] : []));
  } catch (error) {
    if (areFilesBroken(error)) return [];
    throw error;
  }
}

/** When a file was put there or changed last, in milliseconds; never, where it is gone: its owner is at it. */
const changeOf = (file: string): Promise<number> =>
  stat(file).then(
    ({ ctimeMs }) => ctimeMs,
    () => Infinity,
  );
