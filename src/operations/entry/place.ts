import { enteredBefore, seenSince } from '../../domain/entry.js';
import type { Exposure } from '../../domain/exposure.js';
import type { SealPlace } from '../../domain/signing/seal.js';
import type { Installation } from '../installation.js';

/** What somebody is let in by: the database, the key that seals what it keeps of them, and the clock. */
export interface EntryPlace extends Pick<Installation, 'db' | 'now'>, SealPlace {
  /** Where other machines reach the desk sessions end sooner; null where they do not. */
  exposure: Exposure | null;
}

/** Which sessions go on at this moment. */
export function goingOn({ now, exposure }: Pick<EntryPlace, 'now' | 'exposure'>) {
  const [at, isExposed] = [now(), exposure !== null];
  return { seenSince: seenSince(at, isExposed), enteredAfter: enteredBefore(at, isExposed), now: at };
}
