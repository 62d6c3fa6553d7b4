import type { Figure } from './figures.js';
import type { BenchStack, StackOptions } from './stack.js';

/** What every bench is given. */
export interface BenchContext {
  /** A directory of this run, removed at the end with whatever runs below it. */
  root: string;
  /** Starts an installation for this bench alone. */
  createStack(options?: StackOptions): Promise<BenchStack>;
  /** Numbers of accounts to measure, where whoever started the bench named them. */
  sizes: readonly number[] | null;
  /** A line for whoever watches: what is being done, on which data. */
  say(line: string): void;
}

/** A bench: a module that exports `run`. */
export type Bench = (context: BenchContext) => Promise<Figure[]>;
