import { describe, expect, it } from 'vitest';
import { lackOfSpace } from '../../src/domain/backup/space.js';
import { refuseUnderSystemd } from '../../src/operations/backup/fresh/admit.js';
import { judgeTickets } from '../../src/operations/backup/judge-tickets.js';

const MB = 1024 ** 2;

describe('room for a second database', () => {
  it('is 1.3 times its size and 200 MB, to the byte; where the machine does not tell, nobody is stopped', () => {
    const needed = 130 * MB + 200 * MB;
    expect(lackOfSpace(100 * MB, needed, '/data')).toBeNull();
    expect(lackOfSpace(100 * MB, null, '/data')).toBeNull();
    expect(lackOfSpace(100 * MB, needed - 1, '/data')).toMatchObject({
      code: 'DISK_FULL',
      kind: 'fault',
      message: 'A second copy of the database needs 330 MB where /data is; 329 MB are free.',
    });
  });
});

describe('the destructive proof', () => {
  it('is refused where systemd runs a part, which would start it again in the middle; else nobody is stopped', () => {
    expect(() => refuseUnderSystemd('trading-ops-postgres.service')).toThrow(
      expect.objectContaining({
        code: 'RUN_BY_SYSTEMD',
        kind: 'refused',
        message: expect.stringContaining('trading-ops-postgres.service is run by systemd'),
      }),
    );
    expect(() => refuseUnderSystemd(null)).not.toThrow();
  });
});

describe('tickets of a restored database', () => {
  const moved = (...lines: string[]) => ({ broken: [], moved: lines });
  const judge = (after: object, before: object | null) =>
    judgeTickets({ tickets: 3, problems: new Map(Object.entries(after)) }, before && new Map(Object.entries(before)));

  it('may differ as they did before, and not otherwise', () => {
    expect(judge({ a: moved('x'), b: moved('y'), c: moved('z') }, { a: moved('x'), b: moved('other') })).toEqual({
      verified: 3,
      differing: ['ticket a: x'],
      problems: ['ticket b: y', 'ticket c: z'],
    });
  });

  it('are wrong where they do not come out of their own facts, whatever was before', () => {
    const altered = { broken: ['hash'], moved: ['1', '2', '3'] };
    expect(judge({ a: altered }, { a: altered })).toMatchObject({ problems: ['ticket a: hash; 1; 2'], differing: [] });
    expect(judge({ a: altered, b: moved('y') }, null)).toMatchObject({
      problems: ['ticket a: hash; 1; 2'],
      differing: ['ticket b: y'],
    });
  });
});
