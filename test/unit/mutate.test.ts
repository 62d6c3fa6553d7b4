import { describe, expect, it } from 'vitest';
import { instrument, SWITCH, TURN, type Mutant } from '../../tools/mutate/instrument.js';
import { linesOf, say } from '../../tools/mutate/plan.js';
import { judge, needless, sampled, score, scores } from '../../tools/mutate/result.js';
import { mkdtempSync, rmSync, appendFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';

const changes = (text: string) =>
  instrument('x.ts', text).mutants.map(({ change, original }) => `${change}: ${original}`);

/** Runs an instrumented expression without types, with one mutant on; returns what it gives and what it reached. */
function evaluate(expression: string, on = -1, scope: Record<string, unknown> = {}) {
  const { text } = instrument('x.ts', `export const f = ${expression};`);
  const reached: number[] = [];
  const names = Object.keys(scope);
  // eslint-disable-next-line no-new-func, typescript/no-implied-eval
  const run = new Function(SWITCH, TURN, ...names, text.replace('export const f =', 'return')) as (
    ...args: unknown[]
  ) => unknown;
  let turns = 0;
  const turn = () => {
    if (++turns > 100) throw new Error('a loop that does not end');
    return true;
  };
  return {
    value: run(
      (id: number) => {
        reached.push(id);
        return id === on;
      },
      turn,
      ...Object.values(scope),
    ),
    reached,
  };
}
const outcomes = (expression: string, scope: Record<string, unknown> = {}) =>
  instrument('x.ts', `export const f = ${expression};`).mutants.map(({ id }) => evaluate(expression, id, scope).value);

describe('what is changed', () => {
  it.each<[string, string[]]>([
    ['const a = x < 1;', ['1 becomes 2: 1', '< becomes <=: x < 1']],
    ['const a = !x && y === z;', ['drop !: !x', '=== becomes !==: y === z', '&& becomes ||: !x && y === z']],
    ['const a = x.plus(y).gt(z);', ['.plus() becomes .minus(): x.plus(y)', '.gt() becomes .gte(): x.plus(y).gt(z)']],
    [
      'const a = x.toDecimalPlaces(2, Decimal.ROUND_DOWN);',
      [
        '2 becomes 3: 2',
        'ROUND_DOWN becomes ROUND_UP: Decimal.ROUND_DOWN',
        'drop .toDecimalPlaces(): x.toDecimalPlaces(2, Decimal.ROUND_DOWN)',
      ],
    ],
    ['const a = pennies(x);', ['drop pennies(): pennies(x)']],
    ['const a = [x, ...y];', ['drop entry x: [x, ...y]', 'drop entry ...y: [x, ...y]']],
    ['const a = { x, y: z };', ['drop property x: { x, y: z }', 'drop property y: z: { x, y: z }']],
    ['if (x) throw y;', ['condition is true: x', 'condition is false: x', 'drop statement: throw y;']],
    ['f(); "use strict";', ['drop statement: f();', 'empty text: "use strict"', 'drop statement: "use strict";']],
    [
      'const a = x ? true : `b${y}`;',
      ['condition is true: x', 'condition is false: x', 'true becomes false: true', 'empty text: `b${y}`'],
    ],
    ['const a = /^x$/;', ['drop ^: /^x$/', 'drop $: /^x$/']],
    ['while (x) y();', ['condition is false: x', 'drop statement: y();']],
  ])('%s', (text, expected) => {
    expect(changes(text)).toEqual(expected);
  });

  it('is never a type, a key, an address or a pattern', () => {
    expect(
      changes(`import { a } from './a.js';
      export type T = 'a' | { 'b': 1 };
      export interface I { x: 'y'; z?: 0 }
      const { x, y: z } = q as unknown as Record<'k', 1>;
      const f = (u: 'v'): w is 'z' => r!.s satisfies T;
      export { f } from './f.js';`),
    ).toEqual([]);
  });

  it('is named by file, line and what stands there', () => {
    const { mutants } = instrument('src/x.ts', 'const a = 1;\n\n  const b = c <\n d;\n', 40);
    expect(mutants).toEqual([
      { id: 40, file: 'src/x.ts', line: 1, code: 'const a = 1;', change: '1 becomes 2', original: '1' },
      { id: 41, file: 'src/x.ts', line: 3, code: 'const b = c < d;', change: '< becomes <=', original: 'c < d' },
    ]);
  });

  it('has the same name however the code is laid out', () => {
    const names = (text: string) => instrument('x.ts', text).mutants.map((mutant) => ({ ...mutant, line: 0 }));
    const wide = 'const f = (xs) => xs.filter((x) => x > 1).map((x) => ({ x, y: [x, 2] }))?.at(0) ?? g({ z: 3 }, []);';
    const narrow = `const f = (
      xs,
    ) =>
      xs
        .filter((x) => x > 1)
        .map((x) => ({
          x,
          y: [
            x,
            2,
          ],
        }))
        ?.at(0) ??
      g(
        { z: 3 },
        [],
      );`;
    expect(names(narrow)).toEqual(names(wide));
    expect(names(wide).map(({ code }) => code)).toEqual(names(wide).map(() => wide));
  });

  it('is named by the widest code around it that is short enough to read', () => {
    const { mutants } = instrument('x.ts', `const f = [${'h(1), '.repeat(60)}a(g > 7)];`);
    expect(mutants.find(({ original }) => original === '7')?.code).toBe('a(g > 7)');
    const [long] = instrument('x.ts', `const f = '${'x'.repeat(300)}';`).mutants;
    expect(long?.code).toBe(`'${'x'.repeat(159)}`);
  });
});

describe('an instrumented file', () => {
  it('does what it did while no mutant is on, and another thing with each', () => {
    expect(evaluate('(() => [1 + 2 * 3, "a" === "b" ? 1 : 2])()').value).toEqual([7, 2]);
    expect(evaluate('a < 3', -1, { a: 3 }).value).toBe(false);
    expect(outcomes('a < b', { a: 3, b: 3 })).toEqual([true]);
    // every instead of some, 2 instead of 1, >= instead of >.
    expect(outcomes('xs.some((x) => x > 1)', { xs: [1, 2] })).toEqual([false, false, true]);
  });

  it('is written once for all mutants, however long a chain of calls is', () => {
    const chain = `x${'.plus(y)'.repeat(40)}`;
    expect(instrument('x.ts', `const a = ${chain};`).text.length).toBeLessThan(chain.length * 6);
  });

  it('keeps what ?. leaves out', () => {
    const expression = '(() => a?.b.min(2).c.slice(1) ?? "none")()';
    expect(evaluate(expression, -1, { a: undefined }).value).toBe('none');
    expect(evaluate(expression, -1, { a: { b: { min: () => ({ c: 'xyz' }) } } }).value).toBe('yz');
  });

  it('keeps else with its if when a statement may be left out', () => {
    const code = (on: number) =>
      evaluate('(() => { let r = ""; if (a) r += "yes"; else r += "no"; return r; })()', on, { a: false }).value;
    const { mutants } = instrument(
      'x.ts',
      'export const f = (() => { let r = ""; if (a) r += "yes"; else r += "no"; return r; })();',
    );
    expect(code(-1)).toBe('no');
    expect(
      code(mutants.find(({ change, original }) => change === 'drop statement' && original === 'r += "no";')?.id ?? -2),
    ).toBe('');
  });

  it('ends a loop that a mutant made endless', () => {
    const loop = '(() => { let i = 0; while (i < 3) i += 1; return i; })()';
    const { mutants } = instrument('x.ts', `export const f = ${loop};`);
    expect(evaluate(loop).value).toBe(3);
    expect(() => evaluate(loop, mutants.find(({ change }) => change === 'drop statement')?.id)).toThrow(
      'a loop that does not end',
    );
  });

  it('tells which places were reached', () => {
    const { reached } = evaluate('(() => (a ? 1 : 2))()', -1, { a: true });
    const { mutants } = instrument('x.ts', 'export const f = (() => (a ? 1 : 2))();');
    expect(mutants.filter(({ id }) => !reached.includes(id)).map(({ original }) => original)).toEqual(['2']);
  });
});

const mutant = (id: number, file = 'src/a.ts'): Mutant => ({
  id,
  file,
  line: id,
  code: `code ${id}`,
  change: 'x',
  original: 'y',
});
const excuse = (id: number) => ({
  file: 'src/a.ts',
  code: `code ${id}`,
  change: 'x',
  original: 'y',
  reason: 'the same',
});

describe('the result', () => {
  const mutants = [mutant(1), mutant(2), mutant(3), mutant(4, 'src/b.ts')];
  const judged = judge(
    mutants,
    [
      { kind: 'reached', file: 't', mutants: [1, 2] },
      { kind: 'try', mutant: 1, file: 't' },
      { kind: 'noticed', mutant: 1, file: 't', by: 'it' },
      { kind: 'try', mutant: 2, file: 't' },
      { kind: 'done', file: 't' },
      { kind: 'reached', file: 'u', mutants: [4] },
      { kind: 'noticed', mutant: 4, file: 'u', by: 'it' },
    ],
    [excuse(1), excuse(2), { ...excuse(3), original: 'another' }],
  );

  it('tells noticed, survived and not reached apart, and who is excused', () => {
    expect(judged.map(({ id, fate, reason }) => [id, fate, reason])).toEqual([
      [1, 'noticed', null],
      [2, 'survived', 'the same'],
      [3, 'not reached', null],
      [4, 'noticed', null],
    ]);
  });

  it('counts an excused survivor as one that was not noticed', () => {
    expect(scores(judged, ({ file }) => file)).toEqual([
      { name: 'src/a.ts', mutants: 3, noticed: 1, accepted: 1, percent: 100 / 3 },
      { name: 'src/b.ts', mutants: 1, noticed: 1, accepted: 0, percent: 100 },
    ]);
    expect(score('all', judged).percent).toBe(50);
    expect(score('none', []).percent).toBe(100);
  });

  it('knows excuses that nothing needs', () => {
    expect(needless([excuse(1), excuse(2), excuse(9)], judged)).toEqual([excuse(1), excuse(9)]);
  });

  it('samples alike for the same seed, in order', () => {
    const all = Array.from({ length: 100 }, (_, index) => index);
    expect(sampled(all, 5, 7)).toEqual(sampled(all, 5, 7));
    expect(sampled(all, 5, 7)).not.toEqual(sampled(all, 5, 8));
    expect(sampled(all, 5, 7)).toEqual(sampled(all, 5, 7).toSorted((a, b) => a - b));
    expect(sampled(all, 500, 7)).toEqual(all);
  });

  it('is read from what was said, without the half line of a process that was ended', () => {
    const directory = mkdtempSync(path.join(tmpdir(), 'mutate-test-'));
    try {
      expect(linesOf(directory)).toEqual([]);
      say(directory, { kind: 'try', mutant: 3, file: 't' });
      appendFileSync(path.join(directory, 'lines.jsonl'), '{"kind":"noti');
      expect(linesOf(directory)).toEqual([{ kind: 'try', mutant: 3, file: 't' }]);
    } finally {
      rmSync(directory, { recursive: true });
    }
  });
});
