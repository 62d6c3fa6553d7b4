import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { z } from 'zod';
import { readInput, readMessage } from '../../src/contract/day-messages.js';
import { read, type Reading } from '../../src/contract/reading.js';
import { parsePolicy } from '../../src/domain/policy/policy.js';
import { parseUniverse } from '../../src/domain/policy/universe.js';
import { IN_OUR_WORDS } from '../../src/domain/shape-words.js';
import { FORMS } from '../../src/desk/forms/all.js';
import type { Sitting } from '../../src/desk/sitting.js';
import { loadSettings } from '../../src/runtime/settings.js';

/* No sentence of the schema library reaches a person, through whatever door. */

const OF_THE_LIBRARY = /Invalid|expected|received|Too (?:small|big)|Unrecognized/;
const CONTRACT = join(import.meta.dirname, '../../src/contract');
/** What is of no type that a field has, and what is of each in turn. */
const VALUES: unknown[] = [undefined, null, 1, -1.5, true, '', 'x', [], [1], {}, { x: 1 }];
const NAMES = ['account', 'symbol', 'date', 'at', 'kind', 'reason', 'slot', 'limit', 'alertId', 'strange'];

const told = (reading: Reading<unknown>): string[] =>
  reading.ok ? [] : [reading.refusal.message, ...reading.problems.map(({ rule }) => rule)];

/** Nothing, fields that are missing, and fields of every wrong type. */
function wrongs(schema?: z.ZodType): unknown[] {
  const names = schema instanceof z.ZodObject ? Object.keys(schema.shape) : NAMES;
  return [...VALUES, ...VALUES.map((value) => Object.fromEntries(names.map((name) => [name, value])))];
}

const modules = await Promise.all(
  readdirSync(CONTRACT)
    .filter((file) => file.endsWith('.ts'))
    .map(async (file) => [file, (await import(join(CONTRACT, file))) as Record<string, unknown>] as const),
);
const exported = modules.flatMap(([file, made]) =>
  Object.entries(made).map(([name, value]): [string, unknown] => [`${file} ${name}`, value]),
);
const schemas = exported.filter((one): one is [string, z.ZodType] => one[1] instanceof z.ZodType);
const readers = exported.filter(
  (one): one is [string, (sent: unknown) => Reading<unknown>] =>
    typeof one[1] === 'function' && / read[A-Z]\w*Input$/.test(one[0]) && one[1].length === 1,
);

describe('what is said of a wrong shape', () => {
  it('knows the schemas and the readers', () => {
    expect(schemas.length).toBeGreaterThan(30);
    expect(readers.length).toBeGreaterThan(3);
  });

  it.each(schemas)('%s says it in our words', (_, schema) => {
    for (const sent of wrongs(schema))
      for (const text of told(read(schema, sent))) expect(text, JSON.stringify(sent)).not.toMatch(OF_THE_LIBRARY);
  });

  it.each(readers)('%s says it in our words', (_, reader) => {
    for (const sent of wrongs())
      for (const text of told(reader(sent))) expect(text, JSON.stringify(sent)).not.toMatch(OF_THE_LIBRARY);
  });

  it.each(['reconcile', 'confirm', 'issue'] as const)('a message and an input to %s too', (kind) => {
    for (const sent of wrongs())
      for (const text of [...told(readMessage(kind, sent)), ...told(readInput(kind, sent))])
        expect(text, JSON.stringify(sent)).not.toMatch(OF_THE_LIBRARY);
  });

  it('every kind of rule that the library knows has words', () => {
    const shapes = [
      z.int(),
      z.number().multipleOf(5).min(10).lt(3),
      z.string().min(3).max(0),
      z.array(z.string()).min(3),
      z.literal('a'),
      z.enum(['a', 'b', 'c']),
      z.strictObject({ a: z.string() }),
      z.record(z.enum(['a']), z.string()),
      z.union([z.boolean(), z.literal('a')]),
      z.string().regex(/^y$/),
      z.string().refine(() => false),
      z.date(),
      z.tuple([z.string()]),
      z.map(z.string(), z.string()),
    ];
    const said = shapes.flatMap((shape) =>
      VALUES.flatMap((sent) => shape.safeParse(sent, IN_OUR_WORDS).error?.issues.map(({ message }) => message) ?? []),
    );
    for (const text of said) expect(text).toMatch(/^must (?:be|have) /);
    expect(new Set(said)).toContain('must be a, b or c');
  });
});

describe('files and the environment', () => {
  const refusalOf = (read: () => unknown): string => {
    try {
      read();
      return '';
    } catch (error) {
      return (error as Error).message;
    }
  };

  it('are refused in our words', () => {
    const said = [
      refusalOf(() => parsePolicy('accounts: 3\nrisk: { cash_buffer: "3%" }\n', 'policy.yml')),
      refusalOf(() => parsePolicy('', 'policy.yml')),
      refusalOf(() => parseUniverse('internal_symbol,kind\nAAPL,x\n', 'universe.csv')),
      refusalOf(() => loadSettings({ TRADING_OPS_DESK_PORT: 'x', DATABASE_URL: 'x' })),
    ];
    for (const text of said) {
      expect(text).not.toBe('');
      expect(text).not.toMatch(OF_THE_LIBRARY);
    }
  });

  it('whatever tells the issues of a schema reads in our words', () => {
    const source = join(import.meta.dirname, '../../src');
    const files = readdirSync(source, { recursive: true, encoding: 'utf8' }).filter((file) => file.endsWith('.ts'));
    const forgetful = files.filter((file) => {
      const text = readFileSync(join(source, file), 'utf8');
      const tells = /\.issues\b|prettifyError|problemsOf\(\w+\.error/.test(text);
      return tells && text.includes('.safeParse(') && !text.includes('IN_OUR_WORDS');
    });
    expect(forgetful).toEqual([]);
  });
});

describe('a form of the desk', () => {
  const sitting = {
    account: { account: 'main', baseCurrency: 'GBP', clock: 'real' },
    at: '2026-11-23T09:00:00Z',
    place: {},
    asker: () => ({ operator: 'demo', door: 'desk', at: null }),
  } as unknown as Sitting;
  const bookings = FORMS.filter(({ path }) => path.startsWith('/:account/book/'));

  it.each(bookings.map((form) => [form.path, form] as const))(
    '%s sent empty says what each field must be',
    async (_, form) => {
      const message: string = await form.check(sitting, {}).then(
        () => '',
        (error: Error) => error.message,
      );
      expect(message).toMatch(/: \(missing\): must be /);
      expect(message).not.toMatch(OF_THE_LIBRARY);
    },
  );
});
