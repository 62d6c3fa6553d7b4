import { readdirSync, readFileSync } from 'node:fs';
import path from 'node:path';
import { describe, expect, it } from 'vitest';
import { ALERT_CODES, isAtLeast, severityOf } from '../../src/domain/alerts/codes.js';
import { repositoryRoot } from '../../src/runtime/paths.js';

const CODES = Object.keys(ALERT_CODES);
const read = (file: string): string => readFileSync(path.join(repositoryRoot, file), 'utf8');
const files = (directory: string): string[] =>
  readdirSync(path.join(repositoryRoot, directory), { recursive: true, encoding: 'utf8' })
    .filter((file) => file.endsWith('.ts'))
    .map((file) => `${directory}/${file}`);

/** Tests that raise alerts by the function alone: they show delivery, not that the condition is noticed. */
const BY_HAND = new Set(['test/integration/alerts.test.ts', 'test/integration/alerts-delivery.test.ts']);
const raisedByHand = /raiseAlert\([^;]*?'([A-Z_]+)'/g;

/** Codes that a test with real servers expects, apart from those it raises itself. */
const expectedSomewhere = new Set(
  ['test/integration', 'test/faults']
    .flatMap(files)
    .filter((file) => !BY_HAND.has(file))
    .flatMap((file) => {
      const text = read(file);
      const byHand = new Set([...text.matchAll(raisedByHand)].map(([, code]) => code as string));
      return CODES.filter((code) => !byHand.has(code) && new RegExp(`\\b${code}\\b`).test(text));
    })
    .concat(/ALERT_UNDELIVERED/.test(read('test/integration/alerts-delivery.test.ts')) ? ['ALERT_UNDELIVERED'] : []),
);

describe('the table of alert codes', () => {
  it('each is raised for real by a test', () => {
    expect(CODES.filter((code) => !expectedSomewhere.has(code))).toEqual([]);
  });

  it('each has a page in INCIDENTS.md that says what to type', () => {
    const incidents = read('docs/INCIDENTS.md');
    const pageOf = (code: string) =>
      new RegExp(`^### ${code}\\n([\\s\\S]*?)(?=^##|^<!--)`, 'm').exec(incidents)?.[1] ?? '';
    expect(CODES.filter((code) => !/`[^`]*\b(?:make|trading-ops) /.test(pageOf(code)))).toEqual([]);
  });

  it('each is raised somewhere in the program, and no other is', () => {
    const source = files('src')
      .filter((file) => file !== 'src/domain/alerts/codes.ts')
      .map(read)
      .join('\n');
    expect(CODES.filter((code) => !source.includes(`'${code}'`))).toEqual([]);
  });

  it('severities are ordered, and a code of another version is a warning', () => {
    expect([isAtLeast('info', 'warning'), isAtLeast('warning', 'warning'), isAtLeast('critical', 'warning')]).toEqual([
      false,
      true,
      true,
    ]);
    expect([severityOf('KILL_SWITCH_ENGAGED'), severityOf('GONE'), severityOf('constructor')]).toEqual([
      'critical',
      'warning',
      'warning',
    ]);
  });
});
