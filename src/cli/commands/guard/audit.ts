import type { Command } from 'commander';
import { auditBreaks, auditHead } from '../../../db/audit.js';
import { nextOf } from '../../../reports/catalogue/catalogue.js';
import { withContext } from '../../kit/context.js';
import { EXIT } from '../../kit/exit.js';

/** Checks the audit log's hash chain. */
export async function verifyAudit(command: Command): Promise<void> {
  await withContext(command, async ({ db }) => {
    const [breaks, head] = [await auditBreaks(db), await auditHead(db)];
    const intact = breaks.length === 0;
    return {
      exitCode: intact ? EXIT.done : EXIT.refused,
      data: { intact, records: head?.seq ?? 0, head: head?.hash ?? null, breaks },
      lines: intact
        ? [`AUDIT_INTACT: ${head?.seq ?? 0} records${head ? `, newest hash ${head.hash}` : ''}`]
        : ['AUDIT_BROKEN', ...breaks.map(({ seq, problem }) => `record ${seq} ${problem}`)],
      next: intact ? 'trading-ops status' : nextOf('AUDIT_BROKEN'),
    };
  });
}
