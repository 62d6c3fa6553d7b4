import type { Asker } from '../../contract/asker.js';
import { parseInput } from '../../contract/reading.js';
import { judgeMarketSchema, type JudgeMarket } from '../../contract/market.js';
import { outcomeOf, type Outcome } from '../../domain/errors.js';
import type { GateResult, IsoDate } from '../../domain/types.js';
import { renderQuality } from '../files/render/quality.js';
import { valueLedgers } from '../ledger/value.js';
import type { Installation } from '../installation.js';
import { assessRun } from '../runs/assess.js';
import { concludeRun } from '../runs/conclude.js';
import { beginRunApart } from './run-apart.js';

export interface JudgedApart extends Pick<GateResult, 'status' | 'reasons' | 'exclusions'> {
  runId: string;
  asOfDate: IsoDate;
  summary: string;
  /** Whether the prices are good enough. */
  passed: boolean;
  /** Below the data directory. */
  files: string[];
}

/**
 * Runs the data-quality gate over what is stored and values the ledgers, in a run of its own, and writes its report.
 * Fetches nothing.
 */
export function judgeMarket(
  installation: Installation,
  asker: Asker,
  input: JudgeMarket,
): Promise<Outcome<JudgedApart>> {
  return outcomeOf(async () => {
    const { account, runId } = parseInput(judgeMarketSchema, input);
    const what = 'data-quality';
    const { asOfDate, accounts } = await beginRunApart(installation, asker, { account, runId, what });
    const { status, reasons, exclusions } = await assessRun(installation.db, { runId });
    // What 08:00 could not value for want of a price, or of a ruling, is valued now, so that 14:00 has it.
    await valueLedgers(installation, { runId, accounts });
    const { outcome, summary } = await concludeRun(installation.db, { runId });
    const files = await renderQuality(installation, { runId });
    return {
      runId,
      asOfDate,
      summary,
      status,
      reasons,
      ...(exclusions && { exclusions }),
      passed: outcome === 'PASS',
      files,
    };
  });
}
