import type { Asker } from '../../contract/asker.js';
import { parseInput } from '../../contract/reading.js';
import { judgeMarketSchema, type JudgeMarket } from '../../contract/market.js';
import { outcomeOf, type Outcome } from '../../domain/errors.js';
import type { GateResult, IsoDate } from '../../domain/types.js';
import { renderQuality } from '../files/render/quality.js';
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

/** Runs the data-quality gate over what is stored, in a run of its own, and writes its report. Fetches nothing. */
export function judgeMarket(
  installation: Installation,
  asker: Asker,
  input: JudgeMarket,
): Promise<Outcome<JudgedApart>> {
  return outcomeOf(async () => {
    const { account, runId } = parseInput(judgeMarketSchema, input);
    const { asOfDate } = await beginRunApart(installation, asker, { account, runId, what: 'data-quality' });
    const { status, reasons, exclusions } = await assessRun(installation.db, { runId });
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
