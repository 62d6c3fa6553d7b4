import { describe, expect, it } from 'vitest';
import {
  headLine,
  lostHeads,
  mergedHeads,
  missedHeads,
  readHeads,
  type KeptHead,
} from '../../src/domain/audit/heads.js';

const head = (seq: number, digit = 'a', at = '2026-11-27T08:00:00.000Z'): KeptHead => ({
  seq,
  hash: digit.repeat(64),
  at,
  of: `backup ${seq}`,
});

describe('heads of the audit log that left the database', () => {
  it('are lines that read back; an altered line is a problem, a last one cut by a crash is none', () => {
    const text = headLine(head(1)) + headLine(head(2));
    expect(readHeads(text)).toEqual({ heads: [head(1), head(2)], problems: [] });
    expect(readHeads(`${text}{"seq":3,"ha`)).toEqual({ heads: [head(1), head(2)], problems: [] });
    expect(readHeads(text.replace('"seq":1', '"seq":"1"'))).toEqual({
      heads: [head(2)],
      problems: ['line 1 of audit-heads.jsonl is not a head: it was altered'],
    });
    expect(readHeads('')).toEqual({ heads: [], problems: [] });
  });

  it('of two places are those of both: what was taken out of one stays in the other', () => {
    const [one, two, three] = [headLine(head(1)), headLine(head(2)), headLine(head(3))] as const;
    expect(mergedHeads(one + two, two + three)).toBe(one + two + three);
    expect(mergedHeads(one + two, '')).toBe(one + two);
  });

  it('are missed by whoever kept them, whatever else is in the file', () => {
    const [none, some] = [new Set<string>(), new Set(['backup 1', 'record 9'])];
    expect(missedHeads(none, { with: [], isAny: false })).toEqual([]);
    expect(missedHeads(some, { with: ['backup 1'], isAny: true })).toEqual([]);
    expect(missedHeads(none, { with: [], isAny: true })).toEqual([
      'audit-heads.jsonl is gone, or holds nothing: a worker kept heads in it',
    ]);
    expect(missedHeads(none, { with: ['backup 2', 'backup 1'], isAny: true })).toEqual([
      'audit-heads.jsonl is gone, or holds nothing: 2 heads that were kept in it are not there, ' +
        'the newest with backup 2',
    ]);
    expect(missedHeads(some, { with: ['backup 2', 'backup 1'], isAny: true })).toEqual([
      'audit-heads.jsonl was cut or written anew: 1 head that was kept in it is not there, the newest with backup 2',
    ]);
  });

  it('name a log that was cut or rewritten, each head once', () => {
    const hashes = new Map([
      [1, 'a'.repeat(64)],
      [2, 'b'.repeat(64)],
    ]);
    expect(lostHeads([head(1)], hashes, [])).toEqual([]);
    expect(lostHeads([head(1), head(2), head(2), head(9)], hashes, [])).toEqual([
      { seq: 2, problem: 'is another one than with backup 2: the log was rewritten' },
      { seq: 9, problem: 'is gone: it was there with backup 9, the log was cut' },
    ]);
  });

  it('from before the database went back to a backup count as far as that reaches, later ones in full', () => {
    const back = [{ records: 5, at: '2026-11-27T12:00:00.000Z' }];
    const later = '2026-11-27T12:00:01.000Z';
    const hashes = new Map([[5, 'a'.repeat(64)]]);
    expect(lostHeads([head(5), head(9)], hashes, back)).toEqual([]);
    expect(lostHeads([head(5, 'c'), head(9, 'a', later)], hashes, back).map(({ seq }) => seq)).toEqual([5, 9]);
  });
});
