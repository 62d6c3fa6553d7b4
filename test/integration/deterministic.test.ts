import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, it } from 'vitest';
import { ticketPath } from '../../src/reports/paths.js';
import { driveDay, MONDAY, TUESDAY, withSeat } from '../support/day.js';

const DAYS_MAX_MS = 240_000;

/** The tickets of a TRADE Monday and a NO_TRADE Tuesday, by name of the file. */
async function ticketsOfTwoDays(): Promise<Record<string, string>> {
  const files: Record<string, string> = {};
  await withSeat({}, async (seat, { dataDir }) => {
    const monday = await driveDay(seat, MONDAY);
    await seat.run('0800', TUESDAY);
    const tuesday = await seat.issue(TUESDAY);
    expect([monday.kind, tuesday.kind]).toEqual(['TRADE', 'NO_TRADE']);
    for (const { ticketId } of [monday, tuesday]) {
      for (const format of ['md', 'json', 'html'] as const)
        files[ticketPath(ticketId, format)] = readFileSync(join(dataDir, ticketPath(ticketId, format)), 'utf8');
    }
  });
  return files;
}

it(
  'the same facts on two data directories and two databases give the same tickets, byte for byte',
  async () => {
    const [one, other] = await Promise.all([ticketsOfTwoDays(), ticketsOfTwoDays()]);
    expect(Object.keys(one)).toHaveLength(6);
    expect(other).toEqual(one);
  },
  DAYS_MAX_MS,
);
