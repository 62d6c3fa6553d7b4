/** Notices when the last of several pieces of work under one key has ended well, as far as this worker knows. */
export class LastOf {
  readonly #underWay = new Map<string, number>();
  readonly #then: (key: string) => void;

  /** @param then what is begun after the last one; it throws nothing, and nobody waits for it. */
  constructor(then: (key: string) => void) {
    this.#then = then;
  }

  /** The work itself. */
  async during<Result>(key: string, work: Promise<Result>): Promise<Result> {
    this.#underWay.set(key, (this.#underWay.get(key) ?? 0) + 1);
    try {
      const result = await work;
      if (this.#underWay.get(key) === 1) this.#then(key);
      return result;
    } finally {
      const left = (this.#underWay.get(key) ?? 1) - 1;
      if (left > 0) this.#underWay.set(key, left);
      else this.#underWay.delete(key);
    }
  }
}
