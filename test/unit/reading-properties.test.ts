import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { z } from 'zod';
import { acknowledgeAlertSchema } from '../../src/contract/alert-acknowledgement.js';
import { readBackupInput, readRestoreTestInput } from '../../src/contract/backup.js';
import {
  bookCashSchema,
  bookDividendSchema,
  bookSplitSchema,
  reverseEntrySchema,
  setBaselineSchema,
} from '../../src/contract/bookings.js';
import { readInput, readMessage } from '../../src/contract/day-messages.js';
import { turnKillSwitchSchema } from '../../src/contract/kill-switch.js';
import { parseInput, read, type Reading } from '../../src/contract/reading.js';
import { ruleActionSchema } from '../../src/contract/rulings.js';
import { fillsOfText, readFills } from '../../src/domain/confirmation/fill.js';
import { OpsError } from '../../src/domain/errors.js';
import { problemText } from '../../src/domain/problems.js';
import { isPlainText } from '../../src/domain/text.js';
import { unicodeText } from '../support/unicode-text.js';

/*
 * The one reader, whatever is said to it: a refusal that anybody may be shown, or a value of the shape. Never another
 * error: what a worker cannot read it would try again for ever.
 */
const ID = '9f0e7b5e-5a9d-4b57-8a2e-0d1a3c2b1f00';
const AT = '2014-07-01T08:00:00.000Z';
const DAY = { account: 'main', tradingDay: '2014-07-01' };
const SENDER = { operator: 'demo', at: AT };
const SNAPSHOT = {
  snapshotDate: '2014-07-01',
  cash: '1000.50',
  positions: { KO: '2.5' },
  notes: 'read off\nthe screen',
};
const ANSWER = { ticketId: ID, kind: 'FILLS', fills: [{ sequence: 1 }], amend: true };
const REASON = { reason: 'seen at the broker' };

type Reader = (sent: unknown) => Reading<unknown>;
const bySchema =
  (schema: z.ZodType): Reader =>
  (sent) =>
    read(schema, sent, { whole: 'input', code: 'ARGUMENT_INVALID', remedy: null });

const READERS: Record<string, [Reader, object]> = {
  'a reconciliation': [(sent) => readInput('reconcile', sent), { ...DAY, commandId: ID, ...SNAPSHOT }],
  'a snapshot that is typed': [(sent) => readInput('snapshot', sent), { account: 'main', ...SNAPSHOT }],
  'a message to reconcile': [(sent) => readMessage('reconcile', sent), { commandId: ID, ...SNAPSHOT, ...SENDER }],
  'a confirmation': [(sent) => readInput('confirm', sent), { ...DAY, commandId: ID, ...ANSWER }],
  'an answer that is typed': [(sent) => readInput('answer', sent), { account: 'main', ...ANSWER }],
  'a message to confirm': [(sent) => readMessage('confirm', sent), { commandId: ID, ...ANSWER, ...SENDER }],
  'an order to issue': [(sent) => readInput('issue', sent), { ...DAY, runId: ID, dryRun: false, at: AT }],
  cash: [bySchema(bookCashSchema), { account: 'main', kind: 'FEE', amount: '5', date: '2014-06-20', symbol: 'KO' }],
  'a dividend': [bySchema(bookDividendSchema), { account: 'main', symbol: 'KO', exDate: '2014-06-12', amount: '0.3' }],
  'a split': [bySchema(bookSplitSchema), { account: 'main', symbol: 'KO', exDate: '2014-06-12', ratio: '1/4' }],
  'a reversal': [bySchema(reverseEntrySchema), { account: 'main', entry: 3, ...REASON }],
  'a baseline': [
    bySchema(setBaselineSchema),
    { account: 'main', cash: '1', positions: { KO: '0' }, costs: { KO: '3.10' }, ...REASON },
  ],
  'a ruling': [
    bySchema(ruleActionSchema),
    { account: 'main', symbol: 'KO', exDate: '2014-06-12', kind: 'SPLIT', as: 'split', value: '2', ...REASON },
  ],
  'the kill switch': [bySchema(turnKillSwitchSchema), { account: 'main', ...REASON }],
  'an acknowledgement': [bySchema(acknowledgeAlertSchema), { account: 'main', alertId: ID, ...REASON }],
  'a backup': [readBackupInput, { reason: 'manual', operator: 'demo' }],
  'a restore test': [readRestoreTestInput, { file: 'dump', operator: 'demo' }],
};

const nested = (depth: number, wrap: (inner: unknown) => unknown): unknown =>
  Array.from({ length: depth }).reduce<unknown>(wrap, 'x');
const deep = fc
  .tuple(fc.integer({ min: 1, max: 20_000 }), fc.boolean())
  .map(([depth, list]) => nested(depth, (inner) => (list ? [inner] : { inner })));
const huge = fc
  .tuple(fc.constantFrom('x', '\u202e', '\0', '\ud800', '日', '9', ' ', '\n'), fc.integer({ min: 1, max: 100_000 }))
  .map(([character, times]) => character.repeat(times));
const FIGURES = ['1e5', '1E-7', '+1', '-0', '0x10', '1_0', ' 1', '1,5', '٣', '1e999', 'NaN', '00', '.5', '5.'];
const STRANGE = ['a\0b', 'a\ud800', '\udc00', 'a\u202eb', '\u2028', '\u001b[2J', '__proto__', 'constructor', '', ' '];
const many = fc.integer({ min: 400, max: 1_500 });
const hostile: fc.Arbitrary<unknown> = fc.oneof(
  fc.anything({ withBigInt: true, withNullPrototype: true, withDate: true, withMap: true, withTypedArray: true }),
  deep,
  huge,
  fc.constantFrom<unknown>(...FIGURES, ...STRANGE, 1e21, -0, Number.NaN, Infinity, 5n, Symbol('x'), () => 1, undefined),
  fc
    .constantFrom('{"__proto__":"1"}', '{"__proto__":{"x":1}}', '{"constructor":1}')
    .map((t) => JSON.parse(t) as unknown),
  many.map((length) => Array.from({ length }, (_, index) => ({ sequence: index }))),
  many.map((length) => Object.fromEntries(Array.from({ length }, (_, index) => [`S${index}`, '1']))),
  fc.dictionary(fc.oneof(fc.constantFrom('KO', ...STRANGE), unicodeText()), fc.string()),
  unicodeText({ maxLength: 30 }),
);

/** A good input with something of it wrong: a field, a field within a field, a field too many, or the whole. */
const spoilt = (good: object) =>
  fc.oneof(
    hostile,
    fc
      .tuple(fc.constantFrom(...Object.keys(good), 'extra', '__proto__'), hostile)
      .map(([field, value]) => Object.fromEntries([...Object.entries(good), [field, value]])),
    fc.dictionary(fc.constantFrom(...Object.keys(good)), hostile).map((wrong) => ({ ...good, ...wrong })),
    fc.constantFrom(...Object.keys(good)).map((left) => {
      const { [left as never]: _left, ...rest } = good;
      return rest;
    }),
  );

function expectTold(message: string): void {
  expect(Buffer.byteLength(message)).toBeLessThanOrEqual(1_000);
  expect(isPlainText(message, { lines: true }), message).toBe(true);
  expect(message).not.toBe('');
}

/** A refusal as it may be shown; or the value, which reads as itself. */
function expectRead(reader: Reader, sent: unknown): void {
  const reading = reader(sent);
  if (reading.ok) {
    const again = reader(reading.value);
    expect(again).toEqual({ ok: true, value: reading.value });
    return;
  }
  const { kind, code, message } = reading.refusal;
  expect([kind, /^[A-Z]+_INVALID$/.test(code)]).toEqual(['usage', true]);
  expectTold(message);
}

describe('the reader', () => {
  it.each(Object.entries(READERS))('%s: takes it as it is meant to be', (_name, [reader, good]) => {
    expect(reader(good)).toMatchObject({ ok: true });
  });

  it.each(Object.entries(READERS))('%s: refuses or reads, whatever is sent', (_name, [reader, good]) => {
    fc.assert(
      fc.property(spoilt(good), (sent) => expectRead(reader, sent)),
      { numRuns: 150 },
    );
  });

  it('throws nothing but its refusal', () => {
    fc.assert(
      fc.property(hostile, (sent) => {
        try {
          parseInput(bookCashSchema, sent);
        } catch (error) {
          expect(error).toBeInstanceOf(OpsError);
          expectTold((error as OpsError).message);
        }
      }),
    );
  });
});

describe('an answer that a raw client left for a day', () => {
  const told = (depth: number) => {
    const fills = [nested(depth - 1, (inner) => [inner])];
    const message = { commandId: 'c', ticketId: ID, kind: 'FILLS', fills, amend: false, ...SENDER };
    return readMessage('confirm', message);
  };

  it('is taken in as deep as the day can hand it on, and refused beyond that by its rule', () => {
    expect(JSON.stringify(told(64))).toContain('"ok":true');
    for (const depth of [65, 5_000, 100_000])
      expect(told(depth)).toMatchObject({
        ok: false,
        refusal: { code: 'FILLS_INVALID', message: 'fills: [[[...]]]: must be nested at most 64 deep' },
      });
  });
});

describe('a file of fills', () => {
  const ticket = { ticketId: ID, kind: 'TRADE' as const, issuedAt: AT, lines: [], asOfDate: '2014-06-30' };

  it.each([
    ['lists', '['.repeat(130_000)],
    ['closed lists', '['.repeat(100_000) + ']'.repeat(100_000)],
    ['objects', '{"a":'.repeat(50_000)],
    ['a level too much', `${'['.repeat(65)}${']'.repeat(65)}`],
    ['behind a text of brackets', `["]]]]\\"]]]",${'['.repeat(64)}${']'.repeat(64)}]`],
  ])('that is nested too deep is refused by that: %s', (_what, text) => {
    expect(() => fillsOfText(text)).toThrow(/^fills: .*: must be nested at most 64 deep$/);
  });

  it('may hold brackets in its texts, as many as there are', () => {
    expect(fillsOfText(JSON.stringify([{ notes: '[{'.repeat(500) }, '\\"[['.repeat(90)]))).toHaveLength(2);
    expect(fillsOfText(`${'['.repeat(64)}${']'.repeat(64)}`)).toHaveLength(1);
  });

  it('is read or refused, whatever it says', () => {
    const text = fc.oneof(fc.json({ maxDepth: 8 }), huge, unicodeText());
    fc.assert(
      fc.property(fc.oneof(text, hostile), (said) => {
        const fills = readFills(said, ticket as never, AT);
        if ('fills' in fills) return;
        expectTold(problemText(fills.problems));
        for (const { rule } of fills.problems) expect(isPlainText(rule, { lines: true }), rule).toBe(true);
      }),
    );
    fc.assert(
      fc.property(text, (said) => {
        try {
          expect(Array.isArray(fillsOfText(said))).toBe(true);
        } catch (error) {
          expect(error).toMatchObject({ name: 'OpsError', code: 'FILLS_INVALID' });
          expectTold((error as OpsError).message);
        }
      }),
    );
  });
});
