import { lstat, stat } from 'node:fs/promises';
import path from 'node:path';
import { isAltered } from '../../db/configurations.js';
import { runRecordedAt, type Run } from '../../db/runs.js';
import { areFilesBroken } from '../runs/configuration-in-force.js';
import { contentHash } from '../../domain/hash.js';
import { readConfiguration } from '../runs/configuration.js';
import { contextOfRun } from '../runs/context.js';
import type { Installation } from '../installation.js';

/*
 * What a run pins is decided by. Whoever can write rows can write a run that pins rules of their own: nothing is
 * decided by what the files never said.
 */

type Place = Pick<Installation, 'db' | 'configDir'>;

/** Why nothing is decided by what a run pins, a line each: the files did not say it when it was recorded. */
export async function doubtsOf(place: Place, run: Run): Promise<string[]> {
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
    if (policyHash === run.policyHash && universeHash === run.universeHash) return [];
    // As it is read today: what an earlier version stored has not the sections that came since.
    const { policy, universe } = await contextOfRun(db, run);
    const parts = [
      ...(contentHash(policy) === policyHash ? [] : [['policy', 'policy.yml'] as const]),
      ...(contentHash(universe) === universeHash ? [] : [['universe', 'universe.csv'] as const]),
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

/**
 * When a file was put there or changed last, in milliseconds; never, where it is gone: its owner is at it. It may have
 * come with its directory, or with a release that has that, which was moved there; or by a link on the way to it that
 * was led to another. Directories further above change with whatever else is put into them, and say nothing.
 */
async function changeOf(file: string): Promise<number> {
  try {
    const way = wayTo(path.resolve(file));
    const links = await Promise.all(way.slice(MOVED_WITH).map(isLink));
    const places = way.filter((_, above) => above < MOVED_WITH || links[above - MOVED_WITH]);
    const found = await Promise.all(places.flatMap((place) => [lstat(place), stat(place)]));
    return Math.max(...found.map(({ ctimeMs }) => ctimeMs));
  } catch {
    return Infinity;
  }
}

/** The file itself, its directory, and the one that has that. */
const MOVED_WITH = 3;

const isLink = async (place: string): Promise<boolean> => (await lstat(place)).isSymbolicLink();

/** A file and every directory on the way to it, the nearest first. */
function wayTo(file: string): string[] {
  const above = path.dirname(file);
  return above === file ? [file] : [file, ...wayTo(above)];
}
