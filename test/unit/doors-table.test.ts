import { readFileSync } from 'node:fs';
import path from 'node:path';
import { describe, expect, it } from 'vitest';
import { repositoryRoot } from '../../src/runtime/paths.js';
import { typeScriptOf } from '../support/source.js';

/**
 * What takes an asker and is no operation of its own: it lets in, looks before something is asked for, asks who signed,
 * or hands on to one that stands in the table.
 */
const PARTS = [
  'accounts/admit.ts',
  'installation.ts',
  'day/prepare.ts',
  'day/fills-form.ts',
  'day/preview.ts',
  'guard/engage-or-latch.ts',
  'ledger/booking.ts',
  'ledger/bookings.ts',
  'market/preview-ruling.ts',
  'day/snapshot-rows.ts',
  'market/run-apart.ts',
  'signing/prove.ts',
];
const TABLES = [
  'doors.test.ts',
  'doors-ledger.test.ts',
  'schedules.test.ts',
  'desk-confirm.test.ts',
  'statement.test.ts',
  'desk-statement.test.ts',
];

const at = (...parts: string[]) => path.join(repositoryRoot, ...parts);
/** Something that is asked for, or a kind of booking: its verb is made of what is booked. */
const ASKED = /\basker: Asker\b|= booking\(/;
const operations = typeScriptOf(at('src/operations')).filter(
  (file) => !PARTS.includes(file) && ASKED.test(readFileSync(at('src/operations', file), 'utf8')),
);
const tables = TABLES.map((file) => readFileSync(at('test/integration', file), 'utf8')).join('\n');

describe('what a person may ask for', () => {
  it.each(operations)('%s stands in a table of refusals, which asks through every door', (file) => {
    expect(tables).toContain(`/operations/${file.replace(/\.ts$/, '.js')}'`);
  });

  it('is looked for where it stands', () => {
    expect(operations.length).toBeGreaterThan(18);
    for (const file of PARTS) expect(readFileSync(at('src/operations', file), 'utf8')).toMatch(/\basker\b/);
  });
});
