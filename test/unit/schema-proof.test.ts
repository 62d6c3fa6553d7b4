import { readFileSync, readdirSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { isBelieved, proveSchema, readSchema, schemaText, type SchemaThing } from '../../src/domain/audit/schema.js';

const thing = (kind: string, name: string, is = 'x'): SchemaThing => ({ kind, name, is });
const MADE = [
  thing('migration', '1_first.js', ''),
  thing('function', 'public.fact_breaks(pg_catalog.text)', 'f sql = 1'),
  thing('trigger', 'public.fills.fills_digest_trg'),
  thing('constraint', 'public.fills.fills_pkey'),
];
const changed = (name: string, is: string) => MADE.map((made) => (made.name === name ? { ...made, is } : made));

describe('a schema', () => {
  it('that is as it was made has no breaks', () => {
    expect(proveSchema(MADE, MADE.toReversed())).toEqual({ missing: [], unknown: [], breaks: [] });
  });

  it.each([
    ['changed', changed('public.fills.fills_digest_trg', 'x off'), 'trigger', 'is not as the migrations make it', true],
    ['missing', MADE.slice(0, 3), 'constraint', 'is missing', true],
    ['added', [...MADE, thing('trigger', 'public.fills.mine')], 'trigger', 'was added by somebody else', true],
    ['a function', changed('public.fact_breaks(pg_catalog.text)', 'f sql = 2'), 'function', /not as/, false],
    ['an overload', [...MADE, thing('function', 'public.sha256(pg_catalog.text)')], 'function', /added/, false],
    ['a setting', [...MADE, thing('setting', 'session_replication_role')], 'setting', /added/, false],
  ])('of which something was %s is told, and believed or not', (_what, found, kind, problem, believed) => {
    const proof = proveSchema(MADE, found);
    expect(proof.breaks).toEqual([
      { kind, name: expect.any(String), problem: problem instanceof RegExp ? expect.stringMatching(problem) : problem },
    ]);
    expect(isBelieved(proof)).toBe(believed);
  });

  it('of another version is told by its migrations, and by nothing else', () => {
    const older = [thing('function', 'public.fact_breaks(pg_catalog.text)', 'f sql = 0')];
    expect(proveSchema(MADE, older)).toEqual({ missing: ['1_first.js'], unknown: [], breaks: [] });
    expect(proveSchema(MADE, [...MADE.slice(0, 2), thing('migration', '2_next.js', '')])).toEqual({
      missing: [],
      unknown: ['2_next.js'],
      breaks: [],
    });
  });

  it('is read as it was written, whatever stands in what it is', () => {
    const odd = [...MADE, thing('column', 'public.a.b', 'text = : #'), thing('relation', 'public.a', '')];
    expect(readSchema(`# For people.\n\n${schemaText(odd)}`)).toEqual(
      expect.arrayContaining(odd.map((each) => expect.objectContaining(each) as SchemaThing)),
    );
  });

  it('that the program knows is of all its migrations, and of no line twice', () => {
    const known = readSchema(readFileSync(new URL('../../migrations-support/schema.txt', import.meta.url), 'utf8'));
    const files = readdirSync(new URL('../../migrations', import.meta.url)).filter((name) => name.endsWith('.js'));
    expect(known.filter(({ kind }) => kind === 'migration').map(({ name }) => name)).toEqual(files.toSorted());
    expect(new Set(known.map(({ kind, name }) => `${kind} ${name}`)).size).toBe(known.length);
    for (const kind of ['function', 'trigger', 'constraint', 'index', 'column', 'relation', 'view', 'setting'])
      expect(known.some((each) => each.kind === kind)).toBe(true);
  });
});
