import { keepNewest } from '../domain/keep.js';
import type { Db } from './connect.js';

/** Answers that are kept of one database: a few pages' of a few accounts. */
const KEPT_MAX = 24;

interface Kept {
  word: string;
  answer: Promise<unknown>;
}

const keptOf = new WeakMap<Db, Map<string, Kept>>();

/**
 * What was made of stored facts, kept for as long as the word for their state stands: the newest audit record, the
 * state of the market, the last entries. Another process writes too, so the word is read each time, and BEFORE the
 * facts: an answer is then never older than its word. Nobody may change the answer. Within a transaction, whose rows
 * may vanish again, nothing is kept.
 * @param key what was asked, with everything that the answer depends on beside the facts
 */
export async function keptWhile<Answer>(
  db: Db,
  { key, word }: { key: string; word: string },
  make: () => Promise<Answer>,
): Promise<Answer> {
  if (db.isTransaction) return make();
  const kept = keptOf.get(db) ?? new Map<string, Kept>();
  keptOf.set(db, kept);
  const found = kept.get(key);
  const answer = found?.word === word ? (found.answer as Promise<Answer>) : make();
  keepNewest(kept, key, { word, answer }, KEPT_MAX);
  // Whoever waits for the same answer hears of the failure too; the next one asks anew.
  answer.catch(() => kept.get(key)?.answer === answer && kept.delete(key));
  return answer;
}
