import type { Command } from 'commander';
import { tellBooks, violationText } from '../../../operations/guard/tell-books.js';
import { brokenBooks } from '../../../operations/guard/verify-books.js';
import { nextOf } from '../../../reports/catalogue/catalogue.js';
import { installationPaths } from '../../../runtime/paths.js';
import { installationOf } from '../../kit/asker.js';
import { withContext } from '../../kit/context.js';
import { EXIT } from '../../kit/exit.js';

/** Checks every invariant of the books on what is stored; raises the alert of what is broken, or ends it. */
export async function verifyBooks(command: Command): Promise<void> {
  await withContext(command, async (context) => {
    const { db, settings, policy } = context;
    const now = installationOf(context).now();
    const { dataDir } = settings;
    const files = { env: process.env, policy, recent: false };
    const kept = installationPaths(dataDir);
    const violations = await brokenBooks({ db, kept, keys: settings, slots: { policy, now }, files });
    await tellBooks({ db, dataDir }, violations, now);
    const sound = violations.length === 0;
    return {
      exitCode: sound ? EXIT.done : EXIT.refused,
      data: { sound, violations },
      lines: sound
        ? [
            'BOOKS_SOUND: one ticket a day, TRADE only with every gate passed, cash and units to the last ' +
              'digit, each confirmation booked once,',
            'every slot with an outcome, no surprise in the holdings, the audit log and every fact as recorded, ' +
              'tickets that come out again, signatures that count,',
            'a backup that is young enough, no secret in logs and tickets',
          ]
        : ['BOOKS_BROKEN', ...violations.map(violationText)],
      next: sound ? 'trading-ops status' : nextOf('BOOKS_BROKEN'),
    };
  });
}
