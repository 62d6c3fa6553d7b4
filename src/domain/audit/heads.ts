import { z } from 'zod';
import type { Instant, Sha256 } from '../types.js';

const headShape = z.strictObject({
  seq: z.number().int().min(1),
  hash: z.string().regex(/^[0-9a-f]{64}$/, 'must be a SHA-256 in lower-case hex'),
  /** When it was kept. */
  at: z.iso.datetime(),
  /** With what it left: a backup, an alert. */
  of: z.string(),
});

/**
 * A head of the audit log as it was kept outside of the database: a log that was cut or rewritten disagrees with it.
 */
export type KeptHead = z.infer<typeof headShape>;

/** A line of `audit-heads.jsonl`. */
export const headLine = (head: KeptHead): string => `${JSON.stringify(head)}\n`;

/**
 * Reads `audit-heads.jsonl`. A line that cannot be read is a problem; a last one without its end was cut by a crash
 * and is none.
 */
export function readHeads(text: string): { heads: KeptHead[]; problems: string[] } {
  const heads: KeptHead[] = [];
  const problems: string[] = [];
  const lines = text.split('\n');
  for (const [index, line] of lines.entries()) {
    if (line === '') continue;
    const parsed = headShape.safeParse(parsedOrNull(line));
    if (parsed.success) heads.push(parsed.data);
    else if (index < lines.length - 1)
      problems.push(`line ${index + 1} of audit-heads.jsonl is not a head: it was altered`);
  }
  return { heads, problems };
}

function parsedOrNull(line: string): unknown {
  try {
    return JSON.parse(line);
  } catch {
    return null;
  }
}

/** Lines of both, each once: what either has stays. */
export function mergedHeads(kept: string, added: string): string {
  const lines = [kept, added].flatMap((text) => text.split('\n')).filter((line) => line !== '');
  return [...new Set(lines)].map((line) => `${line}\n`).join('');
}

/** The database was put back to a backup, and goes on from there: what had come after the backup is not in its log. */
export interface WentBack {
  /** Records of the backup's log. */
  records: number;
  at: Instant;
}

/**
 * Heads that the log does not have: cut short, or rewritten. One that was kept before the database went back to an
 * earlier backup, and is of a later record than that backup's, is not expected.
 * @param hashes of the log, by record
 */
export function lostHeads(
  kept: readonly KeptHead[],
  hashes: ReadonlyMap<number, Sha256>,
  wentBack: readonly WentBack[],
): { seq: number; problem: string }[] {
  const expected = kept.filter(({ seq, at }) => !wentBack.some((back) => at <= back.at && seq > back.records));
  const told = new Set<string>();
  return expected.flatMap(({ seq, hash, of }) => {
    const found = hashes.get(seq);
    if (found === hash || told.has(`${seq} ${hash}`)) return [];
    told.add(`${seq} ${hash}`);
    const problem =
      found === undefined
        ? `is gone: it was there with ${of}, the log was cut`
        : `is another one than with ${of}: the log was rewritten`;
    return [{ seq, problem }];
  });
}

/**
 * Heads that were kept in the file and are not in it, in words: it was removed, emptied or cut. Empty when none is
 * missed.
 * @param inFile what each head of the file was left with.
 * @param expected what heads were left with, by those who know that they kept one, the newest first; and whether any
 * head must be there.
 */
export function missedHeads(
  inFile: ReadonlySet<string>,
  expected: { with: readonly string[]; isAny: boolean },
): string[] {
  const missed = expected.with.filter((of) => !inFile.has(of));
  const what = `audit-heads.jsonl ${inFile.size === 0 ? 'is gone, or holds nothing' : 'was cut or written anew'}`;
  if (missed.length === 0) return expected.isAny && inFile.size === 0 ? [`${what}: a worker kept heads in it`] : [];
  const many = missed.length === 1 ? '1 head that was' : `${missed.length} heads that were`;
  return [`${what}: ${many} kept in it ${missed.length === 1 ? 'is' : 'are'} not there, the newest with ${missed[0]}`];
}
