import { appendFileSync, existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import type { Mutant } from './instrument.js';

/** What a run is about: written once, read by every process that takes part. */
export interface Plan {
  root: string;
  /** Instrumented source by path from the root. */
  sources: Record<string, string>;
  /** Those that are tried; a sample has fewer than the sources carry. */
  mutants: Mutant[];
}

/** What the processes tell each other and the one that started them, a line each, in the order it happened. */
export type Line =
  /** The mutant is being tried by this test file: whoever finds this line the last for too long knows what hangs. */
  | { kind: 'try'; mutant: number; file: string }
  | { kind: 'noticed'; mutant: number; file: string; by: string }
  /** Places that tests of the file reach. */
  | { kind: 'reached'; file: string; mutants: number[] }
  /** A test that fails without any mutant. */
  | { kind: 'broken'; file: string; test: string; error: string }
  | { kind: 'done'; file: string };

/** The directory of the run, named to every process by this variable. */
export const DIRECTORY = 'MUTATE_DIRECTORY';

export const planFile = (directory: string): string => join(directory, 'plan.json');
const linesFile = (directory: string): string => join(directory, 'lines.jsonl');

export const readPlan = (directory: string): Plan => JSON.parse(readFileSync(planFile(directory), 'utf8')) as Plan;

export const say = (directory: string, line: Line): void =>
  appendFileSync(linesFile(directory), `${JSON.stringify(line)}\n`);

/** All lines so far. A process that was ended may have left half a line: it counts as not said. */
export function linesOf(directory: string): Line[] {
  if (!existsSync(linesFile(directory))) return [];
  return readFileSync(linesFile(directory), 'utf8')
    .split('\n')
    .slice(0, -1)
    .flatMap((text) => {
      try {
        return [JSON.parse(text) as Line];
      } catch {
        return [];
      }
    });
}
