import { describe, expect, it } from 'vitest';
import { failureTold, isAlertOfRestore } from '../../src/domain/backup/failure.js';
import { alertOfFailure } from '../../src/operations/backup/failed.js';

const at = '2026-03-27T02:30:00.000Z';

describe('what failed of a backup or a restore becomes one alert, whoever ran it', () => {
  it.each([
    [
      { failed: 'backup', why: 'DISK_FULL: no room', at },
      'BACKUP_FAILED',
      'database',
      'A backup failed: DISK_FULL: no room',
    ],
    [
      { failed: 'copy', file: 'a.dump', why: 'away', at },
      'BACKUP_COPY_FAILED',
      'database',
      'Backup a.dump has no copy: away',
    ],
    [
      { failed: 'restore', of: 'restore-test/1', why: 'away', at },
      'RESTORE_PROOF_FAILED',
      'restore',
      'A restore of restore-test/1 could not be finished: away',
    ],
  ] as const)('%j', (failure, code, subject, message) => {
    expect(failureTold(failure)).toEqual({ code, subject, message });
    expect(alertOfFailure(failure)).toEqual({ account: null, tradingDay: null, code, subject, message, at });
  });

  it('a restore that was refused is none: whoever asked is told', () => {
    expect((['refused', 'usage', 'unreachable', 'fault', undefined] as const).map(isAlertOfRestore)).toEqual([
      false,
      false,
      true,
      true,
      true,
    ]);
  });
});
