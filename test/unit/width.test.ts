import { readFileSync } from 'node:fs';
import path from 'node:path';
import { describe, expect, it } from 'vitest';
import { repositoryRoot } from '../../src/runtime/paths.js';
import { typeScriptOf } from '../support/source.js';

/**
 * The formatter keeps 120 columns but for what stands in quotes: messages, templates and SQL. So many lines are wider; the
 * numbers only get smaller. Lower them when a line goes, never raise them.
 */
const WIDER = { 120: 926, 160: 78 };

const lines = ['src', 'test', 'bench', 'tools'].flatMap((room) =>
  typeScriptOf(path.join(repositoryRoot, room)).flatMap((file) =>
    readFileSync(path.join(repositoryRoot, room, file), 'utf8')
      .split('\n')
      .map((text, index) => ({ at: `${room}/${file}:${index + 1}`, width: text.length })),
  ),
);

describe('lines keep the width', () => {
  it.each([120, 160] as const)('no more than before are wider than %i columns', (width) => {
    const wider = lines.filter((line) => line.width > width);
    const widest = wider.toSorted((a, b) => b.width - a.width).slice(0, 5);
    expect(lines.length).toBeGreaterThan(20_000);
    expect(wider.length, `widest: ${widest.map(({ at }) => at).join(', ')}`).toBeLessThanOrEqual(WIDER[width]);
  });
});
