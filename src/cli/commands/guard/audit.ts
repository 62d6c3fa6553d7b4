import type { Command } from 'commander';
import { verifyAuditLog } from '../../../operations/guard/verify-audit.js';
import { nextOf } from '../../../reports/catalogue/catalogue.js';
import { installationPaths } from '../../../runtime/paths.js';
import { withContext } from '../../kit/context.js';
import { EXIT } from '../../kit/exit.js';
import { counted } from '../../../reports/render/format.js';

/** Checks the audit log's hash chain, and every fact against what the log says of it. */
export async function verifyAudit(command: Command): Promise<void> {
  await withContext(command, async ({ db, settings }) => {
    const { records, head, heads, breaks, facts, factBreaks } = await verifyAuditLog(
      db,
      installationPaths(settings.dataDir),
    );
    const intact = breaks.length + factBreaks.length === 0;
    const before = facts.before > 0 ? ` (${facts.before} as they stood when digests began)` : '';
    return {
      exitCode: intact ? EXIT.done : EXIT.refused,
      data: { intact, records, head, heads, breaks, facts, factBreaks },
      lines: intact
        ? [
            `AUDIT_INTACT: ${records} records${head === null ? '' : `, newest hash ${head}`}`,
            `${counted(heads, 'head')} kept outside of the database ${heads === 1 ? 'is' : 'are'} in it`,
            `${facts.rows} facts in ${facts.tables} tables are as they were recorded${before}`,
          ]
        : [
            'AUDIT_BROKEN',
            ...breaks.map(({ seq, problem }) => (seq === 0 ? problem : `record ${seq} ${problem}`)),
            ...factBreaks.map(({ fact, key, problem }) => [fact, key, problem].filter((word) => word !== '').join(' ')),
          ],
      next: intact ? 'trading-ops status' : nextOf('AUDIT_BROKEN'),
    };
  });
}
