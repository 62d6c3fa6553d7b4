import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { parse } from 'yaml';
import { z } from 'zod';
import { CORPUS } from '../case.js';
import { playBooks } from './books.js';
import { playComparison, playFalls, playScreens } from './documents.js';
import { playCauses, playClock, playDrop, playMail } from './doors.js';
import { playFills } from './fills.js';
import { rulesSchema, type RulesCase } from './shape.js';

export const RULES_FILE = 'rules.yml';

/** Reads one case of rules. Throws with the file's name for whatever has not the shape. */
export function readRules(folder: string): RulesCase {
  const file = join(folder, RULES_FILE);
  const read = rulesSchema.safeParse(parse(readFileSync(file, 'utf8'), { schema: 'core' }));
  if (!read.success) throw new Error(`${file}: ${z.prettifyError(read.error)}`);
  return { ...read.data, folder };
}

/** All cases that need no day, by the names of their folders. */
export const readRulesCorpus = (): RulesCase[] =>
  readdirSync(CORPUS, { withFileTypes: true })
    .filter((entry) => entry.isDirectory() && existsSync(join(CORPUS, entry.name, RULES_FILE)))
    .map(({ name }) => readRules(join(CORPUS, name)))
    .toSorted((a, b) => (a.folder < b.folder ? -1 : 1));

/** Tries the rules of a case. */
export async function playRules(played: RulesCase): Promise<void> {
  if (played.books) playBooks(played.books);
  if (played.fills) playFills(played.fills);
  if (played.comparison) playComparison(played.comparison);
  if (played.falls) playFalls(played.falls);
  if (played.screen) playScreens(played.screen);
  if (played.clock) playClock(played.clock);
  if (played.causes) playCauses(played.causes);
  if (played.drop) await playDrop(played.drop);
  if (played.mail) await playMail(played.mail);
}
