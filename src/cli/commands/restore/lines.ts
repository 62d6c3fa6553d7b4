import path from 'node:path';
import { verdictWord } from '../../../reports/restore-proof/page.js';
import type { RestoreProof } from '../../../domain/backup/proof.js';
import { counted } from '../../../reports/render/format.js';

/** What a proof ends with: its verdict, what was compared, what is wrong, where the report is. */
export function proofLines(proof: RestoreProof, dataDir: string, files: string[]): string[] {
  const { expected, took, tickets } = proof;
  const rows = expected.tables.reduce((sum, table) => sum + table.rows, 0);
  const compared = `${expected.tables.length} tables with ${rows} rows, ${expected.ledger.length} ledger totals, ${expected.audit?.records ?? 0} audit records${tickets ? `, ${counted(tickets.verified, 'ticket')} recomputed` : ''}`;
  return [
    `${verdictWord(proof)}: ${proof.backup.file}, taken ${proof.backup.takenAt}`,
    proof.passed ? `The same on both sides: ${compared}.` : `Compared: ${compared}.`,
    ...proof.problems.slice(0, 20),
    ...(proof.problems.length > 20 ? [`and ${proof.problems.length - 20} more, see the report`] : []),
    `Verification ${seconds(took.verification)}, restore ${seconds(took.restore)}, comparison ${seconds(took.comparison)}.`,
    ...files.map((file) => path.join(dataDir, file)),
  ];
}

const seconds = (milliseconds: number): string => `${(milliseconds / 1000).toFixed(1)} s`;
