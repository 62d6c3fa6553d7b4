import type { DecimalString, GateResult, Instant, IsoDate } from '../types.js';
import type { DriftLine } from './compare.js';
import type { StoredExplanation } from './proposal.js';
import type { Seen } from './seen.js';

/** Everything a reconciliation report says, as it is stored: the report can be rendered again from this alone. */
export interface ReconciliationEvidence {
  baseCurrency: string;
  asOfDate: IsoDate;
  snapshot: {
    snapshotId: string;
    snapshotDate: IsoDate;
    takenAt: Instant;
    cash: DecimalString;
    positions: Record<string, DecimalString>;
    notes: string | null;
  };
  /** How each of its figures was read; left out where nobody said so, and by earlier versions. */
  seen?: Seen;
  ledger: {
    cash: DecimalString;
    units: Record<string, DecimalString>;
    lastEntryId: number | null;
    lastBookedAt: Instant | null;
  };
  tolerances: { cash: DecimalString; units: DecimalString };
  /** Cash first, then every symbol of either side. */
  lines: DriftLine[];
  /** What would explain the drift; those of earlier versions hold their command as text. */
  explanations: StoredExplanation[];
  /** The entry that opened the ledger from this snapshot, or why it was not opened; null when it was open before. */
  opening: { entryId: number | null; text: string } | null;
  gate: GateResult['evidence'];
}
