import { SWITCH, TURN } from './instrument.js';

/** A loop of the domain that takes more turns than this never ends. */
const TURNS_MAX = 100_000;

/** Which mutant is on, and which places were reached: one for the process, called by the instrumented code. */
export const switchboard = {
  on: -1,
  turns: 0,
  reached: new Set<number>(),

  /** Runs the work with a mutant on, none with -1. */
  async with<T>(mutant: number, work: () => Promise<T>): Promise<T> {
    switchboard.on = mutant;
    switchboard.turns = 0;
    try {
      return await work();
    } finally {
      switchboard.on = -1;
    }
  },

  /** What was reached since the last call. */
  taken(): Set<number> {
    const { reached } = switchboard;
    switchboard.reached = new Set();
    return reached;
  },
};

Object.assign(globalThis, {
  [SWITCH]: (id: number): boolean => {
    if (switchboard.on === -1) switchboard.reached.add(id);
    return id === switchboard.on;
  },
  [TURN]: (): true => {
    if (switchboard.on !== -1 && ++switchboard.turns > TURNS_MAX) throw new Error('a loop that does not end');
    return true;
  },
});
