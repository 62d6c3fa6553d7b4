import { keepNewest } from '../domain/keep.js';

/**
 * Work that is begun while the message that asks for it is still on its way: a worker that has just done one step knows
 * the next. It is taken once; whoever tries again does the work anew. Only for work that may be done twice.
 */
export class Begun<Result> {
  readonly #kept = new Map<string, Promise<Result>>();
  readonly #keptMax: number;

  /** @param keptMax pieces of work that are kept at most: one that nobody takes is forgotten. */
  constructor(keptMax: number) {
    this.#keptMax = keptMax;
  }

  /** Begins the work under its key; whoever takes it hears of a failure. */
  begin(key: string, work: () => Promise<Result>): void {
    const begun = work();
    begun.catch(() => undefined);
    keepNewest(this.#kept, key, begun, this.#keptMax);
  }

  /** The work begun under the key, or undefined. */
  take(key: string): Promise<Result> | undefined {
    const begun = this.#kept.get(key);
    this.#kept.delete(key);
    return begun;
  }
}
