import { describe, expect, test } from 'vitest';
import { decideTicket } from '../../src/domain/decision/decide.js';
import { storedEvidence, storedMaterial, storedReasons } from '../../src/domain/decision/stored-decision.js';
import { materialHash } from '../../src/domain/decision/ticket.js';
import { goodFacts } from './fixtures/facts-2014.js';

const decided = decideTicket(goodFacts());
/** As it comes out of the database. */
const stored = (value: unknown): unknown => JSON.parse(JSON.stringify(value));
const unreadable = (field: string) =>
  expect.objectContaining({
    code: 'FACTS_UNREADABLE',
    kind: 'fault',
    message: expect.stringMatching(new RegExp(`^ticket t: .*${field}`, 's')) as string,
  });

describe('material', () => {
  test('is what was stored to the last field, with what a later version added, and so its hash is', () => {
    const content = { weather: 'fine', ...(stored(decided.material) as object) };
    const read = storedMaterial(content, 'ticket t');
    expect(JSON.stringify(read)).toBe(JSON.stringify(content));
    expect(materialHash(storedMaterial(stored(decided.material), 'ticket t'))).toBe(materialHash(decided.material));
    expect(decided.material.lines.length).toBeGreaterThan(0);
  });

  test.each([
    ['lines', { lines: {} }],
    ['valueBase', { lines: [{ ...decided.material.lines[0], valueBase: 100.5 }] }],
    ['side', { lines: [{ ...decided.material.lines[0], side: 'HOLD' }] }],
    ['schema', { schema: 2 }],
    ['window', { window: { opensAt: null, closesAt: null } }],
    ['policyHash', { policyHash: undefined }],
  ])('whose %s is of no version is a fault that names it', (field, change) => {
    const content = { ...(stored(decided.material) as object), ...change };
    expect(() => storedMaterial(content, 'ticket t')).toThrow(unreadable(field));
  });
});

describe('reasons and evidence', () => {
  const reason = { code: 'X', subject: null, message: 'why', evidence: { share: '0.5', n: 2, late: false, day: null } };

  test('are what was stored, the gate of a ticket’s reasons with them', () => {
    const reasons = [{ gate: 'risk', ...reason }, reason];
    expect(storedReasons(stored(reasons), 'ticket t')).toEqual(reasons);
    expect(decided.gates.map(({ evidence }) => storedEvidence(stored(evidence), 'gate'))).toEqual(
      decided.gates.map(({ evidence }) => evidence),
    );
  });

  test.each([
    ['reasons', { ...reason }],
    ['code', [{ ...reason, code: 7 }]],
    ['evidence', [{ ...reason, evidence: { nested: {} } }]],
  ])('of another shape are a fault: %s', (field, content) => {
    expect(() => storedReasons(content, 'ticket t')).toThrow(unreadable(field));
  });

  test('evidence that is a list is none', () => {
    expect(() => storedEvidence(['x'], 'ticket t')).toThrow(unreadable('evidence'));
  });
});
